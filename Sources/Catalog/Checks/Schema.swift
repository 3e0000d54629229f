import Model
import Records

/// A list of fields made ready for checking items against them.
///
/// Checking goes once through the object, notes where each field is, and digests what it
/// passes: members in any order, decimals by value, instants in UTC, so that two items with equal
/// content have equal digests however they are written.
final class Schema: Sendable {
    indirect enum Kind: Sendable {
        case text(most: Int?)
        case oneOf([[UInt8]])
        case integer(ClosedRange<Int>?)
        case number(atLeast: Int?)
        case boolean
        case instant
        case object(Schema)
        case open
        case list(Kind)
    }

    /// A class, so that passing one on costs one count and not one for each of its parts.
    final class Entry: Sendable {
        let name: [UInt8]
        let kind: Kind
        let isRequired: Bool
        let mayBeEmpty: Bool
        let digest: UInt64
        let field: Field
        /// It is an identifier or a code.
        let isCode: Bool
        let isEvent: Bool
        /// Of an event given as a number: how many make a second.
        let perSecond: Int64

        init(_ field: Field) {
            isCode = field.role == .code || field.role == .place
            isEvent = field.role == .event
            perSecond = field.name.hasSuffix("Millis") ? 1000 : 1
            var digest = Digest(0x6E61_6D65)
            digest.add(field.name)
            name = Array(field.name.utf8)
            kind = Schema.kind(field.kind)
            isRequired = field.presence == .required
            mayBeEmpty = field.mayBeEmpty
            self.digest = digest.value
            self.field = field
        }
    }

    let entries: [Entry]
    /// Stands for an element of a list, whose problems name the list and the index only.
    private static let nameless = Entry(Field("", .open, .required))
    private static let namelessCode = Entry(Field("", .open, .required).with(.code))
    /// Slots of `entries`, by length and two letters of the name; 0 is free, else the index and 1.
    private let table: [UInt8]
    private let required: [Int]

    init(_ fields: [Field]) {
        precondition(fields.count <= 64)
        let entries = fields.map { Entry($0) }
        var table = [UInt8](repeating: 0, count: 256)
        for (index, entry) in entries.enumerated() {
            var slot = Schema.slot(entry.name, 0..<entry.name.count)
            while table[slot] != 0 { slot = (slot + 1) & 255 }
            table[slot] = UInt8(index + 1)
        }
        self.entries = entries
        self.table = table
        required = entries.indices.filter { entries[$0].isRequired }
    }

    private static func kind(_ kind: Field.Kind) -> Kind {
        switch kind {
        case .text(let most): .text(most: most)
        case .oneOf(let words): .oneOf(words.map { Array($0.utf8) })
        case .integer(let range): .integer(range)
        case .number(let least): .number(atLeast: least)
        case .boolean: .boolean
        case .instant: .instant
        case .object(let fields): .object(Schema(fields))
        case .open: .open
        case .list(let element): .list(Schema.kind(element))
        }
    }

    /// The place of a field in the list.
    func index(_ name: String) -> Int {
        guard let index = entries.firstIndex(where: { $0.field.name == name }) else {
            preconditionFailure("no field \(name)")
        }
        return index
    }

    @inline(__always)
    private static func slot(_ bytes: [UInt8], _ range: Range<Int>) -> Int {
        guard let first = range.first, let last = range.last else { return 0 }
        let middle = bytes[(first + last) / 2]
        let mix =
            range.count &* 37 &+ Int(bytes[first]) &* 5 &+ Int(bytes[last]) &* 11 &+ Int(middle) &* 3
        return mix & 255
    }

    private func entry(_ bytes: [UInt8], _ range: Range<Int>) -> Int? {
        var slot = Schema.slot(bytes, range)
        while table[slot] != 0 {
            let index = Int(table[slot]) - 1
            if equal(bytes, range, entries[index].name) { return index }
            slot = (slot + 1) & 255
        }
        return nil
    }
}

extension Schema {
    /// One check of one item.
    struct Check {
        let tape: JSONTape
        let bytes: [UInt8]
        var problems: [Refusal]
        /// By field of the outermost object: its node, or -1.
        var slots: [Int32]
        /// Where we are, for messages; built only where something nests.
        private var path: [PathPart] = []
        private let checks: ItemChecks

        private enum PathPart {
            case name([UInt8])
            case index(Int)
        }

