import Mapping
import Model
import Records

/// Writes all rows of a plan's inputs to one file, those of one group together.
struct GroupStaging {
    private let plan: Plan
    private let pass: GroupPass
    private let folder: String
    /// The columns of the file: all that any input has, in the order in which they come up.
    private let columns: [String]?
    /// For each input, which of its fields is in which of those columns; nil where it has the same.
    private var orders: [[Int?]?] = []

    /// - Throws: ``InputError`` where the inputs are written so differently that no row of one can be among
    ///   those of another.
    init(_ plan: Plan, _ pass: GroupPass, in folder: String) throws(InputError) {
        self.plan = plan
        self.pass = pass
        self.folder = folder
        // A file without a row, and so perhaps without a header, has no say.
        let files = pass.files.filter { $0.rows > 0 }
        let isJSON = files.first?.columns == nil
        let isMarked = files.first?.columns?.first == RecordMark.name
        for (index, file) in pass.files.enumerated() where file.rows > 0 {
            guard (file.columns == nil) == isJSON, (file.columns?.first == RecordMark.name) == isMarked
            else {
                throw InputError(.format, name: plan.inputs[index].name, .mixedKinds)
            }
        }
        guard !isJSON else {
            columns = nil
            orders = Array(repeating: nil, count: pass.files.count)
            return
        }
        var union: [String] = []
        var known = Set<String>()
        for file in files {
            for column in file.columns ?? [] where known.insert(column).inserted {
                union.append(column)
            }
        }
        columns = union
        orders = pass.files.map { file in
            let own = file.columns ?? []
            guard own != union else { return nil }
            let places = Dictionary(
                own.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
            return union.map { places[$0] }
        }
    }

    /// Writes the file.
    ///
    /// - Returns: It, how many rows are elsewhere than they were, and the bytes written for sorting them.
    func write(to path: String) throws -> (rows: StagedRows, moved: Int, spilled: Int) {
        try DiskRoom.check(estimate, at: folder)
        let moved = ExternalSorter(at: folder + "/moved")
        defer { moved.discard() }
        try walk { place, row, file in
            guard case .goes(let target, let number) = place else { return }
            try moved.add(
                target, number, payload: try adapted(row, of: file, to: self.file(of: target)).encoded)
        }
        try moved.finish()
        try DiskRoom.check(estimate, at: folder)
        let writer = try StagedWriter(creating: path)
        let waiting = try moved.sorted()
        func release(before number: UInt64) throws {
            while let item = try waiting.peek(), item.a < number {
                _ = try waiting.next()
                try writer.append(item.payload)
            }
        }
        try walk { place, row, file in
            guard case .stays(let number, let isNew) = place else { return }
            if isNew { try release(before: number) }
            try writer.append(ended(row, file).encoded)
        }
        try release(before: .max)
        guard writer.rows == Int(pass.rows) else { throw changed(0) }
        return (try writer.finish(columns: columns), moved.count, moved.spilled)
    }

    // MARK: Rows

    private enum Place {
        /// - isNew: It begins a span, or stands alone.
        case stays(number: UInt64, isNew: Bool)
        case goes(to: UInt64, number: UInt64)
    }

    /// Reads all inputs once more; what was found in the pass has to be found again.
    private func walk(_ each: (Place, StagedRow, _ file: Int) throws -> Void) throws {
        let moves = try pass.moves.sorted()
        var number: UInt64 = 0
        var key: [UInt8] = []
        var isOpen = false
        var isInside = false
        var target: UInt64?
        for file in plan.inputs.indices {
            let reader = try GroupWalk.walk(plan, file: file) { block, index, telling, rowKey in
                defer { number += 1 }
                var isNew = false
                switch telling {
                case .nothing, .emptyKey:
                    if !isInside, let move = try moves.peek(), move.a == number, isOpen {
                        _ = try moves.next()
                        isInside = true
                    }
                    if !isOpen || !isInside { (isOpen, isNew, target) = (false, true, nil) }
                case .key, .doubtfulKey:
                    isInside = false
                    if isOpen, key == rowKey { break }
                    (isOpen, isNew, target, key) = (true, true, nil, rowKey)
                    if let move = try moves.peek(), move.a == number {
                        _ = try moves.next()
                        target = move.b
                    }
                }
                let row = StagedRow(block.rows[index], of: block, order: orders[file])
                try each(
                    target.map { .goes(to: $0, number: number) }
                        ?? .stays(number: number, isNew: isNew), row, file)
            }
            isOpen = false
            isInside = false
            guard reader.account == pass.files[file].account else { throw changed(file) }
        }
        guard number == pass.rows, try moves.peek() == nil else { throw changed(0) }
    }

    private func ended(_ row: StagedRow, _ file: Int) -> StagedRow {
        // What cannot be read stays as it is, byte for byte.
        guard row.problem?.reason != .unreadable else { return row }
        let bytes = row.stored ?? Array(row.text.prefix(row.storedCount))
        let ended = pass.files[file].writing.ended(bytes)
        guard ended.count != bytes.count else { return row }
        var row = row
        row.stored = ended
        row.storedCount = ended.count
        return row
    }

    /// A row as it is to be written among those of another input.
    private func adapted(_ row: StagedRow, of file: Int, to target: Int) throws(InputError) -> StagedRow
    {
        let writing = pass.files[target].writing
        guard file != target, pass.files[file].writing != writing, row.problem == nil else {
            return ended(row, file)
        }
        var cells: [String: ArraySlice<UInt8>] = [:]
        for (index, column) in (columns ?? []).enumerated() where index < row.fields.count {
            cells[column] = row.cell(index)
        }
        guard let bytes = writing.row(cells, value: row.text[row.value]) else {
            throw InputError(
                .encoding, name: plan.inputs[file].name, position: row.position,
                .encoding(home: plan.inputs[target].name))
        }
        var row = row
        row.stored = bytes
        row.storedCount = bytes.count
        return row
    }

    /// The input that holds a row.
    private func file(of number: UInt64) -> Int {
        var low = 0
        var high = pass.files.count
        while high - low > 1 {
            let middle = (low + high) / 2
            if pass.files[middle].first <= number { low = middle } else { high = middle }
        }
        // Files without a row share their number with the one after them: the last of them has it.
        return low
    }

    /// The size of the file, roughly and rather too large.
    private var estimate: Int {
        pass.files.reduce(0) { sum, file in
            let bytes = file.account.rows + file.account.unreadable
            return sum + bytes * (file.writing.isTranscoded ? 2 : 1)
                + file.rows * (32 + 3 * (columns?.count ?? 0))
        }
    }

    private func changed(_ file: Int) -> InputError { Arrangement.changed(plan.inputs[file].name) }
}
