import Foundation
import TestSupport
import Testing

/// What was accepted is read back and compared, by the program as its users run it.
@Suite(.ownThreads)
struct VerifyTests {
    private static func connect(_ program: Program, _ servers: [String: Program.Server]) throws {
        try program.connect(servers.map { ($0.key, $0.value.url) }, "auth: none, rate: none")
    }

    /// A job whose file has the records as the API takes them.
    private static func job(
        _ program: Program, _ name: String, _ endpoint: String, _ lines: [String],
        _ more: String = "", file: String? = nil
    ) throws {
        try program.write(lines.joined(separator: "\n") + "\n", to: name + ".jsonl")
        try program.writeJob(
            name, endpoint, connection: "one", files: file ?? name + ".jsonl", more, to: name + ".yaml")
    }

    private static func land(
        _ program: Program, _ name: String, _ more: String...,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let run = try program.run(["run", name + ".yaml"] + more)
        #expect(run.status == 0, "\(name): \(run.out) \(run.err)", sourceLocation: sourceLocation)
    }

    private static func bill(_ number: Int, _ amount: String = "42.98") -> String {
        #"{"identifierType":"mobile","identifierValue":"4477009001\#(number)","source":"INSTORE","type":"REGULAR","billNumber":"V-\#(number)","billingDate":"2026-02-03T15:45:0\#(number % 10)+05:30","billAmount":\#(amount),"customFields":{"courier":"x"},"lineItemsV2":[{"itemCode":"SKU-1","qty":2,"rate":21.49,"amount":\#(amount)}]}"#
    }

