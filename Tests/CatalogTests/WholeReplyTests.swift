import Model
import Testing

@testable import Catalog

@Suite("A reply without readable items")
struct WholeReplyTests {
    private func read(_ reply: Reply) throws -> Verdict {
        Endpoint.transactionsAdd.read(reply, try sales("A", "B"))
    }

    private static let html = "<html><body>We'll be back soon</body></html>"
    private static func errors(_ code: Int, _ message: String = "no") -> String {
        #"{"errors": [{"status": false, "code": \#(code), "message": "\#(message)"}]}"#
    }

    static let table: [(Int, String, String)] =
        [200, 201, 207, 204].flatMap { [($0, "", "in doubt"), ($0, html, "in doubt")] } + [
            (200, "{}", "in doubt"), (200, #"{"response": []}"#, "in doubt"),
            (200, #"{"response": null}"#, "in doubt"), (200, "[]", "in doubt"), (200, "17", "in doubt"),
            (200, #"{"response": [{"entityId": 1"#, "in doubt"), (200, errors(8084), "in doubt"),
            (200, errors(1060), "split"), (400, errors(672), "split"),
            (301, "", "in doubt"), (302, html, "in doubt"),
            (400, "", "bare"), (400, html, "bare"), (400, "{}", "bare"), (400, "null", "bare"),
            (400, #"{"errors": []}"#, "bare"), (400, #"{"errors": [{}]}"#, "bare"),
            (400, #"{"response": []}"#, "bare"),
            (400, errors(8084), "split"), (400, errors(400), "split"),
            (400, #"{"errors": [{"message": "bad input"}]}"#, "split"),
            // Codes of items in the envelope: the loyalty engine failed; the customer is busy.
            (400, errors(684), "in doubt"), (400, errors(461), "again"),
            (400, errors(604), "split"),
            (
                400, #"{"response": {"status": {"success": "false", "code": "400", "message": "x"}}}"#,
                "split"
            ),
            (401, "", "unauthorized"), (401, html, "unauthorized"), (401, errors(401), "unauthorized"),
            (402, "", "in doubt"), (406, "", "in doubt"), (408, "", "in doubt"), (409, "", "in doubt"),
            (403, "", "refused"), (403, html, "refused"), (403, errors(4000), "refused"),
            (403, "Forbidden, errorCode=4000", "refused"), (403, #"{"errorCode": 4000}"#, "refused"),
            (403, errors(403, "billNumber is mandatory"), "split"),
            (403, #"{"errors": [{"code": 1, "field": "source"}]}"#, "split"),
            (403, errors(403, "you have no permission of this type"), "refused"),
            (403, errors(403, "source is mandatory"), "split"),
            (403, errors(403, "no access from this source"), "refused"),
            (403, #"{"message": "denied, errorCode=4000"}"#, "refused"),
            (503, #"{"message": "unknown, errorCode=4001"}"#, "again"),
            (404, "", "refused"), (404, html, "refused"), (405, "", "refused"), (415, "", "refused"),
            (413, "", "split"), (413, html, "split"), (429, "", "again"), (429, html, "again"),
            (461, "", "in doubt"), (400, errors(1061), "refused"), (400, errors(1064), "refused"),
            (500, "", "in doubt"), (500, html, "in doubt"), (500, errors(500), "in doubt"),
            (500, errors(521), "again"), (501, "", "in doubt"), (502, html, "in doubt"),
            (503, "", "in doubt"), (503, html, "in doubt"), (503, errors(4001), "again"),
            (503, "errorCode=4001", "again"), (504, "", "in doubt"), (520, "", "in doubt"),
            (521, "", "in doubt"), (521, html, "in doubt"), (521, errors(521), "again"),
            (522, "", "in doubt"), (599, "", "in doubt"),
        ]

    @Test("by status and envelope", arguments: table)
    func verdict(_ it: (Int, String, String)) throws {
        #expect(try read(reply(it.0, it.1)).words == [it.2])
    }

    @Test("a page for people is told from an answer that cannot be bound")
    func page() throws {
        func reason(_ body: String) throws -> Reason? {
            guard case .inDoubt(let refusal) = try read(reply(200, body)) else { return nil }
            return refusal.reason
        }
        #expect(try reason(Self.html) == .maintenance)
        #expect(try reason(" \n<!doctype html>") == .maintenance)
        #expect(try reason("soon") == .unboundAnswer)
        #expect(try reason("") == .unboundAnswer)
    }

    @Test(
        "the pause requested",
        arguments: [
            ("7", 7), ("0", 0), ("-5", 0), ("Sun, 06 Nov 1994 08:49:37 GMT", 30),
            ("Sun, 06 Nov 1994 08:48:37 GMT", 0),
        ] as [(String, Int)])
    func retryAfter(_ text: String, _ seconds: Int) throws {
        let headers = [
            Header("retry-after", text), Header("Date", "Sun, 06 Nov 1994 08:49:07 GMT"),
        ]
        #expect(try read(reply(429, "", headers)) == .again(after: .seconds(seconds)))
        #expect(try read(reply(503, Self.errors(4001), headers)) == .again(after: .seconds(seconds)))
    }

    @Test("is no pause", arguments: ["", "soon", "1.5", "Sun, 99 Nov 1994 08:49:37 GMT", "1994-11-06"])
    func noPause(_ text: String) throws {
        #expect(try read(reply(429, "", [Header("Retry-After", text)])) == .again(after: nil))
    }

    @Test func aDateWithoutAClockIsNoPause() throws {
        let header = Header("Retry-After", "Sun, 06 Nov 1994 08:49:37 GMT")
        #expect(try read(reply(429, "", [header])) == .again(after: nil))
    }

    @Test func refusalsTellTheServersWords() throws {
        #expect(
            try read(reply(400, Self.errors(8084, "customer missing")))
                == .split(Refusal(.refusedValue, serverCode: 8084, message: "customer missing")))
        guard case .refused(let forbidden) = try read(reply(403, Self.errors(4000))) else {
            Issue.record("not refused")
            return
        }
        #expect(forbidden.reason == .forbidden && forbidden.serverCode == 4000)
        guard case .inDoubt(let lost) = try read(reply(504)) else {
            Issue.record("no doubt")
            return
        }
        #expect(lost.reason == .noAnswer && lost.serverCode == 504)
    }
}
