import Model
import Records

extension Endpoint {
    /// Imports badges that were earned elsewhere: `POST …/badges/import/customerBadges`.
    package static let badgesImport = EndpointSpec(
        "badges.import", "Imports badges that customers have already earned; no benefits, no messages.",
        .post, "/api_gateway/v1/badges/import/customerBadges", what: "A badge", adds: true,
        // Source: Badges, All badge calls. No page gives a limit. 50 is ours.
        chunk: .upTo(500, normal: 50), fields: BadgesImport.fields,
        keys: .code(BadgesImport.check), body: .array,
        reply: .function(BadgeCodes.table, BadgesImport.read),
        codes: BadgeCodes.table,
        recovery: .code(
            .readBack(
                ReadBack(
                    search: { member, _ in BadgeSearch.imported(BadgeEvidence(member)) },
                    fields: { BadgeSearch.fields(BadgeEvidence($0)) },
                    place: { EvidenceFields.text(0, of: $0) },
                    source: "Badges, Badges of a customer. Earned ones, expired ones included."))),
        // Source: Badges, Import badges. Nothing guards against a repeat.
        repeats: nil,
        source:
            "Import earned (issued) badges of customer. Facts: Badges, Import badges; Badges, Badge codes.",
        code: .init(key: { BadgeEvidence($0).key }, kind: { _ in "badge" })
    ).endpoint
}

enum BadgesImport {
    // MARK: Fields

    static let fields: [Field] = [
        Field("badgeMetaId", .text(most: nil), .required, "The id of a badge of this org."),
        Field(
            "customerId", .integer(1...Int.max), .required,
            "The server's id of the customer."),
        Field(
            "earnEventDateISO", .instant, .when("unless earnEventDate is given"),
            "Preferred, because it is unambiguous."),
        Field(
            "earnEventDate", .integer(0...9_999_999_999), .when("unless earnEventDateISO is given"),
            "Seconds since 1970: a table says milliseconds, but every sample and reply has seconds."),
        Field(
            "earnExpiresOnISO", .instant, .when("unless earnExpiresOn is given"), "Preferred."),
        Field(
            "earnExpiresOn", .integer(0...9_999_999_999), .when("unless earnExpiresOnISO is given"),
            "Seconds since 1970, as above."),
    ]

    static func check(_ context: inout ItemContext) {
        let earned = time(&context, "earnEventDate")
        let expires = time(&context, "earnExpiresOn")
        if let earned, let expires, expires < earned {
            context.problem(.rule, "earnExpiresOnISO", "It is before the badge was earned.")
        }
        let customer = context.integer("customerId") ?? ""
        let badge = context.text("badgeMetaId") ?? ""
        func text(_ time: Timestamp?) -> String {
            time.map { String($0.milliseconds.flooringDivided(by: 1000)) } ?? ""
        }
        context.identity = [customer, badge, text(earned), text(expires)]
        context.binding = [customer, badge]
        context.orderKeys = [["customer", "id", customer]]
        // The key as a person types it, by which `explain` finds it, is there as one text.
        context.evidence = [customer, badge, text(earned), text(expires), customer + "/" + badge]
    }

    /// The one of the two fields that is given. Source: Badges, Import badges. Not both.
    private static func time(_ context: inout ItemContext, _ name: String) -> Timestamp? {
        let iso = name + "ISO"
        switch (context.node(name), context.node(iso)) {
        case (nil, nil):
            context.problem(.missing, iso, "Give \(iso), or \(name) in seconds since 1970.")
            return nil
        case (_?, _?):
            context.problem(.rule, name, "\(name) and \(iso) cannot be used together.")
            return nil
        case (_?, nil):
            guard let seconds = context.text(name).flatMap({ Int64($0) }) else { return nil }
            return Timestamp(milliseconds: seconds.multipliedReportingOverflow(by: 1000).partialValue)
        case (nil, _?): return context.text(iso).flatMap { Instant($0) }?.timestamp
        }
    }

    // MARK: Reply

    /// Source: Badges, Import badges. `requestId` ends in the place of the item in the request.
    static let replies = BulkReply(
        labels: [
            BulkReply.Label(
                member: { evidence in
                    let badge = BadgeEvidence(evidence)
                    return Label.digest([badge.customer, badge.badge])
                },
                item: { json, item in
                    let data = json.member("data", of: item)
                    guard let customer = json.scalar(json.member("customerId", of: data)),
                        let badge = json.scalar(json.member("badgeMetaId", of: data))
                    else { return nil }
                    return Label.digest([customer, badge])
                },
                agree: { _, _, _ in true })
        ],
        codes: BadgeCodes.table, fields: fields.map(\.name),
        form: BulkReply.Form(
            list: { json in
                switch json.kind(json.root) {
                case .array: return json.root
                case .object:
                    // One of them without its list.
                    let data = json.member("data", of: json.root)
                    return json.isObject(data) ? json.root : nil
                default: return nil
                }
            },
            id: { json, item in json.member(["data", "earnedBadgeId"], of: item) }, idIsText: true,
            errors: { json, item in json.complaints(json.member("errors", of: item)) },
            warnings: { json, item in
                json.complaints(json.member("warnings", of: item))
            },
            place: { json, item in
                json.scalar(json.member(["data", "requestId"], of: item))?.split(separator: "_").last
                    .flatMap { Int($0) }
            }))

