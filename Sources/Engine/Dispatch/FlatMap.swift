/// Values by number, side by side in one array: for the tables that every record passes through several times.
/// Open addressing with linear probing, at most half full; what is removed leaves no gap.
struct FlatMap<Value: BitwiseCopyable & Sendable>: Sendable {
    private struct Slot: BitwiseCopyable, Sendable {
        var key: UInt64
        var value: Value
        var isUsed: Bool
    }

    private var slots: [Slot] = []
    private var shift: UInt64 = 64
    private(set) var count = 0

    var isEmpty: Bool { count == 0 }

    subscript(key: UInt64) -> Value? {
        get {
            guard count > 0 else { return nil }
            let slot = find(key)
            return slots[slot].isUsed ? slots[slot].value : nil
        }
        set {
            guard let newValue else {
                remove(key)
                return
            }
            set(key, newValue)
        }
    }

    mutating func set(_ key: UInt64, _ value: Value) {
        if (count + 1) * 2 > slots.count { grow(value) }
        let slot = find(key)
        if !slots[slot].isUsed { count += 1 }
        slots[slot] = Slot(key: key, value: value, isUsed: true)
    }

    @discardableResult
    mutating func remove(_ key: UInt64) -> Value? {
        guard count > 0 else { return nil }
        var hole = find(key)
        guard slots[hole].isUsed else { return nil }
        let value = slots[hole].value
        count -= 1
        slots[hole].isUsed = false
        // Those after it that a gap would hide move up.
        let mask = slots.count - 1
        var next = (hole + 1) & mask
        while slots[next].isUsed {
            let origin = home(slots[next].key)
            if (next &- origin) & mask >= (next &- hole) & mask {
                slots[hole] = slots[next]
                slots[next].isUsed = false
                hole = next
            }
            next = (next + 1) & mask
        }
        return value
    }

    /// Where a key is, or would go. There is a free slot.
    private func find(_ key: UInt64) -> Int {
        let mask = slots.count - 1
        var slot = home(key)
        while slots[slot].isUsed, slots[slot].key != key { slot = (slot + 1) & mask }
        return slot
    }

    private func home(_ key: UInt64) -> Int {
        Int(truncatingIfNeeded: (key &* 0x9E37_79B9_7F4A_7C15) >> shift)
    }

    private mutating func grow(_ value: Value) {
        let old = slots
        let size = max(64, old.count * 2)
        slots = [Slot](repeating: Slot(key: 0, value: value, isUsed: false), count: size)
        shift = UInt64(64 - size.trailingZeroBitCount)
        for slot in old where slot.isUsed { slots[find(slot.key)] = slot }
    }
}

/// The records in hand, by number.
struct TicketTable: Sendable {
    private var places = FlatMap<Int32>()
    private var tickets: [Ticket?] = []
    private var free: [Int32] = []

    var count: Int { places.count }
    var isEmpty: Bool { places.isEmpty }

    subscript(record: Int64) -> Ticket? {
        get { places[UInt64(bitPattern: record)].flatMap { tickets[Int($0)] } }
        _modify {
            var ticket = remove(record)
            defer { if let ticket { insert(ticket, record) } }
            yield &ticket
        }
        set {
            if let newValue { insert(newValue, record) } else { _ = remove(record) }
        }
    }

    private mutating func insert(_ ticket: Ticket, _ record: Int64) {
        let key = UInt64(bitPattern: record)
        if let place = places[key] {
            tickets[Int(place)] = ticket
            return
        }
        if let place = free.popLast() {
            tickets[Int(place)] = ticket
            places.set(key, place)
        } else {
            places.set(key, Int32(tickets.count))
            tickets.append(ticket)
        }
    }

    private mutating func remove(_ record: Int64) -> Ticket? {
        guard let place = places.remove(UInt64(bitPattern: record)) else { return nil }
        let ticket = tickets[Int(place)]
        tickets[Int(place)] = nil
        free.append(place)
        return ticket
    }
}
