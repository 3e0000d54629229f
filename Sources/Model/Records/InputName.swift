/// What people call an input, and a place in it: `orders.csv:1048`, and of a worksheet `orders.xlsx:Sheet1!A1048`.
///
/// The name of a worksheet ends with `!`, as Excel writes it before a cell.
package enum InputName {
    /// The name of a sheet of that file.
    package static func worksheet(_ file: String, _ sheet: String) -> String { "\(file):\(sheet)!" }

    /// Whether it names a sheet.
    package static func isWorksheet(_ name: String) -> Bool { name.hasSuffix("!") }

    /// The name without the mark of a sheet.
    package static func bare(_ name: String) -> String {
        isWorksheet(name) ? String(name.dropLast()) : name
    }

    /// The line of a file, or the cell in that row of a sheet.
    ///
    /// - Parameter column: Of the sheet, from 0.
    package static func place(_ name: String, line: Int, column: Int = 0) -> String {
        isWorksheet(name) ? "\(name)\(letters(column))\(line)" : "\(name):\(line)"
    }

    /// The same in a sentence: `orders.csv, line 1,048`.
    ///
    /// - Parameter text: The line as it is to be written.
    package static func sentence(_ name: String, line: Int, as text: String) -> String {
        isWorksheet(name) ? place(name, line: line) : "\(name), line \(text)"
    }

    /// A column as a spreadsheet calls it: 0 is A, 26 is AA.
    package static func letters(_ column: Int) -> String {
        var letters = ""
        var rest = column + 1
        while rest > 0 {
            letters = String(UnicodeScalar(UInt8(0x41 + (rest - 1) % 26))) + letters
            rest = (rest - 1) / 26
        }
        return letters
    }
}
