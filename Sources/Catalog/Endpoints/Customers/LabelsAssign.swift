import Model
import Records

extension Endpoint {
    /// Gives labels to customers, products or stores: `POST /v2/labels/assignments`.
    package static let labelsAssign = EndpointSpec(
        "labels.assign", "Assigns labels to customers, products or stores.", .post,
        "/v2/labels/assignments", what: "An assignment", adds: false,
        // Source: Labels, Labels (v2). 23032.
        chunk: .upTo(100, normal: 50), parameters: LabelsAssign.parameters,
        fields: LabelsAssign.fields, rules: LabelsAssign.rules, keys: LabelsAssign.keys,
        body: .list(["assignments"]), reply: LabelsAssign.reply, codes: LabelsAssign.codes,
        // Source: Labels, Labels (v2). A label that is assigned already is told so, and no more.
        recovery: .resend, refusesRepeat: true,
        source:
            "Labels (v2). Facts: Labels, Labels (v2). Unconfirmed: in errors, labelExternalId may hold the entity's "
            + "id; how many labels an entity may have (100 or 200).",
        code: .kind("label")
    ).endpoint
}

enum LabelsAssign {
    static let parameters = [
        Parameter(
            "entity_type", .member("entityType"), .oneOf(["CUSTOMER", "PRODUCT", "STORE"]),
            usual: "CUSTOMER", "What the labels are assigned to.")
    ]

    // MARK: Fields

    static let fields: [Field] = [
        Field("entityId", .integer(1...Int.max), .required, "The server's id."),
        Field(
            "labelExternalId", .text(most: 255), .when("unless labelName is given"),
            "Preferred: the id of an existing label."),
        Field(
            "labelName", .text(most: 255), .when("unless labelExternalId is given"),
            "An unknown name, or a typo, creates a new label."),
        Field("expiryDate", .instant),
    ]

    static let rules: [ItemRule] = [
        .atLeastOne(of: ["labelExternalId", "labelName"]),
        .atMostOne(of: ["labelExternalId", "labelName"]),
    ]

    static let keys = Keys(
        identity: [.integer("entityId"), .text("labelExternalId"), .text("labelName")],
        // What comes back names the entity alone: one label of it a request.
        binding: [.integer("entityId")], order: [.thing("entity", .integer("entityId"))],
        evidence: [.integer("entityId"), .text("labelExternalId"), .text("labelName")])

    // MARK: Reply

    /// Source: Labels, Labels (v2).
    static let codes = CodeTable([
        .init(.done, .refused, 23044),
        .init(.rejected, .targetUnknown, 23045),
        .init(
            .rejected, .refusedValue, 23031, 23033, 23034, 23035, 23037, 23038, 23039, 23040, 23043),
        .init(.rejected, .refusedSetup, 23056),
        .init(.again, .busy, 23015, 23055, 521, 461, 4001),
        .init(.again, .throttled, 517),
        .init(.batch, .batchTooLarge, 23032, 1060),
    ])

    static let reply = ReplyForm.lists(
        .init(
            done: ["data"], key: [["entityId"]], failedKey: [["entityId"], ["labelExternalId"]],
            id: ["assignmentId"]))
}
