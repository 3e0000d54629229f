import Foundation
package import Ledger
package import Model

/// What was accepted, as a CSV file for people and their spreadsheets: a line a record with its key, what the server
/// calls it, and what it warned of.
package enum SuccessFile {
    /// The header. Frozen: scripts read it.
    package static let columns = ["record", "key", "server_id", "warnings"]

    /// Writes the accepted records of `run` to a new file, 0600 from its first byte.
    ///
    /// - Returns: How many there are.
    /// - Throws: What the ledger throws; a Cocoa error where the file is there already or cannot be written.
    package static func write(
        run: RunRow, ledger: Ledger, path: String, key: (Evidence) -> String
    ) throws -> Int {
        let handle = try NewFile.create(path)
        var buffer = ReadableCSV.line(columns)
        var count = 0
        try ledger.eachAccepted(run: run.number) { row in
            let warnings = row.warnings.map { "\($0.code) \($0.message)" }.joined(separator: "; ")
            buffer += ReadableCSV.line([
                String(row.record), key(row.evidence), row.serverID?.text ?? "", warnings,
            ])
            count += 1
            if buffer.utf8.count > 1 << 16 {
                try handle.write(contentsOf: Data(buffer.utf8))
                buffer.removeAll(keepingCapacity: true)
            }
            return true
        }
        try handle.write(contentsOf: Data(buffer.utf8))
        try handle.synchronize()
        return count
    }
}
