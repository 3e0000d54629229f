import Model

/// Writes the rows of a sheet as CSV, once it is known how many columns the table has.
struct WorksheetWriter {
    /// What is wrong with one row, in little room: a sheet may have a million of them.
    private struct Problem {
        var row: Int32
        var column: Int16
        var kind: Kind
    }

    enum Kind { case notCalculated, tooLong, tooMuch }

    /// The number of the last row that began.
    private(set) var row = 0
    /// The texts of the row's cells; the one at hand is at its end.
    var text: [UInt8] = []
    private(set) var cellStart = 0
    private var cells: [Cell] = []
    private var isSorted = true

    private struct Cell {
        var column: Int
        var text: Range<Int>
    }

    private struct HeldRow {
        var number: Int
        var cells: [Cell]
        var text: [UInt8]
        var width: Int { (cells.last?.column ?? -1) + 1 }
    }

    // Until the width is known.
    private var held: [HeldRow]? = []
    private var heldBytes = 0
    private var width = 0
    /// Of the rows from that number on, where those above are a title.
    private var table: (row: Int, width: Int)?

    private var output: [UInt8] = []
    private var taken = 0
    /// The number of the last row that was written.
    private var written = 0

    private var problems: [Problem] = []
    private var firstProblem = 0
    private var hasProblem = false

    private let delimiter: UInt8
    private let fieldLimit: Int
    private let rowLimit: Int
    private let options: InputOptions

    private static let heldMost = 64

    init(_ options: InputOptions) {
        self.options = options
        delimiter = options.delimiter ?? UInt8(ascii: ",")
        fieldLimit = options.fieldLimit
        rowLimit = options.rowLimit
    }

    // MARK: Rows

    mutating func beginRow(_ number: Int) {
        row = number
        text.removeAll(keepingCapacity: true)
        cells.removeAll(keepingCapacity: true)
        isSorted = true
        hasProblem = false
    }

    mutating func beginCell() { cellStart = text.count }

    /// The cell in that column has all its text; false where there was one before.
    mutating func endCell(_ column: Int) -> Bool {
        guard text.count > cellStart else { return true }
        if text.count - cellStart > fieldLimit {
            text.removeLast(text.count - cellStart)
            text.append(contentsOf: SpreadsheetDamage.tooLong.utf8)
        }
        if let last = cells.last, last.column >= column {
            guard !cells.contains(where: { $0.column == column }) else { return false }
            isSorted = false
        }
        // What does not fit in a row is not kept either.
        if text.count > rowLimit / 4 {
            note(.tooMuch, column)
            text.removeLast(text.count - cellStart)
            return true
        }
        cells.append(Cell(column: column, text: cellStart..<text.count))
        return true
    }

    /// Ends the row; false where there is nothing in it.
    mutating func endRow() -> Bool {
        guard !cells.isEmpty else { return false }
        if !isSorted { cells.sort { $0.column < $1.column } }
        guard held != nil else {
            write(row, cells, text)
            return true
        }
        held?.append(HeldRow(number: row, cells: cells, text: text))
        heldBytes += text.count
        if held?.count ?? 0 >= Self.heldMost || heldBytes > 1 << 16 { release() }
        return true
    }

    mutating func note(_ kind: Kind, _ column: Int) {
        guard !hasProblem else { return }
        hasProblem = true
        problems.append(Problem(row: Int32(row), column: Int16(column), kind: kind))
    }

    mutating func finish() { release() }

    // MARK: Width

    /// Settles how wide the table is, and writes what was held back for that.
    private mutating func release() {
        guard let rows = held else { return }
        held = nil
        settle(rows.filter { $0.number > options.skip && !isComment($0) })
        for row in rows { write(row.number, row.cells, row.text) }
    }

