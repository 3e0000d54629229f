import NIOHTTP1
import Records

// The calls of ``PlainCall``, family by family. Customers, brands and so on exist unless their identifier begins
// with `unknown`; customers with a number that begins with 404 do not.
//
// Source: API reference, the pages that the catalog names.
extension PlainCall {
    static let all: [PlainCall] = [
        customers, older, groups, parts, labels, coupons, promotions, grants, partners, points,
        moves,
    ].flatMap { (calls: [PlainCall]) -> [PlainCall] in calls }

    private static func isUnknown(_ text: String) -> Bool {
        text.hasPrefix("unknown") || text.hasPrefix("404")
    }

    private static func stranger(_ text: String) -> Complaint? {
        isUnknown(text) ? Complaint(8015, "customer not found") : nil
    }

    /// The component of the path at that index.
    private static func part(_ call: Call, _ index: Int) -> String {
        let parts = call.path.split(separator: "/").map(String.init)
        return parts.indices.contains(index) ? parts[index] : ""
    }

    /// The value of a customer object.
    private static func who(_ body: Document, _ node: Int?) -> String {
        ["id", "mobile", "email", "externalId"].compactMap { body.text($0, of: node) }.first ?? ""
    }

    // MARK: Customers

    private static func lookedUp(_ name: String, _ path: String) -> PlainCall {
        PlainCall(
            name: name, method: .PUT, path: path, form: .single("entity"),
            key: { _, _, call in call.query("identifierValue") ?? "" },
            refusal: { _, _, call, _ in stranger(call.query("identifierValue") ?? "") })
    }

