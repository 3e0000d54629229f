import Testing

@testable import Sandbox

@Suite("Labels and milestones", .timeLimit(.minutes(1)))
struct LabelTests {
    private func assign(_ server: SandboxServer, _ items: String..., type: String = "CUSTOMER") throws
        -> WireReply
    {
        let body = #"{"entityType":"\#(type)","assignments":[\#(items.joined(separator: ","))]}"#
        return try #require(try server.ask("POST", "/v2/labels/assignments", body: body).reply)
    }

    @Test("are given once, to what there is")
    func labels() async throws {
        try await withSandbox { server in
            let vip = #"{"entityId":7,"labelExternalId":"vip"}"#
            let first = try assign(
                server, vip, #"{"entityId":4040,"labelName":"x"}"#,
                #"{"entityId":8,"labelExternalId":"unknown"}"#)
            #expect(first.status == 207)
            #expect(first.json?["data"]?[0]?["entityId"]?.string == "7")
            #expect(first.json?["errors"]?.list.map { $0["code"]?.int } == [23045, 23037])
            #expect(first.json?["errors"]?[0]?["labelExternalId"]?.string == "4040")
            #expect(try assign(server, vip).json?["errors"]?[0]?["code"]?.int == 23044)
            #expect(try assign(server, vip, type: "PRODUCT").status == 200)
            #expect(try assign(server, vip, type: "STAFF").status == 400)
            #expect(try server.counts()["deeds"]?["labels"]?["deeds"]?.int == 2)
        }
    }

    private func enrol(_ server: SandboxServer, _ target: Int, _ verb: String, _ customer: Int = 9)
        throws
        -> JSON
    {
        let reply = try server.ask(
            "POST", "/v3/targetGroups/4/targets/\(target)/\(verb)",
            body: #"[{"customerId":\#(customer),"periodName":"P"}]"#
        ).reply
        return try #require(reply?.json)
    }

    @Test("customers are enrolled once, and may leave")
    func milestones() async throws {
        try await withSandbox { server in
            try #expect(enrol(server, 7, "enroll")["data"]?.int == 9)
            #expect(try enrol(server, 7, "enroll")["errors"]?[0]?["code"]?.int == 310119)
            #expect(try enrol(server, 8, "enroll")["data"]?.int == 9)
            #expect(try enrol(server, 7, "unEnroll")["data"]?.int == 9)
            #expect(try enrol(server, 7, "enroll")["data"]?.int == 9)
            #expect(try enrol(server, 7, "enroll", 0)["errors"]?[0]?["code"]?.int == 310011)
            #expect(try enrol(server, 10_000, "enroll")["errors"]?[0]?["code"]?.int == 310019)
            #expect(try server.counts()["deeds"]?["enrolments"]?["deeds"]?.int == 4)
        }
    }
}
