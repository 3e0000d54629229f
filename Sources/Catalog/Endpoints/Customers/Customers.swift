import Model
import Records

/// What the calls that register and change customers have in common.
///
/// Source: Customers, Add a customer: fields.
enum Customers {
    // MARK: Fields

    static let sources = [
        "FACEBOOK", "WEB_ENGAGE", "WECHAT", "INSTORE", "MARTJACK", "TMALL", "TAOBAO", "JD", "ECOMMERCE",
        "WEBSITE", "LINE", "MOBILE_APP",
    ]
    static let identifierTypes = [
        "mobile", "email", "externalId", "wechat", "martjackId", "fbId", "tmall_uname", "cuid",
        "unionId", "ali_uname", "jd_uname", "vip_uname", "mobilePush", "line", "cardnumber",
    ]

    static let profiles = Field(
        "profiles",
        .list(
            .object([
                Field("firstName", .text(most: nil)), Field("lastName", .text(most: nil)),
                Field("source", .oneOf(sources), .required, "A wrong value damages data permanently."),
                Field(
                    "accountId", .text(most: nil), .optional,
                    "Needed if the source has several accounts."),
                Field(
                    "identifiers",
                    .list(
                        .object([
                            Field("type", .oneOf(identifierTypes), .required),
                            Field(
                                "value", .text(most: nil), .required,
                                "Mobiles with their country code: the server may add one."),
                            Field("seriesId", .integer(1...Int.max), .optional, "Of a card."),
                            Field("seriesCode", .text(most: nil)),
                            Field("statusLabel", .text(most: nil)),
                            Field("cardExternalId", .text(most: nil)), Field("extendedFields", .open),
                            Field("customFields", .open),
                        ])), .required),
                Field(
                    "commChannels",
                    .list(
                        .object([
                            Field("type", .text(most: nil), .required),
                            Field("value", .text(most: nil), .required), Field("primary", .boolean),
                            Field("verified", .boolean), Field("subscribed", .boolean),
                            Field("meta", .open), Field("attributes", .open),
                        ]))),
                Field("fields", .open, .optional, "Custom fields, with the org's names."),
            ])), .required, "One for each source; usually one.")

    static let loyaltyInfo: Field.Kind = .object([
        Field(
            "loyaltyType", .oneOf(["loyalty", "non_loyalty"]), .required, "Never back from loyalty."),
        Field("attributionV2", .open),
    ])

    static let addFields: [Field] = [
        profiles, Field("loyaltyInfo", loyaltyInfo, .required),
        Field(
            "extendedFields", .open, .optional,
            "The org's names. A new vertical of them acts after a day, other changes after an hour."),
        Field("createDate", .instant, .optional, "When the customer registered."),
        Field("associatedWith", .text(most: nil), .optional, "A till's code."),
        Field(
            "loyaltyProgramEnrollments",
            .list(
                .object([
                    Field("programId", .integer(1...Int.max), .required),
                    Field("tierNumber", .integer(0...Int.max)),
                    Field("loyaltyPoints", .number(atLeast: 0)), Field("tierExpiryDate", .instant),
                    Field("pointsExpiryDate", .instant),
                ])), .optional, "The way to import balances."),
        Field("referralCode", .text(most: nil)), Field("statusLabel", .text(most: nil)),
        Field(
            "endPointsEnabled",
            .list(
                .oneOf([
                    "REFERRAL_ENDPOINT", "DVS_ENDPOINT", "TIMELINE_ENDPOINT", "POINTSENGINE_ENDPOINT",
                ])), .optional, "For test customers."),
        Field("associationDetails", .open, .optional, "For companies and their people."),
    ]

    /// A customer of a call that is about something else.
    static let one = Field(
        "customer",
        .object([
            Field("id", .integer(1...Int.max)), Field("mobile", .text(most: nil)),
            Field("email", .text(most: nil)), Field("externalId", .text(most: nil)),
        ]), .required, "Identified by one of these.")

    /// The server's own number of a customer, in the path of the call.
    static let inPath = Field(
        "userId", .integer(1...Int.max), .required, "The server's id of the customer."
    ).inPath

    /// A customer of a call that is about something else, by one of its members.
    static let oneOf = CustomerForm.one(of: identifiers, in: "customer")
    static let identifiers = ["id", "mobile", "email", "externalId"]

