import Model

/// A sheet of a workbook as CSV: one record a row of the sheet, so that the line of a record is its row.
///
/// Rows without a value come as blank lines, and nothing comes after the last one with a value. Numbers come as
/// ``CellNumber`` writes them, dates as ``SerialDate`` does, formulas as the value that was stored with them. A
/// record has as many fields as the header, since a sheet leaves out empty cells.
final class WorksheetFeed: ByteFeed, XMLHandler {
    private let stream: XMLStream
    private let formats: [NumberFormat]
    private let strings: SharedStrings
    private let is1904: Bool
    private let isUncalculated: Bool
    private var writer: WorksheetWriter
    private let cellLimit: Int

    private var failure: ReadError?
    private var isDone = false
    private(set) var trouble: String?

    // Where in the sheet the parser is.
    private enum Place { case outside, rows, row, cell }
    private var place = Place.outside
    /// Elements that are of no interest here, one in the other.
    private var passed = 0
    private var rich = RichText()
    private var isInline = false
    private var isValue = false
    private var value: [UInt8] = []

    // The cell at hand.
    private enum Kind { case number, shared, text, inline, boolean, error, date }
    private var kind = Kind.number
    private var style = 0
    private var hasFormula = false
    private var column = 0
    private var isHiddenRow = false

    // What is said at the end.
    private var hidden = (count: 0, first: 0)
    private var merged = 0
    private var uncalculated = (count: 0, first: "")

    /// The last row and the last column that Excel has.
    static let lastRow = 1_048_576
    static let lastColumn = 16_384

    private init(
        _ stream: XMLStream, _ workbook: Workbook, _ options: InputOptions
    ) throws(ReadError) {
        self.stream = stream
        formats = try workbook.formats()
        strings = try workbook.sharedStrings()
        is1904 = workbook.is1904
        isUncalculated = workbook.isUncalculated
        writer = WorksheetWriter(options)
        cellLimit = options.fieldLimit
    }

    /// Opens the sheet called `sheet` of the workbook at `path`.
    static func open(
        _ path: String, name: String, sheet: String, options: InputOptions
    ) throws(ReadError) -> WorksheetFeed {
        let (_, members) = try Layers.members(of: InputFile(path: path, name: name))
        let workbook = try Workbook.open(path, name: name, members: members)
        guard let part = workbook.sheets.first(where: { $0.name == sheet })?.part else {
            throw ReadError(
                .notFound, name: name, message: "there is no sheet “\(sheet)” in it any longer")
        }
        return try WorksheetFeed(workbook.parts.open(part), workbook, options)
    }

    /// What is wrong with the row of that number; it and all before it are forgotten then.
    func takeProblem(_ row: Int) -> Refusal? { writer.takeProblem(row) }

    var hasProblems: Bool { writer.hasProblems }

    /// What is worth saying at the end.
    var notes: [String] {
        var notes: [String] = []
        if hidden.count > 0 {
            notes.append(
                "\(plural(hidden.count, "row")) in it \(hidden.count == 1 ? "is" : "are") hidden, perhaps by a "
                    + "filter, and read like the others: the first is row \(hidden.first)")
        }
        if merged > 0 {
            notes.append(
                "it has \(plural(merged, "merged area")): the value is in the first cell alone")
        }
        if uncalculated.count > 0 {
            notes.append(
                "\(plural(uncalculated.count, "formula")) without a stored value, the first in "
                    + "\(uncalculated.first). Open the workbook in Excel or LibreOffice and save it")
        }
        return notes
    }

    // MARK: Bytes

    func read(into buffer: inout [UInt8], in range: Range<Int>) throws(ReadError) -> Int {
        while !writer.hasOutput {
            if isDone { return 0 }
            if let failure { throw failure }
            do {
                if try !stream.advance(self) {
                    writer.finish()
                    isDone = true
                }
            } catch {
                failure = error
                // The rows before that place are given.
                writer.finish()
            }
        }
        return writer.take(into: &buffer, in: range)
    }

