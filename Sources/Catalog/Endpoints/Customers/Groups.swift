import Model
import Records

// Groups of customers, and companies.
//
// Source: Groups, Add a group; Groups, Join a group; Groups, Leave a group; Groups, Companies.
extension Endpoint {
    package static let groupsAdd = Endpoint(
        "groups.add", "Adds groups of customers, one per request.", .post, "/v2/userGroup2",
        what: "A group", adds: true,
        fields: [
            Field("externalId", .text(most: 50), .required),
            Field("groupName", .text(most: 50), .required),
            Field("maxGroupSize", .integer(1...30_000)),
        ], replies: Groups.replies(id: "id"), recovery: .resend, refusesRepeat: true,
        source: "User group. Facts: Groups, Add a group. 1633: it exists already."
    ) { context in
        let external = context.text("externalId") ?? ""
        context.identity = [external]
        context.orderKeys = [["group", external]]
        context.evidence = [external]
    }

    package static let groupsJoin = Endpoint(
        "groups.join", "Adds customers to a group, one per request.", .post, "/v2/userGroup2/join",
        what: "A membership", adds: false,
        fields: [
            Field("externalId", .text(most: 50), .required, "The id of the group.").inQuery(),
            Field(
                "userId", .integer(1...Int.max), .required, "The server's id of the customer."),
            Field("primaryMember", .boolean), Field("permissions", .list(.text(most: nil))),
            Field("defaultGroup", .boolean), Field("active", .boolean),
        ], body: Body.array, replies: Groups.memberships, recovery: .resend,
        source:
            "Join group. Facts: Groups, Join a group. 1636, 1623: the customer is already in it. The call takes several of one "
            + "group; one is sent."
    ) { context in
        let group = context.text("externalId") ?? ""
        let user = context.integer("userId") ?? ""
        context.identity = [group, user]
        context.orderKeys = [["group", group], customerKey("id", user)]
        context.evidence = [user, group]
    }

    package static let groupsLeave = Endpoint(
        "groups.leave", "Removes customers from a group, one per request.", .delete,
        "/v2/userGroup2/{groupId}/leave", what: "A leave", adds: false,
        parameters: [Customers.source],
        fields: [
            Field("groupId", .integer(1...Int.max), .required).inPath,
            Field(
                "identifierName",
                .oneOf(["mobile", "email", "externalId", "id", "cardnumber", "cardExternalId"]),
                .required
            ).inQuery(), Field("identifierValue", .text(most: nil), .required).inQuery(),
        ], body: { _ in [] },
        replies: SingleReply(
            codes: Groups.codes, fields: ["groupId"],
            saysDone: { json in json.boolean(json.member("success", of: json.root)) == true }),
        recovery: .resend, source: "Leave group. Facts: Groups, Leave a group."
    ) { context in
        let group = context.integer("groupId") ?? ""
        let value = context.text("identifierValue") ?? ""
        context.identity = [group] + customerKey(context.text("identifierName"), value)
        context.orderKeys = [["group", group], customerKey(context.text("identifierName"), value)]
        context.evidence = [value, group]
    }

    package static let companiesAdd = Groups.company("add", "Adds companies, one per request.", .post)
    package static let companiesUpdate = Groups.company(
        "update", "Changes existing companies, one per request.", .put)
}

enum Groups {
    /// Source: Groups, Add a group; Groups, Join a group; Groups, Companies.
    static let codes = CodeTable([
        .init(.exists, .duplicate, 1633), .init(.done, .refused, 1636, 1623, 91016, 91017),
        .init(.rejected, .refusedValue, 1635, 1637, 1638, 1641, 1642, 1605),
        .init(.rejected, .customerUnknown, 8015), .init(.again, .busy, 521, 461, 4001),
        .init(.again, .throttled, 517),
    ])

    /// The id of what was made is in `entity`, or is it.
    static func replies(id name: StaticString) -> SingleReply {
        SingleReply(codes: codes, fields: ["externalId", "groupName", "name"]) { json in
            let entity =
                json.member("entity", of: json.root) ?? json.member("createdId", of: json.root)
            return json.isObject(entity) ? json.member(name, of: entity) : entity
        }
    }

    /// Source: Groups, Join a group. `entityId` is an object of user and group.
    static let memberships = BulkReply(
        labels: [
            BulkReply.Label(
                member: { Label.digest(EvidenceFields.text(0, of: $0)) },
                item: { json, item in Label.digest(json, json.member(["entityId", "userId"], of: item))
                },
                agree: { _, _, _ in true })
        ], codes: codes, fields: ["externalId", "userId"], proof: .noErrors,
        form: .e1.with(id: "entityId", "groupId"))

    static func company(_ act: String, _ summary: String, _ method: Request.Method) -> Endpoint {
        Endpoint(
            "companies." + act, summary, method, "/v2/companies", what: "A company", adds: false,
            fields: [
                Field("name", .text(most: nil), .required),
                Field("externalId", .text(most: nil), .required),
                Field("hierarchyDefinitionCode", .text(most: nil)),
                Field("parentCompany", .object([Field("externalId", .text(most: nil), .required)])),
            ], replies: replies(id: "id"), recovery: .resend,
            source: "Companies. Facts: Groups, Companies."
        ) { context in
            let external = context.text("externalId") ?? ""
            let parent = context.text("externalId", in: "parentCompany") ?? ""
            context.identity = [external]
            // A parent first.
            context.orderKeys =
                [["company", external]] + (parent.isEmpty ? [] : [["company", parent]])
            context.evidence = [external]
        }
    }
}
