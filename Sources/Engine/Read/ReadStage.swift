import Catalog
import Foundation
import Ledger
import Mapping
import Model
import Records

/// Reads, maps and checks on a thread of its own, a bounded number of chunks ahead of who takes them.
///
/// First come the stored chunks in which something is open, in their order, then what lies behind
/// the last stored one.
final class ReadStage: Sendable {
    /// What the thread hands over, in the order of the input.
    enum Item: Sendable {
        case chunk(PreparedBatch)
        /// A file was opened: its columns, the bytes of its header, where its rows begin.
        case header(file: Int, columns: [String]?, header: [UInt8], headerBytes: Int, notes: [String])
        /// A file was read to its end; `difference` tells where reader and chunks do not agree.
        /// `filtered`: what the job leaves out of a file without any record.
        case fileEnd(
            file: Int, totalBytes: Int, difference: BalanceDifference?, filtered: FilteredRows?)
        case inputEnd
        /// What is worth saying of a file once it was read.
        case note(file: Int, String)
        /// What has to be known of the rest cannot be learnt now.
        case stop(StopReason)
        /// A file cannot be read on: it is damaged, or not what it was. What came before was handed over.
        case broken(BrokenFile)
    }

    private let channel: Channel<Item>

    private init(channel: Channel<Item>) { self.channel = channel }

    /// Starts reading.
    ///
    /// - Parameters:
    ///   - isInputEnded: An earlier execution has read the input to its end.
    ///   - labels: Sound records bear their labels, too: one of them may have been refused before.
    static func start(
        plan: Plan, ledger: Ledger, run: Int64, isInputEnded: Bool, customers: CustomerNumbers,
        labels: Bool = false
    ) -> ReadStage {
        begin(capacity: max(8, min(128, 2_000 / plan.chunkSize)), tellsBroken: true) { channel in
            var reading = ChunkReader(
                plan: plan, ledger: ledger, run: run, customers: customers
            ) { channel.send($0) }
            reading.labels = labels
            reading.known = try ledger.inputs(of: run).map { FileFingerprint(text: $0.fingerprint) }
            guard try reading.storedChunks() else { return }
            if isInputEnded {
                for file in plan.inputs.indices { try reading.checkUnchanged(file) }
            } else {
                try reading.rest()
            }
        }
    }

    /// Reads stored chunks once more, whatever has become of their records.
    ///
    /// - Parameter wants: Whether something is expected of a chunk. Of a compressed file all come: there is no
    ///   way into its middle.
    static func again(
        plan: Plan, ledger: Ledger, run: Int64, customers: CustomerNumbers,
        wants: @escaping @Sendable (ChunkRow) -> Bool
    ) -> ReadStage {
        begin(capacity: max(2, min(32, 2_000 / plan.chunkSize))) { channel in
            var reading = ChunkReader(
                plan: plan, ledger: ledger, run: run, customers: customers
            ) { channel.send($0) }
            _ = try reading.storedChunks { from in
                var rows: [ChunkRow] = []
                var next: Int64?
                try ledger.chunks(run: run, from: from) { row in
                    next = row.first + Int64(row.count)
                    if plan.isCompressed(row.file) || wants(row) { rows.append(row) }
                    return rows.count < 2000
                }
                return (rows, next)
            }
        }
    }

    /// - Parameter tellsBroken: A file that cannot be read on is an item, not an error.
    private static func begin(
        capacity: Int, tellsBroken: Bool = false,
        _ work: @escaping @Sendable (Channel<Item>) throws -> Void
    ) -> ReadStage {
        let channel = Channel<Item>(capacity: capacity)
        let thread = Thread {
            do {
                try work(channel)
                channel.finish(nil)
            } catch let error as CustomerNumbers.Unreachable {
                _ = channel.send(.stop(error.cause))
                channel.finish(nil)
            } catch {
                guard tellsBroken, let file = BrokenFile(error) else {
                    return channel.finish(error)
                }
                _ = channel.send(.broken(file))
                channel.finish(nil)
            }
        }
        thread.name = "read"
        thread.stackSize = 8 << 20
        thread.start()
        return ReadStage(channel: channel)
    }

    /// What is there, at least one item; empty at the end.
    ///
    /// - Throws: ``ReadError``, ``MappingError`` or ``LedgerError`` once all before it was taken.
    func next() async throws -> [Item] { try await channel.receive() }

    /// Ends the thread at its next chunk.
    func stop() { channel.cancel() }
}