    @Sendable static func read(_ reply: Reply, _ members: [Evidence]) -> Verdict {
        if reply.status == 405 {
            // Source: Badges, Import badges. Another method is for a person to choose.
            let words =
                "The server does not allow POST here (405). All pages say POST, except one row of a table "
                + "that says PUT: ask the API's support which one it is."
            return .refused(Refusal(.notFound, serverCode: 405, message: words))
        }
        if let whole = BadgeCodes.whole(reply, members.count) { return whole }
        let verdict = replies.read(reply, members: members)
        guard case .each(var each) = verdict, let json = JSON(reply.body) else { return verdict }
        for (index, disposition) in each.enumerated() {
            guard case .accepted(let id?, let warnings) = disposition,
                let warning = otherExpiry(json, id, BadgeEvidence(members[index]))
            else { continue }
            each[index] = .accepted(id, warnings + [warning])
        }
        return .each(each)
    }

    /// What the echo says of the expiry, where it is not the one that was sent: seconds taken for
    /// milliseconds end in 1970.
    private static func otherExpiry(_ json: JSON, _ id: ServerID, _ badge: BadgeEvidence) -> Warning? {
        for item in json.list(json.root) {
            let data = json.member("data", of: item)
            guard json.scalar(json.member("earnedBadgeId", of: data)) == id.text else { continue }
            guard let text = json.scalar(json.member("expiresOnISO", of: data)),
                let echoed = Instant(text)?.timestamp, let sent = badge.expires,
                abs(echoed.milliseconds / 1000 - sent) > 86_400
            else { return nil }
            let words =
                "The server stored \(text) as its expiry, which is not what was sent: write dates in the "
                + "ISO fields."
            return Warning(code: 0, message: words)
        }
        return nil
    }
}

/// What is kept of a badge of a customer.
struct BadgeEvidence: Sendable {
    var customer: String
    var badge: String
    /// In seconds since 1970.
    var earned: Int64?
    var expires: Int64?

    /// As a person knows it.
    var key: String { customer.isEmpty ? "" : customer + "/" + badge }

    init(_ evidence: Evidence) {
        let fields = evidence.fields
        func field(_ index: Int) -> String { index < fields.count ? fields[index] : "" }
        customer = field(0)
        badge = field(1)
        earned = Int64(field(2))
        expires = Int64(field(3))
    }
}

/// What the codes of all badge calls mean. Source: Badges, Badge codes.
enum BadgeCodes {
    static let table = CodeTable([
        .init(.exists, .duplicate, 1040),
        .init(.rejected, .targetUnknown, 1054, 404),
        .init(.rejected, .refusedValue, 814, 816),
        .init(.rejected, .refusedSetup, 810, 811),
        .init(.rejected, .refused, 400),
        // An earlier request with that id has arrived: not what it did.
        .init(.inDoubt, .repeatedRequest, 809), .init(.inDoubt, .noAnswer, 999_999),
        .init(.again, .busy, 521, 461, 4001),
        .init(.again, .throttled, 517),
        .init(.batch, .batchTooLarge, 1060),
    ])

    /// `data` is null and errors say why: nothing of the request was done. Nil for anything else.
    ///
    /// Source: Replies, Call families; Badges, Enrol customers. Codes that leave doubt leave it here too.
    static func whole(_ reply: Reply, _ count: Int) -> Verdict? {
        guard (200..<500).contains(reply.status), ![401, 403, 404, 429].contains(reply.status),
            let json = JSON(reply.body), json.isObject(json.root),
            let data = json.member("data", of: json.root), json.isNull(data),
            let first = json.complaints(json.member("errors", of: json.root)).first
        else { return nil }
        let row = table.row(of: first)
        let refusal = Refusal(
            row.reason, field: first.field, serverCode: first.code, message: first.message)
        switch row.meaning {
        case .rejected, .batch: return .split(refusal)
        case .again: return .again(after: reply.retryAfter)
        case .exists, .parked, .inDoubt, .done: return .inDoubt(refusal)
        }
    }
}
