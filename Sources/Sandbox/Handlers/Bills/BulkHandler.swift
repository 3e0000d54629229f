import Records

/// `POST /v2/transactions/bulk`: judges each item by itself and books the good ones.
///
/// Source: API reference, "Add/Return Transaction in Bulk" and "Status codes [transaction]".
///
/// A struct, so that its buffers are reached without a reference count each time: of the sandbox's
/// time, that was a quarter.
struct BulkHandler {
    var tape = JSONTape()
    var draft = BillDraft()
    var other = BillDraft()
    /// The items of the reply written so far, for the faults that cut and mix them.
    var written: [Range<Int>] = []
    let service: Service
    var now: Int64 = 0
    var hasItemFaults = false

    init(_ service: Service) { self.service = service }

    /// What became of an item.
    enum Judgement {
        case booked(Int64, [Complaint])
        case failed(Complaint)
        /// In the queue: whether the answer says so, and the id it shows if not.
        case parked(Complaint, behind: Int64?)
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
        out.reserveCapacity(call.body.count + total * 420)
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
            out = shape.mixed(out, written, stranger: stranger)
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

    /// Judges a bill from the queue again, whose causes are gone.
    ///
    /// - Returns: Why it is not booked; nil: it is.
    mutating func replay(_ bill: Parked) -> Complaint? {
        do { try tape.parse(bill.payload, in: bill.payload.indices) } catch {
            return Complaint(602, "the payload is no JSON")
        }
        now = service.now()
        hasItemFaults = false
        var held: [Int64] = []
        do {
            let judgement = try judge(
                Item(tape, 0, bill.payload), 0, bill.payload, bill.place, false, service.nextWork(),
                &held)
            service.release(held)
            switch judgement {
            case .booked: return nil
            case .failed(let complaint), .parked(let complaint, _): return complaint
            }
        } catch {
            service.release(held)
            return error
        }
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
            if isListed(draft.identifier, "unknown", service.options.unknownCustomers),
                !service.isAdded(String(decoding: draft.text[draft.identifier], as: UTF8.self))
            {
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
        // Source: API reference, "Status codes [transaction]"; older tables: batch limit exceeded.
        if hasItemFaults, service.rollItem(.sizeCode) != nil {
            throw Complaint(672, "invalid size code")
        }
        var warnings: [Complaint] = []
        draft.booked = now
        draft.sealIdentity()
        if draft.kind.isReturn {
            try judgeReturn(item, bytes, &warnings)
        } else {
            try judgeUniqueness()
        }
        let causes = parkingCauses(item, bytes)
        if !causes.isEmpty {
            let hides = service.options.parksBehindSuccess
            return park(causes, tape.fullRange(of: node), bytes, place, behind: hides)
        }
        if hasItemFaults, service.rollItem(.parkBehind) != nil {
            return park(
                [Parked.Cause(code: 683, value: [])], tape.fullRange(of: node), bytes, place,
                behind: true)
        }
        if item.extendedFields >= 0 {
            for member in tape.members(of: item.extendedFields)
            where bytes.starts("unknown", tape.range(of: member.name)) {
                warnings.append(Complaint(91016, "extended field unknown"))
            }
        }
        return .booked(service.book(draft), warnings)
    }

    /// An item that nobody requested.
    private func stranger(_ index: Int) -> String {
        #"{"entityId":\#(900_000_001 + index),"result":{"identifierType":"mobile","#
            + #""identifierValue":"440000000000","billNumber":"NOT-YOURS-2","type":"REGULAR"},"#
            + #""errors":[],"warnings":[],"loyaltyDetails":[]}"#
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
}
