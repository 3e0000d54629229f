import Model

/// The newest entries, in memory: in the order of their arrival, with an index by identity.
struct KeyTable {
    /// All of them, also those that a later one of the same identity superseded.
    private(set) var keys: [PackedKey] = []
    /// Place in `keys` plus one, or 0; open addressing, linear probing, at most half full.
    private var slots: [UInt32] = []
    private var used = 0

    var count: Int { keys.count }

    func find(_ identity: Identity) -> PackedKey? {
        guard !slots.isEmpty else { return nil }
        let mask = slots.count - 1
        var slot = Int(truncatingIfNeeded: identity.low) & mask
        while slots[slot] != 0 {
            let key = keys[Int(slots[slot]) - 1]
            if key.low == identity.low && key.high == identity.high { return key }
            slot = (slot + 1) & mask
        }
        return nil
    }

    mutating func append(_ key: PackedKey) {
        if (used + 1) * 2 > slots.count { grow() }
        keys.append(key)
        enter(keys.count - 1)
    }

    /// Keeps the storage, since it will be as full again.
    mutating func removeAll() {
        keys.removeAll(keepingCapacity: true)
        for slot in slots.indices { slots[slot] = 0 }
        used = 0
    }

    /// The newest of each identity, sorted by it.
    func sorted() -> [PackedKey] {
        var result: [PackedKey] = []
        result.reserveCapacity(used)
        for slot in slots where slot != 0 { result.append(keys[Int(slot) - 1]) }
        result.sort()
        return result
    }

    private mutating func enter(_ place: Int) {
        let key = keys[place]
        let mask = slots.count - 1
        var slot = Int(truncatingIfNeeded: key.low) & mask
        while slots[slot] != 0 {
            if keys[Int(slots[slot]) - 1] == key {
                slots[slot] = UInt32(place + 1)
                return
            }
            slot = (slot + 1) & mask
        }
        slots[slot] = UInt32(place + 1)
        used += 1
    }

    private mutating func grow() {
        let old = slots.filter { $0 != 0 }
        slots = [UInt32](repeating: 0, count: max(1024, slots.count * 2))
        used = 0
        for slot in old { enter(Int(slot) - 1) }
    }
}
