import Testing

@testable import Sandbox

@Suite("The books")
struct BooksTests {
    private func bill(_ number: String, amount: Int64 = 1, customer: Int64 = 5) -> BillDraft {
        var bill = BillDraft()
        bill.number = bill.hold(number.utf8)
        bill.place = bill.hold("till.a.1".utf8)
        bill.identifier = bill.hold("447".utf8)
        bill.amount = amount
        bill.customer = customer
        bill.sealIdentity()
        return bill
    }

    @Test("A packed bill comes out as it went in", arguments: 0..<200)
    func packing(seed: Int) throws {
        var random = UInt64(seed)
        func next(_ bound: Int) -> Int {
            random = mixed(random)
            return Int(random % UInt64(bound))
        }
        var bill = BillDraft()
        bill.number = bill.hold("N\(next(1_000_000))".utf8)
        bill.kind = BillKind.allCases[next(4)]
        bill.returnKind = ReturnKind.allCases[next(5)]
        bill.identifierType = UInt8(next(7))
        bill.source = UInt8(next(11))
        bill.identifier = bill.hold(String(repeating: "x", count: next(300)).utf8)
        bill.customer = Int64(next(1 << 52))
        bill.amount = Int64(next(1 << 50)) - (1 << 49)
        bill.gross = Int64(next(1000))
        bill.discount = Int64(next(1000))
        bill.billed = BillDate(seconds: Int64(next(1 << 40)) - (1 << 39))
        if next(2) == 0 { bill.billed.offsetMinutes = next(1440) - 720 }
        if next(2) == 0 {
            bill.purchased = Int64(next(1 << 32)) - (1 << 31)
            bill.original = Int64(next(1 << 30))
        }
        bill.place = bill.hold("till.\(next(100)).1".utf8)
        bill.placeIsTill = next(2) == 0
        bill.booked = Int64(next(1 << 45))
        for _ in 0..<next(5) {
            bill.lines.append(
                BillLine(
                    code: bill.hold("I\(next(99))".utf8), quantity: Int64(next(1 << 30)),
                    amount: Int64(next(1 << 30))))
        }
        bill.sealIdentity()
        var packed: [UInt8] = [1, 2, 3]
        bill.pack(into: &packed)
        var out = BillDraft()
        #expect(out.unpack(packed, at: 3) == packed.count)
        var again: [UInt8] = [1, 2, 3]
        out.pack(into: &again)
        #expect(again == packed)
        #expect(
            out.billed == bill.billed && out.kind == bill.kind && out.lines.count == bill.lines.count)
        for end in 3..<packed.count { #expect(out.unpack(Array(packed[..<end]), at: 3) == nil) }
    }

    @Test("Bills are found by number, however many there are")
    func finding() {
        var books = Books()
        var ids: [[Int64]] = Array(repeating: [], count: 20_000)
        for index in 0..<60_000 {
            ids[index / 3].append(books.add(bill("B-\(index / 3)", amount: Int64(index))))
        }
        for (index, expected) in ids.enumerated() {
            let number = Array("B-\(index)".utf8)
            #expect(books.ids(number, number.indices) == expected.reversed())
        }
        #expect(books.duplicated == 0)
        #expect(!books.hasNumber(Array("B-".utf8), 0..<2))
    }

    @Test("Equal content booked again is a duplicate, other content of that number is not")
    func duplicates() {
        var books = Books()
        for _ in 0..<3 { _ = books.add(bill("A")) }
        _ = books.add(bill("A", amount: 2))
        _ = books.add(bill("B", customer: 6))
        #expect(books.count == 5)
        #expect(books.duplicated == 1)
        #expect(books.surplus == 2)
        #expect(books.duplicateNumbers == [Array("A".utf8)])
    }
}

@Suite("Amounts and dates")
struct ValueTests {
    @Test(
        "Decimals are read exactly",
        arguments: [
            ("42.5", 42_500_000), ("-0.000001", -1), ("1e3", 1_000_000_000), ("12.5E-1", 1_250_000),
            ("0", 0), ("007", 7_000_000), ("0.12345678", 123_456),
            ("9000000000000", 9_000_000_000_000_000_000),
        ] as [(String, Int64)])
    func decimals(text: String, micros: Int64) {
        #expect(Micros.parse(Array(text.utf8), 0..<text.utf8.count) == micros)
    }

    @Test(
        "What is no decimal is none",
        arguments: ["", "-", ".5", "1,5", "1e", "abc", "1.5x", "99999999999999", "1e39"])
    func noDecimals(text: String) {
        #expect(Micros.parse(Array(text.utf8), 0..<text.utf8.count) == nil)
    }

    @Test(
        "Amounts are floored",
        arguments: [
            (42_999_999, 0, 42_000_000), (42_999_999, 2, 42_990_000), (-1, 0, -1_000_000), (5, 6, 5),
        ]
            as [(Int64, Int, Int64)])
    func flooring(value: Int64, decimals: Int, floored: Int64) {
        #expect(Micros.floored(value, decimals: decimals) == floored)
    }

    @Test(
        "Dates are read with and without an offset",
        arguments: [
            ("1970-01-01", 0, nil), ("1970-01-02T00:00:01Z", 86_401, 0),
            ("1970-01-01T05:30:00+05:30", 0, 330),
            ("1969-12-31T19:00:00.123-0500", 0, -300), ("1970-01-01 00:01", 60, nil),
        ] as [(String, Int64, Int?)])
    func dates(text: String, seconds: Int64, offset: Int?) throws {
        let date = try #require(BillDate(Array(text.utf8), 0..<text.utf8.count, serverZoneMinutes: 0))
        #expect(date.seconds == seconds)
        #expect(date.offsetMinutes == offset)
    }

    @Test(
        "What is no date is none",
        arguments: [
            "", "2026-02-30", "03/02/2026", "2026-02-03T25:00:00Z", "2026-02-03T10:00:00+5",
            "2026-02-03T10:00:00Zx",
        ])
    func noDates(text: String) {
        #expect(BillDate(Array(text.utf8), 0..<text.utf8.count, serverZoneMinutes: 0) == nil)
    }

    @Test("An org that drops offsets keeps the clock time")
    func droppedOffsets() throws {
        let text = Array("2026-02-03T10:15:00+05:30".utf8)
        let date = try #require(BillDate(text, text.indices, serverZoneMinutes: 60))
        var out: [UInt8] = []
        out.add(instant: date.droppingOffset(serverZoneMinutes: 60).seconds, zoneMinutes: 60)
        #expect(String(decoding: out, as: UTF8.self) == "2026-02-03T10:15:00+01:00")
    }
}
