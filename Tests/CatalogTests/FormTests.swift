import Model
import Testing

@testable import Catalog

@Suite("The same in another form")
struct FormTests {
    @Test(
        "Texts",
        arguments: [
            ("ab-1", "AB-1", FormMatch.alike), ("0017", "17", .alike), (" A 1", "A1", .alike),
            ("A1\u{A0}", "A1", .alike), ("000", "0", .alike), ("A1", "A1", .equal),
            ("A1", "A2", .different), ("A-1", "A1", .different), ("10", "1", .different),
            ("100", "1", .different),
        ])
    func texts(_ sent: String, _ shown: String, _ match: FormMatch) {
        #expect(Form.text(shown, sent) == match)
    }

    @Test(
        "Amounts",
        arguments: [
            ("42.5", "42.50", FormMatch.equal), ("42.5", "42", .equal), ("42.5", "43", .alike),
            ("42.4", "43", .alike), ("42.567", "42.57", .alike), ("42.567", "42.6", .alike),
            ("42.53", "42.55", .alike), ("42.5", "42.4", .different), ("42.5", "44", .different),
            ("42", "43", .different), ("42", "41", .different),
        ])
    func amounts(_ sent: String, _ shown: String, _ match: FormMatch) {
        #expect(Form.amount(shown, sent, OrgSettings()) == match)
    }

    @Test("A return may be shown with its sign")
    func signs() {
        #expect(Form.amount("-5", "5", OrgSettings(), isReturn: true) == .alike)
        #expect(Form.amount("-5", "5", OrgSettings()) == .different)
    }

    @Test(
        "Times",
        arguments: [
            ("2026-02-03T10:15:40Z", "2026-02-03T10:15:40Z", FormMatch.equal),
            ("2026-02-03T10:15:40Z", "2026-02-03T10:15:00Z", .alike),
            ("2026-02-03T10:15:40Z", "2026-02-03T10:16:00Z", .alike),
            ("2026-02-03T10:15:40+05:30", "2026-02-03T10:15:40Z", .alike),
            ("2026-02-03T10:15:40+05:30", "2026-02-03T10:15:00", .alike),
            ("2026-02-03T10:15:40Z", "2026-02-03T00:00:00Z", .alike),
            ("2026-02-03T10:15:40Z", "2026-02-04T10:15:40Z", .different),
            ("2026-02-03T10:15:40Z", "2026-02-03T10:15:41Z", .different),
            ("2026-02-03T10:15:40Z", "2026-02-03T10:17:00Z", .different),
            // Thirteen hours and three quarters: a zone may make that of its minute.
            ("2026-02-03T10:15:40Z", "2026-02-04T00:00:00Z", .alike),
        ])
    func times(_ sent: String, _ shown: String, _ match: FormMatch) throws {
        let org = OrgSettings(ignoresOffsets: false)
        #expect(
            Form.time(try #require(Instant(shown)), try #require(Instant(sent)), org)
                == match)
    }

    @Test("What a record says of each rewrite")
    func observations() {
        let fields = [
            FormField("number", .text, "0ab"), FormField("amount", .amount, "42.5"),
            FormField("time", .time, "2026-02-03T10:15:40+05:30"),
        ]
        func said(_ shown: [String?]) -> [String: Bool] {
            let differences = zip(fields, shown).compactMap { field, shown in
                shown.map { Alike.Difference(field, shown: $0) }
            }
            let all = Rewrite.observations(fields, differences, OrgSettings(ignoresOffsets: false))
            return Dictionary(uniqueKeysWithValues: all.map { ($0.rewrite.code, $0.agrees) })
        }
        let upper = said(["0AB", nil, nil])
        #expect(upper["upper"] == true && upper["unzeroed"] == false && upper["lower"] == false)
        #expect(upper["minute"] == false && upper["clock"] == false && upper["rounded-0"] == false)
        // As it was sent, or cut off: nobody has told which.
        #expect(upper["trimmed"] == nil && upper["rounded-1"] == nil)
        let all = said(["AB", "43", "2026-02-03T10:15:00Z"])
        #expect(all["upper"] == true && all["unzeroed"] == true && all["rounded-0"] == true)
        #expect(all["minute"] == true && all["clock"] == true)
    }

