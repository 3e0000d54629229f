import Model

/// What is found out about an input before its first row: encoding, format, delimiter, header.
struct Opening {
    private(set) var window: Window
    private(set) var options: InputOptions
    private(set) var columns: [String]?
    private(set) var columnCount: Int?
    private(set) var notes: [String] = []
    /// Where the first row begins.
    private(set) var next = Resume()
    /// Of what is before it.
    private(set) var account = ByteAccount()
    /// The bytes of the byte order mark and of the header row; of what is between them, none.
    private(set) var header: [UInt8] = []
    /// There is nothing in it but blank lines.
    private(set) var isEmpty = false
    /// Lines above the header that the job says are no rows.
    private(set) var comments = 0
    /// Where the reading of an array begins.
    private(set) var array = JSONArrayState()

    private let name: String
    private let index: Int
    private var isTabNamed = false
    private let isWorksheet: Bool

    /// Detection looks at so much of the input, or at all of it.
    private static let sampleSize = 1 << 16

    init(
        _ source: ByteSource, file: InputFile, index: Int, options: InputOptions
    ) throws(ReadError) {
        precondition(options.fieldLimit >= 1 && options.fieldLimit <= 1 << 26)
        precondition(
            ![0, 0x0A, 0x0D, 0x22].contains(options.delimiter ?? 0x2C) && options.delimiter ?? 0 < 0x80)
        self.options = options
        self.index = index
        name = file.name
        isWorksheet = file.isWorksheet
        window = Window(source: source)
        if isWorksheet { try takeWorksheet() }
        try fill()
        if !isWorksheet { try refuseBinary() }
        try detectEncoding()
        try skipLines()
        try skipBlankSample()
        try detectFormat(file)
        guard !isEmpty else {
            columns = self.options.format == .csv ? [] : nil
            return
        }
        switch self.options.format {
        case .csv, nil:
            if case .names = options.header {} else if !isWorksheet { takeSeparatorLine() }
            detectDelimiter()
            try readHeader()
        case .jsonArray where !options.path.isEmpty: try readPath()
        case .jsonArray: try readBracket()
        case .jsonl, .json: break
        }
    }

    /// How a sheet is written as CSV is known; what a job says of that is for files.
    private mutating func takeWorksheet() throws(ReadError) {
        let isOdd = !options.separator.isEmpty || options.escape != nil || options.quoteMark != 0x22
        if isOdd || options.quote == .none || options.encoding.map({ $0 != .utf8 }) ?? false {
            throw ReadError(
                .format, name: name,
                message:
                    "it is an Excel workbook: `encoding`, `quote`, `escape` and a `delimiter` of several "
                    + "characters are for text files. Leave them out")
        }
        options.format = .csv
        options.encoding = .utf8
        options.quote = .double
        options.delimiter = options.delimiter ?? UInt8(ascii: ",")
    }

    /// Reads as much as detection looks at.
    private mutating func fill() throws(ReadError) {
        while window.pending < Opening.sampleSize, !window.isAtEnd {
            do {
                try window.more()
            } catch {
                // It fails again where it matters, once the rows before that place are given.
                guard window.pending > 0 else { throw error }
                break
            }
        }
    }

    /// What no text begins with is named for what it is, rather than read as rows of nothing.
    private func refuseBinary() throws(ReadError) {
        let head = Array(window.text[..<min(512, window.filled)])
        if let odd = OddContent.binary(head) { throw odd.error(name) }
        let compression = InputOptions.Compression.of(head)
        if compression != .none {
            throw ReadError(
                .format, name: name,
                message:
                    "its content is compressed again or an archive (\(compression.rawValue)): unpack it first"
            )
        }
    }

