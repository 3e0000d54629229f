import Model

/// Days since 1900 or 1904, as a workbook stores a date, in ISO 8601.
///
/// Source: ECMA-376, part 1, section 18.17.4.
enum SerialDate {
    private static let day = 86_400_000
    /// 9999-12-31.
    private static let last = 2_958_466

    /// Appends the date, the time, or both, of the number that `value` is; what is no number, as it is.
    ///
    /// The date is alone where the time is zero and the format shows none; the time, where the number is below 1.
    /// What no calendar has comes as `#NUM!`.
    static func append(
        _ value: ArraySlice<UInt8>, _ format: NumberFormat, is1904: Bool, to text: inout [UInt8]
    ) {
        guard let number = Double(String(decoding: value, as: UTF8.self)), number.isFinite else {
            text.append(contentsOf: value)
            return
        }
        guard number >= 0, number < Double(last) else {
            text.append(contentsOf: "#NUM!".utf8)
            return
        }
        let unit = format.showsFraction ? 1 : 1000
        // Fractions of a day are never exact: to the second, or to what the format shows.
        let total = Int((number * Double(day / unit)).rounded()) * unit
        if format.isElapsed, !format.showsDate {
            appendTime(total, to: &text)
            return
        }
        let (days, time) = total.quotientAndRemainder(dividingBy: day)
        if number < 1 {
            appendTime(time, to: &text)
            return
        }
        appendDate(days, is1904, to: &text)
        guard time != 0 || format.showsTime else { return }
        text.append(UInt8(ascii: "T"))
        appendTime(time, to: &text)
    }

    private static func appendDate(_ days: Int, _ is1904: Bool, to text: inout [UInt8]) {
        // Excel's 1900 has a 29th of February, as Lotus 1-2-3 had it: nobody was born on that day.
        if !is1904, days == 60 {
            text.append(contentsOf: "1900-02-29".utf8)
            return
        }
        // Days since 0000-03-01, by which the leap day is the last of a year.
        var rest = days + (is1904 ? 695_361 : days < 60 ? 693_900 : 693_899)
        let era = rest / 146_097
        rest %= 146_097
        let year = (rest - rest / 1460 + rest / 36_524 - rest / 146_096) / 365
        let ofYear = rest - (365 * year + year / 4 - year / 100)
        let month = (5 * ofYear + 2) / 153
        let ofMonth = ofYear - (153 * month + 2) / 5 + 1
        append(400 * era + year + (month >= 10 ? 1 : 0), digits: 4, to: &text)
        text.append(UInt8(ascii: "-"))
        append(month < 10 ? month + 3 : month - 9, digits: 2, to: &text)
        text.append(UInt8(ascii: "-"))
        append(ofMonth, digits: 2, to: &text)
    }

    private static func appendTime(_ milliseconds: Int, to text: inout [UInt8]) {
        let seconds = milliseconds / 1000
        append(seconds / 3600, digits: 2, to: &text)
        text.append(UInt8(ascii: ":"))
        append(seconds / 60 % 60, digits: 2, to: &text)
        text.append(UInt8(ascii: ":"))
        append(seconds % 60, digits: 2, to: &text)
        guard milliseconds % 1000 != 0 else { return }
        text.append(UInt8(ascii: "."))
        append(milliseconds % 1000, digits: 3, to: &text)
    }

    private static func append(_ number: Int, digits: Int, to text: inout [UInt8]) {
        var least = 1
        for _ in 1..<digits { least *= 10 }
        while least <= number / 10 { least *= 10 }
        while least > 0 {
            text.append(UInt8(number / least % 10) + 0x30)
            least /= 10
        }
    }
}
