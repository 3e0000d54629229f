import Foundation
import Glibc

/// One connection to a sandbox, spoken by hand, so that a test sees exactly how it ends.
final class Wire {
    /// What came of a request.
    enum Outcome: Equatable {
        case reply(WireReply)
        /// An orderly end, after that many bytes.
        case closed(after: Int)
        /// A reset, after that many bytes.
        case reset(after: Int)
        /// Nothing within the time the test waits.
        case silence(after: Int)

        var reply: WireReply? { if case .reply(let reply) = self { reply } else { nil } }
        var isSilence: Bool { if case .silence = self { true } else { false } }
    }

    private var descriptor: Int32

    /// - Parameter patience: How long a read waits, in milliseconds.
    init(_ port: Int, patience: Int = 10_000) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let result = unsafe withUnsafePointer(to: &address) {
            unsafe $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe connect(descriptor, $0, size)
            }
        }
        guard result == 0 else { throw POSIXError(.ECONNREFUSED) }
        var wait = timeval(tv_sec: patience / 1000, tv_usec: patience % 1000 * 1000)
        _ = unsafe setsockopt(
            descriptor, SOL_SOCKET, SO_RCVTIMEO, &wait, socklen_t(MemoryLayout<timeval>.size))
    }

    deinit { hangUp() }

    /// Ends the connection from this side.
    func hangUp() {
        if descriptor >= 0 { _ = close(descriptor) }
        descriptor = -1
    }

    func write(_ bytes: [UInt8]) {
        var at = 0
        while at < bytes.count {
            let sent = unsafe bytes.withUnsafeBytes {
                unsafe send(descriptor, $0.baseAddress! + at, bytes.count - at, Int32(MSG_NOSIGNAL))
            }
            guard sent > 0 else { return }
            at += sent
        }
    }

    /// Sends a request and waits for what comes of it.
    ///
    /// - Parameter most: Gives up after this many bytes of an answer.
    func ask(
        _ method: String, _ target: String, headers: [String: String] = [:], body: [UInt8] = [],
        most: Int = .max
    ) -> Outcome {
        let host = headers["Host"] ?? "127.0.0.1"
        var text =
            "\(method) \(target) HTTP/1.1\r\nHost: \(host)\r\nContent-Length: \(body.count)\r\n"
        for (name, value) in headers where name != "Host" { text += "\(name): \(value)\r\n" }
        write(Array((text + "\r\n").utf8) + body)
        return read(most: most)
    }

    func read(most: Int = .max) -> Outcome {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            if let reply = WireReply(bytes) { return .reply(reply) }
            if bytes.count > most { return .silence(after: bytes.count) }
            let count = unsafe recv(descriptor, &buffer, buffer.count, 0)
            if count > 0 {
                bytes.append(contentsOf: buffer[..<count])
            } else if count == 0 {
                return .closed(after: bytes.count)
            } else {
                return errno == ECONNRESET || errno == EPIPE
                    ? .reset(after: bytes.count) : .silence(after: bytes.count)
            }
        }
    }
}

/// A whole answer.
struct WireReply: Equatable {
    var status: Int
    /// Names in lower case.
    var headers: [String: String]
    var body: [UInt8]

    /// Nil as long as the bytes are not a whole answer.
    init?(_ bytes: [UInt8]) {
        let text = bytes.prefix(4096)
        guard
            let end = text.indices.dropLast(3).first(where: {
                text[$0...].starts(with: "\r\n\r\n".utf8)
            })
        else { return nil }
        let lines = String(decoding: bytes[..<end], as: UTF8.self).components(separatedBy: "\r\n")
        guard let status = Int(lines[0].split(separator: " ")[1]) else { return nil }
        self.status = status
        headers = [:]
        for line in lines.dropFirst() {
            guard let colon = line.firstIndex(of: ":") else { continue }
            headers[line[..<colon].lowercased()] =
                line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces)
        }
        body = Array(bytes[(end + 4)...])
        guard let length = headers["content-length"].flatMap({ Int($0) }), body.count >= length else {
            return nil
        }
    }

    /// The body, if it is JSON.
    var json: JSON? { try? JSONDecoder().decode(JSON.self, from: Data(body)) }
    var text: String { String(decoding: body, as: UTF8.self) }
}

/// JSON for reading in tests.
enum JSON: Decodable, Equatable {
    case object([String: JSON]), array([JSON]), string(String), number(Double), bool(Bool), null

    init(from decoder: any Decoder) throws {
        let box = try decoder.singleValueContainer()
        if box.decodeNil() {
            self = .null
        } else if let value = try? box.decode(Bool.self) {
            self = .bool(value)
        } else if let value = try? box.decode(Double.self) {
            self = .number(value)
        } else if let value = try? box.decode(String.self) {
            self = .string(value)
        } else if let value = try? box.decode([JSON].self) {
            self = .array(value)
        } else {
            self = .object(try box.decode([String: JSON].self))
        }
    }

    subscript(_ name: String) -> JSON? {
        if case .object(let members) = self { members[name] } else { nil }
    }
    subscript(_ index: Int) -> JSON? {
        if case .array(let list) = self, list.indices.contains(index) { list[index] } else { nil }
    }
    var list: [JSON] { if case .array(let list) = self { list } else { [] } }
    var int: Int? { if case .number(let value) = self { Int(value) } else { nil } }
    var double: Double? { if case .number(let value) = self { value } else { nil } }
    var string: String? { if case .string(let value) = self { value } else { nil } }
}