    /// Passes over the lines that the job says are not of the table. A line `sep=;` above them counts for none.
    private mutating func skipLines() throws(ReadError) {
        guard options.skip > 0 else { return }
        if options.format == nil || options.format == .csv, !isWorksheet { takeSeparatorLine() }
        for done in 0..<options.skip {
            while true {
                let end = window.text.withBytes { bytes -> Int? in
                    var at = window.start
                    while at < window.filled, bytes[at] != 0x0A, bytes[at] != 0x0D { at += 1 }
                    guard at < window.filled else { return window.isAtEnd ? at : nil }
                    guard bytes[at] == 0x0D else { return at + 1 }
                    guard at + 1 < window.filled else { return window.isAtEnd ? at + 1 : nil }
                    return bytes[at + 1] == 0x0A ? at + 2 : at + 1
                }
                if let end {
                    guard end > window.start else {
                        throw ReadError(
                            .header, name: name,
                            message:
                                "it has \(plural(done, "line")), but `input.skip` passes over \(options.skip)"
                        )
                    }
                    header(end - window.start, lines: 1)
                    break
                }
                guard window.pending <= options.rowLimit else {
                    throw ReadError(
                        .header, name: name, message: "line \(done + 1) is longer than the row limit")
                }
                try window.more()
            }
        }
        try fill()
    }

    /// Passes over blank lines at the start, where detection would see nothing else.
    private mutating func skipBlankSample() throws(ReadError) {
        while true {
            let range = window.start..<window.filled
            let (rest, breaks) = window.text.withBytes { bytes in
                var at = range.lowerBound
                while at < range.upperBound, bytes[at] == 0x0A || bytes[at] == 0x0D { at += 1 }
                return (bytes.trimmed(range), at - range.lowerBound)
            }
            guard rest.isEmpty else { return }
            guard !window.isAtEnd else {
                isEmpty = true
                return
            }
            guard breaks == range.count, breaks > 1 else { return }
            if case .names = options.header { return }
            // A CR at the end stays: an LF may follow.
            blank(window.text[window.filled - 1] == 0x0D ? breaks - 1 : breaks)
            try fill()
        }
    }

    /// The next bytes are blank lines.
    private mutating func blank(_ count: Int) {
        let (stored, lineEnds) = window.text.withBytes { bytes in
            (
                window.storedLength(bytes, of: count),
                bytes.lineEnds(in: window.start..<window.start + count)
            )
        }
        var nowhere = RowBlock()
        window.take(count, stored: stored, into: &nowhere, keeping: false)
        account.blank += stored
        account.end += stored
        next.offset += stored
        next.line += lineEnds
    }

    // MARK: Encoding

    private mutating func detectEncoding() throws(ReadError) {
        let first = Array(window.text[..<min(4, window.filled)])
        if first.starts(with: [0xFF, 0xFE, 0, 0]) || first.starts(with: [0, 0, 0xFE, 0xFF]) {
            throw ReadError(.encoding, name: name, message: "it is UTF-32: save it as UTF-8")
        }
        if first.starts(with: [0xEF, 0xBB, 0xBF]) {
            if let said = options.encoding, said != .utf8 {
                notes.append(
                    "it begins with the UTF-8 byte order mark, so it is not read as \(said.rawValue)"
                )
            }
            options.encoding = .utf8
            header(3, keeping: true)
        } else if options.encoding == nil || options.encoding == .utf16,
            first.starts(with: [0xFF, 0xFE]) || first.starts(with: [0xFE, 0xFF])
        {
            options.encoding = .utf16
            header(2, keeping: true)
            window.decode(as: .utf16(bigEndian: first[0] == 0xFE))
        } else if options.encoding == .utf16 || (options.encoding == nil && zeroes != nil) {
            if options.encoding == nil {
                notes.append("it is read as UTF-16, although it has no byte order mark")
            }
            options.encoding = .utf16
            // Files that are written like this one begin with the mark that it lacks.
            header = zeroes == 0 ? [0xFE, 0xFF] : [0xFF, 0xFE]
            window.decode(as: .utf16(bigEndian: zeroes == 0))
        } else if let said = options.encoding, said != .utf8 {
            window.decode(as: said == .latin1 ? .latin1 : .windows1252)
        } else {
            options.encoding = .utf8
        }
    }

