import Model
import Records

extension Verification {
    /// How what was sent to an endpoint is read back; nil where no listing shows it.
    package static func of(_ endpoint: String) -> Verification? {
        switch endpoint {
        case "transactions.add": transactions
        case "stores.add", "stores.update": stores
        case "locations.stores.add", "locations.stores.update": stores
        case "customers.add", "customers.upsert", "customers.register": customers
        case "badges.import": badges
        case "cards.add", "cards.update": cards
        default: nil
        }
    }

    /// Endpoints that can be verified.
    package static let endpoints = [
        "transactions.add", "stores.add", "stores.update", "locations.stores.add",
        "locations.stores.update", "customers.add", "customers.upsert", "customers.register",
        "cards.add", "cards.update", "badges.import",
    ]

    /// Source: Transactions, Read bills: by id.
    private static let transactions: Verification = {
        var result = Verification(
            listing: "transactions.byID",
            key: { sent, _, id in
                guard let id else { return nil }
                return (sent.scalar(sent.member("type", of: sent.root)) ?? "REGULAR", id.text)
            }, isSame: { _, _ in true })
        result.pairs = [
            Pair("billNumber", "billDetails.billNumber", .text),
            Pair("billAmount", "billDetails.amount", .amount),
            Pair("grossAmount", "billDetails.grossAmount", .amount),
            Pair("discount", "billDetails.discount", .amount),
            Pair("billingDate", "billDetails.billingTime", .instant), Pair("type", "type", .text),
        ]
        result.rows = [
            Rows(
                sent: "lineItemsV2", shown: "lineItems",
                pairs: [
                    Pair("itemCode", "itemCode", .folded), Pair("qty", "qty", .number),
                    Pair("amount", "amount", .amount),
                ])
        ]
        return result
    }()

    /// Source: Stores, Read entities. No listing finds a store by its code: all are read.
    private static let stores: Verification = {
        var result = Verification(
            listing: "stores", key: nil,
            isSame: { sent, shown in
                sent.scalar(sent.member("code", of: sent.root))
                    == shown.scalar(shown.member("code", of: shown.root))
            })
        result.pairs = [
            Pair("code", "code", .text), Pair("name", "name", .text), Pair("type", "type", .text),
            Pair("id", "id", .number),
        ]
        result.furtherFields = ["externalIds", "externalId"]
        result.further = { sent, shown in
            let member =
                sent.member("externalIds", of: sent.root) ?? sent.member("externalId", of: sent.root)
            let ours = sent.list(member).compactMap { sent.scalar($0) }
            let theirs = ["external_id", "external_id_1", "external_id_2"].compactMap {
                shown.scalar(shown.member(named: $0, of: shown.root))
            }
            return Set(ours).isSubset(of: theirs) ? [] : ["externalIds"]
        }
        return result
    }()

    private static func profile(_ json: JSON) -> Int? {
        json.list(json.member("profiles", of: json.root)).first
    }

    private static func identifiers(_ json: JSON) -> [(type: String, value: String)] {
        json.list(json.member("profiles", of: json.root)).flatMap { profile in
            json.list(json.member("identifiers", of: profile)).compactMap { one in
                guard let type = json.scalar(json.member("type", of: one)),
                    let value = json.scalar(json.member("value", of: one))
                else { return nil }
                return (type, value)
            }
        }
    }

    /// Source: Customers, Read a customer; Values, Identifiers.
    private static let customers: Verification = {
        var result = Verification(
            listing: "customers",
            key: { sent, _, _ in
                identifiers(sent).first.map { ($0.type, $0.value) }
            }, isSame: { _, _ in true })
        result.furtherFields = [
            "profiles.identifiers", "profiles.firstName", "profiles.lastName", "profiles.fields",
            "extendedFields", "loyaltyInfo",
        ]
        result.further = { sent, shown in
            var fields: [String] = []
            let theirs = identifiers(shown)
            for (type, value) in identifiers(sent)
            where !theirs.contains(where: { $0.type == type && isSame(type, value, $0.value) }) {
                fields.append("identifiers." + type)
            }
            fields += differing(
                sent, profile(sent), shown, profile(shown), "profiles.",
                ["firstName", "lastName", "fields"])
            fields += differing(
                sent, sent.root, shown, shown.root, "", ["extendedFields", "loyaltyInfo"])
            return fields
        }
        return result
    }()

