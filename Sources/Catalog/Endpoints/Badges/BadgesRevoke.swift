import Model
import Records

// The ways back: a badge that was earned, and an enrolment.
//
// Source: Badges, Revoke an earned badge; Badges, Revoke enrolments.
extension Endpoint {
    /// Takes an earned badge back: `POST …/badges/customer/revokeEarn`.
    package static let badgesRevoke = EndpointSpec(
        "badges.revoke", "Revokes badges that customers have earned, one per request.", .post,
        "/api_gateway/v1/badges/customer/revokeEarn", what: "A revocation", adds: true,
        fields: [
            Field("badgeMetaId", .text(most: nil), .required, "The id of the badge."),
            Field(
                "customerId", .integer(1...Int.max), .required, "The server's id of the customer."),
            Field(
                "earnedBadgeId", .text(most: nil), .required,
                "The server's id of the badge that this customer has: that of an accepted badges.earn or badges.import."
            ),
        ],
        keys: Keys(
            identity: [.text("earnedBadgeId")], order: [.customer(.id("customerId"))],
            evidence: [.text("earnedBadgeId"), .integer("customerId"), .text("badgeMetaId")]),
        reply: .code(BadgesRevoke.earnedReplies), codes: BadgesRevoke.earnedCodes,
        // 814: it is not active, whoever ended it.
        recovery: .resend, refusesRepeat: true,
        source:
            "Revoke issued badge. Facts: Badges, Revoke an earned badge; Badges, Badge codes. Unconfirmed: whether 814 "
            + "tells a revoked badge from an unknown one. After a lost answer it is taken as done."
    ).endpoint

    /// Ends enrolments: `POST …/badges/badgeMeta/customer/revokeIssue`.
    package static let badgesUnenrol = EndpointSpec(
        "badges.unenrol", "Revokes enrolments of customers for badges.", .post,
        "/api_gateway/v1/badges/badgeMeta/customer/revokeIssue", what: "A revocation", adds: true,
        // Source: Badges, Revoke enrolments.
        chunk: .upTo(20, normal: 20),
        fields: [
            Field("badgeMetaId", .text(most: nil), .required, "The id of the badge."),
            Field(
                "customerId", .integer(1...Int.max), .required, "The server's id of the customer."),
            Field(
                "issueId", .text(most: nil), .optional,
                "The server's id of one enrolment: that of an accepted badges.enrol. Without it, all of the customer's "
                    + "enrolments for the badge are revoked."),
        ], keys: .code(BadgesRevoke.keys), body: .code(BadgesRevoke.body),
        reply: .function(BadgesRevoke.codes, BadgesRevoke.readEnrolments), codes: BadgesRevoke.codes,
        recovery: .resend, refusesRepeat: true,
        source:
            "Revoke enrolled badges. Facts: Badges, Revoke enrolments; Badges, Badge codes. Unconfirmed: whether 404 "
            + "tells a revoked enrolment from one that never was. After a lost answer it is taken as done."
    ).endpoint
}

enum BadgesRevoke {
    /// Source: Badges, Revoke an earned badge; Badges, Badge codes.
    static let earnedCodes = CodeTable([
        .init(.exists, .targetUnknown, 814), .init(.rejected, .targetUnknown, 404, 1054),
        .init(.rejected, .refused, 400), .init(.inDoubt, .noAnswer, 999_999),
        .init(.again, .busy, 521, 461, 4001), .init(.again, .throttled, 517),
    ])

    /// Source: Badges, Revoke enrolments; Badges, Badge codes. 404 is said of an item.
    static let codes = CodeTable([
        .init(.exists, .targetUnknown, 404), .init(.rejected, .targetUnknown, 1054),
        .init(.rejected, .refusedValue, 1051), .init(.rejected, .refused, 400),
        .init(.inDoubt, .noAnswer, 999_999),
        .init(.again, .busy, 521, 461, 4001), .init(.again, .throttled, 517),
        .init(.batch, .batchTooLarge, 1060),
    ])

