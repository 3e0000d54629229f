import Hashing
import Model

/// The functions of expressions that are ours.
struct ExpressionCalls: Sendable {
    /// How the job writes numbers.
    let number: NumberText
    /// Why the last call gave nothing.
    var fault: ExpressionFault?
    private var patterns: [[UInt8]: TextPattern] = [:]
    private var dates: [[UInt8]: DatePattern] = [:]
    private var zones: [[UInt8]: ZoneTable] = [:]
    private var countries: [[UInt8]: PhoneNumber.Country] = [:]
    private var scratch: [UInt8] = []

    init(number: NumberText) { self.number = number }

    private func wrong(
        _ own: ExpressionFunctions.Own, _ message: String, _ reason: Reason = .type
    ) -> ExpressionFault {
        ExpressionFault(reason: reason, message: "\(own.rawValue): \(message)")
    }

    /// Null gives null.
    mutating func call(
        _ own: ExpressionFunctions.Own, _ values: [ExpressionValue]
    ) throws(ExpressionFault) -> ExpressionValue {
        for value in values where value == .null { return .null }
        switch own {
        case .num: return .real(try num(values))
        case .dec: return text(try decimal(values[0], own, as: try notation(values, own)))
        case .decAdd, .decSub, .decMul:
            let (a, b) = (try decimal(values[0], own), try decimal(values[1], own))
            let result =
                switch own {
                case .decAdd: a.adding(b)
                case .decSub: a.adding(b.negated)
                default: a.multiplied(by: b)
                }
            guard let result else { throw tooManyDigits(own) }
            return text(result)
        case .decDiv:
            let (a, b) = (try decimal(values[0], own), try decimal(values[1], own))
            guard !b.isZero else { throw wrong(own, "the divisor is zero.", .rule) }
            guard let result = a.divided(by: b, places: try places(values[2], own)) else {
                throw tooManyDigits(own)
            }
            return text(result)
        case .decAbs: return text(try decimal(values[0], own).magnitude)
        case .decNeg: return text(try decimal(values[0], own).negated)
        case .decRound:
            guard let result = try decimal(values[0], own).rounded(to: try places(values[1], own))
            else {
                throw tooManyDigits(own)
            }
            return text(result)
        case .decCmp:
            let (a, b) = (try decimal(values[0], own), try decimal(values[1], own))
            guard let result = a.compared(with: b) else { throw tooManyDigits(own) }
            return .integer(Int64(result))
        case .lower: return .text(Array(string(values[0]).lowercased().utf8))
        case .upper: return .text(Array(string(values[0]).uppercased().utf8))
        case .regexp:
            let pattern = try pattern(values[0], own)
            return .integer(pattern.match(scalars(values[1]), from: 0) == nil ? 0 : 1)
        case .regexpReplace: return try replace(values)
        case .regexpExtract: return try extract(values)
        case .splitPart: return try splitPart(values)
        case .padLeft: return try padLeft(values)
        case .phone: return try phone(values)
        case .date: return try date(values)
        case .hash: return .text(Array(SHA256.hash(bytes(values[0])).hex.utf8))
        }
    }

    // MARK: Arguments

    private func bytes(_ value: ExpressionValue) -> [UInt8] {
        switch value {
        case .text(let bytes): return bytes
        case .null: return []
        case .integer, .real:
            var text: [UInt8] = []
            _ = value.appendNumber(to: &text)
            return text
        }
    }

    private func string(_ value: ExpressionValue) -> String {
        String(decoding: bytes(value), as: UTF8.self)
    }

    private func scalars(_ value: ExpressionValue) -> [UInt32] {
        string(value).unicodeScalars.map(\.value)
    }

    private func whole(
        _ value: ExpressionValue, _ own: ExpressionFunctions.Own
    ) throws(ExpressionFault) -> Int {
        switch value {
        case .integer(let number):
            if let number = Int(exactly: number) { return number }
        case .real(let number):
            if let number = Int(exactly: number) { return number }
        default: break
        }
        throw wrong(own, "expected a whole number.")
    }

    private func places(
        _ value: ExpressionValue, _ own: ExpressionFunctions.Own
    ) throws(ExpressionFault) -> Int {
        let places = try whole(value, own)
        guard (0...30).contains(places) else { throw wrong(own, "expected 0 to 30 places.", .rule) }
        return places
    }

    // MARK: Numbers

    /// How a text is written: as the job says, or with the signs given after it.
    private func notation(
        _ values: [ExpressionValue], _ own: ExpressionFunctions.Own
    ) throws(ExpressionFault) -> NumberText {
        guard values.count > 1 else { return number }
        let decimal = bytes(values[1])
        let thousands = values.count > 2 ? bytes(values[2]) : []
        guard decimal.count == 1, !isDigit(decimal[0]), thousands != decimal else {
            throw wrong(
                own, "expected a decimal sign such as ',' and another between groups of digits.", .rule)
        }
        var notation = number
        notation.decimal = decimal[0]
        notation.thousands = thousands
        return notation
    }

