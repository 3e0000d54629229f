import Model
import Records

extension Endpoint {
    /// Redeems coupons of a customer on one bill: `POST /v2/coupon/bulk/redeem`.
    package static let couponsRedeem = EndpointSpec(
        "coupons.redeem",
        "Redeems coupons of one customer on one bill, all of a record or none. With one code per record, a bad code "
            + "does not affect the others.",
        .post, "/v2/coupon/bulk/redeem", what: "A redemption", adds: true,
        fields: CouponsRedeem.fields, keys: .code(CouponsRedeem.check),
        reply: .code(CouponsRedeem.replies), codes: CouponCodes.table,
        recovery: .code(.readBack(CouponsRedeem.dryRun)), refusesRepeat: true,
        source:
            "Redeem bulk coupons. Facts: Coupons, Redeem coupons. Unconfirmed: 50 codes (its page) or 100 (text "
            + "of 629); the name of the dry run's flag, so both are sent. The bulk form raises no event; the "
            + "time given is only checked, never stored."
    ).endpoint
}

enum CouponsRedeem {
    // MARK: Fields

    static let fields: [Field] = [
        Field(
            "redemptionRequestList",
            .list(.object([Field("code", .text(most: nil), .required)])), .required, "1 to 50 codes."),
        Field("user", Customers.one.kind, .required, "Identified by one of these."),
        Field("billAmount", .number(atLeast: 0), .required),
        Field("transactionNumber", .text(most: nil), .optional, "Required by some series (718)."),
        Field(
            "redemptionTime", .instant, .optional,
            "Only checked; the time stored is the current time of the store."),
    ]

    static func check(_ context: inout ItemContext) {
        let list = context.list("redemptionRequestList")
        if context.node("redemptionRequestList") != nil, !(1...50).contains(list.count) {
            context.problem(
                .outOfRange, "redemptionRequestList", "\(list.count) codes; 1 to 50 are allowed.")
        }
        let json = context.json
        let codes = list.map { json.scalar(json.member("code", of: $0)) ?? "" }
        if Set(codes.map { $0.lowercased() }).count != codes.count {
            context.problem(.rule, "redemptionRequestList", "A code is listed twice.")
        }
        let who = context.one(of: ["id", "mobile", "email", "externalId"], in: "user")
        context.identity = codes.map { $0.lowercased() }.sorted()
        context.orderKeys =
            [customerKey(who.type, who.value)] + codes.map { ["coupon", $0.lowercased()] }
        context.evidence =
            [
                codes.first ?? "", who.type, who.value, context.text("billAmount") ?? "",
                context.text("transactionNumber") ?? "",
            ] + codes
    }

    // MARK: Reply

    static let replies = CustomReply(codes: CouponCodes.table, fields: fields.map(\.name)) {
        json, member in
        let codes = Array(member.fields.dropFirst(5))
        let items = json.list(json.member("response", of: json.root))
        guard !items.isEmpty, items.count <= codes.count else { return nil }
        let verdicts = items.map { verdict(json, $0) }
        guard verdicts.allSatisfy({ $0.isDone != nil }) else { return nil }
        let failures = verdicts.filter { $0.isDone == false }
        if failures.isEmpty {
            guard items.count == codes.count else { return nil }
            let id = json.scalar(json.member(["result", "redemptionId"], of: items[0]))
            return .accepted(id.map { ServerID($0) }, [])
        }
        if failures.count < verdicts.count {
            return .inDoubt(Refusal(.contradiction, message: "Some are redeemed and some are not."))
        }
        // 749: this one is fine, another is not.
        let own = failures.compactMap(\.complaint).filter { $0.code != 749 }
        guard let worst = CouponCodes.table.worst(of: own) ?? failures.first?.complaint else {
            return nil
        }
        let words = own.map(\.message).joined(separator: "; ")
        return CouponCodes.table.disposition(
            Complaint(
                code: worst.code,
                message: codes.count == 1 ? words : "All or nothing of \(codes.count) codes: " + words))
    }

