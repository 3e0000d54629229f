import Foundation
import TestSupport
import Testing

/// A wrong import is taken back: once, whatever is in the way, and with a word on what cannot be.
@Suite(.serialized, .ownThreads) struct UndoTests {
    private func run(_ program: Program, of job: String) throws -> String {
        let output = try program.run("runs", "--json", "--job", job)
        let document = try JSONSerialization.jsonObject(with: Data(output.out.utf8)) as? [String: Any]
        let runs = (document?["runs"] as? [[String: Any]] ?? []).compactMap { $0["run"] as? String }
        return try #require(runs.first)
    }

    private func accepted(_ output: Program.Output) throws -> Int {
        let report = try #require(
            try JSONSerialization.jsonObject(with: Data(output.out.utf8)) as? [String: Any])
        let records = try #require(report["records"] as? [String: Any])
        return try #require(records["accepted"] as? Int)
    }

    private static let badges = [
        (
            "badges.earn", "badges.revoke",
            #""earnEventDateISO":"2026-02-03T10:00:00Z","triggeredBy":{"ownerType":"Loyalty","referenceId":"77"}"#
        ),
        (
            "badges.import", "badges.revoke",
            #""earnEventDate":1767225600,"earnExpiresOn":1798761600"#
        ),
        (
            "badges.enrol", "badges.unenrol",
            #""triggeredBy":{"ownerType":"Loyalty","referenceId":"77"}"#
        ),
    ]

    @Test(
        "Badges that were given are taken back, all of them and once", arguments: badges.map(\.0))
    func takenBack(endpoint: String) throws {
        let (_, way, more) = try #require(Self.badges.first { $0.0 == endpoint })
        let program = try Program()
        defer { program.remove() }
        let server = try program.sandbox()
        defer { server.stop() }
        try program.connect(to: server.url)
        let customers = (1...7).map { 9_000_000 + $0 }
        try program.write(
            customers.map { #"{"badgeMetaId":"65aa","customerId":\#($0),\#(more)}"# + "\n" }.joined(),
            to: "badges.jsonl")
        try program.writeJob("badges", endpoint, files: "badges.jsonl", "", to: "badges.yaml")
        #expect(try program.run("run", "badges.yaml", "--quiet").status == 0)
        let first = try run(program, of: "badges")

        func held() throws -> Int {
            try customers.reduce(0) { sum, customer in
                let type = endpoint == "badges.enrol" ? "ISSUED" : "EARNED"
                let answer = try server.ask(
                    "/api_gateway/v1/badges/customer/\(customer)?badgeType=\(type)&limit=10")
                return sum + (answer["data"] as? [Any] ?? []).count
            }
        }
        #expect(try held() == 7)
        // Nobody is there to ask.
        let unasked = try program.run("undo", first)
        #expect(unasked.status == 2 && unasked.err.contains("7 accepted records"), "\(unasked)")
        let shown = try program.run("undo", first, "--dry-run")
        #expect(shown.status == 0 && shown.err.contains(way), "\(shown)")
        #expect(try held() == 7)

        let undone = try program.run("undo", first, "--yes", "--json")
        #expect(undone.status == 0, "\(undone)")
        #expect(try accepted(undone) == 7)
        #expect(try held() == 0)
        let again = try program.run("undo", first, "--yes", "--json")
        #expect(again.status == 0 && again.err.contains("was undone by run"), "\(again)")
        #expect(try program.run("runs", "--json").out.contains("undo-\(first)"))
    }

    @Test("Coupons are revoked by their codes; those who joined a group leave it")
    func others() throws {
        let program = try Program()
        defer { program.remove() }
        let server = try program.sandbox()
        defer { server.stop() }
        try program.connect(to: server.url)
        try program.write(
            (1...3).map { #"{"seriesIds":[410011],"customer":{"mobile":"4477009\#($0)"}}"# + "\n" }
                .joined(), to: "coupons.jsonl")
        try program.writeJob("coupons", "coupons.issue", files: "coupons.jsonl", "", to: "coupons.yaml")
        #expect(try program.run("run", "coupons.yaml", "--quiet").status == 0)
        func shown() throws -> Bool {
            let answer = try server.ask("/v1.1/customer/coupons?mobile=44770091&series_id=410011")
            return "\(answer)".contains("DEMO")
        }
        #expect(try shown())
        let coupons = try program.run("undo", "--yes", "--json")
        #expect(coupons.status == 0, "\(coupons)")
        #expect(try accepted(coupons) == 3)
        #expect(try !shown())

        try program.write(
            (1...3).map { #"{"externalId":"G","userId":\#(9_000_000 + $0)}"# + "\n" }.joined(),
            to: "members.jsonl")
        try program.writeJob("members", "groups.join", files: "members.jsonl", "", to: "members.yaml")
        #expect(try program.run("run", "members.yaml", "--quiet").status == 0)
        let members = try program.run("undo", "--yes", "--json")
        #expect(members.status == 0, "\(members)")
        #expect(try accepted(members) == 3)
        // A repeat of `groups.leave` is not told by its records: who joined again since then would leave.
        let run = try run(program, of: "members")
        let again = try program.run("undo", run, "--yes")
        #expect(again.status == 0 && again.err.contains("was undone by run"), "\(again)")
    }

    @Test("What may be on the server is settled before anything is taken back")
    func doubts() throws {
        let stand = try Stand(.badgesImport)
        defer { stand.remove() }
        try stand.interruptInDoubt()
        let run = try run(stand.program, of: stand.name)
        #expect(try stand.command("abandon", run).status == 0)
        let early = try stand.command("undo", run, "--yes")
        #expect(early.status == 2 && early.err.contains("sluice reconcile \(run)"), "\(early)")
        #expect(try stand.command("reconcile", run).status != 2)
        #expect(try stand.totals()["in_doubt"] == 0)
        let late = try stand.command("undo", run, "--yes", "--json")
        #expect(late.status == 0, "\(late)")
        #expect(try accepted(late) == stand.done().count { $0 == 1 })
    }

    @Test("A call without a way back is named, with what to do instead, and nothing is sent")
    func impossible() throws {
        let program = try Program()
        defer { program.remove() }
        let server = try program.sandbox()
        defer { server.stop() }
        try program.connect(to: server.url)
        try program.write(#"{"name":"new.leeds.1","storeId":50}"# + "\n", to: "tills.jsonl")
        try program.writeJob("tills", "tills.add", files: "tills.jsonl", "", to: "tills.yaml")
        #expect(try program.run("run", "tills.yaml", "--quiet").status == 0)
        let refused = try program.run("undo", "--yes")
        #expect(refused.status == 2, "\(refused)")
        #expect(refused.err.contains("nothing takes tills.add back"), "\(refused)")
        #expect(try program.run("runs", "--json").out.contains("undo-") == false)
    }
}