/// The thread's work.
struct ChunkReader {
    let plan: Plan
    let ledger: Ledger
    let run: Int64
    let customers: CustomerNumbers
    /// Returns false when nobody takes any more.
    let emit: (ReadStage.Item) -> Bool

    /// Sound records bear their labels, too.
    var labels = false
    /// What each file was when the run began.
    var known: [FileFingerprint?] = []

    private var preparer: RecordPreparer

    init(
        plan: Plan, ledger: Ledger, run: Int64, customers: CustomerNumbers,
        emit: @escaping (ReadStage.Item) -> Bool
    ) {
        self.plan = plan
        self.ledger = ledger
        self.run = run
        self.customers = customers
        self.emit = emit
        preparer = RecordPreparer(plan)
    }

    // MARK: Stored chunks

    /// Reads the open ones of the stored chunks again. Returns false when nobody takes any more.
    mutating func storedChunks() throws -> Bool {
        try storedChunks { [ledger, run] from in
            let rows = try ledger.openChunks(run: run, from: from, limit: 64)
            return (rows, rows.last.map { $0.first + Int64($0.count) })
        }
    }

    /// Reads stored chunks again. Returns false when nobody takes any more.
    ///
    /// - Parameter next: Some of those from a record on, in their order, and where to continue; nil at the end.
    mutating func storedChunks(_ next: (Int64) throws -> (rows: [ChunkRow], from: Int64?)) throws
        -> Bool
    {
        var from: Int64 = 0
        while true {
            let (rows, further) = try next(from)
            guard let further else { return true }
            var index = 0
            while index < rows.count {
                // Chunks that follow each other are read in one go.
                var end = index + 1
                while end < rows.count,
                    rows[end].first == rows[end - 1].first + Int64(rows[end - 1].count),
                    rows[end].file == rows[index].file
                {
                    end += 1
                }
                guard try again(Array(rows[index..<end])) else { return false }
                index = end
            }
            from = further
        }
    }

    /// Reads chunks of one file again that follow each other.
    mutating func again(_ rows: [ChunkRow]) throws -> Bool {
        guard let first = rows.first else { return true }
        var source = try RecordSource(
            plan, file: first.file, from: start(before: first), customers: customers)
        try source.skip(to: first.first)
        for row in rows {
            let records = try source.take(row.count)
            guard records.count == row.count else {
                throw changed(first.file, at: row)
            }
            guard emit(.chunk(chunk(records, from: source, row: row))) else { return false }
            source.drop(row.count)
        }
        return true
    }

    private func changed(_ file: Int, at row: ChunkRow) -> InputError {
        InputError(
            .resume, name: plan.name(of: file),
            position: Position(file: file, row: row.row, line: row.line, offset: row.start, length: 0),
            .changedSinceRead)
    }

    /// Where reading has to begin so that the mapping knows what it needs at `chunk`.
    private func start(before chunk: ChunkRow) throws -> RecordSource.Start {
        let first = try ledger.firstRecord(run: run, file: chunk.file) ?? chunk.first
        if let known = try ledger.checkpoint(run: run, before: chunk.first) {
            let end = known.first + Int64(known.count)
            if known.file == chunk.file {
                let resume = Resume(offset: known.stop, row: known.nextRow, line: known.nextLine)
                return RecordSource.Start(resume: resume, state: known.mapper ?? [], record: end)
            }
            if end == first {
                return RecordSource.Start(resume: nil, state: known.mapper ?? [], record: first)
            }
        }
        return RecordSource.Start(resume: nil, state: try state(before: chunk.file), record: first)
    }

    /// What the mapping knows after all files before `file`, found out by mapping them again.
    private func state(before file: Int) throws -> [UInt8] {
        var state: [UInt8] = []
        for file in plan.sources.lowerBound..<file {
            var source = try RecordSource(
                plan, file: file, from: RecordSource.Start(resume: nil, state: state, record: 0))
            while let count = try source.fill(512) { source.drop(count) }
            state = source.state
        }
        return state
    }

    // MARK: What is not stored yet

