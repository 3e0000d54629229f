import Foundation
import TestSupport
import Testing

/// Replies as the API's pages print them, met by the program as its users run it.
@Suite(.ownThreads) struct PublishedRepliesTests {
    private static func prepare(_ arguments: String...) throws -> (Program, Program.Server) {
        let program = try Program()
        let server = try program.sandbox(arguments)
        try program.connect(to: server.url, "auth: none, rate: none")
        return (program, server)
    }

    private static func job(
        _ program: Program, _ endpoint: String, _ lines: [String], more: String = ""
    ) throws {
        try program.write(lines.joined(separator: "\n") + "\n", to: "rows.jsonl")
        try program.writeJob(
            "rows", endpoint, files: "rows.jsonl", "doubt: { wait: 300ms }\n\(more)")
    }

    private static func records(_ program: Program) throws -> [String: Int] {
        let output = try program.run("report", "--json")
        let document = try JSONSerialization.jsonObject(with: Data(output.out.utf8)) as? [String: Any]
        return (document?["records"] as? [String: Any] ?? [:]).compactMapValues { $0 as? Int }
            .filter { $0.value > 0 && $0.key != "read" }
    }

    @Test("A refused reward is refused for its own reason, and one without request id is issued once")
    func rewards() throws {
        let (program, server) = try Self.prepare()
        defer {
            server.stop()
            program.remove()
        }
        let rewards = [5001, 120_051, 4041, 80_041]
        try Self.job(
            program, "rewards.issue",
            rewards.enumerated().map {
                #"{"mobile":"4477009001\#($0.offset)","rewards":[{"rewardId":\#($0.element),"quantity":2,"requestId":"r-\#($0.offset)"}]}"#
            }, more: "parameters: { username: till.1 }\n")
        let output = try program.run("run", "job.yaml")
        #expect(output.status == 1, "\(output)")
        let records = try Self.records(program)
        #expect(records["accepted"] == 1 && records["rejected"] == 3, "\(records)")
        let story = try program.run("explain", "r-1")
        #expect(story.out.contains("12005") && story.out.contains("refused-value"), "\(story)")
        #expect(try program.run("explain", "r-2").out.contains("8003"))
        // Issued, and its item does not name the request; then one that names another's.
        try Self.job(
            program, "rewards.issue",
            [
                #"{"mobile":"447700900150","rewards":[{"rewardId":5002,"quantity":1,"requestId":"r-50"}]}"#
            ], more: "parameters: { username: till.1 }\n")
        try server.set(["unlabelled:on=add"])
        let unlabelled = try program.run("run", "job.yaml")
        #expect(unlabelled.status == 0, "\(unlabelled)")
        try Self.job(
            program, "rewards.issue",
            [
                #"{"mobile":"447700900151","rewards":[{"rewardId":5002,"quantity":1,"requestId":"r-51"}]}"#
            ], more: "parameters: { username: till.1 }\n")
        try server.set(["wrong-key:on=add:count=1"])
        let wrong = try program.run("run", "job.yaml")
        // Asked again it is told, and it was done once.
        #expect(wrong.status == 0, "\(wrong)")
    }

