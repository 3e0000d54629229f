import Catalog
import Mapping
import Records

/// An item as rows of a CSV: objects flattened to dotted names, lists by a rule.
struct CSVFlattener {
    let lists: ExportOrder.Lists
    private var clock: ZoneClock?
    /// Paths that hold a list in some item. Where another has an object there, it is a list of one: the
    /// v1 calls write it so.
    private(set) var listPaths: Set<String> = []
    private(set) var columns: [String]
    private var places: [String: Int] = [:]
    /// Columns that nobody chose are found.
    private let isOpen: Bool
    private var found: Set<String> = []
    private var isLearning = false
    private var tape = JSONTape()
    private var bytes: [UInt8] = []
    private var rows: [[[UInt8]?]] = []

    /// - Parameters:
    ///   - chosen: The columns and their order; nil: those of the listing, of the last export, and what is found.
    init(_ order: ExportOrder, listing: Listing, former: [String]) {
        lists = order.lists
        clock = order.zone.flatMap { ZoneClock($0) }
        isOpen = order.columns == nil
        columns = order.columns ?? listing.columns
        for (place, name) in columns.enumerated() { places[name] = place }
        if isOpen { for name in former { add(name) } }
    }

    private mutating func add(_ name: String) {
        guard places[name] == nil else { return }
        places[name] = columns.count
        columns.append(name)
    }

    // MARK: The first pass

    /// Learns which paths hold lists.
    mutating func learnLists(_ line: [UInt8]) {
        guard parse(line) else { return }
        learnLists(0, "")
    }

    private mutating func learnLists(_ node: Int, _ path: String) {
        switch tape.kind(of: node) {
        case .object:
            for (name, value) in tape.members(of: node) {
                learnLists(value, join(path, tape.text(of: name, in: bytes)))
            }
        case .array:
            listPaths.insert(path)
            for element in tape.elements(of: node) { learnLists(element, path) }
        default: break
        }
    }

    /// Learns which columns there are, once all lists are known.
    mutating func learnColumns(_ line: [UInt8]) {
        guard isOpen else { return }
        isLearning = true
        flatten(line)
        isLearning = false
    }

    /// In an order that does not depend on the order of the items.
    mutating func settleColumns() {
        // A column of the listing that is only ever seen in parts stands for none of them.
        let parents = Set(
            found.flatMap { name in
                name.indices.filter { name[$0] == "." }.map { String(name[..<$0]) }
            })
        if isOpen {
            let kept = columns.filter { !parents.contains($0) || found.contains($0) }
            columns = []
            places = [:]
            for name in kept { add(name) }
        }
        for name in found.sorted() { add(name) }
        found = []
    }

    // MARK: The second pass

    mutating func header(to out: inout [UInt8]) {
        for (place, name) in columns.enumerated() {
            if place > 0 { out.append(UInt8(ascii: ",")) }
            CSVCell.append(Array(name.utf8), to: &out)
        }
        out.append(0x0A)
    }

    mutating func rows(_ line: [UInt8], to out: inout [UInt8]) {
        rows = [Array(repeating: nil, count: columns.count)]
        flatten(line)
        // What is once in an item is in each of its rows; what comes from a list, in its own.
        for index in rows.indices {
            for place in columns.indices {
                if place > 0 { out.append(UInt8(ascii: ",")) }
                guard let cell = rows[index][place] else { continue }
                CSVCell.append(cell, to: &out)
            }
            out.append(0x0A)
        }
    }

    // MARK: Flattening

    private mutating func parse(_ line: [UInt8]) -> Bool {
        bytes = line
        return (try? tape.parse(bytes, in: 0..<bytes.count)) != nil
    }

    private mutating func flatten(_ line: [UInt8]) {
        guard parse(line) else { return }
        var exploded: [(path: String, elements: [Int])] = []
        flatten(0, "", row: 0, isNested: false, &exploded)
        let most = exploded.map(\.elements.count).max() ?? 0
        if most > 1, !rows.isEmpty {
            rows += Array(repeating: rows[0], count: most - 1)
        }
        for (path, elements) in exploded {
            for (index, element) in elements.enumerated() {
                var none: [(path: String, elements: [Int])] = []
                flatten(element, path, row: index, isNested: true, &none)
            }
        }
    }

    private mutating func flatten(
        _ node: Int, _ path: String, row: Int, isNested: Bool,
        _ exploded: inout [(path: String, elements: [Int])]
    ) {
        let isList = tape.kind(of: node) == .array
        // A path below an exploded list is that list's own.
        let isLoneObject =
            tape.kind(of: node) == .object && listPaths.contains(path) && !path.isEmpty && !isNested
        if isList || isLoneObject {
            let elements = isList ? Array(tape.elements(of: node)) : [node]
            switch lists {
            case .explode where !isNested && !path.isEmpty: exploded.append((path, elements))
            case .first where !isNested:
                if let first = elements.first {
                    flatten(first, path, row: row, isNested: true, &exploded)
                }
            case .json, .explode, .first:
                see(path)
                var text = bytes[tape.fullRange(of: node)]
                if isLoneObject { text = [UInt8(ascii: "[")] + text + [UInt8(ascii: "]")] }
                set(path, row, Array(text))
            }
            return
        }
        switch tape.kind(of: node) {
        case .object:
            for (name, value) in tape.members(of: node) {
                let inner = join(path, tape.text(of: name, in: bytes))
                // Chosen as a whole, it stays one.
                if places[inner] != nil, tape.kind(of: value) == .object, !isOpen {
                    set(inner, row, Array(bytes[tape.fullRange(of: value)]))
                }
                flatten(value, inner, row: row, isNested: false, &exploded)
            }
        case .null: see(path)
        default:
            see(path)
            guard places[path] != nil, !rows.isEmpty else { return }
            var cell: [UInt8] = []
            tape.appendText(of: node, in: bytes, to: &cell)
            if clock != nil, tape.kind(of: node) == .string, cell.count >= 20,
                let instant = DayOrInstant.read(String(decoding: cell, as: UTF8.self))
            {
                cell = Array((clock?.text(instant) ?? "").utf8)
            }
            set(path, row, cell)
        }
    }

    private mutating func see(_ path: String) { if isLearning { found.insert(path) } }

    private mutating func set(_ path: String, _ row: Int, _ cell: [UInt8]) {
        guard let place = places[path], rows.indices.contains(row) else { return }
        rows[row][place] = cell
    }

    private func join(_ path: String, _ name: String) -> String {
        path.isEmpty ? name : path + "." + name
    }
}
