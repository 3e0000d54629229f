import Model
import Records

// Where a record is booked, if that is in its rows.
extension Mapper {
    /// The attribution's code in a row; where there is none, what the job says instead.
    ///
    /// A hole is never filled in with what the connection would take: the record is invalid then.
    mutating func attribution(_ source: RowSource, _ row: Int, _ program: Program) -> String? {
        guard let from = program.attribution else { return nil }
        if rules >= .strict, program.isJSON, let kind = kind(of: from, row, source, program),
            ![.string, .number, .null].contains(kind)
        {
            note(
                Refusal(
                    .type, field: attributionColumn,
                    message: "Expected the code of a store or till as a string."))
            return nil
        }
        var text: [UInt8] = []
        swap(&text, &scratch)
        defer { swap(&text, &scratch) }
        text.removeAll(keepingCapacity: true)
        appendText(from, row, source, program, to: &text)
        var kept = trimmed(text, 0..<text.count)
        guard kept.isEmpty else {
            if rules >= .strict {
                kept = withoutFormula(text, kept)
                if let problem = keyProblem(text, kept, attributionColumn, program) {
                    note(problem)
                    return nil
                }
            }
            return String(decoding: text[kept], as: UTF8.self)
        }
        if attributionDefault == nil, rules >= .strict {
            note(
                Refusal(
                    .missing, field: attributionColumn,
                    message: "The store or till is empty, and the job has no `default` in "
                        + "`send.attribution`."))
        }
        return attributionDefault
    }
}
