/// One go at one JSON text: checks it and writes its nodes.
///
/// There is no stack: an open container keeps the one around it in `next` until it is closed.
struct JSONParser {
    let bytes: Bytes
    let end: Int
    var at: Int
    let nodes: NodeRoom
    let depthLimit: Int
    private var count = 0

    init(bytes: Bytes, end: Int, at: Int, nodes: NodeRoom, depthLimit: Int) {
        self.bytes = bytes
        self.end = end
        self.at = at
        self.nodes = nodes
        self.depthLimit = depthLimit
    }

    /// How many nodes the text has; nil if there is no room for them.
    mutating func parse() throws(JSONError) -> Int? {
        var container = -1
        var isObject = false
        var depth = 0
        skipSpace()
        guard at < end else { throw JSONError(.empty, at: at) }
        while true {
            // A value begins here; in an object, its name.
            guard count + 2 <= nodes.capacity else { return nil }
            if isObject {
                guard at < end else { throw JSONError(.unexpectedEnd, at: at) }
                guard bytes[at] == UInt8(ascii: "\"") else {
                    throw JSONError(.unexpectedByte, at: at)
                }
                try string(isName: true)
                skipSpace()
                guard at < end else { throw JSONError(.unexpectedEnd, at: at) }
                guard bytes[at] == UInt8(ascii: ":") else {
                    throw JSONError(.unexpectedByte, at: at)
                }
                at += 1
                skipSpace()
            }
            guard at < end else { throw JSONError(.unexpectedEnd, at: at) }
            if container >= 0 { nodes[container].extra += 1 }
            let byte = bytes[at]
            switch byte {
            case UInt8(ascii: "\""):
                try string(isName: false)
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                guard depth < depthLimit else { throw JSONError(.tooDeep, at: at) }
                isObject = byte == UInt8(ascii: "{")
                nodes[count] = JSONTape.Node(
                    start: Int32(truncatingIfNeeded: at), next: Int32(truncatingIfNeeded: container),
                    kind: isObject ? .object : .array)
                container = count
                count += 1
                depth += 1
                at += 1
                skipSpace()
                guard at < end else { throw JSONError(.unexpectedEnd, at: at) }
                // Closed at once, or there is a first child.
                guard bytes[at] == byte + 2 else { continue }
            case UInt8(ascii: "-"), 0x30...0x39:
                try number()
            case UInt8(ascii: "t"): try literal("true", .true)
            case UInt8(ascii: "f"): try literal("false", .false)
            case UInt8(ascii: "n"): try literal("null", .null)
            default:
                throw JSONError(.unexpectedByte, at: at)
            }
            // A value has ended, or the container just opened is about to.
            while true {
                skipSpace()
                if container < 0 {
                    guard at == end else { throw JSONError(.textAfterValue, at: at) }
                    return count
                }
                guard at < end else { throw JSONError(.unexpectedEnd, at: at) }
                let byte = bytes[at]
                if byte == UInt8(ascii: ",") {
                    at += 1
                    skipSpace()
                    break
                }
                guard byte == (isObject ? UInt8(ascii: "}") : UInt8(ascii: "]")) else {
                    throw JSONError(.unexpectedByte, at: at)
                }
                at += 1
                let outer = Int(nodes[container].next)
                nodes[container].end = Int32(truncatingIfNeeded: at)
                nodes[container].next = Int32(truncatingIfNeeded: count)
                if isObject, nodes[container].extra > 1 { try checkNames(of: container) }
                container = outer
                isObject = outer >= 0 && nodes[outer].kind == .object
                depth -= 1
            }
        }
    }

    @inline(__always)
    private mutating func skipSpace() {
        while at < end {
            let byte = bytes[at]
            guard byte <= 0x20, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 else {
                return
            }
            at += 1
        }
    }

    @inline(__always)
    private mutating func append(_ kind: JSONTape.Kind, from start: Int, to end: Int) {
        nodes[count] = JSONTape.Node(
            start: Int32(truncatingIfNeeded: start), end: Int32(truncatingIfNeeded: end),
            next: Int32(truncatingIfNeeded: count + 1), kind: kind)
        count += 1
    }

