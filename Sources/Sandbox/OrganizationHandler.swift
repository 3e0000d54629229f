import Model

/// Customers, the org's configuration, its tills, and its queue of rejected transactions.
final class OrganizationHandler {
    private let service: Service

    init(_ service: Service) { self.service = service }

    func answer(_ call: Call, _ troubles: [Trouble]) -> Answer {
        switch call.route {
        case .customer: customer(call)
        case .till: till(call)
        case .queue: queue(call, troubles)
        default: configs()
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
        let given = service.holdings.first(.calls) { thing in
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
        let place = Place(till: code)
        var out: [UInt8] = []
        out.add(#"{"entity":{"id":"#)
        out.add(LookHandler.placeID(place.till))
        out.add(#","code":"#)
        out.add(quoted: code)
        out.add(#","type":"TILL","isActive":true,"store":{"id":"#)
        out.add(LookHandler.placeID(place.store))
        out.add(#","code":"#)
        out.add(quoted: place.store)
        out.add(#"}},"warnings":[],"errors":[]}"#)
        return Answer(out)
    }

    /// Source: v1.1 manual, "organization/configs"; "Setup Transactions".
    private func configs() -> Answer {
        let options = service.options
        var values: [(String, String)] = [
            ("CONF_LOYALTY_IS_BILL_NUMBER_REQUIRED", "1"),
            ("CONF_LOYALTY_IS_BILL_NUMBER_UNIQUE", options.uniqueness == .org ? "1" : "0"),
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
        var out: [UInt8] = []
        out.add(#"{"response":{"status":{"success":"true","code":"200","message":"SUCCESS"},"#)
        out.add(#""organization":{"configs":{"config":["#)
        for (index, (key, value)) in values.enumerated() {
            if index > 0 { out.add(",") }
            out.add(#"{"key":"#)
            out.add(quoted: key)
            out.add(#","scopes":"ORG","value_type":"NUMERIC","modules":"LOYALTY","entity_id":"#)
            out.add(quoted: options.org)
            out.add(#","value":"#)
            out.add(quoted: value)
            out.add("}")
        }
        out.add("]}}}}")
        return Answer(out)
    }

    /// Source: API reference, "getRejectedTransactions".
    private func queue(_ call: Call, _ troubles: [Trouble]) -> Answer {
        let options = service.options
        let now = service.now()
        let lag = troubles.filter { $0.fault.kind == .lag }.map(\.delay.milliseconds).max() ?? 0
        let zone = Int64(options.serverZoneMinutes * 60)
        func day(_ name: String) -> Int64?? {
            guard let text = call.query(name) else { return .some(nil) }
            let bytes = Array(text.utf8)
            guard
                let date = BillDate(bytes, bytes.indices, serverZoneMinutes: options.serverZoneMinutes)
            else {
                return nil
            }
            return date.seconds
        }
        guard let start = day("startDate"), let end = day("endDate") else {
            return .error(400, code: 400, "dates are yyyy-MM-dd")
        }
        let statuses = call.query("status") ?? "OPEN"
        let from = (start ?? now / 1000 - 30 * 86_400) * 1000
        let until = (end.map { $0 + 86_400 } ?? now / 1000 + 1) * 1000
        var found = service.parked.filter { bill in
            guard statuses == "OPEN", bill.added >= from, bill.added < until, bill.added <= now - lag
            else { return false }
            if let number = call.query("transactionNumber"), Array(number.utf8) != bill.number {
                return false
            }
            if let user = call.query("userId"), user != String(bill.customer) { return false }
            if let code = call.query("errorCode"), code != String(bill.code) { return false }
            if let value = call.query("errorValue"), Array(value.utf8) != bill.value { return false }
            return true
        }
        let total = found.count
        var limit = 10
        var offset = 0
        if !options.queueIgnoresOffset {
            limit = min(100, max(1, call.query("limit").flatMap(Int.init) ?? 10))
            offset = max(0, call.query("offset").flatMap(Int.init) ?? 0)
        }
        found = Array(found.dropFirst(offset).prefix(limit))
        var out: [UInt8] = []
        out.add(
            text: #"{"pagination":{"limit":\#(limit),"offset":\#(offset),"total":\#(total)},"data":["#)
        for (index, bill) in found.enumerated() {
            if index > 0 { out.add(",") }
            out.add(text: #"{"userId":\#(bill.customer),"entityId":51,"orgId":"#)
            out.add(text: Int64(options.org).map(String.init) ?? "0")
            out.add(#","retryCount":0,"billNumber":"#)
            out.add(quoted: bill.number)
            for name in ["eventDate", "autoUpdateTime"] {
                out.add(text: #","\#(name)":""#)
                out.add(clock: bill.added / 1000 + zone, separator: UInt8(ascii: "T"))
                out.add(offset: options.serverZoneMinutes)
                out.add("\"")
            }
            out.add(text: #","status":"OPEN","errors":[{"code":\#(bill.code),"message":"#)
            out.add(quoted: bill.code == 842 ? "payment mode unknown" : "item unknown")
            out.add(#","value":"#)
            out.add(quoted: bill.value)
            out.add(#","status":false,"referenceId":50}]"#)
            if call.query("isTransactionPayloadRequired") == "true" {
                out.add(#","transactionPayload":"#)
                out.add(quoted: bill.payload)
            }
            out.add("}")
        }
        out.add(#"],"warnings":[],"errors":[]}"#)
        return Answer(out)
    }
}
