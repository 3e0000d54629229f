import Foundation
import Glibc
import Model
import Synchronization

/// A server on loopback that does to each request what a script says, on raw sockets.
///
/// A thread for each connection. It counts what it has read in full, which is when a real server
/// would book.
final class ScriptServer: Sendable {
    struct Seen: Sendable {
        var method = ""
        var target = ""
        var version = ""
        var headers: [Header] = []
        var body: [UInt8] = []
        /// 0, 1, … in the order of the connections.
        var connection = 0
        /// 0, 1, … in the order of the requests on that connection.
        var index = 0

        func header(_ name: String) -> String? {
            headers.first { $0.name.lowercased() == name.lowercased() }?.value
        }
    }
    enum Step: Sendable {
        case send([UInt8])
        case sleep(milliseconds: Int)
        /// An orderly end, as a server does that has had enough.
        case fin
        /// What a crash or a firewall does.
        case reset
        /// Nothing more, until the client goes.
        case hang
    }
    typealias Script = @Sendable (Seen) -> [Step]
    /// Asked when the first bytes of a request lie unread in the socket.
    typealias Early = @Sendable (_ connection: Int, _ index: Int) -> Step?

    private struct State {
        var seen: [Seen] = []
        var connections = 0
        var open: Set<Int32> = []
        var stopped = false
    }
    private let state = Mutex(State())
    private let listener: Int32
    let port: Int

    init(early: @escaping Early = { _, _ in nil }, script: @escaping Script) throws {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let bound = unsafe withUnsafeMutablePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                unsafe bind(listener, pointer, length) == 0 && listen(listener, 256) == 0
                    && getsockname(listener, pointer, &length) == 0
            }
        }
        guard bound else { throw POSIXError(.EADDRNOTAVAIL) }
        self.listener = listener
        port = Int(UInt16(bigEndian: address.sin_port))
        Thread.detachNewThread { [self] in accept(early, script) }
    }

    var url: String { "http://127.0.0.1:\(port)" }
    /// The requests read in full, in the order of their arrival.
    var seen: [Seen] { state.withLock { $0.seen } }
    var connections: Int { state.withLock { $0.connections } }

    func stop() {
        state.withLock { state in
            guard !state.stopped else { return }
            state.stopped = true
            shutdown(listener, Int32(SHUT_RDWR))
            for socket in state.open { shutdown(socket, Int32(SHUT_RDWR)) }
        }
    }

    static func reply(_ status: Int, _ body: String = "{}", headers: [String] = []) -> [UInt8] {
        let head = ["HTTP/1.1 \(status) x", "Content-Length: \(body.utf8.count)"] + headers
        return Array((head.joined(separator: "\r\n") + "\r\n\r\n" + body).utf8)
    }

    private func accept(_ early: @escaping Early, _ script: @escaping Script) {
        while true {
            let socket = Glibc.accept(listener, nil, nil)
            guard socket >= 0 else { break }
            var yes: Int32 = 1
            unsafe setsockopt(socket, Int32(IPPROTO_TCP), TCP_NODELAY, &yes, socklen_t(4))
            let number: Int? = state.withLock { state in
                guard !state.stopped else { return nil }
                state.open.insert(socket)
                state.connections += 1
                return state.connections - 1
            }
            guard let number else {
                close(socket)
                break
            }
            Thread.detachNewThread { [self] in serve(socket, number, early, script) }
        }
        close(listener)
    }

    private func serve(_ socket: Int32, _ number: Int, _ early: Early, _ script: Script) {
        defer {
            state.withLock { state in
                state.open.remove(socket)
                _ = close(socket)
            }
        }
        var buffer: [UInt8] = []
        for index in 0... {
            if buffer.isEmpty {
                var waiting = pollfd(fd: socket, events: Int16(POLLIN), revents: 0)
                _ = unsafe poll(&waiting, 1, -1)
                var one: UInt8 = 0
                if unsafe recv(socket, &one, 1, Int32(MSG_PEEK)) <= 0 { return }
                if let step = early(number, index), !perform(step, socket) { return }
            }
            guard var seen = read(socket, &buffer) else { return }
            seen.connection = number
            seen.index = index
            let steps = script(seen)
            state.withLock { $0.seen.append(seen) }
            for step in steps where !perform(step, socket) { return }
        }
    }

    /// False where the connection is at its end.
    private func perform(_ step: Step, _ socket: Int32) -> Bool {
        switch step {
        case .send(let bytes):
            var rest = bytes[...]
            while !rest.isEmpty {
                let count = unsafe rest.withUnsafeBytes {
                    unsafe Glibc.send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
                }
                guard count > 0 else { return false }
                rest = rest.dropFirst(count)
            }
            return true
        case .sleep(let milliseconds):
            usleep(UInt32(milliseconds) * 1000)
            return true
        case .fin:
            // Until the client has seen the end: closing with unread bytes would send a reset.
            shutdown(socket, Int32(SHUT_WR))
            drain(socket)
            return false
        case .reset:
            var now = linger(l_onoff: 1, l_linger: 0)
            unsafe setsockopt(
                socket, SOL_SOCKET, SO_LINGER, &now, socklen_t(MemoryLayout<linger>.size))
            return false
        case .hang:
            drain(socket)
            return false
        }
    }

    private func drain(_ socket: Int32) {
        var rest = [UInt8](repeating: 0, count: 65_536)
        while unsafe recv(socket, &rest, rest.count, 0) > 0 {}
    }

    /// One request; nil at the end of the connection.
    private func read(_ socket: Int32, _ buffer: inout [UInt8]) -> Seen? {
        var chunk = [UInt8](repeating: 0, count: 65_536)
        var headEnd: Int?
        while true {
            if headEnd == nil, let end = buffer.firstRange(of: Array("\r\n\r\n".utf8)) {
                headEnd = end.upperBound
            }
            if let headEnd {
                var seen = head(buffer[..<headEnd])
                let length = Int(seen.header("Content-Length") ?? "0") ?? 0
                if buffer.count >= headEnd + length {
                    seen.body = Array(buffer[headEnd..<headEnd + length])
                    buffer.removeFirst(headEnd + length)
                    return seen
                }
            }
            let count = unsafe recv(socket, &chunk, chunk.count, 0)
            guard count > 0 else { return nil }
            buffer.append(contentsOf: chunk[..<count])
        }
    }

    private func head(_ bytes: ArraySlice<UInt8>) -> Seen {
        let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\r\n")
        let first = (lines.first ?? "").split(separator: " ").map(String.init)
        var seen = Seen()
        if first.count == 3 {
            (seen.method, seen.target, seen.version) = (first[0], first[1], first[2])
        }
        seen.headers = lines.dropFirst().compactMap { line in
            guard let colon = line.firstIndex(of: ":") else { return nil }
            return Header(
                String(line[..<colon]),
                line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces))
        }
        return seen
    }
}