    @Test(
        "Amounts as the org cuts them, dates of an org that drops offsets; what is not shown is named")
    func allowances() throws {
        let program = try Program()
        let plain = try program.sandbox(["--decimals", "2"])
        let odd = try program.sandbox(["--org", "4002", "--decimals", "0", "--ignore-offsets"])
        defer {
            plain.stop()
            odd.stop()
            program.remove()
        }
        try Self.connect(program, ["one": plain, "odd": odd])
        try Self.job(program, "bills", "transactions.add", (10..<40).map { Self.bill($0) })
        try Self.land(program, "bills")
        let exact = try program.run("verify", "--all", "--json")
        #expect(exact.status == 0, "\(exact)")
        let told = try Self.decoder.decode(Told.self, from: Data(exact.out.utf8))
        #expect(told.accepted == 30 && told.checked == 30 && told.matched == 30)
        #expect(told.notes.isEmpty && told.confidence == nil)
        #expect(
            told.notCompared == [
                "customFields.courier", "identifierType", "identifierValue", "lineItemsV2.rate",
                "source",
            ])
        try Self.job(
            program, "odd", "transactions.add", (10..<40).map { Self.bill($0) }, "", file: "bills.jsonl"
        )
        try Self.land(program, "odd", "--connection", "odd")
        let sample = try program.run("verify", "--sample", "20")
        #expect(sample.status == 0, "\(sample)")
        #expect(sample.prints("20 records of 30 accepted checked: 20 as sent, 0 differ, 0 missing"))
        #expect(sample.out.contains("compared at the org's rounding"))
        #expect(sample.out.contains("ignores the offsets of dates"))
        #expect(sample.prints("with 95 % confidence, less than 13.91 % of the rest differ"))
    }

    private struct Told: Decodable {
        struct Finding: Decodable {
            var record: Int
            var line: Int
            var fields: [String]
        }
        var accepted = 0
        var checked = 0
        var matched = 0
        var differ = 0
        var missing = 0
        var unclear = 0
        var overwritten = 0
        var confidence: Double?
        var notes: [String] = []
        var notCompared: [String] = []
        var fields: [String: Int] = [:]
        var findings: [Finding] = []
    }

    private static let decoder: JSONDecoder = {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        return decoder
    }()

    private static func verify(_ program: Program, _ arguments: String...) throws -> (Int32, Told) {
        let output = try program.run(["verify", "--all", "--json"] + arguments)
        let told = try Self.decoder.decode(Told.self, from: Data(output.out.utf8))
        return (output.status, told)
    }

    private static func customer(_ number: Int, _ name: String, _ city: String = "Leeds") -> String {
        #"{"profiles":[{"firstName":"\#(name)","source":"INSTORE","identifiers":[{"type":"externalId","value":"new-v\#(number)"}]}],"extendedFields":{"city":"\#(city)"}}"#
    }

    @Test(
        "What another changed differs, what another sluice set since is not blamed, what is not there is missing"
    )
    func findings() throws {
        let program = try Program()
        let one = try program.sandbox([])
        let empty = try program.sandbox([])
        defer {
            one.stop()
            empty.stop()
            program.remove()
        }
        try Self.connect(program, ["one": one, "empty": empty])
        try Self.job(
            program, "people", "customers.upsert", (0..<12).map { Self.customer($0, "Ada") })
        try Self.land(program, "people")
        let first = try program.run("runs").out
        let run = try #require(
            first.split(separator: "\n").lazy.flatMap { $0.split(separator: " ") }.first {
                $0.count == 26
            })
        // Three are set again by a later run; two are changed after our back, by somebody's own ledger.
        try Self.job(
            program, "later", "customers.upsert", (0..<3).map { Self.customer($0, "Grace") })
        try Self.land(program, "later")
        try Self.job(
            program, "others", "customers.upsert",
            [Self.customer(5, "Ada", "York"), Self.customer(9, "Eve")])
        try Self.land(program, "others", "--state", program.folder + "/else")
        let (status, told) = try Self.verify(program, String(run))
        #expect(status == 1)
        #expect(told.checked == 9 && told.overwritten == 3 && told.matched == 7 && told.differ == 2)
        #expect(told.fields == ["extendedFields.city": 1, "profiles.firstName": 1])
        #expect(told.findings.map(\.line) == [6, 10])
        #expect(told.findings.map(\.fields) == [["extendedFields.city"], ["profiles.firstName"]])
        let text = try program.run("verify", String(run), "--all")
        #expect(text.status == 1)
        #expect(text.prints("record 5, line 6: extendedFields.city"), "\(text)")
        #expect(text.prints("3 records not checked: newer records have set the same since"))
        // Nothing personal: neither names nor identifiers.
        #expect(!text.out.contains("Ada") && !text.out.contains("new-v"))
        let (missing, gone) = try Self.verify(program, String(run), "--connection", "empty")
        #expect(missing == 1 && gone.missing == 9 && gone.matched == 0)
        // What the input was is what is compared with: another content is no silent difference.
        try program.write(Self.customer(0, "Mallory") + "\n", to: "people.jsonl")
        let changed = try program.run("verify", String(run), "--all")
        #expect(changed.status == 2 && changed.err.contains("people.jsonl"), "\(changed)")
    }

    @Test("Each badge is one record's: of two equal ones, one on the server proves one")
    func badges() throws {
        let program = try Program()
        let one = try program.sandbox([])
        let two = try program.sandbox([])
        defer {
            one.stop()
            two.stop()
            program.remove()
        }
        try Self.connect(program, ["one": one, "two": two])
        func badge(_ customer: Int, _ expires: String) -> String {
            #"{"badgeMetaId":"gold","customerId":\#(customer),"earnEventDateISO":"2026-01-02T00:00:00Z","earnExpiresOnISO":"\#(expires)"}"#
        }
        let (may, june) = ("2027-05-01T00:00:00Z", "2027-06-01T00:00:00Z")
        let lines = [badge(7, may), badge(7, may), badge(7, june), badge(8, june)]
        try Self.job(program, "badges", "badges.import", lines, "repeats: count")
        try Self.land(program, "badges")
        let (whole, all) = try Self.verify(program)
        #expect(whole == 0 && all.matched == 4, "\(all)")
        // The same with another's eyes: there, one of the two is, and the one until June is until May.
        try Self.job(
            program, "fewer", "badges.import", [badge(7, may), badge(7, may), badge(8, june)],
            "repeats: count")
        let list = try program.run("runs").out
        let run = try #require(
            list.split(separator: "\n").lazy.flatMap { $0.split(separator: " ") }.first {
                $0.count == 26
            })
        try Self.land(program, "fewer", "--connection", "two", "--state", program.folder + "/else")
        let (status, told) = try Self.verify(program, String(run), "--connection", "two")
        #expect(status == 1 && told.matched == 3 && told.missing == 1, "\(told)")

        // And out again, into a third org.
        try program.write("7\n8\n", to: "ids.txt")
        let out = try program.run(
            "export", "badges.ofCustomers", "-o", "gold.jsonl", "--job", "--keys", "ids.txt",
            "--connection",
            "one")
        #expect(out.status == 0, "\(out)")
        let third = try program.sandbox(["--org", "4003"])
        defer { third.stop() }
        try Self.connect(program, ["one": one, "three": third])
        let into = try program.run("run", "gold.job.yaml", "--connection", "three")
        #expect(into.status == 0 && into.prints("accepted 4"), "\(into)")
        let (landed, there) = try Self.verify(program, "--connection", "three")
        #expect(landed == 0 && there.matched == 4, "\(there)")
    }

    @Test("Stores and cards, added and changed; a compressed input; a sample")
    func kinds() throws {
        let program = try Program()
        let one = try program.sandbox([])
        defer {
            one.stop()
            program.remove()
        }
        try Self.connect(program, ["one": one])
        let stores = (0..<20).map {
            #"{"code":"v_\#($0)","name":"Store \#($0)","type":"STORE","externalIds":["ERP-\#($0)"]}"#
        }
        try Self.job(program, "stores", "stores.add", stores)
        try Self.land(program, "stores")
        #expect(try Self.verify(program).1.matched == 20)
        try Self.job(
            program, "changes", "stores.update",
            (0..<5).map { #"{"code":"v_\#($0)","name":"Store \#($0)","description":"moved"}"# })
        try Self.land(program, "changes")
        let changed = try Self.verify(program)
        #expect(changed.0 == 0 && changed.1.matched == 5 && changed.1.notCompared == ["description"])
        let cards = (0..<1000).map {
            #"{"cardNumber":"V\#(10_000 + $0)","seriesId":12,"statusLabel":"NOT_ISSUED"}"#
        }
        try Self.job(program, "cards", "cards.add", cards, file: "cards.jsonl.gz")
        #expect(try program.run(["-k", program.folder + "/cards.jsonl"], of: "/bin/gzip").status == 0)
        try Self.land(program, "cards")
        let sample = try program.run("verify", "--sample", "30", "--json")
        let told = try Self.decoder.decode(Told.self, from: Data(sample.out.utf8))
        #expect(sample.status == 0 && told.checked == 30 && told.matched == 30, "\(sample)")
        #expect(told.confidence.map { (0.094...0.096).contains($0) } == true)
        try Self.job(
            program, "status", "cards.update",
            (0..<7).map {
                #"{"cardNumber":"V\#(10_000 + $0)","statusLabel":"ACTIVE","customFields":{"note":"n\#($0)"}}"#
            })
        try Self.land(program, "status")
        #expect(try Self.verify(program).1.matched == 7)
    }

    @Test("Where the server does not answer, nothing is claimed")
    func silence() throws {
        let program = try Program()
        let one = try program.sandbox([])
        defer {
            one.stop()
            program.remove()
        }
        try Self.connect(program, ["one": one])
        try Self.job(program, "people", "customers.upsert", (0..<12).map { Self.customer($0, "Ada") })
        try Self.land(program, "people")
        try one.set(["unauthorized:1:on=/v2/customers/lookup/customerDetails"])
        #expect(try program.run("verify", "--all").status == 8)
        // A rate, a cut answer, a slow one: asked again.
        try one.set([
            "cut-answer:at=2:count=2:on=/v2/customers/lookup",
            "throttle:at=4:count=1:on=/v2/customers/lookup",
        ])
        let well = try program.run("verify", "--all")
        #expect(well.status == 0 && well.prints("12 as sent"), "\(well)")
        let none = try program.run("verify", "nothing")
        #expect(none.status == 2, "\(none)")
        let coupon = #"{"seriesIds":[410011],"customer":{"externalId":"c1"}}"#
        try Self.job(program, "coupons", "coupons.issue", [coupon])
        try Self.land(program, "coupons")
        let other = try program.run("verify")
        #expect(other.status == 2, "\(other)")
        #expect(other.err.contains("no listing shows what coupons.issue imported"), "\(other)")
        #expect(other.err.contains("transactions.add, stores.add"), "\(other)")
        try Self.job(program, "nothing", "customers.upsert", ["{}"])
        #expect(try program.run("run", "nothing.yaml").status == 1)
        let nothing = try program.run("verify")
        #expect(nothing.status == 0 && nothing.out.contains("no accepted records"), "\(nothing)")
    }
}
