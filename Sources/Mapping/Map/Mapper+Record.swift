import Model
import Records

// One record: its rows through the program.
extension Mapper {
    /// Maps `rows` of `source` to one record.
    mutating func emit(
        _ source: RowSource, _ rows: Range<Int>, _ program: Program, into batch: inout RecordBatch
    ) {
        if !problems.isEmpty { problems.removeAll() }
        if !customers.isEmpty { customers.removeAll() }
        for index in rows where !source.isSound(index, program.columnCount) {
            checkRow(source, index, of: rows, program)
        }
        let item = batch.bytes.count
        var attribution: String?
        if problems.isEmpty {
            self.rows = rows
            let code = program.code
            _ = run(program, code, program.common, row: rows.lowerBound, source, to: &batch.bytes)
            let branch = program.branches.isEmpty ? nil : branch(rows.lowerBound, source, program)
            if let branch {
                let steps = program.branches[branch].steps
                _ = run(program, code, steps, row: rows.lowerBound, source, to: &batch.bytes)
            }
            close(from: item, with: (UInt8(ascii: "{"), UInt8(ascii: "}")), &batch.bytes)
            if rows.count > 1 {
                checkShared(source, rows, program, branch)
                checkSpelling(source, rows, program)
            }
            if !program.unseenKeys.isEmpty { checkKeys(source, rows.lowerBound, program) }
            attribution = self.attribution(source, rows.lowerBound, program)
        }
        if let column = program.trouble { noteTrouble(source, rows, column) }
        append(source, rows, item: item, attribution: attribution, into: &batch)
    }

    /// What was wrong with the record before its rows came together decides.
    private mutating func noteTrouble(_ source: RowSource, _ rows: Range<Int>, _ column: Int32) {
        for row in rows where Int(column) < source.fieldCount(row) {
            let place = source.place(source.base(row) + Int(column))
            guard !place.isEmpty else { continue }
            let text = String(decoding: source.text[place], as: UTF8.self)
            let code = text.prefix { $0 != ":" }
            let words = text.dropFirst(code.count + 1).trimmingPrefix(" ")
            problems.insert(Refusal(Reason.named(String(code)), message: String(words)), at: 0)
            return
        }
    }

    private mutating func checkRow(
        _ source: RowSource, _ index: Int, of rows: Range<Int>, _ program: Program
    ) {
        if var problem = source.rows[index].problem {
            if rows.count > 1 {
                problem.message = "line \(source.rows[index].position.line): " + problem.message
            }
            note(problem)
        } else if let count = program.columnCount, source.rows[index].fields.count != count {
            note(
                Refusal(
                    .fieldCount,
                    message: "Expected \(count) fields, found \(source.rows[index].fields.count)."))
        } else if program.isJSON, !isContainer(source, index) {
            note(Refusal(.type, message: "Expected a JSON object: each row is one object."))
        }
    }

    func isContainer(_ source: RowSource, _ index: Int) -> Bool {
        guard let first = source.rows[index].value.first else { return false }
        return source.text[first] == UInt8(ascii: "{") || source.text[first] == UInt8(ascii: "[")
    }

    mutating func note(_ problem: Refusal) {
        if problems.count < Mapper.problemLimit { problems.append(problem) }
    }

    private mutating func note(
        _ fault: Fault, _ converter: Converter, _ program: Program, _ name: Int32
    ) {
        note(
            Refusal(fault.reason, field: path(name, program), message: fault.message(converter)))
    }

    /// Where a field is in the item.
    private func path(_ name: Int32, _ program: Program) -> String {
        let field = program.names[Int(name)]
        guard let star = field.firstIndex(of: "*") else { return field }
        return field[..<star] + String(element) + field[field.index(after: star)...]
    }

    // MARK: Steps

