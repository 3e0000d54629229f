import Model
import Records

/// Finding a badge of a customer again among all he has.
///
/// Unconfirmed: the names in the reply, and how many a page has (ten, with a `limit`). A list
/// that may have been cut is no miss.
enum BadgeSearch {
    /// Whether a row of the badge that is looked for is the one.
    enum Match { case same, other(String), alike(Alike.Difference), untold(String) }

    private static let limit = 1000

    /// - Parameter type: As the server names it: `EARNED` or `ISSUED`.
    static func start(
        customer: String, badge: String, type: String = "EARNED", includesExpired: Bool = true,
        _ match: @escaping @Sendable (JSON, _ row: Int) -> Match
    ) -> SearchStep {
        let target =
            "/api_gateway/v1/badges/customer/" + pathSegment(customer) + "?"
            + query([
                "badgeType": type, "includeExpired": includesExpired ? "true" : "false",
                "limit": String(limit),
            ])
        return .ask(Request(.get, target)) { reply in read(reply, customer, badge, match) }
    }

    /// Two times in seconds since 1970 of which the server may keep the first in another form.
    static func compare(_ shown: Int64, _ sent: Int64, _ name: String, _ other: String) -> Match {
        switch Form.seconds(shown, sent) {
        case .equal: return .same
        case .different: return .other(other)
        case .alike:
            return .alike(
                Alike.Difference(
                    FormField(name, .time, text(sent)), shown: text(shown)))
        }
    }

    static func fields(_ member: BadgeEvidence) -> [FormField] {
        [FormField("badge", .text, member.badge)]
            + (member.expires.map { [FormField("expiry", .time, text($0))] } ?? [])
            + (member.expires == nil
                ? member.earned.map { [FormField("earned", .time, text($0))] } ?? [] : [])
    }

    static func text(_ seconds: Int64) -> String { Timestamp(milliseconds: seconds * 1000).iso8601 }

    /// By badge and expiry, as imported ones are told apart.
    static func imported(_ member: BadgeEvidence) -> SearchStep {
        start(customer: member.customer, badge: member.badge) { json, row in
            guard let expires = seconds(json, row, ["expiresOn", "earnExpiresOn"]) else {
                return .untold("A badge of the customer has no expiry in the reply.")
            }
            let other = "the same badge with another expiry"
            guard let sent = member.expires else { return .other(other) }
            return compare(expires, sent, "expiry", other)
        }
    }

    private static func read(
        _ reply: Reply, _ customer: String, _ wanted: String, _ match: (JSON, Int) -> Match
    ) -> SearchStep {
        guard (200..<300).contains(reply.status), let json = JSON(reply.body),
            let data = json.member("data", of: json.root)
        else { return .unclear(LookReply.unclear(reply)) }
        let complaints = json.complaints(json.member("errors", of: json.root))
        guard complaints.isEmpty else { return .unclear(LookReply.unclear(reply, complaints)) }
        guard let rows = rows(json, data) else { return .unclear(LookReply.unclear(reply)) }
        var ids: [ServerID] = []
        var others: [String] = []
        var entries: [Alike] = []
        for row in rows {
            let owner =
                json.scalar(json.member("customerId", of: row))
                ?? json.scalar(json.member("userId", of: row))
            if let owner, Int(owner) != Int(customer) {
                return .gap("The reply shows the badges of another customer.")
            }
            let badge =
                json.scalar(json.member("badgeMetaId", of: row))
                ?? json.scalar(json.member(["badgeMeta", "id"], of: row))
            guard let badge else {
                return .gap("A badge of the customer has no badge id in the reply.")
            }
            let isBadge = Form.text(badge, wanted)
            guard isBadge != .different else { continue }
            var differences: [Alike.Difference] = []
            if isBadge == .alike {
                differences.append(
                    Alike.Difference(FormField("badge", .text, wanted), shown: badge))
            }
            switch match(json, row) {
            case .same: break
            case .alike(let difference): differences.append(difference)
            case .other(let words):
                others.append(words)
                continue
            case .untold(let words): return .gap(words)
            }
            let id = ["earnedBadgeId", "issuedId", "id"].lazy.compactMap { (name: StaticString) in
                json.scalar(json.member(name, of: row))
            }.first
            guard let id, !id.isEmpty else { return .gap("A badge of the customer has no id.") }
            if differences.isEmpty {
                ids.append(ServerID(id))
            } else {
                entries.append(Alike(ServerID(id), differences))
            }
        }
        if ids.isEmpty, rows.count == 10 || rows.count >= limit {
            return .gap("The customer may have more badges than the server shows.")
        }
        return .read(ids: ids, others: others, alike: entries)
    }

    /// `data` itself, or the list in it. No badges: an empty list or null.
    private static func rows(_ json: JSON, _ data: Int) -> [Int]? {
        switch json.kind(data) {
        case .array: return json.list(data)
        case .null: return []
        case .object:
            let lists = json.tape.members(of: data).filter { json.kind($0.value) == .array }
            return lists.count == 1 ? json.list(lists.first?.value) : nil
        default: return nil
        }
    }

    /// A time of a row, in seconds, under the first of these names that it has. The ISO text says it surely;
    /// of a number, the unit is told by its size.
    static func seconds(_ json: JSON, _ row: Int, _ names: [String]) -> Int64? {
        for name in names {
            if let text = json.scalar(json.member(named: name + "ISO", of: row)),
                let instant = Instant(text)
            {
                return instant.timestamp.milliseconds.flooringDivided(by: 1000)
            }
        }
        for name in names {
            // A fraction comes too: 1801612800.5.
            guard let text = json.scalar(json.member(named: name, of: row)), let number = Double(text),
                number > 0, number < 1e15
            else { continue }
            return Int64(number >= 100_000_000_000 ? number / 1000 : number)
        }
        return nil
    }
}
