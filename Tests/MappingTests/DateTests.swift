import Foundation
import Mapping
import Model
import TestSupport
import Testing

@Suite("Dates")
struct DateTests {
    private func outcome(_ cell: String, _ conversion: Conversion) throws -> String {
        let records = try mapped("c,d\n\"\(cell)\",\n", one(conversion))
        return records[0].problems.first.map { "✗ " + $0.reason.code }
            ?? String(records[0].item.dropFirst(5).dropLast())
    }

    private func instant(_ cell: String, _ format: String, _ zone: String?) throws -> String {
        try outcome(cell, Conversion(.datetime, formats: [format], zone: zone))
    }

    @Test(
        "As they are written, with the zone's offset",
        arguments: [
            ("03/02/2026 14:05", "dd/MM/yyyy HH:mm", "Asia/Kolkata", "2026-02-03T14:05:00+05:30"),
            ("19970101", "yyyyMMdd", "America/New_York", "1997-01-01T00:00:00-05:00"),
            ("19970701", "yyyyMMdd", "America/New_York", "1997-07-01T00:00:00-04:00"),
            ("3.2.26 9:07:08", "d.M.yy H:mm:ss", "Europe/Berlin", "2026-02-03T09:07:08+01:00"),
            ("13.12.70", "dd.MM.yy", "UTC", "1970-12-13T00:00:00Z"),
            ("Feb 3, 2026 02:05 PM", "MMM d, yyyy hh:mm a", "+02:00", "2026-02-03T14:05:00+02:00"),
            ("12:30 am 3-february-2026", "hh:mm a d-MMMM-yyyy", "-03:30", "2026-02-03T00:30:00-03:30"),
            (
                "Tue, 03 Feb 2026 14:05:06 +0530", "EEE, dd MMM yyyy HH:mm:ss Z", nil,
                "2026-02-03T14:05:06+05:30"
            ),
            ("2026-02-03T14:05:06.789Z", "iso", nil, "2026-02-03T14:05:06.789Z"),
            ("2026-02-03 14:05", "iso", "Europe/London", "2026-02-03T14:05:00Z"),
            ("2026-07-03 14:05:06+02", "iso", "Europe/London", "2026-07-03T14:05:06+02:00"),
            ("2026-07-03", "iso", "Europe/London", "2026-07-03T00:00:00+01:00"),
            ("03-02-2026T14h05", "dd-MM-yyyy'T'HH'h'mm", "UTC", "2026-02-03T14:05:00Z"),
            ("2024-02-29", "yyyy-MM-dd", "Asia/Tokyo", "2024-02-29T00:00:00+09:00"),
            ("1770127500", "epoch", nil, "2026-02-03T14:05:00Z"),
            ("1770127500", "epoch", "Asia/Kolkata", "2026-02-03T19:35:00+05:30"),
            ("1770127500123", "epoch_ms", nil, "2026-02-03T14:05:00.123Z"),
            ("-1", "epoch", nil, "1969-12-31T23:59:59Z"),
            ("5 Sept 2026", "d MMM yyyy", "UTC", "2026-09-05T00:00:00Z"),
            ("5 Sept. 2026", "d MMM yyyy", "UTC", "2026-09-05T00:00:00Z"),
            ("1/5/2026, 3:04\u{202F}PM", "M/d/yyyy, h:mm a", "UTC", "2026-01-05T15:04:00Z"),
            ("1/5/2026, 3:04\u{A0}am", "M/d/yyyy, h:mm a", "UTC", "2026-01-05T03:04:00Z"),
            ("1/5/2026, 3:04 p.m.", "M/d/yyyy, h:mm a", "UTC", "2026-01-05T15:04:00Z"),
            ("1/5/2026, 12:04 a. m.", "M/d/yyyy, h:mm a", "UTC", "2026-01-05T00:04:00Z"),
        ])
    func written(cell: String, format: String, zone: String?, expected: String) throws {
        #expect(try instant(cell, format, zone) == "\"\(expected)\"")
    }

