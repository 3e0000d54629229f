/// How often each text has come up, within a bound of memory and without ever guessing.
///
/// As long as the texts come in ascending order, a text that is not the last one is new: nothing but the
/// last has to be remembered. A table of the others (a 64-bit digest and a count, some 18 bytes each) is
/// kept anyway, up to `limit` texts, in case the order breaks. Beyond the limit:
///
/// - an input that is in order so far has its table dropped and continues; should the order break
///   later, nothing can be told any more and ``count(_:_:)`` says so;
/// - of any other, the texts in the table continue being counted, and for new ones it says so.
///
/// What it answers depends on nothing but the texts before, so a counter restored from ``state`` continues
/// with the same answers.
struct RepeatCounter: Sendable {
    private let limit: Int
    private var last: [UInt8] = []
    private var lastCount: UInt32 = 0
    private var isAscending = true
    private var isDropped = false
    private var table = CountTable()

    init(limit: Int = 2_000_000) { self.limit = limit }

    /// How often `bytes[range]` has come up, this time included; nil where that is not known.
    mutating func count(_ bytes: [UInt8], _ range: Range<Int>) -> Int? {
        if lastCount > 0 {
            let order = compare(bytes, range)
            if order == 0 {
                guard lastCount < .max else { return nil }
                lastCount += 1
                return Int(lastCount)
            }
            keepLast()
            if order < 0 { isAscending = false }
        }
        if isDropped {
            guard isAscending else {
                // Not even the next equal one may be taken for the second.
                lastCount = 0
                last.removeAll(keepingCapacity: true)
                return nil
            }
            lastCount = 1
        } else if isAscending {
            lastCount = 1
        } else {
            let found = table[digest(bytes, range)]
            guard found > 0 || table.count < limit else {
                lastCount = 0
                last.removeAll(keepingCapacity: true)
                return nil
            }
            guard found < .max else { return nil }
            lastCount = found + 1
        }
        last.removeAll(keepingCapacity: true)
        last.append(contentsOf: bytes[range])
        return Int(lastCount)
    }

    private mutating func keepLast() {
        guard !isDropped else { return }
        if table.count >= limit, isAscending {
            table = CountTable()
            isDropped = true
        } else {
            table[digest(last, 0..<last.count)] = lastCount
        }
    }

    /// Below, at or above the last: -1, 0 or 1.
    private func compare(_ bytes: [UInt8], _ range: Range<Int>) -> Int {
        let shared = min(range.count, last.count)
        var index = 0
        while index < shared {
            let one = bytes[range.lowerBound + index]
            let other = last[index]
            if one != other { return one < other ? -1 : 1 }
            index += 1
        }
        return (range.count - last.count).signum()
    }

    private func digest(_ bytes: [UInt8], _ range: Range<Int>) -> UInt64 {
        var state: UInt64 = 0x9E37_79B9_7F4A_7C15 ^ UInt64(range.count)
        var at = range.lowerBound
        while at < range.upperBound {
            var word: UInt64 = 0
            var shift: UInt64 = 0
            let stop = min(at + 8, range.upperBound)
            while at < stop {
                word |= UInt64(bytes[at]) << shift
                shift += 8
                at += 1
            }
            let product = (state ^ word).multipliedFullWidth(by: 0xA076_1D64_78BD_642F)
            state = product.high ^ product.low ^ (word &* 0xE703_7ED1_A0B4_28DB)
        }
        let product = state.multipliedFullWidth(by: 0x8EBC_6AF0_9C88_C6E3)
        // Zero marks a free place.
        return max(1, product.high ^ product.low)
    }

    // MARK: State

    /// The bytes of ``state``.
    var stateSize: Int { 26 + last.count + 16 * table.count }

