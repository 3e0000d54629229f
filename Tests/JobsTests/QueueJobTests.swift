import Jobs
import Testing

@Suite("Job files of the server's queue")
struct QueueJobTests {
    private func parse(_ yaml: String) throws -> QueueJob {
        guard case .queue(let job) = try JobFile.parse(yaml: yaml, file: "q.yaml") else {
            throw CancellationError()
        }
        return job
    }

    @Test func everyKeyIsRead() throws {
        let job = try parse(
            """
            job: morning
            connection: org
            rejected: { states: [open, partial-fixed], error_codes: [683, 842], days: 7, wait: 2min }
            """)
        #expect(job.name == "morning" && job.connection == "org")
        #expect(job.states == ["OPEN", "PARTIAL_FIXED"] && job.errorCodes == [683, 842])
        #expect(job.days == 7 && job.wait == .seconds(120))
        let plain = try parse("{ job: a, connection: b, rejected: }")
        #expect(plain.states == ["OPEN", "PARTIAL_FIXED", "FIXED"] && plain.days == 30)
        #expect(
            try parse("{ job: a, connection: b, rejected: { error_codes: 683 } }").errorCodes == [683])
    }

    @Test(
        "what is wrong is said with its line",
        arguments: [
            ("job: a\nconnection: b\nrejected: { state: open }", "Did you mean “states”?"),
            ("job: a\nconnection: b\nrejected: { states: success }", "q.yaml:3"),
            ("job: a\nconnection: b\nrejected: { states: [] }", "at least one"),
            ("job: a\nconnection: b\nrejected: { days: 0 }", "q.yaml:3"),
            ("job: a\nconnection: b\nrejected: { wait: 10 }", "q.yaml:3"),
            ("job: a\nrejected: {}", "connection"),
            ("job: a\nconnection: b\nendpoint: transactions.add\nrejected: {}", "endpoint"),
        ])
    func errors(_ yaml: String, _ words: String) {
        #expect {
            try JobFile.parse(yaml: yaml, file: "q.yaml")
        } throws: { "\($0)".contains(words) }
    }

    @Test func theOthersAreAsTheyWere() throws {
        guard case .records(let job) = try JobFile.parse(yaml: JobTests.full, file: "job.yaml") else {
            Issue.record("no job that sends")
            return
        }
        #expect(job.name == "nightly-transactions")
    }
}