    /// Which byte of its pairs is zero, 0 or 1, as in UTF-16: at least every eighth pair stands for an ASCII
    /// character (a delimiter, a digit, a line end), and the other byte of a pair never is zero.
    private var zeroes: Int? {
        let bytes = window.text[..<min(4096, window.filled & ~1)]
        guard bytes.count >= 4 else { return nil }
        var zeros = [0, 0]
        for index in bytes.indices where bytes[index] == 0 { zeros[index % 2] += 1 }
        guard zeros.contains(0), zeros[0] + zeros[1] >= max(2, bytes.count / 16) else { return nil }
        let zero = zeros[0] > 0 ? 0 : 1
        // Lines end with a pair of their own.
        let ends = bytes.indices.filter { bytes[$0] == 0x0A || bytes[$0] == 0x0D }
        guard ends.isEmpty || ends.contains(where: { $0 % 2 != zero && bytes[$0 ^ 1] == 0 }) else {
            return nil
        }
        var transcoder = Transcoder(.utf16(bigEndian: zero == 0), offset: 0)
        var text: [UInt8] = []
        transcoder.decode(bytes, isLast: false, into: &text)
        return transcoder.badOffsets.isEmpty ? zero : nil
    }

    /// The next bytes belong to no row.
    ///
    /// - Parameter keeping: They begin files that are written like this one, too.
    private mutating func header(_ count: Int, keeping: Bool = false, lines: Int = 0) {
        let stored = window.text.withBytes { window.storedLength($0, of: count) }
        take(count, stored: stored, keeping: keeping)
        account.header += stored
        account.end += stored
        next.offset += stored
        next.line += lines
    }

    /// - Parameter blanks: Stored bytes at the start that are not kept.
    private mutating func take(_ count: Int, stored: Int, keeping: Bool, without blanks: Int = 0) {
        var block = RowBlock()
        block.isTranscoded = window.transcoder != nil
        window.take(count, stored: stored, into: &block, keeping: keeping)
        if keeping { header += block.stored.dropFirst(blanks).prefix(1 << 20) }
    }

    // MARK: Format

    private mutating func detectFormat(_ file: InputFile) throws(ReadError) {
        if isWorksheet { return }
        let (named, isTab) = InputOptions.Format.of(file.member ?? file.path)
        isTabNamed = isTab
        let odd = window.text.withBytes { bytes in
            OddContent.text(bytes, in: bytes.trimmed(window.start..<window.filled))
        }
        if let odd { throw odd.error(name) }
        let said = options.format
        let known = options.path.isEmpty ? said ?? file.format ?? named : .jsonArray
        options.format = known ?? formatOfContent
        guard options.format == .jsonl || known == nil && options.format == .csv else { return }
        let odder = OddJSON.what(
            window.text, in: window.start..<window.filled, isWhole: window.isAtEnd,
            depthLimit: options.depthLimit)
        guard let odder else { return }
        // What a name says of a file is a hint; what a job says is not.
        guard said == nil, let format = odder.format else { throw odder.error(name) }
        options.format = format
        notes.append("it is read as \(odder.what)")
    }

    private var formatOfContent: InputOptions.Format {
        window.text.withBytes { bytes in
            let content = bytes.trimmed(window.start..<window.filled)
            guard let first = content.first else { return .csv }
            switch bytes[first] {
            case UInt8(ascii: "{"): return .jsonl
            case UInt8(ascii: "["):
                // An array that is alone on the first line, with another one below, is a row.
                guard let lineFeed = bytes.first(0x0A, in: content) else { return .jsonArray }
                let rest = bytes.trimmed(lineFeed..<content.upperBound)
                guard let second = rest.first, bytes[second] == UInt8(ascii: "[") else {
                    return .jsonArray
                }
                var tape = JSONTape()
                let line = bytes.trimmed(first..<lineFeed)
                return (try? tape.parse(bytes, in: line)) == nil ? .jsonArray : .jsonl
            default: return .csv
            }
        }
    }

