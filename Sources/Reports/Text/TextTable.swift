/// Columns of text, as wide as their widest cell.
struct TextTable {
    enum Side { case left, right }
    private let sides: [Side]
    private var rows: [[String]] = []

    init(_ sides: [Side]) { self.sides = sides }

    /// - Precondition: One cell a column.
    mutating func add(_ cells: [String]) {
        precondition(cells.count == sides.count, "a cell for every column")
        rows.append(cells)
    }

    /// The lines, two spaces between columns, none at their ends.
    ///
    /// Where they would be wider than `width`, the column `flexible` is cut.
    func lines(width: Int, indent: String = "", flexible: Int? = nil) -> [String] {
        var widths = sides.indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
        let total = indent.count + widths.reduce(0, +) + 2 * max(widths.count - 1, 0)
        if let flexible, total > width {
            widths[flexible] = max(8, widths[flexible] - (total - width))
        }
        return rows.map { row in
            var line = indent
            for (column, cell) in row.enumerated() {
                if column > 0 { line += "  " }
                let cut = Wording.cut(cell, to: widths[column])
                let space = String(repeating: " ", count: widths[column] - cut.count)
                line += sides[column] == .left ? cut + space : space + cut
            }
            while line.last == " " { line.removeLast() }
            return line
        }
    }
}