    private static let customers: [PlainCall] = [
        lookedUp("customers.updateBy", "/v2/customers/lookup"),
        lookedUp("customers.status", "/v2/customers/lookup/status"),
        PlainCall(
            name: "customers.update", method: .PUT, path: "/v2/customers/*", form: .single("entity"),
            key: { _, _, call in part(call, 2) }, refusal: { _, _, call, _ in stranger(part(call, 2)) }),
        PlainCall(
            name: "customers.changeIdentifier", method: .POST, path: "/v2/customers/*/changeIdentifier",
            form: .single("entity"), repeats: .refused(11000),
            key: { body, item, call in
                let first = body.list(body.member("add", of: item))?.first
                let value = body.text("value", of: first) ?? ""
                return value.isEmpty
                    ? "" : part(call, 2) + "/" + (body.text("type", of: first) ?? "") + "/" + value
            },
            refusal: { _, _, call, _ in stranger(part(call, 2)) }),
        PlainCall(
            name: "customers.subscribe", method: .POST, path: "/v2/customers/*/subscriptions",
            form: .single("entity"), key: { _, _, call in part(call, 2) },
            refusal: { _, _, call, _ in stranger(part(call, 2)) }),
        PlainCall(
            name: "labels.change", method: .POST, path: "/v2/customers/*/changeLabels",
            form: .lone { body, call, outcome in
                let names = ["add", "remove"].flatMap {
                    body.list(body.member($0, of: body.root)) ?? []
                }
                .compactMap { body.text("labelName", of: $0) }
                if let complaint = outcome.complaint {
                    return (
                        400,
                        #"{"warnings":[],"errors":[{"status":false,"code":\#(complaint.code),"message":"no"}]}"#
                    )
                }
                if names.contains(where: isUnknown) {
                    return (
                        200,
                        #"{"warnings":[{"status":false,"code":33001,"message":"no such label"}]}"#
                    )
                }
                return (200, #"{"entity":\#(part(call, 2)),"warnings":[]}"#)
            }, key: { _, _, call in part(call, 2) },
            refusal: { _, _, call, _ in stranger(part(call, 2)) }),
    ]

    // MARK: v1.1

    private static func older(
        _ name: String, _ path: String, list: [String], code: Int, id: String,
        key: @escaping @Sendable (Document, Int) -> String,
        refusal: @escaping @Sendable (Document, Int) -> Complaint?
    ) -> PlainCall {
        let inner = list.last ?? ""
        let outer = list.count > 1 ? "\"\(list[0])\":{\"\(inner)\":[" : "\"\(inner)\":["
        return PlainCall(
            name: name, method: .POST, path: path, most: 100,
            form: .items(
                head: #"{"response":{"status":{"success":"true","code":"200","message":"ok"},"# + outer,
                item: { body, item, outcome, label in
                    var text = "{"
                    if let made = outcome.id { text += #""\#(id)":\#(made),"# }
                    let names = ["mobile", "email", "external_id", "sku"]
                    for name in names { text += label.member(name, body.text(name, of: item)) }
                    let said = outcome.complaint
                    return text
                        + #""item_status":{"success":"\#(said == nil)","code":"\#(said?.code ?? code)","message":"\#(said?.message ?? "ok")","warnings":{"warning":[]}}}"#
                }, tail: { _, _ in list.count > 1 ? "]}}}" : "]}}" }),
            list: { body in body.list(body.member(inner, of: body.member("root", of: body.root))) },
            key: { body, item, _ in key(body, item) },
            refusal: { body, item, _, _ in refusal(body, item) })
    }

    private static let older: [PlainCall] =
        ["add", "update"].map { (act: String) -> PlainCall in
            older(
                act == "add" ? "customers.addOlder" : "customers.updateOlder", "/v1.1/customer/" + act,
                list: ["customers", "customer"], code: 1000, id: "user_id",
                key: { body, item in
                    ["mobile", "email", "external_id"].compactMap { body.text($0, of: item) }.first
                        ?? ""
                },
                refusal: { body, item in
                    let all = ["mobile", "email", "external_id"].compactMap { body.text($0, of: item) }
                    return all.contains(where: isUnknown) ? Complaint(1001, "identifier bad") : nil
                })
        } + [
            older(
                "products.addOlder", "/v1.1/product/add", list: ["product"], code: 9100, id: "item_id",
                key: { body, item in body.text("sku", of: item) ?? "" },
                refusal: { body, item in
                    let brand = body.text("name", of: body.member("brand", of: item)) ?? ""
                    return isUnknown(brand) ? Complaint(9102, "brand unknown") : nil
                })
        ]

    // MARK: Groups and companies

    private static func named(_ name: String, _ method: HTTPMethod, _ path: String, _ repeats: Repeat)
        -> PlainCall
    {
        PlainCall(
            name: name, method: method, path: path, form: .single("entity"), repeats: repeats,
            key: { body, item, _ in body.text("externalId", of: item) ?? "" },
            refusal: { body, item, _, _ in
                isUnknown(body.text("externalId", of: item) ?? "") ? Complaint(1605, "refused") : nil
            })
    }

    private static let groups: [PlainCall] = [
        named("groups.add", .POST, "/v2/userGroup2", .refused(1633)),
        PlainCall(
            name: "associates.add", method: .POST, path: "/v2/orgEntity/associate",
            form: .single("entity"), repeats: .refused(1220),
            key: { body, item, _ in body.text("code", of: item) ?? "" },
            refusal: { body, item, _, _ in
                isUnknown(body.text("storeId", of: item) ?? "") ? Complaint(1235, "no such store") : nil
            }),
        named("companies.add", .POST, "/v2/companies", .sets),
        named("companies.update", .PUT, "/v2/companies", .sets),
        PlainCall(
            name: "groups.join", method: .POST, path: "/v2/userGroup2/join",
            form: .items(
                head: #"{"response":["#,
                item: { body, item, outcome, label in
                    let user = label == .right ? body.text("userId", of: item) ?? "0" : "999"
                    let whose = label == .none ? "" : #""userId":\#(user),"#
                    return #"{"entityId":{\#(whose)"groupId":\#(outcome.id ?? 0)},\#(outcome.errors)}"#
                }, tail: { #"],"totalCount":\#($0),"failureCount":\#($1)}"# }),
            list: { $0.list($0.root) },
            key: { body, item, call in
                (call.query("externalId") ?? "") + "/" + (body.text("userId", of: item) ?? "")
            },
            refusal: { body, item, _, _ in stranger(body.text("userId", of: item) ?? "") }),
        PlainCall(
            name: "groups.leave", method: .DELETE, path: "/v2/userGroup2/*/leave",
            form: .lone { _, _, outcome in
                (
                    outcome.id == nil ? 400 : 200,
                    #"{\#(outcome.errors),"success":\#(outcome.id != nil)}"#
                )
            },
            key: { _, _, call in part(call, 2) + "/" + (call.query("identifierValue") ?? "") },
            refusal: { _, _, call, _ in stranger(call.query("identifierValue") ?? "") },
            content: { _, _ in Array("{}".utf8) }),
    ]

    // MARK: Lists of two kinds

    /// Brands and their like, labels, stores by the newer call: known by one member.
    private static func lists(
        _ name: String, _ method: HTTPMethod, _ path: String, by member: String, most: Int,
        tooMany: Int,
        exists: Int?, unknown: Int, done: String, label failed: String, success: Int = 200
    ) -> PlainCall {
        PlainCall(
            name: name, method: method, path: path, most: most, tooMany: tooMany,
            form: .lists(
                done: #"{"\#(done)":["#, failed: #"],"warnings":[],"errors":["#, tail: "]}",
                item: { body, item, outcome, label in
                    let code = body.text(member, of: item)
                    guard let complaint = outcome.complaint else {
                        return "{" + label.member(member, code) + #""id":\#(outcome.id ?? 0)}"#
                    }
                    return "{" + label.member(failed, code)
                        + #""code":\#(complaint.code),"message":"\#(complaint.message)"}"#
                }, success: success),
            repeats: exists.map { .refused($0) } ?? .sets, list: { $0.list($0.root) },
            key: { body, item, _ in body.text(member, of: item)?.lowercased() ?? "" },
            refusal: { body, item, _, _ in
                isUnknown(body.text(member, of: item) ?? "") ? Complaint(unknown, "refused") : nil
            })
    }

    private static let parts: [PlainCall] =
        ([
            ("brands", 10052, 10054, 10055), ("categories", 10062, 10064, 10065),
            ("attributes", 1060, 10204, 10205),
        ] as [(String, Int, Int, Int)]).flatMap { (name, tooMany, exists, unknown) -> [PlainCall] in
            [
                lists(
                    name + ".add", .POST, "/v2/product/" + name, by: "code", most: 100,
                    tooMany: tooMany,
                    exists: exists, unknown: unknown, done: "created", label: "entityCode"),
                lists(
                    name + ".update", .PUT, "/v2/product/" + name, by: "code", most: 100,
                    tooMany: tooMany,
                    exists: nil, unknown: unknown, done: "updated", label: "entityIdentifier"),
            ]
        }

    // MARK: Labels

    private static func assignments(_ name: String, _ method: HTTPMethod, list: String) -> PlainCall {
        PlainCall(
            name: name, method: method, path: "/v2/labels/assignments", most: 100, tooMany: 23032,
            form: .lists(
                done: #"{"data":["#, failed: #"],"warnings":[],"errors":["#, tail: "]}",
                item: { body, item, outcome, label in
                    let entity = body.text("entityId", of: item)
                    guard let complaint = outcome.complaint else {
                        return "{" + label.member("entityId", entity)
                            + #""assignmentId":\#(outcome.id ?? 0)}"#
                    }
                    // As in the sample: the entity's id, under another name.
                    return "{" + label.member("labelExternalId", entity)
                        + #""code":\#(complaint.code),"message":"\#(complaint.message)"}"#
                }, success: 200),
            list: { $0.list($0.member(list, of: $0.root)) },
            key: { body, item, _ in
                let labels = body.list(body.member("labelExternalIds", of: item)) ?? []
                let label = body.text("labelExternalId", of: item) ?? body.text(labels.first) ?? ""
                return (body.text("entityId", of: item) ?? "") + "/" + label
            },
            refusal: { body, item, _, _ in
                isUnknown(body.text("entityId", of: item) ?? "")
                    ? Complaint(23045, "entity missing") : nil
            })
    }

    private static let labels: [PlainCall] = [
        lists(
            "labels.add", .POST, "/v2/labels", by: "externalId", most: 10, tooMany: 23021,
            exists: 23019,
            unknown: 23005, done: "data", label: "labelExternalId", success: 201),
        lists(
            "labels.update", .PUT, "/v2/labels", by: "externalId", most: 10, tooMany: 23021,
            exists: nil,
            unknown: 23005, done: "data", label: "labelExternalId"),
        assignments("labels.reassign", .PUT, list: "assignments"),
        assignments("labels.remove", .DELETE, list: "removals"),
    ]

    // MARK: Coupons

    private static let coupons: [PlainCall] = [
        PlainCall(
            name: "coupons.issueMany", method: .POST, path: "/v2/coupon/issue/multiple",
            form: .lone { body, _, outcome in
                let count = Int(body.integer("count", of: body.root) ?? 1)
                // Of series whose number ends in 9 a customer has one at most.
                let most = (body.text("seriesId", of: body.root) ?? "").hasSuffix("9") ? 1 : count
                let issued = outcome.id.map { id in
                    (0..<min(most, count)).map { #"{"code":"DEMO\#(id)-\#($0)"}"# }
                }
                let complaint =
                    outcome.complaint ?? (most < count ? Complaint(5004, "only one allowed") : nil)
                let failures = count - (issued?.count ?? 0)
                let errors = Outcome.failure(complaint ?? Complaint(0, "")).errors
                return (
                    200,
                    #"{"coupons":[\#((issued ?? []).joined(separator: ","))],"totalCount":\#(count),"#
                        + #""failureCount":\#(failures),"successCount":\#(count - failures),"#
                        + (complaint == nil ? #""errors":[],"warnings":[]}"# : errors + "}")
                )
            }, repeats: .adds,
            key: { body, item, _ in
                who(body, body.member("customer", of: item)) + "/"
                    + (body.text("seriesId", of: item) ?? "")
            },
            refusal: { body, item, _, _ in
                let count = body.integer("count", of: item) ?? 1
                if !(1...500).contains(count) { return Complaint(677, "count outside 1..500") }
                return isUnknown(body.text("seriesId", of: item) ?? "")
                    ? Complaint(707, "series unknown") : nil
            }),
        Redemptions.call,
    ]

    // MARK: Promotions

    private static let promotions: [PlainCall] = [
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
            refusal: { body, item, _, _ in
                isUnknown(body.text("identifierValue", of: body.member("customer", of: item)) ?? "")
                    ? Complaint(310_005, "customer unknown") : nil
            }),
    ]

    private static let grants: [PlainCall] =
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

    // MARK: Partners

    private static let partners: [PlainCall] =
        ([
            ("link", "linkCustomer", "linkCustomers", "linkToPartnerPrograms", "partnerLinkStatus"),
            (
                "update", "customerPartnerProgramUpdate", "customersPartnerUpdates",
                "partnerProgramUpdates",
                "updateStatus"
            ),
            (
                "delink", "deLinkCustomer", "deLinkCustomers", "deLinkFromPartnerPrograms",
                "partnerDeLinkStatus"
            ),
        ] as [(String, String, String, String, String)]).map {
            (act, call, list, programs, status) -> PlainCall in
            PlainCall(
                name: "partners." + act, method: .POST, path: "/v2/partnerProgram/" + call, most: 50,
                tooMany: 2008,
                form: .items(
                    head: #"{"\#(list)":["#,
                    item: { body, item, outcome, label in
                        let customer = body.member("customer", of: item)
                        let whose = ["mobile", "email", "externalId"].map {
                            label.member($0, body.text($0, of: customer))
                        }.joined()
                        let program = body.text(
                            "partnerProgramName", of: body.list(body.member(programs, of: item))?.first)
                        return
                            #"{"customer":{\#(whose)"status":{"status":true,"code":1000,"message":"ok"}},"#
                            + #""\#(programs)":[{"partnerProgramName":"\#(program ?? "")","\#(status)":\#(outcome.status)}]}"#
                    }, tail: { _, _ in "]}" }), repeats: act == "link" ? .refused(2005) : .sets,
                list: { $0.list($0.member(list, of: $0.root)) },
                key: { body, item, _ in
                    let program = body.text(
                        "partnerProgramName", of: body.list(body.member(programs, of: item))?.first)
                    return who(body, body.member("customer", of: item)) + "/" + (program ?? "")
                },
                refusal: { body, item, _, _ in
                    let program = body.text(
                        "partnerProgramName", of: body.list(body.member(programs, of: item))?.first)
                    return isUnknown(program ?? "") ? Complaint(2006, "program unknown") : nil
                })
        }

    // MARK: Points

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

    private static let moves: [PlainCall] = [
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

    private static let points: [PlainCall] = [
        PlainCall(
            name: "currency.allocate", method: .POST, path: "/v2/customers/bulk/manualCurrencyAllocate",
            most: 10,
            form: .items(
                head: #"{"data":["#,
                item: { body, item, outcome, label in
                    let lookup = body.member("lookupParams", of: item)
                    let value = body.text("identifierValue", of: lookup) ?? ""
                    let id = body.text("identifierType", of: lookup) == "id" ? value : "70000001"
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
                isUnknown(body.text("eventSourceId", of: item) ?? "")
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

/// `POST /v2/coupon/bulk/redeem`: all of a request or none, and dry with `is_redeemable`. Every code is good
/// once, but for those that begin with `unknown`.
enum Redemptions {
    static let call = PlainCall(
        name: "coupons.redeem", method: .POST, path: "/v2/coupon/bulk/redeem",
        form: .lone { body, call, outcome in
            let isDry = call.query("is_redeemable") == "true"
            let items = codes(body, body.root).map { code -> String in
                let bad = outcome.complaint
                let isMine = bad == nil || bad?.message == code || bad?.code == 521
                let said = bad.map { isMine ? $0.code : 749 } ?? 700
                let id = isDry ? "-1" : String(outcome.id ?? 0)
                let result = bad == nil ? #""redemptionId":"\#(id)","# : ""
                return
                    #"{"entityId":1,"result":{\#(result)"code":"\#(code)","redemptionStatus":{"success":\#(bad == nil),"code":\#(said),"message":"as told"}},"errors":[]}"#
            }
            return (
                200,
                #"{"response":[\#(items.joined(separator: ","))],"totalCount":\#(items.count),"failureCount":0}"#
            )
        }, repeats: .adds,
        key: { body, item, call in
            let first = codes(body, item).first ?? ""
            return first.isEmpty ? "" : (call.query("is_redeemable") == "true" ? "dry/" : "") + first
        },
        refusal: { body, item, _, service in
            for code in codes(body, item) {
                if code.hasPrefix("unknown") { return Complaint(702, code) }
                if !service.holdings.find(.calls, "coupons.redeem/\(code)".utf8).isEmpty {
                    return Complaint(716, code)
                }
            }
            return nil
        })

    private static func codes(_ body: Document, _ item: Int) -> [String] {
        (body.list(body.member("redemptionRequestList", of: item)) ?? []).compactMap {
            body.text("code", of: $0)
        }
    }
}

/// `GET /api_gateway/v1/promotions/customer/{customer}`: what he has earned, and from where.
enum EarnedPromotions {
    static let desks = [
        Desk(method: .GET, path: "/api_gateway/v1/promotions/customer/*", kind: .look) {
            service, call, troubles in
            let view = LookView(troubles, now: service.now())
            let prefix = "promotions.earn/\(call.name)/"
            let rows = service.holdings.all(.calls).filter(view.shows).compactMap { thing -> String? in
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
