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
                    "rate limit", metadata: ["ms": "\(waited.wholeMilliseconds)"])
            }
            return slot
        } catch let error as SlotError {
            logger.debug("no slot", metadata: ["why": "\(error.code)"])
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
    func log(_ event: String, _ values: @autoclosure () -> [String: String] = [:]) {
        logger.debug("\(event)", metadata: values().mapValues { .string($0) })
    }

    /// The end of a request that carried records.
    func log(_ end: RequestPipeline.End, of sent: [Ticket]) {
        guard logger.logLevel <= .debug else { return }
        var metadata: Logger.Metadata = ["records": "\(sent.count)"]
        if let first = sent.first?.number { metadata["first"] = "\(first)" }
        func note(_ refusal: Refusal) {
            metadata["reason"] = "\(refusal.reason.code)"
            if let code = refusal.serverCode { metadata["code"] = "\(code)" }
        }
        let event: String
        switch end {
        case .noSlot: (event, metadata["why"]) = ("unsent", "slot")
        case .calledBack: (event, metadata["why"]) = ("unsent", "stop")
        case .taken(let indices):
            metadata["taken"] = "\(indices.count)"
            (event, metadata["why"]) = ("unsent", "taken")
        case .unfit(let unfit):
            metadata["unfit"] = "\(unfit.count)"
            (event, metadata["why"]) = ("unsent", "unfit")
        case .notSent: (event, metadata["why"]) = ("unsent", "trouble")
        case .lost(let refusal, let attempt, _):
            note(refusal)
            metadata["attempt"] = "\(attempt)"
            event = "in doubt"
        case .bare(let refusal, let attempt):
            note(refusal)
            metadata["attempt"] = "\(attempt)"
            event = "rejected: checking"
        case .again(_, let status):
            metadata["status"] = "\(status)"
            event = "undone"
        case .split(let refusal):
            note(refusal)
            event = "rejected: dividing"
        case .unauthorized: event = "unauthorized"
        case .refused(let refusal):
            note(refusal)
            event = "rejected: confirming"
        case .underWay(let attempt, _):
            metadata["attempt"] = "\(attempt)"
            event = "job: following"
        case .unproved(let attempt, _):
            metadata["attempt"] = "\(attempt)"
            event = "job: unproved"
        case .each(let dispositions, let attempt, _):
            metadata["attempt"] = "\(attempt)"
            for (name, all) in Dictionary(grouping: dispositions, by: \.name) {
                metadata[name] = "\(all.count)"
            }
            event = "answered"
        }
        logger.debug("\(event)", metadata: metadata)
    }
}

extension Disposition {
    /// Under which its count is logged.
    fileprivate var name: String {
        switch self {
        case .accepted: "accepted"
        case .rejected: "rejected"
        case .exists: "exists"
        case .parked: "parked"
        case .again: "again"
        case .inDoubt: "in_doubt"
        case .unbound: "unbound"
        }
    }
}
