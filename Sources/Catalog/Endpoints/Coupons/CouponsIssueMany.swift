import Model
import Records

extension Endpoint {
    /// Issues several coupons of one series to a customer: `POST /v2/coupon/issue/multiple`.
    package static let couponsIssueMany = EndpointSpec(
        "coupons.issueMany",
        "Issues several coupons of one series to a customer. If only some are issued, the record is accepted with a warning.",
        .post, "/v2/coupon/issue/multiple", what: "An issue", adds: true,
        fields: [
            Field(
                "seriesId", .integer(1...Int.max), .required, "Not a series that is managed elsewhere."),
            Field("count", .integer(1...500), .required, "How many."), Customers.one,
            CouponsIssue.metadata,
        ], rules: [.exactlyOne(of: CouponsIssueMany.identifiers, in: "customer")],
        keys: CouponsIssueMany.keys, reply: .code(CouponsIssueMany.replies),
        codes: CouponsIssueMany.codes, recovery: .hold, repeats: nil,
        source:
            "Issue multiple coupons. Facts: Coupons, Issue several coupons of a series; Coupons, Coupon codes. "
            + "Unconfirmed: a table says seriesIds, every sample seriesId. Nothing prevents a repeat, and "
            + "no read shows which request issued a coupon."
    ).endpoint
}

enum CouponsIssueMany {
    static let identifiers = ["mobile", "email", "externalId"]

    static let keys: Keys = {
        let customer = CustomerForm.one(of: identifiers, in: "customer")
        return Keys(
            identity: [.customer(customer), .integer("seriesId"), .integer("count")],
            order: [.customer(customer)],
            evidence: [
                .joined("/", [.customerValue(customer), .integer("seriesId")]), .integer("count"),
            ])
    }()

    /// Source: Coupons, Issue several coupons of a series. Warning forms have numbers of their own.
    static let codes = CouponCodes.table.adding(
        .init(.rejected, .refused, 5001, 5002, 5004, 5006, 678, 679),
        // The queue of codes is empty for now.
        .init(.again, .busy, 5005))

    static let replies = CustomReply(codes: codes, fields: ["seriesId", "count", "customer"]) {
        json, member in
        let complaints = json.complaints(json.member("errors", of: json.root))
        let wanted = Int(EvidenceFields.text(1, of: member)) ?? 1
        let coupons = json.list(json.member("coupons", of: json.root))
        guard json.member("coupons", of: json.root) != nil || !complaints.isEmpty else { return nil }
        // The counts and the list have to agree.
        if let told = json.integer(json.member("successCount", of: json.root)), told != coupons.count {
            return .inDoubt(
                Refusal(.contradiction, message: "\(coupons.count) coupons, but a count of \(told)."))
        }
        let codes = coupons.compactMap { json.scalar(json.member("code", of: $0)) }
        guard codes.count == coupons.count else { return nil }
        return Self.codes.disposition(
            done: codes.count, of: wanted, complaints,
            id: codes.first.map { ServerID(codes.count > 1 ? "\($0) and \(codes.count - 1) more" : $0) }
        )
    }
}
