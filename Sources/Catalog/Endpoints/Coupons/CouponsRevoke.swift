import Model
import Records

extension Endpoint {
    /// Revokes coupons that nobody has redeemed: `POST /v2/coupon/revoke`.
    package static let couponsRevoke = EndpointSpec(
        "coupons.revoke", "Revokes coupons that are not redeemed, by code, up to 50 per request.",
        .post, "/v2/coupon/revoke", what: "A revocation",
        adds: true,
        chunk: .upTo(50, normal: 50), fields: CouponsRevoke.fields, keys: .code(CouponsRevoke.keys),
        body: .code(CouponsRevoke.body), reply: .function(CouponsRevoke.codes, CouponsRevoke.read),
        codes: CouponsRevoke.codes,
        // A code that was revoked is not found by a second call (682): either way nobody can use it.
        recovery: .resend, refusesRepeat: true,
        source:
            "Revoke coupon. Facts: Coupons, Revoke coupons. Unconfirmed: whether 682 tells a code that was revoked "
            + "before from one that never was. After a lost answer it is taken as done."
    ).endpoint
}

enum CouponsRevoke {
    // MARK: Fields

    static let fields: [Field] = [
        Field(
            "couponSeriesId", .integer(1...Int.max), .optional,
            "Without it, each code is a request of its own."),
        Field("couponCode", .text(most: nil), .required, "The server takes no notice of its case."),
    ]

    /// Codes of one series share a request. Source: Coupons, Revoke coupons.
    static func keys(_ context: inout ItemContext) {
        let code = context.text("couponCode") ?? ""
        let series = context.integer("couponSeriesId") ?? ""
        let key = code.lowercased()
        context.identity = [key]
        context.binding = [key]
        context.group = series.isEmpty ? ["code", key] : ["series", series]
        context.orderKeys = [["coupon", key]]
        context.evidence = [code, series]
    }

    @Sendable static func body(_ items: [ArraySlice<UInt8>]) -> [UInt8] {
        let parsed = items.compactMap { JSON(Array($0)) }
        var body = [UInt8(ascii: "{")]
        if let json = parsed.first,
            let series = json.scalar(json.member("couponSeriesId", of: json.root))
        {
            body += Array("\"couponSeriesId\":\(series),".utf8)
        }
        body += Array("\"couponCodes\":[".utf8)
        for (index, json) in parsed.enumerated() {
            if index > 0 { body.append(UInt8(ascii: ",")) }
            if let code = json.member("couponCode", of: json.root) {
                body += json.bytes[json.tape.fullRange(of: code)]
            }
        }
        return body + Array("]}".utf8)
    }

    // MARK: Reply

    /// Source: Coupons, Revoke coupons; Coupons, Coupon codes.
    static let codes = CodeTable([
        .init(.exists, .targetUnknown, 682, 404),
        .init(.rejected, .refused, 405, 711, 716),
        .init(.rejected, .refusedSetup, 108, 712, 811),
        .init(.rejected, .refusedValue, 629, 756),
        .init(.rejected, .customerUnknown, 701),
        .init(.rejected, .targetUnknown, 702, 703, 707),
        .init(.inDoubt, .noAnswer, 412, 748),
        .init(.again, .busy, 413, 521, 461, 786, 787, 4001), .init(.again, .throttled, 517),
        .init(.batch, .batchTooLarge, 1060),
    ])

    /// A list of what was revoked, and lists of codes under each reason. One sample has no `entity` around them.
    @Sendable static func read(_ reply: Reply, _ members: [Evidence]) -> Verdict {
        let json = JSON(reply.body)
        let whole = WholeReply(
            reply: reply, json: json, codes: codes, fields: fields.map(\.name)
        ).verdict
        guard let json, json.isObject(json.root), reply.status < 500,
            ![401, 403, 404, 429].contains(reply.status)
        else { return whole }
        let holder = json.member("entity", of: json.root) ?? json.root
        guard let done = json.member("revokedCoupons", of: holder), json.kind(done) == .array else {
            return refusal(json, members) ?? whole
        }
        if let first = json.complaints(json.member("errors", of: json.root)).first {
            let refusal = Refusal(
                .contradiction, serverCode: first.code, message: first.message)
            return .each(members.map { _ in .inDoubt(refusal) })
        }
        var said: [String: Disposition] = [:]
        func say(_ code: String?, _ disposition: Disposition) {
            guard let code = code?.lowercased(), !code.isEmpty else { return }
            if let earlier = said[code], earlier != disposition {
                said[code] = .inDoubt(
                    Refusal(.contradiction, message: "The reply tells two things of the code."))
            } else {
                said[code] = disposition
            }
        }
        for coupon in json.list(done) {
            let id = json.scalar(json.member("couponId", of: coupon)).map { ServerID($0) }
            say(json.scalar(json.member("couponCode", of: coupon)), .accepted(id, []))
        }
        for failure in json.list(json.member("failedToRevoke", of: holder)) {
            // Samples spell the member in three ways.
            let number =
                json.member("errorCode", of: failure) ?? json.member("errroCode", of: failure)
                ?? json.member("errrorCode", of: failure) ?? json.member("code", of: failure)
            let words =
                json.member("errorMessage", of: failure) ?? json.member("message", of: failure)
            let complaint = Complaint(
                code: json.integer(number), message: json.scalar(words) ?? "")
            for code in json.list(json.member("couponCodes", of: failure)) {
                say(json.scalar(code), codes.disposition(complaint))
            }
        }
        return .each(
            members.map { member in
                said[EvidenceFields.text(0, of: member).lowercased()]
                    ?? .unbound(
                        Refusal(.unboundAnswer, message: "The reply does not name the code."))
            })
    }

    /// Of a request with one code, errors are about it.
    private static func refusal(_ json: JSON, _ members: [Evidence]) -> Verdict? {
        let complaints = json.complaints(json.member("errors", of: json.root))
        guard members.count == 1, let worst = codes.worst(of: complaints),
            worst.code.map({ codes.lists($0) }) ?? false,
            ![.again, .batch].contains(codes.row(of: worst).meaning)
        else { return nil }
        return .each([codes.disposition(worst)])
    }
}
