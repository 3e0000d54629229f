import Foundation
import GRDB
package import Model

/// A stored chunk, for continuing and for the accounts.
package struct ChunkRow: Sendable, Equatable {
    package var first: Int64
    package var count: Int
    package var file: Int
    package var row: Int
    package var line: Int
    package var start: Int
    package var stop: Int
    package var nextRow: Int
    package var nextLine: Int
    package var rowBytes: Int
    package var blankBytes: Int
    package var unreadableBytes: Int
    package var rows: Int
    /// Rows among its bytes that are in no record, because the job leaves them out; told by
    /// ``Ledger/chunks(run:from:_:)`` alone.
    package var filtered = FilteredRows()
    /// Nil where the mapping cannot continue from here.
    package var mapper: [UInt8]?
    package var open: Int
    package var states: [StateByte]
    /// Every byte of ``states`` was one that this version writes.
    package var isReadable: Bool
}

/// A record that was not accepted, with all that is known of why.
package struct DeadLetter: Sendable, Equatable {
    package var record: Int64
    package var state: StateByte
    package var trouble: Candidate.Trouble
    /// Another record was sent, or is to be, in order to repair it.
    package var isTriedAgain = false
    /// A person has closed it: nobody will fix it.
    package var isClosed = false
}

/// One attempt in a record's history.
package struct AttemptRow: Sendable, Equatable {
    package var id: Int64
    package var run: Int64
    package var started: Timestamp
    package var ended: Timestamp?
    package var state: AttemptEnd.State
    package var status: Int?
    package var requestID: String?
    package var trouble: String?
    package var members: [Member]
    /// One a member, once it ended.
    package var results: [RecordState.Event]
}

/// An attempt as one of many.
package struct RequestRow: Sendable, Equatable {
    package var started: Timestamp
    package var ended: Timestamp?
    package var state: AttemptEnd.State
    package var status: Int?
    package var trouble: String?
    /// How many records it carried.
    package var count: Int
}

package struct EventRow: Sendable, Equatable {
    package var at: Timestamp
    package var kind: String
    package var code: Int?
    package var message: String
}

extension Ledger {
    /// Counts a run's records by state.
    package func totals(run: Int64) throws -> Totals {
        if let prunedRun = try prunedRun(run: run) { return prunedRun.totals }
        var totals = Totals()
        var histogram = [Int](repeating: 0, count: 256)
        try eachChunk(run: run, sql: "SELECT states FROM chunk WHERE id BETWEEN ? AND ?") { row in
            for byte in row[0] as Data { histogram[Int(byte)] += 1 }
        }
        for (raw, count) in histogram.enumerated() where count > 0 {
            totals.add(StateByte(raw: UInt8(raw)) ?? StateByte(.inDoubt), count)
        }
        return totals
    }

    /// A run's chunks in order, those from `first` on; `body` returns false to stop.
    package func chunks(run: Int64, from first: Int64 = 0, _ body: (ChunkRow) throws -> Bool) throws {
        try pool.read { db in
            let cursor = try Row.fetchCursor(
                db,
                sql: """
                    SELECT chunk.*, filtered.rows AS filtered_rows, filtered.bytes AS filtered_bytes
                    FROM chunk LEFT JOIN filtered ON filtered.run = chunk.id >> 40
                        AND filtered.file = chunk.file AND filtered.first = chunk.id & 0xFFFFFFFFFF
                    WHERE chunk.id BETWEEN ? AND ? ORDER BY chunk.id
                    """,
                arguments: [
                    ChunkID(run: run, first: first).rawValue,
                    ChunkID(run: run + 1, first: 0).rawValue - 1,
                ])
            while let row = try cursor.next() {
                var chunk = Self.chunk(row)
                chunk.filtered = FilteredRows(
                    rows: row["filtered_rows"] ?? 0, bytes: row["filtered_bytes"] ?? 0)
                guard try body(chunk) else { return }
            }
        }
    }

    /// Up to `limit` chunks, from record `first` on, in which something is not settled.
    package func openChunks(run: Int64, from first: Int64, limit: Int) throws -> [ChunkRow] {
        try pool.read { db in
            try Row.fetchAll(
                db,
                sql: "SELECT * FROM chunk WHERE id BETWEEN ? AND ? AND open > 0 ORDER BY id LIMIT ?",
                arguments: [
                    ChunkID(run: run, first: first).rawValue,
                    ChunkID(run: run + 1, first: 0).rawValue - 1, limit,
                ]
            ).map(Self.chunk)
        }
    }

