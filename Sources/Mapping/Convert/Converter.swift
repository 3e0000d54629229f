import Hashing
import Model
import Records

/// A ``Conversion`` made ready: one cell to one JSON value.
final class Converter: Sendable {
    /// What an empty cell becomes.
    enum Empty: Sendable { case omit, null, error, text, asIs }

    /// Nil: JSON values as they are.
    let kind: Conversion.Kind?
    let empty: Empty
    let trims: Bool
    let digitsOnly: Bool
    let checksDamage: Bool
    let defaultValue: [UInt8]?
    let hasMap: Bool
    /// What the map does not list is used unchanged.
    let passesOther: Bool
    let target: Conversion.Target
    /// Texts that mean null.
    let quotesNumber: Bool
    let nulls: [[UInt8]]
    /// Nobody has said which texts mean null.
    let suspectsNulls: Bool
    let rules: Ruleset
    let mapped: [(from: [UInt8], to: [UInt8])]
    let otherwise: [UInt8]?
    let number: NumberText
    let patterns: [DatePattern]
    /// Of the mapper's zones; -1: none.
    let zone: Int
    let lookup: CustomerLookup?
    /// The text is replaced by its hash with this before it.
    let salt: [UInt8]?

    var plain: Program.Step.Plain {
        if digitsOnly || hasMap || lookup != nil || salt != nil || !nulls.isEmpty { return .no }
        if kind == .number, number == NumberText(), !quotesNumber { return .number }
        guard kind == .text, !trims else { return .no }
        return target == .code ? .code : .text
    }

    /// JSON that needs nothing at all.
    var isAsIs: Bool { kind == nil && !trims && !digitsOnly && !hasMap }

    init(
        _ conversion: Conversion, isJSON: Bool, patterns: [DatePattern], zone: Int, number: NumberText,
        salt: [UInt8], nulls: [[UInt8]] = [], suspectsNulls: Bool, rules: Ruleset
    ) {
        self.nulls = nulls
        self.suspectsNulls = suspectsNulls && rules >= .strict
        self.rules = rules
        quotesNumber = conversion.quotesNumber
        target = rules >= .strict ? conversion.target : .words
        let changesText =
            conversion.trim || conversion.digitsOnly || conversion.map != nil || conversion.hash != nil
        kind = conversion.kind ?? (isJSON && !changesText ? nil : .text)
        empty =
            switch conversion.empty {
            case .omit: .omit
            case .null: .null
            case .error: .error
            case .text: .text
            case nil: isJSON ? .asIs : .omit
            }
        trims = conversion.trim || kind != .text && kind != nil
        digitsOnly = conversion.digitsOnly
        checksDamage = !conversion.keepsSpreadsheetDamage
        defaultValue = conversion.defaultValue.map { Array($0.utf8) }
        hasMap = conversion.map != nil
        mapped = (conversion.map ?? [:]).filter { $0.key != "*" }
            .sorted { $0.key < $1.key }
            .map { (Array($0.key.utf8), Array($0.value.utf8)) }
        let other = conversion.map?["*"]
        passesOther = other == Conversion.sameValue
        otherwise = other.map { Array($0.utf8) }
        self.patterns = patterns
        self.zone = zone
        self.number = number
        lookup = conversion.lookup
        self.salt =
            switch conversion.hash {
            case .salted: salt
            case .bare: []
            case nil: nil
            }
    }
}

extension Converter {
    func isNull(_ bytes: [UInt8], _ range: Range<Int>) -> Bool { isListed(nulls, bytes, range) }

    func isDamaged(_ bytes: [UInt8], _ range: Range<Int>) -> Bool {
        SpreadsheetDamage.isDamaged(bytes, range, asCode: target == .code)
    }

    /// Whether the digits alone of a JSON number would be another number.
    func losesDigits(_ bytes: [UInt8], _ range: Range<Int>) -> Bool {
        digitsOnly && checksDamage && rules >= .strict
            && !bytes[range].allSatisfy { Model.isDigit($0) }
    }

    /// What goes in is an amount or a count.
    var isNumeric: Bool { target == .number || kind == .number || kind == .integer }

    /// The endpoint does not see the text: it is looked up or hashed before.
    var seesKey: Bool { lookup != nil || salt != nil }

    func keyTrouble(_ bytes: [UInt8], _ range: Range<Int>) -> KeyText.Trouble? {
        guard target == .code else { return nil }
        return KeyText.trouble(in: bytes, range, nullWords: suspectsNulls)
    }
}

