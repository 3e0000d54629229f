import Model
import NIOHTTP1

/// `POST /v2/card`, `PUT /v2/card/bulk`, and looking a card up.
///
/// Source: API reference, "Cards", "Add Card Number to a Card Series", "Update Card Details (Bulk)". Series
/// 1 to 9999 exist. A card that was not added here exists anyway, for updates, unless its number
/// begins with `unknown`: it is from before.
enum Cards {
    static let desks = [
        RouteHandler(method: .POST, path: "/v2/card", kind: .work) { service, call, troubles in
            SingleRecordHandler { (body) throws(Complaint) in try add(body, service) }
                .answer(service, call, troubles)
        },
        RouteHandler(method: .PUT, path: "/v2/card", kind: .work) { service, call, troubles in
            SingleRecordHandler(name: "cardId") { (body) throws(Complaint) in
                try setExternalID(body, service)
            }.answer(service, call, troubles)
        },
        RouteHandler(method: .PUT, path: "/v2/card/bulk", kind: .work) { service, call, troubles in
            BulkDesk(
                most: 200,
                judge: { (body, item) throws(Complaint) in try update(body, item, service) },
                write: { write($0, $1, $2, $3, service, &$4) },
                stranger: {
                    #"{"entityId":{"cardId":\#(900_000_001 + $0),"cardNumber":"NOT-YOURS-2"},"errors":[],"warnings":[]}"#
                }
            ).answer(service, call, troubles)
        },
        RouteHandler(method: .GET, path: "/v2/card", kind: .look) { service, call, troubles in
            look(service, call, LookView(troubles, now: service.now()))
        },
    ]

    private static func number(_ body: Document, _ item: Int) -> String {
        body.text("cardNumber", of: item) ?? ""
    }

    // MARK: Adding

    private static func add(_ body: Document, _ service: Service) throws(Complaint)
        -> SingleRecordHandler.Done
    {
        let card = body.root
        let number = number(body, card)
        let series = body.integer("seriesId", of: card)
        if series == nil, body.text("seriesCode", of: card) == nil {
            throw Complaint(3004, "series missing")
        }
        if let series, !(1...9999).contains(series) { throw Complaint(3000, "series invalid") }
        if number.isEmpty { throw Complaint(3010, "card number missing") }
        if (body.text("statusLabel", of: card) ?? "").isEmpty {
            throw Complaint(3011, "status missing")
        }
        let external = body.text("cardExternalId", of: card)
        if let external, external.utf8.count < number.utf8.count {
            throw Complaint(3050, "external id too short")
        }
        if !service.store.find(.cards, number.utf8).isEmpty {
            throw Complaint(3009, "card number exists")
        }
        if let external,
            service.store.first(
                .cards,
                where: { thing in
                    Document(thing.content).flatMap { $0.text("cardExternalId", of: $0.root) }
                        == external
                }) != nil
        {
            throw Complaint(3045, "card external id exists")
        }
        let id = service.add(.cards, number, Array(body.raw(card)))
        return SingleRecordHandler.Done(id: id)
    }

    // MARK: Changing

    private static func setExternalID(_ body: Document, _ service: Service) throws(Complaint)
        -> SingleRecordHandler.Done
    {
        let number = number(body, body.root)
        let external = body.text("cardExternalId", of: body.root) ?? ""
        if number.isEmpty || number.hasPrefix("unknown") { throw Complaint(3010, "no such card") }
        if external.utf8.count < number.utf8.count {
            throw Complaint(3050, "external id too short")
        }
        let isTaken = [Store.Collection.cards, .cardChanges].contains { collection in
            service.store.first(collection) { thing in
                thing.key != Array(number.utf8)
                    && Document(thing.content).flatMap { $0.text("cardExternalId", of: $0.root) }
                        == external
            } != nil
        }
        if isTaken { throw Complaint(3045, "card external id exists") }
        let id = service.set(.cardChanges, number, Array(body.raw(body.root)))
        return SingleRecordHandler.Done(id: id)
    }

    /// What a card's status is now; nil for one that nobody touched here.
    private static func status(_ number: String, _ service: Service) -> String? {
        for collection in [Store.Collection.cardChanges, .cards] {
            for thing in service.store.find(collection, number.utf8).reversed() {
                if let label = Document(thing.content).flatMap({ $0.text("statusLabel", of: $0.root) })
                {
                    return label
                }
            }
        }
        return nil
    }

