import Foundation
import GRDB
import TestSupport
import Testing

/// The count is taken at every end, and an end that do not balance says so.
@Suite(.ownThreads) struct ConservationTests {
    enum End: String, CaseIterable { case finished, interrupted, stopped, inDoubt }
    enum Break: String, CaseIterable {
        case chunkGone, chunkMoved, bytesLost, stateLost, stateUnknown, stateFlipped
    }

    @Test(
        "A ledger that was broken by hand do not balance: 9, with the difference",
        arguments: Break.allCases)
    func broken(how: Break) throws {
        let stand = try Stand(items: 300, sandbox: ["--fault", "latency:30ms:on=add"])
        defer { stand.remove() }
        let process = try stand.startAndWait(done: 60)
        process.send(SIGINT)
        process.wait()
        try stand.server.set([])
        let queue = try DatabaseQueue(path: stand.program.folder + "/state/ledger.sqlite")
        try queue.write { db in
            // A settled chunk, neither the first nor the last.
            let id = try #require(
                try Int64.fetchOne(
                    db, sql: "SELECT id FROM chunk WHERE open = 0 ORDER BY id LIMIT 1 OFFSET 1"))
            switch how {
            case .chunkGone: try db.execute(sql: "DELETE FROM chunk WHERE id = ?", arguments: [id])
            case .chunkMoved:
                try db.execute(sql: "UPDATE chunk SET start = start + 7 WHERE id = ?", arguments: [id])
            case .bytesLost:
                try db.execute(
                    sql: "UPDATE chunk SET row_bytes = row_bytes - 3 WHERE id = ?", arguments: [id])
            case .stateLost:
                try db.execute(
                    sql: "UPDATE chunk SET states = substr(states, 1, length(states) - 1) WHERE id = ?",
                    arguments: [id])
            case .stateUnknown:
                try db.execute(
                    sql: "UPDATE chunk SET states = x'FF' || substr(states, 2) WHERE id = ?",
                    arguments: [id])
            case .stateFlipped:
                // Of an accepted record, to one that was never sent.
                try db.execute(
                    sql: "UPDATE chunk SET states = x'00' || substr(states, 2) WHERE id = ?",
                    arguments: [id])
            }
        }
        try queue.close()
        let output = try stand.command("resume")
        let words =
            switch how {
            case .chunkGone: "not consecutive"
            case .chunkMoved: "are in no row"
            case .bytesLost: "do not add up"
            case .stateLost: "states for"
            case .stateUnknown: "state"
            case .stateFlipped: "open records but says"
            }
        #expect(output.status == 9, "\(output)")
        #expect(output.err.contains("do not balance"), "\(output.err)")
        #expect(output.err.contains(words), "the difference is shown: \(output.err)")
        #expect(try stand.done().allSatisfy { $0 <= 1 })
    }

    @Test("Every end balances, also one that came too early", arguments: End.allCases)
    func ends(how: End) throws {
        let stand = try Stand(
            items: 300, bad: how == .stopped ? Set(100..<150) : [],
            more: how == .stopped ? "stop: { errors: 5 }" : "")
        defer { stand.remove() }
        switch how {
        case .finished: #expect(try stand.command("run", "job.yaml").status == 0)
        case .interrupted:
            try stand.server.set(["latency:30ms:on=add"])
            let process = try stand.startAndWait(done: 60)
            process.send(SIGINT)
            process.wait()
            #expect(process.status == 130)
        case .stopped: #expect(try stand.command("run", "job.yaml").status == 3)
        case .inDoubt:
            try stand.interruptInDoubt()
        }
        let report = try stand.program.run("report", "--json")
        let document = try #require(
            try JSONSerialization.jsonObject(with: Data(report.out.utf8)) as? [String: Any])
        // Bytes: what was read lies in one of these; what was not, is after it.
        let input = try #require((document["inputs"] as? [[String: Any]])?.first)
        let bytes = try #require(input["bytes"] as? [String: Any]).compactMapValues { $0 as? Int }
        let size = try Data(contentsOf: URL(fileURLWithPath: stand.program.folder + "/items.jsonl"))
            .count
        let parts = ["header", "rows", "blank", "unreadable", "unread"].reduce(0) {
            $0 + (bytes[$1] ?? 0)
        }
        #expect(parts <= size && parts == bytes["total"] ?? parts, "\(bytes), \(size)")
        if how == .finished || how == .inDoubt { #expect(bytes["total"] == size, "\(bytes), \(size)") }
        let totals = try stand.totals()
        let outcomes = [
            "accepted", "rejected", "invalid", "skipped", "parked", "failed", "in_doubt", "unsent",
        ]
        #expect(outcomes.reduce(0) { $0 + (totals[$1] ?? 0) } == totals["read"], "\(totals)")
    }
}