    @Test("What was learnt explains a form, and nothing else")
    func explanations() {
        func explains(_ sent: String, _ shown: String, _ learnt: Set<Rewrite>) -> Bool {
            Rewrite.explain(
                Alike.Difference(FormField("number", .text, sent), shown: shown), by: learnt)
        }
        #expect(explains("0a b", "AB", [.upper, .unzeroed, .unspaced]))
        #expect(!explains("0a b", "AB", [.upper, .unzeroed]))
        #expect(!explains("0a b", "aB", [.upper, .unzeroed, .unspaced]))
        #expect(!explains("ab", "AB", []))
        let amount = FormField("amount", .amount, "42.50")
        #expect(Rewrite.explain(Alike.Difference(amount, shown: "43"), by: [.rounded(0)]))
        #expect(!Rewrite.explain(Alike.Difference(amount, shown: "43"), by: [.rounded(1)]))
        let time = FormField("time", .time, "2026-02-03T10:15:40+05:30")
        let shown = Alike.Difference(time, shown: "2026-02-03T10:15:00Z")
        #expect(Rewrite.explain(shown, by: [.clock, .minute]))
        #expect(!Rewrite.explain(shown, by: [.clock]))
        for rewrite in Rewrite.all { #expect(Rewrite(code: rewrite.code) == rewrite) }
    }

    // MARK: Endpoint by endpoint

    private func look(_ endpoint: Endpoint, _ item: String, _ bodies: String...) throws -> SearchStep {
        let readBack = try #require(endpoint.recovery.readBack)
        var step = readBack.search(try prepare(item, endpoint: endpoint).evidence, OrgSettings())
        for body in bodies {
            guard case .ask(_, let then) = step else { return step }
            step = then(reply(200, body))
        }
        return step
    }

    @Test("A card")
    func cards() throws {
        let item = #"{"cardNumber":"007","seriesId":3,"statusLabel":"ACTIVE"}"#
        func found(_ number: String) throws -> SearchStep {
            try look(
                .cardsAdd, item, #"{"entity":{"cardId":9,"cardNumber":"\#(number)","seriesId":3}}"#)
        }
        #expect(try found("007").ids == ["9"])
        #expect(try found("7").alike.map(\.isAnother) == [false])
        #expect(try found("8").alike.map(\.isAnother) == [true])
    }

    @Test("A product, and one whose EAN lost its zeros")
    func products() throws {
        let item = #"{"sku":"S 1","ean":"0042","price":1}"#
        func found(_ code: String, _ ean: String) throws -> SearchStep {
            try look(.skusAdd, item, #"{"data":[{"id":7,"code":"\#(code)","ean":"\#(ean)"}]}"#)
        }
        #expect(try found("s 1", "0042").ids == ["7"])
        #expect(try found("S1", "0042").alike.map(\.isAnother) == [false])
        #expect(try found("S 1", "42").alike.map(\.isAnother) == [false])
        #expect(try found("S 1", "43").others.count == 1)
        #expect(try found("S 2", "0042").alike.map(\.isAnother) == [true])
    }

    @Test("A till")
    func tills() throws {
        func found(_ code: String) throws -> SearchStep {
            try look(
                .tillsAdd, #"{"name":"leeds.1","storeId":4}"#,
                #"{"entity":{"id":5,"code":"\#(code)"},"errors":[]}"#)
        }
        #expect(try found("leeds.1").ids == ["5"])
        #expect(try found("LEEDS.1").alike.map(\.isAnother) == [false])
        #expect(try found("york.1").alike.map(\.isAnother) == [true])
    }

    @Test("Badges of another customer are no miss")
    func badges() throws {
        let item =
            #"{"badgeMetaId":"b","customerId":5,"earnEventDate":1,"earnExpiresOn":1798761600}"#
        func found(_ customer: Int, _ expires: Int) throws -> SearchStep {
            try look(
                .badgesImport, item,
                #"{"data":[{"badgeMetaId":"b","earnedBadgeId":"x","customerId":\#(customer),"expiresOn":\#(expires)}]}"#
            )
        }
        #expect(try found(5, 1_798_761_600).ids == ["x"])
        #expect(try found(5, 1_798_761_600 - 19_800).alike.count == 1)
        #expect(try found(5, 1_798_761_600 - 86_400 * 2).others.count == 1)
        #expect(try found(6, 1_798_761_600).isUnclear)
    }

    @Test("A store whose code or name is shown in another form")
    func stores() throws {
        let item = #"{"code":"leeds 1","name":"Leeds","externalIds":["E1"]}"#
        func found(_ code: String, _ name: String) throws -> SearchStep {
            let row = #"{"id":7,"code":"\#(code)","name":"\#(name)","externalId":["e1"]}"#
            return try look(
                .storesAdd, item.replacing(" 1", with: "_01"), #"{"data":[\#(row)]}"#,
                #"{"response":{"status":{"success":"true"},"organization":{"entities":{"entity":[]}}}}"#
            )
        }
        #expect(try found("LEEDS_01", "Leeds").alike.map(\.isAnother) == [false])
        #expect(try found("leeds_01", "Leeds").alike.count == 1)
        #expect(try found("leeds_02", "Leeds").ids == [])
    }
}
