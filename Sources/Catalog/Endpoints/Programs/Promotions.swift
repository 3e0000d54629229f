import Model
import Records

// Promotions that customers have earned or are enrolled in.
//
// Source: Promotions, Overview of the calls. Three different things have similar names.
extension Endpoint {
    /// Gives a customer a cart promotion: `POST /api_gateway/v1/promotions/earn/bulk`.
    package static let promotionsEarn = EndpointSpec(
        "promotions.earn",
        "Gives customers cart promotions that they have earned, one promotion per record.",
        .post, "/api_gateway/v1/promotions/earn/bulk", what: "An earning", adds: true,
        fields: Promotions.earnFields, rules: Promotions.earnRules, keys: Promotions.earnKeys,
        reply: .code(Promotions.earnReplies), codes: Promotions.codes,
        recovery: .code(.readBack(Promotions.earned)), repeats: nil,
        source:
            "Earn cart promotions. Facts: Promotions, Earn cart promotions. Unconfirmed: whether a repeat of an "
            + "earnedFromId earns again, so it is taken to; what the list of a customer's promotions tells."
    ).endpoint

    /// Gives loyalty promotions by the v1 calls: `POST /v2/promotion/bulk/…`.
    package static let promotionsGrant = grants(
        "grant",
        "Issues or enrols customers in loyalty promotions with the legacy calls, one customer per record.",
        calls: ["directEarn", "enrolAndEarn"])

    /// Takes them back.
    package static let promotionsRevoke = grants(
        "revoke", "Revokes loyalty promotions with the legacy calls, one customer per record.",
        calls: ["revokeDirectEarn", "revokeEnrolAndEarn"])

    private static func grants(_ act: String, _ summary: String, calls: [String]) -> Endpoint {
        EndpointSpec(
            "promotions." + act, summary, .post, "/v2/promotion/bulk/{call}", what: "A promotion",
            adds: true,
            parameters: [
                Parameter("call", .path, .oneOf(calls), usual: calls[0], "Which of the calls.")
            ],
            fields: Promotions.grantFields, rules: [.single("customers")],
            keys: Promotions.grantKeys, reply: .code(Promotions.grantReplies),
            codes: Promotions.codes, recovery: .hold, repeats: nil,
            source:
                "Issue promotions in bulk (legacy). Facts: Promotions, Older loyalty promotion calls. A failed "
                + "item has no id, and its place is not promised: one customer per request. Warning 8890 means "
                + "that nothing was issued."
        ).endpoint
    }

    /// Enrols a customer: `POST /v3/promotions/enrol`.
    package static let promotionsEnrol = EndpointSpec(
        "promotions.enrol", "Enrols customers in loyalty promotions, or lets them opt in.", .post,
        "/v3/promotions/enrol", what: "An enrolment", adds: false,
        fields: [
            Field(
                "requestId", .text(most: nil), .optional,
                "Your own id, unique per record: the server accepts it once (809)."),
            Field("action", .oneOf(["ENROL", "OPT_IN"]), .required),
            Field(
                "promotion",
                .object([Field("id", .text(most: nil)), Field("promotionId", .text(most: nil))]),
                .required, "Identified by one of these."),
            Field(
                "customer",
                .object([
                    Field("identifierName", .oneOf(["id", "mobile", "email"]), .required),
                    Field("identifierValue", .text(most: nil), .required),
                    Field("source", .oneOf(Customers.sources)),
                ]), .required),
            Field("programId", .integer(1...Int.max)),
            Field("optinDate", .instant, .optional, "Not in the future."),
        ],
        rules: [.exactlyOne(of: ["id", "promotionId"], in: "promotion")],
        keys: Promotions.enrolKeys, reply: .single(.init(done: .present(["data"]))),
        codes: Promotions.enrolCodes,
        // Enrolled already is a warning, no more. Source: Promotions, Enrol in promotions (v3).
        recovery: .resend,
        source:
            "Enrol in promotions (v3). Facts: Promotions, Enrol in promotions (v3). Unconfirmed: whether a failed "
            + "request uses up its requestId; a repeat that is rejected because of its id stays in doubt."
    ).endpoint
}

