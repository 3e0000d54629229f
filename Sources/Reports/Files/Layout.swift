import Ledger
import Model
import Records

/// How the rows of an input are written, as far as its header and one of its records tell.
struct Layout: Equatable {
    /// Two bytes a character, and which of them comes first.
    enum Width: Equatable { case one, littleEndian, bigEndian }

    let isJSON: Bool
    /// What comes before the first record, its line end included.
    let header: [UInt8]
    let width: Width
    let lineEnd: [UInt8]
    /// The header's names; empty for JSON.
    let columns: [String]
    /// What parts the cells, one byte or several.
    let delimiter: [UInt8]

    /// - Parameter sample: The bytes of one record, for what the header does not tell.
    init(_ input: InputRow?, sample: [UInt8]) {
        let isMarked = input?.columns?.first == RecordMark.name
        let stored = isMarked ? Self.unmarked(input?.header ?? []) : input?.header ?? []
        let columns = Array((input?.columns ?? []).dropFirst(isMarked ? 1 : 0))
        self.columns = columns
        isJSON = input.map { $0.columns == nil } ?? (sample.first { $0 > 0x20 } == UInt8(ascii: "{"))
        width =
            stored.starts(with: [0xFF, 0xFE])
            ? .littleEndian : stored.starts(with: [0xFE, 0xFF]) ? .bigEndian : .one
        var header = stored
        if isJSON {
            // Lines of JSON have no header; the bracket that opens an array would be one too many.
            header = width == .one ? [] : Array(stored.prefix(2))
        }
        let text = Self.narrow(stored, width)
        let hasHeader = text.contains { $0 < 0x80 }
        delimiter =
            Self.delimiter(between: columns, in: text)
            ?? [
                Self.delimiter(
                    in: hasHeader ? text : Self.narrow(sample, width), columns: columns.count)
            ]
        if !isJSON, stored.isEmpty, !columns.isEmpty, input?.headerBytes ?? 0 > 3 {
            header = Self.header(columns, delimiter: delimiter)
        }
        let end = Self.lineEnd(of: header, width) ?? Self.lineEnd(of: sample, width)
        lineEnd = end ?? Self.wide([0x0A], width)
        let isMarkOnly = header == [0xEF, 0xBB, 0xBF] || (width != .one && header.count == 2)
        if !header.isEmpty, !isMarkOnly, Self.lineEnd(of: header, width) == nil { header += lineEnd }
        self.header = header
    }

    /// Records of both can be in one file; how their lines end does not matter.
    func agrees(with other: Layout) -> Bool {
        isJSON == other.isJSON && width == other.width && trimmed == other.trimmed
    }

    private var trimmed: ArraySlice<UInt8> {
        var slice = header[...]
        while let last = slice.last, last == 0x0A || last == 0x0D || (width != .one && last == 0) {
            slice.removeLast()
        }
        return slice
    }

    /// A record's bytes as they are to be written: with a line end, and of JSON on one line.
    func lines(_ stored: [UInt8]) -> [UInt8] {
        guard isJSON, width == .one else {
            return Self.lineEnd(of: stored, width) == nil ? stored + lineEnd : stored
        }
        return jsonLines(stored).flatMap { $0 }
    }

    /// The values of a JSON record, one a row, each on a line of its own.
    func jsonLines(_ stored: [UInt8]) -> [[UInt8]] {
        var content = stored[...]
        while let last = content.last, last == 0x0A || last == 0x0D { content.removeLast() }
        let end = stored.count > content.count ? Array(stored[content.count...]) : [0x0A]
        return Self.values(in: content).map { value in
            // An element of an array may go over several lines; a line end in JSON is white space.
            var line = Array(value)
            while let last = line.last, last == 0x0A || last == 0x0D { line.removeLast() }
            for index in line.indices where line[index] == 0x0A || line[index] == 0x0D {
                line[index] = 0x20
            }
            return line + end
        }
    }

