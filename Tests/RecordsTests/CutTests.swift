import Model
import Records
import TestSupport
import Testing

@Suite("Where the input is cut makes no difference")
struct CutTests {
    /// Bytes that make trouble more often than chance would.
    private static func csv(_ random: inout Seeded) -> [UInt8] {
        let alphabets = [
            Array("a,\n".utf8), Array("ab,\"\n\r".utf8), Array("a,\"\"\"\n".utf8),
            Array("\"\n\r,".utf8),
            [0x61, 0x2C, 0x0A, 0xC3, 0xA9, 0xF0, 0x9F, 0x98, 0x80, 0x00, 0x22],
        ]
        let alphabet = alphabets[Int.random(in: 0..<alphabets.count, using: &random)]
        let header = ["a,b\n", "a\n", "", "a,b,c\r\n", "\u{FEFF}a,b\r"][
            Int.random(in: 0..<5, using: &random)]
        return Array(header.utf8)
            + (0..<Int.random(in: 0..<120, using: &random)).map { _ in
                alphabet[Int.random(in: 0..<alphabet.count, using: &random)]
            }
    }

    private static func json(_ random: inout Seeded, isArray: Bool) -> [UInt8] {
        let pieces = [
            #"{"a":1}"#, #"[1,"x\"]"]"#, "null", "\"é\\u00e9\"", " ", "\n", "\r\n", "{", "}", "]", "\"",
            "\\", "1 2",
            ",", ",", ",", "[", "\t", "-", "\u{1}",
        ]
        var text = isArray ? [" [", "["][Int.random(in: 0..<2, using: &random)] : ""
        for _ in 0..<Int.random(in: 0..<30, using: &random) {
            text += pieces[Int.random(in: 0..<pieces.count, using: &random)]
            if Bool.random(using: &random) { text += isArray ? "," : "\n" }
        }
        if isArray, Int.random(in: 0..<4, using: &random) > 0 { text += "]" }
        var bytes = Array(text.utf8)
        if Int.random(in: 0..<8, using: &random) == 0 { bytes.insert(0xFF, at: bytes.count / 2) }
        return bytes
    }

    private static func sizes(_ random: inout Seeded) -> [Int] {
        (0..<Int.random(in: 1...5, using: &random)).map { _ in Int.random(in: 1...20, using: &random) }
    }

    @Test("CSV agrees with its plain twin, however it arrives", arguments: 0..<6 as Range<UInt64>)
    func csvTwin(seed: UInt64) {
        var random = Seeded(seed)
        for round in 0..<800 {
            let bytes = Self.csv(&random)
            let options = InputOptions(
                format: .csv, delimiter: UInt8(ascii: ","), encoding: .utf8, rules: .first,
                fieldLimit: [1, 3, 8, 1 << 20][Int.random(in: 0..<4, using: &random)])
            let plain = PlainCSV(
                bytes: bytes, delimiter: UInt8(ascii: ","), fieldLimit: options.fieldLimit
            ).read()
            let read = readAll(
                bytes, options, rows: Int.random(in: 1...9, using: &random),
                readSizes: Self.sizes(&random))
            let what: Comment =
                "seed \(seed), round \(round): \(String(decoding: bytes, as: UTF8.self).debugDescription) limit \(options.fieldLimit)"
            #expect(read.error?.code == plain.error?.code, what)
            guard read.error == nil, plain.error == nil else { continue }
            #expect(read.columns?.count == plain.columns?.count, what)
            #expect(read.account == plain.account, what)
            let simplified = read.rows.map { row in
                var row = row
                row.problem = row.problem.map { Refusal($0.reason) }
                row.problemPosition = nil
                return row
            }
            #expect(simplified == plain.rows, what)
            if simplified != plain.rows { return }
        }
    }

    private func agree(
        _ bytes: [UInt8], _ options: InputOptions, _ random: inout Seeded, _ what: Comment
    ) -> Bool {
        let whole = readAll(bytes, options)
        let cut = readAll(
            bytes, options, rows: Int.random(in: 1...9, using: &random), readSizes: Self.sizes(&random))
        #expect(whole == cut, what)
        guard whole.error == nil else { return true }
        #expect(whole.account.isBalanced && whole.account.end == bytes.count, what)
        // Continuing at any row, or after it, gives the same rows again.
        guard !whole.rows.isEmpty else { return whole == cut }
        let index = Int.random(in: 0..<whole.rows.count, using: &random)
        let row = whole.rows[index]
        let again = readAll(bytes, options, from: Resume(at: row.position))
        #expect(again.rows == Array(whole.rows[index...]), what)
        // An array continues after the element before.
        let start = options.format == .jsonArray ? again.account.start : row.position.offset
        #expect(again.account.start == start && start <= row.position.offset, what)
        #expect(again.account.isBalanced && again.account.end == bytes.count, what)
        let behind = Resume(
            offset: row.position.end, row: row.position.row + 1, line: row.position.line + row.lineEnds)
        let rest = readAll(bytes, options, from: behind)
        #expect(rest.rows == Array(whole.rows[(index + 1)...]), what)
        return whole == cut && again.rows == Array(whole.rows[index...])
    }

    @Test("Any format and encoding", arguments: 0..<6 as Range<UInt64>)
    func everything(seed: UInt64) {
        var random = Seeded(seed)
        for round in 0..<500 {
            let kind = Int.random(in: 0..<3, using: &random)
            var bytes = kind == 0 ? Self.csv(&random) : Self.json(&random, isArray: kind == 2)
            var options = InputOptions(
                format: [.csv, .jsonl, .jsonArray][kind],
                delimiter: kind == 0 ? UInt8(ascii: ",") : nil,
                encoding: .utf8, fieldLimit: [2, 64, 1 << 20][Int.random(in: 0..<3, using: &random)])
            if kind == 0, Bool.random(using: &random) { options.header = .names(["p", "q"]) }
            switch Int.random(in: 0..<4, using: &random) {
            case 0: options.encoding = .windows1252
            case 1: options.encoding = .latin1
            case 2:
                let text = String(decoding: bytes, as: UTF8.self)
                options.encoding = .utf16
                bytes = ("\u{FEFF}" + text).utf16.flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] }
                if Bool.random(using: &random) { bytes.append(0xD8) }
                if Bool.random(using: &random), bytes.count > 12 { bytes[11] = 0xD8 }
            default: break
            }
            let text = String(decoding: bytes, as: UTF8.self).debugDescription
            if !agree(
                bytes, options, &random, "seed \(seed), round \(round): \(options) \(text) \(bytes)")
            {
                return
            }
        }
    }
}