    /// Everything it remembers.
    var state: [UInt8] {
        var out: [UInt8] = [isAscending ? 1 : 0, isDropped ? 1 : 0]
        append(UInt64(last.count), to: &out)
        out.append(contentsOf: last)
        append(UInt64(lastCount), to: &out)
        append(UInt64(table.count), to: &out)
        table.forEach { key, count in
            append(key, to: &out)
            append(UInt64(count), to: &out)
        }
        return out
    }

    /// Takes the state at the front of `bytes` and moves `at` after it. False where there is none.
    mutating func restore(_ bytes: [UInt8], _ at: inout Int) -> Bool {
        func number() -> UInt64? {
            guard at + 8 <= bytes.count else { return nil }
            defer { at += 8 }
            return (0..<8).reduce(0) { $0 | UInt64(bytes[at + $1]) << UInt64($1 * 8) }
        }
        guard at + 2 <= bytes.count else { return false }
        var restored = RepeatCounter(limit: limit)
        restored.isAscending = bytes[at] == 1
        restored.isDropped = bytes[at + 1] == 1
        at += 2
        guard let length = number(), length <= UInt64(bytes.count - at) else { return false }
        restored.last = Array(bytes[at..<at + Int(length)])
        at += Int(length)
        guard let count = number(), count <= UInt64(UInt32.max), let entries = number() else {
            return false
        }
        restored.lastCount = UInt32(count)
        guard entries <= UInt64((bytes.count - at) / 16) else { return false }
        for _ in 0..<entries {
            guard let key = number(), let count = number(), count <= UInt64(UInt32.max) else {
                return false
            }
            restored.table[max(1, key)] = UInt32(count)
        }
        self = restored
        return true
    }

    private func append(_ value: UInt64, to out: inout [UInt8]) {
        for shift in stride(from: UInt64(0), to: 64, by: 8) {
            out.append(UInt8(truncatingIfNeeded: value >> shift))
        }
    }
}

/// Counts by digest, open addressing. In 64 parts that grow one by one, so that growing never holds a
/// second copy of everything.
private struct CountTable: Sendable {
    private struct Part: Sendable {
        var keys: [UInt64] = []
        var counts: [UInt32] = []
        var used = 0
    }
    private var parts = [Part](repeating: Part(), count: 64)
    private(set) var count = 0

    /// The count of a digest; 0 where it is not there.
    subscript(key: UInt64) -> UInt32 {
        get {
            let part = Int(key & 63)
            guard !parts[part].keys.isEmpty else { return 0 }
            let slot = slot(of: key, in: part)
            return parts[part].keys[slot] == key ? parts[part].counts[slot] : 0
        }
        set {
            let part = Int(key & 63)
            if (parts[part].used + 1) * 6 > parts[part].keys.count * 5 { grow(part) }
            let slot = slot(of: key, in: part)
            if parts[part].keys[slot] == 0 {
                parts[part].keys[slot] = key
                parts[part].used += 1
                count += 1
            }
            parts[part].counts[slot] = newValue
        }
    }

    func forEach(_ body: (UInt64, UInt32) -> Void) {
        for part in parts {
            for (key, count) in zip(part.keys, part.counts) where key != 0 { body(key, count) }
        }
    }

    /// Its place, or the free one where it would go.
    private func slot(of key: UInt64, in part: Int) -> Int {
        let capacity = parts[part].keys.count
        var slot = Int(((key >> 32) * UInt64(capacity)) >> 32)
        while parts[part].keys[slot] != 0, parts[part].keys[slot] != key {
            slot += 1
            if slot == capacity { slot = 0 }
        }
        return slot
    }

    private mutating func grow(_ part: Int) {
        let old = parts[part]
        let capacity = max(16, old.keys.count * 3 / 2)
        parts[part].keys = [UInt64](repeating: 0, count: capacity)
        parts[part].counts = [UInt32](repeating: 0, count: capacity)
        for (key, count) in zip(old.keys, old.counts) where key != 0 {
            let slot = slot(of: key, in: part)
            parts[part].keys[slot] = key
            parts[part].counts[slot] = count
        }
    }
}
