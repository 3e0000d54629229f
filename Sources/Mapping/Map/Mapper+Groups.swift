import Model
import Records

/// Which rows are waiting for the end of their group.
struct GroupState: Sendable {
    /// The rows from `first` on wait; a group is open among them, up to `last`.
    var isOpen = false
    var first = 0
    /// After the last row that belongs to the open group. What waits after it may or may not.
    var last = 0
    /// Whether a row without any of the cells has come since it was opened.
    var hasOrphan = false
    /// The open group's cells in the columns of `group:`.
    var key: [UInt8] = []
    /// Of the row being looked at.
    var rowKey: [UInt8] = []
    /// Rows kept from block to block.
    var carry = RowSource()
    /// Rows of an open group beyond its limit, of which nothing is kept but how many, and where they end.
    var beyond = 0
    var beyondEnd = 0
    /// Their bytes in the run's own files, where those are others than the one being read.
    var beyondLength = 0
    /// The key that the next file begins with, while the last group of this one ends.
    var follower: [UInt8]?
    var isBeyond = false

    mutating func reset() {
        isOpen = false
        first = 0
        last = 0
        hasOrphan = false
        isBeyond = false
        beyond = 0
        key.removeAll(keepingCapacity: true)
        carry.removeAll()
    }
}

// Rows that follow each other and agree in the columns of `group:` are one record. Space around a cell and the formula
// of a spreadsheet tell no groups apart. Where what is made of the column differs by them, or nothing is made of it, the
// record is invalid: it is not known whether the rows belong together.
//
// A row whose columns cannot be told waits: if the next row that can be told continues with the open
// group, it lies within that group and makes it invalid; else it is a record of its own. A row with a
// wrong number of fields belongs to a neighbouring group that its columns name, and to none otherwise. A
// row that has nothing in any of the columns is an invalid record of its own, wherever it is.
extension Mapper {
    mutating func mapGroups(_ source: RowSource, _ program: Program, into batch: inout RecordBatch) {
        var index = 0
        // The open group first, among copies of its rows.
        while !groups.carry.rows.isEmpty, index < source.rows.count {
            if groups.isBeyond {
                let telling = look(source, index, program)
                if telling == .key, groups.rowKey != groups.key {
                    emitBeyond(program, into: &batch)
                } else {
                    groups.beyond += 1
                    groups.beyondEnd = source.rows[index].position.end
                    groups.beyondLength += source.rows[index].origin?.length ?? 0
                    index += 1
                }
                continue
            }
            var carry = RowSource()
            swap(&carry, &groups.carry)
            carry.append(source.rows[index], of: source)
            tapeRow = -1
            advance(carry, carry.rows.count - 1, program, into: &batch)
            tapeRow = -1
            if groups.first >= carry.rows.count - 1 {
                // Nothing of the copies is needed any more: continue in the block itself.
                let isWaiting = groups.first < carry.rows.count
                groups.last = index + (groups.last - (carry.rows.count - 1))
                groups.first = isWaiting ? index : index + 1
                carry.removeAll()
                swap(&carry, &groups.carry)
                index += 1
                mapGroups(source, from: index, program, into: &batch)
                return
            }
            swap(&carry, &groups.carry)
            index += 1
            checkLimit(program, into: &batch)
        }
        if groups.carry.rows.isEmpty {
            groups.first = index
            groups.last = index
            mapGroups(source, from: index, program, into: &batch)
        } else {
            compact()
        }
    }

    /// Continues among the rows of the block, and keeps copies of those that wait at its end.
    private mutating func mapGroups(
        _ source: RowSource, from start: Int, _ program: Program, into batch: inout RecordBatch
    ) {
        for index in start..<source.rows.count { advance(source, index, program, into: &batch) }
        guard groups.first < source.rows.count else {
            groups.reset()
            return
        }
        for index in groups.first..<source.rows.count {
            groups.carry.append(source.rows[index], of: source)
        }
        groups.last -= groups.first
        groups.first = 0
        tapeRow = -1
        checkLimit(program, into: &batch)
    }

