import Model
import Records

extension Endpoint {
    /// Enrols customers in a milestone or a streak.
    package static let milestonesEnrol = milestones(
        "enrol", "Enrols customers in a milestone or a streak, with their progress so far.",
        call: "enroll", recovery: .resend)

    /// Ends the enrolment of customers in a milestone or a streak. What a repeat is told is not known:
    /// after a lost answer, a person looks.
    package static let milestonesUnenrol = milestones(
        "unenrol", "Ends the enrolment of customers in a milestone or a streak.", call: "unEnroll",
        recovery: .hold)

    private static func milestones(
        _ act: String, _ summary: String, call: String, recovery: Recovery
    ) -> Endpoint {
        let name = "milestones." + act
        return Endpoint(
            name: name, summary: summary, method: .post,
            path: "/v3/targetGroups/{target_group}/targets/{target}/" + call, host: .api, adds: false,
            // Source: Milestones, Enrol and unenrol. A list of at most one.
            chunk: Chunk(normal: 1, most: 1, bodyLimit: 1 << 20), parameters: Milestones.parameters,
            fields: Milestones.fields,
            prepare: { item, prepared in
                ItemContext.prepare(
                    item, Milestones.schema, name, "An enrolment", into: &prepared,
                    rules: Milestones.check)
            },
            body: Body.array,
            read: { reply, members in Milestones.replies.read(reply, members: members) },
            recovery: recovery, refusesRepeat: { _, _ in true }, repeats: { _ in .never },
            key: { member in EvidenceFields.text(0, of: member) }, kind: { _ in "enrolment" },
            reasons: Reason.once(Milestones.checks, Milestones.codes.reasons, WholeReply.reasons),
            codes: Milestones.codes,
            source: Milestones.source)
    }
}

enum Milestones {
    static let source =
        "Enrol in milestones and streaks. Facts: Milestones, Enrol and unenrol. Unconfirmed: whether enrolling "
        + "covers all later cycles, or each needs a call."

    static let parameters = [
        Parameter(
            "target_group", .path, .integer(1...Int.max), isRequired: true, "The id of the group."),
        Parameter("target", .path, .integer(1...Int.max), isRequired: true, "The id of the target."),
    ]

    // MARK: Fields

    static let fields: [Field] = [
        Field(
            "customerId", .integer(1...Int.max), .required, "The server's id of the customer."),
        Field(
            "periodName", .text(most: nil), .when("it is a milestone"),
            "The reference code of the period; not for streaks."),
        Field(
            "initialBalance", .number(atLeast: 0), .optional,
            "The progress to start with. Null to enrol again with the earlier progress."),
        Field("resetStreakStatus", .boolean),
    ]

    static let schema = Schema(fields)

    static let checks: [Reason] = [.missing, .type, .outOfRange, .unknownField]

    static func check(_ context: inout ItemContext) {
        let customer = context.integer("customerId") ?? ""
        context.identity = [customer, context.text("periodName") ?? ""]
        context.orderKeys = [["customer", "id", customer]]
        context.evidence = [customer, context.text("periodName") ?? ""]
    }

    // MARK: Reply

    /// Source: Milestones, Enrol and unenrol. 310119: enrolled already; his progress then stays what it was.
    static let codes = CodeTable([
        .init(.done, .refused, 310_119),
        .init(.rejected, .targetUnknown, 310_011, 310_019),
        .init(.rejected, .refusedValue, 310_017, 310_018, 300_004),
        .init(.rejected, .refusedSetup, 310_141, 310_144),
        .init(.again, .busy, 521, 461, 4001),
        .init(.again, .throttled, 517),
    ])

    static let replies = SingleReply(
        codes: codes, fields: fields.map(\.name), id: { json in json.member("data", of: json.root) },
        doneNeedsID: false)
}
