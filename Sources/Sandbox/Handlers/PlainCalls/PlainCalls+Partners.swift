import NIOHTTP1

extension PlainCall {
    static let partners: [PlainCall] =
        ([
            ("link", "linkCustomer", "linkCustomers", "linkToPartnerPrograms", "partnerLinkStatus"),
            (
                "update", "customerPartnerProgramUpdate", "customersPartnerUpdates",
                "partnerProgramUpdates",
                "updateStatus"
            ),
            (
                "delink", "deLinkCustomer", "deLinkCustomers", "deLinkFromPartnerPrograms",
                "partnerDeLinkStatus"
            ),
        ] as [(String, String, String, String, String)]).map {
            (act, call, list, programs, status) -> PlainCall in
            PlainCall(
                name: "partners." + act, method: .POST, path: "/v2/partnerProgram/" + call, most: 50,
                tooMany: 2008,
                form: .items(
                    head: #"{"\#(list)":["#,
                    item: { body, item, outcome, label in
                        let customer = body.member("customer", of: item)
                        let whose = ["mobile", "email", "externalId"].map {
                            label.member($0, body.text($0, of: customer))
                        }.joined()
                        let program = body.text(
                            "partnerProgramName", of: body.list(body.member(programs, of: item))?.first)
                        return
                            #"{"customer":{\#(whose)"status":{"status":true,"code":1000,"message":"ok"}},"#
                            + #""\#(programs)":[{"partnerProgramName":"\#(program ?? "")","\#(status)":\#(outcome.status)}]}"#
                    }, tail: { _, _ in "]}" }), repeats: act == "link" ? .refused(2005) : .sets,
                list: { $0.list($0.member(list, of: $0.root)) },
                key: { body, item, _ in
                    let program = body.text(
                        "partnerProgramName", of: body.list(body.member(programs, of: item))?.first)
                    return who(body, body.member("customer", of: item)) + "/" + (program ?? "")
                },
                refusal: { body, item, _, _ in
                    let program = body.text(
                        "partnerProgramName", of: body.list(body.member(programs, of: item))?.first)
                    return isUnknown(program ?? "") ? Complaint(2006, "program unknown") : nil
                })
        }
}