    /// The opening bracket of an array, and what is before it.
    private mutating func readBracket() throws(ReadError) {
        while true {
            let (space, byte, lines) = window.text.withBytes { bytes in
                var at = window.start
                while at < window.filled, bytes.isSpace(at) { at += 1 }
                return (
                    at - window.start, at < window.filled ? bytes[at] : nil as UInt8?,
                    bytes.lineFeeds(in: window.start..<at)
                )
            }
            if byte == nil, !window.isAtEnd {
                header(space, lines: lines)
                try window.more()
                continue
            }
            guard byte == UInt8(ascii: "[") else {
                throw ReadError(
                    .format, name: name,
                    message: "it is not a JSON array: set `format: jsonl` if each line is a record")
            }
            header(space + 1, lines: lines)
            return
        }
    }

    /// The opening bracket of the array that `path` leads to, and what is before it.
    private mutating func readPath() throws(ReadError) {
        let words = options.path.joined(separator: ".")
        while true {
            let found = window.text.withBytes { bytes in
                JSONPathScan(options.path).find(in: bytes, window.start..<window.filled)
            }
            switch found {
            case .array(let bracket, let depth):
                let lines = window.text.withBytes { $0.lineFeeds(in: window.start..<bracket) }
                header(bracket + 1 - window.start, lines: lines)
                array.depth = depth
                return
            case .needsMore where !window.isAtEnd && window.pending <= 1 << 24:
                try window.more()
            case .needsMore, .absent:
                throw ReadError(
                    .format, name: name,
                    message: "it has no “\(words)” (`input.path`) in one JSON object")
            case .noArray:
                throw ReadError(
                    .format, name: name, message: "“\(words)” (`input.path`) is not an array")
            }
        }
    }

    // MARK: CSV

    /// A first line such as `sep=;` says how cells are parted; Excel writes and reads it.
    private mutating func takeSeparatorLine() {
        let found = window.text.withBytes { bytes -> (delimiter: UInt8, count: Int, lines: Int)? in
            var at = window.start
            func take(_ byte: UInt8) -> Bool {
                guard at < window.filled, bytes[at] == byte || bytes[at] | 0x20 == byte else {
                    return false
                }
                at += 1
                return true
            }
            let isQuoted = take(0x22)
            for byte in "sep=".utf8 where !take(byte) { return nil }
            guard at < window.filled, bytes[at] < 0x80, ![0, 0x0A, 0x0D, 0x22].contains(bytes[at])
            else {
                return nil
            }
            let delimiter = bytes[at]
            at += 1
            if isQuoted, !take(0x22) { return nil }
            let hasReturn = take(0x0D)
            let hasFeed = take(0x0A)
            return hasReturn || hasFeed ? (delimiter, at - window.start, 1) : nil
        }
        guard let found else { return }
        let said = Character(Unicode.Scalar(found.delimiter))
        if let delimiter = options.delimiter, delimiter != found.delimiter {
            notes.append("its first line says `sep=\(said)`; the delimiter of the job is used")
        } else {
            options.delimiter = found.delimiter
        }
        header(found.count, lines: found.lines)
    }

    private mutating func detectDelimiter() {
        guard options.delimiter == nil, options.separator.isEmpty else { return }
        if let said = delimiterBehindMark {
            options.delimiter = said
            return
        }
        var best: (delimiter: UInt8, agreeing: Int, fields: Int)?
        for delimiter in [UInt8(ascii: ","), UInt8(ascii: ";"), UInt8(ascii: "\t"), UInt8(ascii: "|")] {
            let counts = peek(rows: 100, delimiter: delimiter).rows.map(\.count)
            guard let fields = counts.first, fields > 1 else { continue }
            let agreeing = counts.count { $0 == fields }
            if best.map({ (agreeing, fields) > ($0.agreeing, $0.fields) }) ?? true {
                best = (delimiter, agreeing, fields)
            }
        }
        options.delimiter = best?.delimiter ?? UInt8(ascii: isTabNamed ? "\t" : ",")
    }

    /// A header that begins with the column of marks says by what is after it how cells are parted.
    private var delimiterBehindMark: UInt8? {
        let name = Array(RecordMark.name.utf8)
        return window.text.withBytes { bytes in
            var at = window.start
            func take(_ byte: UInt8) -> Bool {
                guard at < window.filled, bytes[at] == byte else { return false }
                at += 1
                return true
            }
            let isQuoted = take(UInt8(ascii: "\""))
            for byte in name where !take(byte) { return nil }
            if isQuoted, !take(UInt8(ascii: "\"")) { return nil }
            guard at < window.filled else { return nil }
            switch bytes[at] {
            case UInt8(ascii: ","), UInt8(ascii: ";"), UInt8(ascii: "\t"), UInt8(ascii: "|"):
                return bytes[at]
            default: return nil
            }
        }
    }

