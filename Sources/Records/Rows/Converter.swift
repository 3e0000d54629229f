package import Model

/// Shows what an input reads as: JSON Lines or CSV.
///
/// Rows of CSV become objects of strings under their column names, or arrays of strings where there is no
/// header; JSON stays as it is written, one value a line. A row with a problem is reported and left out.
package struct Converter {
    package enum Target: String, Sendable, CaseIterable { case jsonl, csv }

    /// A row that is left out.
    package struct BadRow: Sendable, CustomStringConvertible {
        /// The input's name for people.
        package var name: String
        /// Of the row; `problemPosition`, where known, is closer.
        package var position: Position
        package var problemPosition: Position?
        package var problem: Refusal

        /// `orders.csv:1048: the row has 3 fields, where 5 belong`
        package var description: String {
            "\(InputName.place(name, line: position.line)): \(problem.message)"
        }
    }

    package struct Summary: Sendable, Equatable {
        package var written = 0
        package var bad = 0
        package var account = ByteAccount()
    }

    /// Reads `file` to its end, handing what it reads as to `output`, a good part at a time.
    ///
    /// JSON to CSV: the columns are all names that occur, in the order of their first appearance, for
    /// which the file is read twice. Strings are written without their quotes, null as nothing, what nests
    /// as JSON.
    ///
    /// - Parameters:
    ///   - note: Takes what is worth saying once, as a column that is renamed.
    ///   - bad: Takes each row that is left out, in the order of the file.
    /// - Throws: ``ReadError`` where the input cannot be read on; what `output` throws.
    package static func convert(
        _ file: InputFile, options: InputOptions, to target: Target,
        note: (String) throws -> Void = { _ in }, bad: (BadRow) throws -> Void,
        output: ([UInt8]) throws -> Void
    ) throws -> Summary {
        let before = try FileFingerprint.take(file.path, digests: false)
        let reader = try RowReader.open(file, index: 0, options: options)
        for text in reader.notes { try note(text) }
        var converter = Converter(reader, target)
        if target == .csv, reader.columns == nil {
            try converter.findNames(in: RowReader.open(file, index: 0, options: options))
        }
        converter.begin()
        var summary = Summary()
        var block = RowBlock()
        while try reader.read(into: &block, rows: 512) {
            for row in block.rows {
                if let problem = row.problem ?? converter.append(row, of: block) {
                    summary.bad += 1
                    try bad(
                        BadRow(
                            name: file.name, position: row.position,
                            problemPosition: row.problemPosition, problem: problem))
                } else {
                    summary.written += 1
                }
            }
            if converter.result.count >= 1 << 16 {
                try output(converter.result)
                converter.result.removeAll(keepingCapacity: true)
            }
        }
        if !converter.result.isEmpty { try output(converter.result) }
        for text in reader.lateNotes { try note(text) }
        summary.account = reader.account
        if let text = try before.checkUntouched(file.path, name: file.name) { try note(text) }
        return summary
    }

    private let target: Target
    private let columns: [String]?
    /// `{"name":` and `,"name":` for each column.
    private var prefixes: [[UInt8]] = []
    private let isArrayOfStrings: Bool
    private var tape: JSONTape
    /// Where a name of a JSON object goes among the CSV columns.
    private var places: [String: Int] = [:]
    private var names: [String] = []
    private var hasNames = false
    private var cells: [[UInt8]] = []
    private var result: [UInt8] = []

    private init(_ reader: RowReader, _ target: Target) {
        self.target = target
        columns = reader.columns
        isArrayOfStrings = reader.options.header == .none
        tape = JSONTape(depthLimit: reader.options.depthLimit)
        for (index, column) in (columns ?? []).enumerated() {
            var prefix = Array((index == 0 ? "{" : ",").utf8)
            JSONWriter.appendString(column, to: &prefix)
            prefix.append(UInt8(ascii: ":"))
            prefixes.append(prefix)
        }
    }

    private mutating func begin() {
        guard target == .csv else { return }
        if let columns {
            if !isArrayOfStrings, !columns.isEmpty { writeLine(columns) }
        } else if hasNames {
            writeLine(names)
        }
    }

    private mutating func writeLine(_ texts: [String]) {
        for (index, text) in texts.enumerated() {
            if index > 0 { result.append(UInt8(ascii: ",")) }
            let bytes = Array(text.utf8)
            Converter.appendCell(bytes, in: 0..<bytes.count, to: &result)
        }
        result.append(0x0A)
    }

    /// Appends a row; or nothing, and says why.
    private mutating func append(_ row: Row, of block: RowBlock) -> Refusal? {
        guard columns == nil else {
            target == .csv ? appendCells(row, of: block) : appendStrings(row, of: block)
            return nil
        }
        if target == .csv { return appendCells(ofJSON: row, of: block) }
        appendOneLine(block.text, in: row.value)
        return nil
    }

    // MARK: CSV rows

    private mutating func appendStrings(_ row: Row, of block: RowBlock) {
        if isArrayOfStrings { result.append(UInt8(ascii: "[")) }
        for (index, field) in row.fields.enumerated() {
            if isArrayOfStrings {
                if index > 0 { result.append(UInt8(ascii: ",")) }
            } else {
                result.append(contentsOf: prefixes[index])
            }
            let range = block.fields[field]
            JSONWriter.appendString(
                block.text, in: Int(range.lowerBound)..<Int(range.upperBound), to: &result)
        }
        result.append(isArrayOfStrings ? UInt8(ascii: "]") : UInt8(ascii: "}"))
        result.append(0x0A)
    }

    private mutating func appendCells(_ row: Row, of block: RowBlock) {
        for (index, field) in row.fields.enumerated() {
            if index > 0 { result.append(UInt8(ascii: ",")) }
            let range = block.fields[field]
            Converter.appendCell(
                block.text, in: Int(range.lowerBound)..<Int(range.upperBound), to: &result)
        }
        result.append(0x0A)
    }

    private static func appendCell(_ text: [UInt8], in range: Range<Int>, to result: inout [UInt8]) {
        let cell = text[range]
        guard cell.contains(where: { $0 == 0x22 || $0 == 0x2C || $0 == 0x0A || $0 == 0x0D }) else {
            result.append(contentsOf: cell)
            return
        }
        result.append(0x22)
        for byte in cell {
            if byte == 0x22 { result.append(0x22) }
            result.append(byte)
        }
        result.append(0x22)
    }

    // MARK: JSON rows

    /// The elements of an array may be on several lines: white space between tokens goes then.
    private mutating func appendOneLine(_ text: [UInt8], in range: Range<Int>) {
        let value = text[range]
        if !value.contains(where: { $0 == 0x0A || $0 == 0x0D }) {
            result.append(contentsOf: value)
        } else {
            var isInString = false
            var isEscaped = false
            for byte in value {
                if isInString {
                    if isEscaped {
                        isEscaped = false
                    } else if byte == UInt8(ascii: "\\") {
                        isEscaped = true
                    } else if byte == 0x22 {
                        isInString = false
                    }
                } else {
                    if byte == 0x22 { isInString = true }
                    if byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { continue }
                }
                result.append(byte)
            }
        }
        result.append(0x0A)
    }

    private mutating func findNames(in reader: RowReader) throws(ReadError) {
        var block = RowBlock()
        while try reader.read(into: &block, rows: 512) {
            for row in block.rows where row.problem == nil { addNames(of: row, in: block) }
        }
    }

    private mutating func addNames(of row: Row, in block: RowBlock) {
        guard (try? tape.parse(block.text, in: row.value)) != nil, tape.kind(of: 0) == .object else {
            return
        }
        hasNames = true
        for (name, _) in tape.members(of: 0) {
            let name = tape.text(of: name, in: block.text)
            if places[name] == nil {
                places[name] = names.count
                names.append(name)
            }
        }
    }

    private mutating func appendCells(ofJSON row: Row, of block: RowBlock) -> Refusal? {
        do {
            try tape.parse(block.text, in: row.value)
        } catch {
            return Refusal(.unreadable, message: "\(error)")
        }
        switch tape.kind(of: 0) {
        case .object:
            if !hasNames {
                addNames(of: row, in: block)
                begin()
            }
            cells = Array(repeating: [], count: names.count)
            for (name, value) in tape.members(of: 0) {
                let name = tape.text(of: name, in: block.text)
                guard let place = places[name] else {
                    return Refusal(
                        .unknownField, field: name, message: "the first row has no such name")
                }
                cells[place] = cell(value, in: block.text)
            }
        case .array where !hasNames:
            cells = tape.elements(of: 0).map { cell($0, in: block.text) }
        case .array:
            return Refusal(.type, message: "it is an array, where other rows are objects")
        default:
            return Refusal(.type, message: "it is neither an object nor an array")
        }
        for (index, cell) in cells.enumerated() {
            if index > 0 { result.append(UInt8(ascii: ",")) }
            Converter.appendCell(cell, in: 0..<cell.count, to: &result)
        }
        result.append(0x0A)
        return nil
    }

    private func cell(_ node: Int, in text: [UInt8]) -> [UInt8] {
        if tape.kind(of: node) == .null { return [] }
        var result: [UInt8] = []
        tape.appendText(of: node, in: text, to: &result)
        return result
    }
}
