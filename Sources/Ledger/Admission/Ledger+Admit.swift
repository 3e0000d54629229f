import Foundation
import GRDB
import Model

extension Ledger {
    /// Stores chunks and decides record by record whether each may be sent; where a chunk is stored
    /// already, decides again for those of its records that are unsent. One transaction for all.
    ///
    /// - Returns: The admissions of each chunk, and a mark to hand to ``intend(_:)``.
    package func admit(
        _ chunks: [NewChunk], run: Int64, scope: Int64
    ) async throws -> (admissions: [Admissions], mark: Int) {
        try writer.check()
        return try await writer.write { context in
            context.enter(run: run)
            let gate = Gate(context: context, keys: context.keys(of: scope), run: run)
            let admissions = try chunks.map { try Self.admit($0, run: run, gate, context) }
            return (admissions, context.foreignChanges)
        }
    }

    private static func admit(
        _ chunk: NewChunk, run: Int64, _ gate: Gate, _ context: Writer.Context
    ) throws -> Admissions {
        let db = context.aside
        let id = ChunkID(run: run, first: chunk.first)
        var states =
            chunk.isStored
            ? try context.chunks.states(of: id, db)
            : [UInt8](repeating: StateByte(.unsent).raw, count: chunk.candidates.count)
        guard states.count == chunk.candidates.count else {
            throw LedgerError(
                .inconsistent,
                "a chunk has \(chunk.candidates.count) records now, but had \(states.count) before",
                next: "The input has changed since the run started: restore its old content.")
        }
        if !chunk.isStored, try gate.letInFresh(chunk.candidates) {
            try insert(chunk, id: id, states: states, run: run, context)
            return Admissions(chunk.candidates)
        }
        let admissions = try gate.judge(chunk.candidates, states: states)
        for (index, admission) in admissions.enumerated() {
            let event: (RecordState.Event, StateByte.Detail)
            switch admission {
            // Invalid and parked ones are settled together with their reason, by the caller.
            case .go, .waits, .settled, .inDoubt, .invalid, .parked: continue
            case .skipped(let detail): event = (.foundDone, detail)
            case .refused: event = (.foundInvalid, .none)
            }
            guard let next = RecordState.unsent.after(event.0) else { continue }
            states[index] = StateByte(next, event.1).raw
        }
        if chunk.isStored {
            try context.chunks.replace(states, of: id, db)
        } else {
            try insert(chunk, id: id, states: states, run: run, context)
        }
        for (candidate, admission) in zip(chunk.candidates, admissions) {
            guard admission == .refused, let trouble = candidate.trouble else { continue }
            try note(trouble, run: run, record: candidate.record, db)
        }
        return Admissions(chunk.candidates, admissions)
    }

    private static func insert(
        _ chunk: NewChunk, id: ChunkID, states: [UInt8], run: Int64, _ context: Writer.Context
    ) throws {
        let open = ChunkStates.open(states)
        let statement = try context.aside.cachedStatement(
            sql: """
                INSERT INTO chunk (id, count, file, row, line, start, stop, next_row, next_line, row_bytes,
                    blank_bytes, unreadable_bytes, rows, mapper, open, states)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """)
        try statement.execute(arguments: [
            id.rawValue, chunk.candidates.count, chunk.file, chunk.row, chunk.line, chunk.start,
            chunk.stop,
            chunk.nextRow, chunk.nextLine, chunk.rowBytes, chunk.blankBytes, chunk.unreadableBytes,
            chunk.rows,
            chunk.mapper.map { Data($0) }, open, Data(states),
        ])
        context.chunks.insert(id, states: states, open: open)
        if chunk.filtered.rows > 0 {
            try note(
                chunk.filtered, run: run, file: chunk.file, first: chunk.first, context.aside)
        }
    }

