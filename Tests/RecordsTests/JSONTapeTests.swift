import Records
import Testing

@Suite("A tape of JSON")
struct JSONTapeTests {
    private func error(_ text: String, depthLimit: Int = 64) -> JSONError? {
        error(Array(text.utf8), depthLimit: depthLimit)
    }

    private func error(_ bytes: [UInt8], depthLimit: Int = 64) -> JSONError? {
        var tape = JSONTape(depthLimit: depthLimit)
        do {
            try tape.parse(bytes, in: 0..<bytes.count)
            return nil
        } catch {
            return error
        }
    }

    @Test(
        "What RFC 8259 allows",
        arguments: [
            "0", "-0", "1.5e+10", "1E5", "\"\"", "null", " true ", "[]", "{}", "[[],{}]",
            "\t\r\n[1 , 2]",
            #"{"a":1,"b":[true,false,null],"c":{"d":"e"}}"#, #""\u00e9\ud83d\ude00\"\\\/\b\f\n\r\t""#,
            "\"é😀\u{7F}\"", "123456789012345678901234567890", "\"\\u0000\"",
        ])
    func accepts(text: String) { #expect(error(text) == nil) }

    @Test(
        "What it forbids, and where",
        arguments: [
            ("", JSONError.Code.empty, 0), ("  ", .empty, 2), ("01", .badNumber, 0),
            ("-", .badNumber, 0), ("1.", .badNumber, 0), (".5", .unexpectedByte, 0),
            ("+1", .unexpectedByte, 0), ("1e", .badNumber, 0), ("1 2", .textAfterValue, 2),
            ("[1,]", .unexpectedByte, 3), ("[,1]", .unexpectedByte, 1),
            ("{\"a\":1,}", .unexpectedByte, 7),
            ("{a:1}", .unexpectedByte, 1), ("{\"a\" 1}", .unexpectedByte, 5), ("[1", .unexpectedEnd, 2),
            ("{", .unexpectedEnd, 1), ("\"a", .unexpectedEnd, 0), ("[}", .unexpectedByte, 1),
            ("[1}", .unexpectedByte, 2), ("\"\u{1}\"", .controlCharacter, 1),
            ("\"a\nb\"", .controlCharacter, 2),
            (#""\x""#, .badEscape, 1), (#""\u12g4""#, .badEscape, 1), (#""\ud800""#, .loneSurrogate, 1),
            (#""\udc00""#, .loneSurrogate, 1), (#""\ud800\u0041""#, .loneSurrogate, 1),
            ("tru", .badLiteral, 0), ("nulL", .badLiteral, 0), ("'a'", .unexpectedByte, 0),
            ("NaN", .unexpectedByte, 0), ("\u{FEFF}1", .unexpectedByte, 0),
            (#"{"a":1,"b":2,"a":3}"#, .duplicateName, 13), (#"{"a":1,"\u0061":3}"#, .duplicateName, 7),
            (#"[{"x":{"y":1,"y":2}}]"#, .duplicateName, 13),
        ])
    func refuses(text: String, code: JSONError.Code, offset: Int) {
        #expect(error(text) == JSONError(code, at: offset))
    }

    @Test("Bytes that are not UTF-8 are named where they are")
    func encoding() {
        for bad: [UInt8] in [
            [0x80], [0xC0, 0xAF], [0xE0, 0x80, 0x80], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80],
            [0xF5],
            [0xE2, 0x82], [0xFF],
        ] {
            for pad in 0..<17 {
                let padding = Array(repeating: UInt8(ascii: "x"), count: pad)
                #expect(
                    error([0x22] + padding + bad + [0x22]) == JSONError(.invalidUTF8, at: 1 + pad))
            }
        }
    }

    @Test("Depth is bounded, in arrays and objects alike")
    func depth() {
        #expect(error("[[[]]]", depthLimit: 3) == nil)
        #expect(error("[[[[]]]]", depthLimit: 3) == JSONError(.tooDeep, at: 3))
        #expect(error(#"{"a":{"a":{"a":{}}}}"#, depthLimit: 3)?.code == .tooDeep)
        #expect(error(String(repeating: "[", count: 1_000_000))?.code == .tooDeep)
    }

    @Test("Many names: the second of two equal ones is found, also after escapes")
    func manyNames() {
        let names = (0..<3000).map { "\"n\($0)\":\($0)" }
        #expect(error("{" + names.joined(separator: ",") + "}") == nil)
        let text = "{" + (names + ["\"n17\":0", "\"n5\":0"]).joined(separator: ",") + "}"
        let place = text.utf8.count - "\"n17\":0,\"n5\":0}".utf8.count
        #expect(error(text) == JSONError(.duplicateName, at: place))
        let equal = Array(repeating: "\"a\":1", count: 20_000).joined(separator: ",")
        #expect(error("{" + equal + "}") == JSONError(.duplicateName, at: 7))
    }

    @Test("Nodes, siblings, members")
    func navigation() throws {
        let bytes = Array(#"xx {"a": [1, {"b":"\u00e9\n"}, "t"], "c\"d": -2.50, "e":null} yy"#.utf8)
        var tape = JSONTape()
        try tape.parse(bytes, in: 3..<bytes.count - 3)
        #expect(tape.kind(of: 0) == .object)
        #expect(tape.childCount(of: 0) == 3)
        #expect(tape.members(of: 0).map { tape.text(of: $0.name, in: bytes) } == ["a", "c\"d", "e"])
        let array = try #require(tape.member("a", of: 0, in: bytes))
        #expect(tape.childCount(of: array) == 3)
        let elements = Array(tape.elements(of: array))
        #expect(elements.map { tape.kind(of: $0) } == [.number, .object, .string])
        let inner = try #require(tape.member("b", of: elements[1], in: bytes))
        #expect(tape.text(of: inner, in: bytes) == "é\n")
        #expect(tape.isEqual(inner, to: "é\n", in: bytes))
        #expect(!tape.isEqual(inner, to: "é", in: bytes))
        let number = try #require(tape.member("c\"d" as String, of: 0, in: bytes))
        #expect(tape.text(of: number, in: bytes) == "-2.50")
        #expect(tape.member("c\"d" as StaticString, of: 0, in: bytes) == number)
        #expect(tape.member("nope", of: 0, in: bytes) == nil)
        #expect(bytes[tape.fullRange(of: elements[2])].elementsEqual("\"t\"".utf8))
        #expect(tape.next(after: 0) == tape.count)
        #expect(Array(tape.elements(of: 0)).isEmpty && Array(tape.members(of: array)).isEmpty)
    }

    @Test("What is written as a string reads as what it was")
    func writing() throws {
        let text = "plain \"quoted\" back\\slash \u{0}\u{1F}\u{7F}\n\r\t\u{8}\u{C} é 😀 /"
        for pad in 0..<9 {
            let padded = String(repeating: "p", count: pad) + text
            var written: [UInt8] = []
            JSONWriter.appendString(padded, to: &written)
            var again: [UInt8] = []
            let bytes = Array(("zz" + padded).utf8)
            JSONWriter.appendString(bytes, in: 2..<bytes.count, to: &again)
            #expect(written == again)
            var tape = JSONTape()
            try tape.parse(written, in: 0..<written.count)
            #expect(tape.text(of: 0, in: written) == padded)
        }
    }
}
