import NIOHTTP1

extension PlainCall {
    /// Answered by a text of the call's own where it is done, else by an error in the form E2.
    private static func lone(
        _ name: String, _ path: String, done: @escaping @Sendable (Int64) -> String,
        key: @escaping @Sendable (Document, Int, Call) -> String,
        who: @escaping @Sendable (Document, Int, Call) -> String
    ) -> PlainCall {
        PlainCall(
            name: name, method: .POST, path: path,
            form: .lone { _, _, outcome in
                guard let id = outcome.id else { return (400, "{" + outcome.errors + "}") }
                return (200, done(id))
            }, repeats: .adds, key: key,
            refusal: { body, item, call, _ in stranger(who(body, item, call)) })
    }

    static let moves: [PlainCall] = [
        lone(
            "points.transfer", "/v2/points/transfer", done: { #"{"data":[{"transferId":\#($0)}]}"# },
            key: { body, item, _ in
                ["fromCustomerIdentifier", "toCustomerIdentifier"].map {
                    body.text("value", of: body.member($0, of: item)) ?? ""
                }.joined(separator: "/")
            },
            who: { body, item, _ in
                body.text("value", of: body.member("fromCustomerIdentifier", of: item)) ?? ""
            }),
        lone(
            "points.deduct", "/v2/customers/*/negativePointsAdjustment",
            done: { _ in #"{"status":"success","pointsAvailable":10}"# },
            key: { _, _, call in part(call, 2) }, who: { _, _, call in part(call, 2) }),
        lone(
            "points.redeem", "/v2/customers/*/redemptions",
            done: { #"{"entity":{"redemptionId":"\#($0)"},"warnings":[],"errors":[]}"# },
            key: { body, item, _ in body.text("externalReferenceNumber", of: item) ?? "" },
            who: { _, _, call in part(call, 2) }),
        lone(
            "points.reverse", "/v2/points/reverse", done: { _ in #"{"pointsReversed":5}"# },
            key: { body, item, _ in body.text("redemptionId", of: item) ?? "" },
            who: { body, item, _ in body.text("value", of: body.member("identifier", of: item)) ?? "" }),
        lone(
            "groups.transfer", "/v2/userGroup2/transfer",
            done: { _ in #"{"warnings":[],"errors":[],"success":true}"# },
            key: { body, item, _ in
                (body.list(body.member("userIds", of: item)) ?? []).compactMap { body.text($0) }
                    .joined(separator: "/")
            },
            who: { body, item, _ in
                body.text((body.list(body.member("userIds", of: item)) ?? []).first) ?? ""
            }),
        lone(
            "deletions.request", "/v2/requests", done: { #"{"entity":\#($0),"warnings":[]}"# },
            key: { body, item, _ in
                body.text(
                    "identifierValue", of: body.member("customerIdentificationInfo", of: item)) ?? ""
            },
            who: { body, item, _ in
                body.text(
                    "identifierValue", of: body.member("customerIdentificationInfo", of: item)) ?? ""
            }),
    ]

    static let points: [PlainCall] = [
        PlainCall(
            name: "currency.allocate", method: .POST, path: "/v2/customers/bulk/manualCurrencyAllocate",
            most: 10,
            form: .items(
                head: #"{"data":["#,
                item: { body, item, outcome, label in
                    let lookup = body.member("lookupParams", of: item)
                    let value = body.text("identifierValue", of: lookup) ?? ""
                    // The number of a customer who is named otherwise is the server's to tell.
                    let id =
                        body.text("identifierType", of: lookup) == "id"
                        ? value : body.text("groupId", of: lookup) ?? "70000001"
                    let whose = label == .none ? "" : #""entityId":\#(label == .right ? id : "999"),"#
                    let word = outcome.id == nil ? "FAILURE" : "SUCCESS"
                    let status =
                        outcome.complaint.map { $0.code == 6006 ? 409 : 400 } ?? 200
                    return
                        #"{"status":"\#(word)",\#(whose)"eventLogId":\#(outcome.id ?? -1),"httpStatus":\#(status),\#(outcome.errors)}"#
                }, tail: { #"],"total":\#($0),"success":\#($0 - $1),"failures":\#($1),"warnings":[]}"# }
            ),
            repeats: .refused(6006), list: { $0.list($0.root) },
            key: { body, item, _ in body.text("uniqueId", of: item) ?? "" },
            refusal: { body, item, _, _ in
                for name in ["billLineItemId", "promotionId"] {
                    if let text = body.text(name, of: item), Int64(text) == nil {
                        return Complaint(400, "\(name) is a number")
                    }
                }
                return isUnknown(body.text("eventSourceId", of: item) ?? "")
                    ? Complaint(8139, "bill unknown") : nil
            }),
        PlainCall(
            name: "points.expiry", method: .POST, path: "/v2/points/updateExpiry", most: 50,
            form: .lists(
                done: #"{"currencyExpiryUpdateResponse":["#, failed: #"],"failures":["#, tail: "]}",
                item: { body, item, outcome, label in
                    let id = label == .right ? body.text("pointsAwardedRefId", of: item) ?? "0" : "999"
                    let type = body.text("pointsAwardedRefType", of: item) ?? ""
                    let whose =
                        label == .none
                        ? "" : #""pointsAwardedRefId":\#(id),"pointsAwardedRefType":"\#(type)","#
                    guard let complaint = outcome.complaint else {
                        return "{" + whose + #""done":true}"#
                    }
                    return "{" + whose
                        + #""errorCode":\#(complaint.code),"errorMessage":"\#(complaint.message)"}"#
                }, success: 200),
            list: { $0.list($0.member("expiryDateUpdateRequest", of: $0.root)) },
            key: { body, item, _ in body.text("pointsAwardedRefId", of: item) ?? "" },
            refusal: { body, item, _, _ in
                isUnknown(body.text("pointsAwardedRefId", of: item) ?? "")
                    ? Complaint(8931, "no such points") : nil
            }),
    ]
}
