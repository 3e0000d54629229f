import Model
import Records

extension Endpoint {
    /// Gives points or another currency to customers: `POST /v2/customers/bulk/manualCurrencyAllocate`.
    package static let currencyAllocate = EndpointSpec(
        "currency.allocate",
        "Gives points or another currency for a bill, a target or an event; your own id prevents repeats.",
        .post, "/v2/customers/bulk/manualCurrencyAllocate", what: "An allocation", adds: true,
        // Source: Points, Allocate currency. At most 10. An item names the server's number of its customer: by
        // other identifiers nothing binds it, so one travels where the job does not say otherwise.
        chunk: .upTo(10, normal: 1), fields: Currency.fields, keys: .code(Currency.check),
        body: .array, reply: .code(Currency.replies), codes: Currency.codes, recovery: .resend,
        refusesRepeat: true,
        source:
            "Manual currency allocation. Facts: Points, Allocate currency. Unconfirmed: FAILURE or FAILED, so only "
            + "SUCCESS is one; with identifierType id, `send: { chunk: 10 }` is sound."
    ).endpoint

    /// Sets when points expire: `POST /v2/points/updateExpiry`.
    package static let pointsExpiry = EndpointSpec(
        "points.expiry", "Sets the date on which points of customers expire.", .post,
        "/v2/points/updateExpiry", what: "An expiry", adds: false, chunk: .upTo(50, normal: 20),
        fields: [
            Field("pointsAwardedRefId", .integer(1...Int.max), .required),
            Field("pointsAwardedRefType", .text(most: nil), .required),
            Field(
                "expiryDate",
                .object([
                    Field(
                        "expiryType", .oneOf(["FIXED_DATE"]), .required,
                        "Days, months and IMMEDIATE count from the call: a repeat would have another result."
                    ),
                    Field("expiryValue", .text(most: nil), .required),
                ]), .required),
        ], keys: Currency.expiryKeys, body: .list(["expiryDateUpdateRequest"]),
        reply: .code(Currency.expiryReplies), codes: Currency.expiryCodes, recovery: .resend,
        source:
            "Points expiry update. Facts: Points, Set expiry. Unconfirmed: the page says no batch although the "
            + "body is a list; how many it accepts. FIXED_DAYS, FIXED_MONTHS and IMMEDIATE are left out."
    ).endpoint
}

enum Currency {
    static let fields: [Field] = [
        Field("orgId", .integer(1...Int.max), .required),
        Field("programId", .integer(1...Int.max), .required),
        Field("awardStrategyId", .integer(1...Int.max), .required),
        Field("expiryStrategyId", .integer(1...Int.max), .required),
        Field(
            "lookupParams",
            .object([
                Field("entityType", .oneOf(["CUSTOMER", "USERGROUP2"])),
                Field(
                    "identifierType", .oneOf(["mobile", "email", "id", "externalId"]),
                    .when("entityType is CUSTOMER")),
                Field(
                    "identifierValue", .text(most: nil),
                    .when("entityType is CUSTOMER, or groupId is not given")),
                Field("source", .oneOf(Customers.sources + ["ALL", "MAPP_SDK"])),
                Field("accountId", .text(most: nil)),
                Field(
                    "groupId", .integer(1...Int.max), .optional, "The id of a group, for USERGROUP2."),
            ]), .required, "Who gets it: a customer or a group."),
        Field("sourceValue", .number(atLeast: nil), .required, "-1: set by the strategy."),
        Field(
            "eventName", .text(most: nil), .required, "TransactionAdd, TargetCompleted, or an event."),
        Field("eventSourceId", .text(most: nil), .required, "The id of the bill or the target."),
        Field("billLineItemId", .integer(nil), .optional, "Of TransactionAdd.").onceText,
        Field("promotionId", .integer(nil), .optional, "The id of a loyalty promotion; -1: none.")
            .onceText,
        Field("currencyType", .oneOf(["REGULAR", "PROMISED"])),
        Field("alternateCurrencyIdentifier", .text(most: nil)),
        Field("sourceValueRoundingStrategy", .oneOf(["FLOOR", "ACTUAL", "ROUND"])),
        Field("pointsRoundingStrategy", .oneOf(["FLOOR", "ACTUAL", "ROUND"])),
        Field(
            "uniqueId", .text(most: nil), .required,
            "Your own id: the server refuses it a second time (6006)."),
    ]

