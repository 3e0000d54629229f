import Foundation

/// The built program, run as its users run it.
package struct Program: Sendable {
    package typealias Server = SandboxProcess

    package struct Output: Sendable {
        package var status: Int32
        package var out: String
        package var err: String

        /// Whether it prints these words, however wide the columns of its tables come out.
        package func prints(_ words: String) -> Bool {
            (out + "\n" + err).split(separator: " ", omittingEmptySubsequences: true)
                .joined(separator: " ").contains(words)
        }
    }

    /// A folder of its own for each test.
    package let folder: String
    /// Where the program keeps what belongs to the host, if not in ``folder``: another one is another host.
    package var host: String?

    package init() throws {
        folder = NSTemporaryDirectory() + "sluice-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    }

    package func remove() { try? FileManager.default.removeItem(atPath: folder) }

    /// The root of the checkout.
    package static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent()
        .deletingLastPathComponent().path

    /// Beside the test bundle.
    package static let executable: String = {
        let bundle = ProcessInfo.processInfo.arguments[0]
        var folder = URL(fileURLWithPath: bundle).deletingLastPathComponent()
        for _ in 0..<6 {
            let candidate = folder.appendingPathComponent("sluice").path
            if FileManager.default.isExecutableFile(atPath: candidate),
                !candidate.hasSuffix("Sources/sluice")
            {
                return candidate
            }
            folder.deleteLastPathComponent()
        }
        return root + "/.build/debug/sluice"
    }()

    private var environment: [String: String] {
        [
            "SLUICE_STATE": folder + "/state", "XDG_STATE_HOME": host ?? folder + "/host",
            "NO_COLOR": "1",
        ]
    }

    /// - Parameter mode: Of the file, as in `chmod`; else the usual one.
    package func write(_ text: String, to name: String, mode: UInt32? = nil) throws {
        let path = folder + "/" + name
        try text.write(toFile: path, atomically: true, encoding: .utf8)
        if let mode, unsafe chmod(path, mode) != 0 {
            throw TestFailure("\(path): its mode cannot be set")
        }
    }

    package func start(_ arguments: [String], of executable: String = Self.executable) throws -> Child {
        try Child(
            executable, arguments, in: folder, environment: environment, log: UUID().uuidString)
    }

    /// In seconds: what still runs then hangs.
    package static let patience = 300.0

    /// Runs to its end, or kills it after `seconds`.
    package func run(_ arguments: String..., killedAfter seconds: Double? = nil) throws -> Output {
        try run(arguments, killedAfter: seconds)
    }

    /// The program behind a shell's settings, as in `ulimit -f 100`; `$SLUICE` is its name.
    package func shell(_ script: String, killedAfter seconds: Double? = nil) throws -> Output {
        try run(
            ["-c", "SLUICE='\(Self.executable)'; " + script], of: "/bin/sh", killedAfter: seconds)
    }

    package func run(
        _ arguments: [String], of executable: String = Self.executable,
        killedAfter seconds: Double? = nil
    ) throws -> Output {
        let process = try start(arguments, of: executable)
        let hasEnded = process.wait(seconds: seconds ?? Self.patience)
        if !hasEnded {
            process.send(SIGKILL)
            process.wait()
            if seconds == nil { throw TestFailure("still ran after \(Self.patience) s: \(arguments)") }
        }
        return Output(status: process.status, out: process.out, err: process.err)
    }

    /// A sandbox of its own process; ended with ``SandboxProcess/stop()``.
    package func sandbox(_ arguments: String...) throws -> Server { try sandbox(arguments) }

    package func sandbox(_ arguments: [String]) throws -> Server {
        try SandboxProcess(
            Self.executable, arguments, in: folder, environment: environment, log: UUID().uuidString)
    }
}
