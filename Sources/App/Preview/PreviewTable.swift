import Engine
import Mapping
import Model
import Records
import Reports

/// A preview for a screen: a block for each record, with the cells that were read on the left and the fields made of
/// them on the right.
struct PreviewTable {
    private let plan: Plan
    private let width: Int
    /// Elements of a list that are shown of each record.
    private static let elementsShown = 3

    init(_ plan: Plan, width: Int) {
        self.plan = plan
        self.width = max(width, 40)
    }

    private struct Line {
        var column = ""
        var read = ""
        var field = ""
        var sent = ""
    }

    private struct Block {
        var head: String
        var lines: [Line] = []
        /// Over the whole width, below the lines.
        var notes: [String] = []
    }

    func lines(_ preview: Preview, _ window: PreviewWindow) -> [String] {
        let blocks = preview.entries.map(block)
        let widths = widths(blocks.flatMap(\.lines))
        var lines: [String] = []
        if let constants = constants(preview) { lines += constants + [""] }
        for block in blocks {
            lines.append(CellText.cut(block.head, to: width))
            for line in block.lines { lines.append(self.line(line, widths)) }
            for note in block.notes { lines += Wording.wrap(note, width: width, indent: "  ") }
            lines.append("")
        }
        return lines + summary(preview, window)
    }

    // MARK: Blocks

    private func block(_ entry: Preview.Entry) -> Block {
        let first = entry.rows.first?.position
        var head = "\(plan.inputs[first?.file ?? 0].name):\(first?.line ?? 0)"
        if entry.rows.count > 1 {
            let others = entry.rows.dropFirst().prefix(5).map { String($0.position.line) }
            head += ", " + others.joined(separator: ", ") + (entry.rows.count > 6 ? ", …" : "")
        }
        if entry.isFiltered {
            let cells = cells(of: entry.rows[0], entry.columns, where: { _ in true })
            return Block(
                head: head + "  left out by `where`", notes: [CellText.cut(cells, to: width - 2)])
        }
        head += entry.refusals.isEmpty ? "  ready" : "  INVALID"
        if let attribution = entry.attribution {
            head += "  \(attribution.kind.rawValue) \(CellText.visible(attribution.code))"
        }
        var block = Block(head: head)
        let origins = FieldOrigins(plan.mapping, columns: entry.columns)
        block.lines = lines(entry, origins)
        block.notes = entry.refusals.map { refusal in
            let field = refusal.field.map { $0 + ": " } ?? ""
            return "✗ " + CellText.visible("\(field)\(refusal.message) [\(refusal.reason.code)]")
        }
        if plan.mapping != nil, let row = entry.rows.first {
            var used = origins.used
            if case .column(_, let name, _) = plan.send.attribution { used.insert(name) }
            let names = Set(used.map { HeaderColumns.name($0, among: entry.columns ?? []) })
            let rest = cells(of: row, entry.columns) { !names.contains($0) }
            if !rest.isEmpty { block.notes.append(CellText.cut("not sent: " + rest, to: width - 2)) }
        }
        return block
    }

    private func lines(_ entry: Preview.Entry, _ origins: FieldOrigins) -> [Line] {
        var lines: [Line] = []
        var left: [String: Int] = [:]
        let leaves = ItemTree.leaves(entry.item)
        for leaf in leaves {
            let origin = origins.origin(of: leaf.path)
            if origin?.isConstant == true { continue }
            if let (list, index) = leaf.element, index >= Self.elementsShown {
                left[list] = max(left[list] ?? 0, index + 1 - Self.elementsShown)
                continue
            }
            var line = Line(field: leaf.field, sent: CellText.visible(leaf.text))
            if let by = origin?.lookup { line.sent = Self.lookup(by) }
            if let origin { take(origin, entry, into: &line) }
            lines.append(line)
        }
        for (list, count) in left.sorted(by: { $0.key < $1.key }) {
            lines.append(Line(field: list, sent: "… \(Wording.count(count)) more"))
        }
        addMissing(Set(leaves.map(\.field)), entry, origins, to: &lines)
        return lines
    }

    /// Fields that have columns, but no value in this record: at the place that the job gives them.
    private func addMissing(
        _ known: Set<String>, _ entry: Preview.Entry, _ origins: FieldOrigins, to lines: inout [Line]
    ) {
        let order = plan.mapping?.fields.map(\.name) ?? []
        func rank(_ field: String) -> Int {
            order.firstIndex(of: String(field.prefix { $0 != "." && $0 != "[" })) ?? order.count
        }
        for (path, origin) in origins.fields where !known.contains(ItemLeaf.field(path)) {
            var line = Line(field: ItemLeaf.field(path))
            line.sent = entry.refusals.contains { $0.field == line.field } ? "✗" : "(nothing)"
            take(origin, entry, into: &line)
            let place = lines.firstIndex { rank($0.field) > rank(line.field) }
            lines.insert(line, at: place ?? lines.count)
        }
    }

    private func take(_ origin: FieldOrigins.Origin, _ entry: Preview.Entry, into line: inout Line) {
        guard !origin.columns.isEmpty, let row = row(origin.row ?? 0, of: entry) else { return }
        line.column = CellText.visible(origin.columns.joined(separator: " + "))
        line.read = origin.columns.map { CellText.visible(cell($0, row, entry.columns)) }
            .joined(separator: " + ")
    }