    /// Runs the steps of `range` over one row, appending members or elements with a comma before each.
    ///
    /// - Returns: Whether a cell had anything to give.
    private mutating func run(
        _ program: Program, _ code: Program.Code, _ range: Range<Int>, row: Int, _ source: RowSource,
        to out: inout [UInt8]
    ) -> Bool {
        var hasValue = false
        let base = source.base(row)
        var at = range.lowerBound
        while at < range.upperBound {
            let step = code.steps[at]
            at += 1
            if step.plain != .no {
                let place = source.place(base + Int(step.from))
                if step.plain != .number {
                    if !place.isEmpty,
                        !SpreadsheetDamage.mayBeDamaged(
                            source.text, place, asCode: step.plain == .code)
                    {
                        out.append(code.literals, code.all(step))
                        JSONWriter.appendString(source.text, in: place, to: &out)
                        hasValue = true
                        continue
                    }
                } else if NumberText.isJSON(source.text, place),
                    !SpreadsheetDamage.mayBeDamaged(source.text, place, asCode: false)
                {
                    out.append(code.literals, code.all(step))
                    out.append(source.text, place)
                    hasValue = true
                    continue
                }
            }
            out.append(code.literals, code.always(step))
            if step.code == .literal { continue }
            let start = out.count
            out.append(code.literals, code.withValue(step))
            switch step.code {
            case .literal: break
            case .expression:
                let (converted, refusal) = writeExpression(step, row, source, program, to: &out)
                if var refusal {
                    out.removeLast(out.count - start)
                    refusal.field = path(step.name, program)
                    note(refusal)
                    hasValue = true
                    continue
                }
                let converter = program.converters[Int(step.converter)]
                if settle(converted, start, converter, program, step.name, &out) { hasValue = true }
            case .cell, .template:
                let converter = program.converters[Int(step.converter)]
                let converted: Converted
                if step.code == .template {
                    converted = writeTemplate(
                        program.templates[Int(step.from)], row, source, program, converter, to: &out)
                } else if program.isJSON {
                    converted = writePath(step.from, row, source, program, converter, to: &out)
                } else {
                    converted = cells.write(
                        source.text, source.place(base + Int(step.from)), converter, to: &out)
                }
                guard settle(converted, start, converter, program, step.name, &out) else { continue }
                hasValue = true
                if let lookup = converter.lookup, converted == .written {
                    let value = start + code.withValue(step).count
                    customers.append(
                        NamedCustomer(
                            place: value..<out.count, field: path(step.name, program), lookup: lookup))
                }
            case .object, .list, .each:
                let inside = at..<Int(step.end)
                at = inside.upperBound
                if nest(step, inside, row, source, program, code, to: &out) {
                    hasValue = true
                } else if step.reads {
                    out.removeLast(out.count - start)
                }
            }
        }
        return hasValue
    }

    /// Drops what was started at `start` unless it became a value. True where the cell gave something.
    private mutating func settle(
        _ converted: Converted, _ start: Int, _ converter: Converter, _ program: Program, _ name: Int32,
        _ out: inout [UInt8]
    ) -> Bool {
        switch converted {
        case .written: return true
        case .omitted:
            out.removeLast(out.count - start)
            return false
        case .failed(let fault):
            out.removeLast(out.count - start)
            note(fault, converter, program, name)
            return true
        }
    }

    /// Appends an object or a list. False where it is to be left out if it reads cells.
    private mutating func nest(
        _ step: Program.Step, _ inside: Range<Int>, _ row: Int, _ source: RowSource, _ program: Program,
        _ code: Program.Code, to out: inout [UInt8]
    ) -> Bool {
        let start = out.count
        var hasValue = false
        switch step.code {
        case .each:
            element = 0
            for row in rows {
                let before = out.count
                if run(program, code, inside, row: row, source, to: &out) { hasValue = true }
                if out.count > before { element += 1 }
            }
        default:
            hasValue = run(program, code, inside, row: row, source, to: &out)
        }
        let brackets =
            step.code == .object
            ? (UInt8(ascii: "{"), UInt8(ascii: "}")) : (UInt8(ascii: "["), UInt8(ascii: "]"))
        close(from: start, with: brackets, &out)
        return hasValue
    }

    /// Puts brackets around members or elements that each begin with a comma.
    private func close(from start: Int, with brackets: (UInt8, UInt8), _ out: inout [UInt8]) {
        if out.count == start {
            out.append(brackets.0)
        } else {
            out[start] = brackets.0
        }
        out.append(brackets.1)
    }

    // MARK: JSON rows

