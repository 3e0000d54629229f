import Foundation
import GRDB

/// A table of blobs by row id, read many rows a statement: to start one costs as much as to read a row.
struct KeyRows {
    static let pages = KeyRows(table: "key_page", column: "entries")
    static let sieves = KeyRows(table: "key_sieve", column: "bits")

    private static let several = 16
    private let one: String
    private let many: String

    private init(table: String, column: String) {
        let select = "SELECT id, \(column) FROM \(table) WHERE id"
        let marks = [String](repeating: "?", count: Self.several).joined(separator: ",")
        one = "\(select) = ?"
        many = "\(select) IN (\(marks)) ORDER BY id"
    }

    /// Calls `body` with the blob of each row of `ids` that exists, and with the indexes of `ids` that named it.
    ///
    /// - Parameter ids: In ascending order; equal ones follow each other.
    func visit(_ ids: [Int64], in db: Database, _ body: (Range<Int>, Data) throws -> Void) throws {
        var at = 0
        while at < ids.count {
            var end = at
            var wanted: [Int64] = []
            while end < ids.count {
                if ids[end] != wanted.last {
                    if wanted.count == Self.several { break }
                    wanted.append(ids[end])
                }
                end += 1
            }
            let last = wanted[wanted.count - 1]
            if wanted.count > 1 { while wanted.count < Self.several { wanted.append(last) } }
            let rows = try Row.fetchCursor(
                db.cachedStatement(sql: wanted.count == 1 ? one : many),
                arguments: StatementArguments(wanted))
            while let row = try rows.next() {
                let id: Int64 = row[0]
                while at < end, ids[at] < id { at += 1 }
                let first = at
                while at < end, ids[at] == id { at += 1 }
                try row.withUnsafeData(atIndex: 1) { try body(first..<at, $0 ?? Data()) }
            }
            at = end
        }
    }
}
