import Foundation
import GRDB
import Testing

@testable import Ledger

/// What a power cut leaves.
@Suite struct DurabilityTests {
    @Test("Every commit of the writer is on the disk when it is believed")
    func synchronous() async throws {
        let place = LedgerTests.Place()
        defer { place.remove() }
        let ledger = try place.open()
        let pragmas = try await ledger.writer.write { context in
            [
                try String.fetchOne(context.db, sql: "PRAGMA synchronous"),
                try String.fetchOne(context.db, sql: "PRAGMA journal_mode"),
            ]
        }
        // 2 is FULL. The pool's own way into WAL mode sets NORMAL, whatever was set before.
        #expect(pragmas == ["2", "wal"])
        await ledger.close()
    }
}
