import Model

/// Finds the rows of JSON Lines in a window: lines end with LF, a CR before it is white space.
struct JSONLinesParser {
    let rowLimit: Int
    let rules: Ruleset
    var sink: RowSink
    var tape: JSONTape

    mutating func parse() -> ScanStop {
        let bytes = sink.bytes
        while !sink.isFull {
            let start = sink.at
            if start == sink.filled { return sink.isAtEnd ? .end : .needsMore }
            if rules >= .strict, bytes[start] == 0xEF {
                let isWhole = sink.filled - start >= 3
                guard isWhole || sink.isAtEnd else { return .needsMore }
                if isWhole, bytes[start + 1] == 0xBB, bytes[start + 2] == 0xBF {
                    sink.mark(upTo: start + 3)
                    continue
                }
            }
            // An index after the row limit need not be found.
            let last = min(sink.filled, start + rowLimit + 1)
            let lineFeed = bytes.first(0x0A, in: start..<last)
            if lineFeed == nil, last < sink.filled || last == start + rowLimit + 1 { return tooLong() }
            if lineFeed == nil, !sink.isAtEnd { return .needsMore }
            let end = lineFeed ?? sink.filled
            let next = lineFeed.map { $0 + 1 } ?? end
            let lineEnds = lineFeed == nil ? 0 : 1

            let value = bytes.trimmed(start..<end)
            if value.isEmpty {
                sink.blank(upTo: next, lineEnds: lineEnds)
            } else {
                json(value, upTo: next, lineEnds: lineEnds)
                sink.endsInsideLine = lineFeed == nil
            }
        }
        return .full
    }

    private mutating func json(_ value: Range<Int>, upTo next: Int, lineEnds: Int) {
        let (problem, place) = sink.check(value, with: &tape)
        let shifted = value.lowerBound + sink.shift..<value.upperBound + sink.shift
        sink.row(
            upTo: next, fields: 0..<0, value: shifted, lineEnds: lineEnds, problem: problem,
            place: place)
    }

    func tooLong() -> ScanStop {
        .skip(
            notBefore: sink.at,
            Refusal(.unreadable, message: "the line is longer than the limit of \(rowLimit) bytes"),
            sink.place(of: sink.at, lineEnds: 0))
    }
}

extension RowSink {
    /// What is wrong with the JSON text at `value`, in the row that begins at `at`.
    func check(_ value: Range<Int>, with tape: inout JSONTape) -> (Refusal?, Position?) {
        if transcoder != nil, let bad = encodingProblem(upTo: value.upperBound, mayBe: true) {
            return bad
        }
        do {
            try tape.parse(bytes, in: value)
            return (nil, nil)
        } catch {
            let place = place(of: error.offset, lineEnds: bytes.lineFeeds(in: at..<error.offset))
            if error.code == .invalidUTF8 {
                return (
                    Refusal(.encoding, message: "byte \(place.offset) of the file is not UTF-8"), place
                )
            }
            return (
                Refusal(.unreadable, message: "\(error), at byte \(place.offset) of the file"), place
            )
        }
    }
}

extension Bytes {
    /// The range without the white space of JSON at its ends.
    func trimmed(_ range: Range<Int>) -> Range<Int> {
        var start = range.lowerBound
        var end = range.upperBound
        while start < end, isSpace(start) { start += 1 }
        while start < end, isSpace(end - 1) { end -= 1 }
        return start..<end
    }

    @inline(__always)
    func isSpace(_ index: Int) -> Bool {
        let byte = self[index]
        return byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09
    }
}
