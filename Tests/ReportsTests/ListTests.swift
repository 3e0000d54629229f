import Foundation
import Ledger
import Model
import Reports
import Testing

@Suite("Runs and status") struct ListTests {
    private func two() async throws -> (SmallLedger, SmallLedger) {
        let first = try await SmallLedger(
            name: "20260203T141500-aaaaaaaaaa", rows: ["s,B-0,1,2\n", "s,B-1,1,2\n"])
        try await first.admit()
        try await first.attempt([0, 1], at: 1) {
            Settlement(record: Int64($0), event: .answeredAccepted)
        }
        try await first.end(exitCode: 0, requests: 3)
        let second = try await SmallLedger(
            name: "20260203T141500-bbbbbbbbbb", rows: ["s,B-0,1,2\n"], in: first)
        try await second.admit()
        return (first, second)
    }

    @Test func runs() async throws {
        let (first, _) = try await two()
        defer { first.remove() }
        let list = try RunList(ledger: first.ledger) { _ in false }
        #expect(
            list.text(width: 120) == """
                run                         job      started               state        exit  records  accepted  left
                20260203T141500-bbbbbbbbbb  nightly  2026-02-03T14:15:00Z  interrupted     -        1         0     1
                20260203T141500-aaaaaaaaaa  nightly  2026-02-03T14:15:00Z  finished        0        2         2     0

                """)
        #expect(
            try RunList(ledger: first.ledger, job: "other") { _ in false }.text()
                == "No runs yet.\n")
        #expect(
            try RunList(ledger: first.ledger) { $0 == "nightly" }.text(width: 120).contains(
                "under way"))
        let object = try #require(
            try JSONSerialization.jsonObject(with: Data(list.json().utf8)) as? [String: Any])
        let runs = try #require(object["runs"] as? [[String: Any]])
        #expect(object["schema"] as? Int == 1)
        #expect(runs.map { $0["left"] as? Int } == [1, 0])
        #expect(runs.map { ($0["records"] as? [String: Int])?["accepted"] } == [0, 2])
    }

    @Test func status() async throws {
        let (first, _) = try await two()
        defer { first.remove() }
        var status = try StatusReport(
            ledger: first.ledger, now: SmallLedger.start + .seconds(3690)
        ) { _ in false }
        #expect(status.size.bytes > 0)
        status.size = LedgerSize(bytes: 12_000_000, free: 3_000_000)
        #expect(
            status.text(width: 80) == """
                Ledger: 12.0 MB, 3.0 MB of it free

                nightly: finished, exit 0, 1 h 00 min ago
                  run 20260203T141500-aaaaaaaaaa, transactions.add to org 1001
                  2 records: 2 accepted

                nightly: interrupted, 1 h 01 min ago
                  run 20260203T141500-bbbbbbbbbb, transactions.add to org 1001
                  1 record: 1 unsent
                  Left: 1 unsent. Continue with:
                    sluice resume 20260203T141500-bbbbbbbbbb

                """)
        let held = try StatusReport(ledger: first.ledger, now: SmallLedger.start + .seconds(60)) { _ in
            true
        }
        #expect(held.text().contains("nightly: under way, for 1 min 00 s\n"))
        #expect(!held.text().contains("resume"))
        let object = try #require(
            try JSONSerialization.jsonObject(with: Data(status.json().utf8)) as? [String: Any])
        let open = try #require((object["open"] as? [[String: Any]])?.first)
        #expect(
            (open["next"] as? [String: String])?["command"]
                == "sluice resume 20260203T141500-bbbbbbbbbb")
        #expect(open["run"] as? String == "20260203T141500-bbbbbbbbbb")
    }
}
