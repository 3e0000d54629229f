import Foundation

/// An expression made ready for SQLite: its text with a parameter in the place of each column.
struct CompiledExpression: Sendable {
    /// What is bound to a parameter.
    enum Slot: Sendable, Equatable {
        /// A CSV column or a path of JSON.
        case cell(Int32)
        /// An intermediate value, by its index among the expressions.
        case value(Int)
        /// The sum of an expression over the rows of the record, by its index.
        case sum(Int)
    }

    enum Use: Sendable { case value, condition, named, summand }

    /// As the job has it.
    let text: String
    /// As in `record.fields.billAmount`.
    let place: String
    let line: Int?
    let sql: String
    let slots: [Slot]
    let type: ExpressionType

    /// Whether a number that was computed in binary comes out of it.
    var isFloat: Bool { type == .float }

    /// - Parameter slots: One a reference, in their order.
    init(
        _ text: String, _ node: ExpressionNode, _ references: [ExpressionReference], slots: [Slot],
        place: String, line: Int?, use: Use, types: ExpressionTypes
    ) throws(ExpressionError) {
        type = try types.type(of: node)
        if use == .condition { try types.condition(node) }
        var known: [Slot] = []
        let bytes = Array(text.utf8)
        var sql: [UInt8] = []
        var at = 0
        for (reference, slot) in zip(references, slots) {
            let index = known.firstIndex(of: slot) ?? known.count
            if index == known.count { known.append(slot) }
            sql += bytes[at..<reference.range.lowerBound]
            sql += Array("?\(index + 1)".utf8)
            at = reference.range.upperBound
        }
        sql += bytes[at...]
        let value = String(decoding: sql, as: UTF8.self)
        // The conditions of a CASE are read from left to right, and no further than they have to be.
        self.sql =
            use == .condition ? "SELECT CASE WHEN (\(value)) THEN 1 ELSE 0 END" : "SELECT (\(value))"
        self.text = text
        self.place = place
        self.line = line
        self.slots = known
    }

    /// Where it is, for messages about a row.
    var words: String {
        let shown = text.count > 80 ? text.prefix(79) + "…" : text[...]
        return "\(place)\(line.map { " (line \($0) of the job)" } ?? ""), `\(shown)`"
    }
}

/// What an expression gave.
enum ExpressionValue: Sendable, Equatable {
    case null
    case integer(Int64)
    case real(Double)
    case text([UInt8])

    /// Whether a condition holds.
    var isTrue: Bool {
        switch self {
        case .integer(let number): number != 0
        case .real(let number): number != 0
        case .null, .text: false
        }
    }

    /// Appends a number as JSON has it, without a fraction of nothing; false where there is no such number.
    func appendNumber(to out: inout [UInt8]) -> Bool {
        switch self {
        case .integer(let number): out += Array(String(number).utf8)
        case .real(let number):
            guard number.isFinite else { return false }
            if number == number.rounded(), abs(number) < 1e15 {
                out += Array(String(Int64(number)).utf8)
            } else {
                // SQLite's 15 digits: what 16 and more would show is noise of the binary form.
                out += Array(Self.digits(number).utf8)
            }
        case .null, .text: return false
        }
        return true
    }

    private static func digits(_ number: Double) -> String {
        let text = "\(number)"
        guard text.count(where: { $0.isNumber }) > 15 else { return text }
        // 0.1 + 0.2: rounded as SQLite shows it.
        let exponent = 14 - Int(log10(abs(number)).rounded(.down))
        guard (0...22).contains(exponent) else { return text }
        let power = pow(10.0, Double(exponent))
        let rounded = (number * power).rounded() / power
        return "\(rounded)"
    }
}