/// Whether the text is one of `words`, white space around it left out.
func isListed(_ words: [[UInt8]], _ bytes: [UInt8], _ range: Range<Int>) -> Bool {
    let range = trimmed(bytes, range)
    return words.contains {
        $0.count == range.count && begins(bytes, range.lowerBound, range.upperBound, $0)
    }
}

/// The text inside of what makes a spreadsheet keep one: `="0091800555"`, or an apostrophe before digits.
func withoutFormula(_ bytes: [UInt8], _ range: Range<Int>) -> Range<Int> {
    guard range.count >= 2 else { return range }
    let low = range.lowerBound
    let high = range.upperBound
    let quote = UInt8(ascii: "\"")
    if bytes[low] == UInt8(ascii: "="), range.count >= 3, bytes[low + 1] == quote,
        bytes[high - 1] == quote, low + 2 <= high - 1,
        !bytes[low + 2..<high - 1].contains(quote)
    {
        return low + 2..<high - 1
    }
    if bytes[low] == UInt8(ascii: "'"), isDigit(bytes[low + 1]),
        !bytes[low + 1..<high].contains(UInt8(ascii: "'"))
    {
        return low + 1..<high
    }
    return range
}

/// What became of a cell.
enum Converted: Equatable {
    case written, omitted
    case failed(Fault)
}

/// What conversions need to keep between cells.
struct CellWriter: Sendable {
    var zones: [ZoneTable]
    private var scratch: [UInt8] = []
    private var tape = JSONTape()

    init(zones: [ZoneTable]) { self.zones = zones }

    /// Appends the JSON value of the cell `bytes[range]`. Unless it is written, `out` may have more bytes
    /// than before, for the caller to drop.
    mutating func write(
        _ bytes: [UInt8], _ range: Range<Int>, _ converter: Converter, to out: inout [UInt8]
    ) -> Converted {
        var range = converter.trims ? trimmed(bytes, range) : range
        if !converter.nulls.isEmpty, converter.isNull(bytes, range) {
            return writeEmpty(converter, isNull: true, to: &out)
        }
        if converter.target != .words {
            if converter.trims, converter.target == .code,
                let kept = KeyText.withoutMarks(bytes, range)
            {
                return write(kept, 0..<kept.count, converter, to: &out)
            }
            range = converter.checksDamage ? withoutFormula(bytes, range) : range
            if converter.seesKey, let trouble = converter.keyTrouble(bytes, range) {
                return .failed(.key(trouble))
            }
        }
        if converter.checksDamage, converter.kind == .text || converter.digitsOnly,
            converter.isDamaged(bytes, range)
        {
            return .failed(.spreadsheet)
        }
        if converter.digitsOnly, converter.checksDamage, converter.rules >= .strict,
            SpreadsheetDamage.losesDigits(bytes, range, isNumber: converter.isNumeric)
        {
            return .failed(.digits)
        }
        guard converter.digitsOnly || converter.hasMap else {
            return writeKept(bytes, range, converter, to: &out)
        }
        scratch.removeAll(keepingCapacity: true)
        if converter.digitsOnly {
            for index in range where isDigit(bytes[index]) { scratch.append(bytes[index]) }
        } else {
            scratch.append(contentsOf: bytes[range])
        }
        if converter.hasMap, !scratch.isEmpty {
            if let entry = converter.mapped.first(where: { $0.from == scratch }) {
                scratch = entry.to
            } else if converter.passesOther {
                // As it is.
            } else if let otherwise = converter.otherwise {
                scratch = otherwise
            } else {
                return .failed(.notListed)
            }
        }
        let text = scratch
        return writeKept(text, 0..<text.count, converter, to: &out)
    }

    private mutating func writeKept(
        _ bytes: [UInt8], _ range: Range<Int>, _ converter: Converter, to out: inout [UInt8]
    ) -> Converted {
        guard range.isEmpty else { return writeValue(bytes, range, converter, to: &out) }
        return writeEmpty(converter, isNull: false, to: &out)
    }

    /// Appends what an empty cell becomes, or a null one of JSON.
    mutating func writeEmpty(_ converter: Converter, isNull: Bool, to out: inout [UInt8]) -> Converted {
        if let value = converter.defaultValue {
            guard !value.isEmpty else {
                out.append(contentsOf: "\"\"".utf8)
                return .written
            }
            return writeValue(value, 0..<value.count, converter, to: &out)
        }
        switch converter.empty {
        case .omit: return .omitted
        case .error: return .failed(.empty)
        case .null: out.append(contentsOf: "null".utf8)
        case .text: out.append(contentsOf: "\"\"".utf8)
        case .asIs: out.append(contentsOf: isNull ? "null".utf8 : "\"\"".utf8)
        }
        return .written
    }

