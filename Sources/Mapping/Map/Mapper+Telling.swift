package import Records

// What rows say of their groups, before any of them is mapped.
extension Mapper {
    /// What is known about the group of a row.
    package enum Telling: Sendable {
        /// It cannot be read: no cell of it can be told.
        case nothing
        /// Its cells in the columns of `group:` are known.
        case key
        /// Those cells are all empty.
        case emptyKey
        /// It has too few or too many fields, so that its cells may be those of other columns.
        case doubtfulKey
    }

    /// Tells about each row of `block`, in its order, which group it names.
    ///
    /// Where rows are no groups, none tells anything.
    ///
    /// - Parameter each: Told the row's index in the block, what can be told, and the bytes that rows of one
    ///   group share and no other has.
    package mutating func tell(
        _ block: borrowing RowBlock,
        _ each: (_ row: Int, _ telling: Telling, _ key: [UInt8]) throws -> Void
    ) rethrows {
        let source = RowSource(block)
        guard let program, !program.group.isEmpty else {
            for index in source.rows.indices { try each(index, .nothing, []) }
            return
        }
        tapeRow = -1
        defer { tapeRow = -1 }
        for index in source.rows.indices {
            // A row that is left out belongs to no group.
            let telling: Telling =
                isFiltered(source, index, program) ? .nothing : look(source, index, program)
            try each(index, telling, groups.rowKey)
        }
    }

    /// The cells of a group's key, for people.
    static func words(of key: [UInt8]) -> String {
        key.split(separator: 0xFF, omittingEmptySubsequences: false).dropLast()
            .map { String(decoding: $0, as: UTF8.self) }.filter { !$0.isEmpty }
            .joined(separator: ", ")
    }
}
