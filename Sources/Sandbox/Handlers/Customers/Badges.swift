import Model
import NIOHTTP1

/// `POST /api_gateway/v1/badges/import/customerBadges`, and a customer's badges.
///
/// Source: API reference, "Import earned (issued) badges of customer". Nothing guards against a repeat:
/// each import makes another badge. Badges exist unless their id begins with `unknown`.
enum Badges {
    static let desks = [
        RouteHandler(method: .POST, path: "/api_gateway/v1/badges/import/customerBadges", kind: .work) {
            service, call, troubles in
            guard !service.options.badgesTakePut else {
                return .error(405, code: 405, "method not allowed")
            }
            let request = String(service.nextPhantomID(), radix: 16)
            var place = 0
            return BulkDesk(
                most: service.options.maxBatch, form: .envelopes,
                judge: { (body, item) throws(Complaint) in try judge(body, item, service) },
                write: { body, item, outcome, look, out in
                    place += 1
                    write(body, item, outcome, look, "\(request)_\(place)", service, &out)
                },
                stranger: {
                    #"{"data":{"badgeMetaId":"notyours","customerId":1,"earnedBadgeId":"ff\#($0)"},"errors":null,"warnings":null}"#
                }
            ).answer(service, call, troubles)
        },
        RouteHandler(method: .GET, path: "/api_gateway/v1/badges/customer/*", kind: .look) {
            service, call, troubles in
            list(service, call, LookView(troubles, now: service.now()))
        },
    ]

    private static func judge(_ body: Document, _ item: Int, _ service: Service) throws(Complaint)
        -> BulkDesk.Outcome
    {
        let badge = body.text("badgeMetaId", of: item) ?? ""
        if badge.isEmpty || badge.hasPrefix("unknown") { throw Complaint(1054, "badge unknown in org") }
        guard let customer = body.integer("customerId", of: item), customer > 0,
            !service.options.unknownCustomers.contains(String(customer))
        else { throw Complaint(404, "passed id not found") }
        guard let earned = seconds("earnEventDate", body, item, service),
            let expires = seconds("earnExpiresOn", body, item, service)
        else { throw Complaint(400, "a date is missing") }
        var kept: [UInt8] = []
        kept.add(text: #"{"badgeMetaId":"#)
        kept.add(quoted: badge)
        kept.add(text: #","customerId":\#(customer),"earnedOn":\#(earned),"expiresOn":\#(expires)}"#)
        return .done(id: service.add(.badges, "\(customer)/\(badge)", kept), [])
    }

    /// The ISO field wins; of a number the unit is an option, since sources disagree.
    static func seconds(_ name: String, _ body: Document, _ item: Int, _ service: Service)
        -> Int64?
    {
        if let text = body.text(name + "ISO", of: item) {
            let bytes = Array(text.utf8)
            return BillDate(
                bytes, bytes.indices, serverZoneMinutes: service.options.serverZoneMinutes)?.seconds
        }
        guard let number = body.integer(name, of: item) else { return nil }
        return service.options.badgesTakeMilliseconds ? number / 1000 : number
    }

    private static func write(
        _ body: Document, _ item: Int, _ outcome: BulkDesk.Outcome, _ look: BulkDesk.Look,
        _ requestID: String, _ service: Service, _ out: inout [UInt8]
    ) {
        guard case .done(let id, _) = outcome else {
            if !look.leavesOutResult { out.add(#""data":null,"#) }
            return
        }
        out.add(#""data":{"#)
        switch look.label {
        case .right: body.echo(["badgeMetaId", "customerId"], of: item, into: &out)
        case .wrong: out.add(#""badgeMetaId":"notyours","customerId":2,"#)
        case .none: break
        }
        let expires = seconds("earnExpiresOn", body, item, service) ?? 0
        out.add(text: #""earnedBadgeId":"\#(name(id))","expiresOn":\#(expires),"expiresOnISO":""#)
        out.add(instant: expires, zoneMinutes: service.options.serverZoneMinutes)
        out.add(text: #"","requestId":"\#(requestID)","issuedId":null},"#)
    }

    static func name(_ id: Int64) -> String { "66aa" + String(id, radix: 16) }

    /// Whether an earned badge, or an enrolment, was taken back since.
    static func isRevoked(_ thing: Store.Thing, _ service: Service) -> Bool {
        let name = name(thing.id)
        if thing.collection == .badges {
            return !service.store.find(.calls, "badges.revoke/\(name)".utf8).isEmpty
        }
        let place = "badges.unenrol/\(String(decoding: thing.key, as: UTF8.self))/"
        return !service.store.find(.calls, (place + name).utf8).isEmpty
            || service.store.find(.calls, place.utf8).contains { $0.at >= thing.at }
    }

    /// Whether a customer has an enrolment for a badge: `customer/badge`.
    static func isEnrolled(_ key: String, _ service: Service) -> Bool {
        service.store.find(.badgeEnrolments, key.utf8).contains { !isRevoked($0, service) }
    }

    /// Whose enrolment an entry of a revocation is about, and which; all of them where it does not say.
    static func revoked(_ body: Document, _ item: Int) -> (customer: String, issue: String) {
        if let customer = body.text("customerId", of: item) {
            return (customer, body.text("issueId", of: item) ?? "")
        }
        return (body.text(item) ?? "", "")
    }

    /// The reply is not documented; this is the form of its neighbours.
    private static func list(_ service: Service, _ call: Call, _ view: LookView) -> Answer {
        let limit = min(call.query("limit").flatMap { Int($0) } ?? 10, view.pageLimit)
        let isEnrolled = call.query("badgeType") == "ISSUED"
        let collection = isEnrolled ? Store.Collection.badgeEnrolments : .badges
        let prefix = Array((call.name + "/").utf8)
        let found = service.store.all(collection).filter {
            view.shows($0) && $0.key.starts(with: prefix) && !isRevoked($0, service)
        }
        let zone = service.options.serverZoneMinutes
        var out: [UInt8] = []
        out.add(#"{"data":["#)
        for (index, thing) in found.prefix(max(0, limit)).enumerated() {
            guard let badge = Document(thing.content) else { continue }
            if index > 0 { out.add(",") }
            out.add(
                text: isEnrolled
                    ? #"{"issuedId":"\#(name(thing.id))","status":"ACTIVE","#
                    : #"{"earnedBadgeId":"\#(name(thing.id))","status":"EARNED","#)
            badge.echo(["badgeMetaId", "customerId", "expiresOn"], of: badge.root, into: &out)
            out.add(#""expiresOnISO":""#)
            out.add(instant: badge.integer("expiresOn", of: badge.root) ?? 0, zoneMinutes: zone)
            out.add(isEnrolled ? #"","issueEventDateISO":""# : #"","earnEventDateISO":""#)
            out.add(instant: badge.integer("earnedOn", of: badge.root) ?? 0, zoneMinutes: zone)
            out.add(#""}"#)
        }
        out.add(#"],"errors":[],"warnings":[]}"#)
        return Answer(out)
    }
}
