import NIOHTTP1
import Records

/// What tests and people ask the sandbox itself, under `/_sandbox/`: how often was this booked?
final class AdminHandler {
    private let service: Service

    init(_ service: Service) { self.service = service }

    func answer(_ call: Call) -> Answer {
        switch (call.method, call.name) {
        case (.GET, "counts"): return counts()
        case (.GET, "bookings"): return bookings(call)
        case (.GET, "duplicates"): return duplicates()
        // The names after the first are those of earlier versions, which scripts use.
        case (.GET, "writes"), (.GET, "deeds"): return writes(call)
        case (.POST, "reset"):
            guard (try? service.reset()) != nil else {
                return .error(500, code: 500, "the state file cannot be written")
            }
            return Answer(text: "{}")
        case (.POST, "faults"): return setFaults(call)
        case (.POST, "fix"), (.POST, "mend"): return fix(call)
        default:
            return .error(
                404, code: 404, "there are counts, bookings, duplicates, writes, reset, faults, fix")
        }
    }

    /// `?value=`: that item code or payment mode is known from now on; bills that wait for it may be replayed.
    private func fix(_ call: Call) -> Answer {
        guard let value = call.query("value"), !value.isEmpty else {
            return .error(400, code: 400, "value= names an item code or a payment mode")
        }
        service.act(
            Write(
                collection: .mended, id: service.store.nextID, key: Array(value.utf8),
                content: Array("{}".utf8), at: service.now()))
        service.commit()
        return Answer(text: "{}")
    }

