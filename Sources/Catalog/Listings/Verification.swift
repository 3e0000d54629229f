package import Model
import Records

/// How the records of an endpoint are compared with what the server shows of them: which listing shows
/// them, what it is asked by, and which field is where.
package struct Verification: Sendable {
    enum How: Sendable {
        case text
        /// The server may write it in another case.
        case folded
        case number
        /// At the org's rounding.
        case amount
        case instant
    }

    struct Pair: Sendable {
        let sent: String
        let shown: String
        let how: How

        init(_ sent: String, _ shown: String, _ how: How) {
            self.sent = sent
            self.shown = shown
            self.how = how
        }
    }

    /// A list whose rows are to be found again, in whatever order.
    struct Rows: Sendable {
        let sent: String
        let shown: String
        let pairs: [Pair]
    }

    /// A field that is not what was sent.
    package struct Difference: Sendable, Equatable {
        /// Its name; never a value, which may be personal.
        package var field: String
    }

    /// What a listing shows of a record.
    package enum Finding: Sendable, Equatable {
        case missing
        /// - Parameter at: Which of the items that were shown it is.
        case found([Difference], at: Int)
    }

    /// What the comparison had to allow for.
    package enum Allowance: String, Sendable, Hashable, CaseIterable {
        case rounding = "amounts are compared at the org's rounding"
        case offsets = "the org ignores the offsets of dates: clock times are compared"
    }

    /// The name of the listing that shows the records of the call.
    package let listing: String
    /// What the listing is asked by; nil: all of it is read once.
    let key: (@Sendable (JSON, Evidence, ServerID?) -> (by: String, key: String)?)?
    /// Whether an item may be the record's; of several, the one with the fewest differences is.
    let isSame: @Sendable (_ sent: JSON, _ shown: JSON) -> Bool
    var pairs: [Pair] = []
    var rows: [Rows] = []
    /// What no pair says: the fields that differ.
    var further: @Sendable (_ sent: JSON, _ shown: JSON) -> [String] = { _, _ in [] }
    /// The fields that ``further`` looks at, with dots; all that is within them, too.
    var furtherFields: [String] = []
    /// Several records may be shown under one key: each item is one of them only.
    package var showsSeveral = false

    /// Whether the listing is read as a whole.
    package var readsAll: Bool { key == nil }

    /// What the listing is asked by for a record; nil where the record does not tell it.
    package func ask(_ item: [UInt8], _ evidence: Evidence, _ id: ServerID?) -> (
        by: String, key: String
    )? {
        JSON(item).flatMap { key?($0, evidence, id) }
    }

    /// What an item of a listing that is read as a whole is found by.
    package static func name(of item: [UInt8]) -> String? {
        JSON(item).flatMap { $0.scalar($0.member("code", of: $0.root)) }
    }

    /// - Parameter shown: The items that the listing gave for the record.
    package func compare(
        _ item: [UInt8], shown: [[UInt8]], _ org: OrgSettings, allowing: inout Set<Allowance>
    ) -> Finding {
        guard let sent = JSON(item) else { return .missing }
        var best: (differences: [Difference], allowances: Set<Allowance>, place: Int)?
        for (place, text) in shown.enumerated() {
            guard let there = JSON(text), isSame(sent, there) else { continue }
            var comparison = Comparison(sent: sent, shown: there, org: org)
            comparison.compare(self)
            if comparison.differences.count < best?.differences.count ?? .max {
                best = (comparison.differences, comparison.allowances, place)
            }
        }
        guard let best else { return .missing }
        allowing.formUnion(best.allowances)
        return .found(best.differences, at: best.place)
    }

    /// Fields that were sent, and that no listing shows; with dots.
    package func unread(_ item: [UInt8]) -> Set<String> {
        guard let sent = JSON(item) else { return [] }
        let read = Set(
            pairs.map(\.sent) + rows.flatMap { rows in rows.pairs.map { rows.sent + "." + $0.sent } }
                + furtherFields)
        var unread: Set<String> = []
        func walk(_ node: Int, _ path: String) {
            if read.contains(path) || unread.contains(path) { return }
            switch sent.kind(node) {
            case .object:
                for member in sent.tape.members(of: node) {
                    let name = sent.tape.text(of: member.name, in: sent.bytes)
                    walk(member.value, path.isEmpty ? name : path + "." + name)
                }
            case .array: for element in sent.list(node) { walk(element, path) }
            default: if !(sent.scalar(node) ?? "").isEmpty { unread.insert(path) }
            }
        }
        walk(sent.root, "")
        return unread
    }
}

/// One record beside what the server shows of it.
private struct Comparison {
    let sent: JSON
    let shown: JSON
    let org: OrgSettings
    var differences: [Verification.Difference] = []
    var allowances: Set<Verification.Allowance> = []

    init(sent: JSON, shown: JSON, org: OrgSettings) {
        self.sent = sent
        self.shown = shown
        self.org = org
    }

    mutating func compare(_ verification: Verification) {
        for pair in verification.pairs
        where !isEqual(pair, sent.root, shown.root) { note(pair.sent) }
        for rows in verification.rows { compare(rows) }
        for field in verification.further(sent, shown) { note(field) }
    }

    private mutating func note(_ field: String) {
        differences.append(Verification.Difference(field: field))
    }

    private mutating func compare(_ rows: Verification.Rows) {
        guard let list = node(sent, rows.sent, sent.root) else { return }
        var left = shown.list(node(shown, rows.shown, shown.root))
        for (index, row) in sent.list(list).enumerated() {
            let found = left.firstIndex { there in
                rows.pairs.allSatisfy { isEqual($0, row, there) }
            }
            if let found { left.remove(at: found) } else { note("\(rows.sent)[\(index)]") }
        }
        if !left.isEmpty { note("\(rows.sent): \(left.count) more on the server") }
    }

    private func node(_ json: JSON, _ path: String, _ from: Int) -> Int? {
        json.node(path.split(separator: ".").map(String.init), of: from)
    }

    /// What was not sent is not compared: the server fills it.
    private mutating func isEqual(_ pair: Verification.Pair, _ row: Int, _ there: Int) -> Bool {
        guard let ours = sent.scalar(node(sent, pair.sent, row)), !ours.isEmpty else { return true }
        guard let theirs = shown.scalar(node(shown, pair.shown, there)) else { return false }
        if ours == theirs { return true }
        switch pair.how {
        case .text: return false
        case .folded: return ours.lowercased() == theirs.lowercased()
        case .number:
            guard let ours = DecimalNumber(ours), let theirs = DecimalNumber(theirs) else {
                return false
            }
            return ours == theirs
        case .amount:
            if let ours = DecimalNumber(ours), let theirs = DecimalNumber(theirs), ours == theirs {
                return true
            }
            let isRounded = ServerBill.amount(theirs, equals: ours, org) == true
            if isRounded { allowances.insert(.rounding) }
            return isRounded
        case .instant:
            guard let ours = Instant(ours), let theirs = Instant(theirs) else { return false }
            func seconds(_ time: Timestamp) -> Int64 { time.milliseconds.flooringDivided(by: 1000) }
            // Without an offset of its own, what was sent is the server's clock.
            if ours.offset == nil { return seconds(ours.clock) == seconds(theirs.clock) }
            if seconds(ours.timestamp) == seconds(theirs.timestamp) { return true }
            guard org.ignoresOffsets != false, seconds(ours.clock) == seconds(theirs.clock) else {
                return false
            }
            allowances.insert(.offsets)
            return true
        }
    }
}
