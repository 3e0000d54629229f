import Foundation

/// A process started here. Only those are ever sent a signal.
final class Child {
    private let process = Process()
    private let outPath: String
    private let errPath: String

    init(_ path: String, _ arguments: [String], in folder: String, log: String) throws {
        process.executableURL = URL(fileURLWithPath: path)
        process.arguments = arguments
        process.currentDirectoryURL = URL(fileURLWithPath: folder)
        var environment = ProcessInfo.processInfo.environment
        environment["SLUICE_STATE"] = folder + "/state"
        environment["SLUICE_CONNECTIONS"] = folder + "/connections.yaml"
        environment["NO_COLOR"] = "1"
        process.environment = environment
        // Files, not pipes: nobody has to read along, and a killed process leaves what it wrote.
        outPath = "\(folder)/\(log).out"
        errPath = "\(folder)/\(log).err"
        for path in [outPath, errPath] {
            _ = FileManager.default.createFile(atPath: path, contents: nil)
        }
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle(forWritingAtPath: outPath)
        process.standardError = FileHandle(forWritingAtPath: errPath)
        try process.run()
    }

    var isRunning: Bool { process.isRunning }

    /// Negative: the signal it died of.
    var status: Int32 {
        process.terminationReason == .uncaughtSignal
            ? -process.terminationStatus : process.terminationStatus
    }

    var out: String { text(outPath) }
    var err: String { text(errPath) }

    private func text(_ path: String) -> String {
        String(decoding: FileManager.default.contents(atPath: path) ?? Data(), as: UTF8.self)
    }

    func send(_ signal: Int32) { if process.isRunning { kill(process.processIdentifier, signal) } }

    func wait() { process.waitUntilExit() }
}
