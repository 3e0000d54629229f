/// Which records may go. Records that share an order key stand in one lane, in the order of the
/// input; a record is free when it is at the head of all its lanes, and leaves them only when it
/// is settled. A record in doubt therefore holds back exactly those that depend on it.
struct OrderingQueues: Sendable {
    /// A lane in use: the record at its head, and those after it as a list of ``Node``; -1 for none.
    private struct Lane: BitwiseCopyable, Sendable {
        var head: Int64
        var first: Int32 = -1
        var last: Int32 = -1
    }

    private struct Node: BitwiseCopyable, Sendable {
        var record: Int64
        var next: Int32
    }

    private var lanes = FlatMap<Lane>()
    private var nodes: [Node] = []
    private var free: [Int32] = []
    /// In how many lanes a record is not at the head.
    private var behind = FlatMap<Int32>()

    /// How many records wait for another.
    var waiting: Int { behind.count }

    /// Puts a record at the end of its lanes. Returns whether it is free.
    mutating func enter(_ record: Int64, keys: some Sequence<UInt64>) -> Bool {
        var blocked: Int32 = 0
        for key in keys {
            guard var lane = lanes[key] else {
                lanes.set(key, Lane(head: record))
                continue
            }
            // A record may name one key twice.
            if lane.head == record { continue }
            let node = take(Node(record: record, next: -1))
            if lane.last >= 0 { nodes[Int(lane.last)].next = node } else { lane.first = node }
            lane.last = node
            lanes.set(key, lane)
            blocked += 1
        }
        if blocked > 0 { behind.set(UInt64(bitPattern: record), blocked) }
        return blocked == 0
    }

    /// Whether a record in the lanes is at the head of all of its own.
    func isFree(_ record: Int64) -> Bool { behind[UInt64(bitPattern: record)] == nil }

    /// Takes a record out of its lanes, wherever in them it is.
    ///
    /// - Returns: Those that are free now, in the order of the input within a lane.
    mutating func leave(_ record: Int64, keys: some Sequence<UInt64>) -> [Int64] {
        var freed: [Int64] = []
        behind.remove(UInt64(bitPattern: record))
        for key in keys {
            guard var lane = lanes[key] else { continue }
            guard lane.head == record else {
                // A proof may settle a record that is after another.
                remove(record, from: &lane)
                lanes.set(key, lane)
                continue
            }
            guard lane.first >= 0 else {
                lanes.remove(key)
                continue
            }
            let node = lane.first
            let next = nodes[Int(node)].record
            lane.first = nodes[Int(node)].next
            if lane.first < 0 { lane.last = -1 }
            lane.head = next
            free.append(node)
            lanes.set(key, lane)
            let left = (behind[UInt64(bitPattern: next)] ?? 1) - 1
            behind[UInt64(bitPattern: next)] = left == 0 ? nil : left
            if left == 0 { freed.append(next) }
        }
        return freed
    }

    private mutating func take(_ node: Node) -> Int32 {
        guard let place = free.popLast() else {
            nodes.append(node)
            return Int32(nodes.count - 1)
        }
        nodes[Int(place)] = node
        return place
    }

    private mutating func remove(_ record: Int64, from lane: inout Lane) {
        var before: Int32 = -1
        var at = lane.first
        while at >= 0 {
            let next = nodes[Int(at)].next
            if nodes[Int(at)].record == record {
                if before >= 0 { nodes[Int(before)].next = next } else { lane.first = next }
                if lane.last == at { lane.last = before }
                free.append(at)
            } else {
                before = at
            }
            at = next
        }
    }
}