        init(
            tape: JSONTape, bytes: [UInt8], problems: consuming [Refusal], slots: consuming [Int32],
            checks: ItemChecks
        ) {
            self.checks = checks
            self.tape = tape
            self.bytes = bytes
            self.problems = problems
            self.slots = slots
        }

        /// Checks `node`, which is an object, against `schema`.
        /// - Returns: The digest of its content.
        mutating func run(_ schema: Schema, _ node: Int) -> UInt64 {
            slots.removeAll(keepingCapacity: true)
            for _ in 0..<schema.entries.count { slots.append(-1) }
            return object(node, schema, outermost: true)
        }

        /// The digest of one list field by itself.
        mutating func lines(_ node: Int, _ entry: Entry) -> UInt64 { check(node, entry.kind, entry) }

        private mutating func object(_ node: Int, _ schema: Schema, outermost: Bool = false) -> UInt64 {
            var sum: UInt64 = 0
            var seen: UInt64 = 0
            var name = node + 1
            let end = tape.next(after: node)
            while name < end {
                let value = name + 1
                let range = tape.range(of: name)
                var found = schema.entry(bytes, range)
                if found == nil, tape.hasEscapes(name) {
                    let plain = text(name)
                    found = schema.entry(plain, 0..<plain.count)
                }
                if let found {
                    seen |= 1 << UInt64(found & 63)
                    if outermost { slots[found] = Int32(truncatingIfNeeded: value) }
                    let entry = schema.entries[found]
                    var digest = Digest(entry.digest)
                    digest.add(member(value, entry, outermost: outermost))
                    sum &+= digest.value
                } else {
                    unknown(name, schema)
                }
                name = tape.next(after: value)
            }
            for index in schema.required where seen & (1 << UInt64(index & 63)) == 0 {
                let name = schema.entries[index].field.name
                problem(.missing, name, "\(name) is missing.")
            }
            var digest = Digest(0x6F62_6A)
            digest.add(sum)
            return digest.value
        }

        private mutating func unknown(_ name: Int, _ schema: Schema) {
            let word = tape.text(of: name, in: bytes)
            let near = Suggestion.nearest(to: word, among: schema.entries.lazy.map(\.field.name))
            problem(
                .unknownField, word,
                "There is no field with that name." + (near.map { " Did you mean \($0)?" } ?? ""))
        }

        private mutating func member(_ value: Int, _ entry: Entry, outermost: Bool) -> UInt64 {
            if tape.is(value, .null) {
                if entry.isRequired {
                    problem(.missing, entry.field.name, "\(entry.field.name) is null.")
                }
                return Digest(0x6E75_6C6C).value
            }
            return check(value, entry.kind, entry)
        }

        private mutating func check(_ value: Int, _ kind: Kind, _ entry: Entry) -> UInt64 {
            switch kind {
            case .text(let most): return checkText(value, most, entry)
            case .oneOf(let words): return checkWord(value, words, entry)
            case .number(let least): return checkNumber(value, entry, least: least)
            case .integer(let range): return checkInteger(value, range, entry)
            case .instant: return checkInstant(value, entry)
            case .boolean:
                let kind = tape.kind(of: value)
                if kind != .true && kind != .false {
                    problem(.type, entry, "Expected true or false, without quotes.")
                }
                return Digest(kind == .true ? 1 : 2).value
            case .object(let schema):
                guard tape.is(value, .object) else {
                    problem(.type, entry, "Expected an object.")
                    return 0
                }
                path.append(.name(entry.name))
                let digest = object(value, schema)
                path.removeLast()
                return digest
            case .open:
                guard tape.is(value, .object) else {
                    problem(.type, entry, "Expected an object.")
                    return 0
                }
                return anything(value)
            case .list(let element):
                guard tape.is(value, .array) else {
                    problem(.type, entry, "Expected a list.")
                    return 0
                }
                return list(value, element, entry)
            }
        }

        private mutating func list(_ value: Int, _ kind: Kind, _ entry: Entry) -> UInt64 {
            var digest = Digest(0x6C69_7374)
            path.append(.name(entry.name))
            var at = value + 1
            let end = tape.next(after: value)
            var index = 0
            while at < end {
                path.append(.index(index))
                if case .object(let schema) = kind, tape.is(at, .object) {
                    digest.add(object(at, schema))
                } else {
                    digest.add(element(at, kind, entry))
                }
                path.removeLast()
                at = tape.next(after: at)
                index += 1
            }
            path.removeLast()
            return digest.value
        }

