import Model
import Records

extension Endpoint {
    /// Adds a till to a store: `POST /v2/orgEntity/till`.
    package static let tillsAdd = EndpointSpec(
        "tills.add", "Adds tills to existing stores, one per request.", .post,
        "/v2/orgEntity/till", what: "A till", adds: true,
        fields: [
            Field(
                "name", .text(most: 50), .required,
                "3 to 50: a small letter, then small letters, digits, and . _ -. Unique in the whole cluster, "
                    + "and the code of a deleted till cannot be used again."
            ).with(.code),
            Field("password", .text(most: nil), .optional, "Used by the till to sign in."),
            Field("storeId", .integer(1...Int.max), .required, "The server's id."),
        ],
        rules: [.code(Tills.checkName)],
        keys: Keys(
            identity: [.text("name")], order: [.thing("till", .text("name"))],
            evidence: [.text("name")]),
        reply: .single(), codes: Tills.codes, recovery: .code(.readBack(Tills.readBack)),
        source:
            "Till. Facts: Stores, Add a till. Unconfirmed: the error code of a name that is used, perhaps by another "
            + "org of the cluster."
    ).endpoint
}

enum Tills {
    static let codes = CodeTable([
        .init(.rejected, .targetUnknown, 1234, 1235), .init(.again, .busy, 521, 461, 4001),
        .init(.again, .throttled, 517),
    ])

    static let readBack = ReadBack(
        search: { member, _ in search(EvidenceFields.text(0, of: member)) },
        variants: { member, _ in
            let name = EvidenceFields.text(0, of: member)
            return Form.variants(name).map { search(name, asked: $0) }
        },
        fields: { [FormField("code", .text, EvidenceFields.text(0, of: $0))] },
        source:
            "Stores, Read stores and tills. GET /v2/organization/till by code, 3202 where there is none."
    )

    static func checkName(_ context: inout ItemContext) {
        let name = context.text("name") ?? ""
        if !name.isEmpty, !isName(name) {
            context.problem(
                .rule, "name",
                "A small letter, then small letters, digits, and . _ -; 3 to 50 of them in all.")
        }
    }

    /// Source: Stores, Add a till. `^[a-z][a-z0-9._-]+$`, 3 to 50.
    static func isName(_ text: String) -> Bool {
        (3...50).contains(text.utf8.count)
            && text.utf8.enumerated().allSatisfy { place, byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"): true
                case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"),
                    UInt8(ascii: "-"):
                    place > 0
                default: false
                }
            }
    }

    static func search(_ name: String, asked: String? = nil) -> SearchStep {
        .ask(Request(.get, "/v2/organization/till?" + query(["code": asked ?? name]))) { reply in
            guard let json = JSON(reply.body) else { return .unclear(LookReply.unclear(reply)) }
            let complaints = json.complaints(json.member("errors", of: json.root))
            if complaints.contains(where: { $0.code == 3202 }) { return .done(ids: [], others: []) }
            guard (200..<300).contains(reply.status), complaints.isEmpty else {
                return .unclear(LookReply.unclear(reply, complaints))
            }
            let till = json.member("entity", of: json.root)
            guard let code = json.scalar(json.member("code", of: till)),
                let id = json.scalar(json.member("id", of: till)), !id.isEmpty
            else { return .gap("The reply does not show the till.") }
            let field = FormField("code", .text, name)
            let difference = Alike.Difference(field, shown: code)
            return switch Form.text(code, name) {
            case .equal: .done(ids: [ServerID(id)], others: [])
            case .alike: .read(ids: [], others: [], alike: [Alike(ServerID(id), [difference])])
            case .different:
                .read(
                    ids: [], others: [], alike: [Alike(ServerID(id), [difference], isAnother: true)])
            }
        }
    }
}