    /// The node at a dotted path of a row; nil where there is none.
    private mutating func node(_ from: Int32, _ row: Int, _ source: RowSource, _ program: Program)
        -> Int?
    {
        if tapeRow != row {
            tapeRow = row
            // The reader has checked the text; should it not be JSON after all, nothing is found in it.
            try? tape.parse(source.text, in: source.rows[row].value)
        }
        guard tape.count > 0 else { return nil }
        var node = 0
        for name in program.paths[Int(from)] {
            if tape.kind(of: node) == .array {
                guard let index = Int(name), index >= 0, index < tape.childCount(of: node) else {
                    return nil
                }
                node += 1
                for _ in 0..<index { node = tape.next(after: node) }
            } else {
                guard let member = tape.member(name, of: node, in: source.text) else { return nil }
                node = member
            }
        }
        return node
    }

    /// What is at a path of a JSON row; nil for nothing.
    mutating func kind(
        of from: Int32, _ row: Int, _ source: RowSource, _ program: Program
    ) -> JSONTape.Kind? {
        node(from, row, source, program).map { tape.kind(of: $0) }
    }

    private mutating func writePath(
        _ from: Int32, _ row: Int, _ source: RowSource, _ program: Program, _ converter: Converter,
        to out: inout [UInt8]
    ) -> Converted {
        guard let node = node(from, row, source, program) else {
            if converter.empty == .asIs, converter.defaultValue == nil { return .omitted }
            return cells.writeEmpty(converter, isNull: true, to: &out)
        }
        let kind = tape.kind(of: node)
        if kind == .null { return cells.writeEmpty(converter, isNull: true, to: &out) }
        let isEmptyText = kind == .string && tape.range(of: node).isEmpty
        if converter.isAsIs, !isEmptyText {
            if kind == .string, let found = look(atString: node, source, converter, to: &out) {
                return found
            }
            out.append(contentsOf: source.text[tape.fullRange(of: node)])
            return .written
        }
        switch kind {
        case .object, .array:
            guard converter.kind == .json else { return .failed(.text) }
            out.append(contentsOf: source.text[tape.fullRange(of: node)])
            return .written
        case .number where converter.losesDigits(source.text, tape.range(of: node)):
            return .failed(.digits)
        case .number, .true, .false:
            return cells.write(source.text, tape.range(of: node), converter, to: &out)
        case .string, .null:
            guard tape.hasEscapes(node) else {
                return cells.write(source.text, tape.range(of: node), converter, to: &out)
            }
            var text: [UInt8] = []
            tape.appendText(of: node, in: source.text, to: &text)
            return cells.write(text, 0..<text.count, converter, to: &out)
        }
    }

    /// What becomes of a JSON string that is used unchanged, where it does not.
    private mutating func look(
        atString node: Int, _ source: RowSource, _ converter: Converter, to out: inout [UInt8]
    ) -> Converted? {
        let range = tape.range(of: node)
        if !converter.nulls.isEmpty {
            var text: [UInt8] = []
            tape.appendText(of: node, in: source.text, to: &text)
            if converter.isNull(text, 0..<text.count) {
                return cells.writeEmpty(converter, isNull: true, to: &out)
            }
        }
        guard converter.checksDamage else { return nil }
        if converter.target == .code, !tape.hasEscapes(node) || source.text[range].first == 0x3D {
            var text: [UInt8] = []
            tape.appendText(of: node, in: source.text, to: &text)
            let inside = withoutFormula(text, 0..<text.count)
            if inside.count < text.count { return cells.write(text, inside, converter, to: &out) }
        }
        return converter.isDamaged(source.text, range) ? .failed(.spreadsheet) : nil
    }

    // MARK: Cells as texts

    /// Appends the cell as it reads, without any conversion; of JSON, nothing for null and absent ones.
    mutating func appendText(
        _ from: Int32, _ row: Int, _ source: RowSource, _ program: Program, to text: inout [UInt8]
    ) {
        let start = text.count
        if program.isJSON {
            guard let node = node(from, row, source, program), tape.kind(of: node) != .null else {
                return
            }
            tape.appendText(of: node, in: source.text, to: &text)
        } else {
            guard Int(from) < source.fieldCount(row) else { return }
            text.append(source.text, source.place(source.base(row) + Int(from)))
        }
        guard !program.nulls.isEmpty, let words = program.nulls[from],
            isListed(words, text, start..<text.count)
        else { return }
        text.removeLast(text.count - start)
    }

