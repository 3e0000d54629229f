import Foundation

/// Results go to stdout, everything else to stderr.
enum Console {
    static let isTerminal =
        isatty(STDERR_FILENO) == 1 && ProcessInfo.processInfo.environment["TERM"] != "dumb"

    static func print(_ text: String) { write(Array((text + "\n").utf8), to: STDOUT_FILENO) }

    static func warn(_ text: String) { write(Array((text + "\n").utf8), to: STDERR_FILENO) }

    static func complain(_ text: String) { warn("sluice: " + text) }

    /// Replaces the line that the cursor is on.
    static func redraw(_ line: String) { write(Array(("\r\u{1B}[2K" + line).utf8), to: STDERR_FILENO) }

    static func clearLine() { if isTerminal { redraw("") } }

    static var width: Int {
        var size = winsize()
        let answer = unsafe ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size)
        return answer == 0 && size.ws_col > 20 ? Int(size.ws_col) : 80
    }

    /// Writes all of it; a reader that went away ends the process quietly, as a pipe's writer should.
    static func write(_ bytes: [UInt8], to descriptor: Int32) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = unsafe rest.withUnsafeBytes {
                unsafe Glibc.write(descriptor, $0.baseAddress, $0.count)
            }
            if count < 0 {
                if errno == EINTR || errno == EAGAIN { continue }
                if descriptor == STDOUT_FILENO, errno == EPIPE { Foundation.exit(0) }
                return
            }
            rest = rest.dropFirst(count)
        }
    }
}
