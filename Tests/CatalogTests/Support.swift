import Model
import Records
import Testing

@testable import Catalog

/// Prepares the text of one item, as the engine does.
func prepare(
    _ text: String, attribution: Attribution? = nil, endpoint: Endpoint = .transactionsAdd,
    checks: ItemChecks = .usual
) throws -> PreparedItem {
    let bytes = Array(text.utf8)
    var tape = JSONTape()
    try tape.parse(bytes, in: 0..<bytes.count)
    var prepared = PreparedItem()
    endpoint.prepare(
        Item(
            bytes: bytes, range: 0..<bytes.count, tape: tape, attribution: attribution, checks: checks),
        &prepared)
    return prepared
}

private let sale: [(String, String?)] = [
    ("identifierType", #""mobile""#), ("identifierValue", #""447700900101""#),
    ("source", #""INSTORE""#), ("type", #""REGULAR""#), ("billNumber", #""R-20260203-0001""#),
    ("billingDate", #""2026-02-03T10:15:00+00:00""#), ("billAmount", "42.5"),
]
private let returned: [(String, String?)] =
    sale + [
        ("type", #""RETURN""#), ("returnType", #""AMOUNT""#),
        ("purchaseTime", #""2026-01-01T09:00:00+00:00""#), ("billAmount", "5"),
    ]

/// A plain sale as JSON text, some of its members replaced by other JSON texts, or left out for nil.
func bill(_ changes: KeyValuePairs<String, String?> = [:]) -> String {
    object(sale + changes.map { ($0.key, $0.value) })
}

/// The same of a return.
func returnBill(_ changes: KeyValuePairs<String, String?> = [:]) -> String {
    object(returned + changes.map { ($0.key, $0.value) })
}

private func object(_ members: [(String, String?)]) -> String {
    var kept: [(String, String)] = []
    for (name, value) in members {
        kept.removeAll { $0.0 == name }
        if let value { kept.append((name, value)) }
    }
    return "{" + kept.map { "\"\($0.0)\": \($0.1)" }.joined(separator: ", ") + "}"
}

/// The evidence of plain sales with these bill numbers.
func sales(_ numbers: String...) throws -> [Evidence] {
    try numbers.map { try prepare(bill(["billNumber": "\"\($0)\""])).evidence }
}

/// A reply with this body.
func reply(_ status: Int = 200, _ body: String = "", _ headers: [Header] = []) -> Reply {
    Reply(status: status, headers: headers, body: Array(body.utf8))
}

/// An item of reply shape E1.
func item(
    _ number: String?, id: String? = "null", errors: [Int] = [], type: String? = "REGULAR",
    message: String = "said the server", value: String? = nil
) -> String {
    var members: [String] = []
    if let id { members.append("\"entityId\": \(id)") }
    if let number {
        var echoed = ["\"billNumber\": \"\(number)\""]
        if let type { echoed.append("\"type\": \"\(type)\"") }
        if let value { echoed.append("\"identifierValue\": \"\(value)\"") }
        members.append("\"result\": {" + echoed.joined(separator: ", ") + "}")
    }
    let list = errors.map { "{\"status\": false, \"code\": \($0), \"message\": \"\(message)\"}" }
    members.append("\"errors\": [" + list.joined(separator: ", ") + "]")
    members.append("\"warnings\": []")
    return "{" + members.joined(separator: ", ") + "}"
}

/// A reply of shape E1.
func bulk(_ items: [String], status: Int = 200) -> Reply {
    reply(
        status,
        "{\"response\": [" + items.joined(separator: ", ") + "], \"totalCount\": \(items.count)}")
}

extension Verdict {
    /// What it says of each record in a word; the word of the whole alone where it is not each.
    var words: [String] {
        switch self {
        case .each(let dispositions): dispositions.map(\.word)
        case .split: ["split"]
        case .bare: ["bare"]
        case .again: ["again"]
        case .unauthorized: ["unauthorized"]
        case .refused: ["refused"]
        case .inDoubt: ["in doubt"]
        case .taken: ["taken"]
        }
    }
}

extension Disposition {
    var word: String {
        switch self {
        case .accepted(let id, _): "accepted \(id?.text ?? "-")"
        case .rejected: "rejected"
        case .exists: "exists"
        case .parked: "parked"
        case .again: "again"
        case .inDoubt: "in doubt"
        case .unbound: "unbound"
        }
    }
}
