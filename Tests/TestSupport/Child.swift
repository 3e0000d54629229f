package import Foundation
import Synchronization

/// A process started here. Only those are ever sent a signal.
///
/// Spawned without Foundation's `Process`: that one keeps files of each child open until the end (a torture
/// starts thousands), and learns of a child's end by a socket that a child of another thread may inherit: then
/// it seems to run for as long as that other one does.
package final class Child: Sendable {
    package let id: pid_t
    /// As `waitpid` gives it, once it has ended.
    private let ended = Mutex<Int32?>(nil)
    private let outPath: String
    private let errPath: String

    /// - Parameters:
    ///   - environment: What differs from this process's own.
    ///   - log: Its output goes to `LOG.out` and `LOG.err` in `folder`: nobody has to read along, and a killed
    ///     process leaves what it wrote.
    ///   - input: A file; else nothing.
    package init(
        _ path: String, _ arguments: [String], in folder: String,
        environment: [String: String] = [:], log: String, input: String = "/dev/null"
    ) throws {
        outPath = "\(folder)/\(log).out"
        errPath = "\(folder)/\(log).err"
        let settings = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        // `env` becomes the program, in that folder.
        id = try Self.spawn(
            "/usr/bin/env", ["env", "-C", folder, path] + arguments,
            settings.map { "\($0)=\($1)" }, (input, outPath, errPath))
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
        // In a group of its own, so that Ctrl-C is for the test alone; and what that does with signals is
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
            throw TestFailure("\(path) cannot be started: \(unsafe String(cString: strerror(error)))")
        }
        return process
    }

    package var isRunning: Bool { ended.withLock { isRunning(&$0) } }

    private func isRunning(_ ended: inout Int32?) -> Bool {
        guard ended == nil else { return false }
        var status: Int32 = 0
        if unsafe waitpid(id, &status, WNOHANG) == id { ended = status }
        return ended == nil
    }

    package func wait() {
        // Without taking its end away, so that nobody is held up who sends it a signal meanwhile.
        var info = unsafe siginfo_t()
        while isRunning { _ = unsafe waitid(P_PID, id_t(id), &info, WEXITED | WNOWAIT) }
    }

    /// - Returns: Whether it ended within that time. Looked at in ever longer steps, for many wait here at once.
    package func wait(seconds: Double) -> Bool {
        let end = Date().addingTimeInterval(seconds)
        var step: UInt32 = 1000
        while isRunning {
            if Date() >= end { return false }
            usleep(step)
            if seconds >= 10 { step = min(step * 2, 20_000) }
        }
        return true
    }

    /// Of a child that has ended. Negative: the signal it died of.
    package var status: Int32 {
        let status = ended.withLock { $0 } ?? 0
        let signal = status & 0x7F
        return signal == 0 ? (status >> 8) & 0xFF : -signal
    }

    package var out: String { text(outPath) }
    package var err: String { text(errPath) }

    private func text(_ path: String) -> String {
        String(decoding: FileManager.default.contents(atPath: path) ?? Data(), as: UTF8.self)
    }

    package func send(_ signal: Int32) {
        ended.withLock { if isRunning(&$0) { kill(id, signal) } }
    }
}
