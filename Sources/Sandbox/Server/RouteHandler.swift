import NIOHTTP1

/// A call beyond those of transactions: where it is, and who answers it. ``all`` lists them.
struct RouteHandler: Sendable {
    /// What faults take it for.
    enum Kind: Sendable { case work, look }

    let method: HTTPMethod
    /// A component of `*` is any one; as the last one it is the call's name.
    let path: String
    let kind: Kind
    /// - Parameter troubles: Those that change items, their order, or what a look-up sees.
    let answer: @Sendable (Service, Call, [Trouble]) -> Answer

    static let all: [RouteHandler] =
        TransactionUpdates.desks + Stores.desks + Badges.desks + BadgeGifts.desks + Cards.desks
        + CardFactory.desks
        + CustomerCalls.desks + Products.desks + Labels.desks
        + MilestoneCalls.desks + CouponCalls.desks + CouponFiles.desks
        + PlainCall.all.map(\.handler) + EarnedPromotions.desks + IssuedPromotions.desks
        + PagedCalls.desks + CustomerListings.desks

    /// The handler of a path, and what its last component names.
    static func find(_ method: HTTPMethod, _ path: String) -> (index: Int, name: String)? {
        for (index, handler) in all.enumerated() where handler.method == method {
            if handler.path == path { return (index, "") }
            if handler.path.contains("/*/") {
                let wanted = handler.path.split(separator: "/")
                let parts = path.split(separator: "/")
                if wanted.count == parts.count,
                    zip(wanted, parts).allSatisfy({ $0 == "*" || $0 == $1 })
                {
                    return (index, "")
                }
            }
            guard handler.path.hasSuffix("/*"),
                let rest = path.tail(after: String(handler.path.dropLast())),
                !rest.contains("/")
            else { continue }
            return (index, rest)
        }
        return nil
    }
}

/// An error or a warning of an item.
struct Complaint: Error {
    var code: Int
    var message: String
    init(_ code: Int, _ message: String) {
        self.code = code
        self.message = message
    }
}

/// The way every call goes that takes a list and answers item by item.
struct BulkDesk {
    /// How the reply is wrapped.
    enum Form {
        /// `{"response":[{…,"errors":[],"warnings":[]}],"totalCount","failureCount"}`
        case e1
        /// `[{"data":{…}|null,"errors":null|[…],"warnings":null}]`
        case envelopes
        /// `[{"entity":{…},"childEntities":[]}]`, a failed one with `"errors":[…]`
        case families
    }

    /// What became of an item.
    enum Outcome {
        case done(id: Int64, [Complaint])
        /// A step of several failed, and those before it stay done.
        case partly(id: Int64, Complaint)
        case failed(Complaint)
    }

    /// How an item of the reply is to look.
    struct Look {
        var label: Shape.Label
        var failedID: Fault.FailedID
        var leavesOutResult: Bool
        /// Errors beside an id: the item was done.
        var spoilt: Bool
    }

    let most: Int
    var form = Form.e1
    /// What an item means, and its doing.
    let judge: (Document, _ item: Int) throws(Complaint) -> Outcome
    /// The item of the reply, but for its errors and warnings: members with a comma after each.
    let write: (Document, _ item: Int, Outcome, Look, inout [UInt8]) -> Void
    /// An item that nobody requested, by its number.
    let stranger: (Int) -> String

