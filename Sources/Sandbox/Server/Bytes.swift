import Model

// Replies are built as bytes by hand: they are the sandbox's hot path.
extension [UInt8] {
    mutating func add(_ text: StaticString) {
        unsafe append(
            contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    mutating func add(text: String) { append(contentsOf: text.utf8) }

    /// Some of another array's bytes, without the reference count that a slice of it costs.
    mutating func add(_ bytes: [UInt8], _ range: Range<Int>) {
        unsafe bytes.withUnsafeBufferPointer {
            unsafe append(contentsOf: UnsafeBufferPointer(rebasing: $0[range]))
        }
    }

    mutating func add(_ value: Int64) {
        if value < 0 { append(UInt8(ascii: "-")) }
        var unit: UInt64 = 1
        while value.magnitude / unit >= 10 { unit *= 10 }
        var rest = value.magnitude
        while unit > 0 {
            append(0x30 + UInt8(rest / unit))
            rest %= unit
            unit /= 10
        }
    }

    mutating func add(_ value: Int) { add(Int64(value)) }

    /// A decimal, with at least one decimal place as the API writes doubles: `42.5`, `2.0`.
    mutating func add(micros value: Int64) {
        if value < 0 { append(UInt8(ascii: "-")) }
        let magnitude = value.magnitude
        add(Int64(magnitude / 1_000_000))
        append(UInt8(ascii: "."))
        var rest = magnitude % 1_000_000
        if rest == 0 { return append(0x30) }
        var unit: UInt64 = 100_000
        while rest > 0 {
            append(0x30 + UInt8(rest / unit))
            rest %= unit
            unit /= 10
        }
    }

    /// A JSON string of UTF-8 bytes.
    mutating func add(quoted bytes: some Collection<UInt8>) {
        append(0x22)
        for byte in bytes {
            switch byte {
            case 0x22: add("\\\"")
            case 0x5C: add("\\\\")
            case 0x0A: add("\\n")
            case 0x0D: add("\\r")
            case 0x09: add("\\t")
            case 0..<0x20:
                add("\\u00")
                let digits: [UInt8] = Array("0123456789abcdef".utf8)
                append(digits[Int(byte >> 4)])
                append(digits[Int(byte & 15)])
            default: append(byte)
            }
        }
        append(0x22)
    }

    mutating func add(quoted text: String) { add(quoted: text.utf8) }

    /// An instant as the cluster writes it: `Z` in a UTC zone, an offset in any other.
    mutating func add(instant seconds: Int64, zoneMinutes: Int) {
        add(clock: seconds + Int64(zoneMinutes * 60), separator: UInt8(ascii: "T"))
        if zoneMinutes == 0 { append(UInt8(ascii: "Z")) } else { add(offset: zoneMinutes) }
    }

    /// `+05:30`
    mutating func add(offset minutes: Int) {
        append(minutes < 0 ? UInt8(ascii: "-") : UInt8(ascii: "+"))
        add(two: abs(minutes) / 60)
        append(UInt8(ascii: ":"))
        add(two: abs(minutes) % 60)
    }

    /// `2026-02-03T10:15:00`, of seconds that are already shifted to the zone meant.
    mutating func add(clock seconds: Int64, separator: UInt8) {
        let days = seconds.flooringDivided(by: 86_400)
        let rest = Int(seconds - days * 86_400)
        let day = CivilDay(daysSinceEpoch: Int(days))
        add(two: day.year / 100 % 100)
        add(two: day.year % 100)
        append(UInt8(ascii: "-"))
        add(two: day.month)
        append(UInt8(ascii: "-"))
        add(two: day.day)
        append(separator)
        add(two: rest / 3600)
        append(UInt8(ascii: ":"))
        add(two: rest / 60 % 60)
        append(UInt8(ascii: ":"))
        add(two: rest % 60)
    }

    private mutating func add(two value: Int) {
        append(0x30 + UInt8(value / 10))
        append(0x30 + UInt8(value % 10))
    }

    mutating func add(varint value: UInt64) {
        var rest = value
        while rest > 0x7F {
            append(UInt8(rest & 0x7F) | 0x80)
            rest >>= 7
        }
        append(UInt8(rest))
    }

    mutating func add(signed value: Int64) {
        add(varint: UInt64(bitPattern: value << 1 ^ value >> 63))
    }

    /// The length, then the bytes.
    mutating func add(counted bytes: [UInt8], _ range: Range<Int>) {
        add(varint: UInt64(range.count))
        add(bytes, range)
    }

    mutating func add(counted bytes: [UInt8]) { add(counted: bytes, bytes.indices) }

    /// Reads what ``add(varint:)`` wrote, moving on; nil at the end.
    func varint(at: inout Int) -> UInt64? {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while at < count, shift < 64 {
            let byte = self[at]
            at += 1
            value |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 { return value }
            shift += 7
        }
        return nil
    }

    func signed(at: inout Int) -> Int64? {
        varint(at: &at).map { Int64(bitPattern: $0 >> 1) ^ -Int64(bitPattern: $0 & 1) }
    }

    func counted(at: inout Int) -> Range<Int>? {
        guard let length = varint(at: &at), length <= UInt64(count - at) else { return nil }
        let range = at..<at + Int(length)
        at = range.upperBound
        return range
    }
}

/// A digest that stays the same from process to process: FNV-1a, spread over all bits.
struct Digest {
    private(set) var value: UInt64 = 0xCBF2_9CE4_8422_2325

    mutating func add(_ bytes: [UInt8], _ range: Range<Int>) {
        var hash = value
        for index in range { hash = (hash ^ UInt64(bytes[index])) &* 0x100_0000_01B3 }
        value = (hash ^ 0xFF) &* 0x100_0000_01B3
    }

    mutating func add(_ number: Int64) { value = mixed(value ^ UInt64(bitPattern: number)) }

    var final: UInt64 { mixed(value) }
}