    /// By an identifier in the query of the call.
    static let named = CustomerForm.named(type: "identifierName", value: "identifierValue")

    /// An identifier in the query of the call.
    static let identifierInQuery = [
        Field("identifierName", .oneOf(["mobile", "email", "externalId", "id"]), .required).inQuery(),
        Field("identifierValue", .text(most: nil), .required).inQuery(),
    ]

    static let source = Parameter(
        "source", .query("source"), .oneOf(sources), usual: "INSTORE",
        "The source of the customer's profile.")

    static let account = Parameter(
        "account_id", .query("accountId"), .text(most: nil),
        "Needed if the source has several accounts.")

    // MARK: Keys

    /// The rules and keys that all of them share.
    static func check(_ context: inout ItemContext) {
        var identifiers: [(type: String, value: String)] = []
        var source = ""
        var account = ""
        let profiles = context.list("profiles")
        if context.node("profiles") != nil, profiles.isEmpty {
            context.problem(.missing, "profiles", "The list is empty.")
        }
        for (index, profile) in profiles.enumerated() {
            let json = context.json
            guard json.isObject(profile) else { continue }
            let list = json.list(json.member("identifiers", of: profile))
            if json.member("identifiers", of: profile) != nil, list.isEmpty {
                context.problem(.missing, "profiles[\(index)].identifiers", "The list is empty.")
            }
            if index == 0 {
                source = json.scalar(json.member("source", of: profile)) ?? ""
                account = json.scalar(json.member("accountId", of: profile)) ?? ""
            }
            for identifier in list {
                let type = json.scalar(json.member("type", of: identifier)) ?? ""
                let value = json.scalar(json.member("value", of: identifier)) ?? ""
                if type == "mobile", value.contains(where: { $0.isLetter }) {
                    context.problem(
                        .rule, "profiles[\(index)].identifiers", "A mobile number has no letters.")
                }
                if !value.isEmpty { identifiers.append((type, value)) }
            }
        }
        let first = identifiers.first ?? ("", "")
        context.identity = [source, account] + customerKey(first.type, first.value)
        context.orderKeys = identifiers.map { customerKey($0.type, $0.value) }
        context.evidence =
            [first.value, first.type, source, account]
            + identifiers.prefix(8).flatMap { [$0.type, $0.value] }
    }

    // MARK: Reply

    /// Source: Customers, Customer codes.
    static let codes = CodeTable([
        .init(
            .done, .refused, 8050, 8051, 8059, 8060, 8061, 8062, 8063, 8068, 8069, 8077, 91005, 91006,
            91007, 91015, 91020, 91021, 91022, 19223),
        .init(.exists, .duplicate, 8006, 8007, 8028),
        // Identifiers that point to different customers, or a merge that waits: nobody decides by rule.
        .init(.rejected, .conflict, 8008, 8052, 8053, 8066, 8067, 8074, 8075),
        .init(
            .rejected, .refusedValue, 8002, 8005, 8013, 8014, 1006, 8017, 8018, 8020, 8055, 8056, 8057,
            8058, 8064, 11001, 3017),
        .init(
            .rejected, .refusedSetup, 8001, 8003, 8004, 8011, 8012, 8016, 8045, 8054, 8127),
        .init(.rejected, .customerBlocked, 8026, 8109),
        .init(.rejected, .customerUnknown, 8009, 8015, 8065, 8089),
        .init(.again, .busy, 521, 461, 4001),
        .init(.again, .throttled, 517),
        .init(.batch, .batchTooLarge, 1060),
    ])

    /// Identifiers as the server may write them: a country code added, an external id filled with zeros.
    ///
    /// - Parameter path: Where an item has its profiles.
    static func labels(_ path: [StaticString]) -> [BulkReply.Label] {
        ["externalId", "email", "mobile", "cardnumber", ""].map { type in
            BulkReply.Label(
                member: { label(of: $0, type) },
                item: { json, item in
                    for profile in json.list(json.member(path + ["profiles"], of: item)) {
                        for one in json.list(json.member("identifiers", of: profile)) {
                            guard let name = json.scalar(json.member("type", of: one)),
                                let value = json.scalar(json.member("value", of: one)),
                                let label = label(type, name, value)
                            else { continue }
                            return label
                        }
                    }
                    return nil
                },
                agree: { _, _, _ in true })
        }
    }

