import Records

// What an item says, taken into the draft; what is missing or malformed is a complaint with its code.
extension BulkHandler {
    mutating func readHead(_ item: Item, _ bytes: [UInt8]) throws(Complaint) {
        if item.type >= 0,
            let kind = BillKind.allCases.first(where: { spells($0.name, item.type, bytes) })
        {
            draft.kind = kind
        } else {
            throw Complaint(690, "transaction type bad")
        }
        let isAnonymous =
            draft.kind.isNotInterested && item.identifierType < 0 && item.identifierValue < 0
        if !isAnonymous {
            guard item.identifierType >= 0, item.identifierValue >= 0,
                hasText(item.identifierType, bytes),
                hasText(item.identifierValue, bytes)
            else { throw Complaint(8084, "customer identifier missing") }
            guard
                let type = Listed.index(
                    in: Listed.identifierTypes, of: item.identifierType, tape, bytes)
            else { throw Complaint(8155, "identifier type bad") }
            draft.identifierType = UInt8(type)
            draft.identifier = hold(item.identifierValue, bytes)
            guard let customer = Customers.id(type: type, draft.text, draft.identifier) else {
                throw Complaint(8154, "identifier value not numeric")
            }
            draft.customer = customer
        }
        guard item.source >= 0,
            let source = Listed.index(in: Listed.sources, of: item.source, tape, bytes)
        else {
            throw Complaint(8155, "source bad or missing")
        }
        draft.source = UInt8(source)
        guard item.billNumber >= 0, hasText(item.billNumber, bytes) else {
            throw Complaint(602, "bill number missing")
        }
        draft.number = hold(item.billNumber, bytes)
        if draft.number.count > 50, String(decoding: draft.text[draft.number], as: UTF8.self).count > 50
        {
            throw Complaint(685, "bill number too long")
        }
    }

    mutating func readAmounts(_ item: Item, _ bytes: [UInt8]) throws(Complaint) {
        guard item.billAmount >= 0, let amount = micros(item.billAmount, bytes) else {
            throw Complaint(601, "bill amount bad or missing")
        }
        draft.amount = amount
        if amount < 0 { throw Complaint(662, "bill amount negative") }
        if item.grossAmount >= 0, !isEmptyText(item.grossAmount) {
            guard let gross = micros(item.grossAmount, bytes) else {
                throw Complaint(601, "gross amount bad")
            }
            if gross < 0 { throw Complaint(666, "gross amount negative") }
            draft.gross = gross
        }
        if item.discount >= 0, !isEmptyText(item.discount) {
            guard let discount = micros(item.discount, bytes) else {
                throw Complaint(601, "discount bad")
            }
            if discount < 0 { throw Complaint(665, "discount negative") }
            draft.discount = discount
        }
    }

    mutating func readDates(_ item: Item, _ bytes: [UInt8]) throws(Complaint) {
        let now = self.now / 1000
        draft.billed = BillDate(seconds: now)
        if item.billingDate >= 0 {
            guard let date = date(item.billingDate, bytes) else {
                throw Complaint(1114, "bill date bad")
            }
            draft.billed = date
            if date.seconds > now + service.options.futureLimit.components.seconds {
                throw Complaint(643, "bill date too far in the future")
            }
            if let past = service.options.pastLimit, date.seconds < now - past.components.seconds {
                throw Complaint(644, "bill date too far in the past")
            }
        }
        guard draft.kind.isReturn else { return }
        guard item.returnType >= 0,
            let kind = ReturnKind.allCases.dropFirst().first(where: {
                spells($0.name, item.returnType, bytes)
            })
        else { throw Complaint(628, "return type bad or missing") }
        if kind == .cancelled, draft.kind == .notInterestedReturn {
            throw Complaint(628, "a not-interested bill cannot be cancelled")
        }
        draft.returnKind = kind
        guard item.purchaseTime >= 0, let purchased = date(item.purchaseTime, bytes) else {
            throw Complaint(624, "purchase time missing")
        }
        draft.purchased = purchased.seconds
        if draft.billed.seconds < purchased.seconds { throw Complaint(624, "return before its sale") }
    }