    private func counts() -> Answer {
        let books = service.books
        let tally = service.tally
        var out: [UInt8] = []
        func number(_ name: String, _ value: Int) { out.add(text: "\"\(name)\":\(value),") }
        out.add("{")
        number("bookings", books.count)
        number("distinct", books.count - books.surplus)
        number("duplicates", books.duplicated)
        number("surplus", books.surplus)
        number("parked", service.parked.count { $0.status.state != .success })
        number("items", tally.items)
        number("lateWorks", tally.lateWorks)
        number("requests", tally.requests)
        number("throttled", tally.answers(of: 429))
        number("cut", tally.answers(of: 0))
        number("peakPerMinute", tally.peak.peak)
        number("connections", tally.connections)
        number("open", service.openConnections)
        out.add(#""deeds":{"#)
        for collection in Store.Collection.allCases {
            guard let count = service.store.counts[collection] else { continue }
            out.add(
                text:
                    #""\#(collection.name)":{"things":\#(count.things),"deeds":\#(count.deeds),"surplus":\#(count.surplus)},"#
            )
        }
        if out.last == UInt8(ascii: ",") { out.removeLast() }
        out.add(#"},"paths":{"#)
        for route in tally.arrived.keys.sorted(by: { $0.name < $1.name }) where route != .admin {
            out.add(text: "\"\(route.name)\":{")
            number("arrived", tally.arrived[route] ?? 0)
            for (status, count) in (tally.answers[route] ?? [:]).sorted(by: { $0.key < $1.key }) {
                number(status == 0 ? "cut" : String(status), count)
            }
            out.removeLast()
            out.add("},")
        }
        if out.last == UInt8(ascii: ",") { out.removeLast() }
        out.add(#"},"faults":["#)
        for (fault, count) in service.dice.firings {
            out.add(text: #"{"kind":"\#(fault.kind.rawValue)","fired":\#(count)},"#)
        }
        if out.last == UInt8(ascii: ",") { out.removeLast() }
        out.add("]}")
        return Answer(out)
    }

    /// `?number=`: every booking of that bill number. `?from=&limit=`: bookings in the order of their
    /// ids, from that id on, and the id to continue with, for comparing all of them with an input.
    private func bookings(_ call: Call) -> Answer {
        var bill = BillDraft()
        var out: [UInt8] = []
        if let number = call.query("number") {
            let bytes = Array(number.utf8)
            let ids = Array(service.books.ids(bytes, bytes.indices).reversed())
            out.add(#"{"number":"#)
            out.add(quoted: bytes)
            out.add(text: #","count":\#(ids.count),"bookings":["#)
            for id in ids where service.books.read(id, into: &bill) { write(bill, id, &out) }
            if out.last == UInt8(ascii: ",") { out.removeLast() }
            out.add("]}")
            return Answer(out)
        }
        let first = max(Books.firstID, call.query("from").flatMap(Int64.init) ?? 0)
        let limit = min(100_000, max(1, call.query("limit").flatMap(Int.init) ?? 10_000))
        let end = min(Books.firstID + Int64(service.books.count), first + Int64(limit))
        out.add(#"{"bookings":["#)
        for id in first..<max(first, end) where service.books.read(id, into: &bill) {
            write(bill, id, &out)
        }
        if out.last == UInt8(ascii: ",") { out.removeLast() }
        out.add(#"],"next":"#)
        if end < Books.firstID + Int64(service.books.count) { out.add(end) } else { out.add("null") }
        out.add("}")
        return Answer(out)
    }

    private func write(_ bill: BillDraft, _ id: Int64, _ out: inout [UInt8]) {
        let place = bill.placeValue()
        out.add(#"{"id":"#)
        out.add(id)
        out.add(#","number":"#)
        out.add(quoted: bill.text[bill.number])
        out.add(#","type":""#)
        out.add(bill.kind.name)
        out.add(#"","customer":"#)
        out.add(bill.customer)
        out.add(#","identifier":"#)
        out.add(quoted: bill.text[bill.identifier])
        out.add(#","amount":"#)
        out.add(micros: bill.amount)
        out.add(#","store":"#)
        out.add(quoted: place.store)
        out.add(#","till":"#)
        out.add(quoted: place.till)
        out.add(#","billed":""#)
        out.add(instant: bill.billed.seconds, zoneMinutes: 0)
        out.add(#"","booked":"#)
        out.add(bill.booked)
        out.add(#","identity":""#)
        out.add(text: String(bill.identity, radix: 16))
        out.add(#"","lines":["#)
        for line in bill.lines {
            out.add(quoted: bill.text[line.code])
            out.append(UInt8(ascii: ","))
        }
        if out.last == UInt8(ascii: ",") { out.removeLast() }
        out.add("]},")
    }

    /// `?of=stores`: everything of that kind, with how often each was done; `&key=`: that of one key.
    private func writes(_ call: Call) -> Answer {
        guard
            let collection = Store.Collection.allCases.first(where: { $0.name == call.query("of") })
        else {
            let names = Store.Collection.allCases.map(\.name).joined(separator: ", ")
            return .error(404, code: 404, "of= is one of \(names)")
        }
        let things =
            call.query("key").map { service.store.find(collection, $0.utf8) }
            ?? service.store.all(collection)
        var out: [UInt8] = []
        out.add(
            text:
                #"{"of":"\#(collection.name)","count":\#(things.count),"deeds":\#(things.reduce(0) { $0 + $1.deeds }),"things":["#
        )
        for thing in things {
            out.add(text: #"{"id":\#(thing.id),"key":"#)
            out.add(quoted: thing.key)
            out.add(text: #","at":\#(thing.at),"deeds":\#(thing.deeds),"content":"#)
            out.append(contentsOf: thing.content)
            out.add("},")
        }
        if out.last == UInt8(ascii: ",") { out.removeLast() }
        out.add("]}")
        return Answer(out)
    }

    private func duplicates() -> Answer {
        let books = service.books
        var out: [UInt8] = []
        out.add(text: #"{"duplicates":\#(books.duplicated),"surplus":\#(books.surplus),"numbers":["#)
        for (index, number) in books.duplicateNumbers.enumerated() {
            if index > 0 { out.add(",") }
            out.add(quoted: number)
        }
        out.add("]}")
        return Answer(out)
    }

    /// The body: one fault a line; `?seed=` or the seed there was. An empty body ends all trouble.
    private func setFaults(_ call: Call) -> Answer {
        let seed = call.query("seed").flatMap(UInt64.init) ?? service.dice.plan.seed
        let lines = String(decoding: call.body, as: UTF8.self).split(whereSeparator: \.isNewline).map {
            String($0).trimmingBlanks
        }
        do {
            service.setFaults(try FaultPlan(seed: seed, parsing: lines.filter { !$0.isEmpty }))
            return Answer(text: "{}")
        } catch {
            return .error(400, code: 400, error.description)
        }
    }
}

extension String {
    fileprivate var trimmingBlanks: String {
        var rest = Substring(self)
        while rest.first == " " { rest.removeFirst() }
        while rest.last == " " { rest.removeLast() }
        return String(rest)
    }
}
