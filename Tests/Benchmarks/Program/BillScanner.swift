/// The answer to a request body: each bill accepted, under an id of its own.
///
/// It looks at no more of the body than an answer needs, and believes the rest: the three members
/// that are echoed, where they are directly in an item. Their text is passed on as it is written,
/// escapes and all.
struct BillScanner {
    private(set) var bills = 0
    private var nextID = 700_000_000

    private static let billNumber = Array("billNumber".utf8)
    private static let identifierValue = Array("identifierValue".utf8)
    private static let type = Array("type".utf8)

    /// Appends the answer's body.
    mutating func answer(_ body: Span<UInt8>, into reply: inout [UInt8]) {
        reply.append(contentsOf: #"{"response":["#.utf8)
        var depth = 0
        var at = 0
        var count = 0
        var isName = false
        var number = 0..<0
        var customer = 0..<0
        var type = 0..<0
        while at < body.count {
            switch body[at] {
            case UInt8(ascii: "{"):
                depth += 1
                isName = true
            case UInt8(ascii: "}"):
                depth -= 1
                if depth == 1 {
                    if count > 0 { reply.append(UInt8(ascii: ",")) }
                    count += 1
                    write(body, number, customer, type, &reply)
                    number = 0..<0
                    customer = 0..<0
                    type = 0..<0
                }
            case UInt8(ascii: "["): depth += 1
            case UInt8(ascii: "]"): depth -= 1
            case UInt8(ascii: ","): isName = true
            case UInt8(ascii: ":"): isName = false
            case UInt8(ascii: "\""):
                let text = string(body, at)
                at = text.upperBound
                if isName, depth == 2 {
                    let known =
                        equal(body, text, Self.billNumber)
                        ? 1
                        : equal(body, text, Self.identifierValue)
                            ? 2 : equal(body, text, Self.type) ? 3 : 0
                    if known > 0 {
                        while at + 1 < body.count, body[at + 1] != UInt8(ascii: "\"") { at += 1 }
                        let value = string(body, at + 1)
                        at = value.upperBound
                        switch known {
                        case 1: number = value
                        case 2: customer = value
                        default: type = value
                        }
                    }
                }
            default: break
            }
            at += 1
        }
        reply.append(contentsOf: #"],"totalCount":"#.utf8)
        append(count, &reply)
        reply.append(contentsOf: #","failureCount":0}"#.utf8)
        bills += count
    }

    private mutating func write(
        _ body: Span<UInt8>, _ number: Range<Int>, _ customer: Range<Int>, _ type: Range<Int>,
        _ reply: inout [UInt8]
    ) {
        nextID += 1
        reply.append(contentsOf: #"{"entityId":"#.utf8)
        append(nextID, &reply)
        reply.append(contentsOf: #","result":{"id":"#.utf8)
        append(nextID, &reply)
        reply.append(contentsOf: #","identifierValue":""#.utf8)
        for at in customer { reply.append(body[at]) }
        reply.append(contentsOf: #"","type":""#.utf8)
        for at in type { reply.append(body[at]) }
        reply.append(contentsOf: #"","billNumber":""#.utf8)
        for at in number { reply.append(body[at]) }
        reply.append(contentsOf: #""},"errors":[],"warnings":[]}"#.utf8)
    }

    /// What is between the quote at `start` and the next that is not escaped; the range ends at it.
    private func string(_ body: Span<UInt8>, _ start: Int) -> Range<Int> {
        let first = min(start + 1, body.count)
        var at = first
        while at < body.count, body[at] != UInt8(ascii: "\"") {
            at += body[at] == UInt8(ascii: "\\") ? 2 : 1
        }
        return first..<max(first, min(at, body.count))
    }

    private func equal(_ body: Span<UInt8>, _ text: Range<Int>, _ name: [UInt8]) -> Bool {
        guard text.count == name.count else { return false }
        for offset in 0..<name.count where body[text.lowerBound + offset] != name[offset] {
            return false
        }
        return true
    }

    private func append(_ number: Int, _ reply: inout [UInt8]) {
        var power = 1
        while number / power >= 10 { power *= 10 }
        while power > 0 {
            reply.append(UInt8(48 + number / power % 10))
            power /= 10
        }
    }
}