    /// At an opening quote.
    @inline(__always)
    private mutating func string(isName: Bool) throws(JSONError) {
        let start = at + 1
        at = start
        var nonASCII: UInt64 = 0
        var hasEscapes = false
        scan: while true {
            while at + 8 <= end {
                let word = bytes.word(at: at)
                let hits =
                    Swar.lowestEqual(word, to: Swar.repeated(UInt8(ascii: "\"")))
                    | Swar.lowestEqual(word, to: Swar.repeated(UInt8(ascii: "\\")))
                    | Swar.lowestLess(word, than: 0x20)
                if hits != 0 {
                    // Bytes before the hit count; those after it do so for nothing.
                    nonASCII |= word & ((hits & (0 &- hits)) &- 1)
                    at += hits.trailingZeroBitCount >> 3
                    break
                }
                nonASCII |= word
                at += 8
            }
            guard at < end else { throw JSONError(.unexpectedEnd, at: start - 1) }
            let byte = bytes[at]
            switch byte {
            case UInt8(ascii: "\""):
                break scan
            case UInt8(ascii: "\\"):
                hasEscapes = true
                try escape()
            case 0..<0x20:
                throw JSONError(.controlCharacter, at: at)
            default:
                // Only within the last eight bytes.
                nonASCII |= UInt64(byte)
                at += 1
            }
        }
        if nonASCII & Swar.highBits != 0, let place = bytes.firstInvalidUTF8(in: start..<at) {
            throw JSONError(.invalidUTF8, at: place)
        }
        append(.string, from: start, to: at)
        if hasEscapes { nodes[count - 1].hasEscapes = true }
        if isName { nodes[count - 1].extra = hash(of: start..<at, hasEscapes: hasEscapes) }
        at += 1
    }

    /// At a backslash.
    private mutating func escape() throws(JSONError) {
        let start = at
        guard at + 1 < end else { throw JSONError(.unexpectedEnd, at: start) }
        switch bytes[at + 1] {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"),
            UInt8(ascii: "f"), UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
            at += 2
        case UInt8(ascii: "u"):
            let unit = try unit(at: start)
            at += 6
            if unit & 0xFC00 == 0xDC00 { throw JSONError(.loneSurrogate, at: start) }
            guard unit & 0xFC00 == 0xD800 else { return }
            guard at + 1 < end, bytes[at] == UInt8(ascii: "\\"), bytes[at + 1] == UInt8(ascii: "u"),
                try self.unit(at: at) & 0xFC00 == 0xDC00
            else { throw JSONError(.loneSurrogate, at: start) }
            at += 6
        default:
            throw JSONError(.badEscape, at: start)
        }
    }

    private func unit(at index: Int) throws(JSONError) -> UInt32 {
        guard index + 6 <= end else { throw JSONError(.badEscape, at: index) }
        for digit in 2..<6 where JSONText.hexadecimal(bytes[index + digit]) == nil {
            throw JSONError(.badEscape, at: index)
        }
        return JSONText.unit(bytes, at: index + 2)
    }

    @inline(__always)
    private mutating func number() throws(JSONError) {
        let start = at
        if bytes[at] == UInt8(ascii: "-") { at += 1 }
        let whole = at
        try digits(from: start)
        if bytes[whole] == UInt8(ascii: "0"), at > whole + 1 { throw JSONError(.badNumber, at: start) }
        if at < end, bytes[at] == UInt8(ascii: ".") {
            at += 1
            try digits(from: start)
        }
        if at < end, bytes[at] | 0x20 == UInt8(ascii: "e") {
            at += 1
            if at < end, bytes[at] == UInt8(ascii: "+") || bytes[at] == UInt8(ascii: "-") { at += 1 }
            try digits(from: start)
        }
        append(.number, from: start, to: at)
    }

    /// At least one.
    @inline(__always)
    private mutating func digits(from start: Int) throws(JSONError) {
        let first = at
        while at < end, bytes[at] &- 0x30 < 10 { at += 1 }
        guard at > first else { throw JSONError(.badNumber, at: start) }
    }

