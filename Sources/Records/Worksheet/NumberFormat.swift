/// What a cell's number format says of its number: whether it is a date, and what of it is shown.
struct NumberFormat: Equatable, Sendable {
    /// It is a date, a time or both.
    var isDate = false
    var showsDate = false
    var showsTime = false
    /// Hours are counted beyond 24: `[h]:mm`.
    var isElapsed = false
    /// Parts of seconds.
    var showsFraction = false
    /// Leading zeros fill a whole number up to this many digits: `00000`.
    var width: UInt8 = 0

    static let general = NumberFormat()

    /// A format that Excel knows by its number; what a language makes of it is not in the file.
    ///
    /// Source: ECMA-376, part 1, section 18.8.30, `numFmt`.
    init(builtIn id: Int) {
        switch id {
        case 14...17: (isDate, showsDate) = (true, true)
        case 18...21: (isDate, showsTime) = (true, true)
        case 22: (isDate, showsDate, showsTime) = (true, true, true)
        // In some languages times; the number itself tells.
        case 27...36, 50...58: (isDate, showsDate) = (true, true)
        case 45: (isDate, showsTime) = (true, true)
        case 46: (isDate, showsTime, isElapsed) = (true, true, true)
        case 47: (isDate, showsTime, showsFraction) = (true, true, true)
        default: break
        }
    }

    init() {}

    /// A format as it is written, such as `yyyy\\-mm\\-dd;@`. Its first section decides.
    init(code: String) {
        // As some programs write what Excel calls so in other languages.
        if ["general", "standard"].contains(code.lowercased()) { return }
        var code = Array(code.utf8)[...]
        // What is neither text nor condition, in small letters.
        var letters: [UInt8] = []
        while let byte = code.popFirst(), byte != UInt8(ascii: ";") {
            switch byte {
            // One character as it is; room for one; one that fills the cell.
            case UInt8(ascii: "\\"), UInt8(ascii: "_"), UInt8(ascii: "*"):
                _ = code.popFirst()
                while let next = code.first, next & 0xC0 == 0x80 { code.removeFirst() }
                letters.append(UInt8(ascii: " "))
            case UInt8(ascii: "\""):
                code = code.drop { $0 != UInt8(ascii: "\"") }.dropFirst()
                letters.append(UInt8(ascii: " "))
            case UInt8(ascii: "["):
                let inside = code.prefix { $0 != UInt8(ascii: "]") }.map { $0 | 0x20 }
                code = code.dropFirst(inside.count + 1)
                letters.append(UInt8(ascii: " "))
                guard let first = inside.first, "hms".utf8.contains(first),
                    inside.allSatisfy({ $0 == first })
                else { continue }
                isElapsed = true
                letters.append(UInt8(ascii: "h"))
            default: letters.append(lower(byte))
            }
        }
        if letters.count > 1, letters.allSatisfy({ $0 == UInt8(ascii: "0") }) {
            width = UInt8(min(letters.count, 30))
            return
        }
        take(letters)
    }

    private mutating func take(_ letters: [UInt8]) {
        var at = 0
        // Of the letters of dates, the one before.
        var last: UInt8 = 0
        while at < letters.count {
            let letter = letters[at]
            var end = at + 1
            while end < letters.count, letters[end] == letter { end += 1 }
            defer { at = max(at + 1, end) }
            switch letter {
            case UInt8(ascii: "y"), UInt8(ascii: "d"): showsDate = true
            case UInt8(ascii: "h"): showsTime = true
            case UInt8(ascii: "s"):
                showsTime = true
                if end + 1 < letters.count,
                    letters[end] == UInt8(ascii: ".") || letters[end] == UInt8(ascii: ","),
                    letters[end + 1] == UInt8(ascii: "0")
                {
                    showsFraction = true
                    end += 1
                    while end < letters.count, letters[end] == UInt8(ascii: "0") { end += 1 }
                }
            case UInt8(ascii: "m"):
                // Minutes stand behind hours or seconds, or before seconds.
                let next = letters[end...].first { "ydhms".utf8.contains($0) }
                if last == UInt8(ascii: "h") || last == UInt8(ascii: "s") || next == UInt8(ascii: "s") {
                    showsTime = true
                } else {
                    showsDate = true
                }
            // AM/PM, A/P
            case UInt8(ascii: "a"):
                let rest = letters[end...]
                guard
                    let length = [Array("m/pm".utf8), Array("/p".utf8)].first(where: rest.starts)?.count
                else { continue }
                showsTime = true
                end += length
                continue
            case UInt8(ascii: "0"), UInt8(ascii: "#"), UInt8(ascii: "?"), UInt8(ascii: "@"):
                self = .general
                return
            default: continue
            }
            last = letter
        }
        isDate = showsDate || showsTime
        if !isDate { isElapsed = false }
    }
}

private func lower(_ byte: UInt8) -> UInt8 { 0x41...0x5A ~= byte ? byte | 0x20 : byte }
