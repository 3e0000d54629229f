import Foundation
package import Model

/// What a run's folder says of its run, so that it tells even where the ledger has lost it: which ledger
/// began it and at which counter, what it was, and what it read. Nothing of its records.
package struct RunMark: Codable, Sendable, Equatable {
    package struct Input: Codable, Sendable, Equatable {
        package var path: String
        package var member: String?
        package var name: String
        package var fingerprint: String
    }
    package var schema = 1
    /// The ledger's id, and its counter when the run was last set under way.
    package var ledger: String
    package var counter: Int64
    package var run: String
    package var job: String
    package var jobFile: String
    package var connection: String
    package var org: String
    package var endpoint: String
    package var started: Int64
    package var inputs: [Input]

    static let fileName = "run.json"

    package var begun: Timestamp { Timestamp(milliseconds: started) }

    static func read(in folder: String) -> RunMark? {
        guard let data = FileManager.default.contents(atPath: folder + "/" + fileName),
            data.count < 1 << 24
        else { return nil }
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        return try? decoder.decode(RunMark.self, from: data)
    }

    /// Writes it whole or not at all, readable by its owner alone.
    func write(in folder: String) throws {
        let encoder = JSONEncoder()
        encoder.keyEncodingStrategy = .convertToSnakeCase
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
        let bytes = Array(try encoder.encode(self)) + [0x0A]
        let path = folder + "/" + Self.fileName
        let temporary = path + ".new"
        func failure() -> LedgerError { LedgerError(.runMark(path, errno: errno)) }
        _ = unsafe unlink(temporary)
        let file = unsafe open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard file >= 0 else { throw failure() }
        var done = 0
        while done < bytes.count {
            let count = unsafe bytes.withUnsafeBytes {
                unsafe Glibc.write(
                    file, $0.baseAddress.map { unsafe $0 + done }, bytes.count - done)
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else {
                let error = failure()
                close(file)
                _ = unsafe unlink(temporary)
                throw error
            }
            done += count
        }
        let isSynced = fsync(file) == 0
        close(file)
        guard isSynced, unsafe rename(temporary, path) == 0 else { throw failure() }
    }
}