    // MARK: Earned badges

    /// Done is what is not active any more, under the id that was sent.
    static let earnedReplies = CustomReply(
        codes: earnedCodes, fields: ["badgeMetaId", "customerId", "earnedBadgeId"]
    ) { json, member in
        let complaints = json.complaints(json.member("errors", of: json.root))
        let data = json.member("data", of: json.root)
        let id = json.scalar(json.member("earnedBadgeId", of: data)) ?? ""
        if let worst = earnedCodes.worst(of: complaints) {
            guard id.isEmpty else {
                return .inDoubt(
                    Refusal(.contradiction, serverCode: worst.code, message: worst.message))
            }
            return earnedCodes.disposition(worst)
        }
        guard id == EvidenceFields.text(0, of: member),
            json.boolean(json.member("isActive", of: data)) == false
        else { return nil }
        return .accepted(ServerID(id), [])
    }

    // MARK: Enrolments

    /// One badge a request, and either customers or single enrolments. What comes back names a customer.
    static func keys(_ context: inout ItemContext) {
        let badge = context.text("badgeMetaId") ?? ""
        let customer = context.integer("customerId") ?? ""
        let issue = context.filled("issueId") ?? ""
        context.identity = [customer, badge, issue]
        context.binding = [customer]
        context.group = [badge, issue.isEmpty ? "customers" : "enrolments"]
        context.orderKeys = [["customer", "id", customer]]
        context.evidence = [customer, badge, issue, customer + "/" + badge]
    }

    @Sendable static func body(_ items: [ArraySlice<UInt8>]) -> [UInt8] {
        let parsed = items.compactMap { JSON(Array($0)) }
        guard let first = parsed.first else { return [] }
        func raw(_ json: JSON, _ name: StaticString) -> [UInt8]? {
            json.member(name, of: json.root).map { Array(json.bytes[json.tape.fullRange(of: $0)]) }
        }
        func customer(_ json: JSON) -> String {
            json.scalar(json.member("customerId", of: json.root)) ?? "null"
        }
        let issue = first.scalar(first.member("issueId", of: first.root)) ?? ""
        var body = Array("{\"badgeMetaId\":".utf8) + (raw(first, "badgeMetaId") ?? [])
        body += Array((issue.isEmpty ? ",\"customers\":[" : ",\"revokeIssuals\":[").utf8)
        for (index, json) in parsed.enumerated() {
            if index > 0 { body.append(UInt8(ascii: ",")) }
            if issue.isEmpty {
                body += Array(customer(json).utf8)
            } else {
                body += Array("{\"customerId\":\(customer(json)),\"issueId\":".utf8)
                body += (raw(json, "issueId") ?? []) + [UInt8(ascii: "}")]
            }
        }
        return body + Array("]}".utf8)
    }

    /// An item each, told by its customer; one that failed has an `error`, perhaps beside the id of an enrolment.
    private static let enrolmentReplies = BulkReply(
        labels: [
            BulkReply.Label(
                member: { Label.digest(EvidenceFields.text(0, of: $0)) },
                item: { json, item in Label.digest(json, json.member("customerId", of: item)) },
                agree: { _, _, _ in true })
        ],
        codes: codes, fields: ["badgeMetaId", "customerId", "issueId"], proof: .noErrors,
        form: BulkReply.Form(
            list: { json in
                let list = json.member(["data", "revokedIssuedBadges"], of: json.root)
                return list.flatMap { json.kind($0) == .array ? $0 : nil }
            },
            id: { json, item in json.member("issuedId", of: item) }, idIsText: true,
            errors: { json, item in json.complaints(json.member("error", of: item)) },
            warnings: { json, item in json.complaints(json.member("warnings", of: item)) }))

    @Sendable static func readEnrolments(_ reply: Reply, _ members: [Evidence]) -> Verdict {
        BadgeCodes.whole(reply, members.count) ?? enrolmentReplies.read(reply, members: members)
    }
}