    mutating func rest() throws {
        var record: Int64 = 0
        var state: [UInt8] = []
        var file = plan.sources.lowerBound
        var resume: Resume?
        if let last = try ledger.lastChunk(run: run) {
            record = last.first + Int64(last.count)
            file = last.file
            if let mapper = last.mapper {
                state = mapper
                resume = Resume(offset: last.stop, row: last.nextRow, line: last.nextLine)
            } else {
                let start = try start(before: ChunkRow(after: last))
                var source = try RecordSource(plan, file: file, from: start, customers: customers)
                try source.skip(to: record)
                guard try go(on: &source, file: file, record: &record, isNew: false) else { return }
                state = source.state
                file += 1
            }
        }
        while plan.sources.contains(file) {
            var source = try RecordSource(
                plan, file: file,
                from: RecordSource.Start(resume: resume, state: state, record: record),
                customers: customers)
            guard try go(on: &source, file: file, record: &record, isNew: resume == nil) else { return }
            state = source.state
            resume = nil
            file += 1
        }
        // Those read first may have been edited while the last one was read.
        for file in plan.inputs.indices { try checkUnchanged(file) }
        _ = emit(.inputEnd)
    }

    /// Sees that a file is what it was when the run began. Something may have been added after that.
    func checkUnchanged(_ file: Int) throws {
        // Rows that were brought together are read from a copy of the inputs.
        guard plan.staged == nil, known.indices.contains(file), let known = known[file] else { return }
        let input = plan.inputs[file]
        switch InputChange(try known.change(at: input.path)) {
        case nil, .grown: return
        case let change?:
            throw InputError(.changed, name: input.name, .changedSinceStart(change))
        }
    }

    /// Reads one file to its end. Returns false when nobody takes any more.
    private mutating func go(on source: inout RecordSource, file: Int, record: inout Int64, isNew: Bool)
        throws -> Bool
    {
        if isNew, plan.staged == nil {
            let item = ReadStage.Item.header(
                file: file, columns: source.reader.columns,
                header: source.reader.header,
                headerBytes: source.start, notes: source.reader.notes)
            guard emit(item) else { return false }
        }
        var account = (rows: 0, blank: 0, unreadable: 0)
        let begin = source.start
        while let count = try source.fill(plan.chunkSize) {
            let chunk = chunk(source.peek(count), from: source, row: nil, first: record)
            account.rows += chunk.stored.rowBytes + chunk.stored.filtered.bytes
            account.blank += chunk.stored.blankBytes
            account.unreadable += chunk.stored.unreadableBytes
            guard emit(.chunk(chunk)) else { return false }
            record += Int64(count)
            source.drop(count)
        }
        try checkUnchanged(file)
        for note in source.reader.lateNotes {
            guard emit(.note(file: file, note)) else { return false }
        }
        let now = source.reader.account
        // The reader counts bytes as it passes them; the chunks, by the places of their records.
        let agree =
            !isNew || source.records == 0
            || now.rows + now.unreadable == account.rows + account.unreadable
                && now.blank == account.blank
        return emit(
            .fileEnd(
                file: file, totalBytes: now.end,
                difference: agree
                    ? nil
                    : .account(
                        name: plan.name(of: file),
                        read: .init(
                            rows: now.rows, blank: now.blank, unreadable: now.unreadable),
                        recorded: .init(
                            rows: account.rows, blank: account.blank,
                            unreadable: account.unreadable)),
                filtered: isNew && source.records == 0
                    ? source.filtered(from: begin, to: .max) : nil))
    }

    // MARK: Chunks