        /// An element that is no object: its problems name the list and the index only.
        private mutating func element(_ value: Int, _ kind: Kind, _ entry: Entry) -> UInt64 {
            let bare = entry.isCode ? Schema.namelessCode : Schema.nameless
            if tape.is(value, .null) {
                problem(.missing, bare, "null is not allowed in this list.")
                return 0
            }
            return check(value, kind, bare)
        }

        private mutating func checkText(_ value: Int, _ most: Int?, _ entry: Entry) -> UInt64 {
            guard tape.is(value, .string) else {
                problem(.type, entry, "Expected a string: write the value in quotes.")
                return 0
            }
            let range = tape.range(of: value)
            if range.isEmpty, entry.isRequired {
                problem(.missing, entry, "The string is empty.")
            }
            if let most, range.count > most {
                let length = tape.text(of: value, in: bytes).unicodeScalars.count
                if length > most {
                    problem(.tooLong, entry, "\(length) characters; at most \(most) are allowed.")
                }
            }
            if entry.isCode, checks.codes {
                checkCode(value, range, entry)
            } else if entry.isEvent, checks.dates != nil, let instant = Instant(bytes, range) {
                checkDay(instant.clock, entry)
            }
            return string(value, range)
        }

        /// A text that tells one thing from another.
        private mutating func checkCode(_ value: Int, _ range: Range<Int>, _ entry: Entry) {
            if tape.hasEscapes(value) {
                let text = text(value)
                return checkCode(text, 0..<text.count, entry)
            }
            checkCode(bytes, range, entry)
        }

        private mutating func checkCode(_ text: [UInt8], _ range: Range<Int>, _ entry: Entry) {
            switch KeyText.trouble(in: text, range, nullWords: checks.nullWords) {
            case .nullWord(let word)?: problem(.missing, entry, KeyText.Trouble.nullWord(word).words)
            case .invisible(let scalar)?:
                problem(.invisible, entry, KeyText.Trouble.invisible(scalar).words)
            case nil:
                if checks.damage, SpreadsheetDamage.isDamaged(text, range, asCode: true) {
                    problem(
                        .spreadsheet, entry,
                        "A spreadsheet has put an error word or a rounded number here: the value is lost."
                    )
                }
            }
        }

        /// When something was sold, earned or issued.
        private mutating func checkDay(_ clock: Timestamp, _ entry: Entry) {
            guard let dates = checks.dates, !dates.contains(clock) else { return }
            problem(
                .outOfRange, entry,
                "The date is outside \(dates.words). If it is right, set `dates: { from: …, to: … }` in the job; "
                    + "if not, check its unit and format.")
        }

        private mutating func checkWord(_ value: Int, _ words: [[UInt8]], _ entry: Entry) -> UInt64 {
            guard tape.is(value, .string) else {
                problem(.type, entry, "Expected a string.")
                return 0
            }
            let range = tape.range(of: value)
            if !words.contains(where: { equal(bytes, range, $0) }) {
                let word = text(value)
                if !words.contains(word) {
                    let all = words.map { String(decoding: $0, as: UTF8.self) }
                    let near = Suggestion.nearest(to: String(decoding: word, as: UTF8.self), among: all)
                    // In steps: as one expression it takes the compiler eleven seconds.
                    let hint: String = near.map { "Did you mean \($0)? " } ?? ""
                    let list: String = all.joined(separator: ", ")
                    problem(.notListed, entry, "\(hint)Allowed, case-sensitive:  \(list).")
                }
            }
            return string(value, range)
        }

        /// The bytes of a number, native or in quotes. Nil for anything else.
        private func numeral(_ value: Int) -> Range<Int>? {
            switch tape.kind(of: value) {
            case .number, .string: tape.range(of: value)
            default: nil
            }
        }

        private func isEmptyText(_ value: Int) -> Bool {
            tape.is(value, .string) && tape.range(of: value).isEmpty
        }

        private mutating func checkNumber(_ value: Int, _ entry: Entry, least: Int?) -> UInt64 {
            if entry.mayBeEmpty, isEmptyText(value) { return Digest(0x656D_7074_79).value }
            guard let range = numeral(value), let number = DecimalNumber(bytes, range) else {
                problem(.type, entry, "Expected a number.")
                return 0
            }
            if let least, number.isNegative || least > 0 && number.isBelow(least) {
                problem(
                    .outOfRange, entry,
                    least == 0 ? "It must not be negative." : "It must not be below \(least).")
            }
            return number.digest
        }

