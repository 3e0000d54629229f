import Model
import Testing

@testable import Catalog

@Suite("Fields and rules of transactions.add")
struct TransactionsAddFieldsTests {
    struct Case: CustomTestStringConvertible, Sendable {
        let name: String
        let text: String
        let reason: Reason
        let field: String

        init(_ name: String, _ text: String, _ reason: Reason, _ field: String) {
            self.name = name
            self.text = text
            self.reason = reason
            self.field = field
        }

        var testDescription: String { name }
    }

    static let required: [Case] = ["source", "type", "billNumber", "billAmount"].flatMap { name in
        [
            Case("\(name) absent", bill([name: nil]), .missing, name),
            Case("\(name) null", bill([name: "null"]), .missing, name),
        ]
    }

    static let enums: [Case] = [
        ("identifierType", "Mobile"), ("identifierType", ""), ("source", "instore"),
        ("type", "MIXED"), ("type", "regular"), ("returnType", "full"), ("outlierStatus", "GOOD"),
        ("deliveryStatus", "LOST"),
    ].map { Case("\($0) \($1)", bill([$0: "\"\($1)\""]), .notListed, $0) }

    static let single: [Case] = [
        Case("a number too long", bill(["billNumber": text(51)]), .tooLong, "billNumber"),
        Case("an empty number", bill(["billNumber": "\"\""]), .missing, "billNumber"),
        Case("a number as a number", bill(["billNumber": "17"]), .type, "billNumber"),
        Case(
            "reason too long", bill(["notInterestedReason": text(256)]), .tooLong, "notInterestedReason"
        ),
        Case("an amount below zero", bill(["billAmount": "-1"]), .outOfRange, "billAmount"),
        Case("… as text", bill(["billAmount": #""-0.01""#]), .outOfRange, "billAmount"),
        Case("an amount that is none", bill(["billAmount": #""12,50""#]), .type, "billAmount"),
        Case("an empty amount", bill(["billAmount": #""""#]), .type, "billAmount"),
        Case("an amount with a zero in front", bill(["billAmount": #""007""#]), .type, "billAmount"),
        Case("an amount as a boolean", bill(["billAmount": "true"]), .type, "billAmount"),
        Case("gross below zero", bill(["grossAmount": "-0.5"]), .outOfRange, "grossAmount"),
        Case("a discount below zero", bill(["discount": "-1"]), .outOfRange, "discount"),
        Case(
            "a date without offset", bill(["billingDate": #""2026-02-03T10:15:00""#]), .noOffset,
            "billingDate"),
        Case("a day alone", bill(["billingDate": #""2026-02-03""#]), .noOffset, "billingDate"),
        Case("no such day", bill(["billingDate": #""2026-02-30T10:15:00Z""#]), .format, "billingDate"),
        Case("another format", bill(["billingDate": #""03/02/2026 10:15""#]), .format, "billingDate"),
        Case("seconds since 1970", bill(["billingDate": "1770113700"]), .type, "billingDate"),
        Case(
            "a text where a boolean is", bill(["addWithLocalCurrency": #""true""#]), .type,
            "addWithLocalCurrency"),
        Case("an object where a list is", bill(["lineItemsV2": "{}"]), .type, "lineItemsV2"),
        Case("a list where an object is", bill(["extendedFields": "[]"]), .type, "extendedFields"),
        Case("a text among the lines", bill(["lineItemsV2": #"["x"]"#]), .type, "lineItemsV2[0]"),
        Case(
            "null among texts", bill(["appliedPromotionIdentifiers": #"["x", null]"#]), .missing,
            "appliedPromotionIdentifiers[1]"),
        Case("id zero", returnBill(["id": "0"]), .outOfRange, "id"),
        Case("id with a fraction", returnBill(["id": "1.5"]), .type, "id"),
        Case("an unknown field", bill(["lineItems": "[]"]), .unknownField, "lineItems"),
        Case(
            "an unknown field of a line", line(#""quantity": 2"#), .unknownField,
            "lineItemsV2[0].quantity"),
        Case("a quantity below zero", line(#""qty": -2"#), .outOfRange, "lineItemsV2[0].qty"),
        Case("a rate below zero", line(#""rate": "-2""#), .outOfRange, "lineItemsV2[0].rate"),
        Case("a value below zero", line(#""value": -2"#), .outOfRange, "lineItemsV2[0].value"),
        Case(
            "a line's amount below zero", line(#""amount": -2"#), .outOfRange, "lineItemsV2[0].amount"),
        Case(
            "returnable days below zero", line(#""returnableDays": -1"#), .outOfRange,
            "lineItemsV2[0].returnableDays"),
        Case(
            "a line's returnType", line(#""returnType": "CANCELLED""#), .notListed,
            "lineItemsV2[0].returnType"),
        Case(
            "a combo's type", line(#""comboDetails": [{"comboType": "COMBO"}]"#), .notListed,
            "lineItemsV2[0].comboDetails[0].comboType"),
        Case(
            "notes too long", bill(["paymentModes": #"[{"mode": "Cash"}, {"notes": \#(text(251))}]"#]),
            .tooLong, "paymentModes[1].notes"),
        Case(
            "redeemed points", bill(["redemptions": #"{"pointsRedemptions": ["x"]}"#]), .type,
            "redemptions.pointsRedemptions[0]"),
        Case(
            "created by", bill(["attribution": #"{"createdBy": {"code": "t", "type": "till"}}"#]),
            .notListed, "attribution.createdBy.type"),
    ]

    static let rules: [Case] = [
        Case("no type of customer", bill(["identifierType": nil]), .missing, "identifierType"),
        Case("no value", bill(["identifierValue": nil]), .missing, "identifierValue"),
        Case("an empty value", bill(["identifierValue": #""""#]), .missing, "identifierValue"),
        Case(
            "half a customer", bill(["type": #""NOT_INTERESTED""#, "identifierType": nil]), .missing,
            "identifierType"),
        Case(
            "an id that is no number", bill(["identifierType": #""id""#, "identifierValue": #""a1""#]),
            .rule, "identifierValue"),
        Case("a return of no kind", returnBill(["returnType": nil]), .missing, "returnType"),
        Case("a return of no purchase", returnBill(["purchaseTime": nil]), .missing, "purchaseTime"),
        Case(
            "returned before bought", returnBill(["purchaseTime": #""2026-02-03T10:15:01Z""#]), .rule,
            "purchaseTime"),
        Case(
            "an anonymous return cancelled",
            returnBill(["type": #""NOT_INTERESTED_RETURN""#, "returnType": #""CANCELLED""#]), .rule,
            "returnType"),
        Case(
            "lines returned, none given", returnBill(["returnType": #""LINE_ITEM""#]), .rule,
            "lineItemsV2"),
        Case(
            "… an empty list given", returnBill(["returnType": #""LINE_ITEM""#, "lineItemsV2": "[]"]),
            .rule, "lineItemsV2"),
        Case(
            "a line by line in a full return",
            returnBill(["returnType": #""FULL""#, "lineItemsV2": #"[{"returnType": "LINE_ITEM"}]"#]),
            .rule, "lineItemsV2[0].returnType"),
        Case(
            "a mixed bill's line without its original",
            line(#""type": "RETURN", "returnType": "AMOUNT", "purchaseTime": "2026-01-01T00:00:00Z""#),
            .missing, "lineItemsV2[0].parentBillNumber"),
        Case(
            "… without its time",
            line(#""type": "RETURN", "returnType": "AMOUNT", "parentBillNumber": "R1""#),
            .missing, "lineItemsV2[0].purchaseTime"),
        Case(
            "… without its kind",
            line(
                #""type": "RETURN", "parentBillNumber": "R1", "purchaseTime": "2026-01-01T00:00:00Z""#),
            .missing, "lineItemsV2[0].returnType"),
    ]

    @Test("is refused, naming the field", arguments: required + enums + single + rules)
    func refused(_ it: Case) throws {
        let problems = try prepare(it.text).problems
        #expect(problems.map(\.reason) == [it.reason])
        #expect(problems.map(\.field) == [it.field])
        #expect(problems.allSatisfy { !$0.message.isEmpty })
    }

    static let fit: [(String, String)] = [
        ("numbers as text", bill(["billAmount": #""250.0""#, "discount": #""1e2""#])),
        ("an empty discount", bill(["discount": #""""#])),
        ("nothing", bill(["billAmount": "0"])),
        ("minus nothing", bill(["billAmount": "-0.0"])),
        (
            "fifty characters of two bytes each",
            bill(["billNumber": #""\#(String(repeating: "é", count: 50))""#])
        ),
        ("spaces in the number", bill(["billNumber": #"" A 1 ""#])),
        ("optional fields null", bill(["note": "null", "billingDate": "null", "lineItemsV2": "null"])),
        ("no date", bill(["billingDate": nil])),
        ("a fraction of a second", bill(["billingDate": #""2026-02-03T10:15:00.123+05:30""#])),
        ("west", bill(["billingDate": #""2026-02-03T10:15:00-08:00""#])),
        (
            "anonymous",
            bill(["type": #""NOT_INTERESTED""#, "identifierType": nil, "identifierValue": nil])
        ),
        ("anonymous, with a customer", bill(["type": #""NOT_INTERESTED""#])),
        ("a return", returnBill()),
        ("cancelled", returnBill(["returnType": #""CANCELLED""#])),
        ("returned at once", returnBill(["purchaseTime": #""2026-02-03T10:15:00Z""#])),
        ("ids as text", returnBill(["id": #""700000001""#])),
        (
            "a mixed bill",
            line(
                #""type": "RETURN", "returnType": "AMOUNT", "parentBillNumber": "R1", "purchaseTime": "2026-01-01T00:00:00Z""#
            )
        ),
        (
            "the org's own fields",
            bill(["extendedFields": #"{"a": {"b": [1, null]}}"#, "customFields": "{}"])
        ),
        ("fields of a line", line(#""customFields": {"x": "y"}, "extendedFields": {}"#)),
        ("an escaped name", #"{"\u0062illNumber": "A", "# + bill(["billNumber": nil]).dropFirst()),
    ]

    @Test("is fit to be sent", arguments: fit)
    func accepted(_ it: (String, String)) throws {
        #expect(try prepare(it.1).problems == [])
    }

    @Test func everyProblemIsTold() throws {
        let problems = try prepare(bill(["source": nil, "billAmount": "-1", "foo": "1"])).problems
        #expect(Set(problems.map(\.reason)) == [.missing, .outOfRange, .unknownField])
    }

    @Test func nearestNameIsSuggested() throws {
        let problems = try prepare(bill(["bilNumber": "\"1\""])).problems
        #expect(problems.first?.message.contains("billNumber") == true)
        let source = try prepare(bill(["source": #""Ecommerce""#])).problems
        #expect(source.first?.message.contains("Did you mean ECOMMERCE") == true)
    }

    @Test("is no bill", arguments: ["[]", "1", "\"x\"", "null", "true"])
    func noObject(_ text: String) throws {
        #expect(try prepare(text).problems.map(\.reason) == [.type])
    }

    private static func text(_ count: Int) -> String {
        "\"" + String(repeating: "x", count: count) + "\""
    }

    private static func line(_ members: String) -> String { bill(["lineItemsV2": "[{\(members)}]"]) }
}
