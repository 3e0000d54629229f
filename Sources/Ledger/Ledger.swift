// Ledger: the only truth about runs. SQLite in WAL mode, one writer in a process, short immediate
// transactions between processes.
//
//   scope     an org and an endpoint: what keys and repeats belong to
//   run       one execution of a job with all its resumes; freezes its files and its mapping
//   input     one file of a run: what it was, and what became of its bytes
//   chunk     a range of record numbers with its byte range, and one state byte a record
//   attempt   one request that was meant to leave, with its members packed; its end
//   trouble   a record that was not accepted: where it stood, why, and its bytes
//   doubt     a record of which nobody knows, with the evidence to look it up
//   claim     a server id that a doubtful record was settled with; claimed once
//   event     what happened to a record beyond its state: warnings, looks, proofs
//   Keys/     which identities are owned, by which run and record
//   Standing/ whether this is the newest ledger of its kind, or one restored from a backup
//
// What a record's state may become is said in one place, `RecordState.after(_:)`; every write here
// goes through it, so that no order of events, repeated or resumed, can break a record's life.
//
// Power loss: every commit is synchronous=FULL, so that it is on the disk when it is believed. With
// NORMAL, which is usual in WAL mode and costs less, the database stays whole but its last commits may
// be gone: an intent that was lost while its request arrived is a bill booked twice. A lost outcome
// would only be a doubt, but intents share their commits with all else, so FULL holds for every one.
//
// Commits: whoever waits while one is under way shares the next, and outcomes that leave nothing open go with
// the next one, at most 50 ms later (`settleSoon`): operations are written in the order in which they were
// submitted, so that nothing is intended before the outcome that it waited for. States of chunks are kept by the
// writer (`ChunkCache`) and written once a commit; whoever uses statements on chunks goes through
// `Writer.Context.db`, which writes them first.
//
// Damage: a ledger that is damaged, or gone while the folders of its runs are there, is never started
// again. It stays as it is until a person has put a sound one in its place or moved all of it away.

import Foundation
import GRDB
package import Model
import Synchronization

package final class Ledger: Sendable {
    /// The state directory: the database, locks, and a folder for each run.
    package let directory: String
    /// What was put right as it was opened.
    package let withdrawn: [OwnFile.Withdrawn]
    let pool: ReadingPool
    let writer: Writer
    /// The copy of the counter outside ``directory``, once something may be sent.
    let hostMark = Mutex<HostMark?>(nil)

    /// Opens, and creates or upgrades where needed, the ledger below `directory`.
    ///
    /// - Throws: ``LedgerError``: on a network file system, where SQLite's locks cannot be
    ///   trusted; of a newer version; damaged; not writable.
    package static func open(at directory: String) throws -> Ledger {
        var withdrawn = [try own { () throws(OwnFile.Refused) in try OwnFile.check(folder: directory) }]
        do {
            try FileManager.default.createDirectory(
                atPath: directory, withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o700])
        } catch {
            throw LedgerError(.folderNotCreated(directory))
        }
        if let kind = networkFileSystem(of: directory) {
            throw LedgerError(.networkFileSystem(folder: directory, type: kind))
        }
        let path = path(in: directory)
        for file in [path, path + "-wal", path + "-shm", directory + "/sandbox.sqlite"] {
            withdrawn.append(try own { () throws(OwnFile.Refused) in try OwnFile.check(private: file) })
        }
        try Damage.refuse(path, in: directory)
        // Created before SQLite opens it, so that no moment sees it readable by others.
        let descriptor = unsafe Glibc.open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else {
            throw LedgerError(.notOpened(path, errno: errno))
        }
        Glibc.close(descriptor)
        do {
            let pool = try openPool(path)
            try Schema.migrate(pool)
            return Ledger(directory: directory, pool: pool, withdrawn: withdrawn.compactMap { $0 })
        } catch let error as DatabaseError {
            throw LedgerError(error, path: path)
        }
    }

    private static func own(_ check: () throws(OwnFile.Refused) -> OwnFile.Withdrawn?) throws
        -> OwnFile.Withdrawn?
    {
        do {
            return try check()
        } catch {
            throw LedgerError(.notOurs(error))
        }
    }

    private init(directory: String, pool: DatabasePool, withdrawn: [OwnFile.Withdrawn]) {
        self.directory = directory
        self.withdrawn = withdrawn
        self.pool = ReadingPool(pool: pool)
        writer = Writer(pool: pool)
    }

    /// Where the database of a state directory is.
    package static func path(in directory: String) -> String { directory + "/ledger.sqlite" }

    private static func openPool(_ path: String) throws -> DatabasePool {
        var configuration = Configuration()
        configuration.busyMode = .timeout(30)
        configuration.maximumReaderCount = 2
        configuration.prepareDatabase { db in
            // KiB, for each connection: those that read mostly pass through once.
            try db.execute(sql: "PRAGMA cache_size = \(db.configuration.readonly ? -1000 : -8000)")
            try db.execute(sql: "PRAGMA wal_autocheckpoint = 4000")
        }
        let pool = try DatabasePool(path: path, configuration: configuration)
        // Not above: a pool sets NORMAL as it goes over to WAL, after it was prepared.
        try pool.writeWithoutTransaction { db in try db.execute(sql: "PRAGMA synchronous = FULL") }
        return pool
    }

    /// Ends the writer's thread after what was submitted is durable.
    package func close() async {
        await writer.stop()
    }

    /// The folder of a run: its rejects and reports.
    package func folder(of run: RunID) throws -> String {
        let path = directory + "/runs/" + run.text
        try FileManager.default.createDirectory(
            atPath: path, withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o700])
        return path
    }

    /// The type of the network file system that `path` lies on; nil for a local one.
    ///
    /// `statfs` is not available here, so the mount table is read: the longest mount point that
    /// begins the path names the type.
    private static func networkFileSystem(of path: String) -> String? {
        let network: Set<String> = [
            "nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "afs", "ceph", "glusterfs", "lustre",
            "fuse.sshfs", "fuse.glusterfs", "fuse.s3fs", "fuse.rclone", "ncpfs", "beegfs",
        ]
        let real = URL(fileURLWithPath: path).resolvingSymlinksInPath().path
        guard let table = try? String(contentsOfFile: "/proc/self/mountinfo", encoding: .utf8) else {
            return nil
        }
        var best = (length: -1, type: "")
        for line in table.split(separator: "\n") {
            let words = line.split(separator: " ")
            guard words.count > 6, let dash = words.firstIndex(of: "-"), dash + 1 < words.count else {
                continue
            }
            let point = String(words[4])
            let covers = point == "/" || real == point || real.hasPrefix(point + "/")
            if covers, point.utf8.count >= best.length {
                best = (point.utf8.count, String(words[dash + 1]))
            }
        }
        return network.contains(best.type) ? best.type : nil
    }
}