    static func check(_ context: inout ItemContext) {
        let type = context.text("identifierType", in: "lookupParams")
        let value = context.text("identifierValue", in: "lookupParams") ?? ""
        let unique = context.text("uniqueId") ?? ""
        let group = context.text("groupId", in: "lookupParams") ?? ""
        check(&context, type: type ?? "", value: value, group: group)
        // A group that no member stands for.
        let who = value.isEmpty ? ["group", group] : customerKey(type, value)
        context.identity = [unique]
        context.binding = who
        context.orderKeys = [who, ["unique", unique]]
        context.evidence = [unique, type ?? "", value]
    }

    /// Who it is for is said, by the customer or the group. Source: Points, Allocate currency.
    private static func check(_ context: inout ItemContext, type: String, value: String, group: String)
    {
        guard context.node("lookupParams") != nil else { return }
        if context.text("entityType", in: "lookupParams") == "CUSTOMER" {
            for (name, text) in [("identifierType", type), ("identifierValue", value)]
            where text.isEmpty {
                context.problem(.missing, "lookupParams.\(name)", "A customer needs \(name).")
            }
        } else if value.isEmpty, group.isEmpty {
            context.problem(
                .missing, "lookupParams", "Give identifierValue for a customer, or groupId for a group."
            )
        } else if value.isEmpty, !type.isEmpty {
            context.problem(
                .missing, "lookupParams.identifierValue", "identifierType is given without its value.")
        }
    }

    /// Source: Points, Allocate currency.
    static let codes = CodeTable([
        .init(.exists, .duplicate, 6006), .init(.rejected, .refusedValue, 8136),
        .init(.rejected, .targetUnknown, 8139), .init(.rejected, .customerUnknown, 8015),
        .init(.again, .busy, 521, 461, 4001), .init(.again, .throttled, 517),
        .init(.batch, .batchTooLarge, 1060),
    ])

    /// Each item has a status of HTTP of its own.
    static let replies: BulkReply = {
        var form = BulkReply.Form.list({ json in
            let data = json.member("data", of: json.root)
            return data.map { json.kind($0) == .array } ?? false ? data : nil
        })
        form.id = { json, item in
            let id = json.member("eventLogId", of: item)
            return (json.integer(id) ?? 0) > 0 ? id : nil
        }
        form.isDone = { json, item in json.scalar(json.member("status", of: item)) == "SUCCESS" }
        form.errors = { json, item in
            let said = json.complaints(json.member("errors", of: item))
            let status = json.integer(json.member("httpStatus", of: item)) ?? 0
            // The server broke down over it: what it did nobody knows.
            if status >= 500 { return [Complaint(code: status, message: said.first?.message ?? "")] }
            if said.isEmpty, let word = json.scalar(json.member("status", of: item)), word != "SUCCESS"
            {
                return [Complaint(code: nil, message: word)]
            }
            return said
        }
        return BulkReply(
            labels: [
                BulkReply.Label(
                    member: { evidence in
                        let fields = evidence.fields
                        return fields.count > 2 && fields[1] == "id" ? Label.digest(fields[2]) : nil
                    },
                    item: { json, item in
                        (json.integer(json.member("entityId", of: item)) ?? 0) > 0
                            ? Label.digest(json, json.member("entityId", of: item)) : nil
                    }, agree: { _, _, _ in true })
            ], codes: codes, fields: fields.map(\.name), proof: .noErrors, form: form)
    }()

    // MARK: Expiry

    static let expiryKeys: Keys = {
        let id = KeyPart.integer("pointsAwardedRefId")
        let type = KeyPart.text("pointsAwardedRefType")
        return Keys(
            identity: [id, type], order: [.thing("points", id, type)], evidence: [id, type])
    }()

    /// Source: Points, Set expiry.
    static let expiryCodes = CodeTable([
        .init(.rejected, .refusedValue, [3034, 3037] + Array(8931...8942)),
        .init(.rejected, .customerUnknown, 8015), .init(.again, .busy, 521, 461, 4001),
        .init(.again, .throttled, 517), .init(.batch, .batchTooLarge, 1060),
    ])

    static let expiryReplies = TwoListReply(
        codes: expiryCodes, fields: ["pointsAwardedRefId", "pointsAwardedRefType", "expiryDate"],
        done: ["currencyExpiryUpdateResponse"], failed: "failures", doneLabel: label,
        failedLabel: label,
        member: { Label.digest([EvidenceFields.text(0, of: $0), EvidenceFields.text(1, of: $0)]) },
        id: { _, _ in nil })

    private static let label: @Sendable (JSON, Int) -> UInt64? = { json, element in
        guard let id = json.scalar(json.member("pointsAwardedRefId", of: element)),
            let type = json.scalar(json.member("pointsAwardedRefType", of: element))
        else { return nil }
        return Label.digest([id, type])
    }
}
