import Foundation
import Ledger
import Model
import Testing

@testable import Reports

@Suite("Reports of one run and of several, in every form")
struct OverviewTests {
    private static let hostile = #"=cmd|' /C calc'!A0 <script>alert("x")</script> | 919845012345 `b`"#

    /// Twelve bills: eight land, two of them after a lost answer; two are refused with hostile words, one is
    /// parked, one is invalid.
    private func small() async throws -> SmallLedger {
        let small = try await SmallLedger(rows: (0..<12).map { "s,B-\($0),p,1\n" })
        try await small.admit(invalid: [11: Refusal(.type, field: "x", message: "Expected a number.")])
        try await small.attempt([0, 1, 2, 3], at: 1) {
            Settlement(record: Int64($0), event: .answeredAccepted)
        }
        try await small.attempt(
            [4, 5, 6, 7], at: 2, state: .unanswered, status: nil, trouble: "timeout"
        ) {
            Settlement(
                record: Int64($0), event: .lostAnswer, evidence: Evidence(["B-\($0)", "leeds_01"]),
                tries: 1)
        }
        for record in 4..<8 {
            try await small.ledger.settle(
                run: small.run.number, scope: small.run.scope, at: SmallLedger.start + .seconds(5),
                [
                    record < 6
                        ? Settlement(record: Int64(record), event: .provedPresent, detail: .proved)
                        : Settlement(record: Int64(record), event: .provedAbsent)
                ])
        }
        // After a pause.
        try await small.attempt([6, 7], at: 600) {
            Settlement(record: Int64($0), event: .answeredAccepted)
        }
        try await small.attempt([8, 9, 10], at: 601) { record in
            let refusal = Refusal(
                record == 10 ? .parkedByServer : .refused, serverCode: 600, message: Self.hostile)
            return Settlement(
                record: Int64(record), event: record == 10 ? .answeredParked : .answeredRejected,
                trouble: small.trouble(record, refusal))
        }
        try await small.end(exitCode: 1, requests: 5)
        return small
    }

    private func overview(
        _ small: SmallLedger, showData: Bool = false, runs: [RunRow]? = nil
    ) throws -> Overview {
        let rows = try runs ?? [small.current()]
        return Overview(
            try rows.map {
                try RunReport(
                    run: $0, ledger: small.ledger, isHeld: false, showData: showData, isWhole: true,
                    now: SmallLedger.start + .seconds(1000))
            }, failures: try FailureReport(runs: rows, ledger: small.ledger, now: SmallLedger.start),
            now: SmallLedger.start)
    }