    /// Takes one more row of `source`.
    private mutating func advance(
        _ source: RowSource, _ index: Int, _ program: Program, into batch: inout RecordBatch
    ) {
        switch look(source, index, program) {
        case .nothing:
            if !groups.isOpen { release(source, before: index + 1, program, into: &batch) }
        case .emptyKey:
            if groups.isOpen {
                // By the first rules it is one of the group's rows.
                if rules < .strict { groups.last = index + 1 }
                groups.hasOrphan = true
            } else {
                release(source, before: index + 1, program, into: &batch)
            }
        case .doubtfulKey:
            if groups.isOpen, groups.rowKey == groups.key { groups.last = index + 1 }
        case .key:
            if groups.isOpen, groups.rowKey == groups.key {
                groups.last = index + 1
                return
            }
            // Those just before it with the same cells are its own.
            let key = groups.rowKey
            var begin = index
            while begin > max(groups.first, groups.isOpen ? groups.last : 0),
                look(source, begin - 1, program) == .doubtfulKey, groups.rowKey == key
            {
                begin -= 1
            }
            release(source, before: begin, program, into: &batch)
            groups.isOpen = true
            groups.key = key
            groups.last = index + 1
        }
    }

    /// Gives out the open group and the rows after it, up to `end`.
    private mutating func release(
        _ source: RowSource, before end: Int, _ program: Program, into batch: inout RecordBatch
    ) {
        var at = groups.first
        if groups.isOpen {
            emitGroup(source, at..<groups.last, program, into: &batch)
            at = groups.last
        }
        while at < end {
            emitAlone(source, at, program, into: &batch)
            at += 1
        }
        groups.isOpen = false
        groups.hasOrphan = false
        groups.first = end
        groups.last = end
    }

    private mutating func emitGroup(
        _ source: RowSource, _ rows: Range<Int>, _ program: Program, into batch: inout RecordBatch
    ) {
        if groups.hasOrphan, rules >= .strict { return emitParted(source, rows, program, into: &batch) }
        emitWhole(source, rows, program, into: &batch)
    }

    /// Gives out a group without the orphans among its rows, then those.
    private mutating func emitParted(
        _ source: RowSource, _ rows: Range<Int>, _ program: Program, into batch: inout RecordBatch
    ) {
        var group = RowSource()
        var orphans: [Int] = []
        for index in rows {
            if look(source, index, program) == .emptyKey {
                orphans.append(index)
            } else {
                group.append(source.rows[index], of: source)
            }
        }
        tapeRow = -1
        emitWhole(group, group.rows.indices, program, into: &batch)
        tapeRow = -1
        for index in orphans { emitAlone(source, index, program, into: &batch) }
    }

    private mutating func emitWhole(
        _ source: RowSource, _ rows: Range<Int>, _ program: Program, into batch: inout RecordBatch
    ) {
        var size = 0
        for index in rows { size += source.rows[index].stored.count }
        let isNew = isFirst()
        if size > spec?.groupLimit ?? .max {
            problems = [tooLarge]
            append(source, rows, item: batch.bytes.count, attribution: nil, into: &batch)
        } else {
            emit(source, rows, program, into: &batch)
            if groups.hasOrphan, self.rules < .strict { addOrphans(source, rows, program, to: &batch) }
        }
        if !isNew { add(reopened, to: &batch) }
        if let follower = groups.follower, follower == groups.key { add(goesOn, to: &batch) }
    }

    private mutating func isFirst() -> Bool {
        // Looked at over the whole input, before anything was sent.
        guard spec?.countsGroups ?? true else { return true }
        return groupCounter.count(groups.key, 0..<groups.key.count) ?? 1 == 1
    }

    private var tooLarge: Refusal {
        Refusal(
            .tooLarge, message: "The rows of the group have more than \(spec?.groupLimit ?? 0) bytes.")
    }

