import Model

/// The three ways to read bills back: by bill number, by id, and the older one with its filters.
///
/// Source: API reference, "Get transactions by bill number", "Get transaction by id"; v1.1 manual,
/// "transaction/get".
final class LookHandler {
    private let service: Service
    private var bill = BillDraft()
    /// Those shown so far, so that a second look-up shows the same.
    private var ghosts: [Int64: BillDraft] = [:]
    private var ghostIDs: [[UInt8]: [Int64]] = [:]
    /// Of the look-up that is answered now.
    private var rewriting = Rewriting()
    /// Ids by the number that is shown, of the first bills of the books.
    private var filed: [[UInt8]: [Int64]] = [:]
    private var filedCount = 0
    private var filedBy = Rewriting()

    init(_ service: Service) { self.service = service }

    /// What faults hide from a look-up, and what they add to it.
    private struct View {
        var youngest = Int64.max
        var till: [UInt8]?
        var returns = true
        var pageLimit = 100
        var ghosts = 0
        var forms: Set<Rewriting.Form> = []

        init(_ troubles: [Trouble], now: Int64, place: Place) {
            for trouble in troubles {
                switch trouble.fault.kind {
                case .lag: youngest = min(youngest, now - trouble.delay.milliseconds)
                case .looksTill: till = place.till
                case .looksNoReturns: returns = false
                case .smallPages: pageLimit = trouble.fault.size ?? 1
                case .ghosts: ghosts = trouble.fault.size ?? 1
                case .rewrite: forms.insert(trouble.fault.form ?? .upper)
                default: break
                }
            }
        }

        func shows(_ bill: BillDraft) -> Bool {
            bill.booked <= youngest && (returns || !bill.kind.isReturn)
                && (till == nil || bill.placeValue().till == till)
        }
    }

    func answer(_ call: Call, _ troubles: [Trouble]) -> Answer {
        let view = View(troubles, now: service.now(), place: service.place(of: call))
        rewriting = Rewriting(service.options.rewriting.forms.union(view.forms))
        switch call.route {
        case .byNumber: return byNumber(call, view)
        case .byID: return byID(call, view)
        default: return older(call, view)
        }
    }

