package import Model

/// The call that takes back what an accepted record of another one did, and its record for that.
///
/// Source: Badges, Revoke an earned badge; Badges, Revoke enrolments; Coupons, Revoke coupons; Groups, Leave a group.
package struct WayBack: Sendable {
    /// Of the call.
    package let endpoint: String
    /// What becomes of a record, in a question: `revoked`.
    package let act: String
    /// The parameters of the call that a job has to give.
    package let parameters: [String: String]
    private let make: @Sendable (_ evidence: [String], _ id: String) -> [(String, Value)]?

    private enum Value {
        case text(String)
        /// Digits, as they are.
        case number(String)
    }

    /// The item of the call, as JSON.
    ///
    /// - Parameters:
    ///   - evidence: What the ledger holds of the accepted record.
    ///   - id: What the server calls what it made; nil: it is not known.
    /// - Returns: Nil where what is known is not enough.
    package func item(_ evidence: Evidence, id: ServerID?) -> String? {
        guard let id = id?.text, !id.isEmpty, let members = make(Array(evidence.fields), id) else {
            return nil
        }
        var texts: [String] = []
        for (name, value) in members {
            switch value {
            case .text(let text) where !text.isEmpty: texts.append("\"\(name)\":\(Self.json(text))")
            case .number(let digits) where Int(digits).map({ $0 > 0 }) ?? false:
                texts.append("\"\(name)\":\(digits)")
            default: return nil
            }
        }
        return "{" + texts.joined(separator: ",") + "}"
    }

    private static func json(_ text: String) -> String {
        var out = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": out += "\\\""
            case "\\": out += "\\\\"
            case _ where scalar.value < 0x20:
                let hex = String(scalar.value, radix: 16)
                out += "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
            default: out.unicodeScalars.append(scalar)
            }
        }
        return out + "\""
    }

    /// The way back of a call; nil where there is none.
    package static func of(_ endpoint: String) -> WayBack? {
        switch endpoint {
        case "badges.earn", "badges.import":
            WayBack(endpoint: "badges.revoke", act: "revoked", parameters: [:]) { fields, id in
                guard fields.count > 1 else { return nil }
                return [
                    ("badgeMetaId", .text(fields[1])), ("customerId", .number(fields[0])),
                    ("earnedBadgeId", .text(id)),
                ]
            }
        case "badges.enrol":
            WayBack(endpoint: "badges.unenrol", act: "revoked", parameters: [:]) { fields, id in
                guard fields.count > 1 else { return nil }
                return [
                    ("badgeMetaId", .text(fields[1])), ("customerId", .number(fields[0])),
                    ("issueId", .text(id)),
                ]
            }
        case "coupons.issue":
            WayBack(endpoint: "coupons.revoke", act: "revoked", parameters: [:]) { fields, id in
                guard let series = fields.first else { return nil }
                return [("couponSeriesId", .number(series)), ("couponCode", .text(id))]
            }
        case "groups.join":
            WayBack(
                endpoint: "groups.leave", act: "removed from their groups",
                parameters: ["source": "INSTORE"]
            ) { fields, id in
                guard let user = fields.first, Int(user) != nil else { return nil }
                return [
                    ("groupId", .number(id)), ("identifierName", .text("id")),
                    ("identifierValue", .text(user)),
                ]
            }
        default: nil
        }
    }

    /// What to do about records of a call that has no way back here.
    package static func advice(_ endpoint: String) -> String {
        switch endpoint {
        case "transactions.add":
            "The API does not delete bills: import a return for each (type RETURN)."
        case "coupons.redeem":
            "Use a job of coupons.reactivate, with the ids that `sluice report --successes FILE` lists."
        case "coupons.issueMany", "coupons.upload":
            "Use a job of coupons.revoke, with the codes."
        case "promotions.grant": "Use a job of promotions.revoke."
        case "milestones.enrol": "Use a job of milestones.unenrol."
        case "labels.assign": "Use a job of labels.remove."
        case "partners.link": "Use a job of partners.delink."
        case "points.redeem", "points.redeemOlder":
            "Use a job of points.reverse, with the ids that `sluice report --successes FILE` lists."
        case "cards.add": "Use a job of cards.update that sets the status label DELETED."
        case "customers.add", "customers.register", "customers.addOlder":
            "The API removes a customer only by a deletion request (deletions.request), which a person approves."
        case _ where Endpoint.named(endpoint)?.adds == false:
            "It sets values, and what was there before is not known: import the values that should be there."
        default: "The API has no call that takes it back: ask the people who look after the org."
        }
    }
}
