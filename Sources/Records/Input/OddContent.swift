/// Content that holds no rows as it is: named for what it is, with the way on.
struct OddContent {
    /// What it is, after "this is".
    let what: String
    /// What to do.
    let next: String
    /// How it can be read anyway.
    var format: InputOptions.Format?

    func error(_ name: String) -> ReadError {
        ReadError(
            .format, name: name, message: "this is \(what), not CSV, JSON Lines or .xlsx. \(next)")
    }

    /// What the first bytes say, whatever the encoding.
    static func binary(_ head: [UInt8]) -> OddContent? {
        for (start, what, next) in binaries where head.starts(with: start) {
            return OddContent(what: what, next: next)
        }
        return nil
    }

    private static let unpack = "Unpack it, and use the files in it."
    private static let binaries: [([UInt8], String, String)] = [
        (
            OfficeFile.signature, "an old Excel workbook (.xls)",
            "Save the sheet as .xlsx or CSV in Excel, and use that file."
        ),
        (
            Array("PAR1".utf8), "a Parquet file",
            "Convert it, for example with `duckdb -c \"copy 'FILE' to 'out.csv'\"`."
        ),
        (Array("Obj\u{1}".utf8), "an Avro file", "Convert it to JSON Lines: `avro-tools tojson FILE`."),
        (Array("ORC".utf8) + [0x0A], "an ORC file", "Convert it to CSV."),
        (Array("%PDF-".utf8), "a PDF", "Export the table as CSV from the program that made it."),
        (
            Array("SQLite format 3\0".utf8), "an SQLite database",
            "Export the table: `sqlite3 -csv -header`."
        ),
        ([0x37, 0x7A, 0xBC, 0xAF, 0x27, 0x1C], "a 7z archive", unpack),
        (Array("Rar!".utf8), "a RAR archive", unpack),
        ([0x1F, 0x9D], "a file of `compress` (.Z)", "Decompress it with `gzip -d`."),
    ]

    /// What text at its start says.
    static func text(_ bytes: Bytes, in range: Range<Int>) -> OddContent? {
        func starts(_ word: String) -> Bool {
            var at = range.lowerBound
            for byte in word.utf8 {
                guard at < range.upperBound, bytes[at] | 0x20 == byte | 0x20 else { return false }
                at += 1
            }
            return true
        }
        if ["<!doctype html", "<html", "<head", "<table"].contains(where: starts) {
            return OddContent(
                what: "a web page (HTML)",
                next:
                    "A download may have saved a login or error page, or a spreadsheet an HTML table. Export it as CSV."
            )
        }
        if starts("<?xml") {
            return OddContent(what: "an XML file", next: "Convert it to JSON Lines or CSV.")
        }
        return nil
    }
}

/// JSON that is not one value a line.
enum OddJSON {
    /// Names under which an API puts the records of a page.
    private static let lists: Set<String> = [
        "data", "records", "results", "result", "items", "rows", "values", "value", "entities",
        "response",
    ]
    /// Names that stand beside them.
    private static let others: Set<String> = [
        "count", "total", "page", "pages", "limit", "offset", "next", "previous", "meta", "metadata",
        "pagination", "status", "success", "errors", "warnings", "code", "message", "links", "has_more",
        "cursor", "size",
    ]

    /// - Parameters:
    ///   - range: What is known of the file; all of it where `isWhole`.
    static func what(
        _ text: [UInt8], in range: Range<Int>, isWhole: Bool, depthLimit: Int
    ) -> OddContent? {
        let (content, line) = text.withBytes { bytes in
            let content = bytes.trimmed(range)
            let lineFeed = bytes.first(0x0A, in: content) ?? content.upperBound
            return (content, bytes.trimmed(content.lowerBound..<lineFeed))
        }
        guard let first = content.first.map({ text[$0] }) else { return nil }
        if first == 0x1E {
            return OddContent(
                what: "a JSON text sequence (RFC 7464)",
                next: "Set `input: { format: json }`.", format: .json)
        }
        guard first == UInt8(ascii: "{") || first == UInt8(ascii: "[") else { return nil }
        var tape = JSONTape(depthLimit: depthLimit)
        do {
            try tape.parse(text, in: line)
            guard isWhole, line == content else { return nil }
            return wrapped(text, tape)
        } catch {
            guard error.code == .unexpectedEnd, line != content else { return nil }
        }
        // The first line is the beginning of a value: does the value continue below?
        do {
            try tape.parse(text, in: content)
            if isWhole, let wrapped = wrapped(text, tape) { return wrapped }
        } catch {
            switch error.code {
            case .textAfterValue: break
            case .unexpectedEnd where !isWhole:
                if let name = firstList(text, content) { return wrapping(name) }
            default: return nil
            }
        }
        guard first == UInt8(ascii: "{") else {
            return OddContent(
                what: "one JSON array over several lines", next: "Set `input: { format: json-array }`.")
        }
        return OddContent(
            what: "JSON over several lines (pretty-printed)", next: "Set `input: { format: json }`.",
            format: .json)
    }

    /// An object that is nothing but a page of records.
    private static func wrapped(_ text: [UInt8], _ tape: JSONTape) -> OddContent? {
        guard tape.kind(of: 0) == .object else { return nil }
        var list: String?
        for (key, value) in tape.members(of: 0) {
            let name = tape.text(of: key, in: text)
            let elements = tape.kind(of: value) == .array ? Array(tape.elements(of: value)) : []
            let isList = !elements.isEmpty && elements.allSatisfy { tape.kind(of: $0) == .object }
            if isList, list == nil, lists.contains(name) {
                list = name
            } else if !others.contains(name) {
                return nil
            }
        }
        return list.map(wrapping)
    }

    private static func wrapping(_ name: String) -> OddContent {
        OddContent(
            what: "one JSON object with the records in “\(name)”",
            next: "Set `input: { path: \(name) }` to read them.")
    }

    /// The name of the first member, where it is a list of objects: `{ "data": [ { …`.
    private static func firstList(_ text: [UInt8], _ content: Range<Int>) -> String? {
        var at = content.lowerBound
        func next(_ byte: Character) -> Bool {
            while at < content.upperBound, [0x20, 0x09, 0x0A, 0x0D].contains(text[at]) { at += 1 }
            guard at < content.upperBound, text[at] == byte.asciiValue else { return false }
            at += 1
            return true
        }
        guard next("{"), next("\"") else { return nil }
        let start = at
        while at < content.upperBound, text[at] != 0x22, at - start < 20 { at += 1 }
        let name = String(decoding: text[start..<at], as: UTF8.self)
        return next("\"") && next(":") && next("[") && next("{") && lists.contains(name) ? name : nil
    }
}