    @inline(__always)
    private mutating func literal(_ text: StaticString, _ kind: JSONTape.Kind) throws(JSONError) {
        let length = text.utf8CodeUnitCount
        guard at + length <= end else { throw JSONError(.badLiteral, at: at) }
        for index in 0..<length where unsafe bytes[at + index] != text.utf8Start[index] {
            throw JSONError(.badLiteral, at: at)
        }
        append(kind, from: at, to: at + length)
        at += length
    }

    /// Equal for names that mean the same, however they are escaped.
    @inline(__always)
    private func hash(of range: Range<Int>, hasEscapes: Bool) -> UInt32 {
        if hasEscapes {
            var unescaped: [UInt8] = []
            JSONText.unescape(bytes, in: range, to: &unescaped)
            return unescaped.withBytes { JSONParser.hash($0, in: 0..<unescaped.count) }
        }
        return JSONParser.hash(bytes, in: range)
    }

    @inline(__always)
    private static func hash(_ bytes: Bytes, in range: Range<Int>) -> UInt32 {
        var result = UInt64(truncatingIfNeeded: range.count) &* 0x9E37_79B9_7F4A_7C15
        var at = range.lowerBound
        while at + 8 <= range.upperBound {
            result = (result ^ bytes.word(at: at)) &* 0xFF51_AFD7_ED55_8CCD
            result ^= result >> 32
            at += 8
        }
        var rest: UInt64 = 0
        while at < range.upperBound {
            rest = rest << 8 | UInt64(bytes[at])
            at += 1
        }
        result = (result ^ rest) &* 0xFF51_AFD7_ED55_8CCD
        return UInt32(truncatingIfNeeded: result ^ result >> 32)
    }

    /// - Throws: ``JSONError`` if two names of a closed object mean the same.
    private func checkNames(of object: Int) throws(JSONError) {
        let end = Int(nodes[object].next)
        // Most objects are small and have no two names that share a bit here.
        var low: UInt64 = 0
        var high: UInt64 = 0
        var mayRepeat = false
        var name = object + 1
        while name < end {
            let hash = nodes[name].extra
            let bit = UInt64(1) << UInt64(hash & 63)
            if hash & 64 == 0 {
                mayRepeat = mayRepeat || low & bit != 0
                low |= bit
            } else {
                mayRepeat = mayRepeat || high & bit != 0
                high |= bit
            }
            name = Int(nodes[name + 1].next)
        }
        guard mayRepeat else { return }

        let repeated = unsafe withUnsafeTemporaryAllocation(
            of: UInt64.self, capacity: Int(nodes[object].extra)
        ) { (hashes) -> Int? in
            var filled = 0
            var name = object + 1
            while name < end {
                let key = UInt64(nodes[name].extra) << 32 | UInt64(name)
                unsafe (hashes.baseAddress.unsafelyUnwrapped + filled).initialize(to: key)
                filled += 1
                name = Int(nodes[name + 1].next)
            }
            var sorted = unsafe hashes
            unsafe sorted.sort()
            var first: Int?
            var index = 1
            while index < filled {
                // Those of one hash stand together; nearly always they are equal indeed.
                var other = index - 1
                while other >= 0, unsafe hashes[other] >> 32 == hashes[index] >> 32 {
                    let later = unsafe Int(truncatingIfNeeded: hashes[index] & 0xFFFF_FFFF)
                    let earlier = unsafe Int(truncatingIfNeeded: hashes[other] & 0xFFFF_FFFF)
                    if isSameName(later, earlier) {
                        first = min(first ?? later, later)
                        break
                    }
                    other -= 1
                }
                index += 1
            }
            return first
        }
        if let repeated { throw JSONError(.duplicateName, at: Int(nodes[repeated].start) - 1) }
    }

    private func isSameName(_ a: Int, _ b: Int) -> Bool {
        func meaning(_ node: JSONTape.Node) -> [UInt8] {
            var result: [UInt8] = []
            JSONText.unescape(bytes, in: Int(node.start)..<Int(node.end), to: &result)
            return result
        }
        return meaning(nodes[a]) == meaning(nodes[b])
    }
}
