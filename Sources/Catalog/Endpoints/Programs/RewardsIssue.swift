import Model
import Records

extension Endpoint {
    /// Gives a customer a reward: `POST …/user/rewards/issue`.
    package static let rewardsIssue = EndpointSpec(
        "rewards.issue",
        "Gives customers rewards for their points, one reward per record; your own id prevents repeats.",
        .post, "/api_gateway/rewards/core/v1/user/rewards/issue", what: "A reward", adds: true,
        parameters: [
            Parameter(
                "username", .query("username"), .text(most: nil), isRequired: true,
                "The store user who issues them."),
            Parameter(
                "skip_validation", .query("skip_validation"), .boolean,
                "true: without a code sent to the customer."),
        ],
        fields: RewardsIssue.fields, rules: RewardsIssue.rules, keys: RewardsIssue.keys,
        reply: .code(RewardsIssue.replies), codes: RewardsIssue.codes, recovery: .resend,
        refusesRepeat: true,
        source:
            "Issue bulk reward. Facts: Rewards, Issue rewards; Recovery, Idempotency keys. Several rewards of a "
            + "call share one check of the points and are processed one by one after it. With one per request, "
            + "none affects another. A repeated requestId with the same body only does what is missing. "
            + "Unconfirmed: whether one that was refused needs a new requestId; the code of the whole reply may say "
            + "rejected although all was done, so the reward's own code counts."
    ).endpoint
}

enum RewardsIssue {
    // MARK: Fields

    private static let reward = Field.Kind.object([
        Field("rewardId", .integer(1...Int.max), .required),
        Field("quantity", .integer(1...Int.max), .required, "The value, for one kind of reward."),
        Field(
            "requestId", .text(most: nil), .required,
            "Your own id: the server processes it once, however often it is sent."),
        Field(
            "paymentConfig",
            .object([
                Field("id", .integer(1...Int.max)), Field("redemptionValue", .number(atLeast: 0)),
                Field("points", .number(atLeast: 0)),
            ]), .optional, "Its id, if the reward has several."),
        Field("params", .open, .optional, "For the vendor."),
        Field("customFields", .open),
        Field("fulfillmentDetails", .object([Field("status", .text(most: nil))])),
    ])

    static let fields: [Field] = [
        Field("mobile", .text(most: nil), .when("unless email or externalId is given")),
        Field("email", .text(most: nil)), Field("externalId", .text(most: nil)),
        Field("brand", .text(most: nil), .optional, "Its name."),
        Field("transactionNumber", .text(most: nil)), Field("programId", .integer(1...Int.max)),
        Field("notes", .text(most: nil)), Field("eventLogId", .text(most: nil)),
        Field("rewards", .list(reward), .required, "Exactly one."),
        Field("params", .open, .optional, "For the vendor."),
        Field(
            "userGroup2PrimaryUserId", .integer(1...Int.max), .optional,
            "The customer whose group pays."),
        Field("userGroup2Id", .integer(1...Int.max)), Field("userGroup2ExternalId", .text(most: nil)),
        Field("eventDateTime", .instant, .optional, "The time; by default now."),
    ]

    private static let identifiers = ["mobile", "email", "externalId"]

    static let rules: [ItemRule] = [.exactlyOne(of: identifiers), .single("rewards")]

    static let keys: Keys = {
        let customer = CustomerForm.one(of: identifiers)
        let request = KeyPart.text("rewards.requestId")
        return Keys(
            identity: [request], order: [.customer(customer), .thing("request", request)],
            evidence: [
                request, .text("rewards.rewardId"), .text("rewards.quantity"),
                .customerValue(customer),
            ])
    }()

    // MARK: Reply

    /// Source: Rewards, Issue rewards.
    static let codes = CodeTable([
        .init(.rejected, .targetUnknown, 8003),
        .init(.rejected, .refusedValue, 8004, 8010, 400, 12_005, 12_016, 12_034, 12_050),
        .init(.rejected, .refusedSetup, 3004),
        // That id was served with another content: the file, or another job, has it twice.
        .init(.rejected, .conflict, 10_003),
        .init(.again, .busy, 521, 461, 4001), .init(.again, .throttled, 517),
        .init(.inDoubt, .noAnswer, 500), .init(.batch, .batchTooLarge, 1060),
    ])

    /// Shape E11: what is said of the reward itself counts.
    static let replies = CustomReply(codes: codes, fields: fields.map(\.name)) { json, member in
        let all = json.list(json.member("rewards", of: json.root))
        guard !all.isEmpty else {
            return reason(json, json.root).map { codes.disposition($0) }
        }
        guard let ours = own(json, all, member) else { return nil }
        let id = json.scalar(json.member("transactionId", of: ours)).map { ServerID($0) }
        let asked = Int(EvidenceFields.text(2, of: member)) ?? 1
        let given = json.integer(json.member("quantity", of: ours))
        if json.boolean(json.member(["status", "success"], of: ours)) == true {
            return codes.disposition(done: max(1, given ?? asked), of: asked, [], id: id)
        }
        guard let reason = reason(json, ours) else { return nil }
        return codes.disposition(done: given ?? 0, of: asked, [reason], id: id)
    }

    /// The record's own item: by its request id, or by its reward where the item has no request id, as those
    /// of refused rewards. One reward travels alone, so that its number tells it then.
    private static func own(_ json: JSON, _ items: [Int], _ member: Evidence) -> Int? {
        func text(_ name: StaticString, _ item: Int) -> String {
            json.scalar(json.member(name, of: item)) ?? ""
        }
        let named = items.filter { text("requestId", $0) == EvidenceFields.text(0, of: member) }
        guard named.isEmpty else { return named.count == 1 ? named[0] : nil }
        let ofReward = items.filter { text("rewardId", $0) == EvidenceFields.text(1, of: member) }
        guard ofReward.count == 1, text("requestId", ofReward[0]).isEmpty else { return nil }
        return ofReward[0]
    }

    /// Why the whole, or a reward, was refused: its status, with what a partner said of it.
    private static func reason(_ json: JSON, _ node: Int) -> Complaint? {
        let status = json.member("status", of: node)
        guard json.boolean(json.member("success", of: status)) == false else { return nil }
        let message = json.scalar(json.member("message", of: status)) ?? ""
        let partner = json.member("partnerError", of: status)
        let said = ["codes", "messages"].flatMap { name in
            json.list(json.member(named: name, of: partner)).compactMap { json.scalar($0) }
        }
        return Complaint(
            code: json.integer(json.member("code", of: status)),
            message: said.isEmpty ? message : "\(message) (\(said.joined(separator: " ")))")
    }
}
