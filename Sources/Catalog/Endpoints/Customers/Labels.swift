import Model
import Records

// Labels themselves, and giving and taking them; `labels.assign` has a file of its own.
//
// Source: Labels, Tag customers; Labels, Labels (v2).
extension Endpoint {
    /// `POST /v2/labels`.
    package static let labelsAdd = Labels.definition(
        "add", "Adds labels before they are assigned, so that no typo creates one.", .post)

    /// `PUT /v2/labels`.
    package static let labelsUpdate = Labels.definition(
        "update", "Changes existing labels.", .put)

    /// Changes the expiry of labels that are given already: `PUT /v2/labels/assignments`.
    package static let labelsReassign = EndpointSpec(
        "labels.reassign", "Sets how long customers, products or stores have a label.", .put,
        "/v2/labels/assignments", what: "An assignment", adds: false, chunk: .upTo(100, normal: 50),
        parameters: LabelsAssign.parameters,
        fields: [
            LabelsAssign.fields[0],
            Field("labelExternalId", .text(most: 255), .required, "The id of an existing label."),
            Field("expiryDate", .instant, .required),
        ], keys: Labels.keys("labelExternalId"), body: .list(["assignments"]),
        reply: LabelsAssign.reply, codes: LabelsAssign.codes, recovery: .resend,
        source: Labels.source
    ).endpoint

    /// Takes a label away: `DELETE /v2/labels/assignments`.
    package static let labelsRemove = EndpointSpec(
        "labels.remove", "Removes labels from customers, products or stores.", .delete,
        "/v2/labels/assignments", what: "A removal", adds: false, chunk: .upTo(100, normal: 50),
        parameters: LabelsAssign.parameters,
        fields: [
            LabelsAssign.fields[0],
            Field("labelExternalIds", .list(.text(most: 255)), .required, "Exactly one."),
        ], rules: [.single("labelExternalIds")], keys: Labels.keys("labelExternalIds.0"),
        body: .list(["removals"]), reply: LabelsAssign.reply, codes: LabelsAssign.codes,
        recovery: .resend, source: Labels.source
    ).endpoint

    /// Gives and takes labels by the v1 call: `POST /v2/customers/{userId}/changeLabels`.
    package static let labelsChange = EndpointSpec(
        "labels.change", "Adds and removes labels of a customer by name, with the v1 call.",
        .post,
        "/v2/customers/{userId}/changeLabels", what: "A change of labels", adds: false,
        fields: [
            Customers.inPath, Field("add", Labels.named, .when("unless remove is given")),
            Field("remove", Labels.named, .when("unless add is given")),
        ],
        rules: [.atLeastOne(of: ["add", "remove"])], keys: .code(Labels.changeKeys),
        // An unknown label is a warning, and is not set. Source: Labels, Tag customers.
        reply: .single(.init(refusing: [33000, 33001, 33003])), codes: Labels.olderCodes,
        recovery: .resend,
        source:
            "Tag customers. Facts: Labels, Tag customers. The page says GET, but has a body, so POST is used."
    ).endpoint
}

enum Labels {
    static let source =
        "Labels (v2). Facts: Labels, Labels (v2). Unconfirmed: in errors, labelExternalId may hold the entity's id."

    static let named = Field.Kind.list(.object([Field("labelName", .text(most: 100), .required)]))

    static func keys(_ label: String) -> Keys {
        Keys(
            identity: [.integer("entityId"), .text(label)],
            // What comes back names the entity alone.
            binding: [.integer("entityId")], order: [.thing("entity", .integer("entityId"))],
            evidence: [.integer("entityId"), .text(label), .word("")])
    }

    /// By all names given and taken.
    static let changeKeys: @Sendable (inout ItemContext) -> Void = { context in
        let json = context.json
        let names = ["add", "remove"].flatMap { field in
            context.list(field).map {
                field + " " + (json.scalar(json.member("labelName", of: $0)) ?? "")
            }
        }
        let user = context.integer("userId") ?? ""
        context.identity = [user] + names
        context.orderKeys = [customerKey("id", user)]
        context.evidence = [user]
    }

    /// Source: Labels, Tag customers.
    static let olderCodes = CodeTable([
        .init(.rejected, .targetUnknown, 33000, 33001), .init(.rejected, .refusedValue, 33003),
        .init(.rejected, .customerUnknown, 8015), .init(.again, .busy, 521, 461, 4001),
        .init(.again, .throttled, 517),
    ])

    /// Source: Labels, Labels (v2).
    static let codes = CodeTable([
        .init(.exists, .duplicate, 23019, 23020),
        .init(
            .rejected, .refusedValue,
            (23001...23030).filter { ![23015, 23019, 23020, 23021].contains($0) }),
        .init(.rejected, .refusedSetup, 23056), .init(.again, .busy, 23015, 23055, 521, 461, 4001),
        .init(.again, .throttled, 517), .init(.batch, .batchTooLarge, 23021, 1060),
    ])

    static func definition(
        _ act: String, _ summary: String, _ method: Request.Method
    ) -> Endpoint {
        let isNew = act == "add"
        let fields: [Field] = [
            Field("externalId", .text(most: 255), .required),
            Field("name", .text(most: 255), isNew ? .required : .optional).with(.code),
            Field("description", .text(most: 1024)),
            Field("entityType", .oneOf(["CUSTOMER", "PRODUCT", "STORE"]), .required),
            Field(
                "expiryConfig", .open, .optional, "NONE, FIXED_DATE, or RELATIVE with unit and value."),
        ]
        let keys = Keys(
            identity: [.text("entityType"), .text("externalId")], binding: [.text("externalId")],
            order: [.thing("label", .text("externalId"))], evidence: [.text("externalId")])
        return EndpointSpec(
            "labels." + act, summary, method, "/v2/labels", what: "A label", adds: isNew,
            // Source: Labels, Labels (v2). 23021.
            chunk: .upTo(10), fields: fields, keys: keys, body: .array,
            reply: .lists(
                .init(
                    done: ["data"], key: [["externalId"]],
                    failedKey: [["labelExternalId"], ["externalId"]], id: ["id"])),
            codes: codes, recovery: .resend, refusesRepeat: isNew, source: source
        ).endpoint
    }
}
