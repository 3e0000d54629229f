import Model
import Records

// Groups of customers, and companies.
//
// Source: Groups, Add a group; Groups, Update a group; Groups, Join a group; Groups, Leave a group; Groups,
// Companies.
extension Endpoint {
    /// `POST /v2/userGroup2`.
    package static let groupsAdd = EndpointSpec(
        "groups.add", "Adds groups of customers, one per request.", .post, "/v2/userGroup2",
        what: "A group", adds: true,
        fields: [
            Field("externalId", .text(most: 50), .required),
            Field("groupName", .text(most: 50), .required),
            Field("maxGroupSize", .integer(1...30_000)),
        ], keys: Groups.keys("group"), reply: Groups.made(id: "id"), codes: Groups.codes,
        recovery: .resend, refusesRepeat: true,
        source: "User group. Facts: Groups, Add a group. 1633: it exists already."
    ).endpoint

    /// `PUT /v2/userGroup2`.
    package static let groupsUpdate = EndpointSpec(
        "groups.update", "Changes groups of customers by the server's id, one per request.", .put,
        "/v2/userGroup2", what: "A group", adds: false,
        fields: [
            Field("id", .integer(1...Int.max), .required, "The server's id of the group."),
            Field("groupName", .text(most: 50), .required, "Also if it stays as it is."),
            Field("externalId", .text(most: 50)), Field("maxGroupSize", .integer(1...30_000)),
            Field("extendedFields", .open, .optional, "The org's names, of the entity usergroup2."),
        ],
        keys: Keys(
            identity: [.integer("id")], order: [.thing("group id", .integer("id"))],
            evidence: [.integer("id"), .text("externalId")]),
        reply: .single(.init(id: [["id"], ["entity", "id"], ["entity"]])), codes: Groups.codes,
        recovery: .resend,
        source:
            "Update User Group. Facts: Groups, Update a group. Unconfirmed: whether groupName may be left out, and the "
            + "group be named by externalId, as older pages say; it is required here."
    ).endpoint

    /// `POST /v2/userGroup2/join`.
    package static let groupsJoin = EndpointSpec(
        "groups.join", "Adds customers to a group, one per request.", .post, "/v2/userGroup2/join",
        what: "A membership", adds: false,
        fields: [
            Field("externalId", .text(most: 50), .required, "The id of the group.").inQuery(),
            Field(
                "userId", .integer(1...Int.max), .required, "The server's id of the customer."),
            Field("primaryMember", .boolean), Field("permissions", .list(.text(most: nil))),
            Field("defaultGroup", .boolean), Field("active", .boolean),
        ],
        keys: Keys(
            identity: [.text("externalId"), .integer("userId")],
            order: [.thing("group", .text("externalId")), .customer(.id("userId"))],
            evidence: [.integer("userId"), .text("externalId")]),
        body: .array,
        // Source: Groups, Join a group. `entityId` is an object of user and group.
        reply: .items(
            .init(key: ["entityId", "userId"], id: ["entityId", "groupId"], needsID: false)),
        codes: Groups.codes, recovery: .resend,
        source:
            "Join group. Facts: Groups, Join a group. 1636, 1623: the customer is already in it. The call takes several of one "
            + "group; one is sent."
    ).endpoint

    /// `DELETE /v2/userGroup2/{groupId}/leave`.
    package static let groupsLeave = EndpointSpec(
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
        ],
        keys: Keys(
            identity: [.integer("groupId"), .customer(Customers.named)],
            order: [.thing("group", .integer("groupId")), .customer(Customers.named)],
            evidence: [.text("identifierValue"), .integer("groupId")]),
        body: .none, reply: .single(.init(done: .flag(["success"]))), codes: Groups.codes,
        recovery: .resend, source: "Leave group. Facts: Groups, Leave a group."
    ).endpoint

    /// `POST /v2/companies`.
    package static let companiesAdd = Groups.company("add", "Adds companies, one per request.", .post)
    /// `PUT /v2/companies`.
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

    /// By the external id.
    static func keys(_ thing: String, _ more: OrderKey...) -> Keys {
        Keys(
            identity: [.text("externalId")], order: [.thing(thing, .text("externalId"))] + more,
            evidence: [.text("externalId")])
    }

    /// The id of what was made is in `entity`, or is it.
    static func made(id name: String) -> ReplyForm {
        .single(
            .init(id: [["entity", name], ["entity"], ["createdId", name], ["createdId"]]))
    }

    static func company(_ act: String, _ summary: String, _ method: Request.Method) -> Endpoint {
        EndpointSpec(
            "companies." + act, summary, method, "/v2/companies", what: "A company", adds: false,
            fields: [
                Field("name", .text(most: nil), .required),
                Field("externalId", .text(most: nil), .required),
                Field("hierarchyDefinitionCode", .text(most: nil)),
                Field("parentCompany", .object([Field("externalId", .text(most: nil), .required)])),
            ],
            // A parent first.
            keys: keys("company", .thingIfAny("company", .text("parentCompany.externalId"))),
            reply: made(id: "id"), codes: codes, recovery: .resend,
            source: "Companies. Facts: Groups, Companies."
        ).endpoint
    }
}
