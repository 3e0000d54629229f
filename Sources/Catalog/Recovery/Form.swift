import Model

/// What servers make of what they are sent, and show ever after: texts in another case, without zeros or
/// spaces, amounts rounded, times without seconds or in another zone.
///
/// Observed at servers of this kind, not documented. A look-up that shows such a form has not missed the record.
enum Form {
    // MARK: Texts

    static func text(_ shown: String, _ sent: String) -> FormMatch {
        if shown == sent { return .equal }
        return folded(shown) == folded(sent) ? .alike : .different
    }

    /// Equal for all forms of a text.
    static func folded(_ text: String) -> String {
        withoutZeros(withoutSpaces(text)).lowercased()
    }

    static func withoutSpaces(_ text: String) -> String {
        String(String.UnicodeScalarView(text.unicodeScalars.filter { !$0.properties.isWhitespace }))
    }

    static func trimmed(_ text: String) -> String {
        var scalars = text.unicodeScalars[...]
        while let first = scalars.first, first.properties.isWhitespace { scalars.removeFirst() }
        while let last = scalars.last, last.properties.isWhitespace { scalars.removeLast() }
        return String(scalars)
    }

    /// Without the zeros before it; the last digit of a zero stays.
    static func withoutZeros(_ text: String) -> String {
        let rest = text.drop { $0 == "0" }
        if rest.count == text.count { return text }
        return rest.first.map { $0.isNumber || $0.isLetter } == true ? String(rest) : "0" + rest
    }

    /// The forms under which a server may have filed a key: what a look-up that asks for the key itself would not
    /// find. Few: a key of digits without zeros or spaces has none.
    static func variants(_ key: String) -> [String] {
        let bare = withoutZeros(withoutSpaces(key))
        let forms = [
            key.uppercased(), key.lowercased(), trimmed(key), withoutSpaces(key), withoutZeros(key),
            bare, bare.uppercased(), bare.lowercased(),
        ]
        var result: [String] = []
        for form in forms where form != key && !form.isEmpty && !result.contains(form) {
            result.append(form)
        }
        return result
    }

    // MARK: Numbers

    /// As an org keeps amounts, or rounded in some way: to a number of places, or in steps of five of the last,
    /// up, down or half up; of a return also without or with a sign.
    static func amount(_ shown: String, _ sent: String, _ org: OrgSettings, isReturn: Bool = false)
        -> FormMatch?
    {
        guard let equal = ServerBill.amount(shown, equals: sent, org) else { return nil }
        if equal { return .equal }
        guard var theirs = DecimalNumber(shown), let ours = DecimalNumber(sent) else { return nil }
        if isReturn, theirs.isNegative != ours.isNegative {
            theirs = theirs.magnitude
            if theirs == ours.magnitude { return .alike }
        }
        guard theirs.isNegative == ours.isNegative else { return .different }
        return isRounded(theirs.magnitude, from: ours.magnitude) ? .alike : .different
    }

    /// As a value, else rounded, where both are numbers.
    static func number(_ shown: String, _ sent: String) -> FormMatch? {
        guard let theirs = DecimalNumber(shown), let ours = DecimalNumber(sent) else { return nil }
        if theirs == ours { return .equal }
        guard theirs.isNegative == ours.isNegative else { return .different }
        return isRounded(theirs.magnitude, from: ours.magnitude) ? .alike : .different
    }

    private static func isRounded(_ theirs: DecimalNumber, from ours: DecimalNumber) -> Bool {
        for places in 0...6 {
            guard let down = ours.floored(to: places), let up = ours.stepped(to: places, by: 1) else {
                continue
            }
            if theirs == down || theirs == up && down != ours { return true }
            // Cash is rounded in steps of five of a place.
            guard places > 0, let half = ours.floored(to: places - 1)?.stepped(to: places, by: 5) else {
                continue
            }
            if theirs == half { return true }
        }
        return false
    }

    // MARK: Times

    private static let minute: Int64 = 60
    private static let day: Int64 = 86_400
    /// No two zones of a place and its server are further apart.
    private static let zones: Int64 = 14 * 3600

    static func time(_ theirs: Instant, _ ours: Instant, _ org: OrgSettings) -> FormMatch {
        if ServerBill.instant(theirs, equals: ours, org) { return .equal }
        let shown = theirs.timestamp.seconds
        let clock = theirs.clock.seconds
        for sent in [ours.timestamp.seconds, ours.clock.seconds] {
            // Another zone: quarters of an hour.
            if isShift(shown - sent) || isShift(clock - sent) { return .alike }
            // Without its seconds, rounded down or up.
            let start = sent.flooringDivided(by: minute) * minute
            for whole in [start, start + minute] where clock % minute == 0 {
                if isShift(shown - whole) || isShift(clock - whole) { return .alike }
            }
            // The day alone.
            if clock == sent.flooringDivided(by: day) * day { return .alike }
        }
        // A fraction of a second rounded up.
        let hasFraction = ours.clock.milliseconds % 1000 != 0
        return hasFraction && shown == ours.timestamp.seconds + 1 ? .alike : .different
    }

    private static func isShift(_ seconds: Int64) -> Bool {
        seconds % 900 == 0 && abs(seconds) <= zones
    }

    /// The same of a time that is known to the second only, without its zone.
    static func seconds(_ shown: Int64, _ sent: Int64) -> FormMatch {
        if shown == sent { return .equal }
        func instant(_ seconds: Int64) -> Instant {
            Instant(clock: Timestamp(milliseconds: seconds * 1000), offset: 0)
        }
        return time(instant(shown), instant(sent), OrgSettings(ignoresOffsets: false))
    }
}

extension Timestamp {
    fileprivate var seconds: Int64 { milliseconds.flooringDivided(by: 1000) }
}

extension Instant {
    /// In ISO 8601, as exactly as it is known.
    var text: String {
        let clock = String(self.clock.iso8601.dropLast())
        guard let offset else { return clock }
        guard offset != 0 else { return clock + "Z" }
        func two(_ number: Int) -> String { (number < 10 ? "0" : "") + String(number) }
        return clock + (offset < 0 ? "-" : "+") + two(abs(offset) / 60) + ":" + two(abs(offset) % 60)
    }
}
