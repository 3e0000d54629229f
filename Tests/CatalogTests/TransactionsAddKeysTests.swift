import Model
import Records
import Testing

@testable import Catalog

@Suite("Keys of transactions.add")
struct TransactionsAddKeysTests {
    @Test func evidenceHoldsWhatAReadBackCompares() throws {
        let leeds = Attribution(kind: .storeCode, code: "leeds")
        let text = returnBill([
            "billingDate": #""2026-02-03T15:45:00.250+05:30""#, "billAmount": "5.10",
            "accountId": #""a\u00e9""#,
        ])
        let stored = try prepare(text, attribution: leeds).evidence
        let evidence = TransactionEvidence(stored)
        var expected = TransactionEvidence()
        expected.billNumber = "R-20260203-0001"
        expected.type = "RETURN"
        expected.returnType = "AMOUNT"
        expected.identifierType = "mobile"
        expected.identifierValue = "447700900101"
        expected.source = "INSTORE"
        expected.accountID = "aé"
        expected.instant = Instant("2026-02-03T15:45:00.250+05:30")
        expected.amount = "5.10"
        expected.attributionKind = "STORE_CODE"
        expected.attributionCode = "leeds"
        #expect(evidence == expected)
        #expect(stored == expected.evidence)
        #expect(TransactionEvidence(expected.evidence) == expected)
    }

    @Test func evidenceWithoutDateHasNone() throws {
        let evidence = TransactionEvidence(try prepare(bill(["billingDate": nil])).evidence)
        #expect(evidence.instant == nil)
    }

    @Test func evidenceCutOffIsNoCrash() throws {
        let whole = try prepare(bill()).evidence.bytes
        let full = TransactionEvidence(Evidence(stored: whole))
        for length in 0...whole.count {
            let cut = TransactionEvidence(Evidence(stored: Array(whole.prefix(length))))
            #expect(cut.billNumber.isEmpty || cut.billNumber == full.billNumber)
        }
    }