    /// The last chunk of a run: where reading continues.
    package func lastChunk(run: Int64) throws -> ChunkRow? {
        try pool.read { db in
            try Row.fetchOne(
                db, sql: "SELECT * FROM chunk WHERE id BETWEEN ? AND ? ORDER BY id DESC LIMIT 1",
                arguments: [
                    ChunkID(run: run, first: 0).rawValue, ChunkID(run: run + 1, first: 0).rawValue - 1,
                ]
            ).map(Self.chunk)
        }
    }

    /// The last chunk before record `first` after which the mapping can continue.
    package func checkpoint(run: Int64, before first: Int64) throws -> ChunkRow? {
        try pool.read { db in
            try Row.fetchOne(
                db,
                sql: """
                    SELECT * FROM chunk WHERE id >= ? AND id < ? AND mapper IS NOT NULL ORDER BY id DESC LIMIT 1
                    """,
                arguments: [
                    ChunkID(run: run, first: 0).rawValue, ChunkID(run: run, first: first).rawValue,
                ]
            ).map(Self.chunk)
        }
    }

    /// The number of the first record that is in a file of a run; nil where it has none.
    package func firstRecord(run: Int64, file: Int) throws -> Int64? {
        try pool.read { db in
            try Int64.fetchOne(
                db, sql: "SELECT min(id) FROM chunk WHERE id BETWEEN ? AND ? AND file = ?",
                arguments: [
                    ChunkID(run: run, first: 0).rawValue, ChunkID(run: run + 1, first: 0).rawValue - 1,
                    file,
                ]
            ).map { ChunkID(rawValue: $0).first }
        }
    }

    private static func chunk(_ row: Row) -> ChunkRow {
        ChunkRow(
            first: ChunkID(rawValue: row["id"]).first, count: row["count"], file: row["file"],
            row: row["row"],
            line: row["line"], start: row["start"], stop: row["stop"], nextRow: row["next_row"],
            nextLine: row["next_line"], rowBytes: row["row_bytes"], blankBytes: row["blank_bytes"],
            unreadableBytes: row["unreadable_bytes"], rows: row["rows"],
            mapper: (row["mapper"] as Data?).map { Array($0) }, open: row["open"],
            states: (row["states"] as Data).map { StateByte(raw: $0) ?? StateByte(.inDoubt) },
            isReadable: (row["states"] as Data).allSatisfy { StateByte(raw: $0) != nil })
    }

    private func eachChunk(run: Int64, sql: String, _ body: (Row) throws -> Void) throws {
        try pool.read { db in
            let cursor = try Row.fetchCursor(
                db, sql: sql,
                arguments: [
                    ChunkID(run: run, first: 0).rawValue, ChunkID(run: run + 1, first: 0).rawValue - 1,
                ])
            while let row = try cursor.next() { try body(row) }
        }
    }

    /// The state of one record, and the server's id of it; nil where the run has no such record.
    package func record(run: Int64, _ record: Int64) throws -> (state: StateByte, serverID: ServerID?)?
    {
        try pool.read { db in
            guard let id = try ChunkStates.chunk(db, run: run, record: record) else { return nil }
            let (states, serverIDs) = try ChunkStates.read(db, id)
            let index = Int(record - id.first)
            guard states.indices.contains(index), let state = StateByte(raw: states[index]) else {
                return nil
            }
            if let text = try String.fetchOne(
                db, sql: "SELECT id FROM server_text WHERE run = ? AND record = ?",
                arguments: [run, record])
            {
                return (state, ServerID(text))
            }
            guard let serverIDs, serverIDs.count >= index * 8 + 8 else { return (state, nil) }
            let number = MemberPacking.integer(serverIDs, index * 8)
            return (state, number == 0 ? nil : ServerID(String(number)))
        }
    }

