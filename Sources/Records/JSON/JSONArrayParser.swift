import Model

/// Finds the elements of one large array in a window.
///
/// An element reaches to the comma or bracket that ends it by structure alone; only then is it checked. So
/// one that is not JSON costs no other. A string ends with its line, since no line may end within one.
/// The opening bracket is the header; commas, white space and the closing bracket count as blank.
struct JSONArrayParser {
    let rowLimit: Int
    var sink: RowSink
    var tape: JSONTape
    var state: JSONArrayState
    /// Rows are only counted.
    let isSkimming: Bool

    mutating func parse() -> ScanStop {
        while !sink.isFull {
            let bytes = sink.bytes
            if state.scan.scanned == 0 {
                var at = sink.at
                while at < sink.filled, bytes.isSpace(at) { at += 1 }
                blank(upTo: at)
                guard at < sink.filled else {
                    guard sink.isAtEnd else { return .needsMore }
                    if state.place != .closed {
                        missing(
                            state.place == .around
                                ? "the object around the array is never closed: the file is cut off"
                                : "the array is never closed: the file is cut off")
                    }
                    state.place = .closed
                    return .end
                }
                switch (bytes[at], state.place) {
                case (_, .closed):
                    let place = sink.place(of: at, lineEnds: 0)
                    return .skip(
                        notBefore: .max,
                        Refusal(.unreadable, message: "there is text after the end of the array"),
                        place)
                case (UInt8(ascii: ","), .behindElement):
                    blank(upTo: at + 1)
                    state.place = .behindComma
                    continue
                case (_, .around):
                    passAround(from: at)
                    if sink.at < sink.filled, state.place == .around { return .needsMore }
                    continue
                case (UInt8(ascii: "]"), .behindElement), (UInt8(ascii: "]"), .behindBracket):
                    blank(upTo: at + 1)
                    state.place = state.depth > 0 ? .around : .closed
                    continue
                case (UInt8(ascii: ","), _), (UInt8(ascii: "]"), _):
                    missing("there is no element before this comma or bracket")
                    state.place = .behindElement
                    continue
                default: break
                }
            }
            // An element, of which some may have been looked at before.
            let start = sink.at
            let last = min(sink.filled, start + rowLimit + 1)
            let end = state.scan.end(in: bytes, from: start, upTo: last)
            if end == nil, last == start + rowLimit + 1 {
                return .skip(
                    notBefore: start,
                    Refusal(
                        .unreadable,
                        message: "the element is longer than the limit of \(rowLimit) bytes"),
                    sink.place(of: start, lineEnds: 0))
            }
            if end == nil, !sink.isAtEnd { return .needsMore }
            state.scan = ElementScan()
            state.place = end == nil ? .closed : .behindElement
            let value = bytes.trimmed(start..<(end ?? sink.filled))
            let (problem, place) = isSkimming ? (nil, nil) : sink.check(value, with: &tape)
            sink.row(
                upTo: value.upperBound, fields: 0..<0,
                value: value.lowerBound + sink.shift..<value.upperBound + sink.shift,
                lineEnds: bytes.lineFeeds(in: value),
                problem: end != nil
                    ? problem
                    : Refusal(
                        .unreadable, message: "this element is never closed: the file is cut off"),
                place: place)
            if end == nil { sink.endsInsideLine = true }
        }
        return .full
    }

    /// Passes over what the object that holds the array has after it, up to the bracket that closes it.
    private mutating func passAround(from start: Int) {
        let bytes = sink.bytes
        var at = start
        while at < sink.filled, state.depth > 0 {
            let byte = bytes[at]
            if state.isInString {
                if byte == UInt8(ascii: "\\") {
                    // What it escapes comes with it.
                    guard at + 1 < sink.filled || sink.isAtEnd else { break }
                    at += 1
                } else if byte == UInt8(ascii: "\"") {
                    state.isInString = false
                }
            } else {
                switch byte {
                case UInt8(ascii: "\""): state.isInString = true
                case UInt8(ascii: "{"), UInt8(ascii: "["): state.depth += 1
                case UInt8(ascii: "}"), UInt8(ascii: "]"): state.depth -= 1
                default: break
                }
            }
            at += 1
        }
        blank(upTo: min(at, sink.filled))
        if state.depth == 0 { state.place = .closed }
    }

    private mutating func blank(upTo end: Int) {
        guard end > sink.at else { return }
        sink.blank(upTo: end, lineEnds: sink.bytes.lineFeeds(in: sink.at..<end))
    }

    /// A row without bytes: something should stand here.
    private mutating func missing(_ message: String) {
        sink.row(
            upTo: sink.at, fields: 0..<0, value: 0..<0, lineEnds: 0,
            problem: Refusal(.unreadable, message: message), place: sink.place(of: sink.at, lineEnds: 0)
        )
    }
}

/// Where the reading of an array is between two goes.
struct JSONArrayState: Sendable {
    /// `around`: behind the array, in the object that holds it.
    enum Place: Sendable { case behindBracket, behindComma, behindElement, around, closed }
    var place = Place.behindBracket
    /// How many brackets around the array are open.
    var depth = 0
    /// Behind the array, within a string.
    var isInString = false
    var scan = ElementScan()
}

/// How far an element has been looked at, by structure alone.
struct ElementScan: Sendable {
    /// Bytes from the start of the element.
    private(set) var scanned = 0
    private var depth = 0
    private var isInString = false
    private var isEscaped = false

    /// The index of the comma or bracket that ends the element which begins at `start`; nil if it is not
    /// before `last`. What was looked at before is not looked at again.
    mutating func end(in bytes: Bytes, from start: Int, upTo last: Int) -> Int? {
        var at = start + scanned
        defer { scanned = at - start }
        while at < last {
            if isInString {
                if !isEscaped, at + 8 <= last {
                    let word = bytes.word(at: at)
                    let hits =
                        Swar.lowestEqual(word, to: Swar.repeated(UInt8(ascii: "\"")))
                        | Swar.lowestEqual(word, to: Swar.repeated(UInt8(ascii: "\\")))
                        | Swar.lowestEqual(word, to: Swar.repeated(0x0A))
                    if hits == 0 {
                        at += 8
                        continue
                    }
                    at += hits.trailingZeroBitCount >> 3
                }
                let byte = bytes[at]
                if isEscaped {
                    isEscaped = false
                } else if byte == UInt8(ascii: "\\") {
                    isEscaped = true
                } else if byte == UInt8(ascii: "\"") {
                    isInString = false
                }
                if byte == 0x0A {
                    isInString = false
                    isEscaped = false
                }
                at += 1
                continue
            }
            switch bytes[at] {
            case UInt8(ascii: "\""): isInString = true
            case UInt8(ascii: "["), UInt8(ascii: "{"): depth += 1
            case UInt8(ascii: "]") where depth == 0, UInt8(ascii: ",") where depth == 0: return at
            case UInt8(ascii: "]"), UInt8(ascii: "}"): depth = max(0, depth - 1)
            default: break
            }
            at += 1
        }
        return nil
    }

    /// This many bytes from the start of the element are gone.
    mutating func forget(_ count: Int) { scanned -= count }
}