    // MARK: Elements

    func start(_ element: XMLName, _ attributes: XMLAttributes) {
        guard passed == 0, trouble == nil else {
            passed += passed > 0 ? 1 : 0
            return
        }
        switch place {
        case .outside:
            if element == Self.rows {
                place = .rows
            } else if element == Self.mergedCells {
                merged += 1
            }
        case .rows:
            if element == Self.row { beginRow(attributes) } else { passed = 1 }
        case .row:
            if element == Self.cell { beginCell(attributes) } else { passed = 1 }
        case .cell:
            if isInline {
                rich.start(element, attributes, writer.text.count)
            } else if element == Self.value {
                isValue = true
            } else if element == Self.formula {
                hasFormula = true
            } else if element == Self.inline {
                isInline = true
                rich.begin(at: writer.text.count)
            } else {
                passed = 1
            }
        }
    }

    func end(_ element: XMLName) {
        if passed > 0 {
            passed -= 1
            return
        }
        guard trouble == nil else { return }
        switch place {
        case .outside: break
        case .rows: place = .outside
        case .row:
            place = .rows
            endRow()
        case .cell:
            if element == Self.cell {
                place = .row
                endCell()
            } else if element == Self.value {
                isValue = false
            } else if element == Self.inline {
                isInline = false
                CellText.unescape(&writer.text, from: rich.start)
            } else if isInline {
                rich.end(element, &writer.text)
            }
        }
    }

    func text(_ bytes: UnsafeBufferPointer<UInt8>) {
        guard passed == 0, place == .cell else { return }
        if isValue {
            if value.count <= cellLimit { unsafe value.append(contentsOf: bytes) }
        } else if isInline, rich.isText {
            if writer.text.count - writer.cellStart <= cellLimit {
                unsafe writer.text.append(contentsOf: bytes)
            }
        }
    }

    // MARK: Rows and cells

    private func beginRow(_ attributes: XMLAttributes) {
        let last = writer.row
        let number = attributes.integer("r") ?? last + 1
        guard number > last else {
            trouble = "damaged: row \(number) comes after row \(last)"
            return
        }
        guard number <= Self.lastRow else {
            trouble = "damaged: row \(number) is beyond the last one that Excel has, \(Self.lastRow)"
            return
        }
        place = .row
        column = -1
        isHiddenRow = attributes.isTrue("hidden")
        writer.beginRow(number)
    }

    private func endRow() {
        guard writer.endRow() else { return }
        if isHiddenRow {
            if hidden.count == 0 { hidden.first = writer.row }
            hidden.count += 1
        }
        // What refers to one long text again and again takes little of the file.
        if writer.isFull { stream.pause() }
    }

    private func beginCell(_ attributes: XMLAttributes) {
        let written = unsafe attributes.with("r") { unsafe Self.reference($0, row: writer.row) }
        let next = written ?? column + 1
        guard let next, (0..<Self.lastColumn).contains(next) else {
            trouble =
                "damaged: “\(attributes.text("r") ?? "")” is no cell of row \(writer.row) in Excel"
            return
        }
        column = next
        style = attributes.integer("s") ?? 0
        kind = unsafe attributes.with("t") { unsafe Self.kind($0) } ?? .number
        hasFormula = false
        value.removeAll(keepingCapacity: true)
        place = .cell
        writer.beginCell()
    }

    private func endCell() {
        if hasFormula, isWithoutValue {
            let cell = WorksheetFeed.name(column, writer.row)
            if uncalculated.count == 0 { uncalculated.first = cell }
            uncalculated.count += 1
            writer.text.append(contentsOf: SpreadsheetDamage.notCalculated.utf8)
            writer.note(.notCalculated, column)
        } else {
            convert()
        }
        if writer.text.count - writer.cellStart > cellLimit {
            writer.note(.tooLong, column)
        }
        guard writer.endCell(column) else {
            trouble = "damaged: cell \(WorksheetFeed.name(column, writer.row)) is there twice"
            return
        }
    }