    private mutating func settle(_ rows: [HeldRow]) {
        guard let first = rows.first else { return }
        let isMarked =
            first.cells[0].column == 0
            && first.text[first.cells[0].text].elementsEqual(RecordMark.name.utf8)
        switch isMarked ? .firstRow : options.header {
        case .names(let names): width = names.count
        case .none: width = rows.reduce(0) { max($0, $1.width) }
        case .firstRow:
            width = first.width
            // Lines above the header: the reader tells them by rows that agree in having more fields.
            let header = rows.first { row in
                row.width > 2 && row.cells.count == row.width && row.width > 2 * first.width
            }
            if let header { table = (header.number, header.width) }
        }
    }

    private func isComment(_ row: HeldRow) -> Bool {
        !options.comment.isEmpty && row.cells[0].column == 0
            && row.text[row.cells[0].text].starts(with: options.comment)
    }

    // MARK: CSV

    private mutating func write(_ number: Int, _ cells: [Cell], _ text: [UInt8]) {
        output.append(contentsOf: repeatElement(0x0A, count: number - written - 1))
        written = number
        var column = 0
        for cell in cells {
            output.append(contentsOf: repeatElement(delimiter, count: cell.column - column))
            column = cell.column
            append(text, cell.text)
        }
        let full = if let table, number >= table.row { table.width } else { width }
        if number > options.skip, column + 1 < full {
            output.append(contentsOf: repeatElement(delimiter, count: full - column - 1))
        }
        output.append(0x0A)
    }

    private mutating func append(_ text: [UInt8], _ range: Range<Int>) {
        var isPlain = true
        unsafe text.withUnsafeBufferPointer { text in
            for index in range {
                let byte = unsafe text[index]
                if byte == delimiter || byte == 0x22 || byte == 0x0A || byte == 0x0D { isPlain = false }
            }
        }
        // A byte order mark at the start of a row would be taken for one.
        if isPlain, text[range.lowerBound] != 0xEF {
            unsafe text.withUnsafeBufferPointer {
                unsafe output.append(contentsOf: UnsafeBufferPointer(rebasing: $0[range]))
            }
            return
        }
        output.append(0x22)
        for byte in text[range] {
            if byte == 0x22 { output.append(0x22) }
            output.append(byte)
        }
        output.append(0x22)
    }

    // MARK: Output

    var hasOutput: Bool { taken < output.count }

    /// There is enough of it for now.
    var isFull: Bool { output.count > 1 << 20 }

    mutating func take(into buffer: inout [UInt8], in range: Range<Int>) -> Int {
        let count = min(range.count, output.count - taken)
        let part = taken..<taken + count
        unsafe buffer.withUnsafeMutableBytes { target in
            unsafe output.withUnsafeBytes { all in
                unsafe UnsafeMutableRawBufferPointer(rebasing: target[range])
                    .copyMemory(from: UnsafeRawBufferPointer(rebasing: all[part]))
            }
        }
        taken += count
        if taken == output.count {
            output.removeAll(keepingCapacity: true)
            taken = 0
        }
        return count
    }

    // MARK: Problems

    var hasProblems: Bool { firstProblem < problems.count }

    mutating func takeProblem(_ row: Int) -> Refusal? {
        while firstProblem < problems.count, problems[firstProblem].row < row { firstProblem += 1 }
        defer {
            if firstProblem > 1024, firstProblem > problems.count / 2 {
                problems.removeFirst(firstProblem)
                firstProblem = 0
            }
        }
        guard firstProblem < problems.count, problems[firstProblem].row == row else { return nil }
        let problem = problems[firstProblem]
        firstProblem += 1
        let cell = WorksheetFeed.name(Int(problem.column), row)
        switch problem.kind {
        case .notCalculated:
            return Refusal(
                .spreadsheet,
                message: "The formula in \(cell) has no stored value. Open the workbook in Excel or "
                    + "LibreOffice, save it, and run this again.")
        case .tooLong:
            return Refusal(
                .tooLarge, message: "cell \(cell) is longer than the limit of \(fieldLimit) bytes")
        case .tooMuch:
            return Refusal(
                .tooLarge, message: "the row is longer than the limit of \(rowLimit) bytes")
        }
    }
}
