import Model
import NIOHTTP1
import Records

/// `POST` and `PUT /v2/product/skus`, and reading them.
///
/// Source: API reference, "Products (v2)". Codes are compared without regard to case.
enum Products {
    static let desks = [
        RouteHandler(method: .POST, path: "/v2/product/skus", kind: .work) { service, call, troubles in
            change(service, call, troubles, adds: true)
        },
        RouteHandler(method: .PUT, path: "/v2/product/skus", kind: .work) { service, call, troubles in
            change(service, call, troubles, adds: false)
        },
        RouteHandler(method: .GET, path: "/v2/product/skus", kind: .look) { service, call, troubles in
            list(service, call, troubles)
        },
    ]

    private static let most = 100

    private static func change(
        _ service: Service, _ call: Call, _ troubles: [Trouble], adds: Bool
    ) -> Answer {
        guard let body = Document(call.body), let items = body.list(body.root), !items.isEmpty else {
            return .error(400, code: 10001, "the body is no list")
        }
        if items.count > most { return .error(400, code: 10102, "more than \(most) products") }
        let shape = Shape(troubles)
        var done: [UInt8] = []
        var written: [Range<Int>] = []
        var failed: [UInt8] = []
        var failures = 0
        var seen: Set<String> = []
        for (position, item) in items.enumerated() {
            let code = body.text("sku", of: item) ?? ""
            let label = shape.label(at: position, of: items.count)
            let shown = label == .right ? code : label == .wrong ? "NOT-YOURS-1" : nil
            do throws(Complaint) {
                if service.hasItemFaults, service.rollItem(.busyItem) != nil {
                    throw Complaint(521, "another request is at work")
                }
                guard seen.insert(code.lowercased()).inserted else {
                    throw Complaint(10003, "twice in the request")
                }
                let id = try judge(body, item, service, adds: adds)
                let start = done.count
                done.add(text: #"{"id":\#(id),"#)
                if let shown {
                    done.add(#""code":"#)
                    done.add(quoted: shown)
                    done.add(",")
                }
                done.add(#""ouId":-1,"ouCode":null}"#)
                written.append(start..<done.count)
                done.add(",")
            } catch {
                failures += 1
                if !failed.isEmpty { failed.add(",") }
                failed.add(text: #"{"code":\#(error.code),"message":"#)
                failed.add(quoted: error.message)
                if let shown, !shape.leavesOutResult {
                    failed.add(#","entityCode":"#)
                    failed.add(quoted: shown)
                }
                failed.add(#","ouCode":null}"#)
            }
        }
        service.tally.items += items.count
        if shape.mixesItems, !written.isEmpty {
            done = shape.mixed(done, written) {
                #"{"id":\#(900_000_001 + $0),"code":"NOT-YOURS-2","ouId":-1,"ouCode":null}"#
            }
        } else if !done.isEmpty {
            done.removeLast()
        }
        var out: [UInt8] = []
        out.add(adds ? #"{"created":["# : #"{"updated":["#)
        out.append(contentsOf: done)
        out.add(
            text:
                #"],"summary":{"totalRequested":\#(items.count),"successCount":\#(items.count - failures),"failureCount":\#(failures)},"warnings":[],"errors":["#
        )
        out.append(contentsOf: failed)
        out.add("]}")
        return Answer(status: failures == 0 ? 200 : failures == items.count ? 400 : 207, out)
    }

    private static func judge(_ body: Document, _ item: Int, _ service: Service, adds: Bool)
        throws(Complaint) -> Int64
    {
        let code = body.text("sku", of: item) ?? ""
        guard !code.isEmpty else { throw Complaint(10101, "sku missing") }
        guard code.unicodeScalars.count <= 100 else { throw Complaint(10103, "sku too long") }
        if let brand = body.text("brandCode", of: item), brand.hasPrefix("unknown") {
            throw Complaint(10122, "brand unknown")
        }
        let key = code.lowercased()
        let known = service.store.find(.products, key.utf8).first
        guard adds else {
            guard let known else { throw Complaint(10105, "sku unknown") }
            if let ean = body.text("ean", of: item), ean != self.ean(known) {
                throw Complaint(10108, "the ean cannot be changed")
            }
            return service.set(.products, key, Array(body.raw(item)))
        }
        if known != nil { throw Complaint(10104, "sku exists") }
        if let ean = body.text("ean", of: item),
            service.store.first(.products, where: { self.ean($0) == ean }) != nil
        {
            throw Complaint(10107, "ean exists")
        }
        return service.add(.products, key, Array(body.raw(item)))
    }

    private static func ean(_ thing: Store.Thing) -> String? {
        Document(thing.content).flatMap { $0.text("ean", of: $0.root) }
    }

    private static func list(_ service: Service, _ call: Call, _ troubles: [Trouble]) -> Answer {
        let view = LookView(troubles, now: service.now())
        if service.options.seedData > 0, call.query("entityCodes") == nil {
            return PagedCalls.skus.answer(service, call, troubles)
        }
        let codes = (call.query("entityCodes") ?? "").split(separator: ",").map {
            $0.lowercased()
        }
        if codes.count > 30 { return .error(400, code: 10008, "more than 30 codes") }
        let found = codes.flatMap { service.store.find(.products, $0.utf8) }.filter {
            view.shows($0)
        }
        var out: [UInt8] = []
        out.add(text: #"{"pagination":{"limit":100,"offset":0,"total":\#(found.count)},"data":["#)
        for (index, thing) in found.enumerated() {
            guard let product = Document(thing.content) else { continue }
            if index > 0 { out.add(",") }
            out.add(text: #"{"id":\#(thing.id),"code":"#)
            out.add(quoted: product.text("sku", of: product.root) ?? "")
            out.add(",")
            product.echo(
                ["ean", "price", "description", "brandCode", "categoryCode", "isActive"],
                of: product.root, into: &out)
            out.add(#""ouId":-1,"ouCode":null}"#)
        }
        out.add(#"],"warnings":[],"errors":[]}"#)
        return Answer(out)
    }
}
