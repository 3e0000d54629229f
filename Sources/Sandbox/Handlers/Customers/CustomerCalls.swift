import NIOHTTP1
import Records

/// `POST /v2/customers/bulk` and `POST /v2/integrations/customer/upsert/bulk`.
///
/// Source: API reference, "Add Customer", "Associate Customer", "Upsert customer". Customers exist without
/// being added, but for those of ``Service/isUnregistered(_:_:)``.
enum CustomerCalls {
    static let desks = [
        RouteHandler(method: .POST, path: "/v2/customers/bulk", kind: .work) {
            service, call, troubles in
            BulkDesk(
                most: 100, form: .families,
                judge: { (body, item) throws(Complaint) in try add(body, item, service) },
                write: { writeFamily($0, $1, $2, $3, service, &$4) },
                stranger: {
                    #"{"entity":{"id":\#(900_000_001 + $0),"profiles":[{"identifiers":[{"type":"email","value":"notyours@example.org"}]}]},"childEntities":[]}"#
                }
            ).answer(service, call, troubles)
        },
        RouteHandler(method: .PUT, path: "/v2/customers/bulk", kind: .work) {
            service, call, troubles in
            BulkDesk(
                most: 100, form: .families,
                judge: { (body, item) throws(Complaint) in try associate(body, item, service) },
                write: { body, item, outcome, look, out in
                    if case .failed = outcome, look.leavesOutResult { return }
                    // The profiles stand at the top here, and nothing has an id.
                    writeProfiles(body, item, look.label, service, &out)
                    body.echo(["associationDetails"], of: item, into: &out)
                },
                stranger: { _ in
                    #"{"profiles":[{"identifiers":[{"type":"email","value":"notyours@example.org"}]}],"errors":[{}]}"#
                }
            ).answer(service, call, troubles)
        },
        RouteHandler(method: .POST, path: "/v2/customers", kind: .work) { service, call, troubles in
            SingleRecordHandler(name: "createdId") { (body) throws(Complaint) in
                guard case .done(let id, let said) = try add(body, body.root, service) else {
                    throw Complaint(8002, "no identifier")
                }
                return SingleRecordHandler.Done(id: id, warnings: said)
            }.answer(service, call, troubles)
        },
        RouteHandler(method: .POST, path: "/v2/integrations/customer/upsert/bulk", kind: .work) {
            service, call, troubles in
            BulkDesk(
                most: 100,
                judge: { (body, item) throws(Complaint) in try upsert(body, item, service) },
                write: { writeResult($0, $1, $2, $3, service, &$4) },
                stranger: {
                    #"{"entityId":\#(900_000_001 + $0),"result":{"id":1,"profiles":[]},"errors":[],"warnings":[]}"#
                }
            ).answer(service, call, troubles)
        },
    ]

    private struct Identifier {
        var type: String
        var value: String
    }

    private static func identifiers(_ body: Document, _ item: Int) -> [Identifier] {
        (body.list(body.member("profiles", of: item)) ?? []).flatMap { profile in
            (body.list(body.member("identifiers", of: profile)) ?? []).map {
                Identifier(
                    type: body.text("type", of: $0) ?? "", value: body.text("value", of: $0) ?? "")
            }
        }
    }

    /// The number of a customer follows from the first identifier.
    private static func id(_ identifier: Identifier) -> Int64 {
        let names = Listed.identifierTypes.map { "\($0)" }
        let bytes = Array(identifier.value.utf8)
        let type = names.firstIndex(of: identifier.type) ?? names.count
        return Customers.id(type: type, bytes, bytes.indices) ?? 1
    }

    private static func check(_ body: Document, _ item: Int, _ service: Service) throws(Complaint)
        -> Identifier
    {
        let all = identifiers(body, item)
        guard let first = all.first, !all.contains(where: { $0.value.isEmpty }) else {
            throw Complaint(8002, "no identifier")
        }
        for profile in body.list(body.member("profiles", of: item)) ?? []
        where body.text("source", of: profile) == nil {
            throw Complaint(8001, "source missing")
        }
        for one in all where one.type == "mobile" && one.value.contains(where: { $0.isLetter }) {
            throw Complaint(8014, "mobile invalid")
        }
        if first.value.hasPrefix("blocked") { throw Complaint(8026, "customer deleted") }
        if first.value.hasPrefix("twofold") {
            throw Complaint(8008, "identifiers point to different customers")
        }
        return first
    }

