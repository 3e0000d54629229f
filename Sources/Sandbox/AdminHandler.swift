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
        case (.POST, "reset"):
            guard (try? service.reset()) != nil else {
                return .error(500, code: 500, "the state file cannot be written")
            }
            return Answer(text: "{}")
        case (.POST, "faults"): return setFaults(call)
        default: return .error(404, code: 404, "there are counts, bookings, duplicates, reset, faults")
        }
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
        number("parked", service.parked.count)
        number("items", tally.items)
        number("lateWorks", tally.lateWorks)
        number("requests", tally.requests)
        number("throttled", tally.answers(of: 429))
        number("cut", tally.answers(of: 0))
        number("peakPerMinute", tally.peak.peak)
        number("connections", tally.connections)
        out.add(#""paths":{"#)
        for route in Route.allCases where route != .admin && tally.arrived[route] != nil {
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

    /// `?number=`: every booking of that bill number.
    private func bookings(_ call: Call) -> Answer {
        guard let number = call.query("number") else { return .error(400, code: 400, "say ?number=") }
        let bytes = Array(number.utf8)
        var bill = BillDraft()
        var out: [UInt8] = []
        let ids = Array(service.books.ids(bytes, bytes.indices).reversed())
        out.add(#"{"number":"#)
        out.add(quoted: bytes)
        out.add(text: #","count":\#(ids.count),"bookings":["#)
        for (index, id) in ids.enumerated() where service.books.read(id, into: &bill) {
            if index > 0 { out.add(",") }
            let place = bill.placeValue()
            out.add(
                text:
                    #"{"id":\#(id),"type":"\#(bill.kind.name)","customer":\#(bill.customer),"amount":"#)
            out.add(micros: bill.amount)
            out.add(#","store":"#)
            out.add(quoted: place.store)
            out.add(#","till":"#)
            out.add(quoted: place.till)
            out.add(#","billed":""#)
            out.add(instant: bill.billed.seconds, zoneMinutes: 0)
            out.add(
                text: #"","booked":\#(bill.booked),"identity":"\#(String(bill.identity, radix: 16))"}"#)
        }
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
