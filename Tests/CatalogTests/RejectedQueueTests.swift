import Model
import Testing

@testable import Catalog

@Suite("The queue of rejected transactions")
struct RejectedQueueTests {
    private func day(_ text: String) throws -> CivilDay {
        let parts = text.split(separator: "-").compactMap { Int($0) }
        return try #require(CivilDay(year: parts[0], month: parts[1], day: parts[2]))
    }

    private func walk(_ from: String, _ to: String, _ server: (String) -> Reply) throws -> (
        entries: [QueueEntry], end: String, asked: [String]
    ) {
        guard case .readBack(let readBack) = Endpoint.transactionsAdd.recovery,
            let queue = readBack.queue
        else { return ([], "none", []) }
        var step = queue(try day(from), try day(to))
        var entries: [QueueEntry] = []
        var asked: [String] = []
        while asked.count < 500 {
            switch step {
            case .ask(let request, let then):
                asked.append(request.target)
                step = then(server(request.target))
            case .page(let page, let next):
                entries += page
                step = next()
            case .done: return (entries, "done", asked)
            case .unclear(let refusal): return (entries, "unclear \(refusal.reason.code)", asked)
            }
        }
        return (entries, "endless", asked)
    }

    private func value(_ name: String, in target: String) -> String {
        for part in target.split(whereSeparator: { $0 == "?" || $0 == "&" }) {
            let pair = part.split(separator: "=", maxSplits: 1)
            if pair.count == 2, pair[0] == name { return String(pair[1]) }
        }
        return ""
    }

    private func row(_ number: String, state: String = "OPEN", payload: String = "") -> String {
        #"""
        {"userId": 9001, "entityId": 51, "orgId": 4001, "retryCount": 0, "billNumber": "\#(number)",
         "eventDate": "2026-02-03T10:40:00+00:00", "status": "\#(state)"\#(payload),
         "errors": [{"code": 683, "message": "item unknown", "value": "SKU-404", "status": false}]}
        """#
    }

    private func page(_ rows: some Collection<String>, total: Int) -> Reply {
        reply(
            200,
            #"{"pagination": {"limit": 10, "offset": 0, "total": \#(total)}, "data": [\#(rows.joined(separator: ","))], "warnings": [], "errors": []}"#
        )
    }

    @Test func everyStateAndPageIsRead() throws {
        let open = (0..<25).map { row("N\($0)") }
        let result = try walk("2026-02-01", "2026-02-04") { target in
            guard value("status", in: target) == "OPEN" else { return page([], total: 0) }
            let offset = Int(value("offset", in: target)) ?? 0
            return page(open.dropFirst(offset).prefix(10), total: 25)
        }
        #expect(result.end == "done")
        #expect(result.entries.map(\.billNumber) == (0..<25).map { "N\($0)" })
        #expect(Set(result.asked.map { value("status", in: $0) }) == Set(RejectedQueue.states))
        #expect(
            result.asked.allSatisfy {
                value("startDate", in: $0) == "2026-02-01" && value("endDate", in: $0) == "2026-02-04"
            })
        let first = result.entries.first
        #expect(first?.customer == "9001" && first?.state == "OPEN")
        #expect(
            first?.refusal
                == Refusal(.parkedByServer, serverCode: 683, message: "item unknown (SKU-404)"))
    }

    @Test func theOtherPathIsTriedOnce() throws {
        let result = try walk("2026-02-01", "2026-02-01") { target in
            target.hasPrefix("/v2/organization/") ? reply(404) : page([], total: 0)
        }
        #expect(result.end == "done" && result.asked.count == RejectedQueue.states.count + 1)
        let none = try walk("2026-02-01", "2026-02-01") { _ in reply(404) }
        #expect(none.end == "unclear endpoint-not-found" && none.asked.count == 2)
    }

    @Test func ignoredOffsetsAreCutByDays() throws {
        // Eight days of six entries each; ten at most are shown, from the first.
        let days = (1...8).map { day in (0..<6).map { row("D\(day)-\($0)") } }
        let result = try walk("2026-02-01", "2026-02-08") { target in
            guard value("status", in: target) == "OPEN" else { return page([], total: 0) }
            let from = Int(value("startDate", in: target).suffix(2)) ?? 0
            let to = Int(value("endDate", in: target).suffix(2)) ?? 0
            let all = days[(from - 1)...(to - 1)].flatMap { $0 }
            return page(all.prefix(10), total: all.count)
        }
        #expect(result.end == "done")
        #expect(Set(result.entries.map(\.billNumber)).count == 48)
    }

    @Test func aDayThatDoesNotFitIsUnclear() throws {
        let all = (0..<12).map { row("N\($0)") }
        let result = try walk("2026-02-01", "2026-02-02") { _ in page(all.prefix(10), total: 12) }
        #expect(result.end == "unclear unbound-answer")
    }

    @Test(
        "what is no page",
        arguments: [
            reply(500), reply(200), reply(200, "{}"), reply(200, "<html>"), reply(403), reply(429),
            reply(200, #"{"data": [], "errors": [{"code": 1, "message": "off"}]}"#),
            reply(200, #"{"data": [{"userId": 1}]}"#),
        ])
    func unclear(_ answer: Reply) throws {
        #expect(try walk("2026-02-01", "2026-02-02") { _ in answer }.end.hasPrefix("unclear"))
    }

    @Test func noDays() throws {
        #expect(try walk("2026-02-02", "2026-02-01") { _ in reply(500) }.end == "done")
    }

    @Test func entriesAreMatched() throws {
        guard case .readBack(let readBack) = Endpoint.transactionsAdd.recovery else { return }
        func entries(_ payload: String) throws -> QueueEntry {
            try #require(
                try walk("2026-02-01", "2026-02-01") { _ in
                    page([row("R-20260203-0001", payload: payload)], total: 1)
                }.entries.first)
        }
        func isQueued(_ text: String, _ entry: QueueEntry) throws -> Bool {
            readBack.isQueued(try prepare(text).evidence, entry) == .same
        }
        let bare = try entries("")
        #expect(try isQueued(bill(), bare))
        #expect(try isQueued(returnBill(), bare))
        #expect(try !isQueued(bill(["billNumber": #""R-20260203-0001 ""#]), bare))
        #expect(try isQueued(bill(["identifierType": #""id""#, "identifierValue": #""9001""#]), bare))
        #expect(try !isQueued(bill(["identifierType": #""id""#, "identifierValue": #""9002""#]), bare))
        let quoted = bill().replacing("\"", with: "\\\"")
        for payload in [
            #", "transactionPayload": "\#(quoted)""#, #", "p": "[\#(quoted)]""#, #", "p": \#(bill())"#,
        ] {
            let told = try entries(payload)
            #expect(try isQueued(bill(), told))
            #expect(try isQueued(bill(["billingDate": #""2026-02-03T15:45:00+05:30""#]), told))
            #expect(try !isQueued(returnBill(), told))
            #expect(try !isQueued(bill(["billAmount": "42.51"]), told))
            #expect(try !isQueued(bill(["billingDate": #""2026-02-03T10:15:01Z""#]), told))
        }
    }
}
