/// An Excel workbook: its sheets, and what all of them share.
///
/// Source: ECMA-376, parts 1 and 2; what is "strict" in it has other namespaces, and nothing else of interest.
struct Workbook {
    struct Sheet: Equatable {
        var name: String
        var part: String
        var isHidden: Bool
    }

    let parts: WorkbookParts
    /// In the order of their tabs; charts are none.
    private(set) var sheets: [Sheet] = []
    /// Days count from 1904.
    private(set) var is1904 = false
    /// The program that wrote it calculates nothing: whoever opens it is to do that.
    private(set) var isUncalculated = false
    private var styles: String?
    private var strings: String?

    private static let partLimit = 1 << 26
    private static let most = 10_000

    /// Whether the members of an archive are those of a workbook that can be read here.
    static func isMade(of members: [String]) -> Bool {
        let names = members.map { $0.lowercased().replacing("\\", with: "/") }
        // A binary workbook has parts of XML, too.
        return !names.contains("xl/workbook.bin")
            && names.contains {
                $0.hasSuffix(".xml") && ($0.hasPrefix("xl/") || $0.hasSuffix("workbook.xml"))
            }
    }

    static func open(_ path: String, name: String, members: [String]) throws(ReadError) -> Workbook {
        try Workbook(WorkbookParts(path, name: name, members: members))
    }

    private init(_ parts: WorkbookParts) throws(ReadError) {
        self.parts = parts
        let part = try Self.main(parts)
        var found: [(name: String, id: String, isHidden: Bool)] = []
        var is1904 = false
        var isUncalculated = false
        try XMLVisitor.read(parts.open(part, limit: Self.partLimit)) { element, parent, attributes in
            switch element {
            case Self.sheet where parent == Self.sheetList && found.count < Self.most:
                guard let name = attributes.text("name"),
                    let id = attributes.text(Self.id, isPrefixed: true)
                else { return }
                let state = attributes.text("state") ?? ""
                found.append((name, id, state == "hidden" || state == "veryHidden"))
            case Self.properties: is1904 = is1904 || attributes.isTrue("date1904")
            case Self.calculation: isUncalculated = attributes.isTrue("fullCalcOnLoad")
            default: break
            }
        }
        self.is1904 = is1904
        self.isUncalculated = isUncalculated
        let relations = try Self.relations(of: part, parts)
        for (name, id, isHidden) in found {
            guard let relation = relations.first(where: { $0.id == id }),
                relation.type.hasSuffix("/worksheet")
            else { continue }
            guard !sheets.contains(where: { $0.name == name }) else {
                throw Self.broken(parts, "\(part) lists two sheets called “\(name)”")
            }
            sheets.append(Sheet(name: name, part: relation.target, isHidden: isHidden))
        }
        guard !sheets.isEmpty else { throw Self.broken(parts, "\(part) lists no worksheet") }
        styles = relations.first { $0.type.hasSuffix("/styles") }?.target
        strings = relations.first { $0.type.hasSuffix("/sharedStrings") }?.target
    }

    private static func broken(_ parts: WorkbookParts, _ what: String) -> ReadError {
        ReadError(
            .format, name: parts.name,
            message:
                "this is an Excel workbook (.xlsx), but it cannot be read: \(what). Open it in Excel and save it "
                + "again, or save the sheet as “CSV UTF-8”.")
    }

    // MARK: Relations

    private struct Relation {
        var id: String
        var type: String
        var target: String
    }

    private static func relations(
        of part: String, _ parts: WorkbookParts
    ) throws(ReadError) -> [Relation] {
        let list = WorkbookParts.relations(of: part)
        guard parts.has(list) else { return [] }
        var relations: [Relation] = []
        try XMLVisitor.read(parts.open(list, limit: partLimit)) { element, _, attributes in
            guard element == relationship, relations.count < 4 * most,
                attributes.text("TargetMode") != "External", let id = attributes.text("Id"),
                let type = attributes.text("Type"), let target = attributes.text("Target")
            else { return }
            relations.append(
                Relation(id: id, type: type, target: WorkbookParts.resolve(target, from: part)))
        }
        return relations
    }