    private mutating func readHeader() throws(ReadError) {
        let delimiter = options.delimiter ?? UInt8(ascii: ",")
        // A file with marks is one of ours, and says its columns, whatever the input had.
        switch delimiterBehindMark == nil ? options.header : .firstRow {
        case .names(let names):
            columns = distinct(names)
            columnCount = names.count
        case .none:
            columnCount = peek(rows: 100, delimiter: delimiter).rows.first { !$0.isEmpty }?.count
            columns = (0..<(columnCount ?? 0)).map { "column_\($0 + 1)" }
        case .firstRow:
            var found = peek(rows: 1, delimiter: delimiter)
            while found.stop == .needsMore, window.pending <= options.rowLimit + options.fieldLimit + 16
            {
                try window.more()
                found = peek(rows: 1, delimiter: delimiter)
            }
            if case .skip(_, let problem, let place) = found.stop {
                throw ReadError(
                    .header, name: name, position: place,
                    message: "the header cannot be read: \(problem.message)")
            }
            if let (problem, place) = found.problem {
                throw ReadError(
                    problem.reason == .encoding ? .encoding : .header, name: name, position: place,
                    message: "the header cannot be read: \(problem.message). "
                        + (problem.reason == .encoding
                            ? "Save the file as UTF-8, or name its encoding in the job."
                            : "Fix the row at the position shown."))
            }
            if let names = found.rows.first { try refuseTitle(names.count, delimiter) }
            guard let names = found.rows.first else {
                guard found.stop == .end else {
                    throw ReadError(
                        .header, name: name, message: "the header is longer than the row limit")
                }
                // Nothing but blank lines: the reader will find them.
                columns = []
                return
            }
            columns = distinct(names)
            columnCount = names.count
            comments = found.comments
            let blanks = found.account.blank - account.blank
            take(
                found.end - window.start, stored: found.next.offset - next.offset, keeping: true,
                without: blanks)
            account.header += found.account.rows
            account.blank = found.account.blank
            account.end = found.next.offset
            next = Resume(offset: found.next.offset, row: 1, line: found.next.line)
        }
    }

    /// Lines above the header (a report's title, a comment) would be taken for it: one field, or few, over rows
    /// that agree in having many.
    private func refuseTitle(_ fields: Int, _ delimiter: UInt8) throws(ReadError) {
        let choices =
            fields > 1 || !options.separator.isEmpty
            ? [delimiter]
            : [delimiter, UInt8(ascii: ","), UInt8(ascii: ";"), UInt8(ascii: "\t"), UInt8(ascii: "|")]
        for choice in choices {
            let found = peek(rows: 40, delimiter: choice)
            let counts = found.counts
            // The rows at the end that agree, the header among them.
            guard let most = counts.last, most > 2 else { continue }
            let rows = counts.reversed().prefix { $0 == most }.count
            let above = counts.count - rows
            guard rows >= 2, above >= 1, counts.prefix(above).allSatisfy({ $0 == 1 || 2 * $0 < most }),
                Set(found.rows[above]).count == most, !found.rows[above].contains("")
            else { continue }
            let lines = above == 1 ? "its first line is" : "its first \(above) lines are"
            throw ReadError(
                .header, name: name,
                position: Position(
                    file: index, row: 0, line: next.line, offset: next.offset, length: 0),
                message:
                    "\(lines) not the header: the lines below have \(most) fields. Set "
                    + "`input: { skip: \(above) }` to pass over the \(above == 1 ? "line" : "lines") above the header"
            )
        }
    }

