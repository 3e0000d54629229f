package import Ledger
import Model

/// What was never sent of a run whose input was gone or replaced before its end: closed, and listed by ranges.
package struct InputGone: Sendable, Equatable {
    /// Records that follow each other in a file.
    package struct Range: Sendable, Equatable {
        /// The input's name.
        package var file: String
        /// Nil of what was never read: then it continues to the end of the file.
        package var records: ClosedRange<Int64>?
        /// Of the stretches that hold them: a little more than the records where those end within one.
        package var row, line, start: Int
        package var lastRow, stop: Int?

        /// `rows 121 to 400`, `row 401 to the end`
        package var words: String {
            guard let lastRow else { return "row \(row) to the end" }
            return lastRow > row ? "rows \(row) to \(lastRow)" : "row \(row)"
        }
    }

    /// The first of them.
    package private(set) var ranges: [Range] = []
    /// How many records, where that is known.
    package private(set) var count = 0
    /// Records that were read and not sent.
    package private(set) var records = 0

    static let limit = 100

    /// - Returns: Nil where the input is not gone, or nothing is left of it.
    package init?(run: RunRow, ledger: Ledger) throws {
        guard run.inputGone != nil else { return nil }
        try Self.each(run, ledger) { range in
            count += 1
            records += range.records?.count ?? 0
            if ranges.count < Self.limit { ranges.append(range) }
        }
        if count == 0 { return nil }
    }

    /// `in.csv rows 121 to 400; in.csv row 401 to the end`
    var words: String {
        var words = ranges.prefix(4).map { "\(InputName.bare($0.file)) \($0.words)" }.joined(
            separator: "; ")
        if count > 4 { words += "; and \(Wording.count(count - 4, "more range"))" }
        return words
    }

    /// Hands out every range in the order of the input.
    ///
    /// - Complexity: Reads the run's chunks once; memory does not grow with them.
    static func each(_ run: RunRow, _ ledger: Ledger, _ body: (Range) throws -> Void) throws {
        let inputs = try ledger.inputs(of: run.number)
        func name(_ file: Int) -> String { inputs.first { $0.file == file }?.name ?? "" }
        var open: (range: Range, file: Int)?
        // Where each file was read to.
        var ends: [Int: (row: Int, line: Int, stop: Int)] = [:]
        try ledger.chunks(run: run.number) { chunk in
            ends[chunk.file] = (chunk.nextRow, chunk.nextLine, chunk.stop)
            var index = 0
            while index < chunk.states.count {
                guard chunk.states[index].state == .unsent else {
                    index += 1
                    continue
                }
                var end = index
                while end + 1 < chunk.states.count, chunk.states[end + 1].state == .unsent { end += 1 }
                let records = (chunk.first + Int64(index))...(chunk.first + Int64(end))
                if let last = open, last.file == chunk.file,
                    last.range.records.map({ $0.upperBound + 1 == records.lowerBound }) ?? false
                {
                    let first = last.range.records?.lowerBound ?? records.lowerBound
                    open?.range.records = first...records.upperBound
                    open?.range.lastRow = max(chunk.nextRow - 1, chunk.row)
                    open?.range.stop = chunk.stop
                } else {
                    if let open { try body(open.range) }
                    open = (
                        Range(
                            file: name(chunk.file), records: records, row: chunk.row, line: chunk.line,
                            start: chunk.start, lastRow: max(chunk.nextRow - 1, chunk.row),
                            stop: chunk.stop), chunk.file
                    )
                }
                index = end + 1
            }
            return true
        }
        if let open { try body(open.range) }
        guard !run.inputEnded else { return }
        for input in inputs where input.totalBytes == nil {
            let end = ends[input.file] ?? (1, 1, input.headerBytes ?? 0)
            try body(
                Range(file: input.name, records: nil, row: end.row, line: end.line, start: end.stop))
        }
    }
}

extension RunRow {
    /// Something of its input was never sent, since that was gone or replaced; and nobody has closed the run.
    func leftInput(_ totals: Totals) -> Bool {
        inputGone != nil && state == .finished && (totals[.unsent] > 0 || !inputEnded)
    }

    /// Whether a later run of the job has read the same files, by their content, to their end.
    func isImportedLater(_ ledger: Ledger) throws -> Bool {
        let own = Set(try ledger.inputs(of: number).map(\.content))
        guard !own.contains(nil), !own.isEmpty else { return false }
        for later in try ledger.runs(job: job, limit: .max)
        where later.number > number && later.scope == scope && later.endpoint == endpoint
            && later.state == .finished && later.inputEnded
        {
            if own.isSubset(of: Set(try ledger.inputs(of: later.number).map(\.content))) { return true }
        }
        return false
    }
}

extension InputRow {
    /// The same for equal content: size, digests and member; nil where the fingerprint has no digests.
    fileprivate var content: [String]? {
        let words = fingerprint.split(separator: " ").map(String.init).filter { !$0.hasPrefix("c:") }
        return words.count > 4 ? [words[2]] + words[4...] + [member ?? ""] : nil
    }
}

/// `{since, records, ranges: [file, first_record?, last_record?, row, last_row?, line, byte, end_byte?]}`: up to a
/// hundred ranges; one without records was never read, up to the end of its file.
struct GoneJSON: Encodable {
    struct Item: Encodable {
        var file: String
        var firstRecord, lastRecord: Int64?
        var row: Int
        var lastRow: Int?
        var line, byte: Int
        var endByte: Int?
    }
    var since: String?
    var records: Int
    var ranges: [Item]

    init(_ gone: InputGone, since: Timestamp?) {
        self.since = since?.iso8601
        records = gone.records
        ranges = gone.ranges.map {
            Item(
                file: InputName.bare($0.file), firstRecord: $0.records?.lowerBound,
                lastRecord: $0.records?.upperBound,
                row: $0.row, lastRow: $0.lastRow, line: $0.line, byte: $0.start, endByte: $0.stop)
        }
    }
}
