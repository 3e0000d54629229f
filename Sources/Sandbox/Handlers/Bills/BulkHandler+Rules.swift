import Records

// What the books say to a bill: uniqueness, returns, and what is parked.
extension BulkHandler {
    mutating func judgeUniqueness() throws(Complaint) {
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
    mutating func judgeReturn(_ item: Item, _ bytes: [UInt8], _ warnings: inout [Complaint])
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

    /// Why the bill is to be parked: every unknown item and payment mode.
    func parkingCauses(_ item: Item, _ bytes: [UInt8]) -> [Parked.Cause] {
        var causes: [Parked.Cause] = []
        func add(_ code: Int, _ value: [UInt8]) {
            let cause = Parked.Cause(code: code, value: value)
            if !causes.contains(cause), !service.isMended(cause) { causes.append(cause) }
        }
        for line in draft.lines where !line.code.isEmpty {
            if draft.text.starts("parked", line.code) {
                add(683, Array(draft.text[line.code]))
                continue
            }
            if service.options.parkedItems.isEmpty, service.options.knownItems == nil { continue }
            let code = String(decoding: draft.text[line.code], as: UTF8.self)
            if service.options.parkedItems.contains(code)
                || service.options.knownItems.map({ !$0.contains(code) }) ?? false
            {
                add(683, Array(code.utf8))
            }
        }
        guard item.paymentModes >= 0 else { return causes }
        for mode in tape.elements(of: item.paymentModes) {
            if let name = tape.member("mode", of: mode, in: bytes),
                bytes.starts("parked", tape.range(of: name))
            {
                add(842, Array(bytes[tape.range(of: name)]))
            }
        }
        return causes
    }

    func park(
        _ causes: [Parked.Cause], _ item: Range<Int>, _ bytes: [UInt8], _ place: Place, behind: Bool
    ) -> Judgement {
        service.park(
            Parked(
                number: Array(draft.text[draft.number]), customer: draft.customer, added: draft.booked,
                causes: causes, payload: Array(bytes[item]), place: place))
        let first = causes.first ?? Parked.Cause(code: 683, value: [])
        return .parked(
            Complaint(first.code, first.message), behind: behind ? service.nextPhantomID() : nil)
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
