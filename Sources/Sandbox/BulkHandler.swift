import Records

/// `POST /v2/transactions/bulk`: judges each item by itself and books the good ones.
///
/// Source: API reference, "Add/Return Transaction in Bulk" and "Status codes [transaction]".
///
/// A struct, so that its buffers are reached without a reference count each time: of the sandbox's
/// time, that was a quarter.
struct BulkHandler {
    private var tape = JSONTape()
    private var draft = BillDraft()
    private var other = BillDraft()
    /// The items of the reply written so far, for the faults that cut and mix them.
    private var written: [Range<Int>] = []
    private let service: Service
    private var now: Int64 = 0
    private var hasItemFaults = false

    init(_ service: Service) { self.service = service }

    /// What became of an item.
    private enum Judgement {
        case booked(Int64, [Complaint])
        case failed(Complaint)
        /// In the queue: whether the answer says so, and the id it shows if not.
        case parked(Complaint, behind: Int64?)
    }

    /// An error or a warning.
    private struct Complaint: Error {
        var code: Int
        var message: String
        init(_ code: Int, _ message: String) {
            self.code = code
            self.message = message
        }
    }

    /// The answer to the call, its bookings made.
    ///
    /// - Parameter troubles: Those that change items or their order; the rest is others' matter.
    mutating func answer(_ call: Call, _ troubles: [Trouble]) -> Answer {
        do { try tape.parse(call.body, in: call.body.indices) } catch {
            return .error(400, code: 400, "the body is no JSON")
        }
        guard tape.count > 0, tape.kind(of: 0) == .array, tape.childCount(of: 0) > 0 else {
            return .error(400, code: 400, "the body is no array of transactions")
        }
        let total = tape.childCount(of: 0)
        if total > service.options.maxBatch {
            return .error(400, code: service.options.batchTooLargeCode, "batch too large")
        }
        let place = service.place(of: call)
        let attributionIsUnknown = service.attributionIsUnknown(call)
        let serial = service.nextWork()
        now = service.now()
        hasItemFaults = service.hasItemFaults
        if service.options.sameCustomer == .request, isAnyCustomerInWork(call.body) {
            return .error(521, code: 521, "another request is at work on the same customer")
        }
        var answer = Answer()
        var out: [UInt8] = []
        out.reserveCapacity(call.body.count + total * (service.options.echo == .full ? 420 : 120))
        out.add(#"{"response":["#)
        written.removeAll(keepingCapacity: true)
        var failures = 0
        let shape = Shape(troubles)
        for node in tape.elements(of: 0) {
            let start = out.count
            let item = Item(tape, node, call.body)
            let judgement: Judgement
            do {
                judgement = try judge(
                    item, node, call.body, place, attributionIsUnknown, serial, &answer.held)
            } catch {
                judgement = .failed(error)
            }
            switch judgement {
            case .failed, .parked(_, behind: nil): failures += 1
            default: break
            }
            write(item, call.body, judgement, shape, position: written.count, &out)
            written.append(start..<out.count)
            out.append(UInt8(ascii: ","))
        }
        service.tally.items += total
        if shape.mixesItems {
            out = shape.mixed(out, written)
        } else {
            out.removeLast()
        }
        out.add(#"],"totalCount":"#)
        out.add(total)
        out.add(#","failureCount":"#)
        out.add(failures)
        out.add("}")
        if service.options.bulkStatus == .byItems, failures > 0 {
            answer.status = failures == total ? 500 : 201
        }
        answer.body = out
        return answer
    }

    // MARK: Judging

    private mutating func judge(
        _ item: Item, _ node: Int, _ bytes: [UInt8], _ place: Place, _ attributionIsUnknown: Bool,
        _ serial: Int, _ held: inout [Int64]
    ) throws(Complaint) -> Judgement {
        draft.reset()
        guard tape.kind(of: node) == .object else { throw Complaint(602, "the item is no object") }
        try readHead(item, bytes)
        if attributionIsUnknown { throw Complaint(671, "store or till unknown") }
        draft.placeIsTill = place.isTill
        draft.place = draft.hold(place.code)
        if item.attribution >= 0 { try readAttribution(item.attribution, bytes) }
        try readAmounts(item, bytes)
        try readDates(item, bytes)
        try readLines(item, bytes)

        if draft.customer != 0 {
            if isListed(draft.identifier, "unknown", service.options.unknownCustomers) {
                throw Complaint(8015, "customer not found")
            }
            if isListed(draft.identifier, "blocked", service.options.blockedCustomers) {
                throw Complaint(3045, "customer blocked")
            }
            if !service.hold(draft.customer, for: serial, &held), service.options.sameCustomer == .item
            {
                throw Complaint(521, "another request is at work on the same customer")
            }
        }
        if hasItemFaults, service.rollItem(.busyItem) != nil {
            throw Complaint(521, "another request is at work on the same customer")
        }
        var warnings: [Complaint] = []
        draft.booked = now
        draft.sealIdentity()
        if draft.kind.isReturn {
            try judgeReturn(item, bytes, &warnings)
        } else {
            try judgeUniqueness()
        }
        if let parking = parkingReason(item, bytes) {
            let hides = service.options.parksBehindSuccess
            return park(parking, tape.fullRange(of: node), bytes, behind: hides)
        }
        if hasItemFaults, service.rollItem(.parkBehind) != nil {
            return park((683, []), tape.fullRange(of: node), bytes, behind: true)
        }
        if item.extendedFields >= 0 {
            for member in tape.members(of: item.extendedFields)
            where bytes.starts("unknown", tape.range(of: member.name)) {
                warnings.append(Complaint(91016, "extended field unknown"))
            }
        }
        return .booked(service.book(draft), warnings)
    }

    private mutating func readHead(_ item: Item, _ bytes: [UInt8]) throws(Complaint) {
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

    private mutating func readAmounts(_ item: Item, _ bytes: [UInt8]) throws(Complaint) {
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

    private mutating func readDates(_ item: Item, _ bytes: [UInt8]) throws(Complaint) {
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

    private mutating func readLines(_ item: Item, _ bytes: [UInt8]) throws(Complaint) {
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
    private mutating func readAttribution(_ node: Int, _ bytes: [UInt8]) throws(Complaint) {
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

    private mutating func judgeUniqueness() throws(Complaint) {
        guard service.options.uniqueness != .none, service.books.hasNumber(draft.text, draft.number)
        else {
            return
        }
        if draft.kind.isNotInterested, !service.options.uniqueNotInterested { return }
        let place = draft.placeValue()
        for id in service.books.ids(draft.text, draft.number) where service.books.read(id, into: &other)
        {
            if other.kind.isReturn || other.kind.isNotInterested && !service.options.uniqueNotInterested
            {
                continue
            }
            if let days = service.options.uniqueInDays,
                abs(other.billed.seconds - draft.billed.seconds) >= Int64(days) * 86_400
            {
                continue
            }
            let isInScope =
                switch service.options.uniqueness {
                case .store: other.placeValue().store == place.store
                case .till: other.placeValue().till == place.till
                default: true
                }
            if isInScope { throw Complaint(604, "bill number used before") }
        }
    }

    /// Finds the original and sees that no more comes back than was bought.
    private mutating func judgeReturn(_ item: Item, _ bytes: [UInt8], _ warnings: inout [Complaint])
        throws(Complaint)
    {
        let ids = service.books.ids(draft.text, draft.number)
        var earlier: [BillDraft] = []
        var originals: [(id: Int64, bill: BillDraft)] = []
        var others = false
        let wanted = item.id >= 0 ? micros(item.id, bytes).map { $0 / Micros.one } : nil
        for id in ids where service.books.read(id, into: &other) {
            if other.kind.isReturn {
                if service.options.returnsUnique {
                    throw Complaint(604, "return bill number used before")
                }
                earlier.append(other)
            } else if other.kind == draft.kind.original, wanted == nil || wanted == id {
                if other.customer == draft.customer {
                    originals.append((id, other))
                } else {
                    others = true
                }
            }
        }
        // With several of that number, the one bought at the time the return names; else the latest.
        guard
            let original = originals.first(where: { $0.bill.billed.seconds == draft.purchased })
                ?? originals.first
        else {
            if others { throw Complaint(688, "transaction number not found for this customer") }
            let complaint = Complaint(625, "original bill unknown")
            guard service.options.allowsReturnWithoutOriginal else { throw complaint }
            warnings.append(complaint)
            return
        }
        if draft.billed.seconds < original.bill.billed.seconds {
            throw Complaint(624, "return before its sale")
        }
        draft.original = original.id
        earlier.removeAll { $0.original != original.id }
        if earlier.contains(where: { $0.returnKind == .full || $0.returnKind == .cancelled }) {
            throw Complaint(633, "already returned")
        }
        switch draft.returnKind {
        case .full, .cancelled:
            if !earlier.isEmpty { throw Complaint(639, "already returned in part") }
        case .amount:
            if earlier.contains(where: { $0.returnKind == .lineItem }) {
                throw Complaint(632, "earlier return was by line")
            }
            let back = earlier.reduce(draft.amount) { $0 + $1.amount }
            if back > original.bill.amount { throw Complaint(630, "returning more value than bought") }
        case .lineItem:
            if earlier.contains(where: { $0.returnKind == .amount }) {
                throw Complaint(638, "earlier return was by amount")
            }
            if draft.lines.isEmpty { throw Complaint(687, "no return lines given") }
            for line in draft.lines {
                let code = draft.text[line.code]
                let bought = original.bill.quantity(of: code)
                guard let bought else { throw Complaint(687, "no matching line to return") }
                var back = draft.quantity(of: code) ?? 0
                for bill in earlier { back += bill.quantity(of: code) ?? 0 }
                if back > bought { throw Complaint(626, "returning more quantity than bought") }
            }
        case .none: break
        }
    }

    /// Why the bill is to be parked, with what it complains about.
    private func parkingReason(_ item: Item, _ bytes: [UInt8]) -> (Int, [UInt8])? {
        for line in draft.lines where !line.code.isEmpty {
            if draft.text.starts("parked", line.code) { return (683, Array(draft.text[line.code])) }
            if service.options.parkedItems.isEmpty, service.options.knownItems == nil { continue }
            let code = String(decoding: draft.text[line.code], as: UTF8.self)
            if service.options.parkedItems.contains(code) { return (683, Array(code.utf8)) }
            if let known = service.options.knownItems, !known.contains(code) {
                return (683, Array(code.utf8))
            }
        }
        guard item.paymentModes >= 0 else { return nil }
        for mode in tape.elements(of: item.paymentModes) {
            if let name = tape.member("mode", of: mode, in: bytes),
                bytes.starts("parked", tape.range(of: name))
            {
                return (842, Array(bytes[tape.range(of: name)]))
            }
        }
        return nil
    }

    private func park(_ reason: (Int, [UInt8]), _ item: Range<Int>, _ bytes: [UInt8], behind: Bool)
        -> Judgement
    {
        service.park(
            Parked(
                number: Array(draft.text[draft.number]), customer: draft.customer, added: draft.booked,
                code: reason.0, value: reason.1, payload: Array(bytes[item])))
        let complaint = Complaint(reason.0, reason.0 == 842 ? "payment mode unknown" : "item unknown")
        return .parked(complaint, behind: behind ? service.nextPhantomID() : nil)
    }

    /// For the reading under which 521 refuses the whole request.
    private mutating func isAnyCustomerInWork(_ bytes: [UInt8]) -> Bool {
        for node in tape.elements(of: 0) {
            let item = Item(tape, node, bytes)
            draft.reset()
            guard item.identifierType >= 0, item.identifierValue >= 0,
                let type = Listed.index(
                    in: Listed.identifierTypes, of: item.identifierType, tape, bytes)
            else { continue }
            let value = hold(item.identifierValue, bytes)
            if let customer = Customers.id(type: type, draft.text, value), service.isInWork(customer) {
                return true
            }
        }
        return false
    }

    // MARK: Values

    private func spells(_ text: StaticString, _ node: Int, _ bytes: [UInt8]) -> Bool {
        tape.kind(of: node) == .string && bytes.spells(text, tape.range(of: node))
    }

    private func hasText(_ node: Int, _ bytes: [UInt8]) -> Bool {
        switch tape.kind(of: node) {
        case .number: true
        case .string: bytes[tape.range(of: node)].contains { $0 != 0x20 }
        default: false
        }
    }

    private func isEmptyText(_ node: Int) -> Bool {
        tape.kind(of: node) == .null || tape.kind(of: node) == .string && tape.range(of: node).isEmpty
    }

    private mutating func hold(_ node: Int, _ bytes: [UInt8]) -> Range<Int> {
        let start = draft.text.count
        tape.appendText(of: node, in: bytes, to: &draft.text)
        return start..<draft.text.count
    }

    /// Numbers come as numbers or as strings: all published samples use strings.
    private func micros(_ node: Int, _ bytes: [UInt8]) -> Int64? {
        let kind = tape.kind(of: node)
        guard kind == .number || kind == .string else { return nil }
        return Micros.parse(bytes, tape.range(of: node))
    }

    private func date(_ node: Int, _ bytes: [UInt8]) -> BillDate? {
        guard tape.kind(of: node) == .string else { return nil }
        let zone = service.options.serverZoneMinutes
        let date = BillDate(bytes, tape.range(of: node), serverZoneMinutes: zone)
        return service.options.ignoresOffsets ? date?.droppingOffset(serverZoneMinutes: zone) : date
    }

    private func isListed(_ identifier: Range<Int>, _ prefix: StaticString, _ listed: Set<String>)
        -> Bool
    {
        if draft.text.starts(prefix, identifier) { return true }
        return !listed.isEmpty
            && listed.contains(String(decoding: draft.text[identifier], as: UTF8.self))
    }

    // MARK: Writing

    private func write(
        _ item: Item, _ bytes: [UInt8], _ judgement: Judgement, _ shape: Shape, position: Int,
        _ out: inout [UInt8]
    ) {
        let label = shape.label(at: position, of: tape.childCount(of: 0))
        switch judgement {
        case .booked(let id, let warnings):
            out.add(#"{"entityId":"#)
            out.add(id)
            out.add(#","result":"#)
            writeEcho(item, bytes, label, isBooked: true, &out)
            out.add(#","errors":["#)
            if hasItemFaults, service.rollItem(.idWithErrors) != nil {
                out.addError(683, "points not processed")
            }
            out.add(#"],"warnings":["#)
            for (index, warning) in warnings.enumerated() {
                if index > 0 { out.add(",") }
                out.addError(warning.code, warning.message)
            }
            out.add(#"],"loyaltyDetails":[]}"#)
        case .parked(_, .some(let id)):
            out.add(#"{"entityId":"#)
            out.add(id)
            out.add(#","result":"#)
            writeEcho(item, bytes, label, isBooked: true, &out)
            out.add(#","errors":[],"warnings":[],"loyaltyDetails":[]}"#)
        case .failed(let complaint), .parked(let complaint, nil):
            out.add("{")
            switch shape.failedID(at: position) {
            case .null: out.add(#""entityId":null,"#)
            case .zero: out.add(#""entityId":0,"#)
            case .minusOne: out.add(#""entityId":-1,"#)
            case .absent: break
            }
            if !shape.leavesOutResult {
                out.add(#""result":"#)
                writeEcho(item, bytes, label, isBooked: false, &out)
                out.add(",")
            }
            out.add(#""errors":["#)
            out.addError(complaint.code, complaint.message)
            out.add(#"],"warnings":[]}"#)
        }
    }

    private func writeEcho(
        _ item: Item, _ bytes: [UInt8], _ label: Shape.Label, isBooked: Bool, _ out: inout [UInt8]
    ) {
        out.add("{")
        func echo(_ name: StaticString, _ node: Int) {
            guard node >= 0 else { return }
            out.add(name)
            out.add(bytes, tape.fullRange(of: node))
            out.add(",")
        }
        echo(#""identifierType":"#, item.identifierType)
        echo(#""identifierValue":"#, item.identifierValue)
        switch label {
        case .right: echo(#""billNumber":"#, item.billNumber)
        case .none: break
        case .wrong: out.add(#""billNumber":"NOT-YOURS-1","#)
        }
        if isBooked, service.options.echo == .full {
            echo(#""source":"#, item.source)
            out.add(#""billAmount":"#)
            out.add(micros: draft.amount)
            out.add(#","billingDate":""#)
            out.add(instant: draft.billed.seconds, zoneMinutes: service.options.serverZoneMinutes)
            out.add(#"","#)
            writeLines(item.lines, bytes, &out)
            echo(#""paymentModes":"#, item.paymentModes)
            echo(#""extendedFields":"#, item.extendedFields)
            out.add(#""sideEffects":[{"entityType":"USER","rawAwardedPoints":"#)
            let points = draft.kind.isReturn ? -draft.amount / 10 : draft.amount / 10
            out.add(micros: points)
            out.add(#","awardedPoints":"#)
            out.add(points / Micros.one)
            out.add(#","customerId":"#)
            out.add(draft.customer)
            out.add(#","type":"points"}],"notInterestedReason":"#)
            if item.notInterestedReason >= 0 {
                out.add(bytes, tape.fullRange(of: item.notInterestedReason))
            } else {
                out.add(#""""#)
            }
            out.add(#","isUseDefaultUserGroup2":false,"useDefaultUserGroup2":false,"#)
        }
        echo(#""returnType":"#, item.returnType)
        echo(#""type":"#, item.type)
        if out.last == UInt8(ascii: ",") { out.removeLast() }
        out.add("}")
    }

    /// Lines come back with numbers as numbers, and with members that nobody sent.
    private func writeLines(_ lines: Int, _ bytes: [UInt8], _ out: inout [UInt8]) {
        guard lines >= 0 else { return }
        out.add(#""lineItemsV2":["#)
        for line in tape.elements(of: lines) {
            out.add("{")
            for member in tape.members(of: line) {
                let name = tape.range(of: member.name)
                if bytes.spells("extendedFields", name) { continue }
                out.add(bytes, tape.fullRange(of: member.name))
                out.add(":")
                if isLineNumber(name, bytes), let value = micros(member.value, bytes) {
                    out.add(micros: value)
                } else {
                    out.add(bytes, tape.fullRange(of: member.value))
                }
                out.add(",")
            }
            out.add(
                #""returnable":true,"returnableDays":-1,"comboDetails":[],"addOnDetails":[],"splitDetails":[],"#
            )
            out.add(#""extendedFields":{}},"#)
        }
        if out.last == UInt8(ascii: ",") { out.removeLast() }
        out.add("],")
    }

    private func isLineNumber(_ name: Range<Int>, _ bytes: [UInt8]) -> Bool {
        switch name.count {
        case 3: bytes.spells("qty", name)
        case 4: bytes.spells("rate", name)
        case 5: bytes.spells("value", name)
        case 6: bytes.spells("amount", name)
        default: false
        }
    }
}

extension BillDraft {
    /// How many of that item the lines hold together; nil where no line is of it.
    fileprivate func quantity(of code: ArraySlice<UInt8>) -> Int64? {
        var sum: Int64?
        for line in lines where text[line.code] == code { sum = (sum ?? 0) + line.quantity }
        return sum
    }
}
