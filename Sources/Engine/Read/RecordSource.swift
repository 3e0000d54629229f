import Foundation
import Ledger
package import Mapping
import Model
import Records

/// One file being read and mapped: a window of records whose ends are known.
package struct RecordSource {
    /// Where to begin, and what the mapping knows there.
    struct Start {
        /// Nil: at the beginning of the file.
        var resume: Resume?
        var state: [UInt8]
        /// The number of the first record read.
        var record: Int64
    }

    let file: Int
    let reader: any RowReading
    /// Where the next record that is taken begins, blank lines before it included.
    private(set) var start: Int
    package private(set) var batch = RecordBatch()
    /// How many records were given so far.
    private(set) var records = 0

    private var mapper: Mapper
    private var block = RowBlock()
    private var next: Int64
    /// How many of `batch.records` were taken already.
    private var taken = 0
    private var isAtEnd = false
    /// The mapper's state after that many records of `batch`, where it is known.
    private var stateCount = 0
    private var stateAfter: [UInt8]?
    private let rowsAtOnce: Int
    /// Nil for rows that were brought together.
    private let input: InputFile?
    private let plan: Plan
    private let isGrouping: Bool
    private let customers: CustomerNumbers
    /// No line end is after the last row read.
    private var lastRowIsOpen = false

    /// - Parameters:
    ///   - customers: Who tells the numbers of customers that the input names otherwise.
    ///   - rowsAtOnce: How many are read and mapped in one go; some chunks of them, where nil.
    init(
        _ plan: Plan, file: Int, from begin: Start, customers: CustomerNumbers = CustomerNumbers(),
        rowsAtOnce: Int? = nil
    ) throws {
        self.file = file
        self.customers = customers
        input = plan.staged == nil ? plan.inputs[file] : nil
        self.plan = plan
        isGrouping = !(plan.mapping?.group.isEmpty ?? true)
        reader = try plan.open(file, from: begin.resume)
        mapper = try Mapper(
            spec: plan.mapping, columns: reader.columns, attribution: plan.send.attribution,
            rules: plan.rules)
        mapper.state = begin.state
        stateAfter = begin.state
        next = begin.record
        start = begin.resume?.offset ?? 0
        self.rowsAtOnce = rowsAtOnce ?? max(256, plan.chunkSize * 8)
        try read()
        // The header is told with the first rows.
        if begin.resume == nil { start = reader.account.header }
    }

    /// From the beginning of the file.
    package init(_ plan: Plan, file: Int) throws {
        try self.init(plan, file: file, from: Start(resume: nil, state: [], record: 0))
    }

    /// What the mapping knows now.
    var state: [UInt8] { mapper.state }

    /// Takes and forgets the records before `record`.
    mutating func skip(to record: Int64) throws {
        while next < record {
            guard let count = try fill(Int(min(record - next, 512))) else { return }
            drop(min(count, Int(record - next)))
        }
    }

    /// Makes up to `size` records ready whose end is known, a few more where they cannot be parted;
    /// nil at the end of the file.
    package mutating func fill(_ size: Int) throws -> Int? {
        var wanted = size
        while true {
            while !isAtEnd, batch.records.count - taken <= wanted { try read() }
            var count = min(wanted, batch.records.count - taken)
            // A mapping with a memory can only continue from where it is known: chunks end there.
            if mapper.remembersRows, stateCount > taken, stateCount < taken + count {
                count = stateCount - taken
            }
            if count == 0 { return nil }
            if canPart(after: count) || isAtEnd && taken + count == batch.records.count { return count }
            wanted = max(wanted, count) + 1
        }
    }

    /// Whether no later record has a byte before the end of the next `count`: a bad row may stand
    /// within a group of rows that continues after it.
    private func canPart(after count: Int) -> Bool {
        guard taken + count < batch.records.count else { return false }
        let end = batch.records[taken..<taken + count].reduce(0) { max($0, $1.position.end) }
        return batch.records[taken + count].position.offset >= end
    }

    /// The records of a stored chunk: as many as are there, `count` at most.
    mutating func take(_ count: Int) throws -> ArraySlice<MappedRecord> {
        while !isAtEnd, batch.records.count - taken <= count { try read() }
        return batch.records[taken..<min(taken + count, batch.records.count)]
    }

    package func peek(_ count: Int) -> ArraySlice<MappedRecord> { batch.records[taken..<taken + count] }

    package mutating func drop(_ count: Int) {
        start = stop(after: count)
        taken += count
        next += Int64(count)
        records += count
    }

    /// The first byte after `count` more records and the blank lines after them.
    func stop(after count: Int) -> Int {
        let index = taken + count
        if index < batch.records.count { return batch.records[index].position.offset }
        return reader.account.end
    }

    func next(after count: Int) -> (row: Int, line: Int) {
        let index = taken + count
        if index < batch.records.count {
            return (batch.records[index].position.row, batch.records[index].position.line)
        }
        return (block.next.row, block.next.line)
    }

    /// What the mapping knows after `count` more records; nil where that cannot be told.
    func checkpoint(after count: Int) -> [UInt8]? {
        if !mapper.remembersRows { return [] }
        guard taken + count == stateCount else { return nil }
        return stateAfter
    }

    private mutating func read() throws {
        if taken > 0, taken * 2 >= batch.records.count || taken > 4096 { forget() }
        let known = batch.records.count
        if try reader.read(into: &block, rows: rowsAtOnce) {
            mapper.map(block, into: &batch)
            lastRowIsOpen = block.endsInsideLine
        } else {
            mapper.finish(into: &batch, before: try follower())
            isAtEnd = true
            refuseUnfinished()
        }
        try customers.fill(&batch, from: known)
        stateCount = batch.records.count
        // A large one would cost more to keep than to find out again.
        stateAfter = mapper.remembersRows ? mapper.state(within: 1 << 12) : []
    }

    /// What the next file begins with, where nobody has looked whether groups continue there.
    private func follower() throws -> [UInt8]? {
        guard isGrouping, plan.mapping?.isSorted == true, plan.staged == nil else { return nil }
        return try GroupWalk.firstKey(plan, from: file + 1)
    }

    /// Whether the last of the next `count` records ends its file so that what is added to the file may belong to it:
    /// its row has no line end, or it is a group.
    func isOpenEnded(after count: Int) -> Bool {
        input != nil && isAtEnd && count > 0 && taken + count == batch.records.count
            && (isGrouping || lastRowIsOpen)
    }

    /// A file that has grown after the place where reading ends was not at rest: its last row may have
    /// been half written, its last group may continue.
    private mutating func refuseUnfinished() {
        guard let input, let end = input.end, let last = batch.records.indices.last,
            last >= taken, batch.records[last].problems.isEmpty,
            let now = try? FileFingerprint.take(input.path, digests: false), now.size > end,
            isGrouping || lastRowIsOpen
        else { return }
        batch.records[last].problems = [FileFingerprint.stillWritten(after: end)]
    }

    /// Rows between the places `start` and `stop` that the job leaves out: all of them were read, since they lie
    /// before a record that was.
    func filtered(from start: Int, to stop: Int) -> FilteredRows {
        var filtered = FilteredRows()
        for row in batch.filtered where row.offset >= start && row.offset < stop {
            filtered.add(FilteredRows(rows: row.rows, bytes: row.bytes))
        }
        return filtered
    }

    /// Lets go of the bytes of records that were taken.
    private mutating func forget() {
        var rest = RecordBatch()
        for record in batch.records[taken...] { rest.append(record, from: batch) }
        rest.filtered = batch.filtered.filter { $0.offset >= start }
        batch = rest
        taken = 0
    }
}

extension RecordBatch {
    /// Copies one record and its bytes.
    fileprivate mutating func append(_ record: MappedRecord, from other: RecordBatch) {
        var copy = record
        let item = bytes.count
        bytes.append(contentsOf: other.bytes[record.item])
        copy.item = item..<bytes.count
        let start = stored.count
        stored.append(contentsOf: other.stored[record.stored])
        copy.stored = start..<stored.count
        records.append(copy)
    }
}
