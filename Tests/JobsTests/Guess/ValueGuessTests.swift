import Jobs
import Testing

/// How numbers, dates and phone numbers are written.
@Suite struct ValueGuessTests {
    @Test(
        "The decimal sign and what groups digits",
        arguments: [
            (["12,50", "1.234,56"], ",", "."), (["12.50", "1,234.56"], ".", ","),
            (["12,5", "7"], ",", nil), (["1,23,456.00", "12.00"], ".", ","),
            (["1 234,50", "9,99"], ",", " "), (["1'234.50"], ".", "'"),
            (["1.234.567"], ",", "."), (["0,500"], ",", nil), (["1.234", "5,5"], ",", "."),
        ] as [([String], String, String?)])
    func decimals(values: [String], decimal: String, thousands: String?) throws {
        let guess = try #require(NumberGuess.of(values))
        #expect(
            guess.decimal == decimal && guess.thousands == thousands && !guess.isAmbiguous, "\(guess)")
    }

    @Test("What may be read in two ways is not guessed, and what is no number is none")
    func doubtfulNumbers() throws {
        let doubtful = try #require(NumberGuess.of(["1,234", "12"]))
        #expect(doubtful.isAmbiguous && doubtful.decimal == nil)
        #expect(NumberGuess.of(["1,50", "1.50"]) == nil)
        #expect(NumberGuess.of(["12.03.2026"]) == nil)
        #expect(NumberGuess.of(["A-1", "B-2"]) == nil)
        #expect(NumberGuess.of([]) == nil)
        #expect(NumberGuess.of(["+49 151 2345678"]) == nil)
    }

    @Test("Signs and currencies")
    func signs() throws {
        let guess = try #require(NumberGuess.of(["12,50-", "(3,00)", "4,10 €", "5,00 €"]))
        #expect(guess.isAccounting && guess.negatives == 2 && guess.positives == 2)
        #expect(guess.currencies == ["€"] && guess.decimal == ",")
        #expect(try #require(NumberGuess.of(["₹1,234.50"])).currencies == ["₹"])
    }

    @Test(
        "Dates whose order is certain",
        arguments: [
            (["03.02.2026", "28.02.2026"], "dd.MM.yyyy"), (["3.2.2026"], "d.M.yyyy"),
            (["03.02.26 9:15"], "dd.MM.yy H:mm"), (["2026-02-03"], "yyyy-MM-dd"),
            (["13/02/2026", "03/02/2026"], "dd/MM/yyyy"), (["02/13/2026", "02/03/2026"], "MM/dd/yyyy"),
            (["2/13/2026 3:05 PM"], "M/dd/yyyy h:mm a"), (["20260203", "20251231"], "yyyyMMdd"),
            (["2026-02-03T10:15:00"], "yyyy-MM-dd'T'HH:mm:ss"), (["14-Feb-2026"], "dd-MMM-yyyy"),
            (["2026/02/03 10:15:30"], "yyyy/MM/dd HH:mm:ss"),
        ])
    func dates(values: [String], format: String) throws {
        let guess = try #require(DateGuess.of(values))
        #expect(guess.formats == [format] && guess.locale == nil && !guess.hasOffset, "\(guess)")
    }

    @Test("Dates that fit both orders are told with both, and what is no date is none")
    func doubtfulDates() throws {
        let guess = try #require(DateGuess.of(["03/02/2026", "11/12/2026"]))
        #expect(guess.formats == ["dd/MM/yyyy", "MM/dd/yyyy"] && guess.isAmbiguous)
        #expect(DateGuess.of(["13/02/2026", "02/13/2026"]) == nil)
        #expect(DateGuess.of(["31.31.2026"]) == nil)
        #expect(DateGuess.of(["B-1001"]) == nil)
        #expect(DateGuess.of(["10001", "10002"]) == nil)
    }

    @Test("Names of months tell the language, offsets make a zone needless")
    func words() throws {
        let french = try #require(
            DateGuess.of(["3 févr 2026"]))
        #expect(french.formats == ["d MMM yyyy"] && french.locale == "fr")
        #expect(try #require(DateGuess.of(["14-Okt-2026"])).locale == "de")
        let instant = try #require(DateGuess.of(["2026-02-03T10:15:00+05:30"]))
        #expect(instant.hasOffset && instant.formats == ["yyyy-MM-dd'T'HH:mm:ssXXX"])
    }

    @Test("The country of phone numbers is known by their codes or their form, not by digits alone")
    func phones() {
        let german = PhoneGuess.of(
            ["+49 151 2345678", "0049 (0)171 5556677", "0151/2345679"], language: nil)
        #expect(german?.country == "DE" && german?.isInternational == false)
        #expect(PhoneGuess.of(["+91 98765 43210"], language: nil)?.isInternational == true)
        #expect(PhoneGuess.of(["06 12 34 56 78"], language: "fr")?.country == "FR")
        #expect(PhoneGuess.of(["(212) 555-0100"], language: "en")?.country == "US")
        // One from abroad among Swiss ones.
        let swiss = (0..<20).map { "079 123 45 \($0 + 10)" } + ["+49 151 2345678"]
        #expect(PhoneGuess.of(swiss, language: "de")?.country == nil)
        #expect(PhoneGuess.of(["9876543210"], language: "en")?.country == nil)
        #expect(PhoneGuess.of(["0151 2345678"], language: nil)?.country == nil)
        #expect(PhoneGuess.of(["A-1", "B-2"], language: nil) == nil)
    }
}
