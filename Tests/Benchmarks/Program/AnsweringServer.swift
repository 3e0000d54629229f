import Glibc

/// HTTP/1.1 on loopback, one thread, `poll`, no more than the benchmarks' clients say.
struct AnsweringServer {
    let port: UInt16
    private let listener: Int32
    /// The listener first, then the connections.
    private var watched: [pollfd]
    private var scanner = BillScanner()
    private var requests = 0
    /// What has come so far of each connection's next request, by its descriptor.
    private var inputs: [[UInt8]] = []
    private var reply: [UInt8] = []
    private var body: [UInt8] = []
    private var arrived = [UInt8](repeating: 0, count: 1 << 18)

    struct Failure: Error, CustomStringConvertible {
        let description: String
        init(_ call: String) { description = "\(call): error \(errno)" }
    }

    static func listen(port: UInt16) throws -> AnsweringServer {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard listener >= 0 else { throw Failure("socket") }
        var yes: Int32 = 1
        unsafe setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, 4)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let bound = unsafe withUnsafeMutablePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                unsafe bind(listener, address, length) == 0 && Glibc.listen(listener, 512) == 0
                    && getsockname(listener, address, &length) == 0
            }
        }
        guard bound else { throw Failure("bind") }
        return AnsweringServer(port: UInt16(bigEndian: address.sin_port), listener: listener)
    }

    private init(port: UInt16, listener: Int32) {
        self.port = port
        self.listener = listener
        watched = [pollfd(fd: listener, events: Int16(POLLIN), revents: 0)]
    }

    /// Serves until the process ends.
    mutating func serve() throws -> Never {
        while true {
            let count = unsafe poll(&watched, nfds_t(watched.count), -1)
            if count < 0, errno != EINTR { throw Failure("poll") }
            var index = watched.count
            while index > 1 {
                index -= 1
                if watched[index].revents != 0, !read(watched[index].fd) { watched.remove(at: index) }
            }
            if watched[0].revents != 0 { accept() }
        }
    }

    private mutating func accept() {
        let descriptor = Glibc.accept(listener, nil, nil)
        guard descriptor >= 0 else { return }
        var yes: Int32 = 1
        unsafe setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &yes, 4)
        while inputs.count <= Int(descriptor) { inputs.append([]) }
        inputs[Int(descriptor)].removeAll()
        watched.append(pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0))
    }

    /// Returns false once the other side is gone.
    private mutating func read(_ descriptor: Int32) -> Bool {
        let count = unsafe recv(descriptor, &arrived, arrived.count, 0)
        guard count > 0 else {
            close(descriptor)
            return false
        }
        var input: [UInt8] = []
        swap(&input, &inputs[Int(descriptor)])
        input.append(contentsOf: arrived[..<count])
        var used = 0
        reply.removeAll(keepingCapacity: true)
        while let request = Head(input.span, from: used), request.end <= input.count {
            answer(input.span, request)
            used = request.end
        }
        if used == input.count {
            input.removeAll(keepingCapacity: true)
        } else {
            input.removeFirst(used)
        }
        swap(&input, &inputs[Int(descriptor)])
        var sent = 0
        // Blocking: an answer fits into the socket's buffer, or its client reads it.
        while sent < reply.count {
            let rest = unsafe reply.withUnsafeBytes { bytes in
                unsafe send(
                    descriptor, bytes.baseAddress.map { unsafe $0 + sent }, bytes.count - sent,
                    Int32(MSG_NOSIGNAL))
            }
            guard rest > 0 else { break }
            sent += rest
        }
        return true
    }

    private mutating func answer(_ input: Span<UInt8>, _ request: Head) {
        requests += 1
        body.removeAll(keepingCapacity: true)
        switch request.call {
        case .add: scanner.answer(input.extracting(request.body), into: &body)
        case .configs: body.append(contentsOf: Self.configs.utf8)
        case .token:
            body.append(
                contentsOf: #"{"data":{"accessToken":"answered","ttlSeconds":86400},"errors":[]}"#.utf8)
        case .counts:
            body.append(contentsOf: #"{"requests":\#(requests),"items":\#(scanner.bills)}"#.utf8)
        // Every other read finds nothing.
        case .other:
            body.append(
                contentsOf:
                    #"{"pagination":{"limit":100,"offset":0,"total":0},"data":[],"warnings":[],"errors":[]}"#
                    .utf8)
        }
        reply.append(
            contentsOf: "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: ".utf8)
        reply.append(contentsOf: "\(body.count)\r\n\r\n".utf8)
        reply.append(contentsOf: body)
    }

    private static let configs = #"""
        {"response":{"status":{"success":"true","code":"200","message":"SUCCESS"},"organization":{"configs":{"config":[
        {"key":"CONF_LOYALTY_IS_BILL_NUMBER_UNIQUE","scopes":"ORG","value_type":"NUMERIC","modules":"LOYALTY",
        "entity_id":"4001","value":"1"}]}}}}
        """#
}

/// The first lines of a request: which call it is, and where its body is.
private struct Head {
    enum Call { case add, configs, token, counts, other }

    var call = Call.other
    var body: Range<Int>
    var end: Int { body.upperBound }

    /// Nil while the lines are not all there.
    init?(_ input: Span<UInt8>, from start: Int) {
        var line = start
        var length = 0
        while true {
            var at = line
            while at < input.count, input[at] != 10 { at += 1 }
            guard at < input.count else { return nil }
            if at - line <= 1 {
                body = at + 1..<at + 1 + length
                break
            }
            if Self.begins(input, line, "content-length:") {
                length = 0
                for byte in line + 15..<at where input[byte] >= 48 && input[byte] <= 57 {
                    length = length * 10 + Int(input[byte] - 48)
                }
            }
            line = at + 1
        }
        if Self.begins(input, start, "post /v2/transactions/bulk") {
            call = .add
        } else if Self.begins(input, start, "post /v3/oauth/token") {
            call = .token
        } else if Self.begins(input, start, "get /v1.1/organization/configs") {
            call = .configs
        } else if Self.begins(input, start, "get /_sandbox/counts") {
            call = .counts
        }
    }

    /// Whether this is there, but for case.
    private static func begins(_ input: Span<UInt8>, _ start: Int, _ words: StaticString) -> Bool {
        guard input.count - start >= words.utf8CodeUnitCount else { return false }
        for offset in 0..<words.utf8CodeUnitCount {
            var byte = input[start + offset]
            if byte >= 65, byte <= 90 { byte |= 32 }
            if unsafe byte != words.utf8Start[offset] { return false }
        }
        return true
    }
}