        private mutating func checkInteger(
            _ value: Int, _ range: ClosedRange<Int>?, _ entry: Entry
        ) -> UInt64 {
            if entry.mayBeEmpty, isEmptyText(value) { return Digest(0x656D_7074_79).value }
            guard let place = numeral(value),
                let number = Int(String(decoding: bytes[place], as: UTF8.self)),
                let decimal = DecimalNumber(bytes, place)
            else {
                problem(.type, entry, "Expected a whole number.")
                return 0
            }
            if let range, !range.contains(number) {
                let bounds =
                    range.upperBound == .max
                    ? "at least \(range.lowerBound)" : "\(range.lowerBound) to \(range.upperBound)"
                problem(.outOfRange, entry, "Allowed: \(bounds).")
            } else if entry.isEvent, checks.dates != nil {
                let (milliseconds, isTooLarge) = Int64(number).multipliedReportingOverflow(
                    by: 1000 / entry.perSecond)
                checkDay(Timestamp(milliseconds: isTooLarge ? .max : milliseconds), entry)
            }
            return entry.field.isDigestedAsText ? string(value, place) : decimal.digest
        }

        private mutating func checkInstant(_ value: Int, _ entry: Entry) -> UInt64 {
            guard tape.is(value, .string) else {
                problem(.type, entry, "Expected a date and time as a string.")
                return 0
            }
            guard let instant = Instant(bytes, tape.range(of: value)) else {
                problem(
                    .format, entry, "Expected a date and time such as 2026-02-03T14:05:00+05:30.")
                return 0
            }
            if instant.offset == nil {
                problem(
                    .noOffset, entry, "The time zone is not known: add an offset, such as +05:30."
                )
            }
            if entry.isEvent { checkDay(instant.clock, entry) }
            var digest = Digest(0x74)
            digest.add(UInt64(bitPattern: instant.timestamp.milliseconds))
            return digest.value
        }

        /// The digest of any JSON value.
        private func anything(_ node: Int) -> UInt64 {
            let range = tape.range(of: node)
            switch tape.kind(of: node) {
            case .string: return string(node, range)
            case .number: return DecimalNumber(bytes, range)?.digest ?? string(node, range)
            case .true: return Digest(1).value
            case .false: return Digest(2).value
            case .null: return Digest(0x6E75_6C6C).value
            case .array:
                var digest = Digest(0x6C69_7374)
                var at = node + 1
                while at < tape.next(after: node) {
                    digest.add(anything(at))
                    at = tape.next(after: at)
                }
                return digest.value
            case .object:
                var sum: UInt64 = 0
                var name = node + 1
                while name < tape.next(after: node) {
                    var digest = Digest(string(name, tape.range(of: name)))
                    digest.add(anything(name + 1))
                    sum &+= digest.value
                    name = tape.next(after: name + 1)
                }
                var digest = Digest(0x6F62_6A)
                digest.add(sum)
                return digest.value
            }
        }

        private func string(_ node: Int, _ range: Range<Int>) -> UInt64 {
            var digest = Digest(0x73)
            if tape.hasEscapes(node) {
                let plain = text(node)
                digest.add(plain, 0..<plain.count)
            } else {
                digest.add(bytes, range)
            }
            return digest.value
        }

        /// The text of a string, unescaped.
        func text(_ node: Int) -> [UInt8] {
            var result: [UInt8] = []
            tape.appendText(of: node, in: bytes, to: &result)
            return result
        }

        private mutating func problem(_ reason: Reason, _ entry: Entry, _ message: String) {
            problem(reason, entry.field.name, message)
        }

        /// Notes a problem of the field `name` of the object we are in.
        mutating func problem(_ reason: Reason, _ name: String, _ message: String) {
            var place = ""
            for part in path {
                switch part {
                case .name(let name):
                    place += (place.isEmpty ? "" : ".") + String(decoding: name, as: UTF8.self)
                case .index(let index): place += "[\(index)]"
                }
            }
            if !name.isEmpty { place += (place.isEmpty ? "" : ".") + name }
            problems.append(Refusal(reason, field: place, message: message))
        }
    }
}

@inline(__always)
func equal(_ bytes: [UInt8], _ range: Range<Int>, _ other: [UInt8]) -> Bool {
    guard range.count == other.count else { return false }
    var at = range.lowerBound
    for byte in other {
        if bytes[at] != byte { return false }
        at += 1
    }
    return true
}
