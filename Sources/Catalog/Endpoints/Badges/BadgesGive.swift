import Model
import Records

// One badge for many customers. The badge and all that is said of it stand in a request once, so records
// are grouped by these; a request has an id, which the server takes once.
//
// Source: Badges, Issue a badge to many; Badges, Enrol customers; Badges, Badge codes.
extension Endpoint {
    /// Gives a badge to customers: `POST …/badges/customer/earnBulk`.
    package static let badgesEarn = BadgesGive.endpoint(.earn)

    /// Enrols customers for a badge: `POST …/badges/badgeMeta/customer/issueBulk`.
    package static let badgesEnrol = BadgesGive.endpoint(.enrol)
}

enum BadgesGive {
    enum Act: Sendable { case earn, enrol }

    static func endpoint(_ act: Act) -> Endpoint {
        let name = act == .earn ? "badges.earn" : "badges.enrol"
        let fields = fields(act)
        let what = act == .earn ? "An earned badge" : "An enrolment"
        let recovery = SameRequest(
            item: { Array(EvidenceFields.text(3, of: $0).utf8) },
            attribution: { member in
                Attribution.Kind(rawValue: EvidenceFields.text(5, of: member)).map {
                    Attribution(kind: $0, code: EvidenceFields.text(6, of: member))
                }
            }, stamp: Body.stamped("requestId"),
            readBack: ReadBack(
                search: { member, _ in search(BadgeEvidence(member), act) },
                fields: { BadgeSearch.fields(BadgeEvidence($0)) },
                place: { EvidenceFields.text(0, of: $0) },
                source:
                    "Badges, Badges of a customer. Unconfirmed: the names of their dates in the reply.")
        )
        return EndpointSpec(
            name,
            act == .earn
                ? "Gives badges to customers, with benefits and messages."
                : "Enrols customers for badges that they can then earn.",
            .post,
            "/api_gateway/v1/badges/"
                + (act == .earn ? "customer/earnBulk" : "badgeMeta/customer/issueBulk"),
            what: what, adds: true,
            // Source: Badges, All badge calls. No page gives a limit. 50 is ours.
            chunk: .upTo(500, normal: 50), fields: fields,
            keys: .code { context in check(&context, act) },
            body: .gathered("customerId", as: act == .earn ? "customerIds" : "customers"),
            reply: .function(BadgeCodes.table, read), codes: BadgeCodes.table,
            recovery: .code(.resendSameRequestID(recovery)),
            // Source: Badges, Badge codes. 1040; a badge can be earned again.
            refusesRepeat: act == .enrol, repeats: act == .earn ? nil : .never,
            source: act == .earn ? earnSource : enrolSource,
            code: .init(
                prepare: prepare(name, what, Schema(fields), act), key: { BadgeEvidence($0).key })
        ).endpoint
    }

    private static let usesUp =
        " Unconfirmed: whether a failed request uses up its id; its records are looked up and sent with another."
    private static let earnSource =
        "Issue badge to multiple customers. Facts: Badges, Issue a badge to many; Badges, Badge codes. "
        + "Unconfirmed: the elements of the list of failures." + usesUp
    private static let enrolSource =
        "Enrol customers for badges. Facts: Badges, Enrol customers; Badges, Badge codes." + usesUp

    /// The evidence ends in what the request is attributed to, since a repeat needs it.
    private static func prepare(_ name: String, _ what: String, _ schema: Schema, _ act: Act)
        -> @Sendable (Item, inout PreparedItem) -> Void
    {
        { item, prepared in
            ItemContext.prepare(item, schema, name, what, into: &prepared) { context in
                check(&context, act)
            }
            guard prepared.problems.isEmpty else { return }
            prepared.evidence.append((item.attribution?.kind.rawValue ?? "").utf8)
            prepared.evidence.append((item.attribution?.code ?? "").utf8)
        }
    }

    // MARK: Fields

    private static let owners = [
        "Loyalty", "Loyalty_Promotion", "Referral_Campaigns", "Journeys", "Audience_Campaigns",
        "Rewards_Catalog", "Goodwill_Module", "Milestones", "Historical_Import",
    ]

    private static func fields(_ act: Act) -> [Field] {
        [
            Field("badgeMetaId", .text(most: nil), .required, "The id of a badge of this org."),
            Field(
                "customerId", .integer(1...Int.max), .required,
                "The server's id of the customer."),
            Field(
                "triggeredBy",
                .object([
                    Field("ownerType", .oneOf(owners), .required),
                    Field("referenceId", .text(most: nil), .required),
                ]), act == .earn ? .required : .optional, "The same as in the claim of the badge."),
        ] + dates(act)
    }

    private static func dates(_ act: Act) -> [Field] {
        switch act {
        case .earn:
            [
                Field(
                    "earnEventDateISO", .instant, .optional,
                    "Identifies the badge in a look-up after a lost answer; without it, some may stay in doubt. "
                        + "Within the badge's validity, at most a day ahead."),
                Field("earnEventDate", .integer(0...9_999_999_999), .optional, "Seconds since 1970."),
                Field("issueEventDate", .text(most: nil), .optional, "By default now."),
            ]
        case .enrol:
            [
                Field(
                    "issueEventDateISO", .instant, .optional, "Between the badge's start and its end."),
                Field("issueEventDate", .integer(0...9_999_999_999), .optional, "Seconds since 1970."),
            ]
        }
    }

