/// Integers in as few bytes as they need, seven bits a byte, the lowest first.
enum LEB128 {
    static func append(_ value: Int, to bytes: inout [UInt8]) {
        var rest = UInt64(bitPattern: Int64(value))
        while rest > 0x7F {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }

    /// Zigzag first, so that small negative numbers are short, too.
    static func append(signed value: Int64, to bytes: inout [UInt8]) {
        append(Int(truncatingIfNeeded: (value << 1) ^ (value >> 63)), to: &bytes)
    }

    /// The integer at `at`, which moves behind it. Nil where the bytes end before it does, or where it has more
    /// than 64 bits.
    static func read<Bytes: RandomAccessCollection>(_ bytes: Bytes, _ at: inout Int) -> UInt64?
    where Bytes.Element == UInt8, Bytes.Index == Int {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while at < bytes.endIndex, shift < 64 {
            let byte = bytes[at]
            at += 1
            value |= UInt64(byte & 0x7F) << shift
            if byte & 0x80 == 0 { return value }
            shift += 7
        }
        return nil
    }

    static func signed(_ bytes: [UInt8], _ at: inout Int) -> Int64? {
        guard let value = read(bytes, &at) else { return nil }
        return Int64(bitPattern: value >> 1) ^ -Int64(bitPattern: value & 1)
    }

    /// A count or a length that fits in what is there.
    static func count(_ bytes: [UInt8], _ at: inout Int, most: Int) -> Int? {
        guard let value = read(bytes, &at), value <= UInt64(max(0, most)) else { return nil }
        return Int(value)
    }
}
