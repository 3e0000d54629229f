import Foundation
import GRDB
package import Model
import Synchronization

// A ledger that was restored from a backup, or copied, is sound and knows less than was sent. Its counter
// tells: it is in the ledger, in a file outside its folder, and in the folder of every run. The ledger's
// own is raised first, then the others, and only then something is sent; whoever compares reads the copies
// first and the ledger last. So no copy is ever seen ahead of a ledger that is whole, and none is behind
// what was sent.
extension Ledger {
    /// Compares the ledger with the copies of its counter.
    ///
    /// - Parameter folder: Where this host keeps what belongs to no ledger.
    package func standing(besides folder: String) throws -> LedgerStanding {
        // The id first: it names the copy. The counter last: it is never after a copy that was read.
        let id = try current().id
        let copy = try HostMark.read(id, in: folder)
        let marks = try runMarks()
        return try pool.read { db in
            guard let (now, counter, _) = try Self.current(db) else { throw Self.noStanding }
            var known: [String: Int64] = [:]
            for row in try Row.fetchAll(db, sql: "SELECT id, counter FROM standing") {
                known[row[0]] = row[1]
            }
            var signs: [LedgerStanding.Sign] = []
            let isOurs = copy?.host == HostMark.host
            if let copy, isOurs, now == id, copy.counter > counter {
                signs.append(.counter(copy.counter, path: HostMark.path(of: id, in: folder)))
            }
            for mark in marks {
                let state = try String.fetchOne(
                    db, sql: "SELECT state FROM run WHERE name = ?", arguments: [mark.run])
                if state == nil {
                    signs.append(.unknownRun(mark))
                } else if mark.counter > known[mark.ledger] ?? -1 {
                    signs.append(.laterRun(mark))
                }
            }
            return LedgerStanding(
                id: now, counter: counter, signs: signs, isNewHere: counter > 0 && !isOurs && now == id,
                adoption: try Self.adoption(db))
        }
    }

    /// Of the folders that can tell about more than the ledger knows: those of runs that it does not know, and
    /// of those it holds for unfinished. A finished run never continues.
    private func runMarks() throws -> [RunMark] {
        let folder = directory + "/runs"
        let names = ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).sorted()
        guard !names.isEmpty else { return [] }
        let closed = try pool.read { db in
            try Set(
                String.fetchAll(
                    db, sql: "SELECT name FROM run WHERE state NOT IN ('running', 'stopped')"))
        }
        return names.compactMap { name in
            guard !closed.contains(name), RunID(name) != nil,
                let mark = RunMark.read(in: folder + "/" + name), mark.run == name
            else { return nil }
            return mark
        }
    }

    /// Refuses where the ledger is behind, and otherwise notes that something may be sent from now on.
    ///
    /// - Throws: ``LedgerError`` of ``LedgerError/Code/behind``; where a copy cannot be written.
    package func startSending(besides folder: String, at now: Timestamp) async throws {
        let seen = try standing(besides: folder)
        try refuse(seen)
        let (id, counter) = try await writer.write { context in
            // Another process may have been first.
            if seen.isNewHere, try Self.current(context.db)?.id == seen.id {
                try Self.begin(anew: now, context.db)
            }
            return try Self.raise(context.db)
        }
        let mark = try HostMark.open(id, in: folder, ledger: Self.path(in: directory))
        try mark.raise(to: counter, durable: true)
        hostMark.withLock { $0 = mark }
    }

    /// - Throws: ``LedgerError`` of ``LedgerError/Code/behind``.
    package func refuseIfBehind(besides folder: String) throws {
        try refuse(try standing(besides: folder))
    }

    private func refuse(_ standing: LedgerStanding) throws {
        guard standing.isBehind else { return }
        throw LedgerError(.behind(path: Self.path(in: directory), standing))
    }

    /// Writes what a run's folder says of it. Called before the run sends anything.
    package func markFolder(of run: RunRow) throws {
        let (id, counter, _) = try current()
        try RunMark(
            ledger: id, counter: counter, run: run.id.text, job: run.job, jobFile: run.jobFile,
            connection: run.connection, org: run.org, endpoint: run.endpoint,
            started: run.started.milliseconds,
            inputs: try inputs(of: run.number).map {
                RunMark.Input(
                    path: $0.path, member: $0.member, name: $0.name, fingerprint: $0.fingerprint)
            }
        ).write(in: try folder(of: run.id))
    }

    /// From when on this ledger has been in use on this host, as far as that began again.
    package func inUseSince() throws -> Timestamp { try current().since }

    /// Carries the counter of a transaction that is durable out of the ledger's folder; only then may
    /// what it stands for be sent. A power cut may take it back, which hides nothing but what a backup of
    /// the last minutes has not got.
    func note(_ counter: Int64) throws {
        try hostMark.withLock { $0 }?.raise(to: counter, durable: false)
    }

    // MARK: In the database

    /// One more thing that may be sent.
    static func raise(_ db: Database) throws -> (id: String, counter: Int64) {
        let row = try Row.fetchOne(
            db.cachedStatement(
                sql: "UPDATE standing SET counter = counter + 1 WHERE current = 1 RETURNING id, counter"
            ))
        guard let row else { throw noStanding }
        return (row[0], row[1])
    }

    /// Another id, which no copy of before knows.
    static func begin(anew now: Timestamp, _ db: Database) throws {
        try db.execute(sql: "UPDATE standing SET current = 0")
        try db.execute(
            sql: "INSERT INTO standing VALUES (lower(hex(randomblob(16))), 0, ?, 1)",
            arguments: [now.milliseconds])
    }

    private func current() throws -> (id: String, counter: Int64, since: Timestamp) {
        guard let current = try pool.read(Self.current) else { throw Self.noStanding }
        return current
    }

    private static func current(_ db: Database) throws
        -> (id: String, counter: Int64, since: Timestamp)?
    {
        try Row.fetchOne(db, sql: "SELECT id, counter, since FROM standing WHERE current = 1")
            .map { ($0[0], $0[1], Timestamp(milliseconds: $0[2])) }
    }

    private static var noStanding: LedgerError { LedgerError(.noID) }
}