    /// A run's troubles in the order of its records; `body` returns false to stop.
    package func troubles(run: Int64, _ body: (DeadLetter) throws -> Bool) throws {
        try pool.read { db in
            var states = StateCache(db: db)
            // Both in the order of the records, side by side.
            let retried = try Int64.fetchCursor(
                db,
                sql: """
                    SELECT parent_record FROM repair WHERE parent_run = ?1
                    UNION SELECT parent_record FROM repair_more WHERE parent_run = ?1 ORDER BY parent_record
                    """,
                arguments: [run])
            var nextRetried = try retried.next()
            let closed = try Int64.fetchCursor(
                db, sql: "SELECT record FROM closed WHERE run = ? ORDER BY record", arguments: [run])
            var nextClosed = try closed.next()
            let columns = Self.troubleColumns.joined(separator: ", ")
            let cursor = try Row.fetchCursor(
                db, sql: "SELECT \(columns) FROM trouble WHERE run = ? ORDER BY record",
                arguments: [run])
            while let row = try cursor.next() {
                let record: Int64 = row[0]
                let state = try states.state(run: run, record: record) ?? StateByte(.inDoubt)
                var found = DeadLetter(record: record, state: state, trouble: Self.trouble(row))
                while let next = nextRetried, next < record { nextRetried = try retried.next() }
                found.isTriedAgain = nextRetried == record
                while let next = nextClosed, next < record { nextClosed = try closed.next() }
                found.isClosed = nextClosed == record
                guard try body(found) else { return }
            }
        }
    }

    /// Up to `limit` records in a state, for a reason.
    package func records(run: Int64, state: RecordState, reason: Reason, limit: Int) throws -> Set<
        Int64
    > {
        try pool.read { db in
            let found = try Int64.fetchAll(
                db,
                sql: "SELECT record FROM trouble WHERE run = ? AND reason = ? ORDER BY record LIMIT ?",
                arguments: [run, reason.code, limit])
            return Set(
                try found.filter {
                    try ChunkStates.state(db, run: run, record: $0)?.state == state
                })
        }
    }

    /// What ``trouble(_:)`` reads, in its order: by place, since names are looked for in every row.
    static let troubleColumns = [
        "record", "stage", "reason", "field", "server_code", "message", "key", "file", "row", "line",
        "start", "length", "stored",
    ]

    static func trouble(_ row: Row) -> Candidate.Trouble {
        Candidate.Trouble(
            refusal: Refusal(.named(row[2]), field: row[3], serverCode: row[4], message: row[5]),
            stage: row[1], key: row[6],
            position: Position(
                file: row[7], row: row[8], line: row[9], offset: row[10], length: row[11]),
            stored: (row[12] as Data?).map { Array($0) } ?? [])
    }

    /// The reasons of a run's troubles with how many records each holds back, the most first.
    package func reasons(run: Int64) throws -> [(refusal: Refusal, count: Int, firstKey: String)] {
        try pool.read { db in
            try Row.fetchAll(
                db,
                sql: """
                    SELECT reason, server_code, field, min(message) AS message, count(*) AS n, min(key) AS key
                    FROM trouble WHERE run = ? GROUP BY reason, server_code, field ORDER BY n DESC, reason
                    """, arguments: [run]
            ).map { row in
                (
                    Refusal(
                        .named(row["reason"]), field: row["field"], serverCode: row["server_code"],
                        message: row["message"]), row["n"], row["key"]
                )
            }
        }
    }

    /// How many records of a run its doubts and its open attempts name: as many as are in those states.
    package func pending(run: Int64) throws -> (inDoubt: Int, sent: Int) {
        try pool.read { db in
            (
                try Int.fetchOne(db, sql: "SELECT count(*) FROM doubt WHERE run = ?", arguments: [run])
                    ?? 0,
                try Int.fetchOne(
                    db, sql: "SELECT coalesce(sum(count), 0) FROM attempt WHERE run = ? AND state = 0",
                    arguments: [run]) ?? 0
            )
        }
    }

    /// Whether anything was ever meant to be sent in a scope.
    ///
    /// - Parameter since: Only what was sent then or later counts.
    package func hasSent(scope: Int64, since: Timestamp = Timestamp(milliseconds: 0)) throws -> Bool {
        try pool.read { db in
            try Bool.fetchOne(
                db,
                sql: """
                    SELECT EXISTS (SELECT 1 FROM run JOIN attempt ON attempt.run = run.id
                            WHERE run.scope = ?1 AND attempt.started >= ?2)
                        OR EXISTS (SELECT 1 FROM run JOIN tombstone ON tombstone.run = run.id
                            WHERE run.scope = ?1 AND run.started >= ?2)
                    """, arguments: [scope, since.milliseconds]) ?? false
        }
    }

