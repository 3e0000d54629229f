import Model

// CSV that writes cells otherwise than RFC 4180: several bytes between them, another quote, escapes. One byte
// at a time: what most files need stays fast.
extension CSVParser {
    private enum Cell {
        /// The cell is `content`, and what parts or ends begins at `end`.
        case found(content: Range<Int>, end: Int, isChanged: Bool)
        case needsMore
        case broken(String)
    }

    mutating func parseDialect() -> ScanStop {
        let separator = dialect.separator.isEmpty ? [delimiter] : dialect.separator
        rows: while !sink.isFull {
            guard let begin = behindMark(sink.at) else { return .needsMore }
            if begin == sink.filled { return sink.isAtEnd ? .end : .needsMore }
            let marks = (decoded.count, decodedFields.count)
            var count = fieldCount
            var at = begin
            while true {
                guard count + 2 <= room.capacity else {
                    forget(marks)
                    return .needsRoom
                }
                switch cell(at, separator) {
                case .needsMore:
                    forget(marks)
                    return .needsMore
                case .broken(let what):
                    forget(marks)
                    return broken(what, at: at)
                case .found(let content, let end, let isChanged):
                    if isChanged {
                        unescape(content, separator, into: count)
                    } else {
                        room.set(count, content.lowerBound, content.upperBound, Int32(sink.shift))
                    }
                    count += 1
                    at = end
                }
                if parts(at, separator) {
                    at += separator.count
                    continue
                }
                var next = at
                if next < sink.filled {
                    next += 1
                    if sink.bytes[at] == 0x0D {
                        if next == sink.filled, !sink.isAtEnd {
                            forget(marks)
                            return .needsMore
                        }
                        if next < sink.filled, sink.bytes[next] == 0x0A { next += 1 }
                    }
                } else if !sink.isAtEnd {
                    forget(marks)
                    return .needsMore
                }
                let blank = sink.account.blank
                if let stop = endRow(
                    contentEnd: at, next: next, count: &count,
                    lineEnds: sink.bytes.lineEnds(in: begin..<next), mayBeNonASCII: true)
                {
                    forget(marks)
                    return stop
                }
                if next == at { sink.endsInsideLine = sink.account.blank == blank }
                continue rows
            }
        }
        return .full
    }

    /// The cell that begins at `start`.
    private func cell(_ start: Int, _ separator: [UInt8]) -> Cell {
        let bytes = sink.bytes
        var at = start
        if quote != .none {
            // White space before a quote is no part of the cell.
            while at < sink.filled, bytes[at] == 0x20 || bytes[at] == 0x09 && separator != [0x09] {
                at += 1
            }
            if at == sink.filled, !sink.isAtEnd { return tooFar(start) }
            if at < sink.filled, bytes[at] == dialect.mark { return quotedCell(at, separator) }
            at = start
        }
        var isChanged = false
        while at < sink.filled {
            if bytes[at] == dialect.escape {
                guard at + 1 < sink.filled else {
                    if sink.isAtEnd { break }
                    return .needsMore
                }
                isChanged = true
                at += escaped(at)
                continue
            }
            if bytes[at] == 0x0A || bytes[at] == 0x0D || parts(at, separator) {
                return .found(content: start..<at, end: at, isChanged: isChanged)
            }
            if mayPart(at, separator) { return .needsMore }
            at += 1
        }
        guard sink.isAtEnd else { return tooFar(start) }
        return .found(content: start..<sink.filled, end: sink.filled, isChanged: isChanged)
    }

    private func quotedCell(_ open: Int, _ separator: [UInt8]) -> Cell {
        let bytes = sink.bytes
        var isChanged = false
        var at = open + 1
        while at < sink.filled {
            if at - open > fieldLimit + 1 { return .broken("is never closed") }
            if bytes[at] == dialect.escape, dialect.escape != dialect.mark {
                isChanged = true
                guard at + 1 < sink.filled else { break }
                at += escaped(at)
                continue
            }
            guard bytes[at] == dialect.mark else {
                at += 1
                continue
            }
            if at + 1 < sink.filled, bytes[at + 1] == dialect.mark {
                isChanged = true
                at += 2
                continue
            }
            if at + 1 == sink.filled, !sink.isAtEnd { return .needsMore }
            let end = at + 1
            if end == sink.filled || bytes[end] == 0x0A || bytes[end] == 0x0D || parts(end, separator) {
                return .found(content: open + 1..<at, end: end, isChanged: isChanged)
            }
            return mayPart(end, separator) ? .needsMore : .broken("has text after its closing quote")
        }
        return sink.isAtEnd ? .broken("is never closed") : .needsMore
    }

    /// More than the row limit is left to the reader, which knows how to pass over it.
    private func tooFar(_ start: Int) -> Cell { .needsMore }

    /// How many bytes an escape takes with what comes after it.
    private func escaped(_ at: Int) -> Int {
        let isPair =
            sink.bytes[at + 1] == 0x0D && at + 2 < sink.filled && sink.bytes[at + 2] == 0x0A
        return isPair ? 3 : 2
    }

    private func parts(_ at: Int, _ separator: [UInt8]) -> Bool {
        guard at + separator.count <= sink.filled else { return false }
        for index in separator.indices where sink.bytes[at + index] != separator[index] { return false }
        return true
    }

    /// The window ends within what may be a separator.
    private func mayPart(_ at: Int, _ separator: [UInt8]) -> Bool {
        guard !sink.isAtEnd, at + separator.count > sink.filled else { return false }
        for index in at..<sink.filled where sink.bytes[index] != separator[index - at] { return false }
        return true
    }

    /// Writes a cell without what only marks its bytes: escapes, doubled quotes.
    private mutating func unescape(_ content: Range<Int>, _ separator: [UInt8], into field: Int) {
        let bytes = sink.bytes
        let start = decoded.count
        let isBackslash = dialect.escape == UInt8(ascii: "\\")
        var at = content.lowerBound
        while at < content.upperBound {
            let byte = bytes[at]
            guard at + 1 < content.upperBound else {
                decoded.append(byte)
                break
            }
            let next = bytes[at + 1]
            if byte == dialect.escape, byte != dialect.mark {
                switch next {
                // What MySQL and Hive write for null stays, so that `input.null` can name it.
                case UInt8(ascii: "N") where isBackslash: decoded += [byte, next]
                case UInt8(ascii: "n") where isBackslash: decoded.append(0x0A)
                case UInt8(ascii: "r") where isBackslash: decoded.append(0x0D)
                case UInt8(ascii: "t") where isBackslash: decoded.append(0x09)
                default: decoded.append(next)
                }
                at += 2
            } else {
                decoded.append(byte)
                at += byte == dialect.mark && next == dialect.mark && quote != .none ? 2 : 1
            }
        }
        room.set(field, start, decoded.count, 0)
        decodedFields.append(field)
    }
}
