import Model
import Records

/// The plain twin of the CSV parser: the whole input at once, byte by byte, UTF-8 only.
struct PlainCSV {
    let bytes: [UInt8]
    let delimiter: UInt8
    let fieldLimit: Int
    var rowLimit: Int { fieldLimit * 16 }

    enum Found: Equatable {
        case blank
        case row([[UInt8]])
        /// Up to the first line end at or after this index.
        case broken(notBefore: Int, reason: String)
    }

    /// The index after the line end at `at`, if there is one.
    func lineEnd(_ at: Int) -> Int? {
        guard at < bytes.count else { return nil }
        if bytes[at] == 10 { return at + 1 }
        if bytes[at] == 13 { return at + 1 < bytes.count && bytes[at + 1] == 10 ? at + 2 : at + 1 }
        return nil
    }

    /// What is at `start`, and the index after it.
    func record(_ start: Int) -> (Found, end: Int) {
        if let end = lineEnd(start) { return (.blank, end) }
        var fields: [[UInt8]] = []
        var at = start
        while true {
            var field: [UInt8] = []
            if at < bytes.count, bytes[at] == 0x22 {
                let open = at
                at += 1
                var isClosed = false
                while at < bytes.count, at - open - 1 <= fieldLimit {
                    if bytes[at] != 0x22 {
                        field.append(bytes[at])
                        at += 1
                    } else if at + 1 < bytes.count, bytes[at + 1] == 0x22 {
                        field.append(0x22)
                        at += 2
                    } else {
                        isClosed = true
                        at += 1
                        break
                    }
                }
                let follows = at == bytes.count || bytes[at] == delimiter || lineEnd(at) != nil
                if !isClosed || !follows {
                    return (
                        .broken(
                            notBefore: open - start > rowLimit ? start + rowLimit : open,
                            reason: isClosed ? "text" : "open"), 0
                    )
                }
            } else {
                while at < bytes.count, bytes[at] != delimiter, lineEnd(at) == nil {
                    field.append(bytes[at])
                    at += 1
                }
            }
            fields.append(field)
            if at < bytes.count, bytes[at] == delimiter {
                at += 1
                continue
            }
            let end = lineEnd(at) ?? at
            if end - start > rowLimit {
                return (.broken(notBefore: start + rowLimit, reason: "long"), 0)
            }
            return (.row(fields), end)
        }
    }

    func lines(_ range: Range<Int>) -> Int {
        var result = 0
        var at = range.lowerBound
        while at < range.upperBound {
            if let end = lineEnd(at) {
                result += 1
                at = end
            } else {
                at += 1
            }
        }
        return result
    }

    /// All rows, where the first is the header.
    func read() -> ReadAll {
        var result = ReadAll()
        var at = 0
        var line = 1
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) {
            at = 3
            result.account.header = 3
        }
        while at < bytes.count {
            var (found, end) = record(at)
            var problem: Refusal?
            var isSpan = false
            if found == .blank, result.columns?.count == 1 { found = .row([[]]) }
            switch found {
            case .blank:
                result.account.blank += end - at
                line += 1
                at = end
                continue
            case .broken(let notBefore, _):
                end = notBefore
                while end < bytes.count, lineEnd(end) == nil { end += 1 }
                end = lineEnd(end) ?? end
                problem = Refusal(.unreadable)
                isSpan = true
            case .row(let fields):
                if !isUTF8(bytes[at..<end]) {
                    problem = Refusal(.encoding)
                } else if end - at > fieldLimit, isTooLong(at, fields) {
                    problem = Refusal(.tooLarge)
                } else if let columns = result.columns, columns.count != fields.count {
                    problem = Refusal(.fieldCount)
                }
                if result.columns == nil {
                    if let problem {
                        result.error = ReadError(
                            problem.reason == .encoding ? .encoding : .header, message: "")
                        return result
                    }
                    result.columns = fields.map { String(decoding: $0, as: UTF8.self) }
                    result.account.header += end - at
                    line += lines(at..<end)
                    at = end
                    continue
                }
            }
            if result.columns == nil {
                result.error = ReadError(.header, message: "")
                return result
            }
            var fields: [[UInt8]] = []
            if case .row(let found) = found { fields = found }
            let lineEnds = lines(at..<end)
            result.rows.append(
                ReadRow(
                    position: Position(
                        file: 0, row: result.rows.count + 1, line: line, offset: at, length: end - at),
                    fields: fields, value: [],
                    stored: Array(bytes[at..<(isSpan ? min(end, at + rowLimit) : end)]),
                    lineEnds: lineEnds, problem: problem))
            if isSpan { result.account.unreadable += end - at } else { result.account.rows += end - at }
            line += lineEnds
            at = end
        }
        result.account.end = bytes.count
        if result.columns == nil { result.columns = [] }
        return result
    }

    /// Whether a field takes more bytes than the limit; of a quoted one, its content as written.
    private func isTooLong(_ start: Int, _ fields: [[UInt8]]) -> Bool {
        var at = start
        for field in fields {
            let isQuoted = at < bytes.count && bytes[at] == 0x22
            if field.count > fieldLimit { return true }
            at += field.count + (isQuoted ? 2 + field.count { $0 == 0x22 } : 0) + 1
        }
        return false
    }

    private func isUTF8(_ slice: ArraySlice<UInt8>) -> Bool {
        String(validating: slice, as: UTF8.self) != nil
    }
}
