import Model
import Records

extension Endpoint {
    /// Gives customers a cart promotion: `POST …/promotions/{promotionId}/issueBulk`.
    package static let promotionsIssue = EndpointSpec(
        "promotions.issue",
        "Gives customers a cart promotion by its id, one customer per record.", .post,
        "/api_gateway/v1/promotions/{promotionId}/issueBulk", what: "A promotion", adds: true,
        // Source: Promotions, Issue a cart promotion. How many it takes is not stated. After a lost answer all of
        // a request are left to a person, so one travels alone where the job does not say otherwise.
        chunk: .upTo(50, normal: 1),
        parameters: [
            Parameter("context", .query("contextId"), .text(most: nil), "The reason for the promotion.")
        ],
        fields: [
            Field("promotionId", .text(most: nil), .required).inPath,
            Field("customerId", .integer(1...Int.max), .required, "The server's id."),
        ],
        keys: PromotionsIssue.keys, body: .code(PromotionsIssue.body),
        reply: .code(PromotionsIssue()), codes: PromotionsIssue.codes, recovery: .hold, repeats: nil,
        source:
            "Issue cart promotion. Facts: Promotions, Issue a cart promotion; Replies, More envelopes. One bad "
            + "customer makes the whole request fail (1006); it is then split into smaller ones. Unconfirmed: how "
            + "many it accepts, and what the reply has for each customer."
    ).endpoint
}

/// Reads `{"data":{"<customerId>":{…}},"errors":[]}`: whose an entry is, its name says.
struct PromotionsIssue: ReplyReader {
    static let keys = Keys(
        identity: [.text("promotionId"), .integer("customerId")],
        binding: [.integer("customerId")], group: [.text("promotionId")],
        order: [.customer(.id("customerId"))],
        evidence: [
            .joined("/", [.integer("customerId"), .text("promotionId")]), .integer("customerId"),
        ])

    /// A list of the customers' numbers.
    static let body: @Sendable ([ArraySlice<UInt8>]) -> [UInt8] = { items in
        let numbers = items.compactMap { item in
            JSON(Array(item)).flatMap { $0.scalar($0.member("customerId", of: $0.root)) }
        }
        return Array("[\(numbers.joined(separator: ","))]".utf8)
    }

    /// Source: Promotions, Issue a cart promotion.
    static let codes = CodeTable([
        .init(.rejected, .targetUnknown, 404, 706),
        .init(.rejected, .refusedValue, 400, 705, 707, 713, 714),
        .init(.batch, .customerUnknown, 1006),
        .init(.again, .busy, 521, 461, 4001), .init(.again, .throttled, 517),
        .init(.inDoubt, .noAnswer, 500, 1007), .init(.batch, .batchTooLarge, 1060),
    ])

    var codes: CodeTable { Self.codes }

    func read(_ reply: Reply, members: [Evidence]) -> Verdict {
        let json = JSON(reply.body)
        let whole = WholeReply(
            reply: reply, json: json, codes: codes, fields: ["promotionId", "customerId"]
        ).verdict
        guard (200..<300).contains(reply.status), let json,
            let data = json.member("data", of: json.root), json.isObject(data),
            json.list(json.member("errors", of: json.root)).isEmpty
        else { return whole }
        return .each(
            members.map { member in
                let customer = EvidenceFields.text(1, of: member)
                guard let entry = json.member(named: customer, of: data), !json.isNull(entry) else {
                    return .inDoubt(
                        Refusal(.unboundAnswer, message: "The reply does not name the customer."))
                }
                let code = json.integer(json.member("errorCode", of: entry))
                let said =
                    json.complaints(json.member("errors", of: entry))
                    + (code.map {
                        [
                            Complaint(
                                code: $0,
                                message: json.scalar(json.member("errorMessage", of: entry)) ?? "")
                        ]
                    } ?? [])
                if let worst = codes.worst(of: said) { return codes.disposition(worst) }
                return .accepted(
                    json.scalar(json.member("id", of: entry)).map { ServerID($0) }, [])
            })
    }
}