    func answer(_ service: Service, _ call: Call, _ troubles: [Trouble]) -> Answer {
        guard let body = Document(call.body), let items = body.list(body.root), !items.isEmpty else {
            return .error(400, code: 400, "the body is no list")
        }
        if items.count > most { return .error(400, code: 1060, "batch too large, maximum \(most)") }
        let shape = Shape(troubles)
        var out: [UInt8] = []
        var written: [Range<Int>] = []
        var failures = 0
        out.add(form == .e1 ? #"{"response":["# : "[")
        for (position, item) in items.enumerated() {
            let start = out.count
            var outcome: Outcome
            do throws(Complaint) {
                if service.hasItemFaults, service.rollItem(.busyItem) != nil {
                    throw Complaint(521, "another request is at work on the same customer")
                }
                outcome = try judge(body, item)
            } catch {
                outcome = .failed(error)
            }
            var isSpoilt = false
            switch outcome {
            case .failed, .partly: failures += 1
            case .done: isSpoilt = service.hasItemFaults && service.rollItem(.idWithErrors) != nil
            }
            out.add("{")
            write(
                body, item, outcome,
                Look(
                    label: shape.label(at: position, of: items.count),
                    failedID: shape.failedID(at: position), leavesOutResult: shape.leavesOutResult,
                    spoilt: isSpoilt), &out)
            complaints(outcome, isSpoilt: isSpoilt, &out)
            written.append(start..<out.count)
            out.add(",")
        }
        service.tally.items += items.count
        if shape.mixesItems {
            out = shape.mixed(out, written, stranger: stranger)
        } else {
            out.removeLast()
        }
        switch form {
        case .e1:
            out.add(text: #"],"totalCount":\#(items.count),"failureCount":\#(failures)}"#)
        case .envelopes, .families: out.add("]")
        }
        var answer = Answer(out)
        if service.options.bulkStatus == .byItems, failures > 0 {
            answer.status = failures == items.count ? 500 : 201
        }
        return answer
    }

    private func complaints(_ outcome: Outcome, isSpoilt: Bool, _ out: inout [UInt8]) {
        if form == .envelopes {
            if case .failed(let complaint) = outcome {
                out.add(text: #""errors":[{"code":\#(complaint.code),"message":"#)
                out.add(quoted: complaint.message)
                out.add(#","reference":null}],"warnings":null}"#)
            } else {
                out.add(#""errors":null,"warnings":null}"#)
            }
            return
        }
        if form == .families, case .done = outcome, !isSpoilt {
            return out.add(
                #""childEntities":[],"childCount":0,"childSuccessCount":0,"childFailureCount":0}"#)
        }
        out.add(#""errors":["#)
        var warnings: [Complaint] = []
        switch outcome {
        case .failed(let complaint), .partly(_, let complaint):
            out.addError(complaint.code, complaint.message)
        case .done(_, let said):
            warnings = said
            if isSpoilt { out.addError(500, "unexpected server error") }
        }
        out.add(#"],"warnings":["#)
        for (index, warning) in warnings.enumerated() {
            if index > 0 { out.add(",") }
            out.addError(warning.code, warning.message)
        }
        out.add("]}")
    }
}

extension Fault.FailedID {
    /// `"entityId":null,` as the fault has it.
    func add(to out: inout [UInt8]) {
        switch self {
        case .null: out.add(#""entityId":null,"#)
        case .zero: out.add(#""entityId":0,"#)
        case .minusOne: out.add(#""entityId":-1,"#)
        case .absent: break
        }
    }
}

extension Service {
    /// Sets the thing of a key, or makes it.
    ///
    /// - Returns: Its id.
    func set(_ collection: Store.Collection, _ key: String, _ content: [UInt8]) -> Int64 {
        let known = store.find(collection, key.utf8).first?.id
        return act(collection, known ?? store.nextID, key, content)
    }

    /// Makes a thing, whatever there is of its key.
    func add(_ collection: Store.Collection, _ key: String, _ content: [UInt8]) -> Int64 {
        act(collection, store.nextID, key, content)
    }

    private func act(_ collection: Store.Collection, _ id: Int64, _ key: String, _ content: [UInt8])
        -> Int64
    {
        act(Write(collection: collection, id: id, key: Array(key.utf8), content: content, at: now()))
        return id
    }

    /// The refusal of an identifier: customers exist unless they are said not to.
    func refusal(ofCustomer identifier: String) -> Complaint? {
        if identifier.isEmpty { return Complaint(8084, "customer identifier missing") }
        if identifier.hasPrefix("unknown") || options.unknownCustomers.contains(identifier),
            !isAdded(identifier)
        {
            return Complaint(8015, "customer not found")
        }
        if identifier.hasPrefix("blocked") || options.blockedCustomers.contains(identifier) {
            return Complaint(3045, "customer blocked")
        }
        return nil
    }
}
