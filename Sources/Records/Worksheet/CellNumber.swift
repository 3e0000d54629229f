import Model

/// A number as a workbook stores it, as people know it.
///
/// Excel keeps 15 significant digits and stores 17: 0.1 + 0.2 is `0.30000000000000004` in the file, and 0.3 for
/// whoever looks at it. A whole number of more than 15 digits has lost the rest, and comes in the form that
/// ``SpreadsheetDamage`` refuses: `4.11111111111111E+15`.
enum CellNumber {
    private static let digitsKept = 15

    /// Appends `value` in plain digits; what is no number, as it is.
    ///
    /// - Parameter width: Leading zeros fill it up to this many digits.
    static func append(_ value: ArraySlice<UInt8>, width: Int = 0, to text: inout [UInt8]) {
        guard let number = Parts(value) else {
            text.append(contentsOf: value)
            return
        }
        var digits = number.digits
        var exponent = number.exponent
        if digits.count > digitsKept {
            exponent += digits.count - digitsKept
            let isUp = digits[digitsKept] >= 5
            digits.removeLast(digits.count - digitsKept)
            if isUp, increment(&digits) { exponent += 1 }
        }
        while digits.last == 0 {
            digits.removeLast()
            exponent += 1
        }
        guard !digits.isEmpty else {
            text.append(contentsOf: repeatElement(UInt8(ascii: "0"), count: max(1, width)))
            return
        }
        if number.isNegative { text.append(UInt8(ascii: "-")) }
        let whole = digits.count + exponent
        // `%g` in C writes 919876543210 as 9.19877e+11: the zeros are made up. Java writes no plus, and all digits.
        let isRounded = number.hasPlus && number.written < whole
        if whole > digitsKept || isRounded {
            text.append(digits[0] + 0x30)
            if digits.count > 1 {
                text.append(UInt8(ascii: "."))
                text.append(contentsOf: digits[1...].lazy.map { $0 + 0x30 })
            }
            text.append(contentsOf: (whole - 1 < 10 ? "E+0" : "E+").utf8)
            text.append(contentsOf: String(whole - 1).utf8)
        } else if whole <= 0 {
            text.append(contentsOf: "0.".utf8)
            text.append(contentsOf: repeatElement(UInt8(ascii: "0"), count: -whole))
            text.append(contentsOf: digits.lazy.map { $0 + 0x30 })
        } else {
            if exponent >= 0, whole < width, !number.isNegative {
                text.append(contentsOf: repeatElement(UInt8(ascii: "0"), count: width - whole))
            }
            for (index, digit) in digits.enumerated() {
                if index == whole { text.append(UInt8(ascii: ".")) }
                text.append(digit + 0x30)
            }
            text.append(contentsOf: repeatElement(UInt8(ascii: "0"), count: max(0, exponent)))
        }
    }

    /// Adds one in the last place; true where all were nines, so that there is one more.
    private static func increment(_ digits: inout [UInt8]) -> Bool {
        for index in digits.indices.reversed() {
            if digits[index] < 9 {
                digits[index] += 1
                return false
            }
            digits[index] = 0
        }
        // One digit more, a zero, is in the exponent.
        digits[0] = 1
        return true
    }

    private struct Parts {
        var isNegative = false
        /// Without zeros at their start.
        var digits: [UInt8] = []
        /// Of ten, by which they are multiplied.
        var exponent = 0
        var hasPlus = false
        /// How many digits were written.
        var written = 0

        init?(_ value: ArraySlice<UInt8>) {
            var at = value.startIndex
            let end = value.endIndex
            if at < end, value[at] == UInt8(ascii: "-") || value[at] == UInt8(ascii: "+") {
                isNegative = value[at] == UInt8(ascii: "-")
                at += 1
            }
            var hasDigit = false
            var isFraction = false
            while at < end {
                if value[at] == UInt8(ascii: "."), !isFraction {
                    isFraction = true
                } else if isDigit(value[at]) {
                    hasDigit = true
                    if isFraction { exponent -= 1 }
                    if !digits.isEmpty || value[at] != UInt8(ascii: "0") {
                        digits.append(value[at] & 15)
                    }
                } else {
                    break
                }
                at += 1
            }
            guard hasDigit, digits.count <= 400 else { return nil }
            written = digits.count
            guard at < end else { return }
            guard value[at] | 0x20 == UInt8(ascii: "e") else { return nil }
            at += 1
            var isDown = false
            if at < end, value[at] == UInt8(ascii: "-") || value[at] == UInt8(ascii: "+") {
                isDown = value[at] == UInt8(ascii: "-")
                hasPlus = !isDown
                at += 1
            }
            guard at < end, end - at <= 3 else { return nil }
            var power = 0
            while at < end {
                guard isDigit(value[at]) else { return nil }
                power = 10 * power + Int(value[at] & 15)
                at += 1
            }
            exponent += isDown ? -power : power
        }
    }
}
