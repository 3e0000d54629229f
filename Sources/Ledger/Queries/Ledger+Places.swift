package import Model

extension Ledger {
    /// The record that counts for each of these identities: of a scope the newest; nil where none does.
    package func owners(of identities: [Identity], scope: Int64) async throws -> [RecordPlace?] {
        try await writer.write { context in
            try context.keys(of: scope).lookUp(identities, in: context.db).map { entry in
                entry.map { RecordPlace(run: $0.run, record: $0.record) }
            }
        }
    }

    /// The chunk that holds a record: the nearest that is known of the place of a record that has no
    /// trouble. Nil where the run has no such record.
    ///
    /// - Complexity: Reads on from the last checkpoint before it.
    package func place(run: Int64, record: Int64) throws -> ChunkRow? {
        let near = try checkpoint(run: run, before: record + 1)
        var found: ChunkRow?
        try chunks(run: run, from: near?.first ?? 0) { chunk in
            if chunk.holds(record) { found = chunk }
            return found == nil && chunk.first <= record
        }
        return found
    }
}

extension ChunkRow {
    package func holds(_ record: Int64) -> Bool { record >= first && record < first + Int64(count) }
}
