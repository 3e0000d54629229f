import NIOHTTP1
import Records

/// Customers by id or identifier, and their bills: of those that were added, and the seeded ones.
///
/// Source: Customers, Read a customer; Transactions, Read bills: of a customer.
enum CustomerListings {
    static let desks = [
        RouteHandler(method: .GET, path: "/v2/customers/lookup/customerDetails", kind: .look) {
            service, call, _ in
            details(service, call)
        },
        RouteHandler(
            method: .GET, path: "/v2/customers/lookup/transactions", kind: .look, answer: bills),
        RouteHandler(method: .GET, path: "/v2/customers/*/transactions", kind: .look, answer: bills),
        RouteHandler(method: .GET, path: "/v2/customers/*", kind: .look) { service, call, _ in
            details(service, call)
        },
    ]

    /// Whom a call is about.
    private static func customer(_ service: Service, _ call: Call) -> (
        id: Int64, type: String, value: String
    )? {
        guard let value = call.query("identifierValue") else {
            let parts = call.path.split(separator: "/")
            guard parts.count > 2, let id = Int64(parts[2]) else { return nil }
            let text = String(id)
            return service.options.unknownCustomers.contains(text) || text.hasPrefix("404404")
                ? nil : (id, "id", text)
        }
        let name = call.query("identifierName") ?? ""
        guard let type = Listed.identifierTypes.firstIndex(where: { "\($0)" == name }),
            !service.isUnregistered(name, value)
        else { return nil }
        let bytes = Array(value.utf8)
        return Customers.id(type: type, bytes, bytes.indices).map { ($0, name, value) }
    }

    private static func details(_ service: Service, _ call: Call) -> Answer {
        guard call.query("source")?.isEmpty == false else {
            return .error(400, code: 8001, "source missing")
        }
        guard let (id, type, value) = customer(service, call) else {
            return .error(400, code: 8015, "customer not found")
        }
        var out: [UInt8] = []
        out.add(text: #"{"id":\#(id),"#)
        if let thing = service.index.customer(id, in: service), let body = Document(thing.content) {
            body.echo(
                ["profiles", "loyaltyInfo", "extendedFields", "statusLabel"], of: body.root, into: &out)
        } else {
            out.add(#""profiles":[{"fields":{},"source":"INSTORE","identifiers":["#)
            if type != "id" {
                out.add(#"{"type":"#)
                out.add(quoted: type)
                out.add(#","value":"#)
                out.add(quoted: value)
                out.add("}")
            }
            out.add(#"],"commChannels":[]}],"#)
        }
        out.add(#""warnings":[]}"#)
        return Answer(out)
    }

    private static func bills(_ service: Service, _ call: Call, _ troubles: [Trouble]) -> Answer {
        guard let (id, _, _) = customer(service, call) else {
            return .error(400, code: 8015, "customer not found")
        }
        let view = LookView(troubles, now: service.now())
        let limit = min(call.query("limit").flatMap { Int($0) } ?? 20, view.pageLimit, 1000)
        let offset = max(0, call.query("offset").flatMap { Int($0) } ?? 0)
        guard limit > 0 else { return .error(400, code: 1109, "limit out of range") }
        func seconds(_ name: String) -> Int64? {
            guard let text = call.query(name) else { return nil }
            let bytes = Array(text.utf8)
            return BillDate(
                bytes, bytes.indices, serverZoneMinutes: service.options.serverZoneMinutes)?.seconds
        }
        let from = seconds("startDate") ?? .min
        let to = seconds("endDate") ?? .max
        var bill = BillDraft()
        var found: [(id: Int64, at: Int64)] = []
        for id in service.index.bills(of: id, in: service) where service.books.read(id, into: &bill) {
            if (from...to).contains(bill.billed.seconds) { found.append((id, bill.billed.seconds)) }
        }
        found.sort { ($0.at, $0.id) < ($1.at, $1.id) }
        if call.query("sortOrder") != "ASC" { found.reverse() }
        // Of the call by identifier the offset may be the number of a page; sources disagree.
        let isPage = service.options.offsetsArePages && call.path.contains("/lookup/")
        let start = isPage ? offset * limit : offset
        var out: [UInt8] = []
        out.add(
            text:
                #"{"pagination":{"limit":\#(limit),"offset":\#(offset),"sortBy":"BILLING_TIME","sortOrder":"ASC","total":\#(found.count)},"data":["#
        )
        for (index, one) in found.dropFirst(start).prefix(limit).enumerated()
        where service.books.read(one.id, into: &bill) {
            if index > 0 { out.add(",") }
            write(one.id, bill, service, &out)
        }
        out.add(#"],"warnings":[],"errors":[]}"#)
        return Answer(out)
    }

    private static func write(_ id: Int64, _ bill: BillDraft, _ service: Service, _ out: inout [UInt8])
    {
        func amount(_ name: String, _ value: Int64) {
            out.add(text: #","\#(name)":"#)
            out.add(micros: Micros.floored(value, decimals: service.options.amountDecimals))
        }
        out.add(
            text: #"{"id":\#(id),"customerId":\#(bill.customer),"loyaltyLogId":\#(id),"billingTime":""#)
        out.add(instant: bill.billed.seconds, zoneMinutes: service.options.serverZoneMinutes)
        out.add(#"","billNumber":"#)
        out.add(quoted: bill.text[bill.number])
        out.add(#","type":""#)
        out.add(bill.kind.name)
        out.add("\"")
        amount("amount", bill.amount)
        amount("grossAmount", bill.gross)
        amount("discount", bill.discount)
        out.add(#","outlierStatus":"NORMAL"}"#)
    }
}

/// Finds customers by id and bills by customer: what was added since the last question is gone through
/// when it is asked.
final class ListingIndex {
    private var things = 0
    private var customers: [Int64: Int] = [:]
    private var billsSeen = 0
    private var bills: [Int64: [Int64]] = [:]

    func customer(_ id: Int64, in service: Service) -> Store.Thing? {
        let all = service.store.things
        while things < all.count {
            let thing = all[things]
            if thing.collection == .customers { note(thing, at: things) }
            things += 1
        }
        return customers[id].map { service.store.things[$0] }
    }

    /// Its key is `type:value` of the first identifier.
    private func note(_ thing: Store.Thing, at place: Int) {
        guard let colon = thing.key.firstIndex(of: UInt8(ascii: ":")) else { return }
        let type = String(decoding: thing.key[..<colon], as: UTF8.self)
        let value = Array(thing.key[(colon + 1)...])
        let names = Listed.identifierTypes.map { "\($0)" }
        let number = names.firstIndex(of: type) ?? names.count
        if let id = Customers.id(type: number, value, value.indices) { customers[id] = place }
    }

    func bills(of customer: Int64, in service: Service) -> [Int64] {
        var bill = BillDraft()
        while billsSeen < service.books.count {
            let id = Books.firstID + Int64(billsSeen)
            billsSeen += 1
            guard service.books.read(id, into: &bill) else { continue }
            bills[bill.customer, default: []].append(id)
        }
        return bills[customer] ?? []
    }
}
