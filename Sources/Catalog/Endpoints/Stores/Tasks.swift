import Model
import Records

// What people in the stores have to do.
//
// Source: Tasks and events, Tasks (v1.1).
extension Endpoint {
    /// Gives stores tasks: `POST /v1.1/task/add`.
    package static let tasksAdd = EndpointSpec(
        "tasks.add", "Gives tasks to store staff, one per request.", .post, "/v1.1/task/add",
        what: "A task", adds: true,
        fields: [
            Field(
                "id", .oneOf(["-1"]), .required,
                "The string -1 for a new task. Any other id changes a task."),
            Field("local_id", .text(most: nil), .required, "Your own id of the task."),
            Field("title", .text(most: nil), .required),
        ] + Tasks.fields,
        rules: Tasks.rules,
        keys: Keys(
            identity: [.text("local_id")], order: [.thing("task", .text("local_id"))],
            evidence: [.text("local_id"), .text("title")]),
        body: .list(["root", "task"]), reply: .v1(.init("tasks", "task", alone: "local_id")),
        codes: Tasks.codes, recovery: .hold,
        source:
            "Add Tasks (v1.1). Facts: Tasks and events, Tasks (v1.1). Nothing prevents a repeat, and no "
            + "call looks up a task by local_id. Unconfirmed: whether local_id is echoed, so one per "
            + "request; 5200 or 200 for done."
    ).endpoint

    /// Changes tasks: `POST /v1.1/task/update`.
    package static let tasksUpdate = EndpointSpec(
        "tasks.update", "Changes tasks of store staff, several per request.", .post,
        "/v1.1/task/update", what: "A task", adds: false, chunk: .upTo(20, normal: 10),
        fields: [
            Field("id", .integer(1...Int.max), .required, "The server's id."),
            Field("local_id", .text(most: nil)), Field("title", .text(most: nil)),
        ] + Tasks.fields,
        rules: Tasks.rules,
        keys: Keys(
            identity: [.integer("id")], order: [.thing("task", .integer("id"))],
            evidence: [.integer("id")]),
        body: .list(["root", "task"]), reply: .v1(.init("tasks", "task", key: "id")),
        codes: Tasks.codes, recovery: .resend,
        source:
            "Add Tasks and Update Tasks (v1.1). Facts: Tasks and events, Tasks (v1.1). Tasks are matched by their "
            + "ids. Unconfirmed: how many a request may have (1060); 10 and 20 are our choice."
    ).endpoint
}

enum Tasks {
    /// What adding and changing share.
    static let fields: [Field] = [
        Field("body", .text(most: nil)), Field("type", .oneOf(["MEMO", "TASK"])),
        Field(
            "start_date", .text(most: nil), .optional, "2026-02-03 14:05:00, in the server's time zone."
        ),
        Field("end_date", .text(most: nil)), Field("expiry_date", .text(most: nil)),
        Field(
            "action",
            .object([
                Field("type", .oneOf(["sms", "email", "call", "none"]), .required),
                Field(
                    "template", .text(most: nil), .optional, "The server fills in {name} and {points}."),
            ])),
        Field(
            "creator",
            .object([
                Field("type", .oneOf(["manager", "cashier", "associate"]), .required),
                Field("id", .text(most: nil), .required),
            ])),
        Field("target_type", .oneOf(["CASHIER", "CUSTOMER"])),
        Field("customer_ids", .text(most: nil), .optional, "Separated by commas."),
        Field("selected_audience_groups", .text(most: nil), .optional, "Separated by commas."),
        Field("execute_by_all", .oneOf(["true", "false"]), .optional, "A text."),
        Field("executable_by_type", .text(most: nil), .optional, "cashier, for example."),
        Field("executable_by_ids", .text(most: nil), .optional, "Separated by commas."),
        Field("possible_statuses", .text(most: nil), .optional, "OPEN,IN_PROGRESS,CLOSED"),
        Field("tags", .text(most: nil)), Field("reminder", .list(.open)),
        Field(
            "entries", .open, .optional, "entry: a list of what each person has done, with a status."),
    ]

    static let rules: [ItemRule] = [
        .serverTime(["start_date", "end_date", "expiry_date"]),
        .code { context in
            if let start = context.filled("start_date"), let end = context.filled("end_date"),
                end < start
            {
                context.problem(.rule, "end_date", "It is before start_date.")
            }
        },
    ]

    /// Source: Tasks and events, Tasks (v1.1). What each refusal means is not printed there.
    static let codes = CodeTable([
        .init(.done, .refused, 5200, 200),
        .init(.rejected, .refusedValue, [5201] + Array(5203...5214)),
        .init(.again, .busy, 521, 461, 4001), .init(.again, .throttled, 517),
        .init(.batch, .batchTooLarge, 1060),
    ])
}
