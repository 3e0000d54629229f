import Model

/// What a spreadsheet leaves where a value was: `9.19876E+11` for a phone number, `#N/A`, `919876543210.0`.
package enum SpreadsheetDamage {
    /// Whether the digits of `bytes[range]` are lost, or never were any.
    ///
    /// In any text: one digit, perhaps a fraction, `E+` and two or three digits; and the error words. In an
    /// identifier or a code also what programs make of a number: any exponent after a fraction, and a
    /// fraction of zeros.
    ///
    /// White space around it makes it no better.
    package static func isDamaged(_ bytes: [UInt8], _ range: Range<Int>, asCode: Bool = false) -> Bool {
        let range = KeyText.withoutSpace(bytes, range)
        guard range.count >= 3 else { return false }
        switch bytes[range.lowerBound] {
        case UInt8(ascii: "#"): return isErrorWord(bytes, range, asCode: asCode)
        case UInt8(ascii: "E"), UInt8(ascii: "e"): return isErrorNumber(bytes, range)
        case UInt8(ascii: "="): return asCode
        default: break
        }
        guard isDigit(bytes[range.upperBound - 1]), let number = Shape(bytes, range) else {
            return false
        }
        if number.exponent > 0 {
            return number.isRounded || asCode && (number.hasPlus || number.fraction > 0)
        }
        return asCode && number.fraction > 0 && number.isFractionZero
    }

    /// In the place of a formula's value that the workbook does not have.
    static let notCalculated = "#NOT_CALCULATED!"
    /// In the place of a text that is longer than a field may be.
    static let tooLong = "#TOO_LONG!"

    /// Whether `bytes[range]` has a sign, a fraction or an exponent that would be lost, or turned to digits,
    /// where everything but the digits is dropped.
    ///
    /// A phone number may be written in groups: `98765.43210` and `06.12.34.56.78` are no fractions, `12.50` and
    /// `+91-98765-43210.0` are. A minus before the first digit is a sign; a plus is what people write there.
    ///
    /// - Parameter isNumber: What is expected is an amount or a count, so that no sign and no separator may go.
    package static func losesDigits(_ bytes: [UInt8], _ range: Range<Int>, isNumber: Bool) -> Bool {
        if isNumber {
            var hasDigit = false
            for index in range {
                switch bytes[index] {
                case UInt8(ascii: "0")...UInt8(ascii: "9"): hasDigit = true
                case UInt8(ascii: "-"), UInt8(ascii: "("), UInt8(ascii: "."), UInt8(ascii: ","):
                    return true
                // U+2212, the minus sign
                case 0xE2 where begins(bytes, index, range.upperBound, [0xE2, 0x88, 0x92]): return true
                case UInt8(ascii: "e"), UInt8(ascii: "E"):
                    if hasDigit, Shape(bytes, range) != nil { return true }
                default: break
                }
            }
            return false
        }
        let range = KeyText.withoutSpace(bytes, range)
        if let first = range.first {
            if bytes[first] == UInt8(ascii: "-") { return true }
            if begins(bytes, first, range.upperBound, [0xE2, 0x88, 0x92]) { return true }
        }
        return endsInExponent(bytes, range) || endsInFraction(bytes, range)
    }

    /// `9.19E11`, `9E+11`, also after a prefix: a digit, `E`, perhaps a sign, and digits to the end.
    private static func endsInExponent(_ bytes: [UInt8], _ range: Range<Int>) -> Bool {
        var at = range.upperBound
        while at > range.lowerBound, isDigit(bytes[at - 1]) { at -= 1 }
        guard at < range.upperBound, at > range.lowerBound else { return false }
        if bytes[at - 1] == UInt8(ascii: "+") || bytes[at - 1] == UInt8(ascii: "-") { at -= 1 }
        guard at - 1 > range.lowerBound, bytes[at - 1] | 0x20 == UInt8(ascii: "e") else { return false }
        return isDigit(bytes[at - 2]) || bytes[at - 2] == UInt8(ascii: ".")
            || bytes[at - 2] == UInt8(ascii: ",")
    }

    /// The only point or comma, with one or two digits behind it, or zeros alone; behind the last of several,
    /// which divide groups, a single zero.
    private static func endsInFraction(_ bytes: [UInt8], _ range: Range<Int>) -> Bool {
        func isPoint(_ byte: UInt8) -> Bool { byte == UInt8(ascii: ".") || byte == UInt8(ascii: ",") }
        var at = range.upperBound
        var isZero = true
        while at > range.lowerBound, isDigit(bytes[at - 1]) {
            if bytes[at - 1] != UInt8(ascii: "0") { isZero = false }
            at -= 1
        }
        let count = range.upperBound - at
        guard count > 0, at > range.lowerBound, isPoint(bytes[at - 1]) else { return false }
        guard at - 1 == range.lowerBound || isDigit(bytes[at - 2]) else { return false }
        guard !bytes[range.lowerBound..<at - 1].contains(where: isPoint) else {
            return count == 1 && isZero
        }
        return count <= 2 || isZero
    }

    /// Whether `bytes[range]` is a long number as a spreadsheet shows it: `9.19876E+11`, a capital E and at
    /// least 11 behind it. R writes `1e+05`, which is exact.
    package static func isRounded(_ bytes: [UInt8], _ range: Range<Int>) -> Bool {
        let range = KeyText.withoutSpace(bytes, range)
        guard range.count >= 5 else { return false }
        let sign = range.upperBound - 3
        guard bytes[sign] == UInt8(ascii: "+"), bytes[sign - 1] == UInt8(ascii: "E"),
            isDigit(bytes[sign + 1]), isDigit(bytes[sign + 2]),
            Int(bytes[sign + 1] & 15) * 10 + Int(bytes[sign + 2] & 15) >= 11
        else { return false }
        return Shape(bytes, range)?.isRounded == true
    }

    /// What a number is made of: counts of digits.
    private struct Shape {
        var whole = 0
        var fraction = 0
        var isFractionZero = true
        var exponent = 0
        var hasPlus = false
        var hasPoint = false
        var isRounded: Bool {
            hasPlus && whole == 1 && (2...3).contains(exponent) && (fraction > 0 || !hasPoint)
        }

        /// Nil where it is no number with a point or a comma before its fraction.
        init?(_ bytes: [UInt8], _ range: Range<Int>) {
            var at = range.lowerBound
            let end = range.upperBound
            if at < end, bytes[at] == UInt8(ascii: "-") || bytes[at] == UInt8(ascii: "+") { at += 1 }
            while at < end, isDigit(bytes[at]) {
                whole += 1
                at += 1
            }
            if at < end, bytes[at] == UInt8(ascii: ".") || bytes[at] == UInt8(ascii: ",") {
                hasPoint = true
                at += 1
                while at < end, isDigit(bytes[at]) {
                    fraction += 1
                    if bytes[at] != UInt8(ascii: "0") { isFractionZero = false }
                    at += 1
                }
            }
            guard whole + fraction > 0 else { return nil }
            if at < end, bytes[at] | 0x20 == UInt8(ascii: "e") {
                at += 1
                if at < end, bytes[at] == UInt8(ascii: "+") || bytes[at] == UInt8(ascii: "-") {
                    hasPlus = bytes[at] == UInt8(ascii: "+")
                    at += 1
                }
                while at < end, isDigit(bytes[at]) {
                    exponent += 1
                    at += 1
                }
                guard exponent > 0 else { return nil }
            }
            guard at == end else { return nil }
        }
    }

    // MARK: Error words

    private static func isErrorWord(_ bytes: [UInt8], _ range: Range<Int>, asCode: Bool) -> Bool {
        guard range.count <= 40 else { return false }
        let word = bytes[range]
        // What a column that is too narrow shows.
        if word.allSatisfy({ $0 == UInt8(ascii: "#") }) { return asCode }
        return errorWords.contains(String(decoding: word, as: UTF8.self).uppercased())
    }

    /// LibreOffice's `Err:502`.
    private static func isErrorNumber(_ bytes: [UInt8], _ range: Range<Int>) -> Bool {
        let at = range.lowerBound
        return range.count == 7 && bytes[at + 3] == UInt8(ascii: ":")
            && bytes[at + 1] | 0x20 == UInt8(ascii: "r") && bytes[at + 2] | 0x20 == UInt8(ascii: "r")
            && bytes[at + 4..<range.upperBound].allSatisfy { isDigit($0) }
    }

    /// What Excel, LibreOffice and Google Sheets show for an error, by language.
    private static let errorWords: Set<String> = Set(
        [
            // English, and the languages that keep its words: Chinese, Japanese, Korean, Arabic, Hebrew
            "#N/A #N/A! #REF! #VALUE! #NAME? #DIV/0! #NULL! #NUM! #SPILL! #CALC! #FIELD! #BLOCKED! #CONNECT!",
            "#UNKNOWN! #BUSY! #EXTERNAL! #PYTHON! #TIMEOUT! #GETTING_DATA #ERROR! #NAME!",
            // Ours
            notCalculated, tooLong,
            // German
            "#NV #BEZUG! #WERT! #ZAHL! #ÜBERLAUF! #KALK! #FELD! #BLOCKIERT! #VERBINDEN! #UNBEKANNT!",
            "#DATEN_ABRUFEN #FEHLER!",
            // French
            "#VALEUR! #NOM? #NUL! #NOMBRE! #PROPAGATION! #EPARS! #CHAMP! #BLOQUE! #CONNEXION! #INCONNU!",
            "#ERREUR!",
            // Spanish
            "#N/D #N/D! #¡REF! #¡VALOR! #¿NOMBRE? #¡DIV/0! #¡NULO! #¡NUM! #¡DESBORDAMIENTO! #¡CALC! #¡CAMPO!",
            "#VALOR! #NOMBRE? #NULO!",
            // Italian
            "#RIF! #VALORE! #NOME? #NULLO! #ESPANSIONE! #CAMPO!",
            // Portuguese
            "#NÚM! #NOME? #DESPEJAR! #TRANSBORDO!",
            // Dutch
            "#N/B #VERW! #WAARDE! #NAAM? #DEEL/0! #LEEG! #GETAL! #OVERLOOP! #OVERLOPEN! #BEREKENEN!",
            // Polish
            "#ADR! #ARG! #NAZWA? #DZIEL/0! #ZERO! #LICZBA! #ROZLANIE! #OBL!",
            // Swedish, Danish, Norwegian, Finnish
            "#SAKNAS #SAKNAS! #REFERENS! #VÄRDEFEL! #NAMN? #DIVISION/0! #SKÄRNING! #OGILTIGT! #SPILL!",
            "#I/T #REFERENCE! #VÆRDI! #NAVN? #NUL! #OVERLØB! #VERDI!",
            "#PUUTTUU #PUUTTUU! #VIITTAUS! #ARVO! #NIMI? #JAKO/0! #TYHJÄ! #LUKU! #VUOTO!",
            // Czech, Slovak, Hungarian, Turkish
            "#NENÍ_K_DISPOZICI #ODKAZ! #HODNOTA! #NÁZEV? #DĚLENÍ_NULOU! #ČÍSLO! #PRESAH! #PŘESAH!",
            "#NEDOSTUPNÝ #NÁZOV? #DELENIENULOU! #NEPLATNÝ! #CHYBA!",
            "#HIÁNYZIK #HIV! #ÉRTÉK! #NÉV? #ZÉRÓOSZTÓ! #NULLA! #SZÁM! #KIBONTÁS!",
            "#YOK #BAŞV! #DEĞER! #AD? #SAYI/0! #BÖL/0! #BOŞ! #SAYI! #TAŞMA!",
            // Russian, Ukrainian, Greek
            "#Н/Д #ССЫЛКА! #ЗНАЧ! #ИМЯ? #ДЕЛ/0! #ПУСТО! #ЧИСЛО! #ПЕРЕНОС! #ВЫЧИСЛ!",
            "#ПОСИЛАННЯ! #ЗНАЧЕННЯ! #ІМ'Я? #ДІЛЕННЯ/0!",
            "#Δ/Υ #ΑΝΑΦ! #ΤΙΜΗ! #ΟΝΟΜΑ? #ΔΙΑΙΡ/0! #ΚΕΝΟ! #ΑΡΙΘ!",
        ].flatMap { $0.split(separator: " ").map { $0.uppercased() } })
}

private func begins(_ bytes: [UInt8], _ at: Int, _ end: Int, _ word: [UInt8]) -> Bool {
    at + word.count <= end && word.indices.allSatisfy { bytes[at + $0] == word[$0] }
}