    private static func check(_ context: inout ItemContext, _ act: Act) {
        let name = act == .earn ? "earnEventDate" : "issueEventDate"
        let iso = name + "ISO"
        if context.has(name), context.has(iso) {
            context.problem(.rule, name, "\(name) and \(iso) cannot be used together.")
        }
        let instant = context.text(iso).flatMap { Instant($0) }?.timestamp.milliseconds
        let told = instant.map { String($0.flooringDivided(by: 1000)) }
        let seconds = told ?? context.integer(name) ?? ""
        let customer = context.integer("customerId") ?? ""
        let badge = context.text("badgeMetaId") ?? ""
        let owner = context.text("ownerType", in: "triggeredBy") ?? ""
        let reference = context.text("referenceId", in: "triggeredBy") ?? ""
        context.identity = [customer, badge, seconds, owner, reference]
        context.binding = [customer]
        // As they are written: all of a request is in it once.
        var group = [badge, owner, reference, context.text(iso) ?? "", context.text(name) ?? ""]
        if act == .earn { group.append(context.text("issueEventDate") ?? "") }
        context.group = group
        context.orderKeys = [["customer", "id", customer]]
        let json = context.json
        let item = String(decoding: json.bytes[json.tape.fullRange(of: json.root)], as: UTF8.self)
        // The key as a person types it, by which `explain` finds it, is there as one text.
        context.evidence = [customer, badge, seconds, item, customer + "/" + badge]
    }

    // MARK: Reply

    /// Two shapes: those that were served in one list and the others in a second, or all in one, with an
    /// `error` where one was not. In no order; whose an item is, its customer says.
    ///
    /// Source: Badges, Issue a badge to many; Badges, Enrol customers. An enrolment that was refused for an
    /// active one (1040) has an id beside.
    private static let replies = BulkReply(
        labels: [
            BulkReply.Label(
                member: { Label.digest(EvidenceFields.text(0, of: $0)) },
                item: { json, item in Label.digest(json, json.member("customerId", of: item)) },
                agree: { _, _, _ in true })
        ],
        codes: BadgeCodes.table, fields: ["badgeMetaId", "customerId", "triggeredBy"],
        form: BulkReply.Form(
            list: { json in
                let data = json.member("data", of: json.root)
                let list =
                    json.member("earnedBadgesList", of: data) ?? json.member("issuedBadges", of: data)
                return list.flatMap { json.kind($0) == .array ? $0 : nil }
            },
            more: { json in
                json.list(json.member(["data", "failedEarnBadgeErrorList"], of: json.root))
            },
            id: { json, item in
                if errors(json, item).contains(where: { $0.code == 1040 }) { return nil }
                return json.member("earnedBadgeId", of: item) ?? json.member("issuedId", of: item)
            }, idIsText: true, errors: errors,
            warnings: { json, item in json.complaints(json.member("warnings", of: item)) }))

    /// Of an item: under either name, or the item itself where it is one of the list of failures.
    private static func errors(_ json: JSON, _ item: Int) -> [Complaint] {
        let told =
            json.complaints(json.member("error", of: item))
            + json.complaints(json.member("errors", of: item))
        if !told.isEmpty { return told }
        guard json.member("earnedBadgeId", of: item) == nil,
            json.member("issuedId", of: item) == nil
        else { return [] }
        let code = json.member("code", of: item) ?? json.member("errorCode", of: item)
        let words = json.member("message", of: item) ?? json.member("errorMessage", of: item)
        guard code != nil || words != nil else { return [] }
        return [Complaint(code: json.integer(code), message: json.scalar(words) ?? "")]
    }

    @Sendable private static func read(_ reply: Reply, _ members: [Evidence]) -> Verdict {
        guard let whole = BadgeCodes.whole(reply, members.count) else {
            return replies.read(reply, members: members)
        }
        // What is said of the badge is said to all of them.
        if case .split(let refusal) = whole, let code = refusal.serverCode,
            [810, 816, 1054].contains(code)
        {
            return .each(members.map { _ in .rejected(refusal) })
        }
        return whole
    }

    // MARK: Recovery

    private static func search(_ member: BadgeEvidence, _ act: Act) -> SearchStep {
        switch act {
        case .earn:
            BadgeSearch.start(customer: member.customer, badge: member.badge) { json, row in
                guard let earned = member.earned else {
                    return .untold(
                        "The customer has such a badge; without earnEventDateISO it is not known whether it is this one."
                    )
                }
                let names = ["earnEventDate", "earnedOn", "earnedDate", "earnDate"]
                guard let told = BadgeSearch.seconds(json, row, names) else {
                    return .untold("A badge of the customer has no date in the reply.")
                }
                return BadgeSearch.compare(
                    told, earned, "earned", "the same badge earned at another time")
            }
        case .enrol:
            BadgeSearch.start(
                customer: member.customer, badge: member.badge, type: "ISSUED", includesExpired: false
            ) { json, row in
                json.scalar(json.member("status", of: row)) == "EXPIRED"
                    ? .other("an enrolment that has ended") : .same
            }
        }
    }
}
