import Model
import Records

// The rules of a bill beyond its single fields, and its keys.
extension TransactionsAdd {
    static func prepare(_ item: Item, into prepared: inout Prepared) {
        prepared.reset()
        guard item.tape.count > 0, item.tape.kind(of: 0) == .object else {
            prepared.problems.append(Refusal(.type, message: "A bill is a JSON object."))
            return
        }
        var check = Schema.Check(
            tape: item.tape, bytes: item.bytes, problems: take(&prepared.problems),
            slots: take(&prepared.slots))
        prepared.content = check.run(schema, 0)
        if item.range.count > largest {
            check.problem(.tooLarge, "", "\(item.range.count) bytes; a bill has at most \(largest).")
        }
        var bill = Bill(item: item, slots: check.slots)
        bill.checkRules(&check)
        if check.problems.isEmpty {
            bill.derive(into: &prepared)
        }
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
    let item: Item
    let slots: [Int32]
    /// Lines of a sale that are returns.
    var returnedLines: [Int] = []

    init(item: Item, slots: [Int32]) {
        self.item = item
        self.slots = slots
    }

    private var place: TransactionsAdd.Places { TransactionsAdd.place }
    private var json: JSON { JSON(tape: item.tape, bytes: item.bytes) }

    /// The node of a field; nil where it is absent or null.
    private func node(_ field: Int) -> Int? {
        let node = Int(slots[field])
        return node < 0 || item.tape.kind(of: node) == .null ? nil : node
    }

    private func text(_ field: Int) -> String { json.scalar(node(field)) ?? "" }

    private func instant(_ node: Int?) -> Instant? {
        node.flatMap { Instant(item.bytes, item.tape.range(of: $0)) }
    }

    private func equals(_ node: Int?, _ word: StaticString) -> Bool {
        guard let node, item.tape.kind(of: node) == .string else { return false }
        return item.tape.isEqual(node, to: word, in: item.bytes)
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
        let isEmpty = value.map { item.tape.range(of: $0).isEmpty } ?? true
        if type == nil, value == nil, mayBeMissing { return }
        if type == nil {
            check.problem(.missing, "identifierType", "Say what identifies the customer.")
        }
        if isEmpty { check.problem(.missing, "identifierValue", "Say who the customer is.") }
        if equals(type, "id"), let value, !isEmpty,
            !item.tape.range(of: value).allSatisfy({ isDigit(item.bytes[$0]) })
        {
            check.problem(.rule, "identifierValue", "With identifierType id it is a number.")
        }
    }

    private mutating func checkLines(isSale: Bool, _ check: inout Schema.Check) {
        let returnType = node(place.returnType)
        guard let lines = node(place.lines), item.tape.kind(of: lines) == .array,
            item.tape.childCount(of: lines) > 0
        else {
            if !isSale, equals(returnType, "LINE_ITEM") {
                check.problem(.rule, "lineItemsV2", "A return by LINE_ITEM names its lines.")
            }
            return
        }
        let wholeBill = equals(returnType, "FULL") || equals(returnType, "AMOUNT")
        var index = -1
        for line in item.tape.elements(of: lines) {
            index += 1
            guard item.tape.kind(of: line) == .object else { continue }
            let type = json.member("type", of: line)
            let lineReturn = json.member("returnType", of: line)
            if wholeBill, equals(lineReturn, "LINE_ITEM") {
                check.problem(
                    .rule, "lineItemsV2[\(index)].returnType",
                    "LINE_ITEM does not go with a bill returned as FULL or AMOUNT.")
            }
            guard isSale, equals(type, "RETURN") || equals(type, "NOT_INTERESTED_RETURN") else {
                continue
            }
            returnedLines.append(line)
            for name: StaticString in ["parentBillNumber", "returnType", "purchaseTime"] {
                let value = json.member(name, of: line)
                if value == nil || json.isNull(value ?? 0) || json.scalar(value)?.isEmpty == true {
                    check.problem(
                        .missing, "lineItemsV2[\(index)].\(name)", "A returned line of a sale needs it."
                    )
                }
            }
        }
    }

    // MARK: Keys

    func derive(into prepared: inout Prepared) {
        var evidence = TransactionEvidence()
        evidence.billNumber = text(place.billNumber)
        evidence.type = text(place.type)
        evidence.returnType = text(place.returnType)
        evidence.identifierType = text(place.identifierType)
        evidence.identifierValue = text(place.identifierValue)
        evidence.source = text(place.source)
        evidence.accountID = text(place.accountID)
        evidence.instant = instant(node(place.billingDate))
        evidence.amount = text(place.billAmount)
        (evidence.attributionKind, evidence.attributionCode) = attribution
        evidence.isMixed = !returnedLines.isEmpty
        prepared.evidence = evidence.evidence

        var identity = IdentityText(reusing: prepared.identityText)
        identity.add("transactions.add")
        identity.add(evidence.attributionKind)
        identity.add(evidence.attributionCode)
        identity.add(evidence.type)
        identity.add(evidence.billNumber)
        if evidence.isReturn { addReturn(evidence, to: &identity, prepared.content) }
        prepared.identity = identity.identity
        prepared.identityText = identity.bytes

        prepared.binding = TransactionsAdd.binding(evidence.billNumber, evidence.type)
        prepared.orderKeys.append(TransactionsAdd.orderKey(bill: evidence.billNumber))
        for line in returnedLines {
            let original = json.scalar(json.member("parentBillNumber", of: line)) ?? ""
            let key = TransactionsAdd.orderKey(bill: original)
            if !prepared.orderKeys.contains(key) { prepared.orderKeys.append(key) }
        }
        if !evidence.identifierType.isEmpty {
            prepared.orderKeys.append(
                TransactionsAdd.orderKey(customer: evidence.identifierType, evidence.identifierValue))
        }
    }

    /// Several partial returns of one bill are all real: what else tells them apart.
    private func addReturn(
        _ evidence: TransactionEvidence, to identity: inout IdentityText, _ content: UInt64
    ) {
        identity.add(evidence.identifierType)
        identity.add(evidence.identifierValue)
        identity.add(UInt64(bitPattern: evidence.instant?.timestamp.milliseconds ?? .min))
        identity.add(evidence.returnType)
        identity.add(DecimalNumber(evidence.amount)?.digest ?? 0)
        var lines: UInt64 = 0
        if let node = node(place.lines) {
            var check = Schema.Check(tape: item.tape, bytes: item.bytes, problems: [], slots: [])
            lines = check.lines(node, TransactionsAdd.schema.entries[place.lines])
        }
        identity.add(lines)
    }

    /// The record's own `createdBy` where it has one, else what the request is attributed to.
    private var attribution: (kind: String, code: String) {
        let own = json.member("createdBy", of: node(place.attribution))
        if let code = json.scalar(json.member("code", of: own)) {
            let kind = json.scalar(json.member("type", of: own)) ?? ""
            return (kind == "STORE" ? Attribution.Kind.storeCode.rawValue : kind, code)
        }
        return item.attribution.map { ($0.kind.rawValue, $0.code) } ?? ("", "")
    }
}

extension TransactionsAdd {
    /// What a reply echoes for sure: the bill number and the type. The identifier's value is left
    /// out, since the server may normalise it; so no two bills of one number and type share a request.
    static func binding(_ billNumber: String, _ type: String) -> UInt64 {
        var digest = Digest(0x6269_6E64)
        digest.add(billNumber)
        digest.add(type)
        return digest.value
    }

    static func orderKey(bill: String) -> UInt64 {
        var digest = Digest(0x6269_6C6C)
        digest.add(bill)
        return digest.value
    }

    /// Written differently, a customer should have one key all the same: an e-mail's case and the
    /// punctuation of a phone number are left out.
    static func orderKey(customer type: String, _ value: String) -> UInt64 {
        var digest = Digest(0x6375_7374)
        digest.add(type)
        switch type {
        case "mobile":
            let digits = Array(value.utf8.filter(isDigit).drop { $0 == UInt8(ascii: "0") })
            digest.add(digits, 0..<digits.count)
        case "email": digest.add(value.lowercased())
        default: digest.add(value)
        }
        return digest.value
    }
}