    /// The label of a record, whose evidence ends in types and values of identifiers from the fifth text on.
    static func label(of evidence: Evidence, _ wanted: String) -> UInt64? {
        let fields = Array(evidence.fields.dropFirst(4))
        for index in stride(from: 0, to: fields.count - 1, by: 2) {
            if let label = label(wanted, fields[index], fields[index + 1]) { return label }
        }
        return nil
    }

    /// The label of one identifier.
    static func label(_ type: String, _ value: String) -> UInt64 {
        label(type, type, value) ?? label("", type, value) ?? Label.digest([type, value])
    }

    /// The first of a type, whatever is before its telling end; `wanted` empty: of any other type.
    static func label(_ wanted: String, _ type: String, _ value: String) -> UInt64? {
        let isCommon = ["externalId", "email", "mobile", "cardnumber"].contains(type)
        guard wanted.isEmpty ? !isCommon : type == wanted, !value.isEmpty else { return nil }
        switch type {
        case "mobile":
            let digits = value.filter { $0.isASCII && $0.isNumber }
            return Label.digest(["mobile", String(digits.suffix(9))])
        case "email": return Label.digest(["email", value.lowercased()])
        case "externalId":
            return Label.digest(["externalId", String(value.drop { $0 == "0" })])
        default: return Label.digest([type, value])
        }
    }

    // MARK: Looks

    /// The customer's number by an identifier. Source: Customers, Look up a customer.
    ///
    /// Unconfirmed: whether a miss is 8015 alone.
    ///
    /// The reply does not tell whom it is about, so a hit counts only if two replies agree.
    static func search(_ evidence: Evidence) -> SearchStep {
        let fields = evidence.fields
        let value = fields.first ?? ""
        return lookUp(fields, by: value) { id in
            lookUp(fields, by: value) { again in
                again == id
                    ? .done(ids: [id], others: [])
                    : .gap("Two look-ups of the customer found two customers.")
            }
        }
    }

    /// By forms of the identifier: whom they find may be the customer, and may be another.
    static func variants(_ evidence: Evidence) -> [SearchStep] {
        let fields = evidence.fields
        guard fields.count > 1, fields[1] != "id" else { return [] }
        return Form.variants(fields[0]).map { form in
            lookUp(fields, by: form) { id in
                let difference = Alike.Difference(
                    FormField(fields[1], .text, fields[0]), shown: form)
                return .read(ids: [], others: [], alike: [Alike(id, [difference])])
            }
        }
    }

    private static func lookUp(
        _ fields: [String], by value: String, _ then: @escaping @Sendable (ServerID) -> SearchStep
    ) -> SearchStep {
        func field(_ index: Int) -> String { index < fields.count ? fields[index] : "" }
        var target =
            "/v2/customers/lookup?"
            + query([
                "source": field(2), "identifierName": field(1), "identifierValue": value,
            ])
        if !field(3).isEmpty { target += "&" + query(["accountId": field(3)]) }
        return .ask(Request(.get, target)) { reply in found(reply, then) }
    }

    /// What a look-up by an identifier says: nobody, or whose it is.
    static func found(_ reply: Reply, _ then: (ServerID) -> SearchStep) -> SearchStep {
        guard ![401, 403, 429].contains(reply.status), reply.status < 500,
            let json = JSON(reply.body), json.isObject(json.root)
        else { return .unclear(LookReply.unclear(reply)) }
        let complaints = json.complaints(json.member("errors", of: json.root))
        if complaints.isEmpty, (200..<300).contains(reply.status),
            let id = json.scalar(json.member("entity", of: json.root)), (Int(id) ?? 0) > 0
        {
            return then(ServerID(id))
        }
        guard !complaints.isEmpty, complaints.allSatisfy({ $0.code == 8015 }) else {
            return .unclear(LookReply.unclear(reply, complaints))
        }
        return .done(ids: [], others: [])
    }

    static let readBack = ReadBack(
        search: { member, _ in search(member) }, variants: { member, _ in variants(member) },
        source: "Customers, Look up a customer. GET /v2/customers/lookup by identifier.")
}
