import Mapping
package import Model
import Records

/// What was read and what would be sent, record by record, for the rows of a ``PreviewWindow``: by the code that reads,
/// maps and checks for a run.
package struct Preview: Sendable {
    package struct Row: Sendable {
        /// In the input.
        package var position: Position
        /// As many as the row has, which may not be as many as there are columns; empty for JSON.
        package var cells: [String] = []
        /// Of JSON.
        package var json = ""
        /// What is wrong with the row itself.
        package var problem: Refusal?
    }

    /// A record with its rows, or a row that the job leaves out.
    package struct Entry: Sendable {
        /// Of its rows; nil for JSON.
        package var columns: [String]?
        package var rows: [Row] = []
        /// What would be sent, the text of a JSON object; of an invalid record, what could be mapped of it.
        package var item: [UInt8] = []
        package var attribution: Attribution?
        /// Why it is invalid.
        package var refusals: [Refusal] = []
        /// `where` leaves it out.
        package var isFiltered = false
    }

    /// In the order of the input.
    package private(set) var entries: [Entry] = []

    /// - Parameter plan: That of the window, after its groups were brought together.
    package init(_ plan: Plan, _ window: PreviewWindow) throws {
        for source in plan.sources { try read(plan, source, window) }
        entries.sort { $0.order < $1.order }
    }

    /// A record that is shown, by its place in the file that is read.
    private struct Found {
        var entry = Entry()
        var start: Int
        var end: Int
        var isAlone: Bool
        /// Where rows begin within it that the job leaves out, and how many they are.
        var without: [Int: Int] = [:]
    }

    private mutating func read(_ plan: Plan, _ source: Int, _ window: PreviewWindow) throws {
        var shown: [Int] = []
        _ = try walk(plan, source) { row, place in
            if window.shows(row.position) { shown.append(place) }
        }
        var found = try records(plan, source, shown)
        let alone = Dictionary(
            found.indices.filter { found[$0].isAlone }.map { (found[$0].start, $0) },
            uniquingKeysWith: { first, _ in first })
        let groups = found.indices.filter { !found[$0].isAlone }
        var filtered: [Entry] = []
        var group = groups[...]
        var leaving = 0
        let columns = try walk(plan, source) { row, place in
            while let first = group.first, found[first].end <= place { group.removeFirst() }
            let open = group.first.flatMap { found[$0].start <= place ? $0 : nil }
            if let open, let count = found[open].without[place] { leaving = count }
            var owner = alone[place] ?? open
            if leaving > 0 {
                leaving -= 1
                owner = nil
            }
            if let owner {
                found[owner].entry.rows.append(row)
            } else if window.shows(row.position) {
                filtered.append(Entry(rows: [row], isFiltered: true))
            }
        }
        entries += (found.map(\.entry) + filtered).map {
            var entry = $0
            entry.columns = columns
            return entry
        }
    }

    /// Hands out each row with its place in the file that is read, and returns the columns.
    private func walk(
        _ plan: Plan, _ source: Int, _ each: (Row, _ place: Int) throws -> Void
    ) throws -> [String]? {
        let reader = try plan.open(source, from: nil)
        var block = RowBlock()
        while try reader.read(into: &block, rows: 512) {
            for row in block.rows {
                var shown = Row(position: row.origin ?? row.position, problem: row.problem)
                shown.cells = row.fields.indices.map {
                    block.field($0 - row.fields.lowerBound, of: row)
                }
                shown.json = String(decoding: block.text[row.value], as: UTF8.self)
                try each(shown, row.position.offset)
            }
        }
        return reader.columns
    }

    /// The records that one of the rows at `shown` belongs to, in their order.
    private func records(_ plan: Plan, _ source: Int, _ shown: [Int]) throws -> [Found] {
        var found: [Found] = []
        var preparer = RecordPreparer(plan)
        var reading = try RecordSource(plan, file: source)
        // Rows without a group's columns are records of their own that come after the group around them.
        func isShown(_ record: MappedRecord) -> Bool {
            let place = shown.partitioningIndex { $0 >= record.position.offset }
            return place < shown.count && shown[place] < record.position.end
        }
        while let count = try reading.fill(512) {
            for record in reading.peek(count) where isShown(record) {
                var result = Found(
                    start: record.position.offset, end: record.position.end,
                    isAlone: record.rows == 1)
                result.entry.item = Array(reading.batch.bytes[record.item])
                result.entry.attribution = preparer.attribution(of: record)
                result.entry.refusals = record.problems
                if record.problems.isEmpty {
                    result.entry.refusals = preparer.prepare(record, of: reading.batch)
                }
                for stretch in reading.batch.filtered
                where stretch.offset > result.start && stretch.offset < result.end {
                    result.without[stretch.offset] = stretch.rows
                }
                found.append(result)
            }
            reading.drop(count)
        }
        return found.sorted { $0.start < $1.start }
    }
}

extension Preview.Entry {
    /// By its first row.
    fileprivate var order: (file: Int, row: Int) {
        let first = rows.first?.position
        return (first?.file ?? 0, first?.row ?? 0)
    }
}

extension [Int] {
    /// The first index from which on `belongs` holds, in a list where it does not before.
    fileprivate func partitioningIndex(_ belongs: (Int) -> Bool) -> Int {
        var low = 0
        var high = count
        while low < high {
            let middle = (low + high) / 2
            if belongs(self[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