    /// Judges records again that were let in and could not go, since their keys had been taken.
    ///
    /// - Returns: One admission a candidate, and a mark to hand to ``intend(_:)``.
    package func admitAgain(_ candidates: [Candidate], run: Int64, scope: Int64) async throws
        -> (admissions: [Admission], mark: Int)
    {
        try await writer.write { context in
            context.enter(run: run)
            let gate = Gate(context: context, keys: context.keys(of: scope), run: run)
            let states = try candidates.map {
                try ChunkStates.state(context.db, run: run, record: $0.record)?.raw ?? 0xFF
            }
            let admissions = try gate.judge(candidates, states: states)
            for (candidate, admission) in zip(candidates, admissions) {
                guard case .skipped(let detail) = admission else { continue }
                try Self.apply(
                    [Settlement(record: candidate.record, event: .foundDone, detail: detail)], run: run,
                    attempt: nil, at: Timestamp(milliseconds: 0), context)
            }
            return (admissions, context.foreignChanges)
        }
    }

    /// Notes what a person needs to know of records that `admit` refused or holds back.
    package func note(_ troubles: [(record: Int64, trouble: Candidate.Trouble)], run: Int64)
        async throws
    {
        guard !troubles.isEmpty else { return }
        try await writer.write { context in
            for (record, trouble) in troubles {
                try Self.note(trouble, run: run, record: record, context.db)
            }
        }
    }

    static func note(_ trouble: Candidate.Trouble, run: Int64, record: Int64, _ db: Database) throws {
        let statement = try db.cachedStatement(
            sql: """
                INSERT INTO trouble (run, record, stage, reason, field, server_code, message, key, file, row, line,
                    start, length, stored)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                ON CONFLICT (run, record) DO UPDATE SET stage = excluded.stage, reason = excluded.reason,
                    field = excluded.field, server_code = excluded.server_code, message = excluded.message
                """)
        let refusal = trouble.refusal
        try statement.execute(arguments: [
            run, record, trouble.stage, refusal.reason.code, refusal.field, refusal.serverCode,
            refusal.message,
            trouble.key, trouble.position.file, trouble.position.row, trouble.position.line,
            trouble.position.offset, trouble.position.length, Data(trouble.stored),
        ])
    }
}

/// A chunk's row id: the run in the upper bits, the first record number in the lower forty.
struct ChunkID: Hashable {
    let rawValue: Int64
    init(rawValue: Int64) { self.rawValue = rawValue }
    init(run: Int64, first: Int64) { rawValue = run << 40 | first }
    var first: Int64 { rawValue & (1 << 40 - 1) }
    var run: Int64 { rawValue >> 40 }
}

/// Reading and writing the state bytes of chunks.
enum ChunkStates {
    static func open(_ states: [UInt8]) -> Int {
        states.reduce(0) { $0 + ((StateByte(raw: $1)?.isSettled ?? false) ? 0 : 1) }
    }

    static func read(_ db: Database, _ id: ChunkID) throws -> (states: [UInt8], serverIDs: [UInt8]?) {
        let statement = try db.cachedStatement(sql: "SELECT states, server_ids FROM chunk WHERE id = ?")
        guard let row = try Row.fetchOne(statement, arguments: [id.rawValue]) else {
            throw LedgerError(
                .inconsistent, "a stored chunk is missing",
                next: "Keep the ledger and report it.")
        }
        return (Array(row[0] as Data), (row[1] as Data?).map { Array($0) })
    }

    /// The chunk that holds a record, and what it says; nil where there is none.
    static func read(_ db: Database, run: Int64, record: Int64) throws
        -> (id: ChunkID, states: [UInt8], serverIDs: [UInt8]?)?
    {
        let statement = try db.cachedStatement(
            sql: "SELECT id, states, server_ids FROM chunk WHERE id <= ? ORDER BY id DESC LIMIT 1")
        let sought = ChunkID(run: run, first: record).rawValue
        let cursor = try Row.fetchCursor(statement, arguments: [sought])
        guard let row = try cursor.next() else { return nil }
        let id = ChunkID(rawValue: row[0])
        guard id.run == run else { return nil }
        func bytes(_ index: Int) throws -> [UInt8]? {
            try row.withUnsafeData(atIndex: index) { $0.map(Array.init) }
        }
        return (id, try bytes(1) ?? [], try bytes(2))
    }

