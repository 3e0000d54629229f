package import Model
import Records

/// Having the server make cards: `POST /v2/card/generate`, and its log of what it made.
///
/// No endpoint like the others: nothing is moved, and what comes back is all there is. Every call makes new
/// numbers, no read gives them again, and nothing but the log tells that a call whose answer was lost was done.
///
/// Source: Cards, Generate cards; Cards, Generation log; Cards, Card codes.
package enum CardsGenerate {
    /// Cards of one call. Source: Cards, Generate cards. Before the middle of 2026 it was 100,000.
    package static let most = 50_000

    /// For `sluice endpoints`. No job sends records by it.
    package static let description = EndpointSpec(
        "cards.generate", "Has the server make cards of a series. Every call makes new ones.",
        .post, "/v2/card/generate", what: "An order", adds: true,
        fields: [
            Field("seriesId", .integer(1...Int(Int32.max)), .required, "Active, not expired."),
            Field("count", .integer(1...most), .required, "Per call; an order is split into calls."),
            Field(
                "statusLabel", .text(most: nil), .optional, "A label that the org maps to NOT_ISSUED."),
        ],
        keys: Keys(identity: [], order: [], evidence: []), reply: .single(),
        codes: CardCodes.table, recovery: .hold, repeats: .count,
        source:
            "Generate Cards; Get Card Generation Log. Facts: Cards, Generate cards; Cards, Generation log; "
            + "Cards, Card codes. Unconfirmed: the list of numbers is called data or entity; the form of an "
            + "error is not shown; whether the log counts the cards requested or made."
    ).endpoint

    /// What an answer means.
    package enum Answer: Sendable, Equatable {
        /// The numbers, and why there are fewer than requested, where the server says so (3059).
        case cards([String], shortfall: String?)
        /// Nothing was made, and for this series and label nothing will be.
        case refused(Refusal)
        /// Nothing was made: fewer at a time.
        case tooMany(Refusal)
        case again(after: Duration?)
        case unauthorized(Refusal)
        /// Nothing is made until someone acts.
        case stopped(Refusal)
        /// Nobody knows.
        case lost(Refusal)
    }

    /// What the server notes of a call.
    package struct LogEntry: Sendable, Equatable {
        /// The server's number of the entry.
        package var id: String
        /// The number of the series, as the server writes it.
        package var series: String
        /// Unconfirmed: cards requested, or made.
        package var count: Int
        /// The till it ran under, and when, as the server writes them.
        package var till: String
        package var date: String
    }

    /// One call for `count` cards, 1 to ``most``. Source: Cards, Generate cards.
    package static func request(series: Int, count: Int, label: String?) -> Request {
        var body = "{\"seriesId\":\(series),\"count\":\(count)"
        if let label {
            let text = label.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
            body += ",\"statusLabel\":\"\(text)\""
        }
        return Request(.post, "/v2/card/generate", body: Array((body + "}").utf8), adds: true)
    }

    /// Asks for the log of a series. Source: Cards, Generation log.
    package static func logRequest(series: Int) -> Request {
        Request(.get, "/v2/card/generation/logs?seriesId=\(series)&format=json")
    }

    /// The numbers in the body of an answer, under either of the names that sources give the list.
    package static func numbers(in body: [UInt8]) -> [String]? {
        guard let json = JSON(body), let list = list(json) else { return nil }
        let nodes = json.list(list)
        let numbers = nodes.compactMap { json.scalar($0) }.filter { !$0.isEmpty }
        return numbers.count == nodes.count ? numbers : nil
    }

    private static func list(_ json: JSON) -> Int? {
        ["data", "entity"].lazy.compactMap { (name: StaticString) in json.member(name, of: json.root) }
            .first { json.kind($0) == .array }
    }

    /// What a reply to ``request(series:count:label:)`` means. What is not understood is lost, never refused.
    package static func read(_ reply: Reply) -> Answer {
        guard ![401, 403, 404, 429].contains(reply.status), let json = JSON(reply.body),
            json.isObject(json.root)
        else { return whole(reply) }
        if list(json) != nil {
            guard let numbers = numbers(in: reply.body) else {
                return .lost(
                    Refusal(.unboundAnswer, message: "The list in the answer has more than numbers."))
            }
            let warnings = json.complaints(json.member("warnings", of: json.root))
            let shortfall = warnings.first { $0.code == 3059 }
            if !numbers.isEmpty || shortfall != nil {
                // 3059 names the numbers, which may be many.
                return .cards(numbers, shortfall: shortfall.map { String($0.message.prefix(200)) })
            }
        }
        guard let first = json.complaints(json.member("errors", of: json.root)).first else {
            return whole(reply)
        }
        let row = CardCodes.table.row(of: first)
        let refusal = Refusal(
            row.reason, field: first.field, serverCode: first.code, message: first.message)
        switch row.meaning {
        case .rejected where first.code == 3026: return .tooMany(refusal)
        case .batch: return .tooMany(refusal)
        case .rejected: return .refused(refusal)
        case .again: return .again(after: reply.retryAfter)
        case .done, .exists, .parked, .inDoubt: return .lost(refusal)
        }
    }

    private static func whole(_ reply: Reply) -> Answer {
        let fields = ["seriesId", "count", "statusLabel"]
        let verdict = WholeReply(
            reply: reply, json: JSON(reply.body), codes: CardCodes.table, fields: fields
        ).verdict
        switch verdict {
        case .split(let refusal):
            return refusal.reason == .batchTooLarge ? .tooMany(refusal) : .refused(refusal)
        // Its log tells what was made.
        case .bare(let refusal): return .lost(refusal)
        case .again(let after): return .again(after: after)
        case .unauthorized(let refusal): return .unauthorized(refusal)
        case .refused(let refusal): return .stopped(refusal)
        case .inDoubt(let refusal): return .lost(refusal)
        case .each, .taken: return .lost(Refusal(.unboundAnswer))
        }
    }

    /// Nil where the reply is no log: that says nothing, never that there is nothing.
    package static func readLog(_ reply: Reply, series: Int) -> [LogEntry]? {
        guard (200..<300).contains(reply.status), let json = JSON(reply.body),
            let list = json.member("entity", of: json.root) ?? json.member("data", of: json.root),
            json.kind(list) == .array || json.isObject(list),
            json.complaints(json.member("errors", of: json.root)).isEmpty
        else { return nil }
        var entries: [LogEntry] = []
        for node in json.list(list) {
            guard let id = json.scalar(json.member("id", of: node)),
                let of = json.scalar(json.member("seriesId", of: node)),
                let count = json.integer(json.member("count", of: node))
            else { return nil }
            // The filter may be one that the server does not know.
            guard of == String(series) else { continue }
            entries.append(
                LogEntry(
                    id: id, series: of, count: count,
                    till: json.scalar(json.member("createdBy", of: node)) ?? "",
                    date: json.scalar(json.member("date", of: node)) ?? ""))
        }
        return entries
    }
}