    @Test(
        "Months by the names of a language",
        arguments: [
            ("de", "5. März 2026", "d. MMMM yyyy", 3), ("de", "5. Mrz. 2026", "d. MMM yyyy", 3),
            ("de-AT", "5. JÄNNER 2026", "d. MMMM yyyy", 1), ("de", "5. Dez 2026", "d. MMM yyyy", 12),
            ("fr", "5 juin 2026", "d MMM yyyy", 6), ("fr", "5 juil. 2026", "d MMM yyyy", 7),
            ("fr_FR", "5 août 2026", "d MMMM yyyy", 8), ("fr", "5 févr. 2026", "d MMM yyyy", 2),
            ("es", "5 de sept de 2026", "d 'de' MMM 'de' yyyy", 9),
            ("es", "5 ene 2026", "d MMM yyyy", 1),
            ("it", "5 giu 2026", "d MMM yyyy", 6), ("nl", "5 mrt. 2026", "d MMM yyyy", 3),
            ("pt-BR", "5 fev. 2026", "d MMM yyyy", 2), ("tr", "5 Ağu 2026", "d MMM yyyy", 8),
            ("pl", "5 września 2026", "d MMMM yyyy", 9), ("ru", "5 мая 2026", "d MMMM yyyy", 5),
            ("cs", "5. srpna 2026", "d. MMMM yyyy", 8), ("en", "5 Sept 2026", "d MMM yyyy", 9),
        ])
    func languages(locale: String, cell: String, format: String, month: Int) throws {
        var conversion = Conversion(.date, formats: [format])
        conversion.locale = locale
        #expect(try outcome(cell, conversion) == "\"2026-\(month < 10 ? "0" : "")\(month)-05\"")
    }

    @Test("A name that more than one month begins with, or of another language, is no date")
    func wrongMonths() throws {
        for (locale, cell) in [("fr", "5 jui 2026"), ("de", "5 May 2026"), ("en", "5 ju 2026")] {
            var conversion = Conversion(.date, formats: ["d MMM yyyy"])
            conversion.locale = locale
            #expect(try outcome(cell, conversion) == "✗ format", "\(locale) \(cell)")
        }
        var unknown = Conversion(.date, formats: ["d MMM yyyy"])
        unknown.locale = "dee"
        let error = #expect(throws: MappingError.self) { try outcome("x", unknown) }
        #expect(error?.suggestion == "de", "\(error as Any)")
    }

    @Test(
        "No day, no time, or written otherwise",
        arguments: [
            ("31/02/2026", "dd/MM/yyyy"), ("29/02/2025", "dd/MM/yyyy"), ("00/01/2026", "dd/MM/yyyy"),
            ("01/13/2026", "dd/MM/yyyy"), ("1/2/2026", "dd/MM/yyyy"), ("01/02/26", "dd/MM/yyyy"),
            ("01/02/2026 ", "dd/MM/yyyy HH:mm"), ("01/02/2026 24:00", "dd/MM/yyyy HH:mm"),
            ("01/02/2026 12:60", "dd/MM/yyyy HH:mm"), ("01/02/2026 13:00 PM", "dd/MM/yyyy hh:mm a"),
            ("01/02/2026x", "dd/MM/yyyy"), ("x", "iso"), ("2026-02-30", "iso"), ("2026-02-03T", "iso"),
            ("20260203", "epoch_ms x"), ("999999999999999", "epoch"),
        ])
    func refused(cell: String, format: String) throws {
        if format.hasSuffix("x") {
            #expect(throws: MappingError.self) { try instant(cell, format, "UTC") }
        } else {
            #expect(try instant(cell, format, "UTC") == "✗ format")
        }
    }

