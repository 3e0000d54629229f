import Model
import Records

// Labels themselves, and giving and taking them; `labels.assign` has a file of its own.
//
// Source: Labels, Tag customers; Labels, Labels (v2).
extension Endpoint {
    package static let labelsAdd = Labels.definition(
        "add", "Adds labels before they are assigned, so that no typo creates one.", .post,
        recovery: .resend
    )

    package static let labelsUpdate = Labels.definition(
        "update", "Changes existing labels.", .put, recovery: .resend)

    /// Changes the expiry of labels that are given already: `PUT /v2/labels/assignments`.
    package static let labelsReassign = Endpoint(
        "labels.reassign", "Sets how long customers, products or stores have a label.", .put,
        "/v2/labels/assignments", what: "An assignment", adds: false, chunk: .upTo(100, normal: 50),
        parameters: Endpoint.labelsAssign.parameters,
        fields: [
            LabelsAssign.fields[0],
            Field("labelExternalId", .text(most: 255), .required, "The id of an existing label."),
            Field("expiryDate", .instant, .required),
        ], body: Body.list("assignments"), replies: LabelsAssign.replies, recovery: .resend,
        source: Labels.source
    ) { context in
        let entity = context.integer("entityId") ?? ""
        Labels.keys(&context, entity, context.text("labelExternalId") ?? "")
    }

    /// Takes a label away: `DELETE /v2/labels/assignments`.
    package static let labelsRemove = Endpoint(
        "labels.remove", "Removes labels from customers, products or stores.", .delete,
        "/v2/labels/assignments", what: "A removal", adds: false, chunk: .upTo(100, normal: 50),
        parameters: Endpoint.labelsAssign.parameters,
        fields: [
            LabelsAssign.fields[0],
            Field("labelExternalIds", .list(.text(most: 255)), .required, "Exactly one."),
        ], body: Body.list("removals"), replies: LabelsAssign.replies, recovery: .resend,
        source: Labels.source
    ) { context in
        let list = context.list("labelExternalIds")
        if context.node("labelExternalIds") != nil, list.count != 1 {
            context.problem(
                .rule, "labelExternalIds", "\(list.count) are given; make one record for each.")
        }
        let entity = context.integer("entityId") ?? ""
        Labels.keys(&context, entity, context.json.scalar(list.first) ?? "")
    }

    /// Gives and takes labels by the v1 call: `POST /v2/customers/{userId}/changeLabels`.
    package static let labelsChange = Endpoint(
        "labels.change", "Adds and removes labels of a customer by name, with the v1 call.",
        .post,
        "/v2/customers/{userId}/changeLabels", what: "A change of labels", adds: false,
        fields: [
            Customers.inPath, Field("add", Labels.named, .when("unless remove is given")),
            Field("remove", Labels.named, .when("unless add is given")),
        ],
        // An unknown label is a warning, and is not set. Source: Labels, Tag customers.
        replies: SingleReply(
            codes: Labels.olderCodes, fields: ["add", "remove"], refusing: [33000, 33001, 33003]),
        recovery: .resend,
        source:
            "Tag customers. Facts: Labels, Tag customers. The page says GET, but has a body, so POST is used."
    ) { context in
        if !context.has("add"), !context.has("remove") {
            context.problem(.missing, "add", "Give labels to add or remove.")
        }
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
}

enum Labels {
    static let source =
        "Labels (v2). Facts: Labels, Labels (v2). Unconfirmed: in errors, labelExternalId may hold the entity's id."

    static let named = Field.Kind.list(.object([Field("labelName", .text(most: 100), .required)]))

    static func keys(_ context: inout ItemContext, _ entity: String, _ label: String) {
        context.identity = [entity, label]
        // What comes back names the entity alone.
        context.binding = [entity]
        context.orderKeys = [["entity", entity]]
        context.evidence = [entity, label, ""]
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
        _ act: String, _ summary: String, _ method: Request.Method, recovery: Recovery
    ) -> Endpoint {
        let fields: [Field] = [
            Field("externalId", .text(most: 255), .required),
            Field("name", .text(most: 255), act == "add" ? .required : .optional).with(.code),
            Field("description", .text(most: 1024)),
            Field("entityType", .oneOf(["CUSTOMER", "PRODUCT", "STORE"]), .required),
            Field(
                "expiryConfig", .open, .optional, "NONE, FIXED_DATE, or RELATIVE with unit and value."),
        ]
        return Endpoint(
            "labels." + act, summary, method, "/v2/labels", what: "A label", adds: act == "add",
            // Source: Labels, Labels (v2). 23021.
            chunk: .upTo(10), fields: fields, body: Body.array,
            replies: TwoListReply(
                codes: codes, fields: fields.map(\.name), done: ["data"],
                doneLabel: { label($0, $0.member("externalId", of: $1)) },
                failedLabel: { json, element in
                    label(json, json.member("labelExternalId", of: element))
                        ?? label(json, json.member("externalId", of: element))
                },
                member: { Label.digest(EvidenceFields.text(0, of: $0)) },
                id: { json, element in json.scalar(json.member("id", of: element)) }),
            recovery: recovery, refusesRepeat: act == "add", source: source
        ) { context in
            let external = context.text("externalId") ?? ""
            context.identity = [context.text("entityType") ?? "", external]
            context.binding = [external]
            context.orderKeys = [["label", external]]
            context.evidence = [external]
        }
    }

    private static func label(_ json: JSON, _ node: Int?) -> UInt64? {
        json.scalar(node).flatMap { $0.isEmpty ? nil : Label.digest($0) }
    }
}
