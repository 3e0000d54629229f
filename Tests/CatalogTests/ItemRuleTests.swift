import Model
import Testing

@testable import Catalog

/// The rules that specs have in common, each by itself.
@Suite("Rules of items")
struct ItemRuleTests {
    private static let line = Field.Kind.object([
        Field("amount", .number(atLeast: nil)), Field("name", .text(most: nil)),
    ])

    private func problems(_ rule: ItemRule, _ item: String) throws -> [String] {
        let endpoint = EndpointSpec(
            "made.up", "A call that does not exist.", .post, "/v2/made", adds: true,
            fields: [
                Field("code", .text(most: nil)), Field("mobile", .text(most: nil)),
                Field("email", .text(most: nil)), Field("total", .number(atLeast: nil)),
                Field("since", .text(most: nil)), Field("lines", .list(Self.line)),
                Field(
                    "customer",
                    .object([Field("mobile", .text(most: nil)), Field("email", .text(most: nil))])),
            ], rules: [rule],
            keys: Keys(identity: [.text("code")], order: [], evidence: [.text("code")]),
            reply: .single(), codes: .none, recovery: .hold, source: "Nowhere."
        ).endpoint
        return try prepare(item, endpoint: endpoint).problems.map {
            $0.reason.code + " " + ($0.field ?? "")
        }
    }

    @Test(
        "Of several fields one, in the item or in an object of it",
        arguments: [
            (#"{"mobile":"447"}"#, []), (#"{"mobile":"447","email":""}"#, []),
            ("{}", ["missing mobile"]), (#"{"mobile":"447","email":"a"}"#, ["rule mobile"]),
        ] as [(String, [String])])
    func exactlyOne(item: String, problems: [String]) throws {
        let names = ["mobile", "email"]
        #expect(try self.problems(.exactlyOne(of: names), item) == problems)
        let inside = problems.map { $0.replacing("mobile", with: "customer") }
        let rule = ItemRule.exactlyOne(of: names, in: "customer")
        #expect(try self.problems(rule, #"{"customer":\#(item)}"#) == inside)
        // Whether there has to be a customer is for the list of fields to say.
        #expect(try self.problems(rule, "{}") == [])
    }

    @Test("At least one, at most one, something to change")
    func some() throws {
        let names = ["mobile", "email"]
        let both = #"{"mobile":"447","email":"a"}"#
        #expect(try problems(.atLeastOne(of: names), "{}") == ["missing mobile"])
        #expect(try problems(.atLeastOne(of: names), #"{"mobile":""}"#) == ["missing mobile"])
        #expect(try problems(.atLeastOne(of: names), both) == [])
        #expect(try problems(.atMostOne(of: names), both) == ["rule email"])
        #expect(try problems(.atMostOne(of: names), "{}") == [])
        let rule = ItemRule.something(of: ["lines", "total"], words: "Nothing to change.")
        #expect(try problems(rule, #"{"code":"x","lines":[]}"#) == ["rule "])
        #expect(try problems(rule, #"{"total":0}"#) == [])
    }

    @Test(
        "Lists of one element, of some, of any but none",
        arguments: [
            ("[]", ["rule lines"], ["out-of-range lines"], ["missing lines"]),
            ("[{}]", [], [], []), ("[{},{}]", ["rule lines"], [], []),
            ("[{},{},{}]", ["rule lines"], ["out-of-range lines"], []),
        ] as [(String, [String], [String], [String])])
    func lists(list: String, single: [String], count: [String], filled: [String]) throws {
        let item = #"{"lines":\#(list)}"#
        #expect(try problems(.single("lines"), item) == single)
        #expect(try problems(.count("lines", 1...2), item) == count)
        #expect(try problems(.filled("lines"), item) == filled)
        for rule: ItemRule in [.single("lines"), .count("lines", 1...2), .filled("lines")] {
            #expect(try problems(rule, "{}") == [])
        }
    }

    @Test("Dates of the server, decimal places, keys")
    func texts() throws {
        let rule = ItemRule.serverTime(["since"])
        #expect(try problems(rule, #"{"since":"2026-02-03 14:05:00"}"#) == [])
        for wrong in ["2026-02-03", "2026-02-03T14:05:00", "2026-02-03 14:05:00Z"] {
            #expect(try problems(rule, #"{"since":"\#(wrong)"}"#) == ["rule since"])
        }
        #expect(try problems(.decimals("total", most: 2), #"{"total":1.25}"#) == [])
        #expect(try problems(.decimals("total", most: 2), #"{"total":"1.255"}"#) == ["rule total"])
        #expect(try problems(.key("code", .text("code")), "{}") == ["missing code"])
        #expect(try problems(.key("code", .text("code")), #"{"code":"x"}"#) == [])
    }

    @Test(
        "A total is the sum of its lines, by value",
        arguments: [
            (#"{"total":0.3,"lines":[{"amount":0.1},{"amount":"0.20"}]}"#, true),
            (#"{"total":-5,"lines":[{"amount":1e1},{"amount":-15},{"name":"x"}]}"#, true),
            (#"{"total":100,"lines":[{"amount":100},{"amount":0}]}"#, true),
            (#"{"total":0.3,"lines":[{"amount":0.1},{"amount":0.21}]}"#, false),
            (#"{"total":1,"lines":[{"amount":-1}]}"#, false),
            // Without a total or without lines there is nothing to compare.
            (#"{"lines":[{"amount":1}]}"#, true), (#"{"total":1,"lines":[]}"#, true),
            // More digits than can be reckoned with.
            (#"{"total":1,"lines":[{"amount":1234567890123456789.5}]}"#, true),
        ])
    func sums(item: String, isRight: Bool) throws {
        let problems = try problems(.sum(of: "lines.amount", is: "total"), item)
        #expect(problems == (isRight ? [] : ["rule total"]))
    }

    @Test("Each rule but code is told in words", arguments: Endpoint.all)
    func words(_ endpoint: Endpoint) {
        for rule in endpoint.rules {
            switch rule {
            case .code, .key: #expect(rule.words == nil)
            default: #expect(rule.words?.isEmpty == false)
            }
        }
    }

    @Test("A path leads through lists by their first element, and 0 is that itself")
    func paths() throws {
        let item = #"{"code":"x","lines":[{"amount":"07"},{"amount":"08"}]}"#
        func evidence(_ part: KeyPart) throws -> [String] {
            let endpoint = EndpointSpec(
                "made.up", "A call that does not exist.", .post, "/v2/made", adds: true,
                fields: [
                    Field("code", .text(most: nil), .required),
                    Field("lines", .list(Self.line)), Field("tags", .list(.text(most: nil))),
                ],
                keys: Keys(identity: [.text("code")], order: [], evidence: [part]),
                reply: .single(), codes: .none, recovery: .hold, source: "Nowhere."
            ).endpoint
            return try prepare(item, endpoint: endpoint).evidence.fields
        }
        #expect(try evidence(.text("lines.amount")) == ["07"])
        #expect(try evidence(.integer("lines.amount")) == ["7"])
        #expect(try evidence(.text("lines")) == [""])
        #expect(try evidence(.text("lines.0")) == [""])
        #expect(try evidence(.text("tags.0")) == [""])
        #expect(try evidence(.joined("/", [.word("a"), .text("code")])) == ["a/x"])
        #expect(try evidence(.lowercased(.word("ABC"))) == ["abc"])
    }
}