    static let sameSale: [String] = [
        bill(["billAmount": "42.50"]), bill(["billAmount": "4.25e1"]), bill(["billAmount": #""42.5""#]),
        bill(["billingDate": #""2026-02-03T15:45:00+05:30""#]),
        bill(["billingDate": #""2026-02-03T10:15:00Z""#]),
        bill(["source": nil, "type": nil]).replacing(
            "{", with: #"{"type": "REGULAR", "source": "INSTORE", "#),
        bill(["billNumber": #""R\u002d20260203-0001""#]),
    ]

    @Test("written differently has equal content", arguments: sameSale)
    func sameContent(_ text: String) throws {
        let one = try prepare(bill())
        let other = try prepare(text)
        #expect(one.identity == other.identity)
        #expect(one.content == other.content)
        #expect(one.binding == other.binding)
        #expect(one.orderKeys == other.orderKeys)
    }

    static let otherContent: [String] = [
        bill(["billAmount": "42.51"]), bill(["billingDate": #""2026-02-03T10:15:01Z""#]),
        bill(["note": "null"]), bill(["note": #""""#]), bill(["identifierValue": #""4477009001010""#]),
        bill(["lineItemsV2": "[]"]), bill(["extendedFields": #"{"a": 1}"#]),
        bill(["extendedFields": #"{"a": "1"}"#]),
    ]

    @Test func otherContentOfOneIdentity() throws {
        let all = try ([bill()] + Self.otherContent).map { try prepare($0) }
        #expect(Set(all.map(\.identity)).count == 1)
        #expect(Set(all.map(\.content)).count == all.count)
    }

    @Test func orderOfListsCountsAndOfMembersNot() throws {
        func content(_ fields: String) throws -> UInt64 {
            try prepare(bill(["extendedFields": fields])).content
        }
        #expect(try content(#"{"a": [1, 2], "b": 3.0}"#) == content(#"{"b": 3, "a": [1.0, 2]}"#))
        #expect(try content(#"{"a": [1, 2]}"#) != content(#"{"a": [2, 1]}"#))
        #expect(try content(#"{"a": 1, "b": 2}"#) != content(#"{"a": 2, "b": 1}"#))
    }

    static let otherSales: [String] = [
        bill(["billNumber": #""R-20260203-0001 ""#]), bill(["billNumber": #"" R-20260203-0001""#]),
        bill(["billNumber": #""r-20260203-0001""#]), bill(["type": #""NOT_INTERESTED""#]), returnBill(),
    ]

    @Test("is another sale", arguments: otherSales)
    func otherIdentity(_ text: String) throws {
        let one = try prepare(bill())
        let other = try prepare(text)
        #expect(one.identity != other.identity)
        #expect(one.binding != other.binding)
    }

    @Test func storesAreKeptApart() throws {
        let places: [Attribution?] = [
            nil, Attribution(kind: .storeCode, code: "leeds"),
            Attribution(kind: .storeCode, code: "york"),
            Attribution(kind: .till, code: "leeds"),
        ]
        let sales = try places.map { try prepare(bill(), attribution: $0) }
        #expect(Set(sales.map(\.identity)).count == 4)
        #expect(Set(sales.map(\.binding)).count == 1)
    }

    @Test func ownAttributionPrecedesTheRequests() throws {
        let own = bill(["attribution": #"{"createdBy": {"code": "york", "type": "STORE"}}"#])
        let leeds = Attribution(kind: .storeCode, code: "leeds")
        let york = Attribution(kind: .storeCode, code: "york")
        #expect(
            try prepare(own, attribution: leeds).identity == prepare(bill(), attribution: york).identity
        )
    }

    @Test func whoRangItUpIsNoPlace() throws {
        let own = bill(["attribution": #"{"createdBy": {"code": "ann", "type": "ASSOCIATE"}}"#])
        let leeds = Attribution(kind: .storeCode, code: "leeds")
        #expect(
            try prepare(own, attribution: leeds).identity
                == prepare(bill(), attribution: leeds).identity)
    }

    @Test func whatIsNotFitIsNamedAllTheSame() throws {
        let endpoint = Endpoint.transactionsAdd
        let one = try prepare(bill(["billAmount": "-1", "source": #"{"a": 1}"#]))
        #expect(
            endpoint.key(one.evidence) == "R-20260203-0001"
                && endpoint.kind(one.evidence).hasPrefix("REGULAR"))
        #expect(one.identity == Identity(high: 0, low: 0) && one.orderKeys.isEmpty)
        #expect(TransactionEvidence(one.evidence).source == "")
        let odd = try prepare(bill(["billNumber": "[1]", "billingDate": "{}"]))
        #expect(endpoint.key(odd.evidence) == "")
        #expect(try prepare(bill(["billNumber": "17"])).evidence.fields.first == "17")
    }

    @Test func partialReturnsAreToldApart() throws {
        let texts = [
            returnBill(), returnBill(["billAmount": "6"]), returnBill(["returnType": #""FULL""#]),
            returnBill(["identifierValue": #""447700900102""#]),
            returnBill(["billingDate": #""2026-02-03T10:16:00Z""#]), returnBill(["billingDate": nil]),
            returnBill(["lineItemsV2": #"[{"itemCode": "A"}]"#]),
            returnBill(["lineItemsV2": #"[{"itemCode": "B"}]"#]),
        ]
        #expect(try Set(texts.map { try prepare($0).identity }).count == texts.count)
        #expect(
            try prepare(returnBill()).identity == prepare(returnBill(["billAmount": "5.0"])).identity)
        #expect(try prepare(returnBill()).identity == prepare(returnBill(["note": #""n""#])).identity)
    }

    @Test func saleAndReturnShareAnOrderKey() throws {
        let sale = Set(try prepare(bill(["identifierValue": #""1""#])).orderKeys)
        let other = Set(try prepare(returnBill(["identifierValue": #""2""#])).orderKeys)
        #expect(sale.intersection(other).count == 1)
        let mixed = Set(
            try prepare(
                bill([
                    "billNumber": #""M""#, "identifierValue": #""3""#,
                    "lineItemsV2": #"""
                    [{"type": "RETURN", "returnType": "AMOUNT", "parentBillNumber": "R-20260203-0001",
                      "purchaseTime": "2026-01-01T00:00:00Z"}]
                    """#,
                ])
            ).orderKeys)
        #expect(sale.intersection(mixed).count == 1)
        #expect(mixed.count == 3)
    }

    @Test(
        "is the same customer",
        arguments: [
            ("mobile", "+44 7700 900101", "447700900101"),
            ("mobile", "0044-7700-900101", "447700900101"),
            ("email", "Ann@Example.com", "ann@example.com"),
        ])
    func customers(_ type: String, _ one: String, _ other: String) throws {
        func keys(_ value: String, _ number: String) throws -> Set<UInt64> {
            Set(
                try prepare(
                    bill([
                        "identifierType": "\"\(type)\"", "identifierValue": "\"\(value)\"",
                        "billNumber": "\"\(number)\"",
                    ])
                ).orderKeys)
        }
        #expect(try keys(one, "1").intersection(keys(other, "2")).count == 1)
        #expect(try keys(one + "9", "1").intersection(keys(other, "2")).isEmpty)
    }

    @Test func anonymousHasNoCustomerKey() throws {
        let text = bill(["type": #""NOT_INTERESTED""#, "identifierType": nil, "identifierValue": nil])
        #expect(try prepare(text).orderKeys.count == 1)
    }

    @Test func repeats() throws {
        let endpoint = Endpoint.transactionsAdd
        #expect(endpoint.repeats(try prepare(bill()).evidence) == .never)
        #expect(endpoint.repeats(try prepare(bill(["type": #""NOT_INTERESTED""#])).evidence) == .never)
        #expect(endpoint.repeats(try prepare(returnBill()).evidence) == nil)
    }

    @Test func repeatsThatAreKnownToBeRefused() throws {
        func refuses(_ text: String, _ org: OrgSettings) throws -> Bool {
            Endpoint.transactionsAdd.refusesRepeat(try prepare(text).evidence, org)
        }
        let now = try #require(Instant("2026-03-01T00:00:00Z")).timestamp
        func org(_ uniqueness: OrgSettings.Uniqueness, _ days: Int?) -> OrgSettings {
            OrgSettings(billNumbers: uniqueness, uniqueInDays: days, asOf: now)
        }
        for uniqueness in [OrgSettings.Uniqueness.org, .store, .till] {
            #expect(try refuses(bill(), org(uniqueness, 365)))
            // Out of the window, at its edge, or nobody says which it is.
            for days in [nil, 0, 20, 26] { #expect(try !refuses(bill(), org(uniqueness, days))) }
            #expect(try !refuses(bill(), OrgSettings(billNumbers: uniqueness, uniqueInDays: 365)))
            #expect(try !refuses(bill(["type": #""NOT_INTERESTED""#]), org(uniqueness, 365)))
            #expect(try !refuses(returnBill(), org(uniqueness, 365)))
            #expect(try !refuses(bill(["billingDate": nil]), org(uniqueness, 365)))
        }
        for uniqueness in [OrgSettings.Uniqueness.unknown, .none] {
            #expect(try !refuses(bill(), org(uniqueness, 365)))
        }
        let returns = OrgSettings(billNumbers: .org, returnsUnique: true)
        #expect(try refuses(returnBill(["returnType": #""FULL""#]), returns))
        #expect(try !refuses(returnBill(), returns))
        #expect(try !refuses(returnBill(["returnType": #""FULL""#]), OrgSettings(billNumbers: .org)))
    }

    @Test func preparedIsReused() throws {
        let fresh = try prepare(bill())
        var used = try prepare(returnBill(["billNumber": #""X""#, "foo": "1"]))
        let bytes = Array(bill().utf8)
        var tape = JSONTape()
        try tape.parse(bytes, in: 0..<bytes.count)
        Endpoint.transactionsAdd.prepare(
            Item(bytes: bytes, range: 0..<bytes.count, tape: tape, attribution: nil), &used)
        #expect(used.problems == [] && used.identity == fresh.identity)
        #expect(used.content == fresh.content && used.evidence == fresh.evidence)
        #expect(used.orderKeys == fresh.orderKeys && used.binding == fresh.binding)
    }

    /// What ledgers hold never changes: if this fails, every key of every ledger is lost.
    @Test func keysAreStable() throws {
        let sale = try prepare(bill(), attribution: Attribution(kind: .storeCode, code: "leeds"))
        // SHA-256 of "transactions.add", "STORE_CODE", "leeds", "REGULAR" and the number, each after
        // its length in a byte; computed with another program.
        #expect(sale.identity == Identity(high: 10999259488674136671, low: 10264123420131376999))
        #expect(sale.content == 17876298255098142310)
        let other = try prepare(returnBill())
        #expect(other.identity == Identity(high: 16423670762963520229, low: 10573959215170308187))
    }
}
