import Ledger
import Model
import Records

/// The two accounts of conservation, from the ledger alone.
///
/// Bytes: the chunks of a file follow each other without gap or overlap, and header, rows, rows that the job leaves
/// out, blanks and unreadable spans make up the whole. Records: the chunks cover 0 to n−1, each record in one
/// state, and what is open is known as open, in doubt as a doubt, on its way by an attempt.
enum BalanceCheck {
    /// - Parameter isInputEnded: The whole input was read: then every file has to be covered to its end.
    /// - Returns: What does not balance; empty where all does.
    static func check(run: Int64, ledger: Ledger, isInputEnded: Bool) throws -> [BalanceDifference] {
        var differences: [BalanceDifference] = []
        let inputs = try ledger.inputs(of: run)
        let grouping = try ledger.grouping(of: run)
        var rows = 0
        var next: Int64 = 0
        var ends: [Int: Int] = [:]
        var inDoubt = 0
        var sent = 0
        try ledger.chunks(run: run) { chunk in
            if chunk.first != next {
                differences.append(.notConsecutive(from: next, to: chunk.first))
            }
            if chunk.states.count != chunk.count {
                differences.append(
                    .stateCount(
                        chunk: chunk.first, states: chunk.states.count, records: chunk.count))
            }
            if !chunk.isReadable {
                differences.append(.unknownStates(chunk: chunk.first))
            }
            let open = chunk.states.count { !$0.isSettled }
            if open != chunk.open {
                differences.append(.openCount(chunk: chunk.first, open: open, stored: chunk.open))
            }
            inDoubt += chunk.states.count { $0.state == .inDoubt }
            sent += chunk.states.count { $0.state == .sent }
            next = chunk.first + Int64(chunk.count)
            rows += chunk.rows + chunk.filtered.rows
            let input = inputs.first { $0.file == chunk.file }
            let begin = grouping?.staged == nil ? input?.headerBytes : StagedRows.start
            let expected = ends[chunk.file] ?? begin ?? chunk.start
            let name = input?.name ?? "file \(chunk.file)"
            if chunk.start != expected {
                differences.append(.inNoRow(name: name, from: expected, to: chunk.start))
            }
            if chunk.rowBytes + chunk.blankBytes + chunk.unreadableBytes + chunk.filtered.bytes
                != chunk.stop - chunk.start
                || chunk.blankBytes < 0
            {
                differences.append(.doNotAddUp(name: name, from: chunk.start, to: chunk.stop))
            }
            ends[chunk.file] = chunk.stop
            return differences.count < 20
        }
        // A file without a record has no chunk.
        for (file, filtered) in try ledger.filtered(run: run) where ends[file] == nil {
            rows += filtered.rows
        }
        let pending = try ledger.pending(run: run)
        if inDoubt != pending.inDoubt {
            differences.append(.doubts(records: inDoubt, stored: pending.inDoubt))
        }
        if sent != pending.sent {
            differences.append(.inFlight(records: sent, stored: pending.sent))
        }
        if let grouping, let staged = grouping.staged {
            return differences
                + check(grouping, staged, inputs, isInputEnded ? (rows, ends[inputs.count]) : nil)
        }
        for input in inputs where isInputEnded {
            guard let total = input.totalBytes else {
                differences.append(.endNotReached(name: input.name))
                continue
            }
            // A file without a row has no chunk: header and blanks are all there is.
            if let end = ends[input.file], end != total {
                differences.append(.inNoRow(name: input.name, from: end, to: total))
            }
        }
        return differences
    }

    /// The account of a run whose rows were brought together: of each input when they were, and of their file
    /// now.
    ///
    /// - Parameter read: How many rows are in records, and where the last one ends; nil before the end.
    private static func check(
        _ grouping: Grouping, _ staged: Grouping.Staged, _ inputs: [InputRow],
        _ read: (rows: Int, end: Int?)?
    ) -> [BalanceDifference] {
        var differences: [BalanceDifference] = []
        for (input, file) in zip(inputs, grouping.files) {
            let known = file.headerBytes + file.rowBytes + file.blankBytes + file.unreadableBytes
            if known != file.totalBytes {
                differences.append(
                    .accountedFor(name: input.name, bytes: known, of: file.totalBytes))
            }
        }
        let rows = grouping.files.reduce(0) { $0 + $1.rows }
        if rows != grouping.rows {
            differences.append(.readAndGrouped(read: rows, grouped: grouping.rows))
        }
        guard let read else { return differences }
        if read.rows != grouping.rows {
            differences.append(.groupedAndRead(grouped: grouping.rows, read: read.rows))
        }
        if let end = read.end, end != staged.bytes {
            differences.append(.inNoRow(name: staged.path, from: end, to: staged.bytes))
        }
        return differences
    }
}