    static func write(_ db: Database, _ id: ChunkID, states: [UInt8], open: Int) throws {
        try db.cachedStatement(sql: "UPDATE chunk SET states = ?, open = ? WHERE id = ?")
            .execute(arguments: [Data(states), open, id.rawValue])
    }

    /// The chunk that holds a record.
    static func chunk(_ db: Database, run: Int64, record: Int64) throws -> ChunkID? {
        let statement = try db.cachedStatement(
            sql: "SELECT id FROM chunk WHERE id <= ? ORDER BY id DESC LIMIT 1")
        let sought = ChunkID(run: run, first: record).rawValue
        return try Int64.fetchOne(statement, arguments: [sought]).map(ChunkID.init(rawValue:))
            .flatMap { $0.run == run ? $0 : nil }
    }

    static func state(_ db: Database, run: Int64, record: Int64) throws -> StateByte? {
        guard let id = try chunk(db, run: run, record: record) else { return nil }
        let states = try read(db, id).states
        let index = Int(record - id.first)
        return states.indices.contains(index) ? StateByte(raw: states[index]) : nil
    }
}

/// The ends of the lines that a record says it repairs, by what became of them.
private struct LineEnds {
    /// Rejected, invalid or failed: it repairs these.
    var open: [RecordPlace] = []
    /// Imported already.
    var done: [RecordPlace] = []
    /// Another run's, and not settled.
    var underWay: [RecordPlace] = []
    /// Other records of the run at hand, which repair them.
    var here: [RecordPlace] = []
    /// It repairs some of them already (on a resume).
    var isTied = false
    /// The record sets values: sending them twice changes nothing.
    var sets = false

    /// Why a record is invalid of which a part was imported before: sent whole, that would be imported twice, and
    /// skipped, the rest would be lost. Nil where it is no such record.
    var partly: Admission? {
        guard !sets, let first = done.first, !open.isEmpty || isTied else { return nil }
        let words = "some of its rows were imported before, and others were not"
        return .invalid(Refusal(.conflictingKey, message: words), other: other(first))
    }

    /// What they decide; nil where the record continues to be judged by its key.
    ///
    /// - Parameter isSound: Nothing else is wrong with the record: otherwise it is invalid for that.
    func admission(isSound: Bool) -> Admission? {
        if let first = here.first {
            let words = "another record has the same mark, so both would repair one record"
            return .invalid(Refusal(.repeatedMark, message: words), other: other(first))
        }
        if partly != nil { return nil }
        if !done.isEmpty, underWay.isEmpty, open.isEmpty, !isTied { return .skipped(.acceptedBefore) }
        guard let first = underWay.first, isSound else { return nil }
        return .waits(
            Refusal(.reserved, message: "the record that it repairs is in flight"),
            other: other(first))
    }

    private func other(_ place: RecordPlace) -> Admission.Other {
        Admission.Other(run: place.run, record: place.record)
    }
}

/// Who may go: the one place where identities are compared with those that stand.
private struct Gate {
    let context: Writer.Context
    let keys: KeySet
    let run: Int64

    /// With the states of chunks in it.
    private var db: Database { context.db }

    /// Lets a whole chunk in where that is all there is to do: nothing is wrong with any of its records, nothing
    /// says that one repairs another, and none of their identities has ever been owned. That is nearly always so.
    ///
    /// - Returns: Whether it did; if not, nothing was done.
    func letInFresh(_ candidates: [Candidate]) throws -> Bool {
        guard candidates.allSatisfy(\.isPlain) else { return false }
        let sorted = candidates.map(\.identity).sorted()
        guard zip(sorted, sorted.dropFirst()).allSatisfy({ $0 != $1 }),
            try !keys.ownsAny(of: sorted, in: context.aside)
        else { return false }
        try keys.append(
            candidates.map {
                KeyEntry(
                    identity: $0.identity, content: $0.content, run: run, record: $0.record)
            }, in: context.aside)
        return true
    }