    mutating func readLines(_ item: Item, _ bytes: [UInt8]) throws(Complaint) {
        guard item.lines >= 0 else { return }
        for line in tape.elements(of: item.lines) {
            var read = BillLine(code: 0..<0, quantity: 0, amount: 0)
            for member in tape.members(of: line) {
                let name = tape.range(of: member.name)
                func number(_ code: Int, _ what: String) throws(Complaint) -> Int64 {
                    if isEmptyText(member.value) { return 0 }
                    guard let value = micros(member.value, bytes) else {
                        throw Complaint(601, "line \(what) bad")
                    }
                    if value < 0 { throw Complaint(code, "line \(what) negative") }
                    return value
                }
                switch name.count {
                case 8 where bytes.spells("itemCode", name): read.code = hold(member.value, bytes)
                case 3 where bytes.spells("qty", name): read.quantity = try number(661, "quantity")
                case 6 where bytes.spells("amount", name): read.amount = try number(662, "amount")
                case 5 where bytes.spells("value", name): _ = try number(663, "value")
                case 4 where bytes.spells("rate", name): _ = try number(664, "rate")
                case 8 where bytes.spells("discount", name): _ = try number(665, "discount")
                default: break
                }
            }
            draft.lines.append(read)
        }
    }

    /// A record's own attribution wins over the request's.
    mutating func readAttribution(_ node: Int, _ bytes: [UInt8]) throws(Complaint) {
        guard let by = tape.member("createdBy", of: node, in: bytes),
            let code = tape.member("code", of: by, in: bytes), hasText(code, bytes)
        else { return }
        if let type = tape.member("type", of: by, in: bytes) {
            draft.placeIsTill = spells("TILL", type, bytes)
        }
        if bytes.starts("unknown", tape.range(of: code)) {
            throw Complaint(671, "store or till unknown")
        }
        draft.place = hold(code, bytes)
    }

    // MARK: Values

    func spells(_ text: StaticString, _ node: Int, _ bytes: [UInt8]) -> Bool {
        tape.kind(of: node) == .string && bytes.spells(text, tape.range(of: node))
    }

    func hasText(_ node: Int, _ bytes: [UInt8]) -> Bool {
        switch tape.kind(of: node) {
        case .number: true
        case .string: bytes[tape.range(of: node)].contains { $0 != 0x20 }
        default: false
        }
    }

    func isEmptyText(_ node: Int) -> Bool {
        tape.kind(of: node) == .null || tape.kind(of: node) == .string && tape.range(of: node).isEmpty
    }

    mutating func hold(_ node: Int, _ bytes: [UInt8]) -> Range<Int> {
        let start = draft.text.count
        tape.appendText(of: node, in: bytes, to: &draft.text)
        return start..<draft.text.count
    }

    /// Numbers come as numbers or as strings: all published samples use strings.
    func micros(_ node: Int, _ bytes: [UInt8]) -> Int64? {
        let kind = tape.kind(of: node)
        guard kind == .number || kind == .string else { return nil }
        return Micros.parse(bytes, tape.range(of: node))
    }

    func date(_ node: Int, _ bytes: [UInt8]) -> BillDate? {
        guard tape.kind(of: node) == .string else { return nil }
        let zone = service.options.serverZoneMinutes
        let date = BillDate(bytes, tape.range(of: node), serverZoneMinutes: zone)
        return service.options.ignoresOffsets ? date?.droppingOffset(serverZoneMinutes: zone) : date
    }

    func isListed(_ identifier: Range<Int>, _ prefix: StaticString, _ listed: Set<String>)
        -> Bool
    {
        if draft.text.starts(prefix, identifier) { return true }
        return !listed.isEmpty
            && listed.contains(String(decoding: draft.text[identifier], as: UTF8.self))
    }
}