    private static func update(_ body: Document, _ item: Int, _ service: Service) throws(Complaint)
        -> BulkDesk.Outcome
    {
        let external = body.text("cardExternalId", of: item) ?? ""
        let number = number(body, item).isEmpty ? external : number(body, item)
        if number.isEmpty || number.hasPrefix("unknown") { throw Complaint(3010, "no such card") }
        var warnings: [Complaint] = []
        if let label = body.text("statusLabel", of: item) {
            let now = status(number, service)
            if label.hasPrefix("unknown") { throw Complaint(3014, "status bad") }
            if ["DELETED", "EXPIRED"].contains(now), now != label {
                throw Complaint(3038, "transition not allowed")
            }
            if now == label {
                if service.options.unchangedLabelIsError {
                    throw Complaint(3039, "label unchanged")
                }
                warnings.append(Complaint(3039, "label unchanged"))
            }
        }
        for field in body.members(of: body.member("customFields", of: item))
        where field.name.hasPrefix("unknown") {
            warnings.append(Complaint(1022, "custom field unknown"))
        }
        let id = service.set(.cardChanges, number, Array(body.raw(item)))
        return .done(id: id, warnings)
    }

    /// `entityId` is an object, and holds another one: the till's.
    private static func write(
        _ body: Document, _ item: Int, _ outcome: BulkDesk.Outcome, _ look: BulkDesk.Look,
        _ service: Service, _ out: inout [UInt8]
    ) {
        out.add(#""entityId":{"#)
        switch outcome {
        case .done(let id, _), .partly(let id, _): out.add(text: #""cardId":\#(id),"customerId":0,"#)
        case .failed(let complaint):
            if look.leavesOutResult {
                out.removeLast()
                return out.add("null,")
            }
            // The card is there, and was not changed.
            if complaint.code == 3038 { out.add(#""cardId":5001,"#) }
        }
        switch look.label {
        case .right: body.echo(["cardNumber", "cardExternalId"], of: item, into: &out)
        case .wrong: out.add(#""cardNumber":"NOT-YOURS-1","#)
        case .none: break
        }
        body.echo(["statusLabel", "customFields"], of: item, into: &out)
        out.add(text: #""orgId":\#(service.options.org),"entityId":51,"#)
        out.add(#""activeAndDigital":false,"transactionNotAllowed":false},"#)
    }

    // MARK: Looking

    private static func look(_ service: Service, _ call: Call, _ view: LookView) -> Answer {
        let number = call.query("number") ?? ""
        if service.options.seedData > 0, number.hasPrefix("SEED") {
            return Answer(
                text:
                    #"{"entity":{"cardId":\#(Seed.customerID(number.utf8.count)),"cardNumber":"\#(number)","seriesId":12,"customerId":0,"createdDate":"2026-01-01T00:00:00Z","statusInfo":{"label":"ACTIVE","status":"ACTIVE"}},"warnings":[]}"#
            )
        }
        let changes = service.store.find(.cardChanges, number.utf8).filter(view.shows)
        // One that was only changed here was there before.
        let known = service.store.find(.cards, number.utf8).filter(view.shows).first
        guard let thing = known ?? changes.first, let card = Document(thing.content) else {
            return .error(service.options.missIsError ? 404 : 400, code: 3010, "no such card")
        }
        var out: [UInt8] = []
        out.add(text: #"{"entity":{"cardId":\#(thing.id),"#)
        card.echo(["seriesId", "seriesCode", "cardNumber"], of: card.root, into: &out)
        let whole = ([thing] + changes).compactMap { Document($0.content) }
        if let named = whole.last(where: { $0.text("cardExternalId", of: $0.root) != nil }) {
            named.echo(["cardExternalId"], of: named.root, into: &out)
        }
        for name in ["customFields", "extendedFields"] {
            var members: [(name: String, value: ArraySlice<UInt8>)] = []
            for document in whole {
                for member in document.members(of: document.member(name, of: document.root)) {
                    members.removeAll { $0.name == member.name }
                    members.append((member.name, document.raw(member.value)))
                }
            }
            guard !members.isEmpty else { continue }
            out.add(quoted: name)
            out.add(":{")
            for (index, member) in members.enumerated() {
                if index > 0 { out.add(",") }
                out.add(quoted: member.name)
                out.add(":")
                out.append(contentsOf: member.value)
            }
            out.add("},")
        }
        out.add(#""statusInfo":{"label":"#)
        out.add(quoted: status(number, service) ?? "NOT_ISSUED")
        out.add(#"}},"warnings":[]}"#)
        return Answer(out)
    }
}
