import Foundation
import GRDB
import NIOCore

/// What the books took in, in an SQLite file; an answer leaves only after its bookings are in it.
///
/// One row a commit: everything that came while the commit before was on its way. Rows are only
/// ever added, so writing costs the same at a thousand bills and at ten million; on opening they
/// are all read back.
///
/// Its members are used on the event loop alone; GRDB runs the commits on a thread of its own.
final class Journal: @unchecked Sendable {
    enum Entry {
        case bill(BillDraft)
        case parked(Parked)
        case parkedChange(ParkedChange)
        case write(Write)
    }

    private let queue: DatabaseQueue
    private let loop: any EventLoop
    private var pending: [UInt8] = []
    private var waiting: [(Bool) -> Void] = []
    private var isCommitting = false
    private var isClosed = false
    private(set) var failure: String?

    private enum Tag: UInt8 { case bill = 1, firstParked = 2, write = 3, parked = 4, parkedChange = 5 }

    /// Opens or makes the file and gives what it holds, in the order of booking.
    ///
    /// - Throws: ``SandboxError`` when it belongs to another org or to a newer version; what SQLite
    ///   throws when it is none.
    static func open(
        _ path: String, org: String, durability: SandboxOptions.Durability, place: Place,
        on loop: any EventLoop,
        each: (Entry) -> Void
    ) throws -> Journal {
        if !FileManager.default.fileExists(atPath: path) {
            _ = FileManager.default.createFile(
                atPath: path, contents: nil, attributes: [.posixPermissions: 0o600])
        }
        var configuration = Configuration()
        configuration.journalMode = .wal
        configuration.prepareDatabase { db in
            // One sandbox a file: two would book under the same ids. The system frees the lock of a
            // process that was killed.
            try db.execute(sql: "PRAGMA locking_mode = EXCLUSIVE")
            // NORMAL loses nothing when the process dies, only when the power does.
            try db.execute(sql: "PRAGMA synchronous = \(durability == .disk ? "FULL" : "NORMAL")")
        }
        let queue: DatabaseQueue
        do {
            queue = try DatabaseQueue(path: path, configuration: configuration)
        } catch let error as DatabaseError where error.resultCode == .SQLITE_BUSY {
            throw SandboxError(
                "\(path): another sandbox uses it; wait for its end, or run `sluice sandbox` "
                    + "and set its address in connections.yaml")
        }
        try queue.write { db in
            let version = try Int.fetchOne(db, sql: "PRAGMA user_version") ?? 0
            guard version <= 2 else {
                throw SandboxError("\(path): made by a newer version; use another state file")
            }
            if version == 0 {
                try db.execute(
                    sql: """
                        CREATE TABLE about (org TEXT NOT NULL);
                        CREATE TABLE journal (id INTEGER PRIMARY KEY, entries BLOB NOT NULL);
                        """)
                try db.execute(sql: "INSERT INTO about (org) VALUES (?)", arguments: [org])
            }
            // Version 2: bills in the queue have all their causes, and change there.
            try db.execute(sql: "PRAGMA user_version = 2")
            let kept = try String.fetchOne(db, sql: "SELECT org FROM about") ?? org
            guard kept == org else {
                throw SandboxError("\(path): keeps org \(kept), not \(org); use another state file")
            }
            var draft = BillDraft()
            let rows = try Row.fetchCursor(db, sql: "SELECT entries FROM journal ORDER BY id")
            while let row = try rows.next() {
                let data: Data = row[0]
                let bytes = [UInt8](data)
                var at = 0
                while at < bytes.count {
                    let tag = Tag(rawValue: bytes[at])
                    at += 1
                    switch tag {
                    case .bill:
                        guard let next = draft.unpack(bytes, at: at) else {
                            throw SandboxError.damaged(path)
                        }
                        at = next
                        each(.bill(draft))
                    case .parked, .firstParked:
                        guard
                            let parked = Parked.unpack(
                                bytes, at: &at, isFirstForm: tag == .firstParked, place: place)
                        else { throw SandboxError.damaged(path) }
                        each(.parked(parked))
                    case .parkedChange:
                        guard let change = ParkedChange.unpack(bytes, at: &at) else {
                            throw SandboxError.damaged(path)
                        }
                        each(.parkedChange(change))
                    case .write:
                        guard let write = Write.unpack(bytes, at: &at) else {
                            throw SandboxError.damaged(path)
                        }
                        each(.write(write))
                    case nil: throw SandboxError.damaged(path)
                    }
                }
            }
        }
        return Journal(queue, loop)
    }

    private init(_ queue: DatabaseQueue, _ loop: any EventLoop) {
        self.queue = queue
        self.loop = loop
    }

    func add(_ bill: BillDraft) {
        pending.append(Tag.bill.rawValue)
        bill.pack(into: &pending)
    }

    func add(_ parked: Parked) {
        pending.append(Tag.parked.rawValue)
        parked.pack(into: &pending)
    }

    func add(_ change: ParkedChange) {
        pending.append(Tag.parkedChange.rawValue)
        change.pack(into: &pending)
    }

    func add(_ write: Write) {
        pending.append(Tag.write.rawValue)
        write.pack(into: &pending)
    }

    /// Calls `then` once all that was added so far is in the file: at once if it is already. It is
    /// told whether it could be written.
    func afterCommit(_ then: @escaping (Bool) -> Void) {
        if failure != nil { return then(false) }
        if pending.isEmpty, !isCommitting { return then(true) }
        waiting.append(then)
        commit()
    }

    private func commit() {
        guard !isCommitting, !isClosed, !waiting.isEmpty else { return }
        isCommitting = true
        let entries = Data(pending)
        pending.removeAll(keepingCapacity: true)
        let told = Waiters(waiting)
        waiting.removeAll(keepingCapacity: true)
        queue.asyncWrite(
            { db in
                if !entries.isEmpty {
                    try db.cachedStatement(sql: "INSERT INTO journal (entries) VALUES (?)").execute(
                        arguments: [entries])
                }
            },
            completion: { [self] _, result in
                var failure: String?
                if case .failure(let error) = result { failure = "\(error)" }
                loop.execute { [failure, self] in
                    isCommitting = false
                    self.failure = failure
                    for then in told.calls { then(failure == nil) }
                    commit()
                }
            })
    }

    /// Forgets everything.
    func erase() throws {
        pending.removeAll()
        try queue.write { db in try db.execute(sql: "DELETE FROM journal") }
    }

    /// Commits under way are finished; what came after them is not answered, and forgotten.
    func close() throws {
        isClosed = true
        waiting = []
        try queue.close()
    }

    /// Closures of the event loop, carried through the commit's thread untouched.
    private final class Waiters: @unchecked Sendable {
        let calls: [(Bool) -> Void]
        init(_ calls: [(Bool) -> Void]) { self.calls = calls }
    }
}

/// Why a sandbox could not be started.
package struct SandboxError: Error, Equatable, CustomStringConvertible {
    /// What, where, and what to do.
    package let description: String

    init(_ description: String) { self.description = description }

    static func damaged(_ path: String) -> SandboxError {
        SandboxError("\(path): not the state of a sandbox, or damaged; move it away to start again")
    }
}
