import Foundation
import GRDB
import Model
import Synchronization
import TestSupport
import Testing

@testable import Ledger

@Suite struct KeySetSharingTests {
    @Test("Of several processes that want the same identities, one gets each")
    func reservations() throws {
        let file = try TemporaryDatabase()
        let wins = Mutex<[Identity: [Int64]]>([:])
        let failures = Mutex<[String]>([])
        DispatchQueue.concurrentPerform(iterations: 3) { process in
            do {
                var shape = KeyShape(memoryBudget: 100_000)
                shape.tableEntries = 150
                shape.stepPages = 2
                shape.sievePages = 2
                shape.mergeWidth = 3
                let queue = try file.open()
                let set = KeySet(scope: 1, shape: shape)
                var random = Seeded(UInt64(process))
                for start in stride(from: 0, to: 3000, by: 20) {
                    // All want all, in about the same order.
                    let wanted = (start..<start + 20).map { number in
                        var digest = Seeded(UInt64(number))
                        return Identity(high: digest.next(), low: digest.next())
                    }
                    .shuffled(using: &random)
                    var won: [Identity] = []
                    try queue.writeWithoutTransaction { db in
                        try db.inTransaction(.immediate) {
                            let owners = try set.lookUp(wanted, in: db)
                            won = zip(wanted, owners).filter { $0.1 == nil }.map(\.0).dropLast(3) + []
                            try set.append(
                                won.map {
                                    KeyEntry(identity: $0, content: 0, run: Int64(process), record: 0)
                                }, in: db)
                            return .commit
                        }
                    }
                    set.transactionDidCommit()
                    wins.withLock { wins in
                        for identity in won { wins[identity, default: []].append(Int64(process)) }
                    }
                    _ = try queue.writeWithoutTransaction { try set.maintain($0) }
                }
            } catch {
                failures.withLock { $0.append("\(error)") }
            }
        }
        #expect(failures.withLock { $0 } == [])
        #expect(wins.withLock { $0.values.allSatisfy { $0.count == 1 } })
        #expect(wins.withLock { $0.count } > 2500)
        let found = try lookUp(
            wins.withLock { Array($0.keys) }, KeySet(scope: 1, memoryBudget: 1000), file)
        for entry in found {
            let entry = try #require(entry)
            #expect(wins.withLock { $0[entry.identity] } == [entry.run])
        }
    }

    @Test(
        "Fresh identities rarely cost a page; small budgets cost pages, not answers",
        arguments: [1 << 20, 700])
    func falseAlarms(budget: Int) throws {
        let file = try TemporaryDatabase()
        var shape = KeyShape(memoryBudget: budget)
        shape.tableEntries = 5000
        let set = KeySet(scope: 1, shape: shape)
        var random = Seeded(1)
        let queue = try file.open()
        let entries = (0..<5000).map {
            KeyEntry(
                identity: Identity(high: random.next(), low: random.next()), content: 0, run: 1,
                record: $0)
        }
        try queue.inTransaction(.immediate) { db in
            try set.append(entries, in: db)
            return .commit
        }
        set.transactionDidCommit()
        while try queue.writeWithoutTransaction({ try set.maintain($0) }) {}
        let asked = (0..<20_000).map { AskedKey(high: random.next(), low: random.next(), index: $0) }
            .sorted { $0.high < $1.high }
        let alarms = try queue.inDatabase { db -> Int in
            var count = 0
            try db.inTransaction(.immediate) {
                try set.catchUp(db)
                #expect(set.table.count == 0)
                let segment = try #require(set.segments.first)
                try segment.load(db)
                let candidates = segment.candidates(asked)
                count = candidates.count
                let sifted = try segment.sift(candidates, in: db)
                #expect(sifted.count < (budget > 1000 ? 200 : 400))
                return .commit
            }
            return count
        }
        set.transactionDidCommit()
        #expect(budget > 1000 ? alarms < 200 : (4000..<16_000).contains(alarms))
        #expect(try lookUp(entries.map(\.identity), set, file) == entries)
    }

    @Test(
        "Damaged pages and filters are an error, never a fresh key",
        arguments: [
            "UPDATE key_page SET entries = substr(entries, 1, 31)",
            "DELETE FROM key_filter",
            "UPDATE key_filter SET bits = x'00'",
            "UPDATE key_segment SET buckets = 0",
            "DELETE FROM key_sieve",
            "UPDATE key_sieve SET bits = x'00'",
        ])
    func damage(sql: String) throws {
        let file = try TemporaryDatabase()
        // So small that there is a sieve.
        var shape = KeyShape(memoryBudget: 1)
        shape.tableEntries = 10
        let set = KeySet(scope: 1, shape: shape)
        let identities = (0..<10).map { Identity(high: $0 << 60, low: $0) }
        try file.open().inTransaction(.immediate) { db in
            try set.append(
                identities.map { KeyEntry(identity: $0, content: 0, run: 1, record: 0) }, in: db)
            return .commit
        }
        set.transactionDidCommit()
        while try file.open().writeWithoutTransaction({ try set.maintain($0) }) {}
        try file.open().write { try $0.execute(sql: sql) }
        let error = #expect(throws: LedgerError.self) {
            try lookUp(identities, KeySet(scope: 1, shape: shape), file)
        }
        #expect(error?.code == .damaged)
    }

    private func lookUp(_ identities: [Identity], _ set: KeySet, _ file: TemporaryDatabase) throws
        -> [KeyEntry?]
    {
        var found: [KeyEntry?] = []
        try file.open().inTransaction(.immediate) { db in
            found = try set.lookUp(identities, in: db)
            return .commit
        }
        set.transactionDidCommit()
        return found
    }
}