    /// A number of JSON's spelling in `scratch`.
    private mutating func spell(
        _ text: [UInt8], _ own: ExpressionFunctions.Own, _ notation: NumberText
    ) throws(ExpressionFault) {
        let range = trimmed(text, 0..<text.count)
        guard !range.isEmpty else {
            throw wrong(
                own, "the value is empty. If that means no number, write `nullif(…, '')`.", .missing)
        }
        scratch.removeAll(keepingCapacity: true)
        guard notation.append(text, range, to: &scratch) else {
            switch notation.wants(text, range) {
            case .accounting: throw wrong(own, Fault.accountingWords)
            case .currency: throw wrong(own, Fault.currencyWords)
            case nil: throw wrong(own, "the text is not wholly a number as the job writes it.")
            }
        }
    }

    private mutating func num(_ values: [ExpressionValue]) throws(ExpressionFault) -> Double {
        switch values[0] {
        case .integer(let number): return Double(number)
        case .real(let number): return number
        case .null: return 0
        case .text(let text):
            try spell(text, .num, try notation(values, .num))
            return try double()
        }
    }

    /// The number in `scratch`, where a binary one keeps all of its digits.
    private func double() throws(ExpressionFault) -> Double {
        var digits = 0
        var places = 0
        var mantissa = 0
        var isBehind = false
        var isPlain = true
        for byte in scratch {
            switch byte {
            case UInt8(ascii: "-"): break
            case UInt8(ascii: "."): isBehind = true
            case 0x30...0x39:
                if digits > 0 || byte != 0x30 { digits += 1 }
                if digits <= 15 { mantissa = mantissa * 10 + Int(byte & 15) }
                if isBehind { places += 1 }
            default: isPlain = false
            }
            if !isPlain { break }
        }
        guard digits <= 15 else {
            throw wrong(.num, "the number has more than 15 digits: use dec_add, dec_mul, …", .rule)
        }
        let isNegative = scratch.first == UInt8(ascii: "-")
        if isPlain, places < Self.powers.count {
            // Both are exact, so the quotient is rounded once.
            let value = Double(mantissa) / Self.powers[places]
            return isNegative ? -value : value
        }
        guard let value = Double(String(decoding: scratch, as: UTF8.self)), value.isFinite else {
            throw wrong(.num, "the number is too large.", .rule)
        }
        return value
    }

    private static let powers: [Double] = (0...22).map {
        (0..<$0).reduce(1.0) { value, _ in value * 10 }
    }

    private mutating func decimal(
        _ value: ExpressionValue, _ own: ExpressionFunctions.Own, as notation: NumberText? = nil
    ) throws(ExpressionFault) -> ExactDecimal {
        switch value {
        case .text(let text): try spell(text, own, notation ?? number)
        default:
            scratch.removeAll(keepingCapacity: true)
            _ = value.appendNumber(to: &scratch)
        }
        guard let decimal = ExactDecimal(scratch, 0..<scratch.count) else {
            if scratch.contains(where: { $0 | 0x20 == UInt8(ascii: "e") }) {
                throw wrong(own, "the number has an exponent.")
            }
            throw tooManyDigits(own)
        }
        return decimal
    }

    private func tooManyDigits(_ own: ExpressionFunctions.Own) -> ExpressionFault {
        wrong(own, "the number has more than 38 digits.", .rule)
    }

    /// As the job writes numbers, so that it can be read again.
    private func text(_ decimal: ExactDecimal) -> ExpressionValue {
        var text: [UInt8] = []
        decimal.append(to: &text, decimal: number.decimal)
        return .text(text)
    }

    mutating func sum(_ values: [ExpressionValue]) throws(ExpressionFault) -> ExpressionValue {
        var sum = ExactDecimal.zero
        var isNull = true
        for value in values where value != .null {
            isNull = false
            guard let next = sum.adding(try decimal(value, .decAdd)) else {
                throw tooManyDigits(.decAdd)
            }
            sum = next
        }
        return isNull ? .null : text(sum)
    }

    // MARK: Texts

    private mutating func pattern(
        _ value: ExpressionValue, _ own: ExpressionFunctions.Own
    ) throws(ExpressionFault) -> TextPattern {
        let text = bytes(value)
        if let known = patterns[text] { return known }
        do throws(ExpressionError) {
            let pattern = try TextPattern(String(decoding: text, as: UTF8.self))
            // Patterns are almost always the job's own; those made of cells are not kept without end.
            if patterns.count > 64 { patterns.removeAll() }
            patterns[text] = pattern
            return pattern
        } catch {
            throw wrong(own, error.message, .rule)
        }
    }

    private func string(_ scalars: ArraySlice<UInt32>) -> [UInt8] {
        var text = String.UnicodeScalarView()
        for value in scalars { if let scalar = Unicode.Scalar(value) { text.append(scalar) } }
        return Array(String(text).utf8)
    }