enum Promotions {
    /// Source: Promotions, Earn cart promotions; Promotions, Older loyalty promotion calls; Promotions, Enrol in
    /// promotions (v3).
    static let codes = CodeTable([
        .init(.rejected, .targetUnknown, 404, 706, 8874, 8892),
        .init(.rejected, .customerUnknown, 1006, 8015),
        .init(
            .rejected, .refusedValue, 400, 705, 707, 713, 714, 8881, 8890, 8899, 310_002, 310_003,
            310_004,
            310_005, 310_006, 310_007, 310_008, 310_009, 310_229, 310_230, 310_238),
        .init(.rejected, .refusedSetup, 1101),
        .init(.again, .busy, 521, 461, 4001),
        .init(.again, .throttled, 517),
        .init(.inDoubt, .noAnswer, 500, 1007),
        .init(.batch, .batchTooLarge, 1060),
    ])

    /// Source: Promotions, Enrol in promotions (v3). 809: the request id was used before.
    static let enrolCodes = codes.adding(.init(.exists, .repeatedRequest, 809))

    static let enrolKeys: Keys = {
        let customer = CustomerForm.named(
            type: "customer.identifierName", value: "customer.identifierValue")
        // By either of its names.
        let promotion = KeyPart.customerValue(.one(of: ["id", "promotionId"], in: "promotion"))
        return Keys(
            identity: [.customer(customer), promotion, .text("action")],
            order: [.customer(customer)],
            evidence: [.joined("/", [.customerValue(customer), promotion])])
    }()

    // MARK: Earning

    private static let origins = ["BULK_ISSUE", "ACTIVITY", "MILESTONE", "REWARD"]

    static let earnFields: [Field] = [
        Field("customerId", .integer(1...Int.max), .required, "The server's id."),
        Field("orgId", .integer(1...Int.max)), Field("eventTimeISO", .instant, .required),
        Field("earnedFromType", .oneOf(origins), .required),
        Field(
            "eventDetails",
            .object([
                Field("id", .text(most: nil), .required), Field("type", .oneOf(origins), .required),
            ]),
            .required, "Its type is given in earnedFromType."),
        Field(
            "earnedPromotions",
            .list(
                .object([
                    Field("promotionId", .text(most: nil), .required),
                    Field("earnCount", .integer(1...Int.max), .required),
                    Field(
                        "earnedFromId", .text(most: nil), .required,
                        "Your own id, used to look it up."),
                ])), .required, "Exactly one."),
    ]

    static let earnRules: [ItemRule] = [
        .single("earnedPromotions"),
        .code { context in
            if let type = context.text("type", in: "eventDetails"),
                type != context.text("earnedFromType")
            {
                context.problem(.rule, "eventDetails.type", "It must match earnedFromType.")
            }
        },
    ]

    static let earnKeys: Keys = {
        let promotion = KeyPart.text("earnedPromotions.promotionId")
        let origin = KeyPart.text("earnedPromotions.earnedFromId")
        return Keys(
            identity: [.integer("customerId"), promotion, origin],
            order: [.customer(.id("customerId"))],
            evidence: [
                origin, .integer("customerId"), promotion, .text("earnedPromotions.earnCount"),
            ])
    }()

    static let earnReplies = CustomReply(codes: codes, fields: earnFields.map(\.name)) { json, member in
        let complaints = json.complaints(json.member("errors", of: json.root))
        let items = json.list(json.member("data", of: json.root)).filter {
            json.scalar(json.member("promotionId", of: $0)) == EvidenceFields.text(2, of: member)
        }
        guard items.count == 1 else { return complaints.first.map { codes.disposition($0) } }
        guard complaints.isEmpty else {
            return .inDoubt(Refusal(.contradiction, message: complaints[0].message))
        }
        let details = json.member("errorDetails", of: items[0])
        let why = Complaint(
            code: json.integer(json.member("errorCode", of: details)),
            message: json.scalar(json.member("errorMessages", of: details)) ?? "")
        guard let done = json.integer(json.member("successfulEarnCount", of: items[0])) else {
            return nil
        }
        let earned = json.list(json.member("customerEarnedPromotions", of: items[0]))
        return codes.disposition(
            done: done, of: Int(EvidenceFields.text(3, of: member)) ?? 1, [why],
            id: json.scalar(json.member("id", of: earned.first)).map { ServerID($0) })
    }

