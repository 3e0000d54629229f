import DequeModule

/// Which records may go. Records that share an order key stand in one lane, in the order of the
/// input; a record is free when it is at the head of all its lanes, and leaves them only when it
/// is settled. A record in doubt therefore holds back exactly those that depend on it.
struct Lanes {
    /// The record at the head of each lane that is in use.
    private var heads: [UInt64: Int64] = [:]
    /// Those after it, where there are any.
    private var queues: [UInt64: Deque<Int64>] = [:]
    /// In how many lanes a record is not at the head.
    private var behind: [Int64: Int] = [:]

    /// How many records wait for another.
    var waiting: Int { behind.count }

    /// Puts a record at the end of its lanes. Returns whether it is free.
    mutating func enter(_ record: Int64, keys: [UInt64]) -> Bool {
        var blocked = 0
        for key in keys {
            if let head = heads[key] {
                // A record may name one key twice.
                if head == record { continue }
                queues[key, default: []].append(record)
                blocked += 1
            } else {
                heads[key] = record
            }
        }
        if blocked > 0 { behind[record] = blocked }
        return blocked == 0
    }

    /// Whether a record in the lanes is at the head of all of its own.
    func isFree(_ record: Int64) -> Bool { behind[record] == nil }

    /// Takes a record out of its lanes, wherever in them it is.
    ///
    /// - Returns: Those that are free now, in the order of the input within a lane.
    mutating func leave(_ record: Int64, keys: [UInt64]) -> [Int64] {
        var freed: [Int64] = []
        behind[record] = nil
        for key in keys {
            guard heads[key] == record else {
                // A proof may settle a record that is after another.
                queues[key]?.removeAll { $0 == record }
                if queues[key]?.isEmpty ?? false { queues[key] = nil }
                continue
            }
            guard let next = queues[key]?.popFirst() else {
                heads[key] = nil
                continue
            }
            if queues[key]?.isEmpty ?? false { queues[key] = nil }
            heads[key] = next
            let left = (behind[next] ?? 1) - 1
            behind[next] = left == 0 ? nil : left
            if left == 0 { freed.append(next) }
        }
        return freed
    }
}
