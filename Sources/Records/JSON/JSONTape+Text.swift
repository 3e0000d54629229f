// What the strings of a tape mean.
extension JSONTape {
    /// A string unescaped; any other value as it is written.
    package func text(of node: Int, in bytes: [UInt8]) -> String {
        if kind(of: node) == .string, hasEscapes(node) {
            var result: [UInt8] = []
            appendText(of: node, in: bytes, to: &result)
            return String(decoding: result, as: UTF8.self)
        }
        return String(decoding: bytes[range(of: node)], as: UTF8.self)
    }

    /// Appends what `text(of:in:)` gives, as UTF-8.
    package func appendText(of node: Int, in bytes: [UInt8], to result: inout [UInt8]) {
        let range = range(of: node)
        if kind(of: node) == .string, hasEscapes(node) {
            bytes.withBytes { JSONText.unescape($0, in: range, to: &result) }
        } else {
            result.append(contentsOf: bytes[range])
        }
    }

    /// Whether a string, unescaped, is `text`.
    package func isEqual(_ node: Int, to text: StaticString, in bytes: [UInt8]) -> Bool {
        precondition(text.hasPointerRepresentation)
        guard kind(of: node) == .string else { return false }
        return unsafe isEqual(
            node,
            to: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount), in: bytes)
    }

    package func isEqual(_ node: Int, to text: String, in bytes: [UInt8]) -> Bool {
        guard kind(of: node) == .string else { return false }
        if !hasEscapes(node) { return bytes[range(of: node)].elementsEqual(text.utf8) }
        return self.text(of: node, in: bytes).utf8.elementsEqual(text.utf8)
    }

    private func isEqual(
        _ node: Int, to text: UnsafeBufferPointer<UInt8>, in bytes: [UInt8]
    ) -> Bool {
        let range = range(of: node)
        if hasEscapes(node) {
            // An escape is never shorter than what it stands for.
            guard range.count >= text.count else { return false }
            var unescaped: [UInt8] = []
            appendText(of: node, in: bytes, to: &unescaped)
            return unsafe unescaped.elementsEqual(text)
        }
        guard range.count == text.count else { return false }
        var index = 0
        while index < text.count {
            if unsafe bytes[range.lowerBound + index] != text[index] { return false }
            index += 1
        }
        return true
    }
}

/// The inside of JSON strings.
enum JSONText {
    /// Appends what the valid string content `bytes[range]` means.
    static func unescape(_ bytes: Bytes, in range: Range<Int>, to result: inout [UInt8]) {
        var at = range.lowerBound
        while at < range.upperBound {
            let escape = bytes.first(UInt8(ascii: "\\"), in: at..<range.upperBound) ?? range.upperBound
            unsafe result.append(contentsOf: bytes.slice(at..<escape))
            guard escape < range.upperBound else { return }
            at = escape + 2
            switch bytes[escape + 1] {
            case UInt8(ascii: "b"): result.append(0x08)
            case UInt8(ascii: "f"): result.append(0x0C)
            case UInt8(ascii: "n"): result.append(0x0A)
            case UInt8(ascii: "r"): result.append(0x0D)
            case UInt8(ascii: "t"): result.append(0x09)
            case UInt8(ascii: "u"):
                var scalar = unit(bytes, at: at)
                at += 4
                if scalar & 0xFC00 == 0xD800 {
                    scalar = 0x10000 + (scalar & 0x3FF) << 10 + unit(bytes, at: at + 2) & 0x3FF
                    at += 6
                }
                append(scalar, to: &result)
            case let byte: result.append(byte)
            }
        }
    }

    /// Four hexadecimal digits that were checked before.
    static func unit(_ bytes: Bytes, at index: Int) -> UInt32 {
        var result: UInt32 = 0
        for digit in 0..<4 { result = result << 4 | UInt32(hexadecimal(bytes[index + digit]) ?? 0) }
        return result
    }

    @inline(__always)
    static func hexadecimal(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 0x30...0x39: byte - 0x30
        case 0x41...0x46: byte - 0x41 + 10
        case 0x61...0x66: byte - 0x61 + 10
        default: nil
        }
    }

    /// Appends a scalar value as UTF-8.
    static func append(_ scalar: UInt32, to result: inout [UInt8]) {
        switch scalar {
        case 0..<0x80: result.append(UInt8(scalar))
        case 0x80..<0x800:
            result.append(UInt8(0xC0 | scalar >> 6))
            result.append(UInt8(0x80 | scalar & 0x3F))
        case 0x800..<0x10000:
            result.append(UInt8(0xE0 | scalar >> 12))
            result.append(UInt8(0x80 | scalar >> 6 & 0x3F))
            result.append(UInt8(0x80 | scalar & 0x3F))
        default:
            result.append(UInt8(0xF0 | scalar >> 18 & 7))
            result.append(UInt8(0x80 | scalar >> 12 & 0x3F))
            result.append(UInt8(0x80 | scalar >> 6 & 0x3F))
            result.append(UInt8(0x80 | scalar & 0x3F))
        }
    }
}
