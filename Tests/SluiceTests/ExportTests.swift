import Foundation
import Testing

/// Everything that went in comes out again, by the program as its users run it.
@Suite(.ownThreads)
struct ExportTests {
    /// What listings want before they are asked.
    private static let filters = [
        "customers.search": ["q=91"], "customers.find": ["conditions=[]"],
        "customers.label": ["label=vip"], "rewards": ["brand=7"], "rewards.shown": ["brand=7"],
        "rewards.redemptions": ["vendor=3"], "products.search": ["q=(a:EQ:b)"],
        "requests.older": ["type=GOODWILL", "base=POINTS"], "events.deliveries": ["group=g1"],
    ]

    private static func prepare(_ count: Int, _ faults: String...) throws -> (Program, Program.Server) {
        let program = try Program()
        let server = try program.sandbox(
            ["--seed-data", String(count)] + faults.flatMap { ["--fault", $0] })
        try program.write(
            "connections:\n  one: { base_url: \"\(server.url)\", auth: none, rate: none }\n",
            to: "connections.yaml")
        let mobiles = (0..<12).map { "91" + String(9_000_000_001 + $0) }
        try program.write(mobiles.joined(separator: "\n") + "\n", to: "mobiles.txt")
        try program.write((1001...1012).map(String.init).joined(separator: "\n") + "\n", to: "ids.txt")
        return (program, server)
    }

    private static func text(_ program: Program, _ name: String) throws -> String {
        try String(contentsOfFile: program.folder + "/" + name, encoding: .utf8)
    }

