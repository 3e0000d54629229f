import Foundation
import GRDB
package import Model

extension Ledger {
    package func beginExport(_ export: NewExport) async throws -> ExportRow {
        try await writer.write { context in
            try context.db.execute(
                sql: """
                    INSERT INTO export (name, series, listing, connection, org, wanted, path, state, started)
                    VALUES (?, ?, ?, ?, ?, ?, ?, 'running', ?)
                    """,
                arguments: [
                    export.id.text, export.series, export.listing, export.connection, export.org,
                    export.wanted, export.path, export.started.milliseconds,
                ])
            let number = context.db.lastInsertedRowID
            guard let row = try Self.exports(context.db, "WHERE id = ?", [number]).first else {
                throw LedgerError(.missing(.newExport))
            }
            return row
        }
    }

    /// Adds keys after those that are there; one that is there already stays where it is.
    package func addKeys(_ keys: [String], to export: Int64) async throws {
        try await writer.write { context in
            var number =
                try Int64.fetchOne(
                    context.db, sql: "SELECT max(number) FROM export_key WHERE export = ?",
                    arguments: [export]) ?? 0
            let insert = try context.db.cachedStatement(
                sql: "INSERT OR IGNORE INTO export_key (export, number, key) VALUES (?, ?, ?)")
            for key in keys {
                try insert.execute(arguments: [export, number + 1, key])
                if context.db.changesCount > 0 { number += 1 }
            }
        }
    }

    /// The keys after that number, in their order.
    package func keys(of export: Int64, after number: Int64, limit: Int) throws -> [(
        number: Int64, key: String
    )] {
        try pool.read { db in
            try Row.fetchAll(
                db,
                sql:
                    "SELECT number, key FROM export_key WHERE export = ? AND number > ? ORDER BY number LIMIT ?",
                arguments: [export, number, limit]
            ).map { ($0[0], $0[1]) }
        }
    }

    /// Which of these items an export had, each with its digest then.
    package func digests(of ids: [String], in export: Int64) throws -> [String: Int64] {
        try pool.read { db in
            var result: [String: Int64] = [:]
            let select = try db.cachedStatement(
                sql: "SELECT digest FROM export_item WHERE export = ? AND id = ?")
            for id in ids {
                if let digest = try Int64.fetchOne(select, arguments: [export, id]) {
                    result[id] = digest
                }
            }
            return result
        }
    }

    /// Items that an export had and another has not.
    package func itemsGone(from former: Int64, in export: Int64) throws -> Int {
        try pool.read { db in
            try Int.fetchOne(
                db,
                sql: """
                    SELECT count(*) FROM export_item AS former WHERE export = ? AND NOT EXISTS
                        (SELECT 1 FROM export_item WHERE export = ? AND id = former.id)
                    """, arguments: [former, export]) ?? 0
        }
    }

    /// Notes pages whose items are in the file and durable there.
    ///
    /// - Parameters:
    ///   - place: Where the next begins.
    ///   - bytes: How long the file is.
    package func commit(
        _ pages: [ExportPage], to export: Int64, place: String, bytes: Int, counts: ExportCounts
    ) async throws {
        try await writer.write { context in
            let db = context.db
            var number =
                try Int64.fetchOne(
                    db, sql: "SELECT max(number) FROM export_page WHERE export = ?", arguments: [export]
                )
                ?? 0
            let addPage = try db.cachedStatement(
                sql: "INSERT INTO export_page VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)")
            let addItem = try db.cachedStatement(
                sql: "INSERT OR IGNORE INTO export_item VALUES (?, ?, ?)")
            for page in pages {
                number += 1
                try addPage.execute(arguments: [
                    export, number, page.at.milliseconds, page.place, page.items.count,
                    page.items.first?.id, page.items.last?.id, page.total, page.remark,
                ])
                for item in page.items {
                    try addItem.execute(arguments: [export, item.id, item.digest])
                }
            }
            try db.execute(
                sql: """
                    UPDATE export SET place = ?, bytes = ?, written = written + ?, repeats = repeats + ?,
                        unchanged = unchanged + ?, missing = missing + ?, requests = requests + ?
                    WHERE id = ?
                    """,
                arguments: [
                    place, bytes, counts.written, counts.repeats, counts.unchanged, counts.nothing,
                    counts.requests, export,
                ])
        }
    }

    package func endExport(
        _ export: Int64, state: ExportRow.State, exitCode: Int, ending: String, columns: [String]?,
        at: Timestamp
    ) async throws {
        let names = try columns.map { String(decoding: try JSONEncoder().encode($0), as: UTF8.self) }
        try await writer.write { context in
            try context.db.execute(
                sql: """
                    UPDATE export SET state = ?, exit_code = ?, ending = ?, ended = ?,
                        columns = coalesce(?, columns) WHERE id = ?
                    """,
                arguments: [
                    state.rawValue, exitCode, ending, at.milliseconds, names, export,
                ])
        }
    }

    package func reopenExport(_ export: Int64) async throws {
        try await writer.write {
            try $0.db.execute(
                sql: "UPDATE export SET state = 'running', ended = NULL WHERE id = ?",
                arguments: [export])
        }
    }

