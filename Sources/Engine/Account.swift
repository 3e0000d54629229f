import Ledger
import Model

/// The two accounts of conservation, from the ledger alone.
///
/// Bytes: the chunks of a file follow each other without gap or overlap, and header, rows, blanks
/// and unreadable spans make up the whole. Records: the chunks cover 0 to n−1, each record in one
/// state, and what is open is known as open, in doubt as a doubt, on its way by an attempt.
enum Account {
    /// - Parameter isInputEnded: The whole input was read: then every file has to be covered to its end.
    /// - Returns: What does not balance, in words; empty where all does.
    static func check(run: Int64, ledger: Ledger, isInputEnded: Bool) throws -> [String] {
        var differences: [String] = []
        let inputs = try ledger.inputs(of: run)
        var next: Int64 = 0
        var ends: [Int: Int] = [:]
        var inDoubt = 0
        var sent = 0
        try ledger.chunks(run: run) { chunk in
            if chunk.first != next {
                differences.append("records \(next) to \(chunk.first) are not one after the other")
            }
            if chunk.states.count != chunk.count {
                differences.append(
                    "the chunk at record \(chunk.first) has \(chunk.states.count) states for \(chunk.count)"
                )
            }
            if !chunk.isReadable {
                differences.append("the chunk at record \(chunk.first) has states that are none")
            }
            let open = chunk.states.count { !$0.isSettled }
            if open != chunk.open {
                differences.append(
                    "the chunk at record \(chunk.first) has \(open) open records and says \(chunk.open)"
                )
            }
            inDoubt += chunk.states.count { $0.state == .inDoubt }
            sent += chunk.states.count { $0.state == .sent }
            next = chunk.first + Int64(chunk.count)
            let input = inputs.first { $0.file == chunk.file }
            let expected = ends[chunk.file] ?? input?.headerBytes ?? chunk.start
            if chunk.start != expected {
                differences.append(
                    "\(input?.name ?? "file \(chunk.file)"): bytes \(expected) to \(chunk.start) are in no row"
                )
            }
            if chunk.rowBytes + chunk.blankBytes + chunk.unreadableBytes != chunk.stop - chunk.start
                || chunk.blankBytes < 0
            {
                differences.append(
                    "\(input?.name ?? "file \(chunk.file)"): bytes \(chunk.start) to \(chunk.stop) do not add up"
                )
            }
            ends[chunk.file] = chunk.stop
            return differences.count < 20
        }
        let pending = try ledger.pending(run: run)
        if inDoubt != pending.inDoubt {
            differences.append(
                "\(inDoubt) records are in doubt, and \(pending.inDoubt) doubts are known")
        }
        if sent != pending.sent {
            differences.append(
                "\(sent) records are on their way, and open attempts hold \(pending.sent)")
        }
        for input in inputs where isInputEnded {
            guard let total = input.totalBytes else {
                differences.append("\(input.name): its end was not reached")
                continue
            }
            // A file without a row has no chunk: header and blanks are all there is.
            if let end = ends[input.file], end != total {
                differences.append("\(input.name): bytes \(end) to \(total) are in no row")
            }
        }
        return differences
    }
}
