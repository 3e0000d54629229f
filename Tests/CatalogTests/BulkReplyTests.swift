import Model
import TestSupport
import Testing

@testable import Catalog

@Suite("Items of a bulk reply")
struct BulkReplyTests {
    private func words(_ items: [String], _ numbers: String..., status: Int = 200) throws -> [String] {
        let members = try numbers.map { try prepare(bill(["billNumber": "\"\($0)\""])).evidence }
        return Endpoint.transactionsAdd.read(bulk(items, status: status), members).words
    }

    @Test("are read whatever the status", arguments: [200, 201, 207, 400, 404, 429, 500, 502, 503])
    func status(_ status: Int) throws {
        let items = [item("A", id: "1"), item("B", errors: [604])]
        #expect(try words(items, "A", "B", status: status) == ["accepted 1", "exists"])
    }

    @Test func examplesOfTheFactSheet() throws {
        let stored = reply(
            200,
            #"""
            {"response": [{"entityId": 700000001,
               "result": {"identifierType": "mobile", "identifierValue": "447700900101", "source": "INSTORE", "type": "REGULAR",
                "billNumber": "R-20260203-0001", "billAmount": 42.5, "billingDate": "2026-02-03T10:15:00Z",
                "lineItemsV2": [{"itemCode": "SKU-1", "amount": 42.5, "qty": 2.0, "rate": 21.25, "value": 42.5, "returnable": true, "returnableDays": -1,
                  "comboDetails": [], "addOnDetails": [], "splitDetails": [], "extendedFields": {}}],
                "paymentModes": [{"mode": "Cash", "value": 42.5}],
                "sideEffects": [{"entityType": "USER", "rawAwardedPoints": 4.25, "awardedPoints": 4, "customerId": 9001, "type": "points"}],
                "notInterestedReason": "", "isUseDefaultUserGroup2": false, "useDefaultUserGroup2": false},
               "errors": [], "warnings": [], "loyaltyDetails": []}],
             "totalCount": 1, "failureCount": 0}
            """#)
        #expect(
            try Endpoint.transactionsAdd.read(stored, sales("R-20260203-0001"))
                == .each([.accepted(ServerID("700000001"), [])]))
        let partial = reply(
            200,
            #"""
            {"response": [{"entityId": 700000001, "result": {"billNumber": "R-20260203-0001", "type": "REGULAR"}, "errors": [],
               "warnings": [{"status": false, "code": 91016, "message": "extended field unknown"}]},
              {"entityId": null, "result": {"billNumber": "R-20260203-0002", "type": "REGULAR"},
               "errors": [{"status": false, "code": 604, "message": "bill number used before"}], "warnings": []}],
             "totalCount": 2, "failureCount": 1}
            """#)
        #expect(
            try Endpoint.transactionsAdd.read(partial, sales("R-20260203-0001", "R-20260203-0002"))
                == .each([
                    .accepted(
                        ServerID("700000001"), [Warning(code: 91016, message: "extended field unknown")]
                    ),
                    .exists(Refusal(.duplicate, serverCode: 604, message: "bill number used before")),
                ]))
    }

    struct Shape: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let items: [String]
        let words: [String]

        init(_ name: String, _ items: [String], _ words: String...) {
            testDescription = name
            self.items = items
            self.words = words
        }
    }

    /// Three records A, B, C were sent.
    static let shapes: [Shape] = [
        Shape(
            "in order", [item("A", id: "1"), item("B", id: "2"), item("C", id: "3")], "accepted 1",
            "accepted 2", "accepted 3"),
        Shape(
            "shuffled", [item("C", id: "3"), item("A", id: "1"), item("B", errors: [8015])],
            "accepted 1", "rejected", "accepted 3"),
        Shape(
            "too few", [item("C", id: "3"), item("A", id: "1")], "accepted 1", "unbound", "accepted 3"),
        Shape(
            "too few, a failure without a label", [item("A", id: "1"), item(nil, errors: [601])],
            "accepted 1", "unbound", "unbound"),
        Shape(
            "too many",
            [item("A", id: "1"), item("B", id: "2"), item("C", id: "3"), item("D", id: "4")],
            "accepted 1", "accepted 2", "accepted 3"),
        Shape(
            "one twice",
            [item("A", id: "1"), item("A", id: "2"), item("B", id: "3"), item("C", id: "4")], "unbound",
            "accepted 3", "accepted 4"),
        Shape(
            "one twice, another missing",
            [item("A", id: "1"), item("A", errors: [604]), item("C", id: "4")], "unbound", "unbound",
            "accepted 4"),
        Shape(
            "a foreign label", [item("A", id: "1"), item("X", id: "2"), item("C", id: "3")],
            "accepted 1", "unbound", "accepted 3"),
        Shape(
            "a foreign label on a failure",
            [item("A", id: "1"), item("X", errors: [604]), item("C", id: "3")], "accepted 1", "unbound",
            "accepted 3"),
        Shape(
            "no labels", [item(nil, id: "1"), item(nil, id: "2"), item(nil, id: "3")], "unbound",
            "unbound", "unbound"),
        Shape(
            "one success without a label",
            [item("A", id: "1"), item(nil, id: "2"), item("C", id: "3")], "accepted 1", "unbound",
            "accepted 3"),
        Shape(
            "one failure without a label",
            [item(nil, errors: [604]), item("A", id: "1"), item("C", id: "3")], "accepted 1", "exists",
            "accepted 3"),
        Shape(
            "failures alike without labels",
            [item("A", id: "1"), item(nil, errors: [8015]), item(nil, errors: [8015])], "accepted 1",
            "rejected", "rejected"),
        Shape(
            "failures that differ, without labels",
            [item("A", id: "1"), item(nil, errors: [8015]), item(nil, errors: [601])], "accepted 1",
            "rejected", "rejected"),
        Shape(
            "failures of different weight",
            [item("A", id: "1"), item(nil, errors: [8015]), item(nil, errors: [604])], "accepted 1",
            "unbound", "unbound"),
        Shape(
            "a failure and a doubt without labels",
            [item("A", id: "1"), item(nil, errors: [8015]), item(nil, errors: [686])], "accepted 1",
            "unbound", "unbound"),
        Shape(
            "all failed without labels",
            [item(nil, errors: [601]), item(nil, errors: [601]), item(nil, errors: [601])], "rejected",
            "rejected", "rejected"),
        Shape(
            "a failure with an id, without a label",
            [item("A", id: "1"), item("B", id: "2"), item(nil, id: "7", errors: [601])], "accepted 1",
            "accepted 2", "unbound"),
        Shape(
            "an id and an error",
            [item("A", id: "7", errors: [8084]), item("B", id: "2"), item("C", id: "3")], "in doubt",
            "accepted 2", "accepted 3"),
        Shape(
            "neither", [item("A"), item("B", id: "0"), item("C", id: "-1")], "in doubt", "in doubt",
            "in doubt"),
        Shape(
            "no id at all",
            [item("A", id: nil), item("B", id: nil, errors: [604]), item("C", id: "3")], "in doubt",
            "exists", "accepted 3"),
        Shape(
            "failed with 0 and -1",
            [
                item("A", id: "0", errors: [601]), item("B", id: "-1", errors: [604]),
                item("C", id: "3"),
            ], "rejected", "exists", "accepted 3"),
        Shape(
            "an id in quotes",
            [
                item("A", id: "\"1\""), item("B", id: "\"\"", errors: [601]),
                item("C", id: "\"x\"", errors: [601]),
            ], "accepted 1", "rejected", "in doubt"),
        Shape(
            "no types told",
            [
                item("A", id: "1", type: nil), item("B", id: "2", type: nil),
                item("C", id: "3", type: nil),
            ], "accepted 1", "accepted 2", "accepted 3"),
        Shape(
            "types in another case",
            [
                item("A", id: "1", type: "regular"), item("B", id: "2", type: "MIXED"),
                item("C", id: "3"),
            ], "accepted 1", "accepted 2", "accepted 3"),
        Shape(
            "another type",
            [item("A", id: "1", type: "RETURN"), item("B", id: "2"), item("C", id: "3")], "unbound",
            "accepted 2", "accepted 3"),
        Shape(
            "other customers' values",
            [item("A", id: "1", value: "00447700900101"), item("B", id: "2"), item("C", id: "3")],
            "accepted 1", "accepted 2", "accepted 3"),
        Shape(
            "a number with a space", [item("A ", id: "1"), item("B", id: "2"), item("C", id: "3")],
            "unbound", "accepted 2", "accepted 3"),
        Shape(
            "items that are none", ["null", "7", item("C", id: "3")], "unbound", "unbound", "accepted 3"
        ),
    ]

    @Test("of three records", arguments: shapes)
    func shape(_ shape: Shape) throws {
        #expect(try words(shape.items, "A", "B", "C") == shape.words)
    }

    @Test func aloneTheOnlyItemIsIts() throws {
        #expect(try words([item(nil, id: "1")], "A") == ["accepted 1"])
        #expect(try words([item(nil, errors: [686])], "A") == ["in doubt"])
        #expect(try words([item("X", id: "1")], "A") == ["unbound"])
        #expect(try words([item("X", errors: [604])], "A") == ["unbound"])
        #expect(try words([item(nil, id: "1"), item(nil, id: "2")], "A") == ["unbound"])
    }

    @Test func saleAndReturnOfOneNumber() throws {
        let members = try [bill(["billNumber": #""A""#]), returnBill(["billNumber": #""A""#])]
            .map { try prepare($0).evidence }
        func read(_ items: [String]) -> [String] {
            Endpoint.transactionsAdd.read(bulk(items), members).words
        }
        #expect(
            read([item("A", id: "2", type: "RETURN"), item("A", id: "1")]) == [
                "accepted 1", "accepted 2",
            ])
        #expect(
            read([item("A", id: "2", type: nil), item("A", id: "1", type: nil)]) == [
                "unbound", "unbound",
            ])
        #expect(
            read([item("A", id: "2", type: nil), item("A", id: "1")]) == ["accepted 1", "unbound"])
    }

    @Test func anonymousTurnedIntoRegular() throws {
        let member = try prepare(bill(["type": #""NOT_INTERESTED""#, "billNumber": #""A""#])).evidence
        let other = try sales("B")
        let text = bulk([item("A", id: "1", errors: [1630], type: "REGULAR"), item("B", id: "2")])
        #expect(
            Endpoint.transactionsAdd.read(text, [member] + other)
                == .each([
                    .accepted(ServerID("1"), [Warning(code: 1630, message: "said the server")]),
                    .accepted(ServerID("2"), []),
                ]))
    }

    @Test func echoesAreComparedUnescapedAndAsNumbers() throws {
        let escaped = item("R\\u002d1", id: "1")
        #expect(try words([escaped, item("B", id: "2")], "R-1", "B") == ["accepted 1", "accepted 2"])
        let native = item("17", id: "1").replacing(#""billNumber": "17""#, with: #""billNumber": 17"#)
        #expect(try words([native, item("B", id: "2")], "17", "B") == ["accepted 1", "accepted 2"])
    }

    @Test func repeatedMembersAreLeftUnbound() throws {
        // The engine never does this; if it did, nothing would be bound by luck.
        #expect(
            try words([item("A", id: "1"), item("A", id: "2")], "A", "A") == ["unbound", "unbound"])
        #expect(try words([item("A", id: "1")], "A", "A") == ["unbound", "unbound"])
    }

    @Test func ofSeveralErrorsTheOneThatForbidsMostDecides() throws {
        func word(_ codes: Int...) throws -> String { try words([item("A", errors: codes)], "A")[0] }
        #expect(try word(601, 686) == "in doubt")
        #expect(try word(604, 8015) == "exists")
        #expect(try word(521, 8015) == "rejected")
        #expect(try word(842, 8015) == "parked")
        #expect(try word(842, 686) == "in doubt")
        #expect(try word(521, 517) == "again")
    }

    @Test func emptyErrorsAreNone() throws {
        let odd = item("A", id: "1").replacing(#""errors": []"#, with: #""errors": [{}, null]"#)
        #expect(try words([odd], "A") == ["accepted 1"])
        let absent = item("A", id: "1").replacing(#""errors": [], "#, with: "")
        #expect(try words([absent], "A") == ["accepted 1"])
        let text = item("A", id: nil).replacing(#""errors": []"#, with: #""errors": ["no"]"#)
        #expect(try words([text], "A") == ["rejected"])
        let lone = item("A", id: nil).replacing(#""errors": []"#, with: #""errors": {"code": 604}"#)
        #expect(try words([lone], "A") == ["exists"])
    }

    @Test("a batch too large is halved", arguments: [1060, 672])
    func batchTooLarge(_ code: Int) throws {
        #expect(
            try words([item("A", errors: [code]), item("B", errors: [code])], "A", "B") == ["split"])
        #expect(try words([item(nil, errors: [code])], "A", "B") == ["split"])
        #expect(
            try words([item("A", errors: [code]), item("B", id: "2")], "A", "B") == [
                "rejected", "accepted 2",
            ])
        #expect(try words([item("A", errors: [code])], "A") == ["rejected"])
        #expect(
            try words([item("A", id: "1", errors: [code]), item("B", errors: [code])], "A", "B")
                == ["in doubt", "rejected"])
    }

    @Test func sizeCodesAreNoBatches() throws {
        let items = ["A", "B"].map { item($0, errors: [672], message: "Invalid size code") }
        #expect(try words(items, "A", "B") == ["rejected", "rejected"])
    }

    @Test("each code has its meaning", arguments: codes)
    func code(_ it: (Int, String)) throws {
        #expect(
            try words([item("A", errors: [it.0]), item("B", id: "2")], "A", "B") == [
                it.1, "accepted 2",
            ])
        #expect(
            try words([item("A", id: "7", errors: [it.0])], "A") == [
                [600, 1630].contains(it.0) ? "accepted 7" : "in doubt"
            ])
    }

    /// Every code of the table. Source: Transactions, Add bills: codes.
    static let codes: [(Int, String)] =
        [604, 633, 634, 639].map { ($0, "exists") }
        + [683, 842, 656].map { ($0, "parked") } + [521, 517].map { ($0, "again") }
        + ([684, 710, 9610, 686, 608, 689] + Array(691...699) + [600, 1630]).map { ($0, "in doubt") }
        + ([
            601, 602, 603, 607, 620, 605, 690, 8084, 8154, 8155, 8015, 611, 641, 618, 681, 820, 3045,
            3042, 1104, 624, 625, 626, 630, 678, 628, 1634, 679, 687, 631, 632, 638, 627, 643, 644, 660,
            667, 668, 688, 669, 1106, 9604, 672, 685, 708, 9605, 9606, 1101, 1102, 1103, 9607, 9609,
            9613,
            9608, 9611, 9614, 9615, 9616, 1105, 1114, 1115, 1119, 1120, 1121, 91016, 9601, 9602, 9603,
            9612, 12_345,
        ] + Array(661...666) + Array(670...682)).map { ($0, "rejected") }

    @Test func reasonsNameWhoseTurnItIs() throws {
        func reason(_ code: Int) throws -> Reason? {
            let verdict = Endpoint.transactionsAdd.read(
                bulk([item("A", errors: [code])]), try sales("A"))
            guard case .each(let all) = verdict else { return nil }
            switch all[0] {
            case .rejected(let it), .exists(let it), .parked(let it), .inDoubt(let it),
                .again(_, let it):
                return it.reason
            default: return nil
            }
        }
        #expect(try reason(8015) == .customerUnknown)
        #expect(try reason(3045) == .customerBlocked)
        #expect(try reason(625) == .originalUnknown)
        #expect(try reason(626) == .notReturnable)
        #expect(try reason(9607) == .refusedSetup)
        #expect(try reason(671) == .refusedSetup)
        #expect(try reason(604) == .duplicate)
        #expect(try reason(842) == .parkedByServer)
        #expect(try reason(521) == .busy)
        #expect(try reason(12_345) == .refused)
    }
}

@Suite("Binding holds")
struct BulkReplyPropertyTests {
    /// What the server did with each record, and the item that says so.
    private static func truth(_ index: Int, _ random: inout Seeded) -> (
        word: String, item: String, bare: String
    ) {
        let number = "N\(index)"
        switch Int.random(in: 0..<6, using: &random) {
        case 0: return ("exists", item(number, errors: [604]), item(nil, errors: [604]))
        case 1: return ("rejected", item(number, errors: [8015]), item(nil, errors: [8015]))
        case 2: return ("parked", item(number, errors: [842]), item(nil, errors: [842]))
        default:
            let id = "\(1000 + index)"
            return ("accepted \(id)", item(number, id: id), item(nil, id: id))
        }
    }

    @Test("however items are shuffled, dropped, stripped of labels or repeated", arguments: 1...200)
    func nothingIsBoundToAnother(_ seed: UInt64) throws {
        var random = Seeded(seed)
        let count = Int.random(in: 1...8, using: &random)
        let members = try (0..<count).map { try prepare(bill(["billNumber": "\"N\($0)\""])).evidence }
        let truths = (0..<count).map { Self.truth($0, &random) }
        let shuffled = truths.map(\.item).shuffled(using: &random)
        let verdict = Endpoint.transactionsAdd.read(bulk(shuffled), members).words
        #expect(verdict == truths.map(\.word), "seed \(seed)")
        // Now mistreated: a record gets its own word, or none.
        var items: [String] = []
        for truth in truths.shuffled(using: &random) {
            switch Int.random(in: 0..<6, using: &random) {
            case 0: continue
            case 1: items.append(truth.bare)
            case 2: items += [truth.item, truth.item]
            default: items.append(truth.item)
            }
        }
        if items.isEmpty || count == 1 { return }
        let read = Endpoint.transactionsAdd.read(bulk(items), members).words
        for (said, truth) in zip(read, truths) {
            let isBlurred = items.count == count && ["rejected", "exists", "parked"].contains(said)
            #expect(said == truth.word || said == "unbound" || isBlurred, "seed \(seed)")
            #expect(!said.hasPrefix("accepted") || said == truth.word, "seed \(seed)")
        }
    }

    @Test("random bytes and cut-off replies are doubt or nothing", arguments: 1...100)
    func garbage(_ seed: UInt64) throws {
        var random = Seeded(seed)
        let members = try sales("A", "B")
        let whole = bulk([item("A", id: "1"), item("B", errors: [604])]).body
        let cut = Array(whole.prefix(Int.random(in: 0..<whole.count, using: &random)))
        #expect(
            Endpoint.transactionsAdd.read(Reply(status: 200, body: cut), members).words == ["in doubt"],
            "seed \(seed)")
        var broken = whole
        for _ in 0..<Int.random(in: 1...6, using: &random) {
            broken[Int.random(in: 0..<broken.count, using: &random)] =
                Array(#"{}[]",:0-7aA \"#.utf8).randomElement(using: &random) ?? 0
        }
        for status in [200, 400, 403, 500, 503] {
            if case .each(let each) = Endpoint.transactionsAdd.read(
                Reply(status: status, body: broken), members)
            {
                #expect(each.count == members.count, "seed \(seed)")
            }
        }
    }
}
