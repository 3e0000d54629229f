import NIOHTTP1

extension PlainCall {
    static let promotions: [PlainCall] = [
        PlainCall(
            name: "promotions.earn", method: .POST, path: "/api_gateway/v1/promotions/earn/bulk",
            form: .lone { body, _, outcome in
                let one = body.list(body.member("earnedPromotions", of: body.root))?.first
                let promotion = body.text("promotionId", of: one) ?? ""
                if let complaint = outcome.complaint {
                    return (
                        400,
                        #"{"data":null,"errors":[{"code":\#(complaint.code),"message":"\#(complaint.message)"}]}"#
                    )
                }
                return (
                    200,
                    #"{"data":[{"promotionId":"\#(promotion)","earnedFromId":"\#(body.text("earnedFromId", of: one) ?? "")","#
                        + #""successfulEarnCount":\#(body.text("earnCount", of: one) ?? "1"),"failedEarnCount":0,"#
                        + #""customerEarnedPromotions":[{"id":"\#(outcome.id ?? 0)","promotionId":"\#(promotion)"}]}],"errors":[]}"#
                )
            }, repeats: .adds,
            key: { body, item, _ in
                let one = body.list(body.member("earnedPromotions", of: item))?.first
                return (body.text("customerId", of: item) ?? "") + "/"
                    + (body.text("promotionId", of: one) ?? "") + "/"
                    + (body.text("earnedFromId", of: one) ?? "")
            },
            refusal: { body, item, _, _ in
                let one = body.list(body.member("earnedPromotions", of: item))?.first
                return isUnknown(body.text("promotionId", of: one) ?? "")
                    ? Complaint(706, "promotion over") : nil
            }),
        PlainCall(
            name: "promotions.enrol", method: .POST, path: "/v3/promotions/enrol",
            form: .lone { _, _, outcome in
                guard let complaint = outcome.complaint else {
                    return (200, #"{"data":{"enrolled":true},"errors":[],"warnings":[]}"#)
                }
                return (
                    400,
                    #"{"data":null,"errors":[{"code":\#(complaint.code),"message":"\#(complaint.message)"}],"warnings":[]}"#
                )
            },
            key: { body, item, _ in
                (body.text("identifierValue", of: body.member("customer", of: item)) ?? "") + "/"
                    + (["id", "promotionId"].compactMap {
                        body.text($0, of: body.member("promotion", of: item))
                    }.first ?? "")
            },
            refusal: { body, item, _, service in
                if isUnknown(body.text("identifierValue", of: body.member("customer", of: item)) ?? "")
                {
                    return Complaint(310_005, "customer unknown")
                }
                return taken(body.text("requestId", of: item) ?? "", service)
            }),
    ]

    /// A request id is taken once. Source: API reference, "Enrol customers for badges".
    private static func taken(_ id: String, _ service: Service) -> Complaint? {
        guard !id.isEmpty else { return nil }
        let key = "promotions.enrol/" + id
        guard service.store.find(.requestIDs, key.utf8).isEmpty else {
            return Complaint(809, "Request with the same requestId is not allowed")
        }
        _ = service.add(.requestIDs, key, Array("{}".utf8))
        return nil
    }

    static let grants: [PlainCall] =
        ([
            ("promotions.grant", "directEarn"), ("promotions.grant", "enrolAndEarn"),
            ("promotions.revoke", "revokeDirectEarn"), ("promotions.revoke", "revokeEnrolAndEarn"),
        ] as [(String, String)]).map { (name, call) -> PlainCall in
            PlainCall(
                name: name, method: .POST, path: "/v2/promotion/bulk/" + call, most: 10,
                form: .items(
                    head: #"{"response":["#,
                    item: { _, _, outcome, _ in
                        guard let id = outcome.id else { return "{" + outcome.errors + "}" }
                        return
                            #"{"result":{"entityType":"CUSTOMER","entityId":\#(id),"earnedId":"\#(id)"},\#(outcome.errors)}"#
                    }, tail: { #"],"totalCount":\#($0),"failureCount":\#($1)}"# }),
                repeats: .adds, list: { $0.list($0.member("customers", of: $0.root)) },
                key: { body, item, _ in
                    let details = body.member("promotionDetails", of: body.root)
                    return (body.text("identifierValue", of: item) ?? "") + "/"
                        + (body.text("promotionId", of: details) ?? "")
                },
                refusal: { body, item, _, _ in stranger(body.text("identifierValue", of: item) ?? "") })
        }
}

/// `GET /api_gateway/v1/promotions/customer/{customer}`: what he has earned, and from where.
enum EarnedPromotions {
    static let desks = [
        RouteHandler(method: .GET, path: "/api_gateway/v1/promotions/customer/*", kind: .look) {
            service, call, troubles in
            let view = LookView(troubles, now: service.now())
            let prefix = "promotions.earn/\(call.name)/"
            let rows = service.store.all(.calls).filter(view.shows).compactMap { thing -> String? in
                let key = String(decoding: thing.key, as: UTF8.self)
                guard key.hasPrefix(prefix) else { return nil }
                let parts = key.dropFirst(prefix.count).split(separator: "/")
                guard parts.count == 2 else { return nil }
                return
                    #"{"id":"\#(thing.id)","promotionId":"\#(parts[0])","earnedFromId":"\#(parts[1])"}"#
            }
            return Answer(text: #"{"data":[\#(rows.joined(separator: ","))],"errors":[]}"#)
        }
    ]
}
