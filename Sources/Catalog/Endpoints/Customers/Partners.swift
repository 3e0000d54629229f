import Model
import Records

// Programs of partners that customers are linked to: one customer and one program a record.
//
// Source: Partner programs, Link, update and unlink.
extension Endpoint {
    /// `POST /v2/partnerProgram/linkCustomer`.
    package static let partnersLink = Partners.endpoint(
        "link", "Links customers to programs of partners; already linked counts as accepted.",
        call: "linkCustomer", list: "linkCustomers", programs: "linkToPartnerPrograms",
        status: "partnerLinkStatus", most: 50, recovery: .resend,
        fields: [
            Field(
                "customerPartnerReference",
                .object([
                    Field("partnerMembershipId", .text(most: nil)),
                    Field("partnerTierName", .text(most: nil)),
                    Field("partnerTierExpiryDate", .instant), Field("membershipStartDate", .instant),
                ]))
        ])

    /// `POST /v2/partnerProgram/customerPartnerProgramUpdate`.
    package static let partnersUpdate = Partners.endpoint(
        "update", "Moves customers between the tiers of a partner program, or renews their tiers.",
        call: "customerPartnerProgramUpdate", list: "customersPartnerUpdates",
        programs: "partnerProgramUpdates", status: "updateStatus", most: 50, recovery: .hold,
        fields: [
            Field(
                "updateType",
                .oneOf([
                    "UPGRADE", "DOWNGRADE", "RENEW", "MEMBERSHIP_RELINKING_CANCELLED",
                    "MEMBERSHIP_RENEWAL_INITIATION",
                ]), .required),
            Field(
                "updateDetails",
                .object([
                    Field("updatedTierName", .text(most: nil), .required),
                    Field("updatedTierExpiryDate", .instant),
                ]), .required),
        ])

    /// `POST /v2/partnerProgram/deLinkCustomer`.
    package static let partnersDelink = Partners.endpoint(
        "delink", "Unlinks customers from programs of partners; not linked counts as accepted.",
        call: "deLinkCustomer", list: "deLinkCustomers", programs: "deLinkFromPartnerPrograms",
        status: "partnerDeLinkStatus", most: 1, recovery: .resend, fields: [])
}

enum Partners {
    /// Source: Partner programs, Link, update and unlink. 2005: linked already; 2004: not linked.
    static func codes(_ act: String) -> CodeTable {
        let done: [Int]
        let refused: [Int]
        switch act {
        case "link": (done, refused) = ([2005, 2010], [2004])
        case "delink": (done, refused) = ([2004], [2005, 2010])
        default: (done, refused) = ([], [2004, 2005, 2010])
        }
        let always: [Int] = [2001, 2002, 2003, 2006, 2007, 2009, 2027, 2028] + Array(2011...2018)
        let rows: [CodeTable.Row] = [
            .init(.done, .refused, done), .init(.rejected, .refusedValue, always + refused),
            .init(.rejected, .customerUnknown, 8015, 1011, 1012, 816),
            .init(.rejected, .refusedSetup, 2026),
            .init(.again, .busy, 521, 461, 4001), .init(.again, .throttled, 517),
            .init(.batch, .batchTooLarge, 2008, 1060),
        ]
        return CodeTable(rows)
    }

    static func endpoint(
        _ act: String, _ summary: String, call: String, list: StaticString, programs: StaticString,
        status: StaticString, most: Int, recovery: EndpointSpec.RecoveryForm, fields more: [Field]
    ) -> Endpoint {
        let name = "\(programs)"
        let fields: [Field] = [
            Customers.one,
            Field(
                name,
                .list(.object([Field("partnerProgramName", .text(most: nil), .required)] + more)),
                .required,
                "Exactly one."),
        ]
        let codes = codes(act)
        var form = BulkReply.Form.list({ json in
            json.member(list, of: json.root) ?? json.member("customersPartnerUpdates", of: json.root)
        })
        form.id = { json, item in json.member(["customer", "id"], of: item) }
        // What is said of the customer, then of the program.
        form.errors = { json, item in
            let own = json.member(["customer", "status"], of: item)
            let leaf = leaf(json, item, programs, status)
            return [own, leaf].compactMap { node in
                guard let code = json.integer(json.member("code", of: node)),
                    ![200, 1000].contains(code)
                else { return nil }
                return Complaint(
                    code: code, message: json.scalar(json.member("message", of: node)) ?? "")
            }
        }
        form.isDone = { json, item in
            let code = json.integer(json.member("code", of: leaf(json, item, programs, status)))
            return code == 200 || code.map { codes.row(of: $0).meaning == .done } ?? false
        }
        let reply = BulkReply(
            labels: Customers.identifiers.map { label($0) }, codes: codes,
            fields: fields.map(\.name), proof: .noErrors, form: form)
        let keys = Keys(
            identity: [.customer(Customers.oneOf), .text(name + ".partnerProgramName")],
            // A reply is told apart by its customer alone.
            binding: [.customer(Customers.oneOf)], order: [.customer(Customers.oneOf)],
            evidence: [
                .customerValue(Customers.oneOf), .customerType(Customers.oneOf),
                .text(name + ".partnerProgramName"),
            ])
        return EndpointSpec(
            "partners." + act, summary, .post, "/v2/partnerProgram/" + call, what: "A link",
            adds: false, chunk: .upTo(most, normal: min(20, most)), fields: fields,
            rules: [.single(name), .exactlyOne(of: Customers.identifiers, in: "customer")],
            keys: keys, body: .list(["\(list)"]), reply: .code(reply), codes: codes,
            recovery: recovery,
            source:
                "Partner programs. Facts: Partner programs, Link, update and unlink. The feature is enabled "
                + "on request. Unconfirmed: one sample has status false beside code 200: the code decides; the "
                + "current page on unlinking shows the reply of an update."
        ).endpoint
    }

    private static func leaf(
        _ json: JSON, _ item: Int, _ programs: StaticString, _ status: StaticString
    ) -> Int? {
        let list =
            json.member(programs, of: item) ?? json.member("partnerProgramUpdates", of: item)
        let program = json.list(list).first
        return json.member(status, of: program) ?? json.member("updateStatus", of: program)
    }

    private static func label(_ type: String) -> BulkReply.Label {
        BulkReply.Label(
            member: { evidence in
                let fields = evidence.fields
                guard fields.count > 1, fields[1] == type else { return nil }
                return Customers.label(type, fields[0])
            },
            item: { json, item in
                let customer = json.member("customer", of: item)
                guard let customer, json.isObject(customer) else { return nil }
                return json.scalar(json.tape.member(type, of: customer, in: json.bytes)).map {
                    Customers.label(type, $0)
                }
            }, agree: { _, _, _ in true })
    }
}
