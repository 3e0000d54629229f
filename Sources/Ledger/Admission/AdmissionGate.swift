import Foundation
import GRDB
import Model

/// Who may go: the one place where identities are compared with those that stand.
struct AdmissionGate {
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
                    Self.held(holder?.state),
                    other: holder.map { Admission.Other(run: $0.entry.run, record: $0.entry.record) }),
                false
            )
        case .unsent, .rejected, .invalid, .failed, nil: return (goes, true)
        }
    }

    /// Why a record waits for another run's, by the state of that.
    private static func held(_ state: RecordState?) -> Admission.Objection {
        switch state {
        case .inDoubt: .ownerInDoubt
        case .parked: .ownerParked
        default: .ownerInFlight
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
                return (.invalid(.conflictHere, other: other), false)
            }
            if candidate.repeats == .never { return (.skipped(.repeated), false) }
            return (.invalid(.repeatHere, other: other), false)
        }
        let state = try ChunkStates.state(db, run: entry.run, record: entry.record)?.state
        switch state {
        case .accepted, .skipped:
            guard isEqual else { return (.invalid(.conflictBefore, other: other), false) }
            // With `repeats: count` the place of the occurrence in this input has to be marked.
            return (.skipped(.acceptedBefore), candidate.repeats == .count)
        case .parked where isEqual:
            return (.parked(.parkedBefore), false)
        case .sent, .inDoubt, .parked:
            return (.waits(Self.held(state), other: other), false)
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