    /// The part that lists the sheets.
    private static func main(_ parts: WorkbookParts) throws(ReadError) -> String {
        let start = try relations(of: "", parts).first { $0.type.hasSuffix("/officeDocument") }?.target
        let part = start ?? "xl/workbook.xml"
        guard parts.has(part) else { throw broken(parts, "\(part) is missing in it") }
        return part
    }

    // MARK: Choice

    /// The only sheet that can be seen.
    func only() throws(ReadError) -> Sheet {
        let visible = sheets.filter { !$0.isHidden }
        guard visible.count != 1 else { return visible[0] }
        throw ReadError(
            .format, name: parts.name,
            message: visible.isEmpty
                ? "all its sheets are hidden: \(names(sheets)). Name one: `input: { sheet: NAME }` in the job, or "
                    + "--sheet"
                : "it has \(visible.count) sheets: \(names(visible)). Name one: `input: { sheet: NAME }` in the "
                    + "job, or --sheet")
    }

    /// The sheets that `words` names: one by its name, else by the number of its tab, from 1; or those that a
    /// pattern matches.
    func choose(_ words: String, matches: (String) -> Bool) throws(ReadError) -> [Sheet] {
        if let sheet = sheets.first(where: { $0.name == words }) { return [sheet] }
        // Excel tells no two sheets apart by case.
        if let sheet = sheets.first(where: { $0.name.lowercased() == words.lowercased() }) {
            return [sheet]
        }
        let visible = sheets.filter { !$0.isHidden }
        let found = visible.filter { matches($0.name) }
        if !found.isEmpty { return found }
        if let number = Int(words), visible.indices.contains(number - 1) {
            return [visible[number - 1]]
        }
        throw ReadError(
            .notFound, name: parts.name,
            message: "there is no sheet “\(words)” in it, only: \(names(sheets))")
    }

    private func names(_ sheets: [Sheet]) -> String {
        sheets.prefix(20).map { "“\($0.name)”" }.joined(separator: ", ")
            + (sheets.count > 20 ? ", …" : "")
    }

    // MARK: What sheets share

    /// The number formats of cells, by the number of their style.
    func formats() throws(ReadError) -> [NumberFormat] {
        guard let styles, parts.has(styles) else { return [] }
        var codes: [Int: NumberFormat] = [:]
        var formats: [NumberFormat] = []
        try XMLVisitor.read(parts.open(styles, limit: 1 << 28)) { element, parent, attributes in
            switch element {
            case Self.numberFormat where parent == Self.numberFormats && codes.count < 1 << 16:
                guard let id = attributes.integer("numFmtId"), let code = attributes.text("formatCode")
                else { return }
                codes[id] = NumberFormat(code: code)
            case Self.cellFormat where parent == Self.cellFormats && formats.count < 1 << 20:
                let id = attributes.integer("numFmtId") ?? 0
                formats.append(codes[id] ?? NumberFormat(builtIn: id))
            default: break
            }
        }
        return formats
    }

    func sharedStrings() throws(ReadError) -> SharedStrings {
        guard let strings, parts.has(strings) else { return SharedStrings() }
        return try SharedStrings.read(parts.open(strings))
    }

    private static let sheet = XMLName("sheet")
    private static let sheetList = XMLName("sheets")
    private static let id = XMLName("id")
    private static let properties = XMLName("workbookPr")
    private static let calculation = XMLName("calcPr")
    private static let relationship = XMLName("Relationship")
    private static let numberFormat = XMLName("numFmt")
    private static let numberFormats = XMLName("numFmts")
    private static let cellFormat = XMLName("xf")
    private static let cellFormats = XMLName("cellXfs")
}
