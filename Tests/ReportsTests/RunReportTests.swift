import Foundation
import Ledger
import Model
import Reports
import Testing

@Suite("The report of a run") struct RunReportTests {
    private func small(ended: Bool = true) async throws -> SmallLedger {
        let small = try await SmallLedger(rows: RejectFilesTests.rows)
        try await small.admit(invalid: [
            2: Refusal(.missing, field: "lineItemsV2[2].qty"),
            3: Refusal(.missing, field: "lineItemsV2[7].qty"),
        ])
        try await small.attempt([0, 1, 4, 5], at: 1) { index in
            switch index {
            case 0: Settlement(record: 0, event: .answeredAccepted, serverID: ServerID("71"))
            case 1:
                Settlement(
                    record: 1, event: .answeredRejected,
                    trouble: small.trouble(
                        1,
                        Refusal(
                            .customerUnknown, serverCode: 8015,
                            message: "no 919876543210\u{1B}[31m, a@b.in")))
            default:
                Settlement(
                    record: Int64(index), event: .answeredAccepted, detail: .warned,
                    serverID: ServerID("8\(index)"),
                    warnings: [Warning(code: 9, message: "tax ignored")])
            }
        }
        if ended {
            try await small.attempt([6], at: 3) { _ in
                Settlement(record: 6, event: .answeredAccepted, serverID: ServerID("x-1"))
            }
            try await small.end(exitCode: 1, requests: 5)
        } else {
            try await small.attempt([6], at: 3, state: .unanswered, status: nil, trouble: "timeout") {
                Settlement(
                    record: Int64($0), event: .lostAnswer,
                    trouble: small.trouble($0, Refusal(.noAnswer, message: "timeout"), stage: "answer"),
                    evidence: Evidence(["B-6"]), tries: 1)
            }
            try await small.end(.stopped, exitCode: 4, ending: "interrupted", requests: 5)
        }
        return small
    }

    private func report(
        _ small: SmallLedger, isHeld: Bool? = false, rejects: RejectFiles.Written? = nil,
        showData: Bool = false
    ) throws -> RunReport {
        try RunReport(
            run: small.current(), ledger: small.ledger, rejects: rejects, isHeld: isHeld,
            showData: showData,
            now: SmallLedger.start + .seconds(100))
    }

