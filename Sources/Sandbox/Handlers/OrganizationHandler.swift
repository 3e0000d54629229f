import Model

/// Customers, the org's configuration, its tills.
final class OrganizationHandler {
    private let service: Service

    init(_ service: Service) { self.service = service }

    func answer(_ call: Call, _ troubles: [Trouble]) -> Answer {
        switch call.route {
        case .customer: customer(call)
        case .till: till(call)
        default: configs(call)
        }
    }

    /// Source: API reference, "Get customer id by identifier".
    private func customer(_ call: Call) -> Answer {
        guard let name = call.query("identifierName"), let value = call.query("identifierValue"),
            !value.isEmpty
        else { return .error(400, code: 8084, "customer identifier missing") }
        guard let type = Listed.identifierTypes.firstIndex(where: { "\($0)" == name }) else {
            return .error(400, code: 8155, "identifier type bad")
        }
        let bytes = Array(value.utf8)
        // Whoever was given it here has it.
        let given = service.store.first(.calls) { thing in
            let key = String(decoding: thing.key, as: UTF8.self)
            return key.hasPrefix("customers.changeIdentifier/") && key.hasSuffix("/\(name)/\(value)")
        }
        if let given,
            let user = String(decoding: given.key, as: UTF8.self).split(separator: "/").dropFirst()
                .first
        {
            return Answer(text: #"{"entity":\#(user),"warnings":[],"errors":[]}"#)
        }
        guard !service.isUnregistered(name, value),
            let id = Customers.id(type: type, bytes, bytes.indices)
        else { return .error(400, code: 8015, "customer not found") }
        return Answer(text: #"{"entity":\#(id),"warnings":[],"errors":[]}"#)
    }

    private func till(_ call: Call) -> Answer {
        guard let code = call.query("code"), !code.isEmpty, !code.hasPrefix("unknown") else {
            return .error(400, code: 3202, "till not found")
        }
        let added = service.store.find(.calls, "tills.add/\(code)".utf8).first
        if added == nil, code.lowercased().hasPrefix(PlainCall.newTill) {
            return .error(400, code: 3202, "till not found")
        }
        let place = Place(till: code)
        var out: [UInt8] = []
        out.add(#"{"entity":{"id":"#)
        out.add(added?.id ?? LookHandler.placeID(place.till))
        out.add(#","code":"#)
        out.add(quoted: code)
        out.add(#","type":"TILL","isActive":true,"store":{"id":"#)
        out.add(LookHandler.placeID(place.store))
        out.add(#","code":"#)
        out.add(quoted: place.store)
        out.add(#"},"customField":"#)
        let id = added?.id ?? LookHandler.placeID(place.till)
        let change = service.store.find(.calls, "tills.update/\(id)".utf8).last
        let body = change.flatMap { Document($0.content) }
        out.append(
            contentsOf: body.flatMap { body in
                body.member("customFields", of: body.root).map { Array(body.raw($0)) }
            } ?? Array("[]".utf8))
        out.add(#"},"warnings":[],"errors":[]}"#)
        return Answer(out)
    }

    /// All settings here are the org's own, and of one module.
    ///
    /// Source: v1.1 manual, "organization/configs"; "Setup Transactions"; its filters: server source of v1.1.
    private func configs(_ call: Call) -> Answer {
        let options = service.options
        var values: [(String, String)] = [
            ("CONF_LOYALTY_IS_BILL_NUMBER_REQUIRED", "1"),
            ("CONF_LOYALTY_IS_BILL_NUMBER_UNIQUE", options.uniqueness == .none ? "0" : "1"),
            ("CONF_LOYALTY_BILL_NUMBER_UNIQUE_ONLY_STORE", options.uniqueness == .store ? "1" : "0"),
            ("CONF_LOYALTY_BILL_NUMBER_UNIQUE_ONLY_TILL", options.uniqueness == .till ? "1" : "0"),
            ("IS_RETURN_BILL_UNIQUE", options.returnsUnique ? "1" : "0"),
            ("AMOUNT_ROUNDING_OFF_TO_DECIMAL_PLACES", String(options.amountDecimals)),
            ("CONF_ORG_DISABLE_MACHINE_TIME_CONV", options.ignoresOffsets ? "1" : "0"),
            ("CONF_ALLOW_NOT_EXISTING_BILL_RETURN", options.allowsReturnWithoutOriginal ? "1" : "0"),
        ]
        if !options.tellsUniqueness { values.removeAll { $0.0.contains("UNIQUE") } }
        if let days = options.uniqueInDays, options.tellsUniqueness {
            values.append(("CONF_LOYALTY_BILL_NUMBER_UNIQUE_IN_DAYS", String(days)))
        }
        if options.ignoresConfigFilters { return list(values) }
        if let name = call.query("name") { values.removeAll { $0.0 != name } }
        if let module = call.query("module"), module != "LOYALTY" { values = [] }
        if let scope = call.query("scope"), scope != "ORG" {
            guard ["ZONE", "CONCEPT", "STORE", "TILL"].contains(scope) else {
                return Answer(
                    text:
                        #"{"response":{"status":{"success":"false","code":"3211","message":"scope bad"}}}"#
                )
            }
            values = []
        }
        if values.isEmpty {
            return Answer(
                text: #"{"response":{"status":{"success":"true","code":"3208","message":"fetched"},"#
                    + #""organization":[]}}"#)
        }
        return list(values)
    }

    private func list(_ values: [(String, String)]) -> Answer {
        var out: [UInt8] = []
        out.add(#"{"response":{"status":{"success":"true","code":"200","message":"SUCCESS"},"#)
        out.add(#""organization":{"configs":{"config":["#)
        for (index, (key, value)) in values.enumerated() {
            if index > 0 { out.add(",") }
            out.add(#"{"key":"#)
            out.add(quoted: key)
            out.add(#","scopes":"ORG","value_type":"NUMERIC","modules":"LOYALTY","entity_id":"#)
            out.add(quoted: service.options.org)
            out.add(#","value":"#)
            out.add(quoted: value)
            out.add("}")
        }
        out.add("]}}}}")
        return Answer(out)
    }
}
