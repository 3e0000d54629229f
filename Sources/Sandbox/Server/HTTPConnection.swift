import Glibc
import NIOCore
import NIOHTTP1

/// One client's socket: collects a request, hands it to the ``Service``, and carries out what that
/// decides, an answer or any of the ways not to give one.
///
/// Used on the event loop alone, so it is `@unchecked`.
final class HTTPConnection: ChannelInboundHandler, @unchecked Sendable {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    /// Bytes of a body, at most.
    private static let bodyLimit = 64 << 20

    private let service: Service
    private var context: ChannelHandlerContext?
    private var call: Call?
    private var troubles: [Trouble] = []
    private var body: [UInt8] = []
    private var keepsAlive = true
    private var served = 0
    private var isTooLarge = false
    /// Nothing is done for such a request.
    private var refusal: Answer?
    private var isCut = false

    init(_ service: Service) { self.service = service }

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }
    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

    func channelActive(context: ChannelHandlerContext) {
        service.opened(self)
        context.fireChannelActive()
    }

    func channelInactive(context: ChannelHandlerContext) {
        service.closed(self)
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !isCut else { return }
        switch unwrapInboundIn(data) {
        case .head(var head):
            refusal = AccessCheck.refusal(&head, service.options)
            let call = Call(head, queuePath: service.options.queuePath)
            keepsAlive = head.isKeepAlive
            body.removeAll(keepingCapacity: true)
            isTooLarge = false
            troubles = refusal == nil ? service.meet(call, reused: served > 0) : []
            served += 1
            self.call = call
            if let trouble = troubles.first(where: { $0.fault.kind == .cutRequest }) {
                service.cutShort(call)
                self.call = nil
                return cut(reset: trouble.fault.resets)
            }
            if call.header("expect")?.lowercased() == "100-continue" {
                context.writeAndFlush(
                    wrapOutboundOut(.head(HTTPResponseHead(version: .http1_1, status: .continue))),
                    promise: nil)
            }
        case .body(let part):
            if body.count + part.readableBytes > HTTPConnection.bodyLimit {
                isTooLarge = true
            } else {
                body.append(contentsOf: part.readableBytesView)
            }
        case .end:
            guard var call else { return }
            self.call = nil
            if let refusal { return send(refusal) }
            if isTooLarge { return send(Answer(status: 413)) }
            // The handler is done with the body before the next request is read, so it is lent.
            swap(&call.body, &body)
            service.serve(call, troubles, on: self)
        }
    }

    /// A whole answer.
    func send(_ answer: Answer) {
        start(answer, length: answer.body.count)
        write(answer.body)
        finish()
    }

    /// The first part of an answer that claims to be longer, then the end of the connection.
    func sendHalf(_ answer: Answer, reset: Bool) {
        start(answer, length: answer.body.count)
        write(Array(answer.body.prefix(answer.body.count / 2)))
        context?.flush()
        // Later, so that the bytes are out before a reset throws away what is not.
        service.after(.milliseconds(20)) { self.cut(reset: reset) }
    }

    /// A whole answer, a byte each `pause`.
    func trickle(_ answer: Answer, pause: Duration) {
        start(answer, length: answer.body.count)
        context?.flush()
        trickle(answer.body, from: 0, pause: pause)
    }

    private func trickle(_ bytes: [UInt8], from: Int, pause: Duration) {
        guard isOpen else { return }
        if from == bytes.count { return finish() }
        write([bytes[from]])
        context?.flush()
        service.after(pause) { self.trickle(bytes, from: from + 1, pause: pause) }
    }

    /// A whole answer, blown up by white space to `size` bytes.
    func blowUp(_ answer: Answer, size: Int) {
        let padding = max(0, size - answer.body.count)
        start(answer, length: answer.body.count + padding)
        write(Array(answer.body.dropLast()))
        pad(padding, then: answer.body.suffix(1))
    }

    private func pad(_ bytes: Int, then last: ArraySlice<UInt8>) {
        guard isOpen, let context else { return }
        if bytes == 0 {
            write(Array(last))
            return finish()
        }
        let step = min(bytes, 1 << 18)
        let promise = context.eventLoop.makePromise(of: Void.self)
        promise.futureResult.assumeIsolated().whenSuccess { self.pad(bytes - step, then: last) }
        write(Array(repeating: 0x20, count: step), promise)
        context.flush()
    }

    /// An answer that begins well and continues in white space until the client has enough.
    func sendWithoutEnd(_ answer: Answer) {
        start(answer, length: nil)
        write(Array(answer.body.dropLast()))
        context?.flush()
        goOn()
    }

    private func goOn() {
        guard isOpen else { return }
        write(Array(repeating: 0x20, count: 1024))
        context?.flush()
        service.after(.milliseconds(10)) { self.goOn() }
    }

    /// The end of the connection: by a reset, or in good order.
    func cut(reset: Bool) {
        guard !isCut else { return }
        isCut = true
        guard let context else { return }
        if reset, let socket = context.channel as? any SocketOptionProvider {
            // No lingering: closing sends RST and throws away what is unsent.
            socket.setSoLinger(linger(l_onoff: 1, l_linger: 0)).assumeIsolated().whenComplete { _ in
                self.context?.close(promise: nil)
            }
        } else {
            context.close(promise: nil)
        }
    }

    private var isOpen: Bool { !isCut && context?.channel.isActive == true }

    private func start(_ answer: Answer, length: Int?) {
        guard isOpen, let context else { return }
        var headers = HTTPHeaders()
        headers.reserveCapacity(8)
        headers.add(name: "Content-Type", value: answer.isHTML ? "text/html" : "application/json")
        if let length {
            headers.add(name: "Content-Length", value: String(length))
        } else {
            headers.add(name: "Transfer-Encoding", value: "chunked")
        }
        if !keepsAlive { headers.add(name: "Connection", value: "close") }
        for (name, value) in answer.headers { headers.add(name: name, value: value) }
        let head = HTTPResponseHead(
            version: .http1_1, status: HTTPResponseStatus(statusCode: answer.status), headers: headers)
        context.write(wrapOutboundOut(.head(head)), promise: nil)
    }

    private func write(_ bytes: [UInt8], _ promise: EventLoopPromise<Void>? = nil) {
        guard isOpen, let context else {
            promise?.fail(ChannelError.ioOnClosedChannel)
            return
        }
        guard !bytes.isEmpty else {
            promise?.succeed()
            return
        }
        var buffer = context.channel.allocator.buffer(capacity: bytes.count)
        buffer.writeBytes(bytes)
        context.write(wrapOutboundOut(.body(.byteBuffer(buffer))), promise: promise)
    }

    private func finish() {
        guard isOpen, let context else { return }
        if keepsAlive {
            context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        } else {
            isCut = true
            context.writeAndFlush(wrapOutboundOut(.end(nil))).assumeIsolated().whenComplete { _ in
                self.context?.close(promise: nil)
            }
        }
    }
}
