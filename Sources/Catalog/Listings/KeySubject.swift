/// What keys name: the keys that a run gives have to be of the kind that a listing is asked by.
package enum KeySubject: String, Sendable, CaseIterable {
    case customers, bills, cards, stores, tills, coupons, products, groups, others
}

extension Listing {
    /// What its keys name; nil where they may be of several kinds.
    ///
    /// - Parameter key: As `--by` names it.
    package func subject(of key: String) -> KeySubject? {
        switch (name, key) {
        case ("transactions.byNumber", _), ("transactions.byID", _): .bills
        case ("tills.single", _): .tills
        case ("audits", "card"), ("cards", _): .cards
        case ("coupons", "code"), ("coupons", "id"), ("promotions.redemptions", _): .coupons
        case ("products", _): .products
        case ("groups.members", "primary"), ("groups.transactions", "primary"): .customers
        case ("groups.members", _), ("groups.transactions", _): .groups
        case ("labels.assignments", _): nil
        case ("ledger.events", _), ("coupons.uploads", _), ("coupons.redeemUploads", _),
            ("milestones.targets", _), ("attributeValues", _):
            .others
        default: keys.isEmpty ? nil : .customers
        }
    }

    /// Whether keys of that kind are the server's own numbers.
    package func asksByID(_ key: String) -> Bool {
        ["id", "customer", "event"].contains(key)
    }
}

extension Endpoint {
    /// What its accepted records are, as the keys of an export; nil of a call that a job describes.
    package static func subject(named name: String) -> KeySubject? {
        guard Endpoint.named(name) != nil else { return nil }
        return switch name.prefix(while: { $0 != "." }) {
        case "customers": .customers
        case "transactions": .bills
        case "cards": .cards
        case "stores", "locations": .stores
        case "tills": .tills
        case "coupons": .coupons
        case "products", "skus": .products
        case "groups": .groups
        default: .others
        }
    }
}