    private static func verdict(_ json: JSON, _ item: Int) -> (isDone: Bool?, complaint: Complaint?) {
        let status = json.member(["result", "redemptionStatus"], of: item)
        if let code = json.integer(json.member("code", of: status)) {
            let code = (code, json.boolean(json.member("success", of: status)))
            let words = json.scalar(json.member("message", of: status)) ?? ""
            let label = json.scalar(json.member(["result", "code"], of: item)).map { $0 + ": " } ?? ""
            switch code {
            case (700, true?), (731, true?): return (true, nil)
            case (700, _), (731, _): return (nil, nil)
            default: return (false, Complaint(code: code.0, message: label + words))
            }
        }
        guard let first = json.complaints(json.member("errors", of: item)).first else {
            return (nil, nil)
        }
        return (false, first)
    }

    // MARK: Looks

    /// The same call as a dry run: it says of each code whether it is used. Source: Coupons, Redeem coupons.
    ///
    /// A server that knows the flag by neither name redeems, and that is the redemption that was expected: one
    /// that was done before is refused, dry or not.
    static let dryRun = ReadBack(
        search: { member, _ in
            let fields = member.fields
            guard fields.count > 5 else { return .done(ids: [], others: []) }
            let codes = Array(fields.dropFirst(5))
            let target = "/v2/coupon/bulk/redeem?is_redeemable=true&isredeemable=true"
            return .ask(Request(.post, target, body: body(fields, codes), adds: true)) { reply in
                readDryRun(reply, codes)
            }
        }, source: "Coupons, Redeem coupons. The same call with is_redeemable, which redeems nothing."
    )

    private static func body(_ fields: [String], _ codes: [String]) -> [UInt8] {
        var out: [UInt8] = Array(#"{"redemptionRequestList":["#.utf8)
        for (index, code) in codes.enumerated() {
            out += Array((index > 0 ? "," : "").utf8) + Array(#"{"code":"#.utf8)
            JSONWriter.appendString(code, to: &out)
            out.append(UInt8(ascii: "}"))
        }
        out += Array("],\"user\":{".utf8)
        JSONWriter.appendString(fields[1], to: &out)
        out.append(UInt8(ascii: ":"))
        JSONWriter.appendString(fields[2], to: &out)
        out += Array("},\"billAmount\":".utf8)
        JSONWriter.appendString(fields[3], to: &out)
        if !fields[4].isEmpty {
            out += Array(",\"transactionNumber\":".utf8)
            JSONWriter.appendString(fields[4], to: &out)
        }
        out.append(UInt8(ascii: "}"))
        return out
    }

    private static func readDryRun(_ reply: Reply, _ codes: [String]) -> SearchStep {
        guard (200..<300).contains(reply.status), let json = JSON(reply.body) else {
            return .unclear(LookReply.unclear(reply))
        }
        let items = json.list(json.member("response", of: json.root))
        guard items.count == codes.count else { return .unclear(LookReply.unclear(reply)) }
        let shown = items.compactMap { json.scalar(json.member(["result", "code"], of: $0)) }
        guard shown.allSatisfy({ code in codes.contains { Form.text(code, $0) != .different } }) else {
            return .gap("The reply is about other coupons.")
        }
        let ids = items.compactMap { item -> String? in
            guard verdict(json, item).isDone == true else { return nil }
            let id = json.scalar(json.member(["result", "redemptionId"], of: item))
            return id == "-1" ? nil : id
        }
        if ids.count == codes.count { return .done(ids: [ServerID(ids[0])], others: []) }
        let used = items.filter { [711, 716, 747].contains(verdict(json, $0).complaint?.code ?? 0) }
        if used.count == codes.count { return .done(ids: [ServerID(codes[0])], others: []) }
        let refused = items.compactMap { verdict(json, $0).complaint }.filter { $0.code != 749 }
        return .done(ids: [], others: refused.map { "a code with the message: " + $0.message })
    }
}