    @Test("The clock is kept in an hour that is skipped or comes twice")
    func turns() throws {
        let format = "yyyy-MM-dd HH:mm"
        // Forward at 2:00: half past two is half an hour after it, by the offset before.
        #expect(
            try instant("2026-03-08 02:30", format, "America/New_York")
                == "\"2026-03-08T02:30:00-05:00\"")
        #expect(
            try instant("2026-03-08 03:00", format, "America/New_York")
                == "\"2026-03-08T03:00:00-04:00\"")
        #expect(
            try instant("2026-03-08 01:59", format, "America/New_York")
                == "\"2026-03-08T01:59:00-05:00\"")
        // Back at 2:00: the first time is meant.
        #expect(
            try instant("2026-11-01 01:30", format, "America/New_York")
                == "\"2026-11-01T01:30:00-04:00\"")
        #expect(
            try instant("2026-11-01 02:00", format, "America/New_York")
                == "\"2026-11-01T02:00:00-05:00\"")
        // Midnight itself was skipped: the day stays the day.
        #expect(
            try instant("2018-11-04", "yyyy-MM-dd", "America/Sao_Paulo")
                == "\"2018-11-04T00:00:00-03:00\"")
    }

    @Test("A date without an offset and without a zone is not guessed")
    func noOffset() throws {
        let conversion = Conversion(.datetime)
        #expect(try outcome("2026-02-03T14:05:00", conversion) == "✗ no-offset")
        #expect(try outcome("2026-02-03T14:05:00-00:30", conversion) == "\"2026-02-03T14:05:00-00:30\"")
        #expect(throws: MappingError.self) { try instant("03/02/2026", "dd/MM/yyyy", nil) }
    }

    @Test("Several formats, and other outputs")
    func outputs() throws {
        let formats = ["yyyy-MM-dd HH:mm", "dd.MM.yyyy"]
        let zone = "Europe/Berlin"
        #expect(
            try outcome("03.02.2026", Conversion(.datetime, formats: formats, zone: zone))
                == "\"2026-02-03T00:00:00+01:00\"")
        #expect(
            try outcome("2026-07-03 12:00", Conversion(.epoch, formats: formats, zone: zone))
                == "1783072800")
        #expect(
            try outcome(
                "2026-07-03 12:00", Conversion(.epochMilliseconds, formats: formats, zone: zone))
                == "1783072800000")
        #expect(try outcome("03.02.2026", Conversion(.date, formats: formats)) == "\"2026-02-03\"")
        #expect(
            try outcome("1770075900", Conversion(.date, formats: ["epoch"], zone: "Asia/Kolkata"))
                == "\"2026-02-03\"")
        #expect(
            try outcome("1.77013E+12", Conversion(.datetime, formats: ["epoch_ms"]))
                == "✗ spreadsheet-damage")
    }

    @Test(
        "Offsets are those of Foundation, in any order of the dates",
        arguments: [
            "Europe/London", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe",
            "Africa/Casablanca",
            "America/St_Johns", "Pacific/Apia",
        ])
    func offsets(name: String) throws {
        let zone = try #require(TimeZone(identifier: name))
        var random = Seeded(7)
        var rows = "c,d\n"
        var wanted: [String] = []
        for _ in 0..<400 {
            let seconds = Int.random(in: -500_000_000...2_500_000_000, using: &random)
            let instant = Date(timeIntervalSince1970: Double(seconds))
            let offset = zone.secondsFromGMT(for: instant)
            let clock = Timestamp(milliseconds: Int64(seconds + offset) * 1000).iso8601.dropLast()
            rows += "\(clock),\n"
            // A clock time that comes twice is taken for the first.
            let before = zone.secondsFromGMT(for: instant.addingTimeInterval(-10_800))
            let first = max(before, offset) - offset
            let isSecond =
                first > 0
                && zone.secondsFromGMT(for: instant.addingTimeInterval(Double(-first))) == before
            let shown = isSecond ? before : offset
            let minutes = abs(shown) / 60
            let two = { (n: Int) in n < 10 ? "0\(n)" : "\(n)" }
            wanted.append(
                "{\"v\":\"\(clock)"
                    + (shown == 0
                        ? "Z" : (shown < 0 ? "-" : "+") + two(minutes / 60) + ":" + two(minutes % 60))
                    + "\"}")
        }
        let records = try mapped(rows, one(Conversion(.datetime, zone: name)))
        for (record, text) in zip(records, wanted) { #expect(record.item == text) }
    }
}
