import Model
import Records

/// Finding an earned badge of a customer again: by badge and expiry among all he has.
///
/// UNSURE in the sources: the names in the reply, and how many a page has (ten, with a `limit`). A list
/// that may have been cut is no miss.
enum BadgeSearch {
    private static let limit = 1000

    static func start(_ member: BadgeEvidence) -> SearchStep {
        let target =
            "/api_gateway/v1/badges/customer/" + percentEncoded(member.customer) + "?"
            + query(["badgeType": "EARNED", "includeExpired": "true", "limit": String(limit)])
        return .ask(Request(.get, target)) { reply in read(reply, member) }
    }

    private static func read(_ reply: Reply, _ member: BadgeEvidence) -> SearchStep {
        guard (200..<300).contains(reply.status), let json = JSON(reply.body),
            let data = json.member("data", of: json.root)
        else { return .unclear(LookReply.unclear(reply)) }
        let complaints = json.complaints(json.member("errors", of: json.root))
        guard complaints.isEmpty else { return .unclear(LookReply.unclear(reply, complaints)) }
        guard let rows = rows(json, data) else { return .unclear(LookReply.unclear(reply)) }
        var ids: [ServerID] = []
        var others: [String] = []
        for row in rows {
            let badge =
                json.scalar(json.member("badgeMetaId", of: row))
                ?? json.scalar(json.member(["badgeMeta", "id"], of: row))
            guard let badge else { return gap("A badge of the customer does not say which it is.") }
            guard badge == member.badge else { continue }
            guard let expires = expiry(json, row) else {
                return gap("A badge of the customer does not tell its expiry.")
            }
            guard expires == member.expires else {
                others.append("the same badge with another expiry")
                continue
            }
            let id =
                json.scalar(json.member("earnedBadgeId", of: row))
                ?? json.scalar(json.member("id", of: row))
            guard let id, !id.isEmpty else { return gap("A badge of the customer has no id.") }
            ids.append(ServerID(id))
        }
        if ids.isEmpty, rows.count == 10 || rows.count >= limit {
            return gap("The customer may have more badges than the server shows.")
        }
        return .done(ids: ids, others: others)
    }

    private static func gap(_ words: String) -> SearchStep {
        .unclear(Refusal(.unboundAnswer, message: words))
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

    /// In seconds. The ISO text says it surely; of a number, the unit is told by its size.
    private static func expiry(_ json: JSON, _ row: Int) -> Int64? {
        for name: StaticString in ["expiresOnISO", "earnExpiresOnISO"] {
            if let text = json.scalar(json.member(name, of: row)), let instant = Instant(text) {
                return instant.timestamp.milliseconds.flooringDivided(by: 1000)
            }
        }
        for name: StaticString in ["expiresOn", "earnExpiresOn"] {
            // A fraction comes too: 1801612800.5.
            guard let text = json.scalar(json.member(name, of: row)), let number = Double(text),
                number > 0, number < 1e15
            else { continue }
            return Int64(number >= 100_000_000_000 ? number / 1000 : number)
        }
        return nil
    }
}
