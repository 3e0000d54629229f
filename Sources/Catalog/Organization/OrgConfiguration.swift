package import Model
import Records

/// The org's settings, read before the first intent.
///
/// Source: Organisation, Configuration; Transactions, Add bills: duplicates.
package enum OrgConfiguration {
    /// Source: Organisation, Configuration.
    package static let request = Request(.get, "/v1.1/organization/configs?format=json")

    /// The number of the org a call ran under, as a header of any reply tells it.
    ///
    /// Source: Access, Response headers.
    package static func orgID(in reply: Reply) -> String? {
        reply.header("org_id").flatMap { isID($0) ? $0 : nil }
    }

    /// What a reply to ``request`` says; nil where it cannot be read: an error, another shape.
    ///
    /// A setting that is not listed is unknown, not off: its default is the server's.
    package static func read(_ reply: Reply) -> OrgSettings? {
        guard (200..<300).contains(reply.status), let json = JSON(reply.body),
            let response = json.member("response", of: json.root)
        else { return nil }
        let status = json.member("status", of: response)
        let list = json.member(["organization", "configs", "config"], of: response)
        // Of an org without settings it is an empty list. Source: Organisation, Configuration.
        let organization = json.member("organization", of: response)
        let hasNone =
            organization.map { json.kind($0) == .array && json.list($0).isEmpty } ?? false
        let isEmpty = hasNone || json.integer(json.member("code", of: status)) == 3209
        guard isEmpty || json.boolean(json.member("success", of: status)) == true else { return nil }
        guard isEmpty || list != nil else { return nil }
        var settings = OrgSettings(id: orgID(in: reply))
        var values: [String: String] = [:]
        var contradicted: Set<String> = []
        for entry in json.list(list) {
            guard let key = json.scalar(json.member("key", of: entry)),
                let value = json.scalar(json.member("value", of: entry))
            else { continue }
            let scope = json.scalar(json.member("scopes", of: entry)) ?? "ORG"
            guard scope.uppercased() == "ORG" else { continue }
            if let id = json.scalar(json.member("entity_id", of: entry)), isID(id) { settings.id = id }
            if let before = values.updateValue(value, forKey: key), before != value {
                contradicted.insert(key)
            }
        }
        for key in contradicted { values[key] = nil }
        fill(&settings, values)
        return settings
    }

    private static func fill(_ settings: inout OrgSettings, _ values: [String: String]) {
        func flag(_ key: String) -> Bool? {
            switch values[key]?.lowercased() {
            case "1", "true": true
            case "0", "false": false
            default: nil
            }
        }
        let org = flag("CONF_LOYALTY_IS_BILL_NUMBER_UNIQUE")
        let store = flag("CONF_LOYALTY_BILL_NUMBER_UNIQUE_ONLY_STORE")
        let till = flag("CONF_LOYALTY_BILL_NUMBER_UNIQUE_ONLY_TILL")
        // Only with the first on does a number stand once; the other two narrow where, and say nothing alone.
        // Source: Organisation, Configuration.
        switch org {
        case true?: settings.billNumbers = till == true ? .till : store == true ? .store : .org
        case false?: settings.billNumbers = .none
        case nil: settings.billNumbers = .unknown
        }
        settings.uniqueInDays = values["CONF_LOYALTY_BILL_NUMBER_UNIQUE_IN_DAYS"].flatMap { Int($0) }
        settings.returnsUnique = flag("IS_RETURN_BILL_UNIQUE")
        if let text = values["AMOUNT_ROUNDING_OFF_TO_DECIMAL_PLACES"], let places = Int(text) {
            settings.amountDecimals = places
        }
        settings.ignoresOffsets = flag("CONF_ORG_DISABLE_MACHINE_TIME_CONV")
    }

    private static func isID(_ text: String) -> Bool { (Int(text) ?? 0) > 0 }
}