    private var reopened: Refusal {
        let columns = spec?.group.joined(separator: ", ") ?? ""
        return Refusal(
            .groupReopened, field: spec?.group.first,
            message:
                "Rows of this group (\(columns): \(Mapper.words(of: groups.key))) are earlier in the "
                + "input, with other rows between: the record made of them lacks this row.")
    }

    private var goesOn: Refusal {
        let columns = spec?.group.joined(separator: ", ") ?? ""
        return Refusal(
            .groupReopened, field: spec?.group.first,
            message:
                "This group (\(columns): \(Mapper.words(of: groups.key))) continues in the next file, "
                + "but `sorted: true` reads each file separately.")
    }

    private mutating func emitAlone(
        _ source: RowSource, _ index: Int, _ program: Program, into batch: inout RecordBatch
    ) {
        let isOrphan = look(source, index, program) == .emptyKey
        if isOrphan, rules >= .strict {
            problems = [orphan(source, index)]
            customers.removeAll()
            append(
                source, index..<index + 1, item: batch.bytes.count, attribution: nil, into: &batch)
            return
        }
        emit(source, index..<index + 1, program, into: &batch)
        if isOrphan { add(orphan(source, index), to: &batch) }
    }

    private mutating func addOrphans(
        _ source: RowSource, _ rows: Range<Int>, _ program: Program, to batch: inout RecordBatch
    ) {
        for index in rows where look(source, index, program) == .emptyKey {
            add(orphan(source, index), to: &batch)
            return
        }
    }

    private func orphan(_ source: RowSource, _ index: Int) -> Refusal {
        let columns = spec?.group.joined(separator: ", ") ?? ""
        return Refusal(
            .orphanRow, field: spec?.group.first,
            message: "Line \(source.rows[index].position.line) has an empty \(columns): "
                + "it is not known which record it belongs to.")
    }

    private func add(_ problem: Refusal, to batch: inout RecordBatch) {
        batch.records[batch.records.count - 1].problems.append(problem)
    }

    // MARK: Bounds

    private mutating func checkLimit(_ program: Program, into batch: inout RecordBatch) {
        guard let limit = spec?.groupLimit, groups.first < groups.carry.rows.count,
            groups.carry.stored.count - groups.carry.rows[groups.first].stored.lowerBound > limit
        else { return }
        if groups.isOpen, groups.last == groups.carry.rows.count {
            groups.isBeyond = true
            groups.beyond = 0
            groups.beyondLength = 0
            groups.beyondEnd = groups.carry.rows[groups.last - 1].position.end
        } else {
            // This many rows of which nothing can be told are no part of anything.
            var carry = RowSource()
            swap(&carry, &groups.carry)
            release(carry, before: carry.rows.count, program, into: &batch)
            groups.reset()
        }
    }

    private mutating func emitBeyond(_ program: Program, into batch: inout RecordBatch) {
        var carry = RowSource()
        swap(&carry, &groups.carry)
        problems = [tooLarge]
        append(
            carry, groups.first..<carry.rows.count, item: batch.bytes.count, attribution: nil,
            into: &batch)
        let record = batch.records.count - 1
        batch.records[record].rows += groups.beyond
        batch.records[record].position.length =
            groups.beyondEnd - batch.records[record].position.offset
        batch.records[record].origin?.length += groups.beyondLength
        if !isFirst() { add(reopened, to: &batch) }
        groups.reset()
    }

    /// - Parameter follower: The key that the next file begins with.
    mutating func finishGroups(
        _ program: Program, before follower: [UInt8]?, into batch: inout RecordBatch
    ) {
        guard !groups.carry.rows.isEmpty else { return }
        groups.follower = follower
        defer { groups.follower = nil }
        if groups.isBeyond {
            emitBeyond(program, into: &batch)
            return
        }
        var carry = RowSource()
        swap(&carry, &groups.carry)
        tapeRow = -1
        release(carry, before: carry.rows.count, program, into: &batch)
        groups.reset()
    }