    /// By customer: those of that promotion and that origin. A list that may have been cut, or that does not
    /// tell the origin, is no miss.
    static let earned = ReadBack(
        search: { member, _ in
            let fields = member.fields
            guard fields.count >= 3 else { return .done(ids: [], others: []) }
            let target =
                "/api_gateway/v1/promotions/customer/" + pathSegment(fields[1]) + "?limit=1000"
            return .ask(Request(.get, target)) { reply in
                guard (200..<300).contains(reply.status), let json = JSON(reply.body),
                    let data = json.member("data", of: json.root), json.kind(data) == .array
                else { return .unclear(LookReply.unclear(reply)) }
                let rows = json.list(data)
                var ids: [ServerID] = []
                var entries: [Alike] = []
                for row in rows {
                    let owner = json.scalar(json.member("customerId", of: row))
                    if let owner, Int(owner) != Int(fields[1]) {
                        return .gap("The reply shows the promotions of another customer.")
                    }
                }
                for row in rows
                where json.scalar(json.member("promotionId", of: row)) == fields[2] {
                    guard let origin = json.scalar(json.member("earnedFromId", of: row)),
                        let id = json.scalar(json.member("id", of: row))
                    else {
                        return .unclear(
                            Refusal(
                                .unboundAnswer, message: "A promotion has no earnedFrom in the reply."))
                    }
                    let field = FormField("earnedFromId", .text, fields[0])
                    switch Form.text(origin, fields[0]) {
                    case .equal: ids.append(ServerID(id))
                    case .alike:
                        entries.append(
                            Alike(ServerID(id), [Alike.Difference(field, shown: origin)]))
                    case .different: break
                    }
                }
                if ids.isEmpty, rows.count == 10 || rows.count >= 1000 {
                    return .unclear(
                        Refusal(
                            .unboundAnswer, message: "The customer may have more than the reply shows.")
                    )
                }
                return .read(ids: ids, others: [], alike: entries)
            }
        }, fields: { [FormField("earnedFromId", .text, EvidenceFields.text(0, of: $0))] },
        place: { $0.fields.dropFirst().prefix(2).joined(separator: " ") },
        source:
            "Promotions, Earn cart promotions. The customer's promotions, by promotion and earnedFromId."
    )

    // MARK: The v1 calls

    static let grantFields: [Field] = [
        Field("type", .oneOf(["CUSTOMER"]), .required),
        Field("bulkAction", .oneOf(["ENROL", "EARN"]), .optional, "Of enrolAndEarn."),
        Field(
            "promotionDetails",
            .object([
                Field("programId", .integer(1...Int.max), .required),
                Field("promotionId", .integer(1...Int.max), .required),
            ]), .required),
        Field("identifierName", .oneOf(["id", "mobile", "email"]), .required),
        Field(
            "customers",
            .list(
                .object([
                    Field("identifierValue", .text(most: nil), .required),
                    Field("source", .oneOf(Customers.sources)),
                ])), .required, "Exactly one."),
        Field("earnIDs", .list(.text(most: nil)), .optional, "For revoking; by default all."),
    ]

    static let grantKeys: Keys = {
        let customer = CustomerForm.named(
            type: "identifierName", value: "customers.identifierValue")
        let promotion = KeyPart.text("promotionDetails.promotionId")
        return Keys(
            identity: [.customer(customer), promotion, .text("bulkAction")],
            order: [.customer(customer)],
            evidence: [.joined("/", [.customerValue(customer), promotion])])
    }()

    static let grantReplies = CustomReply(codes: codes, fields: grantFields.map(\.name)) { json, _ in
        let items = json.list(json.member("response", of: json.root))
        guard items.count == 1 else { return nil }
        let errors = json.complaints(json.member("errors", of: items[0]))
        let warnings = json.complaints(json.member("warnings", of: items[0]))
        let refusals = errors + warnings.filter { $0.code == 8890 }
        let id =
            json.scalar(json.member(["result", "earnedId"], of: items[0]))
            ?? json.scalar(json.member(["result", "entityId"], of: items[0]))
        if let worst = codes.worst(of: refusals) {
            if id != nil, !errors.isEmpty {
                return .inDoubt(Refusal(.contradiction, serverCode: worst.code, message: worst.message))
            }
            return codes.disposition(worst)
        }
        return id.map {
            .accepted(
                ServerID($0), warnings.map { Warning(code: $0.code ?? 0, message: $0.message) })
        }
    }
}