    /// Rows that cannot be read are no elements of lists.
    private func row(_ index: Int, of entry: Preview.Entry) -> Preview.Row? {
        entry.rows.indices.contains(index) ? entry.rows[index] : nil
    }

    private func cell(_ name: String, _ row: Preview.Row, _ columns: [String]?) -> String {
        guard let columns else { return jsonCell(name, row) }
        guard let index = columns.firstIndex(of: name), index < row.cells.count else { return "" }
        return row.cells[index]
    }

    /// By its dotted path.
    private func jsonCell(_ name: String, _ row: Preview.Row) -> String {
        let leaf = ItemTree.leaves(Array(row.json.utf8)).first { leaf in
            leaf.path.map { step in
                switch step {
                case .name(let name): name
                case .index(let index): String(index)
                }
            }.joined(separator: ".") == name
        }
        return leaf?.text ?? ""
    }

    private func cells(
        of row: Preview.Row, _ columns: [String]?, where isShown: (String) -> Bool
    ) -> String {
        guard let columns else { return CellText.visible(row.json) }
        let hidden = [JoinSpec.record, JoinSpec.trouble]
        return row.cells.enumerated().compactMap { index, cell in
            let name = index < columns.count ? columns[index] : "column_\(index + 1)"
            guard isShown(name), !cell.isEmpty, !hidden.contains(name) else { return nil }
            return CellText.visible("\(name) \(cell)")
        }.joined(separator: " · ")
    }

    /// What is in the place of a number that only the server knows.
    static func lookup(_ by: String) -> String { "(looked up by \(by) when the job runs)" }

    // MARK: Around the blocks

    /// What is the same in every record, once.
    private func constants(_ preview: Preview) -> [String]? {
        guard let entry = preview.entries.first(where: { !$0.isFiltered && !$0.item.isEmpty }) else {
            return nil
        }
        let origins = FieldOrigins(plan.mapping, columns: entry.columns)
        var texts: [String] = []
        for leaf in ItemTree.leaves(entry.item) where origins.origin(of: leaf.path)?.isConstant == true
        {
            let text = RunReport.withoutIndices(leaf.field) + " " + CellText.visible(leaf.text)
            if !texts.contains(text) { texts.append(text) }
        }
        guard !texts.isEmpty else { return nil }
        return Wording.wrap("in every record: " + texts.joined(separator: " · "), width: width)
    }

    private func summary(_ preview: Preview, _ window: PreviewWindow) -> [String] {
        let records = preview.entries.filter { !$0.isFiltered }
        let invalid = records.count { !$0.refusals.isEmpty }
        let filtered = preview.entries.count - records.count
        var text = "\(Wording.count(window.shown, "row")) shown"
        if window.rows > window.shown { text += " of \(Wording.count(window.rows)) read" }
        text +=
            ": \(Wording.count(records.count - invalid, "record")) ready, "
            + "\(Wording.count(invalid)) invalid"
        if filtered > 0 { text += ", \(Wording.count(filtered, "row")) left out" }
        text += window.isWhole ? ". This is the whole input." : "."
        if plan.mapping?.group.isEmpty == false, !window.isWhole {
            text += " Later rows may belong to these records: only the rows above were read."
        }
        return Wording.wrap(text, width: width)
    }

    // MARK: Widths

    private func widths(_ lines: [Line]) -> [Int] {
        func most(_ text: (Line) -> String) -> Int { lines.map { CellText.width(text($0)) }.max() ?? 0 }
        var widths = [most(\.column), most(\.read), most(\.field), most(\.sent)]
        // Two spaces before the line and between cells, and the arrow.
        let room = width - 10
        widths[0] = min(widths[0], room / 5)
        widths[2] = min(widths[2], room / 3)
        let rest = room - widths[0] - widths[2]
        guard widths[1] + widths[3] > rest else { return widths }
        // Whoever needs less than half leaves the rest to the other.
        let half = rest / 2
        if widths[1] <= half {
            widths[3] = rest - widths[1]
        } else if widths[3] <= half {
            widths[1] = rest - widths[3]
        } else {
            widths[1] = half
            widths[3] = rest - half
        }
        return widths
    }

    private func line(_ line: Line, _ widths: [Int]) -> String {
        // Of a path, the end tells most.
        let field = CellText.cutStart(line.field, to: widths[2])
        let cells = zip([line.column, line.read, field, line.sent], widths).map {
            CellText.padded(CellText.cut($0, to: $1), to: $1)
        }
        // Where the rows are the items, nothing is on the left.
        let left = widths[0] > 0 ? "\(cells[0])  \(cells[1]) → " : ""
        var text = "  \(left)\(cells[2])  \(cells[3])"
        while text.last == " " { text.removeLast() }
        return text
    }
}

extension ItemLeaf {
    /// The list that it is in, and the number of its element.
    fileprivate var element: (list: String, index: Int)? {
        for (place, step) in path.enumerated() {
            if case .index(let index) = step { return (Self.field(Array(path[..<place])), index) }
        }
        return nil
    }
}
