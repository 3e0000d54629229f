import Testing

@testable import Sandbox

@Suite("Faults as text")
struct FaultTextTests {
    @Test("What is written is what comes")
    func parsing() throws {
        let fault = try Fault("late:2%:1s-3s:count=4:on=add:reused:rst:from=10s:for=1min")
        #expect(fault.kind == .late)
        #expect(fault.chance == .probability(0.02))
        #expect(fault.delay == .seconds(1)...(.seconds(3)))
        #expect(fault.count == 4)
        #expect(fault.target == .add)
        #expect(fault.reusedOnly && fault.resets)
        #expect(fault.from == .seconds(10))
        #expect(fault.lasting == .seconds(60))
        #expect(try Fault("cut-after:0.05").chance == .probability(0.05))
        #expect(try Fault("latency:200ms").delay == .milliseconds(200)...(.milliseconds(200)))
        #expect(try Fault("throttle:at=3:retry=date").retryAfter == .date)
        #expect(try Fault("throttle:every=3:retry=absurd").chance == .every(3))
        #expect(try Fault("error-after:status=504:body=half").status == 504)
        #expect(try Fault("forbidden:on=/v2/customers").target == .path("/v2/customers"))
        #expect(try Fault("failed-id:id=-1").failedID == .minusOne)
        #expect(try Fault("huge:size=1000").size == 1000)
    }

    @Test(
        "What is not understood is refused with a way out",
        arguments: [
            ("cut-aftr", "cut-after"), ("nonsense", "latency"), ("late:soon", "a duration"),
            ("late:2", "a duration"),
            ("late:3s-1s", "a duration"), ("late:on=moon", "write one of"),
            ("throttle:retry=-5", "retry="),
            ("short:size=0", "size="), ("short:weight=3", "size="), ("late:101%", "a duration"),
        ])
    func refusing(text: String, hint: String) {
        let error = #expect(throws: FaultError.self) { try Fault(text) }
        #expect(error?.description.contains(hint) == true)
    }

    @Test("The manual names every kind, in lines that fit a terminal")
    func manual() {
        let kinds = Fault.manual.split(separator: "\n").suffix(Fault.Kind.allCases.count)
        #expect(
            kinds.map { $0.split(separator: " ")[0] }
                == Fault.Kind.allCases.map { Substring($0.rawValue) })
        #expect(kinds.allSatisfy { $0.count <= 90 })
    }

    @Test(
        "Each kind says in a line what it does, and can be requested by name",
        arguments: Fault.Kind.allCases)
    func kinds(kind: Fault.Kind) throws {
        #expect(try Fault(kind.rawValue).kind == kind)
        #expect(!kind.summary.isEmpty && !kind.summary.contains("\n"))
    }
}

@Suite("Chance")
struct FaultDiceTests {
    private func rolls(_ texts: [String], seed: UInt64 = 1, _ count: Int, age: Duration = .zero) throws
        -> [Int]
    {
        var dice = FaultDice(try FaultPlan(seed: seed, parsing: texts))
        return (0..<count).map { _ in
            dice.roll(.bulk, path: "/v2/transactions/bulk", reused: false, age: age).count
        }
    }

    @Test("A seed repeats itself, another does not")
    func seeds() throws {
        #expect(try rolls(["cut-after:0.3"], 200) == rolls(["cut-after:0.3"], 200))
        #expect(try rolls(["cut-after:0.3"], 200) != rolls(["cut-after:0.3"], seed: 2, 200))
    }

    @Test("A chance comes about as often as it says", arguments: [0.0, 0.05, 0.5, 1])
    func share(_ share: Double) throws {
        let hits = try rolls(["cut-after:\(share)"], 4000).reduce(0, +)
        #expect(abs(Double(hits) - share * 4000) < 120)
    }

    @Test("at, every and count")
    func counting() throws {
        #expect(try rolls(["cut-after:at=3"], 5) == [0, 0, 1, 0, 0])
        #expect(try rolls(["cut-after:every=2"], 5) == [0, 1, 0, 1, 0])
        #expect(try rolls(["cut-after:count=2"], 5) == [1, 1, 0, 0, 0])
    }

    @Test("from and for", arguments: [(0, 0), (10, 1), (29, 1), (30, 0)])
    func window(seconds: Int, hits: Int) throws {
        #expect(try rolls(["cut-after:from=10s:for=20s"], 1, age: .seconds(seconds)) == [hits])
    }

    @Test("A fault meets its own calls only")
    func targets() throws {
        var dice = FaultDice(
            try FaultPlan(parsing: ["lag:1s", "cut-after:on=/v2/trans", "throttle:on=token"]))
        func kinds(_ route: Route, _ path: String) -> [Fault.Kind] {
            dice.roll(route, path: path, reused: false, age: .zero).map(\.fault.kind)
        }
        #expect(kinds(.bulk, "/v2/transactions/bulk") == [.cutAfter])
        #expect(kinds(.byNumber, "/v2/transactions/getByBillNumber/1") == [.lag, .cutAfter])
        #expect(kinds(.token, "/v3/oauth/token/generate") == [.throttle])
    }

    @Test("`reused` spares a connection's first request")
    func reused() throws {
        var dice = FaultDice(try FaultPlan(parsing: ["cut-after:reused"]))
        #expect(dice.roll(.bulk, path: "/", reused: false, age: .zero).isEmpty)
        #expect(dice.roll(.bulk, path: "/", reused: true, age: .zero).count == 1)
    }
}
