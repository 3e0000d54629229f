import Model
import Records

/// Intermediate values of one row, found out when first needed.
struct Evaluated: Sendable {
    /// Of the row whose values they are; -1: of none.
    var row = -1
    var values: [ExpressionValue?]

    init(count: Int = 0) { values = Array(repeating: nil, count: count) }

    mutating func begin(_ row: Int) {
        guard row != self.row else { return }
        self.row = row
        for index in values.indices { values[index] = nil }
    }
}

// Expressions over the columns of a row.
extension Mapper {
    /// Leaves out the rows for which the job's `where` is not true. One for which it has no value stays, and is
    /// invalid.
    mutating func filter(
        _ source: inout RowSource, _ filter: Int32, _ program: Program, into batch: inout RecordBatch
    ) {
        var kept: [Row] = []
        kept.reserveCapacity(source.rows.count)
        for index in source.rows.indices {
            let row = source.rows[index]
            switch verdict(source, index, filter, program) {
            case nil: kept.append(row)
            case .keep: kept.append(row)
            case .leave:
                let length = row.position.length
                if isLeaving, let last = batch.filtered.indices.last {
                    batch.filtered[last].rows += 1
                    batch.filtered[last].bytes += length
                } else {
                    batch.filtered.append(
                        FilteredStretch(offset: row.position.offset, rows: 1, bytes: length))
                }
                isLeaving = true
                continue
            case .refuse(let refusal):
                kept.append(
                    Row(
                        position: row.position, fields: row.fields, value: row.value,
                        stored: row.stored,
                        lineEnds: row.lineEnds, problem: refusal, origin: row.origin))
            }
            isLeaving = false
        }
        source.rows = kept
        tapeRow = -1
    }

    private enum Verdict { case keep, leave, refuse(Refusal) }

    /// What becomes of a row; nil where none of its columns can be told.
    private mutating func verdict(
        _ source: RowSource, _ index: Int, _ filter: Int32, _ program: Program
    ) -> Verdict? {
        if program.isJSON {
            guard source.rows[index].problem == nil, isContainer(source, index) else { return nil }
        } else if !source.isSound(index, program.columnCount) {
            return nil
        }
        do throws(ExpressionFault) {
            let value = try value(of: Int(filter), index, source, program)
            return value.isTrue ? .keep : .leave
        } catch {
            return .refuse(refusal(error, Int(filter), program, field: nil))
        }
    }

    /// Whether a row is left out, where only that is asked.
    mutating func isFiltered(_ source: RowSource, _ index: Int, _ program: Program) -> Bool {
        guard let filter = program.filter,
            case .leave = verdict(source, index, filter, program)
        else { return false }
        return true
    }

    func refusal(
        _ fault: ExpressionFault, _ index: Int, _ program: Program, field: String?
    ) -> Refusal {
        Refusal(
            fault.reason, field: field,
            message: "\(fault.message) (\(program.expressions[index].words))")
    }

    // MARK: Branches

    /// The first branch that holds; nil, with the reason noted, where none does.
    mutating func branch(_ row: Int, _ source: RowSource, _ program: Program) -> Int? {
        for (index, branch) in program.branches.enumerated() {
            guard let condition = branch.condition else { return index }
            do throws(ExpressionFault) {
                if try value(of: Int(condition), row, source, program).isTrue { return index }
            } catch {
                note(refusal(error, Int(condition), program, field: nil))
                return nil
            }
        }
        note(Refusal(.rule, message: "None of the conditions of `record.when` holds."))
        return nil
    }

    // MARK: Values

    /// Appends what an expression gives as the value of a field.
    mutating func writeExpression(
        _ step: Program.Step, _ row: Int, _ source: RowSource, _ program: Program, to out: inout [UInt8]
    ) -> (Converted, Refusal?) {
        let converter = program.converters[Int(step.converter)]
        let value: ExpressionValue
        do throws(ExpressionFault) {
            value = try self.value(of: Int(step.from), row, source, program)
        } catch {
            let field = program.names[Int(step.name)]
            return (.omitted, refusal(error, Int(step.from), program, field: field))
        }
        switch value {
        case .null: return (cells.writeEmpty(converter, isNull: true, to: &out), nil)
        case .text(let text): return (cells.write(text, 0..<text.count, converter, to: &out), nil)
        case .integer, .real:
            var text: [UInt8] = []
            guard value.appendNumber(to: &text) else { return (.failed(.number), nil) }
            let plain = program.converters[Int(step.end)]
            return (cells.write(text, 0..<text.count, plain, to: &out), nil)
        }
    }

    /// What an expression gives for a row.
    private mutating func value(
        of index: Int, _ row: Int, _ source: RowSource, _ program: Program
    ) throws(ExpressionFault) -> ExpressionValue {
        guard let engine else { return .null }
        // A text that is empty needs a place, too.
        var bytes: [UInt8] = [0]
        bytes.reserveCapacity(128)
        var parameters: [ExpressionEngine.Parameter] = []
        let slots = program.expressions[index].slots
        parameters.reserveCapacity(slots.count)
        for slot in slots {
            switch slot {
            case .cell(let from):
                let start = bytes.count
                parameters.append(
                    appendCell(from, row, source, program, to: &bytes)
                        ? .text(start..<bytes.count) : .null)
            case .value(let other):
                append(try named(other, row, source, program), to: &parameters, &bytes)
            case .sum(let other):
                var values: [ExpressionValue] = []
                for row in rows { values.append(try value(of: other, row, source, program)) }
                append(try engine.sum(values), to: &parameters, &bytes)
            }
        }
        return try engine.run(index, bytes, parameters)
    }

    private func append(
        _ value: ExpressionValue, to parameters: inout [ExpressionEngine.Parameter],
        _ bytes: inout [UInt8]
    ) {
        switch value {
        case .null: parameters.append(.null)
        case .integer(let number): parameters.append(.integer(number))
        case .real(let number): parameters.append(.real(number))
        case .text(let text):
            parameters.append(.text(bytes.count..<bytes.count + text.count))
            bytes += text
        }
    }

    /// An intermediate value, found out once a row.
    private mutating func named(
        _ index: Int, _ row: Int, _ source: RowSource, _ program: Program
    ) throws(ExpressionFault) -> ExpressionValue {
        evaluated.begin(row)
        if let known = evaluated.values[index] { return known }
        do throws(ExpressionFault) {
            let value = try value(of: index, row, source, program)
            evaluated.values[index] = value
            return value
        } catch {
            throw ExpressionFault(
                reason: error.reason,
                message: "\(error.message) in \(program.expressions[index].place)")
        }
    }

    /// Appends a cell as it reads; false where it is null.
    private mutating func appendCell(
        _ from: Int32, _ row: Int, _ source: RowSource, _ program: Program, to text: inout [UInt8]
    ) -> Bool {
        let start = text.count
        if program.isJSON {
            guard let kind = kind(of: from, row, source, program), kind != .null else { return false }
        } else {
            guard Int(from) < source.fieldCount(row) else { return false }
            text.append(source.text, source.place(source.base(row) + Int(from)))
            guard !program.nulls.isEmpty else { return true }
        }
        if program.isJSON { appendText(from, row, source, program, to: &text) }
        guard let words = program.nulls[from], isListed(words, text, start..<text.count) else {
            // A word that means null was taken out already.
            return !program.isJSON || text.count > start || program.nulls[from] == nil
        }
        text.removeLast(text.count - start)
        return false
    }
}