    /// Drops the copies before the first that is needed.
    private mutating func compact() {
        guard groups.first > 0 else { return }
        var kept = RowSource()
        for row in groups.carry.rows[groups.first...] { kept.append(row, of: groups.carry) }
        groups.carry = kept
        groups.last -= groups.first
        groups.first = 0
    }

    // MARK: Keys

    /// The text of a JSON row cannot be trusted; else only the job has something against it.
    private func isUnreadable(_ source: RowSource, _ index: Int) -> Bool {
        switch source.rows[index].problem?.reason {
        case .unreadable, .encoding, .tooLarge: true
        default: false
        }
    }

    /// What is known about the group of a row; its cells go to `groups.rowKey`.
    mutating func look(_ source: RowSource, _ index: Int, _ program: Program) -> Telling {
        var key: [UInt8] = []
        swap(&key, &groups.rowKey)
        defer { swap(&key, &groups.rowKey) }
        key.removeAll(keepingCapacity: true)
        let hasProblem = source.rows[index].problem != nil
        if hasProblem {
            // A JSON row is read as a whole or not at all.
            if program.isJSON, !isContainer(source, index) || isUnreadable(source, index) {
                return .nothing
            }
            let count = source.rows[index].fields.count
            for column in program.group where Int(column) >= count { return .nothing }
        }
        for column in program.group {
            let start = key.count
            appendText(column, index, source, program, to: &key)
            if rules >= .cleanKeys { Self.clean(&key, from: start) }
            // No UTF-8 has this byte, so cells cannot run into each other.
            key.append(0xFF)
        }
        let isEmpty = key.count == program.group.count
        if hasProblem { return isEmpty ? .nothing : .doubtfulKey }
        return isEmpty ? .emptyKey : .key
    }

    /// Leaves of a cell, the end of `text`, what tells groups apart.
    private static func clean(_ text: inout [UInt8], from start: Int) {
        if let kept = KeyText.withoutMarks(text, start..<text.count) {
            text.replaceSubrange(start..., with: kept)
        }
        cut(&text, from: start, to: trimmed(text, start..<text.count))
        let inside = withoutFormula(text, start..<text.count)
        guard inside.count < text.count - start else { return }
        cut(&text, from: start, to: trimmed(text, inside))
    }

    private static func cut(_ text: inout [UInt8], from start: Int, to kept: Range<Int>) {
        guard kept.count < text.count - start else { return }
        text.removeLast(text.count - kept.upperBound)
        text.removeSubrange(start..<kept.lowerBound)
    }

    /// Rows of one group whose keys are written differently have to be the same to all that is made of them.
    mutating func checkSpelling(_ source: RowSource, _ rows: Range<Int>, _ program: Program) {
        guard rules >= .cleanKeys else { return }
        for key in program.keys {
            let first = spelling(of: key, rows.lowerBound, source, program)
            for row in rows.dropFirst() where spelling(of: key, row, source, program) != first {
                note(
                    Refusal(
                        .rule, field: key.name,
                        message:
                            "The rows of the record differ in the white space around the key, or in the formula "
                            + "that keeps it a text, first on line \(source.rows[row].position.line)."))
                break
            }
        }
    }

    /// A row's key as all that is made of it sees it.
    private mutating func spelling(
        of key: Program.Key, _ row: Int, _ source: RowSource, _ program: Program
    ) -> [UInt8] {
        var text: [UInt8] = []
        appendText(key.from, row, source, program, to: &text)
        if key.trims { Self.cut(&text, from: 0, to: trimmed(text, text.indices)) }
        if key.dropsMarks, let kept = KeyText.withoutMarks(text, text.indices) { text = kept }
        if key.dropsMarks { Self.cut(&text, from: 0, to: trimmed(text, text.indices)) }
        if key.unwraps { Self.cut(&text, from: 0, to: withoutFormula(text, text.indices)) }
        return text
    }
}
