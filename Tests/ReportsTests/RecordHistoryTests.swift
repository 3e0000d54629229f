import Foundation
import Ledger
import Model
import Reports
import Testing

@Suite("The history of a key") struct StoryTests {
    private func tell(_ key: String, _ small: SmallLedger, showData: Bool = true) throws
        -> RecordHistory
    {
        try RecordHistory(key: key, ledger: small.ledger, showData: showData) { SmallLedger.key($1) }
    }

    @Test func golden() async throws {
        let small = try await SmallLedger(rows: RejectFilesTests.rows)
        defer { small.remove() }
        try await small.admit()
        let start = SmallLedger.start
        try await small.attempt(
            [0, 1], at: 1, state: .unanswered, status: nil, trouble: "timeout: nothing within 75 s"
        ) {
            Settlement(record: Int64($0), event: .lostAnswer, evidence: Evidence(["B-\($0)"]), tries: 1)
        }
        let run = small.run
        try await small.ledger.noteLook(
            run: run.number, record: 1, at: start + .seconds(310), missed: true, "not found")
        try await small.ledger.settle(
            run: run.number, scope: run.scope, at: start + .seconds(320),
            [Settlement(record: 1, event: .provedAbsent)])
        try await small.ledger.remember(
            run: run.number, record: 1, at: start + .seconds(320), kind: "proof", "not on the server")
        try await small.attempt([1], at: 330) {
            Settlement(
                record: Int64($0), event: .answeredAccepted, detail: .warned,
                serverID: ServerID("4711"),
                warnings: [Warning(code: 1220, message: "points not issued to 919876543210")])
        }
        let story = try tell("B-1", small)
        #expect(
            story.text(width: 110) == """
                B-1: record 1 of run 20260203T141500-7k2m9qd4xz, job nightly, transactions.add to org 1001
                  in or after bills.csv, row 1, line 2, byte 26
                  2026-02-03T14:15:01.000Z  attempt 1 with 2 records, after 1.0 s: the answer was lost (timeout: nothing
                                            within 75 s); this record: in doubt
                  2026-02-03T14:20:10.000Z  look: not found
                  2026-02-03T14:20:20.000Z  proof: not on the server
                  2026-02-03T14:20:30.000Z  sent again, on that evidence: attempt 2 with 1 record, request id req-330, HTTP
                                            200, after 1.0 s: answered; this record: accepted
                  2026-02-03T14:20:31.000Z  warning 1220: points not issued to 919876543210
                  now: accepted, with warnings, server id 4711

                """)
        #expect(
            try tell("B-1", small, showData: false).text().contains("points not issued to ############")
        )
        // The other member of that attempt is still in doubt.
        let other = try tell("B-0", small).text(width: 110)
        #expect(
            other.contains(
                "now: in doubt, since 2026-02-03T14:15:02Z, sent 1 time, not found by 0 look-ups\n"))
        #expect(other.hasSuffix("  next: sluice resume 20260203T141500-7k2m9qd4xz\n"))
        let object = try #require(
            try JSONSerialization.jsonObject(with: Data(story.json().utf8)) as? [String: Any])
        let record = try #require((object["records"] as? [[String: Any]])?.first)
        #expect(record["server_id"] as? String == "4711")
        let steps = try #require(record["steps"] as? [[String: Any]])
        #expect(
            steps.map { $0["kind"] as? String } == ["attempt", "look", "proof", "attempt", "warning"])
        #expect(steps.map { $0["resend"] as? Bool } == [false, nil, nil, true, nil])
        #expect(steps.first?["result"] as? String == "lostAnswer")
    }

    @Test func aRefusedRecordIsFoundByItsTrouble() async throws {
        let small = try await SmallLedger(rows: RejectFilesTests.rows)
        defer { small.remove() }
        try await small.admit(invalid: [2: Refusal(.missing, field: "phone", message: "phone is empty")]
        )
        let text = try tell("B-2", small).text(width: 110)
        #expect(
            text == """
                B-2: record 2 of run 20260203T141500-7k2m9qd4xz, job nightly, transactions.add to org 1001
                  in bills.csv, row 3, line 4, byte 88, 13 bytes long
                  now: invalid: missing, field phone, “phone is empty”
                  next: Fill in the field.

                """)
    }

    /// Once it may be sent again, what left it in doubt is history.
    @Test func whatIsOverIsNotSaidOfNow() async throws {
        let small = try await SmallLedger(rows: RejectFilesTests.rows)
        defer { small.remove() }
        try await small.admit()
        try await small.attempt([1], at: 1, state: .unanswered, status: nil) {
            Settlement(
                record: Int64($0), event: .lostAnswer,
                trouble: small.trouble($0, Refusal(.noAnswer, message: "timeout"), stage: "answer"),
                evidence: Evidence(["B-\($0)"]), tries: 1)
        }
        #expect(try tell("B-1", small).text().contains("now: in doubt: no-answer, “timeout”, since "))
        try await small.ledger.settle(
            run: small.run.number, scope: small.run.scope, at: SmallLedger.start,
            [Settlement(record: 1, event: .provedAbsent)])
        #expect(
            try tell("B-1", small).text().hasSuffix(
                "  now: unsent\n  next: sluice resume \(small.run.id)\n"))
        #expect(try RunReport(run: small.current(), ledger: small.ledger).groups == [])
        let folder = try small.folder()
        #expect(
            try RejectFiles.write(run: small.current(), ledger: small.ledger, folder: folder) == nil)
    }

    /// `B-1` is also within the bytes of `B-10`.
    @Test func aKeyIsComparedAsAWhole() async throws {
        let small = try await SmallLedger(rows: (0..<11).map { "s,B-\($0),1,2\n" })
        defer { small.remove() }
        try await small.admit()
        try await small.attempt([10], at: 1) { Settlement(record: Int64($0), event: .answeredAccepted) }
        #expect(
            try tell("B-1", small).text()
                == "The ledger has no record with the key B-1.\n"
        )
        #expect(try tell("B-10", small).chapters.map(\.record) == [10])
    }
}
