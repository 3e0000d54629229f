import Foundation
import Testing

/// The built program, run as its users run it.
struct Program {
    struct Output {
        var status: Int32
        var out: String
        var err: String

        /// Whether it prints these words, however wide the columns of its tables come out.
        func prints(_ words: String) -> Bool {
            (out + "\n" + err).split(separator: " ", omittingEmptySubsequences: true)
                .joined(separator: " ").contains(words)
        }
    }

    /// A folder of its own for each test.
    let folder: String
    /// Where the program keeps what belongs to the host, if not in ``folder``: another one is another host.
    var host: String?

    init() throws {
        folder = NSTemporaryDirectory() + "sluice-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    }

    func remove() { try? FileManager.default.removeItem(atPath: folder) }

    /// The root of the checkout.
    static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent()
        .deletingLastPathComponent().path

    /// Beside the test bundle.
    static let executable: String = {
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

    func write(_ text: String, to name: String) throws {
        try text.write(toFile: folder + "/" + name, atomically: true, encoding: .utf8)
    }

    func start(_ arguments: [String], of executable: String = Self.executable) throws
        -> (process: Process, out: FileHandle, err: FileHandle)
    {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: executable)
        process.arguments = arguments
        process.currentDirectoryURL = URL(fileURLWithPath: folder)
        var environment = ProcessInfo.processInfo.environment
        environment["SLUICE_STATE"] = folder + "/state"
        environment["XDG_STATE_HOME"] = host ?? folder + "/host"
        environment["NO_COLOR"] = "1"
        process.environment = environment
        // Files, not pipes: nobody has to read along, and a killed process leaves what it wrote.
        let name = folder + "/" + UUID().uuidString
        for suffix in [".out", ".err"] {
            _ = FileManager.default.createFile(atPath: name + suffix, contents: nil)
        }
        let out = try #require(FileHandle(forUpdatingAtPath: name + ".out"))
        let err = try #require(FileHandle(forUpdatingAtPath: name + ".err"))
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = out
        process.standardError = err
        try process.start()
        return (process, out, err)
    }

    /// - Returns: Whether it ended within that time. Looked at in ever longer steps, for many wait here at once.
    private static func waits(for process: Process, seconds: Double) -> Bool {
        let end = Date().addingTimeInterval(seconds)
        var step: UInt32 = 1000
        while process.isRunning {
            if Date() >= end { return false }
            usleep(step)
            if seconds >= 10 { step = min(step * 2, 20_000) }
        }
        return true
    }

    /// In seconds: what still runs then hangs.
    static let patience = 300.0

    /// Runs to its end, or kills it after `seconds`.
    func run(_ arguments: String..., killedAfter seconds: Double? = nil) throws -> Output {
        try run(arguments, killedAfter: seconds)
    }

    /// The program after a shell's settings, as in `ulimit -f 100`; `$SLUICE` is its name.
    func shell(_ script: String, killedAfter seconds: Double? = nil) throws -> Output {
        try run(
            ["-c", "SLUICE='\(Self.executable)'; " + script], of: "/bin/sh", killedAfter: seconds)
    }

    func run(
        _ arguments: [String], of executable: String = Self.executable,
        killedAfter seconds: Double? = nil
    ) throws -> Output {
        let (process, out, err) = try start(arguments, of: executable)
        if !Self.waits(for: process, seconds: seconds ?? Self.patience) {
            if seconds == nil { Issue.record("still ran after \(Self.patience) s: \(arguments)") }
            kill(process.processIdentifier, SIGKILL)
        }
        process.waitUntilExit()
        func text(_ handle: FileHandle) -> String {
            try? handle.seek(toOffset: 0)
            return String(decoding: (try? handle.readToEnd()) ?? Data(), as: UTF8.self)
        }
        let status =
            process.terminationReason == .uncaughtSignal
            ? -process.terminationStatus : process.terminationStatus
        return Output(status: status, out: text(out), err: text(err))
    }

    /// A sandbox of its own process; ended with ``Server/stop()``.
    func sandbox(_ arguments: String...) throws -> Server { try sandbox(arguments) }

    func sandbox(_ arguments: [String]) throws -> Server {
        let (process, out, _) = try start(["sandbox", "--controls"] + arguments)
        for _ in 0..<2000 {
            try out.seek(toOffset: 0)
            let text = String(decoding: try out.readToEnd() ?? Data(), as: UTF8.self)
            if let url = text.split(separator: "\n").first, text.hasSuffix("\n") {
                return Server(process: process, url: String(url))
            }
            usleep(10_000)
            if !process.isRunning { break }
        }
        throw Unstarted()
    }

    struct Unstarted: Error {}

    struct Server {
        let process: Process
        let url: String

        func stop() {
            process.terminate()
            process.waitUntilExit()
        }

        /// What the sandbox's own books say, as JSON.
        func ask(_ path: String) throws -> [String: Any] {
            let curl = Process()
            curl.executableURL = URL(fileURLWithPath: "/usr/bin/curl")
            curl.arguments = ["-s", "--noproxy", "*", url + path]
            let pipe = Pipe()
            curl.standardOutput = pipe
            try curl.start()
            let data = pipe.fileHandleForReading.readDataToEndOfFile()
            curl.waitUntilExit()
            return try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
        }
    }
}
