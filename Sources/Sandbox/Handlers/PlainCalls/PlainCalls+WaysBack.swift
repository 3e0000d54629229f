import NIOHTTP1

// The calls that take back what another one did. What they did is seen by the reads of their resource.
extension PlainCall {
    static let waysBack: [PlainCall] = [
        PlainCall(
            name: "coupons.revoke", method: .POST, path: "/v2/coupon/revoke", most: 50,
            form: .lists(
                done: #"{"entity":{"revokedCoupons":["#, failed: #"],"failedToRevoke":["#,
                tail: #"]},"warnings":[],"errors":[],"success":true}"#,
                item: { body, item, outcome, label in
                    let code = (body.text(item) ?? "").uppercased()
                    guard let complaint = outcome.complaint else {
                        return "{" + label.member("couponCode", code)
                            + #""couponId":\#(outcome.id ?? 0),"issuedToUserId":7}"#
                    }
                    let whose = label.member("couponCodes", code)
                        .replacing(#":"#, with: ":[").replacing(",", with: "],")
                    return "{" + whose
                        + #""errorCode":\#(complaint.code),"errorMessage":"\#(complaint.message)"}"#
                }, success: 200),
            repeats: .refused(682), list: { $0.list($0.member("couponCodes", of: $0.root)) },
            key: { body, item, _ in (body.text(item) ?? "").uppercased() },
            refusal: { body, item, _, service in
                let code = body.text(item) ?? ""
                if isUnknown(code) { return Complaint(682, "Coupon not found") }
                return Redemptions.isRedeemed(code, service)
                    ? Complaint(405, "Coupon code redeemed") : nil
            }, content: { _, _ in Array("{}".utf8) }),
        PlainCall(
            name: "coupons.reactivate", method: .POST, path: "/v2/coupon/reactivate",
            form: .lone { _, _, outcome in
                (200, #"{\#(outcome.errors),"success":\#(outcome.complaint == nil)}"#)
            }, repeats: .refused(510),
            key: { body, item, _ in
                body.text((body.list(body.member("redemptionIds", of: item)) ?? []).first) ?? ""
            },
            refusal: { body, item, _, _ in
                let id = (body.list(body.member("redemptionIds", of: item)) ?? []).first
                return isUnknown(body.text(id) ?? "") ? Complaint(510, "Invalid redemption ids") : nil
            }),
        PlainCall(
            name: "badges.revoke", method: .POST, path: "/api_gateway/v1/badges/customer/revokeEarn",
            form: .labelled { body, _, outcome, label in
                if let complaint = outcome.complaint {
                    return (
                        400,
                        #"{"data":null,"errors":[{"code":\#(complaint.code),"message":"\#(complaint.message)","reference":null}],"warnings":null}"#
                    )
                }
                let id = label.member("earnedBadgeId", body.text("earnedBadgeId", of: body.root))
                return (200, #"{"data":{\#(id)"isActive":false},"errors":[],"warnings":[]}"#)
            }, repeats: .refused(814),
            key: { body, item, _ in body.text("earnedBadgeId", of: item) ?? "" },
            refusal: { body, item, _, service in
                let id = body.text("earnedBadgeId", of: item) ?? ""
                if isUnknown(id) || isUnknown(body.text("customerId", of: item) ?? "") {
                    return Complaint(814, "Active earn instance is not present.")
                }
                // One that was given here is the customer's it was given to.
                let key =
                    "\(body.text("customerId", of: item) ?? "")/\(body.text("badgeMetaId", of: item) ?? "")"
                let thing = service.store.first(.badges) { Badges.name($0.id) == id }
                return thing.map { $0.key != Array(key.utf8) } ?? false
                    ? Complaint(814, "Active earn instance is not present.") : nil
            }),
        PlainCall(
            name: "badges.unenrol", method: .POST,
            path: "/api_gateway/v1/badges/badgeMeta/customer/revokeIssue", most: 20,
            form: .items(
                head: #"{"data":{"revokedIssuedBadges":["#,
                item: { body, item, outcome, label in
                    let (customer, issue) = Badges.revoked(body, item)
                    let whose =
                        switch label {
                        case .right: #""customerId":\#(customer.isEmpty ? "0" : customer),"#
                        case .wrong: #""customerId":2,"#
                        case .none: ""
                        }
                    guard let complaint = outcome.complaint else {
                        let id = issue.isEmpty ? Badges.name(outcome.id ?? 0) : issue
                        return #"{\#(whose)"issuedId":"\#(id)","error":null}"#
                    }
                    return
                        #"{\#(whose)"issuedId":null,"error":{"code":\#(complaint.code),"message":"\#(complaint.message)","reference":null}}"#
                }, tail: { _, _ in #"],"requestId":null},"errors":[],"warnings":[]}"# }),
            list: { body in
                body.list(body.member("revokeIssuals", of: body.root))
                    ?? body.list(body.member("customers", of: body.root))
            },
            key: { body, item, _ in
                let (customer, issue) = Badges.revoked(body, item)
                return "\(customer)/\(body.text("badgeMetaId", of: body.root) ?? "")/\(issue)"
            },
            refusal: { body, item, _, service in
                let (customer, issue) = Badges.revoked(body, item)
                let badge = body.text("badgeMetaId", of: body.root) ?? ""
                let isDone = !service.store.find(
                    .calls, "badges.unenrol/\(customer)/\(badge)/\(issue)".utf8
                ).isEmpty
                let isActive = Badges.isEnrolled("\(customer)/\(badge)", service)
                return isUnknown(customer) || isUnknown(issue) || isDone && !isActive
                    ? Complaint(404, "Customer doesn't have issue instance") : nil
            }, content: { _, _ in Array("{}".utf8) }),
    ]

    /// What is corrected of what is there.
    static let corrections: [PlainCall] = [
        PlainCall(
            name: "coupons.expiry", method: .PUT, path: "/v2/coupon/bulk/expiry",
            form: .lone { body, _, outcome in
                let said = outcome.complaint
                let item = (body.list(body.member("couponCodes", of: body.root)) ?? []).first
                let code = body.text("couponCode", of: item) ?? ""
                let failed = said.map {
                    #"{"couponCode":"\#(code)","errorCode":\#($0.code),"errorMessage":"\#($0.message)"}"#
                }
                return (
                    200,
                    #"{"entity":{"totalCount":1,"failedCount":\#(said == nil ? 0 : 1),"successCount":\#(said == nil ? 1 : 0),"unprocessedCoupons":[\#(failed ?? "")]},"warnings":[],"errors":[],"success":true}"#
                )
            },
            key: { body, item, _ in couponCode(body, item) },
            refusal: { body, item, _, _ in
                isUnknown(couponCode(body, item).lowercased())
                    ? Complaint(633, "invalid coupon code") : nil
            }),
        PlainCall(
            name: "tills.update", method: .PUT, path: "/v2/orgEntity/till/*", form: .single("entity"),
            key: { _, _, call in part(call, 3) },
            refusal: { _, _, call, _ in
                isUnknown(part(call, 3)) ? Complaint(1234, "till unknown") : nil
            }),
        PlainCall(
            name: "groups.update", method: .PUT, path: "/v2/userGroup2",
            form: .lone { body, _, outcome in
                guard outcome.complaint == nil else { return (400, "{" + outcome.errors + "}") }
                return (
                    200, #"{"id":\#(body.text("id", of: body.root) ?? "0"),"warnings":[]}"#
                )
            }, key: { body, item, _ in body.text("id", of: item) ?? "" },
            refusal: { body, item, _, _ in
                isUnknown(body.text("id", of: item) ?? "") ? Complaint(1605, "group unknown") : nil
            }),
        older(
            "customers.notes", "/v1.1/customer/notes", list: ["customer"], code: 1000, id: "user_id",
            key: { body, item in
                let note = (body.list(body.member("note", of: body.member("notes", of: item))) ?? [])
                    .first
                return body.text("id", of: note).map { "note/" + $0 }
                    ?? olderCustomer(body, item) + "/" + (body.text("description", of: note) ?? "")
            }, repeats: .adds, refusal: { body, item in olderStranger(body, item) }),
        older(
            "customers.preferences", "/v1.1/customer/preferences", list: ["customer"], code: 1000,
            id: "user_id", key: { body, item in olderCustomer(body, item) },
            refusal: { body, item in olderStranger(body, item) }),
        PlainCall(
            name: "transactions.delivery", method: .PUT, path: "/v2/transactions",
            form: .lone { _, _, outcome in
                (outcome.complaint == nil ? 200 : 400, "{" + outcome.errors + #","loyaltyDetails":[]}"#)
            }, key: { body, item, _ in body.text("id", of: item) ?? "" },
            refusal: { body, item, call, service in
                if let refusal = service.refusal(ofCustomer: call.query("identifierValue") ?? "") {
                    return refusal
                }
                return isUnknown(body.text("id", of: item) ?? "")
                    ? Complaint(667, "transaction id not found") : nil
            }),
    ]

    private static func couponCode(_ body: Document, _ item: Int) -> String {
        let first = (body.list(body.member("couponCodes", of: item)) ?? []).first
        return (body.text("couponCode", of: first) ?? "").uppercased()
    }

    private static func olderCustomer(_ body: Document, _ item: Int) -> String {
        ["mobile", "email", "external_id", "user_id"].compactMap { body.text($0, of: item) }.first ?? ""
    }

    private static func olderStranger(_ body: Document, _ item: Int) -> Complaint? {
        isUnknown(olderCustomer(body, item)) ? Complaint(1012, "customer not found") : nil
    }
}