    func judge(_ candidates: [Candidate], states: [UInt8]) throws -> [Admission] {
        let (repairs, partly) = try repairs(of: candidates, states: states)
        // Those not yet settled ask; the rest of a stored chunk is only told.
        let asking = candidates.indices.filter {
            candidates[$0].trouble == nil && StateByte(raw: states[$0])?.state == .unsent
                && repairs[$0] == nil
        }
        let db = db
        let found = try keys.lookUp(asking.map { candidates[$0].identity }, in: db)
        var admissions = try candidates.indices.map { index -> Admission in
            let byte = StateByte(raw: states[index]) ?? StateByte(.inDoubt)
            switch byte.state {
            case .unsent: return repairs[index] ?? .refused
            case .sent, .inDoubt: return .inDoubt(try identity(sentOf: candidates[index]))
            default: return .settled(byte)
            }
        }
        // Keys of this very call are not in the set yet.
        var line = KeyHistory(keys: keys, db: db)
        var appended: [KeyEntry] = []
        for (place, index) in asking.enumerated() {
            let candidate = candidates[index]
            var identity = candidate.identity
            var occurrence = 1
            var entry = line.fresh[identity] ?? found[place]
            while candidate.repeats == .count, candidate.sets == nil, let other = entry,
                other.run == run,
                other.record != candidate.record
            {
                occurrence += 1
                identity = candidate.identity.occurrence(occurrence)
                entry = try line.fresh[identity] ?? keys.lookUp([identity], in: db)[0]
            }
            var (admission, mark) =
                if let unchanged = candidate.sets {
                    try admission(ofSetting: candidate, unchanged, against: entry, line)
                } else {
                    try admission(of: candidate, identity, against: entry)
                }
            if case .go = admission, let refused = partly[index] {
                (admission, mark) = (refused, false)
            }
            admissions[index] = admission
            if case .go = admission, candidate.repairs.isEmpty, let entry, entry.run != run {
                try tie(
                    candidate.record, toLineOf: RecordPlace(run: entry.run, record: entry.record))
            }
            guard mark else { continue }
            let own = KeyEntry(
                identity: identity, content: candidate.content, run: run, record: candidate.record)
            appended.append(own)
            if candidate.sets != nil, let entry, let link = try line.link(from: own, to: entry) {
                line.fresh[link.identity] = link
                appended.append(link)
            }
            line.fresh[identity] = own
        }
        try keys.append(appended, in: db)
        for (index, candidate) in candidates.enumerated() {
            guard let label = candidate.label, StateByte(raw: states[index])?.state == .unsent else {
                continue
            }
            try remember(candidate, as: label, admissions[index])
        }
        return admissions
    }

    /// What was refused before it was sent is in no set of keys. It is remembered by its label instead, and
    /// what comes under that label in a later run repairs it: the same bad row night after night is one
    /// failure, and the first good one ends it.
    private func remember(_ candidate: Candidate, as label: UInt64, _ admission: Admission) throws {
        let name = [keys.scope, Int64(bitPattern: label)]
        let known = try Row.fetchOne(
            db.cachedStatement(sql: "SELECT run, record FROM refused WHERE scope = ? AND label = ?"),
            arguments: StatementArguments(name)
        ).map { RecordPlace(run: $0[0], record: $0[1]) }
        if let known, known.run != run, known.record >= 0, candidate.repairs.isEmpty {
            try tie(candidate.record, toLineOf: known)
        }
        switch admission {
        case .refused, .invalid:
            let isShared = known.map { $0.run == run && $0.record != candidate.record } ?? false
            try db.cachedStatement(
                sql: """
                    INSERT INTO refused (scope, label, run, record) VALUES (?, ?, ?, ?)
                    ON CONFLICT (scope, label) DO UPDATE SET run = excluded.run, record = excluded.record
                    """
            ).execute(arguments: StatementArguments(name + [run, isShared ? -1 : candidate.record]))
        case .go, .skipped, .parked, .waits, .settled, .inDoubt:
            guard let known, known.run != run else { return }
            try db.cachedStatement(sql: "DELETE FROM refused WHERE scope = ? AND label = ?")
                .execute(arguments: StatementArguments(name))
        }
    }

