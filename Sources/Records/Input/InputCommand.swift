import Foundation

/// A program whose output is the input of a job.
package struct InputCommand: Sendable, Equatable {
    /// The program, then what it is given. No shell is between.
    package var arguments: [String]
    /// Names of the variables that it is given, beside ``InputCommand/usual``.
    package var environment: [String]

    package init(arguments: [String], environment: [String] = []) {
        self.arguments = arguments
        self.environment = environment
    }

    /// What nearly every program needs, and nobody keeps a secret in.
    package static let usual = ["PATH", "HOME", "USER", "LANG", "LC_ALL", "TZ", "TMPDIR"]

    /// In messages: the arguments may hold what is for nobody else.
    var name: String { "output of " + (arguments[0].split(separator: "/").last.map(String.init) ?? "") }

    /// Runs it to its end, with its output to `descriptor` and its errors to ours.
    func run(writingTo descriptor: Int32) throws(ReadError) {
        let known = ProcessInfo.processInfo.environment
        let process = Process()
        process.executableURL = URL(fileURLWithPath: try path(known["PATH"] ?? "/usr/bin:/bin"))
        process.arguments = Array(arguments.dropFirst())
        process.environment = known.filter {
            Self.usual.contains($0.key) || environment.contains($0.key)
        }
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle(fileDescriptor: descriptor, closeOnDealloc: false)
        do {
            try process.run()
        } catch {
            throw ReadError(
                .command, name: name, message: "it cannot be started: \(error.localizedDescription)")
        }
        process.waitUntilExit()
        guard process.terminationReason == .exit else {
            throw ReadError(
                .command, name: name,
                message:
                    "the program was ended by signal \(process.terminationStatus). Nothing was sent")
        }
        guard process.terminationStatus == 0 else {
            throw ReadError(
                .command, name: name,
                message: "the program ended with status \(process.terminationStatus). Nothing was sent")
        }
    }

    /// Where the program is: as it is written where that has a slash, else in one of the folders of `PATH`.
    private func path(_ folders: String) throws(ReadError) -> String {
        let program = arguments[0]
        if program.contains("/") { return program }
        for folder in folders.split(separator: ":") {
            let path = folder + "/" + program
            if FileManager.default.isExecutableFile(atPath: String(path)) { return String(path) }
        }
        throw ReadError(.command, name: name, message: "there is no program “\(program)” on the PATH")
    }
}
