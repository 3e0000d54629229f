import Logging
import Model

/// A sender whose requests and waits are logged: method, path, status, request id and time. Nothing of what a
/// request or a reply holds is, nor a part of a path that may name somebody.
struct LoggedSender: Sender {
    let sender: any Sender
    let logger: Logger
    /// Requests that carry records are told before looks are.
    let level: Logger.Level
    let now: @Sendable () -> Timestamp

    var usage: SenderUsage { sender.usage }

    func slot() async throws -> Slot { try await slot(for: nil) }

    func slot(for limit: CallLimit?) async throws -> Slot {
        let begun = now()
        do {
            let slot = try await sender.slot(for: limit)
            let waited = now().since(begun)
            if waited >= .milliseconds(5) {
                logger.trace(
                    "waited for the rate limit", metadata: ["ms": "\(waited.wholeMilliseconds)"])
            }
            return slot
        } catch let error as SlotError {
            logger.debug("no slot available", metadata: ["why": "\(error.code)"])
            throw error
        }
    }

    func send(_ request: Request, in slot: Slot) async -> Exchange {
        let call = "\(request.method.rawValue) \(Self.harmless(request.target))"
        logger.log(
            level: level, "request",
            metadata: ["call": "\(call)", "bytes": "\(request.body.count)"])
        let begun = now()
        let exchange = await sender.send(request, in: slot)
        var metadata: Logger.Metadata = [
            "call": "\(call)", "ms": "\(now().since(begun).wholeMilliseconds)",
        ]
        switch exchange {
        case .reply(let reply):
            metadata["status"] = "\(reply.status)"
            metadata["bytes"] = "\(reply.body.count)"
            if let id = reply.requestID { metadata["request_id"] = "\(id)" }
            logger.log(level: level, "reply", metadata: metadata)
        case .notSent(let trouble):
            metadata["trouble"] = "\(trouble.code.rawValue)"
            logger.log(level: level, "not sent: \(trouble.message)", metadata: metadata)
        case .unanswered(let trouble):
            metadata["trouble"] = "\(trouble.code.rawValue)"
            logger.log(level: level, "no answer: \(trouble.message)", metadata: metadata)
        }
        return exchange
    }

    /// The path without its query, and without parts that are no word of the API: numbers, keys, codes.
    static func harmless(_ target: String) -> String {
        let path = target.prefix { $0 != "?" }
        let parts = path.split(separator: "/")
        return "/"
            + parts.enumerated().map { index, part in
                let isVersion =
                    part.first == "v" && part.dropFirst().allSatisfy { $0.isNumber || $0 == "." }
                let isWord = part.allSatisfy { $0.isASCII && ($0.isLetter || $0 == "_" || $0 == "-") }
                // After the third, what looks like a word may be a key.
                return isVersion || isWord && index < 3 ? String(part) : "*"
            }.joined(separator: "/")
    }
}

extension Duration {
    fileprivate var wholeMilliseconds: Int64 { Int64(self / .milliseconds(1)) }
}

extension Execution {
    /// What is decided, without the words of the server, which may name somebody.
    func log(_ words: String, _ values: @autoclosure () -> [String: String] = [:]) {
        logger.debug("\(words)", metadata: values().mapValues { .string($0) })
    }

    /// The end of a request that carried records.
    func log(_ end: RequestPipeline.End, of sent: [Ticket]) {
        guard logger.logLevel <= .debug else { return }
        var metadata: Logger.Metadata = ["records": "\(sent.count)"]
        if let first = sent.first?.number { metadata["first"] = "\(first)" }
        func refused(_ refusal: Refusal) -> String {
            metadata["reason"] = "\(refusal.reason.code)"
            if let code = refusal.serverCode { metadata["code"] = "\(code)" }
            return ""
        }
        let words: String
        switch end {
        case .noSlot: words = "no slot: nothing was sent"
        case .calledBack: words = "cancelled before it was sent"
        case .taken(let indices): words = "\(indices.count) belong to another run: nothing was sent"
        case .unfit(let unfit): words = "\(unfit.count) may not be sent as they are"
        case .notSent: words = "sent again later: it was not sent"
        case .lost(let refusal, let attempt, _):
            metadata["attempt"] = "\(attempt)"
            words = refused(refusal) + "in doubt: to be looked up"
        case .bare(let refusal, let attempt):
            metadata["attempt"] = "\(attempt)"
            words = refused(refusal) + "rejected as a whole: checking whether anything was done"
        case .again(_, let status):
            metadata["status"] = "\(status)"
            words = "sent again later: nothing was done"
        case .split(let refusal): words = refused(refusal) + "rejected as a whole: sent again in parts"
        case .unauthorized: words = "the credentials were not accepted"
        case .refused(let refusal):
            words = refused(refusal) + "everything is rejected: confirming with one record"
        case .underWay(let attempt, _):
            metadata["attempt"] = "\(attempt)"
            words = "the server is processing it"
        case .unproved(let attempt, _):
            metadata["attempt"] = "\(attempt)"
            words = "its job proves nothing about single rows"
        case .each(let dispositions, let attempt, _):
            metadata["attempt"] = "\(attempt)"
            let counts = Dictionary(grouping: dispositions, by: \.word).mapValues(\.count)
            words = counts.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }
                .joined(separator: ", ")
        }
        logger.debug("\(words)", metadata: metadata)
    }
}

extension Disposition {
    fileprivate var word: String {
        switch self {
        case .accepted: "accepted"
        case .rejected: "rejected"
        case .exists: "on the server already"
        case .parked: "parked"
        case .again: "to be sent again"
        case .inDoubt: "in doubt"
        case .unbound: "in doubt: the reply does not say which record"
        }
    }
}
