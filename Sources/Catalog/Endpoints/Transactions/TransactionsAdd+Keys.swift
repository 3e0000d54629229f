import Model
import Records

// The rules of a bill beyond its single fields, and its keys.
extension TransactionsAdd {
    static func prepare(_ item: Item, into prepared: inout PreparedItem) {
        prepared.reset()
        guard item.tape.count > 0, item.tape.is(0, .object) else {
            prepared.problems.append(
                Refusal(.type, message: "Expected a JSON object: each bill is one object."))
            return
        }
        var check = Schema.Check(
            tape: item.tape, bytes: item.bytes, problems: take(&prepared.problems),
            slots: take(&prepared.slots), checks: item.checks)
        prepared.content = check.run(schema, 0)
        if item.range.count > largest {
            check.problem(
                .tooLarge, "", "\(item.range.count) bytes; a bill can have at most \(largest).")
        }
        var bill = Bill(item, slots: check.slots)
        bill.checkRules(&check)
        bill.derive(into: &prepared, isFit: check.problems.isEmpty)
        prepared.problems = check.problems
        prepared.slots = check.slots
    }

    private static func take<T>(_ array: inout [T]) -> [T] {
        var taken: [T] = []
        swap(&taken, &array)
        return taken
    }
}

/// A bill whose single fields were checked.
private struct Bill {
    private let json: JSON
    private let slots: [Int32]
    /// What the request is attributed to.
    private let attributed: Attribution?
    private let place = TransactionsAdd.place
    /// Lines of a sale that are returns.
    private var returnedLines: [Int] = []

    init(_ item: borrowing Item, slots: [Int32]) {
        json = JSON(tape: item.tape, bytes: item.bytes)
        attributed = item.attribution
        self.slots = slots
    }

    /// The node of a field; nil where it is absent or null.
    private func node(_ field: Int) -> Int? {
        let node = Int(slots[field])
        return node < 0 || json.tape.is(node, .null) ? nil : node
    }

    /// The node of a field that may be anything, where it is a short text or a number.
    private func shortText(_ field: Int) -> Int? {
        guard let node = node(field), json.tape.range(of: node).count <= 256 else { return nil }
        switch json.kind(node) {
        case .string, .number: return node
        case .object, .array, .true, .false, .null: return nil
        }
    }

    private func instant(_ node: Int?) -> Instant? {
        node.flatMap { Instant(json.bytes, json.tape.range(of: $0)) }
    }

    private func equals(_ node: Int?, _ word: StaticString) -> Bool {
        guard let node, json.tape.is(node, .string) else { return false }
        return json.tape.isEqual(node, to: word, in: json.bytes)
    }

    // MARK: Rules

    mutating func checkRules(_ check: inout Schema.Check) {
        let type = node(place.type)
        let isReturn = equals(type, "RETURN")
        let isAnonymousReturn = equals(type, "NOT_INTERESTED_RETURN")
        let isAnonymous = isAnonymousReturn || equals(type, "NOT_INTERESTED")
        checkCustomer(mayBeMissing: isAnonymous, &check)
        let returnType = node(place.returnType)
        if isReturn {
            if returnType == nil {
                check.problem(.missing, "returnType", "A RETURN needs a returnType.")
            }
            if node(place.purchaseTime) == nil {
                check.problem(.missing, "purchaseTime", "A RETURN needs the time of the purchase.")
            }
        }
        if isAnonymousReturn, equals(returnType, "CANCELLED") {
            check.problem(.rule, "returnType", "CANCELLED is not for NOT_INTERESTED_RETURN.")
        }
        if isReturn || isAnonymousReturn,
            let bought = instant(node(place.purchaseTime)),
            let returned = instant(node(place.billingDate)),
            bought.offset != nil, returned.offset != nil, returned.timestamp < bought.timestamp
        {
            check.problem(.rule, "purchaseTime", "It is later than the return itself.")
        }
        checkLines(isSale: type != nil && !isReturn && !isAnonymousReturn, &check)
    }

