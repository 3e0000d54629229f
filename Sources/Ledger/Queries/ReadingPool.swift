import GRDB

/// The connections that only read. What they throw says which ledger, and what to do.
struct ReadingPool: Sendable {
    let pool: DatabasePool

    func read<T>(_ body: (Database) throws -> T) throws -> T {
        do {
            return try pool.read(body)
        } catch let error as DatabaseError {
            throw LedgerError(error, path: pool.path)
        }
    }
}