    /// The unfinished export that writes this file.
    package func openExport(to path: String) throws -> ExportRow? {
        try pool.read { db in
            try Self.exports(
                db, "WHERE path = ? AND state IN ('running', 'stopped') ORDER BY id DESC LIMIT 1",
                [path]
            ).first
        }
    }

    /// Notes which file an export made.
    package func noteMade(_ export: Int64, _ mark: String) async throws {
        try await writer.write {
            try $0.db.execute(
                sql: "UPDATE export SET made = ? WHERE id = ?", arguments: [mark, export])
        }
    }

    /// Whether an export ever wrote this path, and which files those that finished made of it: nil of one that
    /// an older version made.
    package func madeExports(to path: String) throws -> (isKnown: Bool, files: [String?]) {
        try pool.read { db in
            let rows = try Row.fetchAll(
                db, sql: "SELECT state, made FROM export WHERE path = ?", arguments: [path])
            return (
                !rows.isEmpty,
                rows.filter { $0["state"] as String == "finished" }.map { $0["made"] as String? }
            )
        }
    }

    /// The last finished export of a series.
    package func lastExport(of series: String) throws -> ExportRow? {
        try pool.read { db in
            try Self.exports(
                db, "WHERE series = ? AND state = 'finished' ORDER BY id DESC LIMIT 1", [series]
            ).first
        }
    }

    package func export(named text: String) throws -> ExportRow? {
        try pool.read { db in
            let near = try Self.exports(
                db, "WHERE substr(name, 1, length(?1)) = ?1 OR substr(name, -length(?1)) = ?1 LIMIT 2",
                [text])
            return near.count == 1 ? near[0] : near.first { $0.id.text == text }
        }
    }

    /// Those that are not finished, the oldest first.
    package func openExports() throws -> [ExportRow] {
        try pool.read {
            try Self.exports($0, "WHERE state IN ('running', 'stopped') ORDER BY id", [])
        }
    }

    /// The newest first.
    package func exports(limit: Int) throws -> [ExportRow] {
        try pool.read { try Self.exports($0, "ORDER BY id DESC LIMIT ?", [limit]) }
    }

    /// Removes pages, keys and items of exports that ended before; the items of the last finished one of each
    /// series stay, for the next is compared with them.
    ///
    /// - Returns: Of how many exports.
    func pruneExports(endedBefore cutoff: Timestamp) async throws -> Int {
        let old = try pool.read { db in
            try Int64.fetchAll(
                db,
                sql: """
                    SELECT id FROM export AS old WHERE state IN ('finished', 'abandoned') AND ended < ?
                        AND (EXISTS (SELECT 1 FROM export_page WHERE export = old.id)
                            OR EXISTS (SELECT 1 FROM export_key WHERE export = old.id)
                            OR EXISTS (SELECT 1 FROM export_item WHERE export = old.id)
                                AND id <> (SELECT coalesce(max(id), 0) FROM export
                                    WHERE series = old.series AND state = 'finished'))
                    """, arguments: [cutoff.milliseconds])
        }
        for export in old {
            try Task.checkCancellation()
            for table in ["export_page", "export_key"] {
                _ = try await removeAll(
                    "DELETE FROM \(table) WHERE export = ?1 AND number IN "
                        + "(SELECT number FROM \(table) WHERE export = ?1 LIMIT 2000)", of: export)
            }
            _ = try await removeAll(
                """
                DELETE FROM export_item WHERE export = ?1 AND id IN (
                    SELECT id FROM export_item WHERE export = ?1 AND ?1 <> (
                        SELECT coalesce(max(newest.id), 0) FROM export AS newest, export AS this
                        WHERE this.id = ?1 AND newest.series = this.series AND newest.state = 'finished')
                    LIMIT 2000)
                """, of: export)
        }
        return old.count
    }

    /// What was worth saying of an export's pages.
    package func remarks(of export: Int64, limit: Int) throws -> [String] {
        try pool.read { db in
            try String.fetchAll(
                db,
                sql: """
                    SELECT remark FROM export_page WHERE export = ? AND remark IS NOT NULL
                    ORDER BY number LIMIT ?
                    """, arguments: [export, limit])
        }
    }

    private static func exports(
        _ db: Database, _ clause: String, _ arguments: StatementArguments
    ) throws -> [ExportRow] {
        try Row.fetchAll(db, sql: "SELECT * FROM export \(clause)", arguments: arguments).compactMap {
            row in
            guard let id = RunID(row["name"] as String),
                let state = ExportRow.State(rawValue: row["state"])
            else { return nil }
            var counts = ExportCounts()
            counts.written = row["written"]
            counts.repeats = row["repeats"]
            counts.unchanged = row["unchanged"]
            counts.nothing = row["missing"]
            counts.requests = row["requests"]
            return ExportRow(
                number: row["id"], id: id, series: row["series"], listing: row["listing"],
                connection: row["connection"], org: row["org"], wanted: row["wanted"],
                path: row["path"], state: state, started: Timestamp(milliseconds: row["started"]),
                ended: (row["ended"] as Int64?).map(Timestamp.init(milliseconds:)),
                exitCode: row["exit_code"], ending: row["ending"], place: row["place"],
                bytes: row["bytes"], counts: counts,
                columns: (row["columns"] as String?).flatMap {
                    try? JSONDecoder().decode([String].self, from: Data($0.utf8))
                })
        }
    }
}
