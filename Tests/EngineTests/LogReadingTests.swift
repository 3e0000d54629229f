import Model
import Testing

@testable import Catalog
@testable import Engine
@testable import Ledger

/// What a log of generated cards proves of a call whose answer was lost.
@Suite struct LogReadingTests {
    private static func entry(_ id: String, _ count: Int) -> CardsGenerate.LogEntry {
        CardsGenerate.LogEntry(id: id, series: "12", count: count, till: "51", date: "")
    }

    private static func call(
        _ number: Int64, _ count: Int, known: Set<String>, received: Int = 0
    ) -> CardCall {
        CardCall(
            number: number, order: 1, line: 0, series: 12, count: count,
            state: received > 0 ? .answered : .pending, started: Timestamp(milliseconds: 0),
            known: known, received: received, stranded: 0, note: nil)
    }

    private static let before = call(1, 40, known: ["a"], received: 40)

    private static func read(
        _ entries: [CardsGenerate.LogEntry], known: Set<String> = ["a"], claimed: Set<String> = [],
        answered: [CardCall] = [before]
    ) -> LogReading {
        LogReading(
            of: call(2, 39, known: known), in: entries, claimed: claimed, answered: answered)
    }

    @Test("A new entry of its count is it, whatever was there before or is another's")
    func exact() {
        let entries = [Self.entry("a", 39), Self.entry("b", 40), Self.entry("c", 39)]
        #expect(Self.read(entries).exact.map(\.id) == ["c"])
        #expect(Self.read(entries, claimed: ["c"]).exact.isEmpty)
        #expect(Self.read(entries + [Self.entry("d", 39)]).exact.count == 2)
        // Entries of more cards are never it.
        #expect(Self.read([Self.entry("a", 39), Self.entry("e", 41)]).fewer.isEmpty)
        #expect(Self.read([Self.entry("a", 39), Self.entry("e", 38)]).fewer.map(\.id) == ["e"])
    }

    @Test("The call before is the witness: there before, there since, or not yet")
    func witness() {
        let a = Self.entry("a", 39)
        #expect(Self.read([a]).witness == .isMissing)
        #expect(Self.read([a, Self.entry("b", 40)]).witness == .isThere)
        #expect(Self.read([a, Self.entry("b", 40)], known: ["a", "b"]).witness == .wasThere)
        #expect(Self.read([a], answered: []).witness == .wasThere)
        // Of an answer that fell short, the log may have either count.
        let short = Self.call(1, 40, known: ["a"], received: 36)
        #expect(Self.read([a, Self.entry("b", 36)], answered: [short]).witness == .isThere)
        #expect(Self.read([a, Self.entry("b", 36)], answered: [short]).fewer.isEmpty)
        // A late entry of the call before is not taken for this one.
        let same = Self.call(1, 39, known: ["a"], received: 39)
        #expect(Self.read([a, Self.entry("b", 39)], answered: [same]).exact.isEmpty)
    }

    @Test("A log that lost what it had proves nothing; what is claimed counts as had")
    func whole() {
        #expect(!Self.read([Self.entry("b", 40)]).isWhole)
        #expect(Self.read([Self.entry("a", 39)]).isWhole)
        #expect(Self.read([Self.entry("a", 39)], claimed: ["a"]).isWhole)
    }
}
