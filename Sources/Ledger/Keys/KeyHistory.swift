import GRDB
import Model

/// Who owned an identity before its owner, of what sets values.
///
/// The keys name the newest record that was let in under each identity. That may not have been sent yet, or may
/// have been refused: then what counts is what it took the identity over from, and so on back. So each record
/// that takes one over leaves a link to its predecessor, among the keys, under an identity of its own.
struct KeyHistory {
    let keys: KeySet
    let db: Database
    private let states: StateReader
    /// Entries of this very call, which are not in the set yet.
    var fresh: [Identity: KeyEntry] = [:]

    init(keys: KeySet, db: Database) {
        self.keys = keys
        self.db = db
        states = StateReader(db)
    }

    /// The newest owner that still holds the identity, and in which state; beginning with `owner`, but for
    /// `record` of `run`, which asks.
    func holder(
        of identity: Identity, from owner: KeyEntry, asking run: Int64, _ record: Int64
    ) throws -> (entry: KeyEntry, state: RecordState)? {
        var entry = owner
        var visited: Set<RecordPlace> = []
        while visited.insert(RecordPlace(run: entry.run, record: entry.record)).inserted {
            if (entry.run, entry.record) != (run, record),
                let state = try states.state(run: entry.run, record: entry.record)?.state,
                state.holdsIdentity
            {
                return (entry, state)
            }
            guard let before = try find(identity.link(of: entry)) else { break }
            entry = before
        }
        return nil
    }

    /// What says that `new` took its identity over from `old`; nil where it did so before, from another.
    func link(from new: KeyEntry, to old: KeyEntry) throws -> KeyEntry? {
        let name = new.identity.link(of: new)
        guard try find(name) == nil else { return nil }
        return KeyEntry(identity: name, content: old.content, run: old.run, record: old.record)
    }

    private func find(_ identity: Identity) throws -> KeyEntry? {
        try fresh[identity] ?? keys.lookUp([identity], in: db)[0]
    }
}

/// Reads states where nothing is written in the meantime: of neighbours in one go.
private final class StateReader {
    private let db: Database
    private var chunk: (id: ChunkID, states: [UInt8])?

    init(_ db: Database) { self.db = db }

    func state(run: Int64, record: Int64) throws -> StateByte? {
        if let chunk, chunk.id.run == run, record >= chunk.id.first {
            let index = Int(record - chunk.id.first)
            if index < chunk.states.count { return StateByte(raw: chunk.states[index]) }
        }
        guard let id = try ChunkStates.chunk(db, run: run, record: record) else { return nil }
        let states = try ChunkStates.read(db, id).states
        chunk = (id, states)
        let index = Int(record - id.first)
        return states.indices.contains(index) ? StateByte(raw: states[index]) : nil
    }
}

extension Identity {
    /// Under which the predecessor of one of its owners is kept.
    fileprivate func link(of owner: KeyEntry) -> Identity {
        mixed(with: UInt64(bitPattern: owner.run << 40 | owner.record) &+ 0x6C69_6E6B)
    }

    /// As scattered as the digest it starts from: splitmix64 over both halves.
    func mixed(with number: UInt64) -> Identity {
        func mix(_ value: UInt64) -> UInt64 {
            var z = value &+ 0x9E37_79B9_7F4A_7C15 &* number
            z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
            z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
            return z ^ (z >> 31)
        }
        return Identity(high: mix(high), low: mix(low ^ high))
    }
}
