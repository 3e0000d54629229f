import Model
import Records
import Testing

@testable import Catalog

/// Prepares the text of one item, as the engine does.
func prepare(
    _ text: String, attribution: Attribution? = nil, endpoint: Endpoint = .transactionsAdd
) throws -> Prepared {
    let bytes = Array(text.utf8)
    var tape = JSONTape()
    try tape.parse(bytes, in: 0..<bytes.count)
    var prepared = Prepared()
    endpoint.prepare(
        Item(bytes: bytes, range: 0..<bytes.count, tape: tape, attribution: attribution),
        &prepared)
    return prepared
}

/// A bill as JSON text: a plain sale with some members replaced by JSON texts, or removed by nil.
func bill(_ changes: KeyValuePairs<String, String?> = [:]) -> String {
    var members: [(String, String)] = [
        ("identifierType", #""mobile""#), ("identifierValue", #""447700900101""#),
        ("source", #""INSTORE""#), ("type", #""REGULAR""#),
        ("billNumber", #""R-20260203-0001""#),
        ("billingDate", #""2026-02-03T10:15:00+00:00""#), ("billAmount", "42.5"),
    ]
    for (name, value) in changes {
        members.removeAll { $0.0 == name }
        if let value { members.append((name, value)) }
    }
    return "{" + members.map { "\"\($0.0)\": \($0.1)" }.joined(separator: ", ") + "}"
}

/// A return of the same bill.
func returnBill(_ changes: KeyValuePairs<String, String?> = [:]) -> String {
    var all: [(String, String?)] = [
        ("type", #""RETURN""#), ("returnType", #""AMOUNT""#),
        ("purchaseTime", #""2026-01-01T09:00:00+00:00""#), ("billAmount", "5"),
    ]
    for (name, value) in changes { all.append((name, value)) }
    var members: [String: String?] = [:]
    for (name, value) in all { members[name] = value }
    var text = bill()
    for (name, value) in members.sorted(by: { $0.key < $1.key }) {
        text = replace(name, by: value, in: text)
    }
    return text
}

private func replace(_ name: String, by value: String?, in object: String) -> String {
    var members = object.dropFirst().dropLast().components(separator: ", ")
    members.removeAll { $0.hasPrefix("\"\(name)\": ") }
    if let value { members.append("\"\(name)\": \(value)") }
    return "{" + members.joined(separator: ", ") + "}"
}

extension Substring {
    fileprivate func components(separator: String) -> [String] {
        var result: [String] = []
        var rest = self[...]
        while let found = rest.firstRange(of: separator) {
            result.append(String(rest[..<found.lowerBound]))
            rest = rest[found.upperBound...]
        }
        return result + [String(rest)]
    }
}

/// The evidence of plain sales with these bill numbers.
func sales(_ numbers: String...) throws -> [Evidence] {
    try numbers.map { try prepare(bill(["billNumber": "\"\($0)\""])).evidence }
}

/// A generator whose seed is printed by the test that uses it.
struct Seeded: RandomNumberGenerator {
    private var state: UInt64
    init(_ seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
