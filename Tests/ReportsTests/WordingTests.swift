import Model
import Reports
import TestSupport
import Testing

@Suite("Words and numbers as people read them") struct WordingTests {
    @Test(arguments: [
        (0, "0"), (999, "999"), (1000, "1,000"), (1_234_567, "1,234,567"), (-1234, "-1,234"),
        (Int.min, "-9,223,372,036,854,775,808"),
    ])
    func counts(value: Int, text: String) { #expect(Wording.count(value) == text) }

    @Test(arguments: [
        (0, "0 s"), (85, "85 ms"), (4200, "4.2 s"), (9999, "9.9 s"), (10_000, "10 s"), (59_999, "59 s"),
        (185_000, "3 min 05 s"), (3_720_000, "1 h 02 min"), (183_600_000, "2 d 03 h"),
        (-4200, "-4.2 s"),
    ])
    func durations(milliseconds: Int64, text: String) {
        #expect(Wording.duration(.milliseconds(milliseconds)) == text)
    }

    @Test(arguments: [
        (0.25, "0.25"), (0.999, "1.0"), (0.994, "0.99"), (-0.1, "-"), (4.26, "4.2"), (9.99, "9.9"),
        (112.4, "112"), (61_500, "61,500"), (.infinity, "-"),
    ])
    func rates(value: Double, text: String) { #expect(Wording.rate(value) == text) }

    @Test(arguments: [
        (999, "999 bytes"), (1, "1 byte"), (12_000_000, "12.0 MB"), (999_960, "1.0 MB"),
        (3_000_000_000_000, "3.0 TB"),
    ])
    func sizes(value: Int, text: String) { #expect(Wording.bytes(value) == text) }

    @Test(arguments: [
        ("jobs/nightly.yaml", "jobs/nightly.yaml"), ("my job.yaml", "'my job.yaml'"),
        ("it's", "'it'\\''s'"),
        ("$(x)", "'$(x)'"), ("", "''"), ("a\nb", "'a b'"),
    ])
    func commands(word: String, quoted: String) { #expect(Wording.shell(word) == quoted) }

    @Test func untrustedTextCannotReachTheTerminal() {
        #expect(Wording.harmless("a\u{1B}[2Jb\r\nc\u{202E}d\u{9B}e") == "a [2Jb  c d e")
        #expect(Wording.harmless("Zürich 東京 👩‍👩‍👧") == "Zürich 東京 👩‍👩‍👧")
    }

    @Test func wrapping() {
        #expect(Wording.wrap("one two three", width: 7) == ["one two", "three"])
        #expect(
            Wording.wrap("one incomprehensible", width: 5, indent: "  ") == [
                "  one", "  incomprehensible",
            ])
        #expect(Wording.wrap("", width: 5) == [])
    }
}

@Suite("What people read of a reason") struct ReasonTextTests {
    @Test("Each has a next step of its own: one sentence", arguments: Reason.all)
    func nextSteps(reason: Reason) {
        #expect(reason.hasNextStep, "\(reason.code)")
        #expect(reason.nextStep.hasSuffix("."))
        #expect(!reason.nextStep.dropLast().contains(". "))
    }

    @Test("One of a later version is the server's to explain, and a person's to settle")
    func later() {
        let reason = Reason.named("from-a-later-version")
        #expect(!reason.hasNextStep && reason.nextStep == "Look at the server's message.")
        #expect(reason.turn.owner == "you")
    }

    @Test("What is left in doubt is looked up by the command that continues")
    func doubt() {
        for reason in [Reason.noAnswer, .unboundAnswer, .contradiction] {
            #expect(reason.turn.owner == "retry later" && reason.nextStep.contains("`sluice resume`"))
        }
    }

    @Test("A row that came too late names the record that may lack it")
    func late() {
        #expect(
            Refusal(.groupReopened).nextStep(of: "B-1").hasPrefix("B-1 may lack this row: compare it"))
        #expect(Refusal(.missing).nextStep(of: "B-1") == "Fill in the field.")
    }
}

@Suite("Personal data stays out of texts") struct MaskingTests {
    @Test(arguments: [
        ("Customer 919876543210 not found", "Customer ############ not found"),
        ("HTTP status 413.", "HTTP status 413."),
        ("HTTP status 4130 of bill 4711", "HTTP status #### of bill ####"),
        ("record 3 of run 20260203T141500-7k2m9qd4xz.", "record # of run 20260203T141500-7k2m9qd4xz."),
        ("20260203T141500-7k2m9qd4xz#12 is open", "20260203T141500-7k2m9qd4xz#12 is open"),
        ("no user ravi.k+1@example.co.in, sorry", "no user <email>, sorry"),
        ("mail='a@b' and \"c@d.e\"", "mail='<email>' and \"<email>\""),
        ("१२३ bills", "### bills"), ("bill INV-7/b", "bill INV-#/b"),
        ("price @ store", "price @ store"), ("", ""),
        ("plain words", "plain words"),
        (
            "reply-too-large: the reply is longer than 67108864 bytes",
            "reply-too-large: the reply is longer than 67108864 bytes"
        ),
        ("in.csv has grown after byte 1048576: see", "in.csv has grown after byte 1048576: see"),
        ("byte 12x of 919876543210 bytes, 12", "byte ##x of 919876543210 bytes, ##"),
        ("919876543210 byte", "############ byte"),
        (
            "record 12 of run 20261123T145240-mr4c1sp9ze.",
            "record ## of run 20261123T145240-mr4c1sp9ze."
        ),
    ])
    func masks(text: String, masked: String) { #expect(Masking.mask(text) == masked) }

    @Test func shortNumbersMayStay() {
        #expect(
            Masking.mask("1204 of 91987654321, x7y, status 503", numbersOf: 6)
                == "1204 of ###########, x7y, status 503")
    }

    @Test func nothingOfADigitOrAnAddressIsLeft() {
        var random = SystemRandomNumberGenerator()
        let seed = random.next()
        var seeded = Seeded(seed)
        let alphabet = Array("ab1२９@.-_ '\"<\u{301}")
        for _ in 0..<2000 {
            let text = String(
                (0..<12).map { _ in alphabet[Int(seeded.next() % UInt64(alphabet.count))] })
            let masked = Masking.mask(text)
            #expect(!masked.contains { $0.isNumber }, "seed \(seed): \(text)")
        }
    }
}

@Suite("CSV for reading") struct ReadableCSVTests {
    @Test(arguments: [
        ("plain", "plain"), ("", ""), ("a,b", "\"a,b\""), ("say \"so\"", "\"say \"\"so\"\"\""),
        ("two\nlines", "\"two\nlines\""),
        ("two\r\nlines", "\"two\r\nlines\""),
        ("=1+2", "'=1+2"), ("+1", "'+1"), ("-1", "'-1"), ("@SUM(A1)", "'@SUM(A1)"), ("\tx", "'\tx"),
        ("\rx", "\"'\rx\""),
        ("\r\nx", "\"'\r\nx\""), ("＝1", "'＝1"), ("=\"a\",b", "\"'=\"\"a\"\",b\""), ("a=1", "a=1"),
        ("=\u{301}1", "'=\u{301}1"), ("a\"\u{301}b,", "\"a\"\"\u{301}b,\""),
    ])
    func cells(text: String, cell: String) {
        #expect(Array(ReadableCSV.cell(text).utf8) == Array(cell.utf8))
    }
}