    @Test("Each listing exports to both formats; the file is the owner's, and holds no credentials")
    func listings() throws {
        let (program, server) = try Self.prepare(61)
        defer {
            server.stop()
            program.remove()
        }
        struct List: Decodable {
            struct One: Decodable {
                var name: String
                var keys: [String]
            }
            var listings: [One]
        }
        let list = try program.run("export", "--json")
        let all = try JSONDecoder().decode(List.self, from: Data(list.out.utf8)).listings
        #expect(all.count > 90)
        for (place, listing) in all.enumerated() {
            var arguments = ["export", listing.name, "--connection", "one", "--quiet"]
            for filter in Self.filters[listing.name] ?? [] { arguments += ["--where", filter] }
            if listing.keys.contains("mobile") {
                arguments += ["--keys", "mobiles.txt", "--by", "mobile"]
            } else if !listing.keys.isEmpty {
                arguments += ["--keys", "ids.txt"]
            }
            if listing.name == "requests.older" { arguments += ["--from", "2026-01-01"] }
            // The CSV is made of the lines; every fourth shows those, too.
            let isShown = place % 4 == 0
            let table = try program.run(arguments + ["-o", "out.csv", "--json"])
            #expect([0, 1].contains(table.status), "\(listing.name): \(table.err)")
            let written = try JSONDecoder().decode(Ended.self, from: Data(table.out.utf8)).written
            let rows = try Self.text(program, "out.csv").split(separator: "\n")
            #expect(rows.count == written + 1 || written == 0, "\(listing.name)")
            if isShown {
                #expect(try program.run(arguments + ["-o", "out.jsonl"]).status == table.status)
                let lines = try Self.text(program, "out.jsonl").split(separator: "\n")
                #expect(lines.count == written, "\(listing.name)")
            }
            for name in isShown ? ["out.jsonl", "out.csv"] : ["out.csv"] {
                let path = program.folder + "/" + name
                let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions]
                #expect(mode as? Int == 0o600, "\(listing.name)")
                #expect(try !Self.text(program, name).contains("c2VjcmV0"), "\(listing.name)")
                #expect(!FileManager.default.fileExists(atPath: path + ".part"), "\(listing.name)")
                try FileManager.default.removeItem(atPath: path)
            }
            #expect(written > 0 || Self.ofOtherKeys.contains(listing.name), "\(listing.name)")
        }
    }

    private struct Ended: Decodable { var written: Int }

    /// Those of which nothing stands under the keys asked for here.
    private static let ofOtherKeys = [
        "cards", "transactions.byID", "transactions.byNumber", "promotions.ofCustomers",
        "badges.ofCustomers", "cards.generations",
    ]

    @Test(
        "Killed at any moment, an export ends with the same file; small pages and lost answers change nothing"
    )
    func kills() throws {
        let (program, server) = try Self.prepare(700, "small-pages:size=9", "error-before:3%:on=look")
        defer {
            server.stop()
            program.remove()
        }
        let arguments = ["export", "skus", "--connection", "one", "--quiet", "-o"]
        #expect(try program.run(arguments + ["whole.jsonl"]).status == 0)
        var kills = 0
        for attempt in 0..<30 {
            let end = try program.run(
                arguments + ["killed.jsonl"],
                killedAfter: attempt < 6 ? 0.1 + Double(attempt) * 0.06 : nil)
            if end.status == 0 { break }
            kills += 1
        }
        #expect(kills > 0)
        let whole = try Self.text(program, "whole.jsonl")
        #expect(whole.split(separator: "\n").count == 700)
        #expect(try Self.text(program, "killed.jsonl") == whole)
    }

    @Test("A listing that grows while it is read is noticed, and gives no item twice")
    func shifts() throws {
        let (program, server) = try Self.prepare(95, "shift")
        defer {
            server.stop()
            program.remove()
        }
        let end = try program.run(
            "export", "customers.find", "--where", "conditions=[]", "--connection", "one", "-o",
            "events.jsonl")
        #expect(end.status == 0)
        #expect(end.err.contains("the listing shifted"))
        let lines = try Self.text(program, "events.jsonl").split(separator: "\n")
        #expect(Set(lines).count == lines.count)
        #expect(lines.count >= 95)
    }

    @Test("Only what changed comes again; a shareable copy names nobody; bad questions are refused")
    func choices() throws {
        let (program, server) = try Self.prepare(20)
        defer {
            server.stop()
            program.remove()
        }
        func export(_ arguments: String...) throws -> Program.Output {
            try program.run(["export"] + arguments + ["--connection", "one"])
        }
        #expect(try export("stores", "-o", "stores.csv.gz").status == 0)
        let again = try export("stores", "-o", "stores.csv.gz", "--changed-only")
        #expect(again.out.contains("20 unchanged"))
        let masked = try export(
            "customers", "-o", "masked.jsonl", "--mask", "--keys", "mobiles.txt", "--by", "mobile")
        #expect(masked.status == 0)
        let text = try Self.text(program, "masked.jsonl")
        #expect(!text.contains("919000000001") && !text.contains("Ada") && !text.contains("@example"))
        let bills = try export(
            "transactions", "-o", "bills.csv", "--keys", "mobiles.txt", "--by", "mobile", "--lists",
            "explode", "--columns", "id,lineItems.itemCode,billDetails.billingTime", "--zone",
            "Asia/Kolkata")
        #expect(bills.status == 0)
        let rows = try Self.text(program, "bills.csv").split(separator: "\n")
        #expect(rows.first == "id,lineItems.itemCode,billDetails.billingTime")
        #expect(rows.dropFirst().allSatisfy { $0.hasSuffix("+05:30") && $0.contains("SKU-") })
        for (arguments, words) in [
            (["store", "-o", "a.csv"], "Did you mean stores"),
            (["stores", "-o", "a.xml"], "has to end in"),
            (["customers", "-o", "a.csv"], "no call that lists all customers"),
            (["stores", "-o", "a.csv", "--where", "parnt=1"], "Did you mean parent"),
            (
                ["transactions", "-o", "a.csv", "--keys", "mobiles.txt", "--since", "last"],
                "does not tell"
            ),
        ] {
            let end = try program.run(["export"] + arguments + ["--connection", "one"])
            #expect(end.status == 2, "\(arguments)")
            #expect(end.err.contains(words), "\(arguments): \(end.err)")
        }
    }

    @Test("Stores, customers and bills go from one org to another in two commands, and verify says so")
    func roundTrip() throws {
        let (program, server) = try Self.prepare(30)
        let other = try program.sandbox(["--org", "4002", "--unique", "org"])
        defer {
            server.stop()
            other.stop()
            program.remove()
        }
        try program.write(
            """
            connections:
              one: { base_url: "\(server.url)", auth: none, rate: none }
              two: { base_url: "\(other.url)", auth: none, rate: none }
            """, to: "connections.yaml")
        let mobiles = (0..<30).map { "91" + String(9_000_000_001 + $0) }
        try program.write(mobiles.joined(separator: "\n") + "\n", to: "mobiles.txt")
        for (what, keys) in [("stores", []), ("customers", ["mobile"]), ("transactions", ["mobile"])] {
            var arguments = ["export", what, "-o", what + ".jsonl", "--job", "--connection", "one"]
            for kind in keys { arguments += ["--keys", "mobiles.txt", "--by", kind] }
            let out = try program.run(arguments)
            #expect(out.status == 0, "\(what): \(out.err)")
            let into = try program.run("run", what + ".job.yaml", "--connection", "two")
            #expect(into.status == 0, "\(what): \(into.out) \(into.err)")
            let verified = try program.run("verify", "--all", "--connection", "two")
            #expect(verified.status == 0, "\(what): \(verified.out) \(verified.err)")
            #expect(verified.out.contains("30 as sent"), "\(what): \(verified.out)")
        }
        // What stands in the wrong org is missing there.
        let amiss = try program.run("verify", "--sample", "5", "--connection", "one")
        #expect(amiss.status == 2)
    }
}
