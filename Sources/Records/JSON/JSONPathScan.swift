/// Looks for an array within one large JSON object, by the names of the members that lead to it, without
/// reading the whole.
struct JSONPathScan {
    enum Found: Equatable {
        /// Its opening bracket, and how many brackets around it are open.
        case array(Int, depth: Int)
        /// The end of the path is something else.
        case noArray
        /// There is no such member, or no object to begin with.
        case absent
        case needsMore
    }

    private let path: [[UInt8]]

    init(_ path: [String]) { self.path = path.map { Array($0.utf8) } }

    func find(in bytes: Bytes, _ range: Range<Int>) -> Found {
        var at = range.lowerBound
        // Of the objects that are open, how many follow the path; those within others do not count.
        var followed = 0
        var depth = 0
        var isKey = false
        func skipSpace() { while at < range.upperBound, bytes.isSpace(at) { at += 1 } }
        /// The text of a string, escapes as they are.
        func string() -> Range<Int>? {
            let start = at + 1
            at = start
            while at < range.upperBound {
                if bytes[at] == UInt8(ascii: "\\") {
                    at += 2
                    continue
                }
                if bytes[at] == UInt8(ascii: "\"") {
                    at += 1
                    return start..<at - 1
                }
                at += 1
            }
            return nil
        }
        skipSpace()
        guard at < range.upperBound else { return .needsMore }
        guard bytes[at] == UInt8(ascii: "{") else { return .absent }
        while at < range.upperBound {
            switch bytes[at] {
            case UInt8(ascii: "{"):
                depth += 1
                isKey = depth == followed + 1
                at += 1
            case UInt8(ascii: "["):
                depth += 1
                at += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                depth -= 1
                // Out of the object that the path leads through.
                if depth <= followed { return .absent }
                at += 1
            case UInt8(ascii: ","):
                isKey = depth == followed + 1
                at += 1
            case UInt8(ascii: "\"") where isKey:
                guard let name = string() else { return .needsMore }
                isKey = false
                guard name.count == path[followed].count,
                    zip(name, path[followed]).allSatisfy({ bytes[$0] == $1 })
                else { continue }
                skipSpace()
                guard at < range.upperBound else { return .needsMore }
                guard bytes[at] == UInt8(ascii: ":") else { return .absent }
                at += 1
                skipSpace()
                guard at < range.upperBound else { return .needsMore }
                followed += 1
                if followed == path.count {
                    return bytes[at] == UInt8(ascii: "[") ? .array(at, depth: depth) : .noArray
                }
                guard bytes[at] == UInt8(ascii: "{") else { return .noArray }
            case UInt8(ascii: "\""):
                guard string() != nil else { return .needsMore }
            default: at += 1
            }
        }
        return .needsMore
    }
}