    /// Objects and arrays that follow each other; all of it as one where it is anything else.
    private static func values(in text: ArraySlice<UInt8>) -> [ArraySlice<UInt8>] {
        var values: [ArraySlice<UInt8>] = []
        var start = text.startIndex
        var depth = 0
        var isText = false
        var isEscaped = false
        for index in text.indices {
            let byte = text[index]
            if isText {
                if isEscaped {
                    isEscaped = false
                } else if byte == UInt8(ascii: "\\") {
                    isEscaped = true
                } else if byte == UInt8(ascii: "\"") {
                    isText = false
                }
                continue
            }
            switch byte {
            case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                depth -= 1
                guard depth >= 0 else { return [text] }
                if depth == 0 {
                    values.append(text[start...index])
                    start = index + 1
                }
            case UInt8(ascii: "\"") where depth > 0: isText = true
            case 0x20, 0x09, 0x0A, 0x0D: break
            default: if depth == 0 { return [text] }
            }
        }
        return depth == 0 && !isText && !values.isEmpty ? values : [text]
    }

    /// One byte for each of two; what is no ASCII does not matter.
    private static func narrow(_ bytes: [UInt8], _ width: Width) -> [UInt8] {
        if width == .one { return bytes }
        let lead = width == .bigEndian ? 1 : 0
        return stride(from: lead, to: bytes.count, by: 2).map { at in
            (at ^ 1) < bytes.count && bytes[at ^ 1] == 0 ? bytes[at] : 0xFF
        }
    }

    static func wide(_ bytes: [UInt8], _ width: Width) -> [UInt8] {
        switch width {
        case .one: bytes
        case .littleEndian: bytes.flatMap { [$0, 0] }
        case .bigEndian: bytes.flatMap { [0, $0] }
        }
    }

    private static func lineEnd(of bytes: [UInt8], _ width: Width) -> [UInt8]? {
        for end in [[0x0D, 0x0A], [0x0A], [0x0D]] as [[UInt8]] {
            let end = wide(end, width)
            if bytes.count >= end.count, bytes.suffix(end.count).elementsEqual(end) { return end }
        }
        return nil
    }

    /// The header of an input whose own bytes are not kept (it was compressed), by the names read from it.
    static func header(_ columns: [String], delimiter: [UInt8]) -> [UInt8] {
        var header: [UInt8] = []
        for (index, column) in columns.enumerated() {
            if index > 0 { header += delimiter }
            CSVCell.append(
                Array(column.utf8), to: &header, delimiter: delimiter.first ?? UInt8(ascii: ","))
        }
        return header
    }

    /// What stands between the first two names of a header; nil where they are not found as they are.
    private static func delimiter(between columns: [String], in header: [UInt8]) -> [UInt8]? {
        guard columns.count > 1 else { return nil }
        let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
        let text = header.starts(with: mark) ? header.dropFirst(3) : header[...]
        let first = Array(columns[0].utf8)
        let second = Array(columns[1].utf8)
        guard !first.isEmpty, !second.isEmpty, text.starts(with: first) else { return nil }
        let rest = text.dropFirst(first.count)
        var at = rest.startIndex
        while at - rest.startIndex <= 16, at < rest.endIndex, rest[at] != 0x0A, rest[at] != 0x0D {
            if at > rest.startIndex, rest[at...].starts(with: second) {
                let found = Array(rest[..<at])
                let isPlain = found.allSatisfy { ![0x22, 0x27, 0x20, 0xFF].contains($0) }
                return isPlain ? found : nil
            }
            at += 1
        }
        return nil
    }

    /// The one that cuts the record's first line into as many fields as there are columns; else the one
    /// that is there most often.
    private static func delimiter(in sample: [UInt8], columns: Int) -> UInt8 {
        var counts: [UInt8: Int] = [:]
        var isQuoted = false
        for byte in sample {
            if byte == 0x22 { isQuoted.toggle() }
            if isQuoted { continue }
            if byte == 0x0A || byte == 0x0D { break }
            counts[byte, default: 0] += 1
        }
        let choices = [UInt8(ascii: ","), UInt8(ascii: ";"), UInt8(ascii: "\t"), UInt8(ascii: "|")]
        if let exact = choices.first(where: { counts[$0, default: 0] == columns - 1 }) { return exact }
        return choices.max { counts[$0, default: 0] < counts[$1, default: 0] } ?? UInt8(ascii: ",")
    }
}
