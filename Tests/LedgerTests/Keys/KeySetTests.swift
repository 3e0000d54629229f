import Foundation
import GRDB
import Model
import TestSupport
import Testing

@testable import Ledger

@Suite struct KeySetTests {
    /// Two processes (instances on connections of their own), rollbacks, crashes and upkeep in any
    /// order: the set answers what a dictionary would.
    @Test("Behaves as a dictionary, whoever uses it and whatever fails", arguments: 0..<12)
    func dictionary(round: UInt64) throws {
        let seed = round &* 0x9E37_79B9_7F4A_7C15 &+ 17
        var random = Seeded(seed)
        let file = try TemporaryDatabase()
        var shape = KeyShape(memoryBudget: [200, 20_000, 1 << 20].randomElement(using: &random) ?? 200)
        shape.tableEntries = [8, 100, 700].randomElement(using: &random) ?? 8
        shape.stepPages = [1, 3, 1024].randomElement(using: &random) ?? 1
        shape.sievePages = 1
        if shape.stepPages == 1024 { shape.sievePages = [8, 32].randomElement(using: &random) ?? 8 }
        if shape.stepPages == 3 { shape.sievePages = 3 }
        shape.mergeWidth = Int.random(in: 2...4, using: &random)
        let identities = 2000
        let scopes: [Int64] = [1, 2]
        let queues = try (0..<2).map { _ in try file.open() }
        let guards = queues.map { queue in
            let guardian = CommitGuard()
            queue.add(transactionObserver: guardian, extent: .databaseLifetime)
            return guardian
        }
        func fresh() -> [[KeySet]] {
            queues.map { _ in scopes.map { KeySet(scope: $0, shape: shape) } }
        }
        var processes = fresh()
        var models: [[Identity: KeyEntry]] = [[:], [:]]
        var record: Int64 = 0
        var merged = false

        for _ in 0..<400 {
            let process = Int.random(in: 0..<2, using: &random)
            let scope = Int.random(in: 0..<2, using: &random)
            let queue = queues[process]
            let set = processes[process][scope]
            switch Int.random(in: 0..<20, using: &random) {
            case 0:
                // A crash: what was in memory is gone.
                processes[process][scope] = KeySet(scope: scopes[scope], shape: shape)
            case 1..<8:
                // Including steps half-way: a step is rolled back now and then.
                for _ in 0..<Int.random(in: 1...6, using: &random) {
                    guards[process].refuses = Int.random(in: 0..<8, using: &random) == 0
                    do {
                        _ = try queue.writeWithoutTransaction { try set.maintain($0) }
                    } catch is CommitGuard.Refused {}
                    guards[process].refuses = false
                }
            default:
                let commits = Int.random(in: 0..<4, using: &random) > 0
                var next = models[scope]
                try queue.writeWithoutTransaction { db in
                    try db.inTransaction(.immediate) {
                        for _ in 0..<Int.random(in: 1...3, using: &random) {
                            let asked = (0..<Int.random(in: 1...60, using: &random)).map { _ in
                                Self.identity(Int.random(in: 0..<identities, using: &random))
                            }
                            let answers = try set.lookUp(asked, in: db)
                            for (identity, answer) in zip(asked, answers) {
                                #expect(answer == next[identity], "seed \(seed)")
                            }
                            let entries = asked.shuffled(using: &random).prefix(40).map { identity in
                                record += 1
                                return KeyEntry(
                                    identity: identity, content: random.next(), run: record % 5,
                                    record: record)
                            }
                            try set.append(entries, in: db)
                            for entry in entries { next[entry.identity] = entry }
                        }
                        return commits ? .commit : .rollback
                    }
                }
                if commits {
                    set.transactionDidCommit()
                    models[scope] = next
                } else {
                    set.transactionDidRollBack()
                }
            }
            merged = merged || set.segments.contains { $0.into != nil }
        }
        #expect(shape.tableEntries > 100 || merged, "the rounds are to reach merges; seed \(seed)")
        processes = fresh()
        for (queue, sets) in zip(queues, processes) {
            for (scope, set) in sets.enumerated() {
                try check(set, against: models[scope], identities, queue, seed)
                while try queue.writeWithoutTransaction({ try set.maintain($0) }) {}
                try check(set, against: models[scope], identities, queue, seed)
            }
        }
        // With all upkeep done nothing is left that no live segment needs.
        try queues[0].read { db in
            let dead = try Int.fetchOne(
                db,
                sql: """
                    SELECT count(*) FROM key_page WHERE id >> 32 NOT IN (SELECT id FROM key_segment WHERE state = 1)
                    """)
            #expect(dead == 0, "seed \(seed)")
            let flushed = try Int.fetchOne(
                db,
                sql: """
                    SELECT count(*) FROM key_log JOIN key_state ON scope = key_log.id >> 40
                    WHERE key_log.id & ((1 << 40) - 1) <= flushed
                    """)
            #expect(flushed == 0, "seed \(seed)")
        }
    }

    private func check(
        _ set: KeySet, against model: [Identity: KeyEntry], _ identities: Int, _ queue: DatabaseQueue,
        _ seed: UInt64
    ) throws {
        let all = (0..<identities).map(Self.identity)
        let answers = try queue.writeWithoutTransaction { db in
            var answers: [KeyEntry?] = []
            try db.inTransaction(.immediate) {
                answers = try set.lookUp(all, in: db)
                return .commit
            }
            return answers
        }
        set.transactionDidCommit()
        #expect(answers == all.map { model[$0] }, "seed \(seed)")
    }

    /// Mostly spread evenly, as digests are; some in one place, as nothing promises otherwise.
    private static func identity(_ number: Int) -> Identity {
        if number % 10 == 0 { return Identity(high: 7, low: UInt64(number)) }
        if number == 1 { return Identity(high: .max, low: .max) }
        var random = Seeded(UInt64(number))
        return Identity(high: random.next(), low: random.next())
    }
}
