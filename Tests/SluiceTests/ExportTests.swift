import Foundation
import GRDB
import TestSupport
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
        try program.connect("one", to: server.url, "auth: none, rate: none")
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

    /// Those of which nothing is under the keys requested here.
    private static let ofOtherKeys = [
        "cards", "transactions.byID", "transactions.byNumber", "promotions.ofCustomers",
        "badges.ofCustomers", "cards.generations",
    ]

    /// A listing of each way of paging, and how it is asked.
    private static let ways: [(listing: String, more: [String])] = [
        ("skus", []), ("coupons.series", []), ("stores", []), ("badges", []), ("labels", []),
        ("rewards", ["--where", "brand=7"]), ("promotions", []), ("requests.workflow", []),
        ("customers.find", ["--where", "conditions=[]"]), ("events", ["--from", "2020-01-01"]),
        ("events.log", ["--from", "2026-01-01"]),
        ("events.deliveries", ["--where", "group=g1", "--from", "2026-01-01"]),
        (
            "requests.older",
            ["--where", "type=GOODWILL", "--where", "base=POINTS", "--from", "2026-01-01"]
        ),
        ("ledger", ["--keys", "mobiles.txt", "--by", "mobile", "--from", "2026-01-01"]),
        ("transactions", ["--keys", "mobiles.txt", "--by", "mobile"]),
        ("points.redemptions", ["--keys", "mobiles.txt", "--by", "mobile"]),
        ("customers.older", ["--keys", "mobiles.txt", "--by", "mobile"]),
    ]

    @Test(
        "Killed at random moments, an export of any kind of paging ends with the same file; small pages and lost answers change nothing"
    )
    func kills() throws {
        let seed = KillTests.seed
        print("export kill test: SLUICE_SEED=\(seed)")
        var random = Seeded(seed)
        let (program, server) = try Self.prepare(
            180, "small-pages:size=4", "error-before:2%:on=look",
            "cut-json:2%:on=look", "latency:2ms-6ms")
        defer {
            server.stop()
            program.remove()
        }
        var kills = 0
        for (place, way) in Self.ways.enumerated() {
            let form = place % 2 == 0 ? "csv" : "jsonl"
            let order =
                ["export", way.listing, "--connection", "one", "--quiet"] + way.more + ["-o"]
            let whole = try program.run(order + ["whole.\(form)"])
            #expect(whole.status == 0, "\(way.listing): \(whole)")
            var end = try program.run(order + ["cut.\(form)"], killedAfter: 0.15)
            for attempt in 0..<40 where end.status != 0 {
                if end.status == -SIGKILL { kills += 1 }
                let limit = attempt < 2 ? Double.random(in: 0.08...0.4, using: &random) : nil
                end = try program.run(order + ["cut.\(form)"], killedAfter: limit)
            }
            let text = try Self.text(program, "whole.\(form)")
            #expect(text.split(separator: "\n").count > 1, "\(way.listing)")
            #expect(try Self.text(program, "cut.\(form)") == text, "\(way.listing), seed \(seed)")
            for name in ["whole", "cut"] {
                try FileManager.default.removeItem(atPath: program.folder + "/\(name).\(form)")
            }
        }
        #expect(kills > Self.ways.count, "\(kills) kills")
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
            (["stores", "-o", "a.xml"], "must end in"),
            (["customers", "-o", "a.csv"], "No call lists all customers"),
            (["stores", "-o", "a.csv", "--where", "parnt=1"], "Did you mean parent"),
            (["transactions", "-o", "a.csv", "--keys", "gone.txt", "--by", "id"], "gone.txt"),
            (
                ["transactions", "-o", "a.csv", "--keys", "mobiles.txt", "--since", "last"],
                "does not say when"
            ),
        ] {
            let end = try program.run(["export"] + arguments + ["--connection", "one"])
            #expect(end.status == 2, "\(arguments)")
            #expect(end.err.contains(words), "\(arguments): \(end.err)")
        }
        // None of them left anything to be continued with.
        #expect(try !program.run("status").prints("interrupted"))
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
        try program.connect([("one", server.url), ("two", other.url)], "auth: none, rate: none")
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
        // What is in the wrong org is missing there.
        let amiss = try program.run("verify", "--sample", "5", "--connection", "one")
        #expect(amiss.status == 2)
    }

    @Test("An export is in status and runs, continues by its name, and leaves no more than is needed")
    func lifecycle() throws {
        let (program, server) = try Self.prepare(300, "small-pages:size=5", "latency:5ms")
        defer {
            server.stop()
            program.remove()
        }
        let order = ["export", "skus", "--connection", "one", "--quiet", "-o"]
        #expect(try program.run("status").prints("No runs yet"))
        #expect(try program.run(order + ["whole.jsonl"]).status == 0)
        // On a busy machine it takes a while until there is something to be cut off.
        var status = try program.run("status")
        for attempt in 1...20 where !status.prints("interrupted") {
            let cut = try program.run(
                order + ["skus.jsonl"], killedAfter: 0.1 * Double(attempt))
            #expect(cut.status == -SIGKILL, "\(cut)")
            status = try program.run("status")
        }
        #expect(
            status.prints("export of skus: interrupted") && status.out.contains("    sluice resume 2"),
            "\(status)")
        let runs = try program.run("runs")
        #expect(runs.prints("interrupted - ") && runs.prints("finished 0 300 whole.jsonl"), "\(runs)")
        let name = try #require(
            runs.out.split(separator: "\n").first { $0.contains("interrupted") }?.split(separator: " ")
                .first)
        let resumed = try program.run("resume", String(name))
        #expect(resumed.status == 0, "\(resumed)")
        #expect(try Self.text(program, "skus.jsonl") == Self.text(program, "whole.jsonl"))
        #expect(try program.run("resume", String(name)).prints("finished: nothing to do"))
        #expect(try program.run("resume").prints("nothing to do"))
        let document =
            try JSONSerialization.jsonObject(with: Data(program.run("status", "--json").out.utf8))
            as? [String: Any]
        #expect((document?["exports"] as? [Any])?.isEmpty == true)
        // Of two of one series the older one's items go, and a comparison is as good as before.
        usleep(20_000)
        let pruned = try program.run("prune", "--older-than", "0s", "--json")
        #expect(pruned.out.contains(#""exports" : 2"#), "\(pruned)")
        let again = try program.run(
            "export", "skus", "--connection", "one", "-o", "skus2.jsonl", "--changed-only")
        #expect(again.out.contains("300 unchanged"), "\(again)")
        #expect(try program.run("prune", "--older-than", "0s", "--json").out.contains(#""exports" : "#))
        #expect(try program.run("runs").prints("finished 0 300 whole.jsonl"))
    }

    @Test("Cut off among its keys, an export asks for all of them when it continues")
    func keysCutOff() throws {
        let (program, server) = try Self.prepare(40)
        defer {
            server.stop()
            program.remove()
        }
        let order = [
            "export", "customers", "--keys", "mobiles.txt", "--by", "mobile", "--connection", "one",
            "--quiet", "-o",
        ]
        // As it is after a kill between the first keys and the first page.
        try server.set(["hang-before:count=40:on=/v2/customers"])
        for attempt in 1...10 where try !program.run("status").prints("interrupted") {
            let cut = try program.run(
                order + ["cut.jsonl"], killedAfter: 0.5 * Double(attempt))
            #expect(cut.status == -SIGKILL, "\(cut)")
        }
        let ledger = try DatabaseQueue(path: program.folder + "/state/ledger.sqlite")
        try ledger.write { try $0.execute(sql: "DELETE FROM export_key WHERE number > 3") }
        try ledger.close()
        try server.set([])
        #expect(try program.run("resume").status == 0)
        #expect(try Self.text(program, "cut.jsonl").split(separator: "\n").count == 12)
    }

    @Test("A plan of an export tells its requests and their time; only what is new comes with --since")
    func planAndSince() throws {
        let (program, server) = try Self.prepare(250)
        defer {
            server.stop()
            program.remove()
        }
        try program.connect("one", to: server.url, "auth: none, rate: 600/min")
        func plan(_ arguments: String...) throws -> [String: Any] {
            let output = try program.run(
                ["export"] + arguments + ["--connection", "one", "--plan", "--json"])
            #expect(output.status == 0, "\(output)")
            return try #require(
                try JSONSerialization.jsonObject(with: Data(output.out.utf8)) as? [String: Any])
        }
        let skus = try plan("skus")
        #expect(skus["items"] as? Int == 250 && skus["requests"] as? Int == 3, "\(skus)")
        let bills = try plan("transactions", "--keys", "mobiles.txt", "--by", "mobile")
        // A bill's lines are in a call of its own.
        let items = try #require(bills["items"] as? Int)
        #expect(items > 0 && bills["details"] as? Int == items && bills["keys"] as? Int == 12)
        #expect(bills["requests"] as? Int == 12 + items)
        let told = try program.run("export", "skus", "--connection", "one", "--plan")
        #expect(told.prints("requests 3") && told.prints("time at least 1 s"), "\(told)")
        #expect(!FileManager.default.fileExists(atPath: program.folder + "/plan.jsonl.part"))
        try program.write(
            "job: out\nexport: stores\nconnection: one\nfile: stores.jsonl\nsince: last\n",
            to: "out.yaml")
        #expect(try program.run("plan", "out.yaml").prints("items 250"))
        // The first time all of it; then what was changed since the last began.
        #expect(try program.run("run", "out.yaml").prints("250 items"))
        let second = try program.run("run", "out.yaml")
        #expect(second.status == 0 && second.prints("0 items"), "\(second)")
        let store = #"[{"code":"fresh1","name":"Fresh","externalIds":["f1"]}]"#
        _ = try server.post("/v2/orgEntity/store/bulk", store)
        let third = try program.run("run", "out.yaml")
        #expect(third.prints("1 item of stores"), "\(third)")
        #expect(try Self.text(program, "stores.jsonl").contains("fresh1"))
    }

    @Test("What a run imported is exported by its keys, also as a step of a plan")
    func ofARun() throws {
        let (program, server) = try Self.prepare(0)
        defer {
            server.stop()
            program.remove()
        }
        try program.write(
            (0..<25).map { CommandTests.bill($0) }.joined(separator: "\n") + "\n", to: "bills.jsonl")
        try program.writeJob(connection: "one", files: "bills.jsonl", to: "bills.yaml")
        try program.write(
            """
            job: out
            export: transactions.byID
            connection: one
            file: out.jsonl
            keys: "run:RUN"

            """, to: "never.yaml")
        let named = try program.run("run", "never.yaml")
        #expect(named.status == 2 && named.err.contains("there is no run"), "\(named)")
        #expect(try program.run("run", "bills.yaml").status == 0)
        let run = try #require(
            try program.run("runs").out.split(separator: "\n").dropFirst().first?.split(separator: " ")
                .first)
        let output = try program.run(
            "export", "transactions.byID", "--keys", "run:\(run)", "-o", "mine.jsonl", "--connection",
            "one")
        #expect(output.status == 0, "\(output)")
        let lines = try Self.text(program, "mine.jsonl").split(separator: "\n")
        #expect(lines.count == 25 && Set(lines).count == 25)
        // Keys of an earlier export, and an export after an import.
        try program.write(
            """
            job: out
            export: transactions.byID
            connection: one
            file: out.csv
            keys: mine.jsonl:id
            columns: [id, billNumber]

            """, to: "out.yaml")
        try program.write(
            "plan: both\njobs:\n  - job: bills.yaml\n  - job: out.yaml\n    after: [bills]\n",
            to: "both.yaml")
        let both = try program.run("run", "both.yaml")
        #expect(both.status == 0, "\(both)")
        #expect(try Self.text(program, "out.csv").split(separator: "\n").count == 26)
    }

    @Test("Keys of a run of another kind are refused; keys that find nothing are said early")
    func wrongKeys() throws {
        let (program, server) = try Self.prepare(0)
        defer {
            server.stop()
            program.remove()
        }
        try program.write(
            (0..<5).map { CommandTests.bill($0) }.joined(separator: "\n") + "\n", to: "bills.jsonl")
        try program.writeJob(connection: "one", files: "bills.jsonl", to: "bills.yaml")
        #expect(try program.run("run", "bills.yaml").status == 0)
        let run = try #require(
            try program.run("runs").out.split(separator: "\n").dropFirst().first?.split(separator: " ")
                .first)
        let before = try server.ask("/_sandbox/counts")["requests"] as? Int
        let wrong = try program.run(
            "export", "transactions", "--keys", "run:\(run)", "-o", "out.jsonl", "--connection", "one")
        #expect(wrong.status == 2 && wrong.err.contains("keys of bills"), "\(wrong)")
        #expect(wrong.err.contains("takes customers"), "\(wrong.err)")
        _ = before
        let numbers = try program.run(
            "export", "transactions.byNumber", "--keys", "run:\(run)", "-o", "numbers.jsonl",
            "--connection", "one")
        #expect(numbers.status == 0 && numbers.prints("5 items"), "\(numbers)")
        try program.write(
            "id\n" + (0..<150).map { "nobody\($0)" }.joined(separator: "\n") + "\n", to: "keys.csv")
        let nothing = try program.run(
            "export", "transactions.byNumber", "--keys", "keys.csv:id", "-o", "none.jsonl",
            "--connection", "one")
        #expect(nothing.err.contains("the first 100 keys found nothing"), "\(nothing)")
    }

    @Test("Only what an export made is written over")
    func foreignFile() throws {
        let (program, server) = try Self.prepare(3)
        defer {
            server.stop()
            program.remove()
        }
        let command = ["export", "stores", "-o", "stores.jsonl", "--connection", "one"]
        for name in ["stores.jsonl", "stores.jsonl.part"] {
            try program.write("mine\n", to: name)
            let refused = try program.run(command)
            #expect(refused.status == 2 && refused.err.contains(name), "\(refused)")
            #expect(try Self.text(program, name) == "mine\n")
            try FileManager.default.removeItem(atPath: program.folder + "/" + name)
        }
        #expect(try program.run(command).status == 0)
        // Its own it replaces, and not what somebody has made of it.
        #expect(try program.run(command).status == 0)
        let handle = try #require(FileHandle(forWritingAtPath: program.folder + "/stores.jsonl"))
        try handle.seekToEnd()
        try handle.write(contentsOf: Data("\n".utf8))
        try handle.close()
        #expect(try program.run(command).status == 2)
        try FileManager.default.removeItem(atPath: program.folder + "/stores.jsonl")
        try program.write("mine as well\n", to: "stores.jsonl")
        #expect(try program.run(command).status == 2)
        #expect(try Self.text(program, "stores.jsonl") == "mine as well\n")
    }
}
