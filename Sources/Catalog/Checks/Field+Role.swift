package import Model

extension Field {
    /// What a field's value is for, which decides what it may not be.
    package enum Role: Sendable, Equatable {
        /// It is read by people, or nothing hangs on it.
        case words
        /// An identifier or a code: it tells one thing from another.
        case code
        /// A code of where something is booked: no hole in it is filled in.
        case place
        /// When something was sold, earned or issued.
        case event

        /// By the name under which all calls have it.
        init(of name: String, _ kind: Kind) {
            switch kind {
            case .text, .list(.text):
                self =
                    Role.placeNames.contains(name)
                    ? .place
                    : Role.eventNames.contains(name)
                        ? .event : Role.wordNames.contains(name) ? .words : .code
            case .instant, .integer: self = Role.eventNames.contains(name) ? .event : .words
            case .oneOf, .number, .boolean, .object, .open, .list: self = .words
            }
        }

        private static let wordNames: Set<String> = [
            "address", "associatedWithName", "body", "comments", "description", "details", "end_date",
            "eventName", "expiryValue", "expiry_date", "firstName", "firstname", "groupName",
            "imageUrl",
            "imgUrl", "img_url", "language", "lastName", "lastname", "latitude", "longDescription",
            "long_description", "longitude", "misc_info", "mode", "name", "note", "notes",
            "notInterestedReason", "partnerProgramName", "partnerTierName",
            "password", "permissions", "possible_statuses", "priority", "reason",
            "reasonOfReturn", "redemption_purpose", "registered_on", "requested_on", "sizeName",
            "start_date", "status", "statusLabel", "styleName", "tags", "template", "tier_name",
            "timezone", "title", "updated_on", "updatedTierName",
        ]
        private static let placeNames: Set<String> = [
            "associatedWith", "associated_with", "ouCode", "ou_code", "registered_till", "till_id",
        ]
        private static let eventNames: Set<String> = [
            "billingDate", "purchaseTime", "earnEventDate", "earnEventDateISO", "issueEventDate",
            "issueEventDateISO", "redeemedDate", "redeemedDateInMillis", "redemptionTime",
            "redemption_time", "eventDateTime",
            "eventTimeISO", "optinDate",
        ]
    }

    /// The same with another role.
    package func with(_ role: Role) -> Field {
        var field = self
        field.role = role
        return field
    }

    /// The same where a dotted name begins with it that tells records apart.
    package func asKey(_ path: String) -> Field {
        guard let dot = path.firstIndex(of: "."), case .object(let fields) = kind else {
            return with(.code)
        }
        let rest = String(path[path.index(after: dot)...])
        let name = rest.prefix { $0 != "." }
        return with(
            .object(fields.map { $0.name == name ? $0.asKey(rest) : $0 }))
    }

    private func with(_ kind: Kind) -> Field {
        var field = Field(name, kind, presence, mayBeEmpty: mayBeEmpty, note)
        field.role = role
        field.place = place
        return field
    }
}

/// What is checked of each item beside its fields and the rules of its call.
package struct ItemChecks: Sendable {
    /// Identifiers and codes hold no characters that do not show.
    package var codes: Bool
    /// Nor words that mean null.
    package var nullWords: Bool
    /// Nor what a spreadsheet has made of a number; not where the mapping has looked for that.
    package var damage: Bool
    /// When something was sold, earned or issued.
    package var dates: DayRange?

    package init(codes: Bool, nullWords: Bool, damage: Bool, dates: DayRange?) {
        self.codes = codes
        self.nullWords = nullWords
        self.damage = damage
        self.dates = dates
    }

    /// For items that were checked before.
    package static let none = ItemChecks(codes: false, nullWords: false, damage: false, dates: nil)
    /// Where a job says nothing else.
    package static let usual = ItemChecks(codes: true, nullWords: true, damage: true, dates: .usual)
}

/// Days between which something can have happened, by its own clock.
package struct DayRange: Sendable, Equatable {
    /// Milliseconds since 1970 as the clock shows them.
    private let clock: Range<Int64>
    /// `2000-01-01 to 2100-12-31`, for messages.
    package let words: String

    /// - Parameters:
    ///   - from: The first day.
    ///   - to: The last day, not before the first.
    package init(from: CivilDay, to: CivilDay) {
        let day: Int64 = 86_400_000
        let first = Int64(from.daysSinceEpoch) * day
        clock = first..<max(first, Int64(to.daysSinceEpoch) * day) + day
        words = "\(from.iso8601) to \(to.iso8601)"
    }

    /// - Parameter clock: By the clock that was written down, not in UTC.
    package func contains(_ clock: Timestamp) -> Bool { self.clock.contains(clock.milliseconds) }

    /// 2000-01-01 to 2100-12-31.
    package static let usual = DayRange(
        from: CivilDay(daysSinceEpoch: 10_957), to: CivilDay(daysSinceEpoch: 47_846))
}
