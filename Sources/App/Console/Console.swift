import Foundation
import Reports
import Synchronization

/// Results go to stdout, everything else to stderr.
package enum Console {
    static let isTerminal =
        isatty(STDERR_FILENO) == 1 && ProcessInfo.processInfo.environment["TERM"] != "dumb"

    /// Set once a result could not be written: the command has not done what it was requested.
    private static let hasLostOutput = Atomic(false)

    /// A part of the result could not be written.
    package static var isOutputLost: Bool { hasLostOutput.load(ordering: .relaxed) }

    private static let isMuted = Atomic(false)

    /// Runs one of several whose results are printed together at their end: it prints none of its own.
    static func muted<Value>(if isPart: Bool, _ body: () async throws -> Value) async throws
        -> Value
    {
        let before = isMuted.exchange(isPart, ordering: .relaxed)
        defer { isMuted.store(before, ordering: .relaxed) }
        return try await body()
    }

    /// Keeps files that are opened later from standing where a closed standard stream was, and being printed
    /// into: what is written to such a stream fails, as it does without a reader.
    package static func guardStreams() {
        for descriptor in STDIN_FILENO...STDERR_FILENO where fcntl(descriptor, F_GETFD) < 0 {
            let flags = descriptor == STDERR_FILENO ? O_WRONLY : O_RDONLY
            let opened = unsafe open("/dev/null", flags)
            if opened >= 0, opened != descriptor {
                _ = dup2(opened, descriptor)
                close(opened)
            }
        }
    }

    /// Says that an empty file is passed over.
    static func passOver(_ name: String) { warn(InputText.passedOver(name)) }

    /// Writes a line of the result to stdout.
    package static func print(_ text: String) { put(Array((text + "\n").utf8)) }

    /// Writes a part of the result.
    ///
    /// - Returns: Whether anybody takes more: false once a pipe's reader has gone away, or the disk is full.
    @discardableResult package static func put(_ bytes: [UInt8]) -> Bool {
        if isMuted.load(ordering: .relaxed) { return true }
        let trouble = write(bytes, to: STDOUT_FILENO)
        // A reader that has seen enough is nobody's trouble.
        if trouble == 0 || trouble == EPIPE { return trouble == 0 }
        if !hasLostOutput.exchange(true, ordering: .relaxed) {
            complain(
                "standard output: \(unsafe String(cString: strerror(trouble))); the result is not whole"
            )
        }
        return false
    }

    /// A result for programs.
    package static func json(_ document: [String: Any]) throws -> String {
        String(
            decoding: try JSONSerialization.data(
                withJSONObject: document,
                options: [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]),
            as: UTF8.self)
    }

    /// Hands a whole result over: into a new file where one was requested.
    ///
    /// - Throws: ``Failure`` where the file is there already; nothing is overwritten.
    static func deliver(_ text: String, to output: String?, quiet: Bool) throws {
        guard let output else {
            put(Array(text.utf8))
            return
        }
        try newFile(output) { try NewFile.write(text, to: output) }
        if !quiet { warn(output) }
    }

    /// Makes a file by `body`.
    ///
    /// - Throws: ``Failure`` where one of that name is there already.
    static func newFile<Value>(_ path: String, _ body: () throws -> Value) throws -> Value {
        do {
            return try body()
        } catch let error as CocoaError where error.code == .fileWriteFileExists {
            throw Failure(.usage, "\(path) exists already and is not overwritten.")
        }
    }

    /// Writes a line to stderr.
    package static func warn(_ text: String) { _ = write(Array((text + "\n").utf8), to: STDERR_FILENO) }

    /// Writes a question to stderr; the answer comes on the same line.
    static func prompt(_ text: String) { _ = write(Array(text.utf8), to: STDERR_FILENO) }

    /// Writes why the command does not do what was asked, to stderr.
    package static func complain(_ text: String) { warn("sluice: " + text) }

    /// Replaces the line that the cursor is on.
    static func redraw(_ line: String) {
        _ = write(Array(("\r\u{1B}[2K" + line).utf8), to: STDERR_FILENO)
    }

    static func clearLine() { if isTerminal { redraw("") } }

    static var width: Int {
        var size = winsize()
        let answer = unsafe ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size)
        return answer == 0 && size.ws_col > 20 ? Int(size.ws_col) : 80
    }

    /// Whether results are read on a screen.
    package static var isOutputTerminal: Bool {
        isatty(STDOUT_FILENO) == 1 && ProcessInfo.processInfo.environment["TERM"] != "dumb"
    }

    /// Of tables on stdout: the terminal's width; else what `COLUMNS` says.
    static var outputWidth: Int {
        var size = winsize()
        let answer = unsafe ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size)
        if answer == 0, size.ws_col > 20 { return Int(size.ws_col) }
        let said = ProcessInfo.processInfo.environment["COLUMNS"].flatMap { Int($0) }
        return said.flatMap { $0 > 20 ? $0 : nil } ?? 100
    }

    /// Of running text on stdout: the terminal's width, at most what is read well.
    package static var helpWidth: Int {
        var size = winsize()
        let answer = unsafe ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size)
        return answer == 0 && size.ws_col > 40 ? min(Int(size.ws_col), 100) : 80
    }

    /// Writes all of it.
    ///
    /// - Returns: 0, or the error that kept it from that.
    private static func write(_ bytes: [UInt8], to descriptor: Int32) -> Int32 {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = unsafe rest.withUnsafeBytes {
                unsafe Glibc.write(descriptor, $0.baseAddress, $0.count)
            }
            if count < 0 {
                if errno == EINTR { continue }
                guard errno == EAGAIN else { return errno }
                var descriptor = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                _ = unsafe poll(&descriptor, 1, 1000)
                continue
            }
            rest = rest.dropFirst(count)
        }
        return 0
    }
}