    /// Names that differ, none of them empty; says in `notes` which ones were changed.
    private mutating func distinct(_ names: [String]) -> [String] {
        let isData = HeaderLook.isData(names)
        var taken = Set(names)
        var seen: Set<String> = []
        var result: [String] = []
        for (index, name) in names.enumerated() {
            var unique = name
            if name.isEmpty {
                unique = "column_\(index + 1)"
                var number = 2
                while taken.contains(unique) {
                    unique = "column_\(index + 1)_\(number)"
                    number += 1
                }
                notes.append("column \(index + 1) has no name; it is called \(unique)")
            } else if seen.contains(name) {
                var number = 2
                while taken.contains("\(name)_\(number)") { number += 1 }
                unique = "\(name)_\(number)"
                notes.append(
                    isData
                        ? "column \(index + 1) has the name of an earlier column"
                        : "column \(index + 1) repeats the name \(name); it is called \(unique)")
            }
            taken.insert(unique)
            seen.insert(name)
            result.append(unique)
        }
        return result
    }

    private struct Peek {
        var stop: ScanStop
        /// Fields of the rows; none of a row with a problem.
        var rows: [[String]]
        /// How many fields each row has.
        var counts: [Int]
        /// Of the first row.
        var problem: (Refusal, Position)?
        var end: Int
        var next: Resume
        var account: ByteAccount
        var comments: Int
    }

    /// The next rows of what the window holds, without taking them.
    private func peek(rows: Int, delimiter: UInt8) -> Peek {
        var room = [Range<Int32>](repeating: 0..<0, count: 256)
        while true {
            let found = window.text.withBytes { bytes in
                room.withRoom { room in
                    let sink = RowSink(
                        bytes: bytes, filled: window.filled, isAtEnd: window.isAtEnd, shift: 0,
                        transcoder: window.transcoder, storedEnd: window.storedEnd, storedShift: 0,
                        file: index, isWorksheet: isWorksheet, rowLimit: rows, textLimit: .max,
                        rows: [], next: next,
                        account: account, at: window.start)
                    var parser = CSVParser(
                        delimiter: delimiter, fieldLimit: options.fieldLimit,
                        rowLimit: options.rowLimit, quote: options.quote,
                        dialect: options.dialect, rules: options.rules, columnCount: nil, sink: sink,
                        room: room,
                        decoded: [], decodedFields: [], fieldCount: 0)
                    let stop = parser.parse()
                    return (stop, parser)
                }
            }
            let (stop, parser) = found
            if stop == .needsRoom {
                room.append(contentsOf: repeatElement(0..<0, count: room.count))
                continue
            }
            let sink = parser.sink
            let copies = Set(parser.decodedFields)
            let texts = sink.rows.map { row -> [String] in
                row.problem != nil
                    ? []
                    : row.fields.map { field in
                        let range = Int(room[field].lowerBound)..<Int(room[field].upperBound)
                        return String(
                            decoding: copies.contains(field)
                                ? parser.decoded[range] : window.text[range], as: UTF8.self)
                    }
            }
            let first = sink.rows.first
            let problem = first?.problem.map {
                ($0, first?.problemPosition ?? sink.place(of: sink.at, lineEnds: 0))
            }
            return Peek(
                stop: stop, rows: texts, counts: sink.rows.map(\.fields.count), problem: problem,
                end: sink.at, next: sink.next,
                account: sink.account, comments: sink.comments)
        }
    }
}

extension InputOptions.Format {
    /// What a file's name says of its format, and whether it says that tabs separate its fields.
    static func of(_ name: String) -> (InputOptions.Format?, isTab: Bool) {
        for part in name.lowercased().split(separator: ".").reversed() {
            switch part {
            case "gz", "zst", "xz", "bz2", "lz4", "tgz", "zip", "tar": continue
            case "csv": return (.csv, false)
            case "tsv", "tab": return (.csv, true)
            case "jsonl", "ndjson", "jl": return (.jsonl, false)
            default: return (nil, false)
            }
        }
        return (nil, false)
    }
}

extension [Range<Int32>] {
    mutating func withRoom<Result>(_ body: (FieldRoom) -> Result) -> Result {
        unsafe withUnsafeMutableBufferPointer { unsafe body(FieldRoom($0)) }
    }
}
