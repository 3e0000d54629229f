import Foundation
import GRDB
package import Model

/// What records whose answers came say of one rewrite of a field.
package struct FormRow: Sendable, Equatable {
    package var field: String
    package var rewrite: String
    /// Records of which the server shows the field so.
    package var agreeing: Int
    /// A record's field would have been changed, and was not.
    package var isContradicted: Bool

    /// Records that have to agree.
    package static let enough = 3

    package var isLearnt: Bool { agreeing >= Self.enough && !isContradicted }
}

// In which form a server shows what it was sent, by org and endpoint.
extension Ledger {
    package func forms(scope: Int64) throws -> [FormRow] {
        try pool.read { db in
            try Row.fetchAll(
                db,
                sql: """
                    SELECT field, rewrite, sum(agrees) AS agreeing, min(agrees) AS least FROM form
                    WHERE scope = ? GROUP BY field, rewrite ORDER BY field, rewrite
                    """, arguments: [scope]
            ).map(Self.form)
        }
    }

    /// What is learnt, over all orgs.
    package func learntForms() throws -> [(org: String, endpoint: String, form: FormRow)] {
        try pool.read { db in
            try Row.fetchAll(
                db,
                sql: """
                    SELECT org, endpoint, field, rewrite, sum(agrees) AS agreeing, min(agrees) AS least
                    FROM form JOIN scope ON scope.id = form.scope
                    GROUP BY org, endpoint, field, rewrite ORDER BY org, endpoint, field, rewrite
                    """
            ).map { (org: $0["org"], endpoint: $0["endpoint"], form: Self.form($0)) }
        }.filter(\.form.isLearnt)
    }

    private static func form(_ row: Row) -> FormRow {
        FormRow(
            field: row["field"], rewrite: row["rewrite"], agreeing: row["agreeing"],
            isContradicted: row["least"] == 0)
    }

    /// Notes what one record whose answer came says. No more rows than needed are kept of a rewrite: as many as
    /// have to agree, and one that contradicts.
    package func note(
        _ observed: [(field: String, rewrite: String, agrees: Bool)], scope: Int64, run: Int64,
        record: Int64
    ) async throws {
        let known = try forms(scope: scope)
        let news = observed.filter { one in
            guard let row = known.first(where: { $0.field == one.field && $0.rewrite == one.rewrite })
            else { return true }
            return !row.isContradicted && (!one.agrees || row.agreeing < FormRow.enough)
        }
        guard !news.isEmpty else { return }
        try await writer.write { context in
            for one in news {
                try context.db.execute(
                    sql: "INSERT OR REPLACE INTO form VALUES (?, ?, ?, ?, ?, ?)",
                    arguments: [scope, one.field, one.rewrite, run, record, one.agrees ? 1 : 0])
            }
        }
    }

    /// Members of a scope that are read to find those of one form; beyond, nobody can tell.
    private static let formScanLimit = 5_000_000

    /// Whether one record alone, among all that were ever sent in the scope, has that form.
    ///
    /// - Parameter form: The form of a record's evidence.
    /// - Returns: False also where that cannot be told: records were pruned, or there are too many.
    /// - Complexity: Reads the attempts of the scope; asked only of what a look-up shows in a learnt form.
    package func isAlone(
        _ evidence: Evidence, scope: Int64, form: @Sendable (Evidence) -> String
    ) throws -> Bool {
        let own = form(evidence)
        return try pool.read { db in
            let pruned = try Int.fetchOne(
                db,
                sql:
                    "SELECT count(*) FROM tombstone JOIN run ON run.id = tombstone.run WHERE run.scope = ?",
                arguments: [scope])
            let members = try Int.fetchOne(
                db,
                sql:
                    "SELECT total(count) FROM attempt WHERE run IN (SELECT id FROM run WHERE scope = ?)",
                arguments: [scope])
            guard pruned == 0, members ?? 0 <= Self.formScanLimit else { return false }
            let cursor = try Row.fetchCursor(
                db,
                sql: "SELECT members FROM attempt WHERE run IN (SELECT id FROM run WHERE scope = ?)",
                arguments: [scope])
            while let row = try cursor.next() {
                for member in MemberPacking.unpack(Array(row[0] as Data))
                where member.evidence != evidence && form(member.evidence) == own {
                    return false
                }
            }
            return true
        }
    }
}