    /// Attempts whose members hold these bytes somewhere, over all runs; the oldest first.
    package func attempts(holding text: String, limit: Int = 10_000) throws -> [AttemptRow] {
        let wanted = Array(text.utf8)
        return try pool.read { db in
            var found: [Int64] = []
            let rows = try Row.fetchCursor(db, sql: "SELECT id, members FROM attempt ORDER BY id")
            while found.count < limit, let row = try rows.next() {
                if MemberPacking.holds(wanted, in: Array(row[1] as Data)) { found.append(row[0]) }
            }
            return try found.compactMap {
                try Row.fetchOne(db, sql: "SELECT * FROM attempt WHERE id = ?", arguments: [$0])
                    .map(Self.attempt)
            }
        }
    }

    /// The attempts of a run, `body` returning false to stop.
    package func eachAttempt(run: Int64, _ body: (AttemptRow) throws -> Bool) throws {
        try pool.read { db in
            let cursor = try Row.fetchCursor(
                db, sql: "SELECT * FROM attempt WHERE run = ? ORDER BY id", arguments: [run])
            while let row = try cursor.next() {
                guard try body(Self.attempt(row)) else { return }
            }
        }
    }

    package func attempt(_ id: Int64) throws -> AttemptRow? {
        try pool.read { db in
            try Row.fetchOne(db, sql: "SELECT * FROM attempt WHERE id = ?", arguments: [id]).map(
                Self.attempt)
        }
    }

    /// The attempts of a run that did not end clean, `body` returning false to stop.
    package func eachUncleanAttempt(run: Int64, _ body: (AttemptRow) throws -> Bool) throws {
        try pool.read { db in
            let cursor = try Row.fetchCursor(
                db, sql: "SELECT * FROM attempt WHERE run = ? AND state > 1 ORDER BY id",
                arguments: [run])
            while let row = try cursor.next() {
                guard try body(Self.attempt(row)) else { return }
            }
        }
    }

    /// The attempts of a run in the order in which they were intended, without what they carried.
    package func eachRequest(run: Int64, _ body: (RequestRow) throws -> Void) throws {
        try pool.read { db in
            let cursor = try Row.fetchCursor(
                db,
                sql: """
                    SELECT started, ended, state, status, trouble, count FROM attempt WHERE run = ? ORDER BY id
                    """, arguments: [run])
            while let row = try cursor.next() {
                try body(
                    RequestRow(
                        started: Timestamp(milliseconds: row[0]),
                        ended: (row[1] as Int64?).map(Timestamp.init(milliseconds:)),
                        state: AttemptEnd.State(rawValue: row[2]) ?? .unanswered, status: row[3],
                        trouble: row[4], count: row[5]))
            }
        }
    }

    /// The last attempts of a scope that ended with an answer, the newest first.
    package func answeredAttempts(scope: Int64, limit: Int) throws -> [AttemptRow] {
        try attempts(
            """
            WHERE state IN (1, 2) AND run IN (SELECT id FROM run WHERE scope = ?) ORDER BY id DESC LIMIT ?
            """, [scope, limit])
    }

    private func attempts(_ clause: String, _ arguments: StatementArguments) throws -> [AttemptRow] {
        try pool.read { db in
            try Row.fetchAll(db, sql: "SELECT * FROM attempt " + clause, arguments: arguments).map(
                Self.attempt)
        }
    }

    private static func attempt(_ row: Row) -> AttemptRow {
        AttemptRow(
            id: row["id"], run: row["run"], started: Timestamp(milliseconds: row["started"]),
            ended: (row["ended"] as Int64?).map(Timestamp.init(milliseconds:)),
            state: AttemptEnd.State(rawValue: row["state"]) ?? .unanswered, status: row["status"],
            requestID: row["request_id"], trouble: row["trouble"],
            members: MemberPacking.unpack(Array(row["members"] as Data)),
            results: (row["results"] as Data?)?.compactMap(RecordState.Event.init(code:)) ?? [])
    }

