import Model

/// The order keys of records that wait for another run's: what comes after one of them and shares a key waits as
/// well. Such records are in no queue, for they may wait for days, and nothing here settles them.
struct DeferredKeys: Sendable {
    /// A record that waits for another run's, as those after it need to know it.
    struct Holder: Sendable {
        var record: Int64
        /// The run that holds what it waits for, where that is known.
        var other: Int64?
    }

    /// Keys that are remembered, 32 bytes each. Where more wait, the other run has to end first.
    static let limit = 1_000_000

    private var holders: [UInt64: Holder] = [:]
    /// The runs that hold what records of this one wait for.
    private(set) var runs: Set<Int64> = []

    var isEmpty: Bool { holders.isEmpty }
    var isFull: Bool { holders.count > Self.limit }

    /// A record before this one, with a key in common, that waits.
    func holder(before record: Int64, keys: some Sequence<UInt64>) -> Holder? {
        guard !holders.isEmpty else { return nil }
        for key in keys {
            if let first = holders[key], first.record < record { return first }
        }
        return nil
    }

    /// From now on, what comes after this record and depends on it waits as well.
    mutating func add(_ record: Int64, keys: some Sequence<UInt64>, for other: Int64?) {
        if let other { runs.insert(other) }
        for key in keys where holders[key].map({ $0.record > record }) ?? true {
            holders[key] = Holder(record: record, other: other)
        }
    }
}
