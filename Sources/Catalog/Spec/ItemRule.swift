import Model
import Records

/// What a list of fields cannot say of an item. A path is one of ``KeyPart``.
package enum ItemRule: Sendable {
    /// Of these names, in an object field or in the item itself, one has a value, and only one.
    case exactlyOne(of: [String], in: String? = nil)
    case atLeastOne(of: [String])
    case atMostOne(of: [String])
    /// One of these fields has something to change: a text, a number, or an object or a list that is not empty.
    case something(of: [String], words: String)
    /// A list has exactly one element: of several, the reply would not say which was done.
    case single(String)
    /// A list has that many elements.
    case count(String, ClosedRange<Int>)
    /// A list has elements.
    case filled(String)
    /// A part of a key that has to be there, by the name of its field.
    case key(String, KeyPart)
    /// Dates as `2026-02-03 14:05:00`, without offset: they are in the server's time zone.
    case serverTime([String])
    /// A number has at most that many decimal places.
    case decimals(String, most: Int)
    /// The numbers at that path, of each element of a list on its way, make up the number of a field.
    case sum(of: String, is: String)
    case code(@Sendable (_ context: inout ItemContext) -> Void)
}

extension ItemContext {
    mutating func check(_ rule: ItemRule) {
        switch rule {
        case .exactlyOne(let names, let field): _ = one(of: names, in: field)
        case .atLeastOne(let names):
            if !names.contains(where: { filled($0) != nil || has($0) }) {
                problem(.missing, names[0], "Give \(names.joined(separator: " or ")).")
            }
        case .atMostOne(let names):
            let given = names.filter { has($0) }
            if given.count > 1, let last = given.last {
                problem(.rule, last, "Only one of \(ItemRule.list(names)) may be given.")
            }
        case .something(let names, let words):
            if !names.contains(where: { has($0) }) { problem(.rule, "", words) }
        case .single(let field):
            let count = list(field).count
            if node(field) != nil, count != 1 {
                problem(.rule, field, "\(count) are given; make one record for each.")
            }
        case .count(let field, let range):
            let count = list(field).count
            if node(field) != nil, !range.contains(count) {
                problem(
                    .outOfRange, field,
                    "\(count) are given; expected \(range.lowerBound) to \(range.upperBound).")
            }
        case .filled(let field):
            if node(field) != nil, list(field).isEmpty {
                problem(.missing, field, "The list is empty.")
            }
        case .key(let name, let part):
            if texts([part]).allSatisfy(\.isEmpty) {
                problem(.missing, name, "\(name) is part of the key and is required.")
            }
        case .serverTime(let fields):
            for field in fields {
                if let text = filled(field), !V1Customers.isServerTime(text) {
                    problem(
                        .rule, field, "Expected a date such as 2026-02-03 14:05:00, without an offset.")
                }
            }
        case .decimals(let field, let most):
            let text = text(field) ?? ""
            if let point = text.firstIndex(of: "."), text[point...].count > most + 1 {
                problem(.rule, field, "\(text) has more than \(most) decimal places.")
            }
        case .sum(let path, let total): checkSum(path, total)
        case .code(let check): check(&self)
        }
    }

    private mutating func checkSum(_ path: String, _ total: String) {
        guard let wanted = text(total).flatMap({ DecimalNumber($0) }) else { return }
        let parts = numbers(json.root, path.split(separator: ".").map(String.init)[...])
        // Beyond what can be reckoned with nothing is said.
        guard !parts.isEmpty, let sum = DecimalNumber.sum(parts), sum != wanted else { return }
        problem(.rule, total, "It is not the sum of \(path).")
    }

    private func numbers(_ node: Int?, _ path: ArraySlice<String>) -> [DecimalNumber] {
        guard let node, !json.isNull(node) else { return [] }
        if json.tape.is(node, .array) { return json.list(node).flatMap { numbers($0, path) } }
        guard let name = path.first else {
            return json.scalar(node).flatMap { DecimalNumber($0) }.map { [$0] } ?? []
        }
        return numbers(json.member(named: name, of: node), path.dropFirst())
    }
}

extension ItemRule {
    /// Names as a sentence lists them.
    static func list(_ names: [String]) -> String {
        guard names.count > 1 else { return names.first ?? "" }
        return names.dropLast().joined(separator: ", ") + " and " + (names.last ?? "")
    }

    /// In one sentence, for `sluice endpoints NAME`; nil of code, which the notes of fields tell of.
    package var words: String? {
        switch self {
        case .exactlyOne(let names, let field):
            "exactly one of \(Self.list(names))" + (field.map { " in \($0)" } ?? "")
        case .atLeastOne(let names): "at least one of \(Self.list(names))"
        case .atMostOne(let names): "at most one of \(Self.list(names))"
        case .something(let names, _): "something to change: one or more of \(Self.list(names))"
        case .single(let field): "\(field) has exactly one element"
        case .count(let field, let range):
            "\(field) has \(range.lowerBound) to \(range.upperBound) elements"
        case .filled(let field): "\(field) has at least one element"
        case .key: nil
        case .serverTime(let fields):
            "\(Self.list(fields)): 2026-02-03 14:05:00, in the server's time zone, without an offset"
        case .decimals(let field, let most): "\(field) has at most \(most) decimal places"
        case .sum(let path, let total): "\(total) is the sum of \(path)"
        case .code: nil
        }
    }
}