    private mutating func replace(_ values: [ExpressionValue]) throws(ExpressionFault)
        -> ExpressionValue
    {
        let text = scalars(values[0])
        let pattern = try pattern(values[1], .regexpReplace)
        let replacement = scalars(values[2])
        var out: [UInt32] = []
        var at = 0
        while at <= text.count, let found = pattern.match(text, from: at) {
            out += text[at..<found[0]]
            var index = 0
            while index < replacement.count {
                let next = index + 1 < replacement.count ? replacement[index + 1] : 0
                // `$1` or `\1`; `$$` is a dollar.
                guard replacement[index] == 0x24 || replacement[index] == 0x5C,
                    0x30...0x39 ~= next || next == replacement[index]
                else {
                    out.append(replacement[index])
                    index += 1
                    continue
                }
                index += 2
                guard 0x30...0x39 ~= next else {
                    out.append(next)
                    continue
                }
                let group = Int(next - 0x30)
                guard group <= pattern.groups else {
                    throw wrong(.regexpReplace, "the pattern has no group \(group).", .rule)
                }
                if found[2 * group] >= 0 { out += text[found[2 * group]..<found[2 * group + 1]] }
            }
            if found[1] > found[0] {
                at = found[1]
            } else {
                // A match of nothing: the character behind it stays.
                if found[1] < text.count { out.append(text[found[1]]) }
                at = found[1] + 1
            }
        }
        if at < text.count { out += text[at...] }
        return .text(string(out[...]))
    }

    private mutating func extract(_ values: [ExpressionValue]) throws(ExpressionFault)
        -> ExpressionValue
    {
        let text = scalars(values[0])
        let pattern = try pattern(values[1], .regexpExtract)
        let group = values.count > 2 ? try whole(values[2], .regexpExtract) : min(1, pattern.groups)
        guard (0...pattern.groups).contains(group) else {
            throw wrong(.regexpExtract, "the pattern has no group \(group).", .rule)
        }
        guard let found = pattern.match(text, from: 0), found[2 * group] >= 0 else { return .null }
        return .text(string(text[found[2 * group]..<found[2 * group + 1]]))
    }

    private func splitPart(_ values: [ExpressionValue]) throws(ExpressionFault) -> ExpressionValue {
        let text = bytes(values[0])
        let separator = bytes(values[1])
        let number = try whole(values[2], .splitPart)
        guard !separator.isEmpty, number != 0 else {
            throw wrong(.splitPart, "expected a separator, and a part counted from 1.", .rule)
        }
        var parts: [[UInt8]] = [[]]
        var at = 0
        while at < text.count {
            if begins(text, at, text.count, separator) {
                parts.append([])
                at += separator.count
            } else {
                parts[parts.count - 1].append(text[at])
                at += 1
            }
        }
        let index = number > 0 ? number - 1 : parts.count + number
        return .text(parts.indices.contains(index) ? parts[index] : [])
    }

    private func padLeft(_ values: [ExpressionValue]) throws(ExpressionFault) -> ExpressionValue {
        let text = string(values[0])
        let length = try whole(values[1], .padLeft)
        let fill = values.count > 2 ? string(values[2]) : "0"
        guard fill.count == 1, length <= 1000 else {
            throw wrong(
                .padLeft, "expected a length up to 1000, and one character to fill with.", .rule)
        }
        return .text(Array((String(repeating: fill, count: max(0, length - text.count)) + text).utf8))
    }

    private mutating func phone(_ values: [ExpressionValue]) throws(ExpressionFault) -> ExpressionValue
    {
        let name = bytes(values[1])
        if countries[name] == nil {
            guard let country = PhoneNumber.Country(string(values[1])) else {
                throw wrong(.phone, "the country is not known.", .rule)
            }
            countries[name] = country
        }
        guard let country = countries[name],
            let digits = PhoneNumber.digits(string(values[0]), in: country)
        else {
            throw wrong(.phone, "the text is not a phone number.", .format)
        }
        return .text(Array(digits.utf8))
    }

    private mutating func date(_ values: [ExpressionValue]) throws(ExpressionFault) -> ExpressionValue {
        let format = bytes(values[1])
        if dates[format] == nil {
            do throws(MappingError) {
                dates[format] = try DatePattern(string(values[1]))
            } catch {
                throw wrong(.date, error.message, .rule)
            }
        }
        let text = bytes(values[0])
        guard let pattern = dates[format],
            let clock = pattern.parse(text, trimmed(text, 0..<text.count))
        else {
            throw wrong(.date, "the text is not a date of the form “\(string(values[1]))”.", .format)
        }
        var shown = clock
        var offset = clock.offset
        if values.count > 2 {
            let name = bytes(values[2])
            if zones[name] == nil {
                guard ZoneTable.candidates(for: string(values[2])) == nil,
                    let zone = ZoneTable(string(values[2]))
                else { throw wrong(.date, "the time zone is not known, or is several.", .rule) }
                zones[name] = zone
            }
            if pattern.isEpoch {
                let east = zones[name]?.offset(at: clock.seconds) ?? 0
                shown.seconds += east
                offset = east
            } else if offset == nil {
                offset = zones[name]?.offset(atClock: clock.seconds)
            }
        }
        guard let offset else {
            throw wrong(.date, "the text has no offset, and no zone is given.", .noOffset)
        }
        var out: [UInt8] = []
        guard shown.appendISO(offset: offset, to: &out) else {
            throw wrong(.date, "the date is outside the years 0 to 9999.", .format)
        }
        return .text(out)
    }
}
