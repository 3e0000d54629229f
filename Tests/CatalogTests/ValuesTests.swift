import Model
import Records
import TestSupport
import Testing

@testable import Catalog

@Suite("Decimal numbers")
struct DecimalNumberTests {
    @Test(
        "equal by value",
        arguments: [
            ("42.50", "4.25e1"), ("0", "-0.0"), ("0", "0e9"), ("1000", "1E3"), ("0.001", "1e-3"),
            ("123456789012345678", "123456789012345678.000"),
            ("100000000000000000000000", "1e23"), ("0.000000000000000000000001", "1e-24"),
            ("1234567890123456789012345.0", "1234567890123456789012345"),
            ("12345678901234567890.12345", "1234567890123456789012345e-5"),
        ])
    func equal(_ one: String, _ other: String) throws {
        let (a, b) = (try #require(DecimalNumber(one)), try #require(DecimalNumber(other)))
        #expect(a == b)
        #expect(a.digest == b.digest)
    }

    @Test(
        "different",
        arguments: [
            ("42.5", "42.51"), ("1", "-1"), ("1", "10"), ("0.1", "0.01"),
            ("1234567890123456789012345", "1234567890123456789012346"),
            ("1234567890123456789012345", "12345678901234567890123450"),
        ])
    func different(_ one: String, _ other: String) throws {
        let (a, b) = (try #require(DecimalNumber(one)), try #require(DecimalNumber(other)))
        #expect(a != b)
        #expect(a.digest != b.digest)
    }

    @Test(
        "is none",
        arguments: [
            "", "-", "+1", "1.", ".5", "007", "1e", "1e+", "0x1", "1,5", " 1", "1 ", "NaN", "1e999999",
            "--1", "1.2.3",
        ])
    func none(_ text: String) { #expect(DecimalNumber(text) == nil) }

    @Test(
        "cut off",
        arguments: [
            ("42.57", 0, "42"), ("42.57", 1, "42.5"), ("42.57", 2, "42.57"), ("42.57", 6, "42.57"),
            ("0.9", 0, "0"), ("100", 0, "100"), ("5e-30", 2, "0"),
        ] as [(String, Int, String)])
    func floored(_ text: String, _ places: Int, _ result: String) throws {
        #expect(try #require(DecimalNumber(text)).floored(to: places) == DecimalNumber(result))
    }

    @Test func flooredLess() {
        #expect(DecimalNumber("38.98")?.floored(to: 2, less: 1) == DecimalNumber("38.97"))
        #expect(DecimalNumber("0.5")?.floored(to: 0, less: 1) == nil)
        #expect(DecimalNumber("-1")?.floored(to: 0) == nil)
        #expect(DecimalNumber("1234567890123456789012345")?.floored(to: 0) == nil)
    }

    @Test func below() throws {
        #expect(try #require(DecimalNumber("0.5")).isBelow(1))
        #expect(try #require(DecimalNumber("-3")).isBelow(1))
        #expect(try !#require(DecimalNumber("1")).isBelow(1))
        #expect(try !#require(DecimalNumber("1e30")).isBelow(100))
        #expect(try !#require(DecimalNumber("100")).isBelow(100))
        #expect(try #require(DecimalNumber("99.99")).isBelow(100))
    }

    @Test("digits and zeros make no difference", arguments: 1...50)
    func written(_ seed: UInt64) throws {
        var random = Seeded(seed)
        let digits = (0..<Int.random(in: 1...30, using: &random)).map { _ in
            String(Int.random(in: 0...9, using: &random))
        }
        let mantissa = "1" + digits.joined()
        let power = Int.random(in: -40...40, using: &random)
        let one = try #require(DecimalNumber("\(mantissa)e\(power)"))
        #expect(one == DecimalNumber("\(mantissa)000e\(power - 3)"), "seed \(seed)")
        #expect(one == DecimalNumber("\(mantissa).00E\(power)"), "seed \(seed)")
        #expect(one != DecimalNumber("\(mantissa)1e\(power - 1)"), "seed \(seed)")
    }
}

@Suite("Instants")
struct InstantTests {
    @Test(
        "is read",
        arguments: [
            ("1970-01-01T00:00:00Z", 0, 0), ("1970-01-01T05:30:00+05:30", 0, 330),
            ("1969-12-31T16:00:00-08:00", 0, -480), ("1970-01-01T00:00:01.5Z", 1500, 0),
            ("1970-01-01T00:00:00.123456789+0000", 123, 0),
            ("2026-02-03T10:15:00Z", 1_770_113_700_000, 0),
            ("2024-02-29T00:00:00+14:00", 1_709_114_400_000, 840),
        ] as [(String, Int64, Int)])
    func read(_ text: String, _ milliseconds: Int64, _ offset: Int) {
        let instant = Instant(text)
        #expect(instant?.timestamp.milliseconds == milliseconds)
        #expect(instant?.offset == offset)
    }

    @Test("has no offset", arguments: ["2026-02-03", "2026-02-03T10:15:00", "2026-02-03T10:15:00.5"])
    func local(_ text: String) {
        #expect(Instant(text) != nil)
        #expect(Instant(text)?.offset == nil)
    }

    @Test(
        "is none",
        arguments: [
            "", "2026", "2026-2-3", "2026-02-30T00:00:00Z", "2025-02-29T00:00:00Z",
            "2026-13-01T00:00:00Z",
            "2026-02-03T24:00:00Z", "2026-02-03T10:60:00Z", "2026-02-03T10:15:60Z", "2026-02-03T10:15Z",
            "2026-02-03 10:15:00Z", "2026-02-03T10:15:00 Z", "2026-02-03T10:15:00z",
            "2026-02-03T10:15:00.Z",
            "2026-02-03T10:15:00+5:30", "2026-02-03T10:15:00+05", "2026-02-03T10:15:00+05:60",
            "2026-02-03T10:15:00+19:00", "2026-02-03T10:15:00Zx", "2026-02-03T10:15:00.1234567890Z",
            "x026-02-03",
        ])
    func none(_ text: String) { #expect(Instant(text) == nil) }
}

@Suite("Nearest names")
struct SuggestionTests {
    @Test(
        "is meant",
        arguments: [
            ("bilNumber", "billNumber"), ("BILLNUMBER", "billNumber"), ("billNmuber", "billNumber"),
            ("lineItems", "lineItemsV2"), ("identifierTyp", "identifierType"), ("sorce", "source"),
        ])
    func near(_ word: String, _ name: String) {
        #expect(Suggestion.nearest(to: word, among: TransactionsAdd.fields.map(\.name)) == name)
    }

    @Test("is none of them", arguments: ["", "zzz", "customerMobileNumber"])
    func far(_ word: String) {
        #expect(Suggestion.nearest(to: word, among: TransactionsAdd.fields.map(\.name)) == nil)
    }
}

@Suite("Digests")
struct DigestTests {
    @Test func textsNeverRunTogether() {
        func digest(_ parts: String...) -> UInt64 {
            var digest = Digest(1)
            for part in parts { digest.add(part) }
            return digest.value
        }
        let all = [
            digest("ab", "c"), digest("a", "bc"), digest("abc"), digest("abc", ""), digest("", "abc"),
            digest(), digest(""), digest("abcdefgh"), digest("abcdefgh\0"), digest("abcdefghi"),
            digest("\0"),
            digest("\0\0"),
        ]
        #expect(Set(all).count == all.count)
    }

    @Test func numberedTextsDiffer() {
        var seen: Set<UInt64> = []
        for number in 0..<100_000 {
            var digest = Digest(2)
            digest.add("R-20260203-\(number)")
            seen.insert(digest.value)
        }
        #expect(seen.count == 100_000)
    }
}

@Suite("Queries")
struct QueryTests {
    @Test func encoded() {
        #expect(percentEncoded("aZ09-._~") == "aZ09-._~")
        #expect(percentEncoded("a b/c?d&e=f+g%é") == "a%20b%2Fc%3Fd%26e%3Df%2Bg%25%C3%A9")
        #expect(query(["a": "1 2", "b": ""]) == "a=1%202&b=")
    }
}
