import Catalog
import Jobs
import Model
import Testing

/// `send.headers` of a job, `headers:` of a connection and of a described call.
@Suite("Headers") struct HeadersTests {
    private func job(_ headers: String) throws(JobError) -> Job {
        try Job.parse(
            yaml: """
                job: j
                endpoint: transactions.add
                connection: c
                input: { files: a.jsonl }
                send: { headers: \(headers) }
                """, file: "j.yaml")
    }

    private func connection(_ headers: String) throws(JobError) -> [Connection] {
        try Connections.parse(
            yaml: """
                connections:
                  c: { base_url: "https://h", headers: \(headers) }
                """, file: "c.yaml")
    }

    @Test("Names and values as they are written")
    func parsed() throws {
        let expected = [Header("SKIP-DOWNSTREAM", "true"), Header("X-Trace", "a b/1")]
        let text = "{ SKIP-DOWNSTREAM: true, X-Trace: \"a b/1\" }"
        #expect(try job(text).send.headers == expected)
        #expect(try connection(text).first?.headers == expected)
    }

    @Test(
        "Never those that sluice sets itself, nor what is no header",
        arguments: [
            "{ Authorization: x }", "{ x-cap-api-oauth-token: x }", "{ content-type: x }",
            "{ Host: x }",
            "{ X-CAP-API-ATTRIBUTION-ENTITY-CODE: x }", "{ Content-Length: 1 }", "{ \"a b\": x }",
            "{ \"X-A:\": x }", "{ X-A: \"\" }", "{ X-A: \" x\" }", "{ X-A: \"x\\ny\" }",
            "{ X-A: \"é\" }",
            "{ X-A: 1, x-a: 2 }",
        ])
    func refused(_ headers: String) {
        #expect(throws: JobError.self) { try job(headers) }
        #expect(throws: JobError.self) { try connection(headers) }
    }

    @Test("A message names the header and what sets it")
    func words() {
        do {
            _ = try job("{ X-Cap-Api-Attribution-Entity-Type: TILL }")
            Issue.record("not refused")
        } catch { #expect("\(error)".contains("attribution")) }
        do {
            _ = try job("{ User-Agent: x }")
            Issue.record("not refused")
        } catch { #expect("\(error)".contains("User-Agent is set by sluice itself")) }
    }

    @Test("A bill's call names the two that imports of the past want")
    func offered() {
        let endpoint = Endpoint.transactionsAdd
        #expect(endpoint.offeredHeaders.map(\.name) == ["SKIP-DOWNSTREAM", "X-CAP-DIRECT-REPLAY"])
        #expect(endpoint.isQuiet([Header("skip-downstream", "TRUE")]))
        #expect(endpoint.isQuiet([Header("X-CAP-DIRECT-REPLAY", "true")]))
        #expect(!endpoint.isQuiet([Header("SKIP-DOWNSTREAM", "false"), Header("X-A", "true")]))
        #expect(!endpoint.isQuiet([]))
    }
}
