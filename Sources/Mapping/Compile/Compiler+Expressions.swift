import Model
import Records

// What a job computes: `where`, `let`, `when` and `expr`.
extension Compiler {
    /// What evaluates expressions, with all of them prepared.
    static func engine(
        of expressions: [CompiledExpression], _ notation: Conversion
    ) throws(MappingError) -> ExpressionEngine {
        var number = NumberText(
            decimal: notation.decimal.utf8.first ?? UInt8(ascii: "."),
            thousands: Array((notation.thousands ?? "").utf8))
        number.currencies = notation.currencies.map { Array($0.utf8) }
        number.readsAccounting = notation.accounting
        do throws(ExpressionEngine.EngineError) {
            return try ExpressionEngine.open(expressions, number: number)
        } catch {
            let expression = expressions[min(error.index, expressions.count - 1)]
            throw MappingError(
                .badRule, at: expression.place, line: expression.line,
                message: "`\(expression.text)`: \(error.message)")
        }
    }

    mutating func values(_ spec: MappingSpec) throws(MappingError) {
        for value in spec.values {
            line = value.rule.line
            let place = "record.let.\(value.name)"
            if let columns, columns.contains(value.name) {
                throw MappingError(
                    .badRule, at: place, line: line,
                    message: "the input has a column of that name: choose another one.")
            }
            guard values[value.name] == nil else {
                throw MappingError(.badRule, at: place, line: line, message: "the name is given twice.")
            }
            let index = try expression(value.rule.text, at: place, use: .named)
            values[value.name] = Int(index)
            types.values[value.name] = expressions[Int(index)].type
        }
    }

    mutating func condition(
        _ rule: ExpressionRule?, at place: String, allowsSums: Bool
    ) throws(MappingError) -> Int32? {
        guard let rule else { return nil }
        line = rule.line
        return try expression(rule.text, at: place, use: .condition, allowsSums: allowsSums)
    }

    /// - Parameter shared: The field for which the rows of a record have to agree in the columns it reads.
    mutating func expression(
        _ text: String, at place: String, use: CompiledExpression.Use, allowsSums: Bool = false,
        sharedAs shared: String? = nil
    ) throws(MappingError) -> Int32 {
        func wrong(_ error: ExpressionError) -> MappingError {
            MappingError(
                .badRule, at: place, line: line, message: "`\(text)`: \(error.message)",
                suggestion: error.suggestion)
        }
        let node: ExpressionNode
        let references: [ExpressionReference]
        do throws(ExpressionError) {
            (node, references) = try ExpressionParser.parse(text)
        } catch {
            throw wrong(error)
        }
        var slots: [CompiledExpression.Slot] = []
        for reference in references {
            switch reference.target {
            case .name(let name):
                if let value = values[name] {
                    slots.append(.value(value))
                    if let shared { share(value: value, shared) }
                } else {
                    // While only the job is looked at, each name is a column of its own.
                    let from = isCheck ? Int32(slots.count) : try source(name, at: place)
                    slots.append(.cell(from))
                    if let shared { share(from, shared) }
                }
            case .sum(let inside, _):
                guard allowsSums else {
                    throw wrong(
                        ExpressionError(
                            "dec_sum sums over the rows of a record: it cannot stand here."))
                }
                let index = try expression(inside, at: place, use: .summand)
                slots.append(.sum(Int(index)))
            }
        }
        do throws(ExpressionError) {
            let compiled = try CompiledExpression(
                text, node, references, slots: slots, place: place, line: line, use: use, types: types)
            expressions.append(compiled)
            return Int32(expressions.count - 1)
        } catch {
            throw wrong(error)
        }
    }

    mutating func share(value: Int, _ place: String) {
        for slot in expressions[value].slots {
            switch slot {
            case .cell(let from): share(from, place)
            case .value(let other): share(value: other, place)
            case .sum: break
            }
        }
    }
}
