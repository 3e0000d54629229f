import Testing

@testable import Model

@Suite("The mark of a record in a file for sending again") struct RecordMarkTests {
    private func csv(_ row: String) -> (text: String, rest: String) {
        let bytes = Array(row.utf8)
        let (text, length) = RecordMark.csv(bytes[...])
        return (text, String(decoding: bytes[length...], as: UTF8.self))
    }

    @Test(
        "The first cell, whatever parts the cells and however it is quoted",
        arguments: [
            ("run-1#7,a,b\n", "run-1#7", "a,b\n"), ("\"run-1#7\";a;b\n", "run-1#7", "a;b\n"),
            ("run-1#7^a^b", "run-1#7", "a^b"), (",a\r\n", "", "a\r\n"), ("\"\",a", "", "a"),
            ("run-1#7\n", "run-1#7", "\n"), ("", "", ""), ("=A1,b\n", "=A1", "b\n"),
            ("two words,b\n", "two words", "b\n"),
        ])
    func cells(row: String, text: String, rest: String) {
        #expect(csv(row) == (text, rest))
    }

    @Test("Two bytes a character")
    func wide() {
        for isBig in [false, true] {
            let bytes: [UInt8] = "r#1,a\n".utf8.flatMap { isBig ? [0, $0] as [UInt8] : [$0, 0] }
            let (text, length) = RecordMark.csv(bytes[...])
            #expect(text == "r#1")
            #expect(length == 8)
        }
    }

    @Test(
        "A leading member, and nothing else",
        arguments: [
            (#"{"_sluice":"r#1","a":1}"#, "r#1", #"{"a":1}"#),
            (#" { "_sluice" : "r#1" , "a":1}"#, "r#1", #" { "a":1}"#),
            (#"{"_sluice":"r#1"}"#, "r#1", "{}"), (#"{"a":1,"_sluice":"r#1"}"#, nil, nil),
            (#"{"_sluice":7}"#, nil, nil), ("[]", nil, nil), ("", nil, nil),
        ] as [(String, String?, String?)])
    func members(text: String, id: String?, rest: String?) {
        let bytes = Array(text.utf8)
        let found = RecordMark.json(bytes[...])
        #expect(found?.text == id)
        guard let found else { return }
        let left = bytes[..<found.cut.lowerBound] + bytes[found.cut.upperBound...]
        #expect(String(decoding: left, as: UTF8.self) == rest)
    }

    @Test("A record's name reads as it is written")
    func names() throws {
        let id = try #require(RecordID("20260203T141500-7k2m9qd4xz#17"))
        #expect(id.record == 17)
        #expect(RecordID("\(id)") == id)
        for text in ["", "#", "a#", "a#-1", "a b#1", "a#1x", "a"] { #expect(RecordID(text) == nil) }
    }
}