    /// Whether the formula of the cell at hand was never calculated. Programs that only write have no value for it,
    /// or 0 for all.
    private var isWithoutValue: Bool {
        switch kind {
        case .text, .inline: false
        case .number where isUncalculated && value == [UInt8(ascii: "0")]: true
        default: value.isEmpty
        }
    }

    private func convert() {
        switch kind {
        case .number:
            guard !value.isEmpty else { return }
            let format = formats.indices.contains(style) ? formats[style] : .general
            if format.isDate {
                SerialDate.append(value[...], format, is1904: is1904, to: &writer.text)
            } else {
                CellNumber.append(value[...], width: Int(format.width), to: &writer.text)
            }
        case .shared:
            guard !value.isEmpty else { return }
            guard let number = index, strings.append(number, upTo: cellLimit + 1, to: &writer.text)
            else {
                trouble =
                    "damaged: cell \(WorksheetFeed.name(column, writer.row)) refers to a text that the workbook "
                    + "does not have"
                return
            }
        case .text:
            let start = writer.text.count
            writer.text.append(contentsOf: value)
            CellText.unescape(&writer.text, from: start)
        case .inline: break
        case .boolean:
            switch value {
            case [UInt8(ascii: "1")]: writer.text.append(contentsOf: "TRUE".utf8)
            case [UInt8(ascii: "0")]: writer.text.append(contentsOf: "FALSE".utf8)
            default: writer.text.append(contentsOf: value)
            }
        case .error: writer.text.append(contentsOf: value)
        case .date:
            // ISO 8601 as it is; a date that is shown alone has no time.
            let format = formats.indices.contains(style) ? formats[style] : .general
            let isMidnight = value.dropFirst(10).elementsEqual("T00:00:00".utf8)
            let isDate = isMidnight && format.isDate && !format.showsTime
            writer.text.append(contentsOf: isDate ? value[..<10] : value[...])
        }
    }

    /// The value as the number of a shared text.
    private var index: Int? {
        var result = 0
        for byte in value {
            guard isDigit(byte), result < 1 << 32 else { return nil }
            result = 10 * result + Int(byte & 15)
        }
        return result
    }

    /// The column that `text` names, from 0; nil where it is no cell of that row.
    private static func reference(_ text: UnsafePointer<UInt8>, row: Int) -> Int? {
        var at = unsafe text
        var column = 0
        while case let byte = unsafe at.pointee & 0xDF, 0x41...0x5A ~= byte {
            column = 26 * column + Int(byte - 0x40)
            guard column <= lastColumn else { return nil }
            unsafe at += 1
        }
        var number = 0
        while case let byte = unsafe at.pointee, isDigit(byte) {
            number = 10 * number + Int(byte & 15)
            guard number <= lastRow else { return nil }
            unsafe at += 1
        }
        guard unsafe at.pointee == 0, column > 0, number == row else { return nil }
        return column - 1
    }

    private static func kind(_ text: UnsafePointer<UInt8>) -> Kind {
        switch unsafe (text[0], text[0] == 0 ? 0 : text[1]) {
        case (UInt8(ascii: "s"), 0): .shared
        case (UInt8(ascii: "s"), _): .text
        case (UInt8(ascii: "i"), _): .inline
        case (UInt8(ascii: "b"), _): .boolean
        case (UInt8(ascii: "e"), _): .error
        case (UInt8(ascii: "d"), _): .date
        default: .number
        }
    }

    /// As people call a cell: `B15`.
    static func name(_ column: Int, _ row: Int) -> String { InputName.letters(column) + String(row) }

    private static let rows = XMLName("sheetData")
    private static let row = XMLName("row")
    private static let cell = XMLName("c")
    private static let value = XMLName("v")
    private static let formula = XMLName("f")
    private static let inline = XMLName("is")
    private static let mergedCells = XMLName("mergeCell")
}
