import Model
import Records

extension Endpoint {
    /// Gives labels to customers, products or stores: `POST /v2/labels/assignments`.
    package static let labelsAssign = Endpoint(
        name: "labels.assign",
        summary: "Assigns labels to customers, products or stores.",
        method: .post, path: "/v2/labels/assignments", host: .api, adds: false,
        // Source: Labels, Labels (v2). 23032.
        chunk: Chunk(normal: 50, most: 100, bodyLimit: 1 << 20),
        parameters: [
            Parameter(
                "entity_type", .member("entityType"), .oneOf(["CUSTOMER", "PRODUCT", "STORE"]),
                usual: "CUSTOMER", "What the labels are assigned to.")
        ],
        fields: LabelsAssign.fields,
        prepare: { item, prepared in
            ItemContext.prepare(
                item, LabelsAssign.schema, "labels.assign", "An assignment", into: &prepared,
                rules: LabelsAssign.check)
        },
        body: Body.list("assignments"),
        read: { reply, members in LabelsAssign.replies.read(reply, members: members) },
        // Source: Labels, Labels (v2). A label that is assigned already is told so, and no more.
        recovery: .resend,
        refusesRepeat: { _, _ in true },
        repeats: { _ in .never },
        key: { member in EvidenceFields.text(0, of: member) },
        kind: { _ in "label" },
        reasons: Reason.once(LabelsAssign.checks, LabelsAssign.codes.reasons, WholeReply.reasons),
        codes: LabelsAssign.codes,
        source:
            "Labels (v2). Facts: Labels, Labels (v2). Unconfirmed: in errors, labelExternalId may hold the entity's "
            + "id; how many labels an entity may have (100 or 200).")
}

enum LabelsAssign {
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

    static let schema = Schema(fields)

    static let checks: [Reason] = [
        .missing, .type, .format, .tooLong, .outOfRange, .unknownField, .noOffset, .rule,
    ]

    static func check(_ context: inout ItemContext) {
        let external = context.text("labelExternalId") ?? ""
        let name = context.text("labelName") ?? ""
        if external.isEmpty, name.isEmpty {
            context.problem(
                .missing, "labelExternalId", "Give labelExternalId or labelName.")
        }
        if !external.isEmpty, !name.isEmpty {
            context.problem(
                .rule, "labelName", "Only one of labelExternalId and labelName may be given.")
        }
        let entity = context.integer("entityId") ?? ""
        context.identity = [entity, external, name]
        // What comes back names the entity alone: one label of it a request.
        context.binding = [entity]
        context.orderKeys = [["entity", entity]]
        context.evidence = [entity, external, name]
    }

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

    static let replies = TwoListReply(
        codes: codes, fields: fields.map(\.name), done: ["data"],
        doneLabel: { json, element in Label.digest(json, json.member("entityId", of: element)) },
        failedLabel: { json, element in
            Label.digest(json, json.member("entityId", of: element))
                ?? Label.digest(json, json.member("labelExternalId", of: element))
        },
        member: { Label.digest(EvidenceFields.text(0, of: $0)) },
        id: { json, element in json.scalar(json.member("assignmentId", of: element)) })
}
