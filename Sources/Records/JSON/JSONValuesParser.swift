import Model

/// Finds JSON values that follow each other in a window: pretty-printed, on one line, or a text sequence (RFC 7464).
///
/// An object or array reaches to the bracket that closes it, anything else to the next white space. What is
/// between values counts as blank.
struct JSONValuesParser {
    let rowLimit: Int
    var sink: RowSink
    var tape: JSONTape

    mutating func parse() -> ScanStop {
        while !sink.isFull {
            let bytes = sink.bytes
            var at = sink.at
            while at < sink.filled, isBetween(at) { at += 1 }
            if at > sink.at {
                sink.blank(upTo: at, lineEnds: bytes.lineFeeds(in: sink.at..<at))
            }
            guard at < sink.filled else { return sink.isAtEnd ? .end : .needsMore }
            if bytes[at] == 0xEF {
                guard sink.filled - at >= 3 || sink.isAtEnd else { return .needsMore }
                if sink.filled - at >= 3, bytes[at + 1] == 0xBB, bytes[at + 2] == 0xBF {
                    sink.mark(upTo: at + 3)
                    continue
                }
            }
            let last = min(sink.filled, at + rowLimit + 1)
            let end = end(of: at, upTo: last)
            if end == nil, last == at + rowLimit + 1 {
                return .skip(
                    notBefore: at + rowLimit,
                    Refusal(
                        .unreadable, message: "the value is longer than the limit of \(rowLimit) bytes"),
                    sink.place(of: at, lineEnds: 0))
            }
            if end == nil, !sink.isAtEnd { return .needsMore }
            let value = at..<(end ?? bytes.trimmed(at..<sink.filled).upperBound)
            let (problem, place) = sink.check(value, with: &tape)
            sink.row(
                upTo: value.upperBound, fields: 0..<0,
                value: value.lowerBound + sink.shift..<value.upperBound + sink.shift,
                lineEnds: bytes.lineFeeds(in: value),
                problem: end != nil || problem == nil
                    ? problem
                    : Refusal(.unreadable, message: "this value is never closed: the file is cut off"),
                place: place)
            if end == nil { sink.endsInsideLine = true }
        }
        return .full
    }

    private func isBetween(_ at: Int) -> Bool { sink.bytes.isSpace(at) || sink.bytes[at] == 0x1E }

    /// The index after the value that begins at `start`; nil if that is not before `last`.
    private func end(of start: Int, upTo last: Int) -> Int? {
        let bytes = sink.bytes
        guard bytes[start] == UInt8(ascii: "{") || bytes[start] == UInt8(ascii: "[") else {
            var at = start
            while at < last, !isBetween(at) { at += 1 }
            return at < last ? at : nil
        }
        var depth = 0
        var isInString = false
        var at = start
        while at < last {
            let byte = bytes[at]
            if isInString {
                if byte == UInt8(ascii: "\\") {
                    at += 1
                } else if byte == UInt8(ascii: "\"") || byte == 0x0A {
                    // No line may end within a string: one that is not closed ends with its line.
                    isInString = false
                }
            } else {
                switch byte {
                case UInt8(ascii: "\""): isInString = true
                case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
                case UInt8(ascii: "}"), UInt8(ascii: "]"):
                    depth -= 1
                    if depth == 0 { return at + 1 }
                default: break
                }
            }
            at += 1
        }
        return nil
    }
}