    @Test func golden() async throws {
        let small = try await small()
        defer { small.remove() }
        let files = RejectFiles.Written(
            number: 1,
            files: [
                .init(kind: .rejects, path: "/state/rejects.csv", records: 3),
                .init(kind: .reasons, path: "/state/reasons.csv", records: 3),
            ])
        let text = try report(small, rejects: files).text(width: 80)
        #expect(
            text == """
                20260203T141500-7k2m9qd4xz of nightly: finished, exit 1
                transactions.add to org 1001 over eu-prod, started 2026-02-03T14:15:00Z

                  read           7
                  accepted       4  2 with warnings
                  skipped        0
                  rejected       1
                  invalid        2
                  parked         0
                  failed         0
                  in doubt       0
                  unsent         0
                  queue             not checked yet: accepted records may still turn out parked
                  time       4.0 s
                  records/s    1.7
                  requests       5

                Why:
                  2 invalid: missing, field lineItemsV2[].qty
                    first at bills.csv, line 4 (row 3)
                    you: Fill in the field.
                  1 rejected: customer-unknown, server code 8015
                    “no ############ [##m, <email>”
                    at bills.csv, line 3 (row 2)
                    you: Import the customer, then `sluice retry`.

                To fix and send again (3 records):
                  /state/rejects.csv
                Reasons, to read (3 lines):
                  /state/reasons.csv

                Some may be accepted now without a change: `sluice retry
                20260203T141500-7k2m9qd4xz`. Fix the rest, then run:
                  sluice retry 20260203T141500-7k2m9qd4xz --from /state/rejects.csv

                """)
    }

    @Test func dataIsShownOnlyOnRequest() async throws {
        let small = try await small()
        defer { small.remove() }
        let report = try report(small)
        for text in [report.text(), try report.json()] {
            #expect(!text.contains("919876543210") && !text.contains("a@b.in") && !text.contains("B-1"))
        }
        let shown = try self.report(small, showData: true).text(width: 120)
        #expect(shown.contains("“no 919876543210 [31m, a@b.in”") && shown.contains("key B-1"))
        #expect(!shown.contains("\u{1B}"))
        #expect(try self.report(small, showData: true).json().contains("\"key\" : \"B-1\""))
    }

    @Test func anOpenRunEndsWithItsResume() async throws {
        let small = try await small(ended: false)
        defer { small.remove() }
        let report = try report(small)
        let lines = report.text(width: 100).split(separator: "\n").map(String.init)
        #expect(
            lines.suffix(2) == [
                "Left: 1 in doubt. Settle the records in doubt and continue with:",
                "  sluice resume 20260203T141500-7k2m9qd4xz",
            ])
        #expect(
            lines.contains { $0.hasPrefix("  in doubt") && $0.hasSuffix("the oldest for 1 min 36 s") })
        #expect(lines.contains { $0.hasPrefix("  requests") && $0.hasSuffix("5  1 unanswered") })
        #expect(lines.contains("Ended: interrupted"))
    }

    @Test func whetherItIsUnderWayIsForTheCallerToSay() async throws {
        let small = try await SmallLedger(rows: RejectFilesTests.rows)
        defer { small.remove() }
        try await small.admit()
        for (isHeld, word, command) in [
            (true, "under way", "sluice status"), (nil, "running", "sluice status"),
            (false, "interrupted: its process ended unexpectedly", "sluice resume \(small.run.id)"),
        ] as [(Bool?, String, String)] {
            let report = try self.report(small, isHeld: isHeld)
            #expect(report.text().hasPrefix("\(small.run.id) of nightly: \(word)\n"))
            #expect(report.next.command == command)
        }
    }

    @Test func theTableAddsUp() async throws {
        let small = try await small()
        defer { small.remove() }
        let report = try report(small)
        #expect(report.totals == (try small.ledger.totals(run: small.run.number)))
        #expect(report.rows == 7)
        let input = try #require(report.inputs.first)
        #expect(
            input.headerBytes + input.rowBytes + input.blankBytes + input.unreadableBytes
                == input.totalBytes)
        #expect(input.unreadBytes == 0)
        #expect(
            report.groups.reduce(0) { $0 + $1.count } == report.totals[.rejected]
                + report.totals[.invalid])
    }

    @Test func noRecordGoesWithoutAReason() async throws {
        let small = try await SmallLedger(rows: Array(RejectFilesTests.rows.prefix(2)))
        defer { small.remove() }
        try await small.admit(reachesEnd: false)
        try await small.attempt([0], at: 1) { Settlement(record: Int64($0), event: .answeredRejected) }
        _ = try await small.intend([1], at: 2)
        _ = try await small.ledger.loseOpenAttempts(
            run: small.run.number, trouble: LedgerText.processEnded, at: SmallLedger.start)
        let report = try report(small)
        #expect(report.groups.map(\.count) == [1, 1])
        #expect(report.groups.contains { $0.state == .rejected && $0.reason == nil })
        #expect(report.groups.contains { $0.state == .inDoubt && $0.reason == .noAnswer })
        let text = report.text()
        #expect(text.contains("interrupted: its process ended unexpectedly"))
        #expect(text.contains("1 rejected: no reason recorded"))
        // Not read to its end: the bytes are told.
        #expect(text.contains("file (bytes)"))
    }

    @Test func manyReasonsAreCutShort() async throws {
        let rows = (0..<30).map { "s,B-\($0),1,2\n" }
        let small = try await SmallLedger(rows: rows)
        defer { small.remove() }
        try await small.admit(
            invalid: Dictionary(
                uniqueKeysWithValues: rows.indices.map { ($0, Refusal(.refused, serverCode: $0 / 2)) }))
        let text = try report(small).text()
        #expect(text.contains("  and 5 more reasons with 10 records\n"))
    }

    @Test func jsonShape() async throws {
        let small = try await small(ended: false)
        defer { small.remove() }
        let text = try report(small).json(conditions: ["in-doubt", "interrupted"])
        let object = try #require(
            try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
        #expect(
            object.keys.sorted() == [
                "accepted_by", "active_seconds", "conditions", "connection", "doubts", "ended",
                "ending", "endpoint",
                "exit_code", "files", "gathered", "input_ended", "inputs", "job", "next", "org",
                "pace", "reasons", "records",
                "records_per_second", "requests", "rows", "run", "schema", "skipped_by", "started",
                "state", "under_way",
            ])
        #expect(object["schema"] as? Int == 1)
        let records = try #require(object["records"] as? [String: Int])
        #expect(
            records.keys.sorted() == [
                "accepted", "failed", "in_doubt", "in_flight", "invalid", "parked", "read", "rejected",
                "skipped", "unsent",
            ])
        #expect(records["read"] == records.filter { $0.key != "read" }.values.reduce(0, +))
        #expect(object["conditions"] as? [String] == ["in-doubt", "interrupted"])
        let reasons = try #require(object["reasons"] as? [[String: Any]])
        let place = try #require(reasons.first?["place"] as? [String: Any])
        #expect(place.keys.sorted() == ["byte", "file", "line", "row"])
        #expect(place["file"] as? String == "bills.csv")
        #expect([place["row"], place["line"], place["byte"]].map { $0 as? Int } == [3, 4, 88])
        let doubts = try #require(object["doubts"] as? [String: Any])
        #expect(doubts["oldest_seconds"] as? Double == 96)
        let next = try #require(object["next"] as? [String: String])
        #expect(next["command"] == "sluice resume 20260203T141500-7k2m9qd4xz")
    }
}

