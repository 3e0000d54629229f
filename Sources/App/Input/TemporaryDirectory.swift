import Foundation

/// A folder for what a rehearsal needs a while: `validate` and `plan` leave the state directory alone.
///
/// It holds what the files hold, so it goes with the command, also where a signal ends that; what a killed one
/// left goes with the next.
enum TemporaryDirectory {
    private static let prefix = "sluice-scratch-"

    static func use(_ body: (_ folder: String) throws -> Void) throws {
        sweep()
        let folder = try make()
        let watch = SignalWatch { number in
            remove(folder)
            _exit(SignalWatch.status(of: number))
        }
        defer {
            watch.end()
            remove(folder)
        }
        try body(folder)
    }

    static func use(_ body: (_ folder: String) async throws -> Void) async throws {
        sweep()
        let folder = try make()
        let watch = SignalWatch { number in
            remove(folder)
            _exit(128 + number)
        }
        defer {
            watch.end()
            remove(folder)
        }
        try await body(folder)
    }

    private static func make() throws -> String {
        let folder =
            NSTemporaryDirectory() + prefix
            + "\(ProcessInfo.processInfo.processIdentifier)-\(UUID().uuidString)"
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        return folder
    }

    private static func remove(_ folder: String) {
        // What is still being written comes into being after the removal's back.
        for _ in 0..<3 where FileManager.default.fileExists(atPath: folder) {
            try? FileManager.default.removeItem(atPath: folder)
        }
    }

    /// Removes what is left of commands that are no more. A number that another process has now keeps its
    /// folder for another while.
    private static func sweep() {
        let directory = NSTemporaryDirectory()
        let names = (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []
        for name in names where name.hasPrefix(prefix) {
            guard let number = Int32(name.dropFirst(prefix.count).prefix { $0 != "-" }), number > 0,
                kill(number, 0) != 0, errno == ESRCH
            else { continue }
            remove(directory + name)
        }
    }
}