    private mutating func writeValue(
        _ bytes: [UInt8], _ range: Range<Int>, _ converter: Converter, to out: inout [UInt8]
    ) -> Converted {
        switch converter.kind {
        case .text, nil:
            guard let salt = converter.salt else {
                JSONWriter.appendString(bytes, in: range, to: &out)
                break
            }
            out.append(UInt8(ascii: "\""))
            out.append(contentsOf: SHA256.hash(salt + bytes[range]).hex.utf8)
            out.append(UInt8(ascii: "\""))
        case .number, .integer:
            if converter.checksDamage, SpreadsheetDamage.isRounded(bytes, range) {
                return .failed(.spreadsheet)
            }
            let quotes = converter.quotesNumber ? [UInt8(ascii: "\"")] : []
            out += quotes
            if converter.kind == .number {
                guard converter.number.append(bytes, range, to: &out) else {
                    return .failed(
                        damage(bytes, range, converter) ?? wanted(bytes, range, converter) ?? .number)
                }
            } else {
                guard converter.number.appendInteger(bytes, range, to: &out) else {
                    return .failed(
                        damage(bytes, range, converter) ?? wanted(bytes, range, converter) ?? .integer)
                }
            }
            out += quotes
        case .boolean:
            guard let value = boolean(bytes, range) else {
                return .failed(damage(bytes, range, converter) ?? .boolean)
            }
            out.append(contentsOf: value ? "true".utf8 : "false".utf8)
        case .datetime, .date, .epoch, .epochMilliseconds:
            return writeDate(bytes, range, converter, to: &out)
        case .json:
            do throws(JSONError) {
                try tape.parse(bytes, in: range)
                out.append(contentsOf: bytes[range])
            } catch {
                return .failed(.json)
            }
        }
        return .written
    }

    private func damage(_ bytes: [UInt8], _ range: Range<Int>, _ converter: Converter) -> Fault? {
        converter.isDamaged(bytes, range) ? .spreadsheet : nil
    }

    /// What the job would have to say.
    private func wanted(_ bytes: [UInt8], _ range: Range<Int>, _ converter: Converter) -> Fault? {
        switch converter.number.wants(bytes, range) {
        case .accounting: .accounting
        case .currency: .currency
        case nil: nil
        }
    }

    private func boolean(_ bytes: [UInt8], _ range: Range<Int>) -> Bool? {
        guard range.count <= 5 else { return nil }
        switch String(decoding: bytes[range], as: UTF8.self).lowercased() {
        case "true", "yes", "y", "t", "1": return true
        case "false", "no", "n", "f", "0": return false
        default: return nil
        }
    }

    private mutating func writeDate(
        _ bytes: [UInt8], _ range: Range<Int>, _ converter: Converter, to out: inout [UInt8]
    ) -> Converted {
        var found: ClockTime?
        var isEpoch = false
        for pattern in converter.patterns {
            found = pattern.parse(bytes, range)
            if found != nil {
                isEpoch = pattern.isEpoch
                break
            }
        }
        guard var clock = found else { return .failed(damage(bytes, range, converter) ?? .date) }
        let hasZone = converter.zone >= 0
        if isEpoch, hasZone {
            // The instant is sure; the zone only says which clock shows it.
            let offset = zones[converter.zone].offset(at: clock.seconds)
            clock.seconds += offset
            clock.offset = offset
        }
        if converter.kind == .date {
            out.append(UInt8(ascii: "\""))
            guard clock.appendDate(to: &out) else { return .failed(.year) }
            out.append(UInt8(ascii: "\""))
            return .written
        }
        let offset: Int
        if let said = clock.offset {
            offset = said
        } else {
            guard hasZone else { return .failed(.noOffset) }
            offset = zones[converter.zone].offset(atClock: clock.seconds)
        }
        switch converter.kind {
        case .epoch: out.append(contentsOf: String(clock.seconds - offset).utf8)
        case .epochMilliseconds:
            out.append(contentsOf: String((clock.seconds - offset) * 1000 + clock.milliseconds).utf8)
        default:
            out.append(UInt8(ascii: "\""))
            guard clock.appendISO(offset: offset, to: &out) else { return .failed(.year) }
            out.append(UInt8(ascii: "\""))
        }
        return .written
    }
}

/// `range` without the white space at its ends: ASCII's, and the no-break space.
func trimmed(_ bytes: [UInt8], _ range: Range<Int>) -> Range<Int> { KeyText.withoutSpace(bytes, range) }
