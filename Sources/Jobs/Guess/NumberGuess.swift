import Foundation

/// How the numbers of a column are written.
package struct NumberGuess: Sendable, Equatable {
    /// `,` or `.`; nil where the values do not tell.
    package var decimal: String?
    /// Nil where none was seen.
    package var thousands: String?
    /// `12-`, `(12)` or a typographic minus.
    package var isAccounting = false
    /// `€`, `EUR`, …
    package var currencies: [String] = []
    /// A value such as `1,234` that means two numbers, and no other value that tells which.
    package var isAmbiguous = false
    package var negatives = 0
    package var positives = 0
    /// No value has a sign between digits.
    package var isWhole = true
    /// Thousands in groups of two, as in `1,23,456`.
    package var isIndian = false

    /// - Returns: Nil where the values are no numbers, or are written in several ways.
    package static func of(_ values: [String]) -> NumberGuess? {
        guard !values.isEmpty else { return nil }
        var guess = NumberGuess()
        var bad = 0
        var decimals: Set<Character> = []
        var separators: Set<Character> = []
        var doubtful: Set<Character> = []
        for value in values {
            guard let number = Written(value) else {
                bad += 1
                continue
            }
            guess.isAccounting = guess.isAccounting || number.isAccounting
            if !number.currency.isEmpty, !guess.currencies.contains(number.currency) {
                guess.currencies.append(number.currency)
            }
            if number.isNegative { guess.negatives += 1 } else { guess.positives += 1 }
            guess.isIndian = guess.isIndian || number.isIndian
            if let sign = number.decimal { decimals.insert(sign) }
            if let sign = number.thousands { separators.insert(sign) }
            if let sign = number.doubtful { doubtful.insert(sign) }
        }
        guard bad <= max(values.count >= 10 ? 1 : 0, values.count / 20) else { return nil }
        guard decimals.count <= 1, separators.count <= 1,
            decimals.intersection(separators).isEmpty, guess.currencies.count <= 2
        else { return nil }
        guess.isWhole = decimals.isEmpty && separators.isEmpty && doubtful.isEmpty
        if let sign = decimals.first {
            // What may be either is thousands where the other sign is the decimal one.
            if doubtful.contains(where: { $0 != sign }) {
                guard separators.isSubset(of: doubtful) else { return nil }
                separators.formUnion(doubtful.filter { $0 != sign })
            }
            guess.decimal = String(sign)
        } else if let sign = separators.first {
            if let other = doubtful.first, other != sign { return nil }
            if sign == "," { guess.decimal = "." } else if sign == "." { guess.decimal = "," }
        } else {
            guess.isAmbiguous = !doubtful.isEmpty
        }
        guard separators.count <= 1 else { return nil }
        guess.thousands = separators.first.map { $0.isWhitespace ? " " : $0 == "’" ? "'" : String($0) }
        return guess
    }

    /// One number, taken apart.
    private struct Written {
        var isNegative = false
        var isAccounting = false
        var currency = ""
        var decimal: Character?
        var thousands: Character?
        /// One sign with three digits after it.
        var doubtful: Character?
        var isIndian = false

        init?(_ text: String) {
            var text = text.trimmingCharacters(in: .whitespacesAndNewlines)
            if text.hasPrefix("("), text.hasSuffix(")") {
                isNegative = true
                isAccounting = true
                text = String(text.dropFirst().dropLast())
            }
            takeSigns(&text)
            let isCurrency: (Character) -> Bool = { $0.isLetter || $0.isCurrencySymbol }
            let before = text.prefix(while: isCurrency)
            text = String(text.dropFirst(before.count)).trimmingCharacters(in: .whitespaces)
            let after = String(text.reversed().prefix(while: isCurrency).reversed())
            text = String(text.dropLast(after.count)).trimmingCharacters(in: .whitespaces)
            guard before.isEmpty || after.isEmpty, max(before.count, after.count) <= 4 else {
                return nil
            }
            currency = String(before) + after
            // `A-1` and `SKU1` are codes.
            guard
                currency.isEmpty || currency.allSatisfy(\.isCurrencySymbol)
                    || Self.currencies.contains(currency.uppercased())
            else { return nil }
            takeSigns(&text)
            guard text.first?.isASCIIDigit == true || text.hasPrefix(",") || text.hasPrefix("."),
                text.last?.isASCIIDigit == true, text.count <= 24,
                text.allSatisfy({ $0.isASCIIDigit || ".,' ’\u{A0}\u{202F}\u{2009}".contains($0) })
            else { return nil }
            let signs = text.filter { !$0.isASCIIDigit }
            guard !signs.isEmpty else { return }
            let last = signs.last ?? " "
            let groups = text.split(whereSeparator: { !$0.isASCIIDigit }, omittingEmpty: false).map(
                \.count)
            if Set(signs).count == 1 {
                if signs.count > 1 || !".,".contains(last) {
                    guard isGrouped(groups) else { return nil }
                    thousands = last
                } else if groups.last == 3, groups.first ?? 0 > 0, (groups.first ?? 0) <= 3,
                    text.first != "0"
                {
                    doubtful = last
                } else {
                    decimal = last
                }
            } else {
                guard Set(signs.dropLast()).count == 1, ".,".contains(last),
                    isGrouped(Array(groups.dropLast()))
                else { return nil }
                decimal = last
                thousands = signs.first
            }
        }

        private static let currencies: Set<String> = [
            "AED", "ARS", "AUD", "BHD", "BRL", "CAD", "CHF", "CLP", "CNY", "COP", "CZK", "DKK", "EGP",
            "EUR",
            "EURO", "FR", "GBP", "HKD", "HUF", "IDR", "INR", "JPY", "KES", "KR", "KRW", "KWD", "KČ",
            "LKR", "MXN",
            "MYR", "NGN", "NOK", "NZD", "OMR", "PEN", "PHP", "PKR", "PLN", "QAR", "RON", "RP", "RS",
            "RUB", "SAR",
            "SEK", "SFR", "SGD", "THB", "TL", "TRY", "USD", "VND", "ZAR", "ZŁ", "R$", "US$", "A$", "C$",
            "S$", "HK$",
        ]

        private mutating func takeSigns(_ text: inout String) {
            if let first = text.first, "-+\u{2212}".contains(first) {
                isNegative = isNegative || first != "+"
                isAccounting = isAccounting || first == "\u{2212}"
                text.removeFirst()
                text = text.trimmingCharacters(in: .whitespaces)
            }
            if let last = text.last, "-\u{2212}".contains(last) {
                isNegative = true
                isAccounting = true
                text.removeLast()
                text = text.trimmingCharacters(in: .whitespaces)
            }
        }

        /// Groups of three, or of two before the last one.
        private mutating func isGrouped(_ groups: [Int]) -> Bool {
            guard groups.count > 1, let first = groups.first, groups.last == 3, (1...3).contains(first)
            else { return false }
            let inner = groups.dropFirst().dropLast()
            if inner.allSatisfy({ $0 == 3 }) { return true }
            isIndian = inner.allSatisfy { $0 == 2 } && first <= 2
            return isIndian
        }
    }
}

extension Character {
    var isASCIIDigit: Bool { ("0"..."9").contains(self) }
}

extension String {
    fileprivate func split(whereSeparator isSeparator: (Character) -> Bool, omittingEmpty: Bool)
        -> [Substring]
    {
        split(omittingEmptySubsequences: omittingEmpty, whereSeparator: isSeparator)
    }
}