    private mutating func writeTemplate(
        _ template: Program.Template, _ row: Int, _ source: RowSource, _ program: Program,
        _ converter: Converter, to out: inout [UInt8]
    ) -> Converted {
        var text: [UInt8] = []
        swap(&text, &scratch)
        defer { swap(&text, &scratch) }
        text.removeAll(keepingCapacity: true)
        for part in template.parts {
            switch part {
            case .literal(let bytes): text.append(contentsOf: bytes)
            case .cell(let from):
                let start = text.count
                appendText(from, row, source, program, to: &text)
                if converter.trims {
                    let kept = trimmed(text, start..<text.count)
                    text.removeLast(text.count - kept.upperBound)
                    text.removeSubrange(start..<kept.lowerBound)
                }
                if text.count == start {
                    if converter.empty == .text { continue }
                    return cells.writeEmpty(converter, isNull: false, to: &out)
                }
                if let fault = check(&text, from: start, converter) { return .failed(fault) }
            case .count:
                guard let count = counters[template.counter].count(text, 0..<text.count) else {
                    return .failed(.uncounted)
                }
                text.append(contentsOf: String(count).utf8)
            }
        }
        return cells.write(text, 0..<text.count, converter, to: &out)
    }

    /// Looks at a cell at the end of `text` that becomes a part of it, and takes it out of a formula.
    private func check(_ text: inout [UInt8], from start: Int, _ converter: Converter) -> Fault? {
        if converter.target == .code {
            if converter.trims, let kept = KeyText.withoutMarks(text, start..<text.count) {
                text.replaceSubrange(start..., with: kept)
            }
            if converter.checksDamage {
                let inside = withoutFormula(text, start..<text.count)
                text.removeLast(text.count - inside.upperBound)
                text.removeSubrange(start..<inside.lowerBound)
            }
            if let trouble = converter.keyTrouble(text, start..<text.count) { return .key(trouble) }
        }
        return converter.checksDamage && converter.isDamaged(text, start..<text.count)
            ? .spreadsheet : nil
    }

    // MARK: Groups

    /// What is wrong with cells that tell records apart, and that no field looks at.
    private mutating func checkKeys(_ source: RowSource, _ row: Int, _ program: Program) {
        guard rules >= .strict else { return }
        for key in program.unseenKeys {
            var text: [UInt8] = []
            appendText(key.from, row, source, program, to: &text)
            if let problem = keyProblem(text, trimmed(text, 0..<text.count), key.name, program) {
                note(problem)
            }
        }
    }

    /// What is wrong with a text that tells one thing from another and no conversion has looked at.
    func keyProblem(
        _ text: [UInt8], _ range: Range<Int>, _ name: String?, _ program: Program
    ) -> Refusal? {
        if SpreadsheetDamage.isDamaged(text, range, asCode: true) {
            return Refusal(.spreadsheet, field: name, message: Fault.spreadsheetWords)
        }
        guard let trouble = KeyText.trouble(in: text, range, nullWords: program.suspectsNulls) else {
            return nil
        }
        return Refusal(Fault.key(trouble).reason, field: name, message: trouble.words)
    }

    /// What is once in the record has to be the same in all its rows; a later row may leave it empty.
    private mutating func checkShared(
        _ source: RowSource, _ rows: Range<Int>, _ program: Program, _ branch: Int?
    ) {
        for shared in program.shared where shared.branch == nil || shared.branch == branch {
            var first: [UInt8] = []
            appendText(shared.from, rows.lowerBound, source, program, to: &first)
            for row in rows.dropFirst() {
                scratch.removeAll(keepingCapacity: true)
                var text: [UInt8] = []
                swap(&text, &scratch)
                appendText(shared.from, row, source, program, to: &text)
                let differs = !text.isEmpty && text != first
                swap(&text, &scratch)
                if differs {
                    note(
                        Refusal(
                            .rule, field: shared.name,
                            message: "The rows of the record have different values, first on line "
                                + "\(source.rows[row].position.line)."))
                    break
                }
            }
        }
    }
}
