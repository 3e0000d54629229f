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
        _ act: String, _ summary: String, call: String, recovery: EndpointSpec.RecoveryForm
    ) -> Endpoint {
        EndpointSpec(
            "milestones." + act, summary, .post,
            "/v3/targetGroups/{target_group}/targets/{target}/" + call, what: "An enrolment",
            // Source: Milestones, Enrol and unenrol. A list of at most one.
            adds: false, parameters: Milestones.parameters, fields: Milestones.fields,
            keys: Milestones.keys, body: .array,
            reply: .single(.init(id: [["data"]], doneNeedsID: false)), codes: Milestones.codes,
            recovery: recovery, refusesRepeat: true, source: Milestones.source,
            code: .kind("enrolment")
        ).endpoint
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

    static let keys = Keys(
        identity: [.integer("customerId"), .text("periodName")],
        order: [.customer(.id("customerId"))],
        evidence: [.integer("customerId"), .text("periodName")])

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
}
