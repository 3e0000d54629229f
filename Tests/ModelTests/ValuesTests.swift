import Foundation
import Model
import TestSupport
import Testing

@Suite struct ValuesTests {
    @Test(
        "Evidence gives back what it was given",
        arguments: [
            [], [""], ["a", "", "ü\u{1F}"], [String(repeating: "x", count: 300), "y"],
        ])
    func evidence(fields: [String]) {
        #expect(Evidence(fields).fields == fields)
        #expect(Evidence(stored: Evidence(fields).bytes).fields == fields)
    }

    @Test("Evidence that was cut short ends early and never crashes")
    func cutEvidence() {
        let bytes = Evidence(["abc", String(repeating: "x", count: 200)]).bytes
        for length in 0..<bytes.count { _ = Evidence(stored: Array(bytes[..<length])).fields }
        #expect(Evidence(stored: Array(bytes[..<3])).fields == [])
    }

    @Test(
        "Days of the calendar",
        arguments: [
            (0, "1970-01-01"), (-1, "1969-12-31"), (11016, "2000-02-29"), (20487, "2026-02-03"),
            (-719_468, "0000-03-01"),
        ])
    func days(count: Int, text: String) {
        #expect(CivilDay(daysSinceEpoch: count).iso8601 == text)
        #expect(CivilDay(daysSinceEpoch: count).daysSinceEpoch == count)
    }

    @Test(
        "A day that is not in the calendar is none",
        arguments: [(2026, 2, 29), (2026, 13, 1), (2026, 4, 31), (2026, 1, 0)])
    func noDay(year: Int, month: Int, day: Int) {
        #expect(CivilDay(year: year, month: month, day: day) == nil)
    }

    @Test("Every day from 1900 to 2100 has a number of its own")
    func everyDay() {
        for count in -25_567...47_482 {
            let day = CivilDay(daysSinceEpoch: count)
            #expect(CivilDay(year: day.year, month: day.month, day: day.day)?.daysSinceEpoch == count)
        }
    }

    @Test("Instants before 1970 are written right")
    func instants() {
        #expect(Timestamp(milliseconds: 0).iso8601 == "1970-01-01T00:00:00Z")
        #expect(Timestamp(milliseconds: -1).iso8601 == "1969-12-31T23:59:59Z")
        #expect(Timestamp(milliseconds: 1_770_127_500_000).iso8601 == "2026-02-03T14:05:00Z")
    }

    @Test("Run ids sort by start and are never two alike")
    func runIDs() {
        var random = Seeded(1)
        let ids = (0..<1000).map {
            RunID(start: Timestamp(milliseconds: 1_770_127_500_000 + $0 * 1000), using: &random)
        }
        #expect(ids == ids.sorted())
        #expect(Set(ids).count == 1000)
        #expect(ids[0].text.hasPrefix("20260203T140500-"))
        #expect(RunID("../x") == nil)
        #expect(RunID("") == nil)
    }

    @Test("Every reason has a code of its own")
    func reasons() {
        #expect(Set(Reason.all.map(\.code)).count == Reason.all.count)
        for reason in Reason.all {
            #expect(Reason.named(reason.code) == reason)
        }
        #expect(Reason.named("from-a-later-version").turn == .needsPerson)
        #expect(Set(Reason.ofAnyCall).isSubset(of: Reason.all))
    }

    @Test("None of them is left out of the list")
    func allReasons() throws {
        var root = URL(fileURLWithPath: #filePath)
        for _ in 0..<3 { root.deleteLastPathComponent() }
        let text = try String(
            contentsOf: root.appendingPathComponent("Sources/Model/Words/Reason.swift"), encoding: .utf8
        )
        let written = text.components(separatedBy: " = Reason(").count - 1
        #expect(written == Reason.all.count)
    }
}
