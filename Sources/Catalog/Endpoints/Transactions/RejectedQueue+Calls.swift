package import Model
import Records

/// A call on its way: the next request and how to read its reply, or the result.
package indirect enum CallStep<Value: Sendable>: Sendable {
    case ask(Request, then: @Sendable (Reply) -> CallStep<Value>)
    case done(Value)
    case unclear(Refusal)
}

// What can be done to entries of the queue.
//
// Source: Rejected queue, Retrigger; Rejected queue, Retrigger status; Rejected queue, Mark as failed.
extension RejectedQueue {
    /// How far a retrigger is: bills by state.
    package struct Count: Sendable, Equatable {
        /// Booked.
        package var success = 0
        /// No error is left, and not sent again yet.
        package var fixed = 0
        /// Sent again as often as the server does.
        package var maxOut = 0
        /// Sent again, outcome open.
        package var replayed = 0

        package init() {}
    }

    /// The most bills a call names; the sources set no limit.
    package static let callLimit = 100

    /// Checks these bills again and replays those whose causes are gone.
    ///
    /// Source: Rejected queue, Retrigger. Unconfirmed: the body, which is taken from markFailed's; where the reply
    /// has the id.
    ///
    /// - Returns: The id to follow it by; nil where the reply has none.
    package static func retrigger(_ bills: [String]) -> CallStep<String?> {
        call(.post, "/retrigger", body(["transactionNumber": bills])) { json in
            for holder in [
                json.root, json.member("data", of: json.root), json.member("entity", of: json.root),
            ] {
                if let id = json.scalar(json.member("retriggerId", of: holder)) { return .done(id) }
            }
            return .done(nil)
        }
    }

    /// How far a retrigger is.
    package static func status(of id: String) -> CallStep<Count> {
        call(.get, "/retriggerStatus/" + pathSegment(id), []) { json in
            let holder = [json.root, json.member("data", of: json.root)]
                .compactMap { json.member("status", of: $0) }.first(where: json.isObject)
            guard let holder else {
                return .unclear(
                    Refusal(.unboundAnswer, message: "the status of a retrigger has no counts"))
            }
            var count = Count()
            count.success = json.integer(json.member("success", of: holder)) ?? 0
            count.fixed = json.integer(json.member("fixed", of: holder)) ?? 0
            count.maxOut = json.integer(json.member("maxOut", of: holder)) ?? 0
            count.replayed = json.integer(json.member("replayed", of: holder)) ?? 0
            return .done(count)
        }
    }

    /// Gives bills up for good.
    ///
    /// - Parameters:
    ///   - bills: Those; empty: every bill of that error code.
    ///   - comment: Why, kept by the server.
    package static func markFailed(_ bills: [String], errorCode: Int?, comment: String) -> CallStep<
        Bool
    > {
        var selection: [String: [String]] = [:]
        if !bills.isEmpty { selection["transactionNumber"] = bills }
        if let errorCode { selection["errorCode"] = [String(errorCode)] }
        return call(.put, "/markFailed", body(selection, comment: comment)) { json in
            .done(json.boolean(json.member("result", of: json.root)) ?? true)
        }
    }

    /// A call at the first of the two paths that is there.
    private static func call<Value: Sendable>(
        _ method: Request.Method, _ tail: String, _ body: [UInt8], at path: Int = 0,
        read: @escaping @Sendable (JSON) -> CallStep<Value>
    ) -> CallStep<Value> {
        let request = Request(
            method, paths[path] + tail,
            headers: body.isEmpty ? [] : [Header("Content-Type", "application/json")], body: body,
            adds: method == .post)
        return .ask(request) { reply in
            if reply.status == 404, path + 1 < paths.count {
                return call(method, tail, body, at: path + 1, read: read)
            }
            guard (200..<300).contains(reply.status), let json = JSON(reply.body) else {
                let json = JSON(reply.body)
                let complaints = json.map { $0.complaints($0.member("errors", of: $0.root)) } ?? []
                return .unclear(LookReply.unclear(reply, complaints))
            }
            let complaints = json.complaints(json.member("errors", of: json.root))
            guard complaints.isEmpty else { return .unclear(LookReply.unclear(reply, complaints)) }
            return read(json)
        }
    }

    private static func body(_ lists: [String: [String]], comment: String? = nil) -> [UInt8] {
        var out: [UInt8] = [UInt8(ascii: "{")]
        for (name, values) in lists.sorted(by: { $0.key < $1.key }) {
            if out.count > 1 { out.append(UInt8(ascii: ",")) }
            out += Array("\"\(name)\":[".utf8)
            for (index, value) in values.enumerated() {
                if index > 0 { out.append(UInt8(ascii: ",")) }
                JSONWriter.appendString(value, to: &out)
            }
            out.append(UInt8(ascii: "]"))
        }
        if let comment {
            if out.count > 1 { out.append(UInt8(ascii: ",")) }
            out += Array("\"comments\":".utf8)
            JSONWriter.appendString(comment, to: &out)
        }
        out.append(UInt8(ascii: "}"))
        return out
    }
}