@Suite("What to type next") struct NextStepTests {
    @Test(
        arguments: [
            (RunRow.State.stopped, 3, [RecordState.unsent: 2], "Fix the cause, then continue with"),
            (.stopped, 5, [.unsent: 2], "The error was temporary; continue later with"),
            (.stopped, 8, [.unsent: 2], "Check the credentials of the connection"),
            (.stopped, 7, [.unsent: 1200], "Left: 1,200 unsent"),
            (.running, nil, [.sent: 2], "2 in doubt"),
            (.finished, 0, [.accepted: 3, .skipped: 1], "Nothing to do"),
            (.finished, 1, [.parked: 3], "3 parked at the server"),
            (.finished, 1, [.rejected: 3], "3 records not accepted"),
            (.finished, 9, [.accepted: 3], "The counts do not balance"),
            (.abandoned, nil, [.inDoubt: 3], "3 in doubt; settle them with"),
            (.abandoned, nil, [.unsent: 3], "Abandoned"),
        ] as [(RunRow.State, Int?, [RecordState: Int], String)])
    func words(state: RunRow.State, exitCode: Int?, counts: [RecordState: Int], words: String)
        async throws
    {
        let small = try await SmallLedger(rows: [])
        defer { small.remove() }
        try await small.ledger.noteInputEnded(run: small.run.number)
        var run = try small.current()
        run.state = state
        run.exitCode = exitCode
        var totals = Totals()
        for (state, count) in counts { totals.add(StateByte(state), count) }
        let step = NextStep.after(run, totals, isHeld: false)
        #expect(step.words.contains(words))
    }

    @Test("A certificate, an input that has grown and one that was replaced are named")
    func causes() async throws {
        let small = try await SmallLedger(rows: [])
        defer { small.remove() }
        try await small.ledger.noteInputEnded(run: small.run.number)
        var run = try small.current()
        var totals = Totals()
        totals.add(StateByte(.accepted), 3)
        (run.state, run.exitCode, run.ending) = (.finished, 1, "in.csv has grown after byte 7")
        #expect(NextStep.after(run, totals, isHeld: false).words.hasPrefix("An input has grown"))
        run.ending = "ended"
        #expect(NextStep.after(run, totals, isHeld: false).words == "Nothing to do")
        totals.add(StateByte(.unsent), 2)
        run.inputGone = SmallLedger.start
        let gone = NextStep.after(run, totals, isHeld: false)
        #expect(gone.words.hasPrefix("2 records were never sent, because the input was replaced"))
        #expect(gone.command == "sluice abandon \(run.id)")
        let later = NextStep.after(run, totals, isHeld: false, isImportedLater: true)
        #expect(later == NextStep("Nothing to do"))
        run.state = .abandoned
        #expect(NextStep.after(run, totals, isHeld: false).words.hasPrefix("Abandoned"))
        (run.state, run.exitCode, run.inputGone) = (.stopped, 8, nil)
        run.ending = "the certificate of h:443 is not accepted: self-signed certificate"
        #expect(NextStep.after(run, totals, isHeld: false).words.contains("`certificate:`"))
    }
}
