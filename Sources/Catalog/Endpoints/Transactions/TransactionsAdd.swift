import Model
import Records

extension Endpoint {
    /// Adds bills and returns: `POST /v2/transactions/bulk`.
    package static let transactionsAdd = EndpointSpec(
        "transactions.add",
        "Adds sales, returns and anonymous bills; each one is accepted or rejected on its own.",
        .post, "/v2/transactions/bulk", what: "A bill", adds: true,
        // Source: Transactions, Add bills. No page gives a limit. 20 is ours; 1000 what Connect+ groups at most.
        chunk: .upTo(1000, normal: 20), offeredHeaders: [.skipDownstream, .directReplay],
        fields: TransactionsAdd.fields, keys: .derived, body: .array,
        reply: .code(TransactionsAdd.replies), codes: TransactionsAdd.codes,
        recovery: .code(.readBack(TransactionsAdd.readBack)),
        source:
            "Add/Return Transaction in Bulk, 2026-08-13; Status codes [transaction], 2026-08-11. Facts: "
            + "Transactions, Add bills; Transactions, Add bills: codes.",
        code: .init(
            prepare: { item, prepared in TransactionsAdd.prepare(item, into: &prepared) },
            refusesRepeat: { TransactionsAdd.refusesRepeat(TransactionEvidence($0), $1) },
            repeats: { EvidenceFields.text(1, of: $0).hasSuffix("RETURN") ? nil : .never },
            kind: TransactionsAdd.kind, happened: { TransactionEvidence($0).instant?.timestamp },
            reasons: Reason.once(
                TransactionsAdd.checks, TransactionsAdd.codes.reasons, WholeReply.reasons))
    ).endpoint
}

enum TransactionsAdd {
    static let readBack = ReadBack(
        search: { member, org in BillSearch.start(TransactionEvidence(member), org) },
        variants: { member, org in BillSearch.variants(TransactionEvidence(member), org) },
        queue: { from, to in RejectedQueue.walk(from: from, to: to) },
        isQueued: { member, entry in RejectedQueue.matches(entry, TransactionEvidence(member)) },
        fields: { member in BillSearch.fields(TransactionEvidence(member)) },
        place: { member in
            let bill = TransactionEvidence(member)
            return bill.type + " " + bill.attributionCode
        },
        type: { EvidenceFields.text(TransactionEvidence.Place.type.rawValue, of: $0) },
        source:
            "Transactions, Read bills: by number; Transactions, Read bills: by id; Transactions, Read bills "
            + "(v1.1); Rejected queue, List entries; Customers, Look up a customer.")

    /// What a look-up sees may depend on the store. Source: Access, Basic authentication.
    static let kind: @Sendable (Evidence) -> String = { member in
        typealias Place = TransactionEvidence.Place
        let type = EvidenceFields.text(Place.type.rawValue, of: member)
        return type + " " + EvidenceFields.text(Place.attributionCode.rawValue, of: member)
    }

    // MARK: Fields

    static let types = ["REGULAR", "RETURN", "NOT_INTERESTED", "NOT_INTERESTED_RETURN"]
    static let returnTypes = ["AMOUNT", "FULL", "LINE_ITEM", "CANCELLED"]

    static let fields: [Field] = [
        Field(
            "identifierType",
            .oneOf(["mobile", "email", "externalId", "wechat", "martjackId", "fbId", "id"]),
            .when("unless the bill is NOT_INTERESTED")),
        Field(
            "identifierValue", .text(most: nil), .when("with identifierType"),
            "An identifier of a registered customer; no customer is created."),
        Field(
            "source",
            .oneOf([
                "INSTORE", "WECHAT", "MARTJACK", "WEB_ENGAGE", "ECOMMERCE", "JD", "TAOBAO", "TMALL",
                "FACEBOOK", "WEBSITE", "OTHERS",
            ]), .required),
        Field("accountId", .text(most: nil), .optional, "Needed if the source has several accounts."),
        Field("type", .oneOf(types), .required),
        Field(
            "returnType", .oneOf(returnTypes), .when("type is RETURN"),
            "CANCELLED not for NOT_INTERESTED_RETURN."),
        Field("notInterestedReason", .text(most: 255), .optional, "With NOT_INTERESTED."),
        Field(
            "billNumber", .text(most: 50), .required,
            "A new number; for a return, the number of the original bill. Compared exactly, including spaces."
        ),
        Field(
            "id", .integer(1...Int.max), .optional,
            "For a return: the store of the original, if bill numbers repeat across stores."),
        Field("billAmount", .number(atLeast: 0), .required, "Net."),
        Field("billingDate", .instant),
        Field("purchaseTime", .instant, .when("type is RETURN"), "The date of the original bill."),
        Field("grossAmount", .number(atLeast: 0)),
        Field("discount", .number(atLeast: 0), mayBeEmpty: true),
        Field(
            "outlierStatus",
            .oneOf([
                "NORMAL", "INTERNAL", "FRAUD", "OUTLIER", "TEST", "DELETED", "FAILED", "OTHER",
            ]), .optional, "Overrides the rules of the org."),
        Field("note", .text(most: nil)),
        Field("deliveryStatus", .oneOf(["PLACED", "PROCESSED", "SHIPPED", "DELIVERED", "RETURNED"])),
        Field(
            "currencyCode", .text(most: nil), .optional, "An ISO code for which the org has a ratio."),
        Field("addWithLocalCurrency", .boolean),
        Field("promotionEvaluationId", .text(most: nil)),
        Field("appliedPromotionIdentifiers", .list(.text(most: nil))),
        Field("loyaltyPromotionIdentifiers", .list(.text(most: nil))),
        Field(
            "extendedFields", .open, .optional, "The org's names; an unknown one is ignored with 91016."
        ),
        Field("customFields", .open, .optional, "The org's names."),
        Field("lineItemsV2", .list(.object(lineFields))),
        Field(
            "paymentModes",
            .list(
                .object([
                    Field("mode", .text(most: nil)), Field("value", .number(atLeast: nil)),
                    Field("notes", .text(most: 250)), Field("attributes", .open),
                ]))),
        Field(
            "redemptions",
            .object([
                Field("pointsRedemptions", .list(.integer(nil))),
                Field("couponRedemptions", .list(.integer(nil))),
            ])),
        Field(
            "attribution",
            .object([
                Field("createDate", .instant),
                Field(
                    "createdBy",
                    .object([
                        Field("code", .text(most: nil)),
                        Field(
                            "type",
                            .oneOf([
                                "ZONE", "CONCEPT", "STORE", "TILL", "STR_SERVER", "ADMIN_USER",
                                "ASSOCIATE", "RULE", "OU",
                            ])),
                    ])),
            ])),
        Field("userGroup2Id", .integer(nil)),
        Field("userGroup2PrimaryUserId", .integer(nil)),
        Field("userGroup2ExternalId", .text(most: nil)),
        Field("userGroup2PrimaryUserIdentifierType", .text(most: nil)),
        Field("userGroup2PrimaryUserIdentifierValue", .text(most: nil)),
        Field("userGroup2PrimaryUserSource", .text(most: nil)),
        Field("userGroup2PrimaryUserAccountId", .text(most: nil)),
    ]