    private func checkCustomer(mayBeMissing: Bool, _ check: inout Schema.Check) {
        let type = node(place.identifierType)
        let value = node(place.identifierValue)
        let isEmpty = value.map { json.tape.range(of: $0).isEmpty } ?? true
        if type == nil, value == nil, mayBeMissing { return }
        if type == nil {
            check.problem(.missing, "identifierType", "Give the type of the identifier.")
        }
        if isEmpty { check.problem(.missing, "identifierValue", "Give the customer.") }
        if equals(type, "id"), let value, !isEmpty,
            !json.tape.range(of: value).allSatisfy({ isDigit(json.bytes[$0]) })
        {
            check.problem(.rule, "identifierValue", "With identifierType id it must be a number.")
        }
    }

    private mutating func checkLines(isSale: Bool, _ check: inout Schema.Check) {
        let returnType = node(place.returnType)
        guard let lines = node(place.lines), json.tape.is(lines, .array),
            json.tape.childCount(of: lines) > 0
        else {
            if !isSale, equals(returnType, "LINE_ITEM") {
                check.problem(.rule, "lineItemsV2", "A return by LINE_ITEM needs its lines.")
            }
            return
        }
        let wholeBill = equals(returnType, "FULL") || equals(returnType, "AMOUNT")
        var index = -1
        for line in json.tape.elements(of: lines) {
            index += 1
            guard json.tape.is(line, .object) else { continue }
            let type = json.member("type", of: line)
            let lineReturn = json.member("returnType", of: line)
            if wholeBill, equals(lineReturn, "LINE_ITEM") {
                check.problem(
                    .rule, "lineItemsV2[\(index)].returnType",
                    "LINE_ITEM is not possible for a bill returned as FULL or AMOUNT.")
            }
            guard isSale, equals(type, "RETURN") || equals(type, "NOT_INTERESTED_RETURN") else {
                continue
            }
            returnedLines.append(line)
            for name: StaticString in ["parentBillNumber", "returnType", "purchaseTime"] {
                let value = json.member(name, of: line)
                if value == nil || json.isNull(value ?? 0) || json.scalar(value)?.isEmpty == true {
                    check.problem(
                        .missing, "lineItemsV2[\(index)].\(name)",
                        "Required for a returned line of a sale."
                    )
                }
            }
        }
    }

    // MARK: Keys

    /// All keys of a bill that is fit; of another, as much of the evidence as it tells, so that reports
    /// can name it.
    func derive(into prepared: inout PreparedItem, isFit: Bool) {
        let attribution = self.attribution
        writeEvidence(attribution, isFit: isFit, into: &prepared)
        guard isFit else { return }
        let type = node(place.type)
        let number = node(place.billNumber)
        let isReturn = equals(type, "RETURN") || equals(type, "NOT_INTERESTED_RETURN")

        var identity = FieldWriter(reusing: prepared.identityText)
        identity.add("transactions.add")
        identity.add(attribution.kind)
        identity.add(attribution.code)
        identity.add(json, type)
        identity.add(json, number)
        if isReturn { addReturn(to: &identity) }
        prepared.identity = identity.identity
        prepared.identityText = identity.bytes

        // What a reply echoes for sure. The identifier's value is left out, since the server may
        // normalise it; so no two bills of one number and type share a request.
        prepared.binding = digest(0x6269_6E64, number, type)
        prepared.orderKeys.append(digest(0x6269_6C6C, number))
        for line in returnedLines {
            let key = digest(0x6269_6C6C, json.member("parentBillNumber", of: line))
            if !prepared.orderKeys.contains(key) { prepared.orderKeys.append(key) }
        }
        if node(place.identifierType) != nil { prepared.orderKeys.append(customerKey) }
    }