    /// What becomes of those that say what they repair, as far as that decides it; the others are tied to
    /// the last of each line. What was accepted is never sent again, whatever its key is now.
    ///
    /// - Returns: What is decided, and, of those of which a part was imported before, what becomes of them unless
    ///   their keys tell otherwise.
    private func repairs(
        of candidates: [Candidate], states: [UInt8]
    ) throws -> (decided: [Int: Admission], partly: [Int: Admission]) {
        var decided: [Int: Admission] = [:]
        var partly: [Int: Admission] = [:]
        for (index, candidate) in candidates.enumerated()
        where !candidate.repairs.isEmpty && StateByte(raw: states[index])?.state == .unsent {
            let own = RecordPlace(run: run, record: candidate.record)
            let ends = try ends(of: candidate, for: own)
            let admission = ends.admission(isSound: candidate.trouble == nil)
            decided[index] = admission
            partly[index] = ends.partly
            // One that is refused stands for those that it says it repairs: they are not open beside it.
            switch admission {
            case nil, .invalid: try RepairChain.tie(db, own, to: ends.open)
            default: break
            }
        }
        return (decided, partly)
    }

    /// What is at the ends of the lines that a record says it repairs. A mark that this ledger does not know
    /// says nothing.
    private func ends(of candidate: Candidate, for own: RecordPlace) throws -> LineEnds {
        var ends = LineEnds()
        ends.sets = candidate.sets != nil
        var seen = Set<RecordPlace>()
        for id in candidate.repairs {
            guard let place = try RepairChain.place(db, of: id, inScopeOf: run) else { continue }
            let latest = try RepairChain.latest(db, of: place)
            guard seen.insert(latest).inserted else { continue }
            if latest == own {
                ends.isTied = true
            } else if latest.run == run {
                ends.here.append(latest)
            } else {
                switch try ChunkStates.state(db, run: latest.run, record: latest.record)?.state {
                case .accepted, .skipped: ends.done.append(latest)
                case .unsent, .sent, .inDoubt, .parked, nil: ends.underWay.append(latest)
                case .rejected, .invalid, .failed: ends.open.append(latest)
                }
            }
        }
        return ends
    }

    /// A record that comes again under its key repairs what was not accepted under it before.
    private func tie(_ record: Int64, toLineOf place: RecordPlace) throws {
        let latest = try RepairChain.latest(db, of: place)
        guard latest.run != run else { return }
        switch try ChunkStates.state(db, run: latest.run, record: latest.record)?.state {
        case .rejected, .invalid, .failed:
            try RepairChain.tie(db, RecordPlace(run: run, record: record), to: [latest])
        case .unsent, .sent, .inDoubt, .accepted, .skipped, .parked, nil: break
        }
    }

    /// The occurrence of its identity that a record holds.
    private func identity(sentOf candidate: Candidate) throws -> Identity {
        guard candidate.repeats == .count, candidate.sets == nil else { return candidate.identity }
        var occurrence = 1
        while true {
            let identity = candidate.identity.occurrence(occurrence)
            guard let entry = try keys.lookUp([identity], in: db)[0] else { return candidate.identity }
            if entry.run == run, entry.record == candidate.record { return identity }
            occurrence += 1
        }
    }

