import Model
import Records

extension Endpoint {
    /// Sets custom fields of a till: `PUT /v2/orgEntity/till/{tillId}`.
    package static let tillsUpdate = EndpointSpec(
        "tills.update", "Adds custom fields to tills and sets their values, one till per request.",
        .put, "/v2/orgEntity/till/{tillId}", what: "A till", adds: false,
        fields: [
            Field("tillId", .integer(1...Int.max), .required, "The server's id of the till.").inPath,
            Field(
                "customFields", .list(.object(TillsUpdate.customField)), .required,
                "Of fields that the org has, name and value are enough."),
        ],
        rules: [.filled("customFields"), .code(TillsUpdate.checkNames)],
        keys: Keys(
            identity: [.integer("tillId")], order: [.thing("till id", .integer("tillId"))],
            evidence: [.integer("tillId")]),
        reply: .single(), codes: TillsUpdate.codes, recovery: .resend,
        source:
            "Update Till with Custom Fields. Facts: Stores, Update a till. Unconfirmed: that a till has no other fields "
            + "this call can change."
    ).endpoint
}

enum TillsUpdate {
    private static let flags = [
        "isDisabled", "isCompulsory", "disableAtServer", "isUpdatable", "enableAuditTrail", "isPiiData",
        "isPsiData",
    ]
    private static let texts = [
        "type", "dataType", "label", "defaultValue", "phase", "rule", "serverRule", "regex", "error",
        "options", "helptext", "attrs",
    ]

    /// Source: Stores, Update a till.
    static let customField: [Field] =
        [
            Field("name", .text(most: nil), .required).with(.code),
            Field("value", .text(most: nil)).with(.words), Field("position", .integer(nil)),
        ] + texts.map { Field($0, .text(most: nil)).with(.words) }
        + flags.map { Field($0, .integer(0...1)) }

    /// Source: Stores, Update a till. 1025: a name given twice.
    static func checkNames(_ context: inout ItemContext) {
        let json = context.json
        let names = context.list("customFields").compactMap {
            json.scalar(json.member("name", of: $0))
        }
        if Set(names).count != names.count {
            context.problem(.rule, "customFields", "A name is given twice.")
        }
    }

    static let codes = CodeTable([
        .init(.rejected, .refusedValue, 1024, 1025, 1207),
        .init(.rejected, .targetUnknown, 1214, 1234, 1235, 3202),
        .init(.rejected, .refusedSetup, 1023, 1209),
        .init(.again, .busy, 521, 461, 4001), .init(.again, .throttled, 517),
    ])
}
