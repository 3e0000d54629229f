import Foundation
import GRDB

@testable import Ledger

/// A database file that goes with the value, opened by as many connections as a test likes.
final class TemporaryDatabase: Sendable {
    private let folder: String

    init() throws {
        folder = NSTemporaryDirectory() + "sluice-keys-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try open().inTransaction(.immediate) { db in
            try KeySet.migrate(db)
            return .commit
        }
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    func open() throws -> DatabaseQueue {
        var configuration = Configuration()
        configuration.journalMode = .wal
        configuration.busyMode = .timeout(30)
        configuration.prepareDatabase { try $0.execute(sql: "PRAGMA synchronous = OFF") }
        return try DatabaseQueue(path: folder + "/keys.sqlite", configuration: configuration)
    }
}

/// Refuses commits while it is told to.
final class CommitGuard: TransactionObserver {
    struct Refused: Error {}
    var refuses = false

    func observes(eventsOfKind: DatabaseEventKind) -> Bool { false }
    func databaseDidChange(with event: DatabaseEvent) {}
    func databaseWillCommit() throws { if refuses { throw Refused() } }
    func databaseDidCommit(_ db: Database) {}
    func databaseDidRollback(_ db: Database) {}
}