    /// Records of any run whose trouble bears that key.
    package func troubles(key: String) throws -> [(run: Int64, row: DeadLetter)] {
        try pool.read { db in
            try Row.fetchAll(
                db,
                sql: """
                    SELECT \(Self.troubleColumns.joined(separator: ", ")), run FROM trouble WHERE key = ?
                    ORDER BY run, record
                    """, arguments: [key]
            ).map { row in
                let run: Int64 = row["run"]
                let record: Int64 = row[0]
                let state = try ChunkStates.state(db, run: run, record: record) ?? StateByte(.inDoubt)
                return (run, DeadLetter(record: record, state: state, trouble: Self.trouble(row)))
            }
        }
    }

    /// Warnings, looks and proofs of one record, the oldest first.
    package func events(run: Int64, record: Int64) throws -> [EventRow] {
        try pool.read { db in
            try Row.fetchAll(
                db, sql: "SELECT * FROM event WHERE run = ? AND record = ? ORDER BY id",
                arguments: [run, record]
            ).map { row in
                EventRow(
                    at: Timestamp(milliseconds: row["at"]), kind: row["kind"], code: row["code"],
                    message: row["message"])
            }
        }
    }

    /// How many requests of a run ended how.
    package func attemptCounts(run: Int64) throws -> [AttemptEnd.State: Int] {
        try pool.read { db in
            let rows = try Row.fetchAll(
                db, sql: "SELECT state, count(*) AS n FROM attempt WHERE run = ? GROUP BY state",
                arguments: [run])
            return Dictionary(
                rows.compactMap { row in
                    AttemptEnd.State(rawValue: row["state"]).map { ($0, row["n"] as Int) }
                }, uniquingKeysWith: +)
        }
    }

    /// A run's accepted records, mostly in the order in which they were sent; `body` returns false to stop.
    ///
    /// - Complexity: Memory does not grow with the records, but with those whose answers were lost.
    package func eachAccepted(run: Int64, _ body: (AcceptedRow) throws -> Bool) throws {
        try pool.read { db in
            var cache = (id: ChunkID(rawValue: -1), states: [UInt8](), ids: [UInt8]?.none)
            func row(_ member: Member) throws -> AcceptedRow? {
                let record = member.record
                if cache.id.run != run || record < cache.id.first
                    || record >= cache.id.first + Int64(cache.states.count)
                {
                    guard let id = try ChunkStates.chunk(db, run: run, record: record) else {
                        return nil
                    }
                    let read = try ChunkStates.read(db, id)
                    cache = (id, read.states, read.serverIDs)
                }
                let index = Int(record - cache.id.first)
                guard cache.states.indices.contains(index),
                    let state = StateByte(raw: cache.states[index]), state.state == .accepted
                else { return nil }
                var id = try String.fetchOne(
                    db.cachedStatement(sql: "SELECT id FROM server_text WHERE run = ? AND record = ?"),
                    arguments: [run, record]
                ).map { ServerID($0) }
                if id == nil, let ids = cache.ids, ids.count >= index * 8 + 8 {
                    let number = MemberPacking.integer(ids, index * 8)
                    if number > 0 { id = ServerID(String(number)) }
                }
                let warnings =
                    state.detail == .warned
                    ? try Row.fetchAll(
                        db.cachedStatement(
                            sql: """
                                SELECT code, message FROM event WHERE run = ? AND record = ? AND kind = 'warning'
                                ORDER BY id
                                """), arguments: [run, record]
                    ).map { Warning(code: $0[0] ?? 0, message: $0[1]) } : []
                return AcceptedRow(
                    record: record, evidence: member.evidence, serverID: id, warnings: warnings)
            }
            var lost: [Int64: Member] = [:]
            let cursor = try Row.fetchCursor(
                db, sql: "SELECT * FROM attempt WHERE run = ? ORDER BY id", arguments: [run])
            while let found = try cursor.next() {
                let attempt = Self.attempt(found)
                for (member, result) in zip(attempt.members, attempt.results) {
                    if result == .lostAnswer { lost[member.record] = member }
                    guard result == .answeredAccepted else { continue }
                    lost[member.record] = nil
                    guard let row = try row(member) else { continue }
                    guard try body(row) else { return }
                }
            }
            // Found to be there by a look-up.
            for (_, member) in lost.sorted(by: { $0.key < $1.key }) {
                guard let row = try row(member) else { continue }
                guard try body(row) else { return }
            }
        }
    }
}

/// A record that was accepted.
package struct AcceptedRow: Sendable, Equatable {
    package var record: Int64
    package var evidence: Evidence
    package var serverID: ServerID?
    package var warnings: [Warning]
}