    /// A record that sets values: the newest of its identity counts, and goes whatever was before.
    ///
    /// - Returns: The admission, and whether the candidate becomes the newest owner of its identity.
    private func admission(
        ofSetting candidate: Candidate, _ unchanged: Unchanged, against entry: KeyEntry?,
        _ line: KeyHistory
    ) throws -> (Admission, Bool) {
        let goes = Admission.go(candidate.identity)
        guard let entry else { return (goes, true) }
        if (entry.run, entry.record) == (run, candidate.record) { return (goes, false) }
        let isEqual = entry.content == candidate.content
        let holder = try line.holder(
            of: candidate.identity, from: entry, asking: run, candidate.record)
        if let holder, try isNewer(holder.entry, than: candidate) {
            return (.skipped(.superseded), false)
        }
        if entry.run == run { return isEqual ? (.skipped(.repeated), false) : (goes, true) }
        switch holder?.state {
        // After an owner that was refused it goes anyway, and fixes that.
        case .accepted, .skipped:
            let isLast = (holder?.entry.run, holder?.entry.record) == (entry.run, entry.record)
            return isEqual && isLast && unchanged == .skip
                ? (.skipped(.acceptedBefore), false) : (goes, true)
        case .sent, .inDoubt, .parked:
            return (
                .waits(
                    Refusal(.reserved, message: Self.held(holder?.state)),
                    other: holder.map { Admission.Other(run: $0.entry.run, record: $0.entry.record) }),
                false
            )
        case .unsent, .rejected, .invalid, .failed, nil: return (goes, true)
        }
    }

    /// Why a record waits for another run's, by the state of that.
    private static func held(_ state: RecordState?) -> String {
        switch state {
        case .inDoubt: "a record of another run with this key is in doubt"
        case .parked:
            "a record of another run with this key is in the server's queue, with other content"
        default: "a record of another run with this key is in flight"
        }
    }

    /// What repairs an older record is as old as that: it does not overwrite what came after it.
    private func isNewer(_ holder: KeyEntry, than candidate: Candidate) throws -> Bool {
        var place = RecordPlace(run: run, record: candidate.record)
        var other = RecordPlace(run: holder.run, record: holder.record)
        if !candidate.repairs.isEmpty {
            // One that repairs several is as new as the newest of them.
            place = try RepairChain.line(db, of: place).roots.last ?? place
            other = try RepairChain.line(db, of: other).roots.last ?? other
        }
        return other > place
    }

    /// - Returns: The admission, and whether the candidate becomes the newest owner of its identity.
    private func admission(
        of candidate: Candidate, _ identity: Identity, against entry: KeyEntry?
    ) throws -> (Admission, Bool) {
        guard let entry else { return (.go(identity), true) }
        let isEqual = entry.content == candidate.content
        let other = Admission.Other(run: entry.run, record: entry.record)
        if entry.run == run {
            if entry.record == candidate.record { return (.go(identity), false) }
            guard isEqual else {
                return (
                    .invalid(
                        Refusal(
                            .conflictingKey,
                            message: "an earlier record has this key with other content"),
                        other: other), false
                )
            }
            if candidate.repeats == .never { return (.skipped(.repeated), false) }
            return (
                .invalid(
                    Refusal(.repeatedKey, message: "an earlier record has the same key and content"),
                    other: other), false
            )
        }
        let state = try ChunkStates.state(db, run: entry.run, record: entry.record)?.state
        switch state {
        case .accepted, .skipped:
            guard isEqual else {
                let words = "an earlier run imported this key with other content"
                return (.invalid(Refusal(.conflictingKey, message: words), other: other), false)
            }
            // With `repeats: count` the place of the occurrence in this input has to be marked.
            return (.skipped(.acceptedBefore), candidate.repeats == .count)
        case .parked where isEqual:
            return (
                .parked(
                    Refusal(
                        .parkedByServer, message: "a record of an earlier run with this key is parked")),
                false
            )
        case .sent, .inDoubt, .parked:
            return (
                .waits(
                    Refusal(.reserved, message: Self.held(state)),
                    other: other), false
            )
        case .unsent, .rejected, .invalid, .failed, nil:
            return (.go(identity), true)
        }
    }
}

extension Identity {
    /// The identity of the `number`th record of the same key; the first is the identity itself.
    func occurrence(_ number: Int) -> Identity {
        guard number > 1 else { return self }
        return mixed(with: UInt64(number))
    }
}