    /// A country code may come before a mobile number, zeros before an external id.
    private static func isSame(_ type: String, _ ours: String, _ theirs: String) -> Bool {
        switch type {
        case "mobile": theirs == ours || ours.count >= 8 && theirs.hasSuffix(ours)
        case "externalId": theirs == ours || theirs.drop { $0 == "0" } == ours.drop { $0 == "0" }
        default: theirs.lowercased() == ours.lowercased()
        }
    }

    /// The members of that name that were sent, and are shown otherwise.
    private static func differing(
        _ sent: JSON, _ ours: Int?, _ shown: JSON, _ theirs: Int?, _ prefix: String, _ names: [String]
    ) -> [String] {
        names.flatMap { name -> [String] in
            guard let node = sent.member(named: name, of: ours) else { return [] }
            let there = shown.member(named: name, of: theirs)
            if sent.isObject(node) {
                let inner = sent.tape.members(of: node).map {
                    sent.tape.text(of: $0.name, in: sent.bytes)
                }
                return differing(sent, node, shown, there, prefix + name + ".", inner)
            }
            guard let text = sent.scalar(node), !text.isEmpty else { return [] }
            if let other = shown.scalar(there) {
                if other == text { return [] }
                if let one = DecimalNumber(text), let two = DecimalNumber(other), one == two {
                    return []
                }
            }
            return [prefix + name]
        }
    }

    /// Source: Cards, Read a card.
    private static let cards: Verification = {
        var result = Verification(
            listing: "cards",
            key: { sent, _, _ in
                sent.scalar(sent.member("cardNumber", of: sent.root)).map { ("number", $0) }
            }, isSame: { _, _ in true })
        result.pairs = [
            Pair("cardNumber", "cardNumber", .text), Pair("seriesId", "seriesId", .number),
            Pair("seriesCode", "seriesCode", .text), Pair("statusLabel", "statusInfo.label", .folded),
        ]
        result.furtherFields = ["customFields", "extendedFields"]
        result.further = { sent, shown in
            differing(sent, sent.root, shown, shown.root, "", ["customFields", "extendedFields"])
        }
        return result
    }()

    /// Source: Badges, Badges of a customer.
    private static let badges: Verification = {
        @Sendable func seconds(_ json: JSON, _ names: [String]) -> Int64? {
            for name in names {
                guard let text = json.scalar(json.member(named: name, of: json.root)) else { continue }
                if let instant = Instant(text) {
                    return instant.timestamp.milliseconds.flooringDivided(by: 1000)
                }
                if let number = Double(text), number > 0, number < 1e15 {
                    return Int64(number >= 100_000_000_000 ? number / 1000 : number)
                }
            }
            return nil
        }
        var result = Verification(
            listing: "badges.ofCustomers",
            key: { sent, _, _ in
                sent.scalar(sent.member("customerId", of: sent.root)).map { ("id", $0) }
            },
            isSame: { sent, shown in
                sent.scalar(sent.member("badgeMetaId", of: sent.root))
                    == shown.scalar(shown.member("badgeMetaId", of: shown.root))
            })
        // The customer is what is asked by, and the badge what is found by.
        result.furtherFields = [
            "customerId", "badgeMetaId", "earnEventDateISO", "earnEventDate", "earnExpiresOnISO",
            "earnExpiresOn",
        ]
        result.showsSeveral = true
        result.further = { sent, shown in
            var fields: [String] = []
            // Unconfirmed: under which name the reply has it, if at all.
            if let earned = seconds(shown, ["earnEventDateISO", "earnedOnISO", "earnedOn"]),
                earned != seconds(sent, ["earnEventDateISO", "earnEventDate"])
            {
                fields.append("earnEventDate")
            }
            if seconds(sent, ["earnExpiresOnISO", "earnExpiresOn"])
                != seconds(shown, ["expiresOnISO", "expiresOn"])
            {
                fields.append("earnExpiresOn")
            }
            return fields
        }
        return result
    }()
}