    private func digest(_ tag: UInt64, _ first: Int?, _ second: Int? = nil) -> UInt64 {
        var digest = Digest(tag)
        if let first { json.add(first, to: &digest) }
        if let second { json.add(second, to: &digest) }
        return digest.value
    }

    /// Several partial returns of one bill are all real: what else tells them apart.
    private func addReturn(to identity: inout FieldWriter) {
        identity.add(json, node(place.identifierType))
        identity.add(json, node(place.identifierValue))
        let instant = instant(node(place.billingDate))
        identity.add(word: UInt64(bitPattern: instant?.timestamp.milliseconds ?? .min))
        identity.add(json, node(place.returnType))
        let amount = node(place.billAmount).flatMap {
            DecimalNumber(json.bytes, json.tape.range(of: $0))
        }
        identity.add(word: amount?.digest ?? 0)
        var lines: UInt64 = 0
        if let node = node(place.lines) {
            var check = Schema.Check(
                tape: json.tape, bytes: json.bytes, problems: [], slots: [], checks: .none)
            lines = check.lines(node, TransactionsAdd.schema.entries[place.lines])
        }
        identity.add(word: lines)
    }

    /// Written differently, a customer should have one key anyway: an e-mail's case and the
    /// punctuation of a phone number are left out.
    private var customerKey: UInt64 {
        var digest = Digest(0x6375_7374)
        let type = node(place.identifierType)
        let value = node(place.identifierValue)
        if let type { json.add(type, to: &digest) }
        guard let value else { return digest.value }
        if equals(type, "mobile") {
            // Eight digits a word, zeros before the first other one left out.
            var word: UInt64 = 0
            var count = 0
            for index in json.tape.range(of: value) where isDigit(json.bytes[index]) {
                if count == 0, word == 0, json.bytes[index] == UInt8(ascii: "0") { continue }
                word = word << 8 | UInt64(json.bytes[index])
                count += 1
                if count & 7 == 0 {
                    digest.add(word)
                    word = 0
                }
            }
            digest.add(word)
            digest.add(UInt64(count))
        } else if equals(type, "email") {
            digest.add((json.scalar(value) ?? "").lowercased())
        } else {
            json.add(value, to: &digest)
        }
        return digest.value
    }

    /// What ``TransactionEvidence`` reads, written without making its texts.
    private func writeEvidence(
        _ attribution: (kind: String, code: String), isFit: Bool, into prepared: inout PreparedItem
    ) {
        func node(_ field: Int) -> Int? { isFit ? self.node(field) : shortText(field) }
        var writer = FieldWriter(reusing: prepared.takeEvidence())
        writer.add(json, node(place.billNumber))
        writer.add(json, node(place.type))
        writer.add(json, node(place.returnType))
        writer.add(json, node(place.identifierType))
        writer.add(json, node(place.identifierValue))
        writer.add(json, node(place.source))
        writer.add(json, node(place.accountID))
        let instant = instant(node(place.billingDate))
        writer.add(integer: instant?.clock.milliseconds)
        writer.add(integer: instant?.offset.map { Int64($0) })
        writer.add(json, node(place.billAmount))
        writer.add(attribution.kind)
        writer.add(attribution.code)
        writer.add(returnedLines.isEmpty ? "" : "1")
        prepared.evidence = Evidence(stored: writer.bytes)
    }

    /// The place the record's own `createdBy` names, else what the request is attributed to.
    private var attribution: (kind: String, code: String) {
        let own = node(place.attribution).flatMap { json.member("createdBy", of: $0) }
        if let own, let code = json.scalar(json.member("code", of: own)) {
            switch json.scalar(json.member("type", of: own)) {
            case "STORE": return (Attribution.Kind.storeCode.rawValue, code)
            case "ASSOCIATE", "ADMIN_USER", "RULE": break  // Somebody, not a place.
            case let kind?: return (kind, code)
            case nil: return ("createdBy", code)
            }
        }
        return attributed.map { ($0.kind.rawValue, $0.code) } ?? ("", "")
    }
}