    @Test("An enrolment whose request id was used before says so, and is claimed by nobody")
    func usedID() throws {
        let (program, server) = try Self.prepare()
        defer {
            server.stop()
            program.remove()
        }
        func row(_ customer: Int, _ id: String) -> String {
            #"{"requestId":"\#(id)","action":"ENROL","promotion":{"promotionId":"65aa"},"customer":{"identifierName":"mobile","identifierValue":"4477009001\#(customer)"}}"#
        }
        // Two rows of one id: the second is refused, and told why.
        try Self.job(
            program, "promotions.enrol", [row(10, "e-1"), row(11, "e-1"), row(12, "e-2")],
            more: "send: { in_flight: 1 }\n")
        let output = try program.run("run", "job.yaml")
        #expect(output.status == 1, "\(output)")
        let report = try program.run("report").out
        #expect(report.contains("repeated-request"), "\(report)")
        #expect(
            try program.run("explain", "447700900111/65aa").out.contains("809"), "\(report)")
        // The answer is lost, and the repeat is refused for its id: it arrived, and what it did nobody tells.
        try Self.job(program, "promotions.enrol", [row(13, "e-3")])
        try server.set(["cut-after:on=add:count=1"])
        let lost = try program.run("run", "job.yaml")
        #expect(lost.status == 4, "\(lost)")
        let records = try Self.records(program)
        #expect(records == ["in_doubt": 1], "\(records)")
        let story = try program.run("explain", "447700900113/65aa")
        #expect(story.out.contains("809") && story.out.contains("repeated-request"), "\(story)")
    }

    @Test("An allocation takes numbers, a group, a customer by mobile number; a bad one is not sent")
    func allocation() throws {
        let (program, server) = try Self.prepare()
        defer {
            server.stop()
            program.remove()
        }
        let table = """
            key,mobile,kind,type,group,promotion,line
            a-0,447700900100,CUSTOMER,mobile,,-1,77
            a-1,,USERGROUP2,,61450,,
            a-2,447700900102,,mobile,,,
            a-3,447700900103,CUSTOMER,,,,
            a-4,447700900104,CUSTOMER,mobile,,spring,
            a-5,,,,,,

            """
        try program.write(table, to: "rows.csv")
        try program.writeJob(
            "rows", "currency.allocate", files: "rows.csv",
            """
            record:
              fields:
                orgId: { value: 1 }
                programId: { value: 12 }
                awardStrategyId: { value: 4 }
                expiryStrategyId: { value: 5 }
                sourceValue: { value: -1 }
                eventName: { value: TransactionAdd }
                eventSourceId: { value: "700100" }
                uniqueId: key
                promotionId: promotion
                billLineItemId: line
                lookupParams:
                  fields:
                    entityType: kind
                    identifierType: type
                    identifierValue: mobile
                    groupId: group
            """)
        let output = try program.run("run", "job.yaml")
        #expect(output.status == 1, "\(output)")
        let records = try Self.records(program)
        #expect(records == ["accepted": 3, "invalid": 3], "\(records) \(output)")
        let report = try program.run("report").out
        #expect(report.contains("promotionId"), "\(report)")
    }

    @Test("A store is changed with its id; the id of another store is refused")
    func stores() throws {
        let (program, server) = try Self.prepare()
        defer {
            server.stop()
            program.remove()
        }
        try Self.job(
            program, "stores.add",
            (0..<2).map { #"{"code":"s_\#($0)","name":"Store \#($0)","externalIds":["E\#($0)"]}"# })
        #expect(try program.run("run", "job.yaml", "--quiet").status == 0)
        #expect(
            try program.run("export", "stores", "--connection", "there", "-o", "stores.csv", "--quiet")
                .status == 0)
        let rows = try String(contentsOfFile: program.folder + "/stores.csv", encoding: .utf8)
            .split(separator: "\n").dropFirst().map { $0.split(separator: ",") }
        let ids = Dictionary(
            uniqueKeysWithValues: rows.map { (String($0[1]), String($0[0])) })
        let first = try #require(ids["s_0"])
        try Self.job(
            program, "stores.update",
            [
                #"{"code":"s_0","id":\#(first),"description":"moved"}"#,
                #"{"code":"s_1","id":\#(first),"description":"moved"}"#,
            ])
        let output = try program.run("run", "job.yaml")
        #expect(output.status == 1, "\(output)")
        let records = try Self.records(program)
        #expect(records == ["accepted": 1, "invalid": 1], "\(records)")
        let story = try program.run("explain", "s_1").out
        #expect(story.contains("conflict") && story.contains(", not \(first)"), "\(story)")
    }

    @Test("The queue is exported from its second path where the first is not there")
    func secondPath() throws {
        let (program, server) = try Self.prepare("--queue-path", "root")
        defer {
            server.stop()
            program.remove()
        }
        try Self.job(
            program, "transactions.add",
            (0..<3).map {
                #"{"identifierType":"externalId","identifierValue":"c\#($0)","source":"INSTORE","type":"REGULAR","billNumber":"B-\#($0)","billingDate":"2026-02-03T10:15:00+00:00","billAmount":5,"lineItemsV2":[{"itemCode":"parked-1","qty":1,"amount":5}]}"#
            })
        #expect(try program.run("run", "job.yaml", "--quiet").status == 1)
        let arguments = ["export", "rejected", "--connection", "there", "-o", "queue.csv"]
        let plan = try program.run(["export", "rejected", "--connection", "there", "--plan"])
        #expect(plan.status == 0, "\(plan)")
        let output = try program.run(arguments)
        #expect(output.status == 0 && output.prints("3 items of rejected"), "\(output)")
        #expect(try program.run("rejected", "list").prints("3 bills: 3 OPEN"))
        // Nowhere: both places are named.
        try server.set([
            "not-found:on=/v2/organization/rejectedTransactions",
            "not-found:on=/v2/rejectedTransactions",
        ])
        let nowhere = try program.run(
            "export", "rejected", "--connection", "there", "-o", "none.csv")
        #expect(nowhere.status == 3, "\(nowhere)")
        #expect(
            nowhere.err.contains(
                "/v2/organization/rejectedTransactions and /v2/rejectedTransactions"), "\(nowhere)")
    }

    @Test("Settings are exported by name, scope and module")
    func configs() throws {
        let (program, server) = try Self.prepare()
        defer {
            server.stop()
            program.remove()
        }
        func export(_ filters: String...) throws -> (Int32, [Substring], String) {
            let output = try program.run(
                ["export", "configs", "--connection", "there", "-o", "out.csv", "--anew"]
                    + filters.flatMap { ["--where", $0] })
            let text = try? String(contentsOfFile: program.folder + "/out.csv", encoding: .utf8)
            let rows = (text ?? "").split(separator: "\n").dropFirst()
            return (output.status, Array(rows), output.err)
        }
        #expect(try export().1.count > 3)
        let one = try export("name=IS_RETURN_BILL_UNIQUE", "scope=ORG", "module=LOYALTY")
        #expect(
            one.0 == 0 && one.1.map(String.init) == ["IS_RETURN_BILL_UNIQUE,0,ORG,NUMERIC,LOYALTY,4001"]
        )
        #expect(try export("scope=TILL").1.isEmpty)
        #expect(try export("module=CARDS").1.isEmpty)
        let bad = try export("scope=nowhere")
        #expect(bad.0 == 3 && bad.2.contains("scope bad"), "\(bad)")
        let unknown = try export("scopes=ORG")
        // A server that does not know a filter gives all, which is said.
        let other = try program.sandbox("--ignore-config-filters")
        defer { other.stop() }
        try program.connect(to: other.url, "auth: none, rate: none")
        let all = try export("name=IS_RETURN_BILL_UNIQUE")
        #expect(
            all.0 == 0 && all.1.count > 3 && all.2.contains("it may not know this filter"), "\(all)")
        #expect(!(try export("scope=ORG").2.contains("this filter")))
        #expect(unknown.0 == 2 && unknown.2.contains("Did you mean scope?"), "\(unknown)")
    }
}