    private static func add(_ body: Document, _ item: Int, _ service: Service) throws(Complaint)
        -> BulkDesk.Outcome
    {
        let first = try check(body, item, service)
        let key = first.type + ":" + first.value
        if service.options.knownCustomersAreErrors,
            !service.store.find(.customers, key.utf8).isEmpty
        {
            throw Complaint(8006, "customer exists in the same source")
        }
        _ = service.set(.customers, key, Array(body.raw(item)))
        return .done(id: id(first), [])
    }

    private static func associate(_ body: Document, _ item: Int, _ service: Service) throws(Complaint)
        -> BulkDesk.Outcome
    {
        let first = try check(body, item, service)
        if service.isUnregistered(first.type, first.value) {
            throw Complaint(8015, "customer not found")
        }
        _ = service.set(
            .calls, "customers.associate/\(first.type):\(first.value)", Array(body.raw(item)))
        return .done(id: id(first), [])
    }

    private static func upsert(_ body: Document, _ item: Int, _ service: Service) throws(Complaint)
        -> BulkDesk.Outcome
    {
        let first = try check(body, item, service)
        _ = service.set(.customers, first.type + ":" + first.value, Array(body.raw(item)))
        // The profile is stored by then: nothing is taken back.
        if body.text("statusLabel", of: item)?.hasPrefix("unknown") == true {
            return .partly(id: id(first), Complaint(3017, "label not valid"))
        }
        return .done(id: id(first), [])
    }

    // MARK: The replies

    private static func writeFamily(
        _ body: Document, _ item: Int, _ outcome: BulkDesk.Outcome, _ look: BulkDesk.Look,
        _ service: Service, _ out: inout [UInt8]
    ) {
        switch outcome {
        case .failed:
            if look.leavesOutResult { return }
            out.add(#""entity":{"#)
        case .done(let id, _), .partly(let id, _):
            out.add(text: #""entity":{"id":\#(id),"#)
        }
        writeProfiles(body, item, look.label, service, &out)
        body.echo(["loyaltyInfo"], of: item, into: &out)
        out.add(#""warnings":[]},"#)
    }

    private static func writeResult(
        _ body: Document, _ item: Int, _ outcome: BulkDesk.Outcome, _ look: BulkDesk.Look,
        _ service: Service, _ out: inout [UInt8]
    ) {
        switch outcome {
        case .failed:
            look.failedID.add(to: &out)
            if look.leavesOutResult { return }
            out.add(#""result":{"#)
        case .done(let id, _), .partly(let id, _):
            out.add(text: #""entityId":\#(id),"result":{"id":\#(id),"#)
        }
        writeProfiles(body, item, look.label, service, &out)
        if out.last == UInt8(ascii: ",") { out.removeLast() }
        out.add("},")
    }

    /// As the server writes identifiers: a country code before ten digits, where the org has it so.
    private static func writeProfiles(
        _ body: Document, _ item: Int, _ label: Shape.Label, _ service: Service, _ out: inout [UInt8]
    ) {
        out.add(#""profiles":[{"identifiers":["#)
        switch label {
        case .none: break
        case .wrong: out.add(#"{"type":"email","value":"notyours@example.org"},"#)
        case .right:
            for one in identifiers(body, item) {
                let isShort = one.type == "mobile" && one.value.utf8.count == 10
                let code = isShort ? service.options.countryCode ?? "" : ""
                out.add(#"{"type":"#)
                out.add(quoted: one.type)
                out.add(#","value":"#)
                out.add(quoted: code + one.value)
                out.add("},")
            }
        }
        if out.last == UInt8(ascii: ",") { out.removeLast() }
        out.add("]}],")
    }
}

extension Service {
    /// Customers who exist only once they are added: identifiers that begin with `unknown` or `new`, in any
    /// case, and mobile numbers that begin with 4478.
    func isUnregistered(_ type: String, _ value: String) -> Bool {
        guard ["unknown", "new", "4478"].contains(where: { value.lowercased().hasPrefix($0) }) else {
            return options.unknownCustomers.contains(value) && !isAdded(value)
        }
        return store.find(.customers, (type + ":" + value).utf8).isEmpty
    }

    /// Whether a customer was added or upserted under this identifier, of whichever type: whoever was unknown
    /// is known from then on.
    func isAdded(_ value: String) -> Bool {
        Listed.identifierTypes.contains { !store.find(.customers, "\($0):\(value)".utf8).isEmpty }
    }
}