    private static let part: Field.Kind = .list(
        .object([
            Field("itemCode", .text(most: nil)), Field("quantity", .number(atLeast: 0)),
            Field("description", .text(most: nil)), Field("rate", .number(atLeast: 0)),
            Field("value", .number(atLeast: 0)),
            Field("comboType", .oneOf(["COMBO_PARENT", "COMBO_ITEM", "ADD_ON_ITEM", "SPLIT"])),
        ]))

    static let lineFields: [Field] = [
        Field("itemCode", .text(most: nil)), Field("description", .text(most: nil)),
        Field("qty", .number(atLeast: 0)), Field("rate", .number(atLeast: 0)),
        Field("value", .number(atLeast: 0), .optional, "rate × qty"),
        Field("discount", .number(atLeast: 0), mayBeEmpty: true),
        Field("amount", .number(atLeast: 0), .optional, "value − discount"),
        Field("serial", .text(most: nil)), Field("returnable", .boolean),
        Field("returnableDays", .integer(0...Int.max)), Field("imgUrl", .text(most: nil)),
        Field("attributes", .open), Field("comboDetails", part), Field("addOnDetails", part),
        Field("splitDetails", part), Field("type", .oneOf(types)),
        Field("returnType", .oneOf(["AMOUNT", "FULL", "LINE_ITEM"])),
        Field(
            "parentBillNumber", .text(most: 50), .when("a returned line of a mixed bill"),
            "The number of the original bill."),
        Field("purchaseTime", .instant, .when("a returned line of a mixed bill")),
        Field("appliedPromotionIdentifiers", .list(.text(most: nil))),
        Field("extendedFields", .open),
        // The page says that lines take none, and its own sample sends them.
        Field("customFields", .open),
    ]

    static let schema = Schema(fields)
    static let place = Places(schema)

    /// Where the fields with rules stand in the schema.
    struct Places: Sendable {
        let identifierType, identifierValue, source, accountID, type, returnType, billNumber: Int
        let billAmount, billingDate, purchaseTime, lines, attribution: Int

        init(_ schema: Schema) {
            identifierType = schema.index("identifierType")
            identifierValue = schema.index("identifierValue")
            source = schema.index("source")
            accountID = schema.index("accountId")
            type = schema.index("type")
            returnType = schema.index("returnType")
            billNumber = schema.index("billNumber")
            billAmount = schema.index("billAmount")
            billingDate = schema.index("billingDate")
            purchaseTime = schema.index("purchaseTime")
            lines = schema.index("lineItemsV2")
            attribution = schema.index("attribution")
        }
    }

    /// Bytes of one bill. Source: Transactions, Add bills.
    static let largest = 16_777_215

    static let checks: [Reason] = [
        .missing, .type, .format, .notListed, .tooLong, .outOfRange, .unknownField, .noOffset, .rule,
        .tooLarge,
    ]

    static func refusesRepeat(_ member: TransactionEvidence, _ org: OrgSettings) -> Bool {
        if member.isReturn {
            // Only a full return is refused a second time (633, 634, 639), and the setting alone
            // is not said to do it: both together are taken for proof.
            return member.type == "RETURN" && org.returnsUnique == true
                && (member.returnType == "FULL" || member.returnType == "CANCELLED")
        }
        // Whether 604 holds for NOT_INTERESTED is not stated.
        guard member.type == "REGULAR", let billed = member.instant?.timestamp,
            org.isInWindow(billed)
        else { return false }
        switch org.billNumbers {
        case .org, .store, .till: return true
        case .unknown, .none: return false
        }
    }
}
