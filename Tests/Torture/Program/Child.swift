import Foundation

/// A process started here. Only those are ever sent a signal.
///
/// Spawned without Foundation's `Process`, which keeps the files of each open until the end: a torture starts
/// thousands.
final class Child {
    private let process: pid_t
    /// As `waitpid` gives it, once it has ended.
    private var ended: Int32?
    private let outPath: String
    private let errPath: String

    /// - Parameters:
    ///   - log: Its output goes to `LOG.out` and `LOG.err` in `folder`: nobody has to read along, and a killed
    ///     process leaves what it wrote.
    ///   - input: A file; else nothing.
    init(
        _ path: String, _ arguments: [String], in folder: String, log: String,
        input: String = "/dev/null"
    ) throws {
        outPath = "\(folder)/\(log).out"
        errPath = "\(folder)/\(log).err"
        var environment = ProcessInfo.processInfo.environment
        environment["SLUICE_STATE"] = folder + "/state"
        environment["XDG_STATE_HOME"] = folder + "/host"
        environment["SLUICE_CONNECTIONS"] = folder + "/connections.yaml"
        environment["NO_COLOR"] = "1"
        // `env` becomes the program, in that folder.
        process = try Self.spawn(
            "/usr/bin/env", ["env", "-C", folder, path] + arguments,
            environment.map { "\($0)=\($1)" }, (input, outPath, errPath))
    }

    private static func spawn(
        _ path: String, _ arguments: [String], _ environment: [String],
        _ files: (input: String, out: String, err: String)
    ) throws -> pid_t {
        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&actions)
        defer { unsafe posix_spawn_file_actions_destroy(&actions) }
        let writes = O_WRONLY | O_CREAT | O_TRUNC
        unsafe posix_spawn_file_actions_addopen(&actions, 0, files.input, O_RDONLY, 0)
        unsafe posix_spawn_file_actions_addopen(&actions, 1, files.out, writes, 0o600)
        unsafe posix_spawn_file_actions_addopen(&actions, 2, files.err, writes, 0o600)
        // In a group of its own, so that Ctrl-C is for the torture alone; and what that does with signals is
        // not the child's way.
        var attributes = posix_spawnattr_t()
        unsafe posix_spawnattr_init(&attributes)
        defer { unsafe posix_spawnattr_destroy(&attributes) }
        var all = sigset_t()
        var none = sigset_t()
        unsafe sigfillset(&all)
        unsafe sigemptyset(&none)
        unsafe posix_spawnattr_setsigdefault(&attributes, &all)
        unsafe posix_spawnattr_setsigmask(&attributes, &none)
        unsafe posix_spawnattr_setflags(
            &attributes,
            Int16(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK))
        let words = unsafe arguments.map { unsafe strdup($0) }
        let settings = unsafe environment.map { unsafe strdup($0) }
        defer { unsafe (words + settings).forEach { unsafe free($0) } }
        var process = pid_t()
        let error = unsafe posix_spawn(
            &process, path, &actions, &attributes, words + [nil], settings + [nil])
        guard error == 0 else {
            throw Trouble("\(path) cannot be started: \(unsafe String(cString: strerror(error)))")
        }
        return process
    }

    var isRunning: Bool { !hasEnded(WNOHANG) }

    func wait() { _ = hasEnded(0) }

    private func hasEnded(_ options: Int32) -> Bool {
        guard ended == nil else { return true }
        var status: Int32 = 0
        var result: pid_t
        repeat { result = unsafe waitpid(process, &status, options) } while result < 0 && errno == EINTR
        if result == process { ended = status }
        return ended != nil
    }

    /// Of a child that has ended. Negative: the signal it died of.
    var status: Int32 {
        let status = ended ?? 0
        let signal = status & 0x7F
        return signal == 0 ? (status >> 8) & 0xFF : -signal
    }

    var out: String { text(outPath) }
    var err: String { text(errPath) }

    private func text(_ path: String) -> String {
        String(decoding: FileManager.default.contents(atPath: path) ?? Data(), as: UTF8.self)
    }

    func send(_ signal: Int32) { if isRunning { kill(process, signal) } }
}