    /// Checks the first records of `source` and makes a batch of them.
    private mutating func chunk(
        _ mapped: ArraySlice<MappedRecord>, from source: RecordSource, row: ChunkRow?,
        first: Int64? = nil
    ) -> PreparedBatch {
        let first = row?.first ?? first ?? 0
        var items: [UInt8] = []
        var rows: [UInt8] = []
        var evidence: [UInt8] = []
        var orderKeys: [UInt64] = []
        var attributions: [Attribution?] = []
        var records: [PreparedRecord] = []
        var candidates: [Candidate] = []
        records.reserveCapacity(mapped.count)
        candidates.reserveCapacity(mapped.count)
        items.reserveCapacity(mapped.reduce(0) { $0 + $1.item.count })
        rows.reserveCapacity(mapped.reduce(0) { $0 + $1.stored.count })
        var rowBytes = 0
        var unreadable = 0
        var rowCount = 0
        for record in mapped {
            let itemStart = items.count
            items.append(contentsOf: source.batch.bytes[record.item])
            let rowStart = rows.count
            rows.append(contentsOf: source.batch.stored[record.stored])
            let attribution = preparer.attribution(of: record)
            if attributions.isEmpty || attributions[attributions.count - 1] != attribution {
                attributions.append(attribution)
            }
            var problem = record.problems.first
            var stage =
                problem?.reason == .unreadable || problem?.reason == .fieldCount ? "read" : "map"
            // Of what is not sent, perhaps the key can be told.
            let found = preparer.prepare(record, of: source.batch)
            if problem == nil {
                problem = found.first
                stage = "check"
            }
            let position = record.home
            // What is kept of it has no mark any more.
            var unmarked = position
            unmarked.length -= record.rowBytes - record.stored.count
            // A group's place reaches over the blank lines within it; its stored bytes do not. Of what
            // is too large, not all bytes are kept.
            switch record.problems.first?.reason {
            case .unreadable: unreadable += length(of: record, in: source)
            case .tooLarge: rowBytes += length(of: record, in: source)
            // Of rows that were brought together, all that is in their file counts.
            case _ where record.origin != nil: rowBytes += length(of: record, in: source)
            default: rowBytes += record.rowBytes
            }
            rowCount += record.rows
            candidates.append(
                candidate(
                    first + Int64(records.count), record, problem, stage: stage, at: unmarked,
                    stored: rows[rowStart...], attribution))
            let evidenceStart = evidence.count
            evidence.append(contentsOf: preparer.prepared.evidence.bytes)
            let keysStart = orderKeys.count
            for key in preparer.prepared.orderKeys where !orderKeys[keysStart...].contains(key) {
                orderKeys.append(key)
            }
            records.append(
                PreparedRecord(
                    position: unmarked, item: itemStart..<items.count, row: rowStart..<rows.count,
                    evidence: evidenceStart..<evidence.count, orderKeys: keysStart..<orderKeys.count,
                    attribution: attributions.count - 1, content: preparer.prepared.content,
                    binding: preparer.prepared.binding, group: preparer.prepared.group))
        }
        let stop = row?.stop ?? source.stop(after: mapped.count)
        let start = row?.start ?? source.start
        let next = row.map { (row: $0.nextRow, line: $0.nextLine) } ?? source.next(after: mapped.count)
        let head = mapped.first?.position
        let filtered = source.filtered(from: start, to: stop)
        var stored = NewChunk(
            first: first, isStored: row != nil, file: source.file, row: head?.row ?? 1,
            line: head?.line ?? 1,
            start: start, stop: stop, nextRow: next.row, nextLine: next.line, rowBytes: rowBytes,
            blankBytes: stop - start - rowBytes - unreadable - filtered.bytes,
            unreadableBytes: unreadable, rows: rowCount,
            mapper: source.checkpoint(after: mapped.count), candidates: candidates)
        stored.filtered = filtered
        return PreparedBatch(
            stored: stored, records: records, items: items, rows: rows, evidence: evidence,
            orderKeys: orderKeys, attributions: attributions,
            isOpenEnded: source.isOpenEnded(after: mapped.count))
    }

    /// How far a record reaches in the file, without rows between its own that the job leaves out.
    private func length(of record: MappedRecord, in source: RecordSource) -> Int {
        guard record.rows > 1, !source.batch.filtered.isEmpty else { return record.position.length }
        let within = source.filtered(from: record.position.offset, to: record.position.end)
        return record.position.length - within.bytes
    }

    /// What the ledger is asked of the record that was prepared last.
    private func candidate(
        _ number: Int64, _ record: MappedRecord, _ problem: Refusal?, stage: String,
        at position: Position, stored: ArraySlice<UInt8>, _ attribution: Attribution?
    ) -> Candidate {
        // Wanted only where a person has to be told.
        let trouble = problem.map {
            Candidate.Trouble(
                refusal: $0, stage: stage,
                key: preparer.prepared.evidence.bytes.isEmpty
                    ? "" : plan.endpoint.key(preparer.prepared.evidence),
                position: position, stored: Array(stored))
        }
        return Candidate(
            record: number, identity: preparer.prepared.identity, content: preparer.prepared.content,
            repeats: plan.repeats
                ?? (problem == nil ? plan.endpoint.repeats(preparer.prepared.evidence) : nil),
            sets: plan.endpoint.adds ? nil : plan.unchanged, trouble: trouble,
            repairs: record.marks.isEmpty ? [] : record.marks.compactMap(RecordID.init),
            label: labels || problem != nil
                ? plan.endpoint.label(preparer.prepared.evidence, attribution, plan.repeats) : nil)
    }
}

extension ChunkRow {
    /// A place behind `last`, where no chunk is yet.
    fileprivate init(after last: ChunkRow) {
        self = last
        first = last.first + Int64(last.count)
    }
}
