package import Mapping
import Model
import Records

/// The beginning of an input, as far as a preview reads it: a number of rows, or the rows up to the last one that an
/// expression is true for.
package struct PreviewWindow: Sendable {
    /// One row of the input.
    struct Place: Hashable, Sendable {
        var file: Int
        var row: Int
    }

    /// The plan over these rows alone: whatever reads it reads no more.
    package private(set) var plan: Plan
    /// How many rows were read, in all files.
    package private(set) var rows = 0
    /// How many of them are shown.
    package private(set) var shown = 0
    /// There are no more rows.
    package private(set) var isWhole = false
    /// The rows that are shown, and their records with them; nil: all.
    private(set) var matching: Set<Place>?

    /// Reads as far as needed.
    ///
    /// - Parameters:
    ///   - count: How many rows are shown, 1 or more.
    ///   - filter: Only rows for which it is true are shown. As the job's own `where`, it sees the job's `let`.
    /// - Throws: ``ReadError``; ``MappingError`` for an expression that makes no sense.
    package init(_ plan: Plan, rows count: Int, where filter: ExpressionRule?) throws {
        self.plan = plan
        matching = filter == nil ? nil : []
        for file in plan.inputs.indices {
            let isFull = try take(file, count, filter)
            if isFull {
                let isLast = file == plan.inputs.indices.last
                self.plan.inputs.removeLast(plan.inputs.count - file - 1)
                isWhole = isLast && self.plan.inputs[file].rowLimit == nil
                return
            }
        }
        isWhole = true
    }

    /// Reads one file. Returns whether there are enough rows now.
    private mutating func take(_ file: Int, _ count: Int, _ filter: ExpressionRule?) throws -> Bool {
        let reader = try plan.open(file, from: nil)
        var mapper = try filter.map { try self.mapper($0, reader.columns) }
        var block = RowBlock()
        var taken = 0
        while shown < count {
            guard try reader.read(into: &block, rows: filter == nil ? count - shown : 256) else {
                return false
            }
            guard mapper != nil else {
                taken += block.rows.count
                rows += block.rows.count
                shown += block.rows.count
                continue
            }
            var batch = RecordBatch()
            mapper?.map(block, into: &batch)
            let matched = Set(batch.records.map(\.position.row))
            for row in block.rows where shown < count {
                taken += 1
                rows += 1
                guard matched.contains(row.position.row) else { continue }
                shown += 1
                matching?.insert(Place(file: file, row: row.position.row))
            }
        }
        let isOver = taken < block.rows.count ? false : try !reader.read(into: &block, rows: 1)
        if !isOver { plan.inputs[file].rowLimit = taken }
        return true
    }

    /// Gives a record for each row that the expression is true for.
    private func mapper(_ filter: ExpressionRule, _ columns: [String]?) throws -> Mapper {
        // The fields stay: their columns tell a mistyped name from a file without a header.
        var spec = plan.mapping ?? MappingSpec(fields: [])
        spec.group = []
        spec.filter = filter
        do {
            return try Mapper(spec: spec, columns: columns, attribution: nil, rules: plan.rules)
        } catch {
            var error = error
            if error.place == "record.where" { error.place = "--where" }
            throw error
        }
    }

    /// Whether a row is one of those that are shown.
    func shows(_ position: Position) -> Bool {
        matching?.contains(Place(file: position.file, row: position.row)) ?? true
    }
}