    private func byNumber(_ call: Call, _ view: View) -> Answer {
        let number = Array(call.name.utf8)
        let limit = min(call.query("limit").flatMap(Int.init) ?? 100, view.pageLimit, 100)
        let offset = max(0, call.query("offset").flatMap(Int.init) ?? 0)
        guard limit > 0 else { return .error(400, code: 400, "limit out of range") }
        let found = bills(number, view)
        let total = found.count
        var out: [UInt8] = []
        out.add(#"{"pagination":{"limit":"#)
        out.add(limit)
        out.add(#","offset":"#)
        out.add(offset)
        out.add(#","total":"#)
        out.add(total)
        out.add(#"},"data":["#)
        for index in offset..<max(offset, min(offset + limit, total)) where load(found[index]) {
            if index > offset { out.add(",") }
            write(found[index], withLines: false, &out)
        }
        out.add(#"],"warnings":[],"errors":["#)
        if total == 0, service.options.missIsError { out.addError(688, "transaction number not found") }
        out.add("]}")
        return Answer(out)
    }

    private func byID(_ call: Call, _ view: View) -> Answer {
        guard let id = Int64(call.name) else { return .error(400, code: 400, "the id is no number") }
        let type = call.query("type") ?? "REGULAR"
        if type == "REGULAR", let given = PlainCall.retro(service, id), given.at <= view.youngest {
            return Answer(
                text:
                    #"{"id":\#(id),"customerId":\#(given.customer),"type":"REGULAR","billDetails":{"billNumber":"N-\#(id)"},"warnings":[],"errors":[]}"#
            )
        }
        guard load(id), view.shows(bill), "\(bill.kind.name)" == type else {
            return .error(400, code: 667, "transaction id not found")
        }
        var out: [UInt8] = []
        write(id, withLines: true, &out)
        out.removeLast()
        let delivery = service.store.find(.calls, "transactions.delivery/\(id)".utf8).last
        if let change = delivery.flatMap({ Document($0.content) }) {
            out.add(#","deliveryStatus":"#)
            out.add(quoted: change.text("deliveryStatus", of: change.root) ?? "")
        }
        out.add(#","type":"#)
        out.add(quoted: type)
        out.add(#","warnings":[],"errors":[]}"#)
        return Answer(out)
    }

    /// The bills of a number that are seen, the earliest first, then the ghosts.
    private func bills(_ number: [UInt8], _ view: View) -> [Int64] {
        let ids =
            rewriting.forms.contains(.filed)
            ? filed(number) : Array(service.books.ids(number, number.indices).reversed())
        let found = ids.filter { load($0) && view.shows(bill) }
        return found + (0..<view.ghosts).map { ghost($0, of: number, like: found.first) }
    }

    /// The bills that are shown under a number.
    private func filed(_ number: [UInt8]) -> [Int64] {
        if filedBy != rewriting || filedCount > service.books.count {
            filed = [:]
            filedCount = 0
            filedBy = rewriting
        }
        while filedCount < service.books.count {
            let id = Books.firstID + Int64(filedCount)
            filedCount += 1
            guard load(id) else { continue }
            filed[rewriting.text(bill.text[bill.number]), default: []].append(id)
        }
        return filed[number] ?? []
    }

    /// Takes a booked bill, or a ghost, out into `bill`.
    private func load(_ id: Int64) -> Bool {
        if let ghost = ghosts[id] {
            bill = ghost
            return true
        }
        return service.books.read(id, into: &bill)
    }

    /// A bill that nobody booked here: of one that is, with another customer, day, amount or store
    /// in turn.
    private func ghost(_ turn: Int, of number: [UInt8], like id: Int64?) -> Int64 {
        if let known = ghostIDs[number], turn < known.count { return known[turn] }
        if let id, service.books.read(id, into: &bill) {
            switch turn % 4 {
            case 0: bill.customer = 4_004_004_004
            case 1: bill.billed.seconds -= 86_400
            case 2: bill.amount += 13 * Micros.one
            default: bill.place = bill.hold("till.elsewhere.1".utf8)
            }
        } else {
            bill.reset()
            bill.number = bill.hold(number)
            bill.place = bill.hold("till.elsewhere.1".utf8)
            bill.customer = 4_004_004_004
            bill.amount = 13 * Micros.one
            bill.billed = BillDate(seconds: 1_500_000_000)
        }
        let ghost = 990_000_001 + Int64(ghosts.count)
        ghosts[ghost] = bill
        ghostIDs[number, default: []].append(ghost)
        return ghost
    }

    private func write(_ id: Int64, withLines: Bool, _ out: inout [UInt8]) {
        let options = service.options
        let place = bill.placeValue()
        let store = place.store
        func amount(_ value: Int64) {
            out.add(micros: rewriting.amount(value, decimals: options.amountDecimals))
        }
        out.add(#"{"id":"#)
        out.add(id)
        out.add(#","customerId":"#)
        out.add(bill.customer)
        out.add(#","source":""#)
        out.add(text: "\(Listed.sources[Int(bill.source)])".lowercased())
        out.add(#"","attribution":{"createDate":""#)
        out.add(instant: bill.booked / 1000, zoneMinutes: options.serverZoneMinutes)
        out.add(#"","createdBy":{"id":"#)
        out.add(LookHandler.placeID(place.till))
        out.add(#","code":"#)
        out.add(quoted: place.till)
        out.add(#","type":"TILL"}},"billDetails":{"billNumber":"#)
        out.add(quoted: rewriting.text(bill.text[bill.number]))
        out.add(#","amount":"#)
        amount(bill.amount)
        out.add(#","grossAmount":"#)
        amount(bill.gross)
        out.add(#","discount":"#)
        amount(bill.discount)
        out.add(#","billingTime":""#)
        out.add(instant: rewriting.time(bill.billed), zoneMinutes: options.serverZoneMinutes)
        out.add("\"")
        if let offset = bill.billed.offsetMinutes, !rewriting.forms.contains(.offset) {
            out.add(#","billingTimeInputOffset":""#)
            out.add(offset: offset)
            out.add("\"")
        }
        out.add(#","billingStore":{"id":"#)
        out.add(LookHandler.placeID(store))
        out.add(#","code":"#)
        out.add(quoted: store)
        out.add(#","type":"STORE"},"returnDetails":{"canceled":"#)
        out.add(bill.returnKind == .cancelled ? "true" : "false")
        out.add(#"}},"customFields":{},"lineItems":["#)
        if withLines {
            for (index, line) in bill.lines.enumerated() {
                if index > 0 { out.add(",") }
                out.add(#"{"itemCode":"#)
                out.add(quoted: bill.text[line.code])
                out.add(#","qty":"#)
                out.add(micros: line.quantity)
                out.add(#","amount":"#)
                amount(line.amount)
                out.add("}")
            }
        }
        out.add("]}")
    }

    static func placeID(_ code: [UInt8]) -> Int64 {
        var digest = Digest()
        digest.add(code, code.indices)
        return Int64(digest.final % 90_000) + 1000
    }

    // MARK: v1.1

    private func older(_ call: Call, _ view: View) -> Answer {
        var ids: [Int64] = []
        if let id = call.query("id") {
            if let id = Int64(id), load(id), view.shows(bill) { ids = [id] }
        } else if let number = call.query("number") {
            ids = bills(Array(number.utf8), view)
        } else {
            return olderEnvelope(
                Array(#"[]"#.utf8), code: "400", success: false, "number or id missing")
        }
        let type = call.query("type") ?? "REGULAR"
        let amount = call.query("amount").flatMap { Micros.parse(Array($0.utf8), 0..<$0.utf8.count) }
        let zone = Int64(service.options.serverZoneMinutes * 60)
        var items: [[UInt8]] = []
        for id in ids where load(id) {
            guard type == "ALL" || type == "\(bill.kind.name)" else { continue }
            let place = bill.placeValue()
            if let store = call.query("store_code"), place.store != Array(store.utf8) { continue }
            if let till = call.query("till_code"), place.till != Array(till.utf8) { continue }
            if let user = call.query("user_id"), user != String(bill.customer) { continue }
            let kept = Micros.floored(bill.amount, decimals: service.options.amountDecimals)
            if let amount, amount != kept { continue }
            if let date = call.query("date") {
                var clock: [UInt8] = []
                clock.add(clock: bill.billed.seconds + zone, separator: UInt8(ascii: " "))
                if !clock.starts(with: date.utf8) { continue }
            }
            var item: [UInt8] = []
            writeOlder(id, place, &item)
            items.append(item)
        }
        if items.isEmpty, service.options.missIsError {
            return olderEnvelope(
                Array(
                    #"[{"item_status":{"success":"false","code":"688","message":"transaction not found"}}]"#
                        .utf8),
                code: "500", success: false, "all requests have failed")
        }
        var list: [UInt8] = []
        let isLone = items.count == 1 && service.options.loneItemIsObject
        if !isLone { list.add("[") }
        list.append(contentsOf: items.joined(separator: [UInt8(ascii: ",")]))
        if !isLone { list.add("]") }
        return olderEnvelope(list, code: "200", success: true, "SUCCESS")
    }

    private func olderEnvelope(_ list: [UInt8], code: String, success: Bool, _ message: String)
        -> Answer
    {
        var out: [UInt8] = []
        out.add(text: #"{"response":{"status":{"success":"\#(success)","code":"\#(code)","message":"#)
        out.add(quoted: message)
        out.add(#"},"transactions":{"transaction":"#)
        out.append(contentsOf: list)
        out.add("}}}")
        return Answer(out)
    }

    /// Everything a string; a date is the server's clock time without an offset.
    private func writeOlder(_ id: Int64, _ place: Place, _ out: inout [UInt8]) {
        let options = service.options
        func field(_ name: StaticString, _ write: (inout [UInt8]) -> Void) {
            out.add(name)
            out.add("\"")
            write(&out)
            out.add("\",")
        }
        func amount(_ value: Int64) -> (inout [UInt8]) -> Void {
            { [rewriting] in
                $0.add(micros: rewriting.amount(value, decimals: options.amountDecimals))
            }
        }
        out.add("{")
        field(#""id":"#) { $0.add(id) }
        out.add(#""number":"#)
        out.add(quoted: rewriting.text(bill.text[bill.number]))
        out.add(",")
        field(#""type":"#) { $0.add(bill.kind.name) }
        if bill.kind.isReturn { field(#""return_type":"#) { $0.add(bill.returnKind.name) } }
        field(#""amount":"#, amount(bill.amount))
        field(#""gross_amount":"#, amount(bill.gross))
        field(#""discount":"#, amount(bill.discount))
        field(#""billing_time":"#) {
            [rewriting] in
            $0.add(
                clock: rewriting.time(bill.billed) + Int64(options.serverZoneMinutes * 60),
                separator: 0x20)
        }
        out.add(#""store_code":"#)
        out.add(quoted: place.store)
        out.add(#","till_code":"#)
        out.add(quoted: place.till)
        out.add(#","customer":{"#)
        field(#""user_id":"#) { $0.add(bill.customer) }
        let identifier = Array(bill.text[bill.identifier])
        out.add(#""mobile":"#)
        out.add(quoted: bill.identifierType == 0 ? identifier : [])
        out.add(#","email":"#)
        out.add(quoted: bill.identifierType == 1 ? identifier : [])
        out.add(#","external_id":"#)
        out.add(quoted: bill.identifierType == 2 ? identifier : [])
        out.add(#"},"line_items":{"line_item":["#)
        for (index, line) in bill.lines.enumerated() {
            if index > 0 { out.add(",") }
            out.add(#"{"item_code":"#)
            out.add(quoted: bill.text[line.code])
            out.add(#","qty":""#)
            out.add(micros: line.quantity)
            out.add(#"","amount":""#)
            amount(line.amount)(&out)
            out.add(#""}"#)
        }
        out.add(
            #"]},"item_status":{"success":"true","code":"600","message":"Transaction successfully retrieved"}}"#
        )
    }
}