    @Test func aPageRunsNothingAndAsksForNothing() async throws {
        let small = try await small()
        defer { small.remove() }
        for shows in [false, true] {
            let page = try overview(small, showData: shows).text(.html)
            #expect(
                !page.contains("<script") && !page.contains("http:") && !page.contains("https:")
                    && !page.contains("src="))
            #expect(page.contains("&lt;script&gt;"))
            #expect(page.contains("919845012345") == shows)
            #expect(page.contains("B-8") == shows)
            // Every element that is opened is closed.
            for tag in ["section", "table", "svg", "dl", "ul", "p", "div", "details", "h2", "h3"] {
                let opened =
                    page.components(separatedBy: "<\(tag)>").count
                    + page.components(separatedBy: "<\(tag) ").count - 2
                #expect(opened == page.components(separatedBy: "</\(tag)>").count - 1, "\(tag)")
            }
        }
    }

    @Test func timeAndDoubtsAreTold() async throws {
        let small = try await small()
        defer { small.remove() }
        let detail = try #require(try overview(small).reports[0].detail)
        let settled = detail.settled
        #expect(settled.records == 4 && settled.found == 2 && settled.resent == 2)
        let slices = detail.timeline.slices
        #expect(slices.reduce(0) { $0 + $1.requests } == 4)
        #expect(slices.reduce(0) { $0 + $1.records } == 4 + 2 + 3)
        let pauses = slices.compactMap(\.pause)
        #expect(pauses == [.seconds(597)])
        #expect(slices.count < 120)
        #expect(detail.timeline.faults.map(\.fault.trouble) == ["timeout"])
        #expect(slices.compactMap(\.median).allSatisfy { (1000...1200).contains($0) })
        let page = try overview(small).text(.html)
        #expect(page.contains("Dashed lines") && page.contains("found on the server"))
    }

    @Test func aSpreadsheetFindsNoFormula() async throws {
        let small = try await small()
        defer { small.remove() }
        let csv = try overview(small, showData: true).text(.csv)
        #expect(csv.contains("'=cmd|"))
        #expect(csv.hasPrefix("kind (for reading only: not to be sent again),"))
        let lines = csv.split(separator: "\n")
        let outcomes = lines.filter { $0.hasPrefix("outcome,") }
        #expect(outcomes.count == Overview.outcomes.count)
        #expect(try !overview(small).text(.csv).contains("919845012345"))
    }

    @Test func aTicketsTableHolds() async throws {
        let small = try await small()
        defer { small.remove() }
        let text = try overview(small).text(.markdown)
        let rows = text.split(separator: "\n").filter { $0.hasPrefix("|") }
        let why = try #require(rows.first { $0.contains("owner") })
        func columns(_ row: Substring) -> Int {
            row.replacing("\\|", with: "").count { $0 == "|" }
        }
        let hostile = try #require(rows.first { $0.contains("calc") })
        #expect(columns(hostile) == columns(why))
        #expect(!text.contains("<script"))
    }

    @Test func retriesCountOnce() async throws {
        let small = try await small()
        defer { small.remove() }
        let again = try await SmallLedger(
            name: "20260204T141500-8k2m9qd4xz", rows: ["s,B-8,p,1\n"], in: small)
        let other = try overview(small, runs: [again.current(), small.current()])
        // It retries nothing: both count.
        #expect(other.own.count == 2)
        var child = try RunReport(run: again.current(), ledger: small.ledger, isWhole: true)
        child.first = try small.current()
        var root = try RunReport(run: small.current(), ledger: small.ledger, isWhole: true)
        var repairs = try small.ledger.repairs(of: small.run.number)
        repairs.repaired = 2
        root.repairs = repairs
        var failures = other.failures
        failures.repaired = 2
        let both = Overview([child, root], failures: failures)
        #expect(both.records == 12)
        #expect(both.repairs?.repaired == 2 && both.repairs?.open == failures.open)
        #expect(try both.text(.html).contains("2 repaired"))
        let json = try both.text(.json)
        let object = try #require(
            try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any])
        #expect((object["records"] as? [String: Int])?["read"] == 12)
        #expect(object["repaired"] as? Int == 2)
        #expect((object["runs"] as? [Any])?.count == 2)
        #expect(try both.text(.text).contains("2 runs of nightly"))
    }

    @Test func whatIsOpenHasAgeAndTurn() async throws {
        let small = try await small()
        defer { small.remove() }
        let day = Duration.seconds(86_400)
        for (days, slot) in [(0, 0), (3, 1), (20, 2), (400, 3)] {
            let report = try FailureReport(
                runs: [small.current()], ledger: small.ledger, now: SmallLedger.start + day * days)
            #expect(report.open == 3)
            #expect(report.groups.allSatisfy { $0.byAge[slot] == $0.count })
            #expect(report.byTurn.reduce(0) { $0 + $1.count } == 3)
        }
    }

    @Test("Every name in the JSON is told in its document, and every one told is there")
    func theJSONIsAsTold() async throws {
        let small = try await small()
        defer { small.remove() }
        let path =
            URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().path + "/samples/reports/README.md"
        let told = try String(contentsOfFile: path, encoding: .utf8)
        let one =
            try JSONSerialization.jsonObject(
                with: Data(try overview(small).text(.json).utf8)) as? [String: Any]
        let document = try #require(one)
        #expect(document["schema"] as? Int == 1)
        var names = Set<String>()
        func collect(_ value: Any, isFree: Bool = false) {
            if let list = value as? [Any] { for one in list { collect(one) } }
            guard let object = value as? [String: Any] else { return }
            for (name, value) in object {
                // Causes and ages are words, no names.
                if !isFree { names.insert(name) }
                collect(value, isFree: name == "waited_seconds" || name == "by_age")
            }
        }
        collect(document)
        for name in names { #expect(told.contains("`\(name)`"), "\(name) is not told") }
        let always = [
            "schema", "run", "job", "endpoint", "connection", "org", "state", "started", "gathered",
            "records",
            "skipped_by", "accepted_by", "rows", "active_seconds", "requests", "reasons", "inputs",
            "doubts",
            "files", "next", "timeline", "faults", "settled_doubts", "lineage",
        ]
        for name in always { #expect(document[name] != nil, "\(name) is missing") }
        let first = (document["settled_doubts"] as? [String: Any])?["first"] as? [[String: Any]]
        #expect(first?.map { $0["record"] as? Int } == [4, 5, 6, 7])
        #expect(first?.allSatisfy { $0["state"] as? String == "accepted" } == true)
    }

    @Test("What a report holds does not grow with the troubles, nor with the server's codes")
    func bounded() async throws {
        let count = 3000
        let small = try await SmallLedger(rows: (0..<count).map { "s,B-\($0),p,1\n" })
        defer { small.remove() }
        let refusals = (0..<count).map { index in
            (index, Refusal(.refused, serverCode: index % 1500, message: "no \(index)"))
        }
        try await small.admit(invalid: Dictionary(uniqueKeysWithValues: refusals))
        try await small.end(exitCode: 1, requests: 0)
        let run = try small.current()
        let failures = try FailureReport(runs: [run], ledger: small.ledger, now: SmallLedger.start)
        #expect(failures.open == count)
        #expect(failures.groups.count == FailureReport.groupLimit + 1)
        let report = try RunReport(
            run: run, ledger: small.ledger, isHeld: false, isWhole: true, now: SmallLedger.start)
        #expect(report.groups.reduce(0) { $0 + $1.count } == count)
        #expect(report.groups.count <= 1001)
        #expect(report.groups.allSatisfy { $0.furtherPlaces.count <= 4 })
        let overview = Overview([report], failures: failures, now: SmallLedger.start)
        for format in Overview.Format.allCases {
            #expect(try overview.text(format).utf8.count < 3_000_000, "\(format)")
        }
    }
}
