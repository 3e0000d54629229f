import NIOHTTP1

/// `PUT /v2/transactions/bulk`: sets fields of bills.
///
/// Source: API reference, "Update Transactions in Bulk". Bills with an id below those that are booked
/// here exist: they are from before, and belong to whomever the update names.
enum TransactionUpdates {
    static let desks = [
        RouteHandler(method: .PUT, path: "/v2/transactions/bulk", kind: .work) {
            service, call, troubles in
            BulkDesk(
                most: service.options.maxBatch,
                judge: { (body, item) throws(Complaint) in try judge(body, item, service) },
                write: write,
                stranger: { #"{"result":{"id":\#(900_000_001 + $0)},"errors":[],"warnings":[]}"# }
            ).answer(service, call, troubles)
        }
    ]

    private static func judge(_ body: Document, _ item: Int, _ service: Service) throws(Complaint)
        -> BulkDesk.Outcome
    {
        let type = body.text("identifierType", of: item) ?? ""
        guard
            ["mobile", "email", "externalId", "id", "cardnumber", "cardExternalId"].contains(type)
        else { throw Complaint(8155, "identifier type bad") }
        let identifier = body.text("identifierValue", of: item) ?? ""
        if let refusal = service.refusal(ofCustomer: identifier) { throw refusal }
        guard let id = body.integer("id", of: item), id > 0 else {
            throw Complaint(607, "transaction id bad or missing")
        }
        if id >= Books.firstID {
            var bill = BillDraft()
            guard service.books.read(id, into: &bill), !bill.kind.isReturn else {
                throw Complaint(667, "transaction id not found")
            }
            let bytes = Array(identifier.utf8)
            let names = Listed.identifierTypes.map { "\($0)" }
            if let type = names.firstIndex(of: type),
                Customers.id(type: type, bytes, bytes.indices) != bill.customer
            {
                throw Complaint(667, "not a bill of this customer")
            }
        }
        var warnings: [Complaint] = []
        for field in body.members(of: body.member("extendedFields", of: item))
        where field.name.hasPrefix("unknown") {
            warnings.append(Complaint(91016, "extended field unknown"))
        }
        _ = service.set(.billChanges, String(id), Array(body.raw(item)))
        return .done(id: id, warnings)
    }

    /// No `entityId` here: the bill's id is in the result.
    private static func write(
        _ body: Document, _ item: Int, _ outcome: BulkDesk.Outcome, _ look: BulkDesk.Look,
        _ out: inout [UInt8]
    ) {
        if case .failed = outcome, look.leavesOutResult { return }
        out.add(#""result":{"#)
        switch look.label {
        case .right: body.echo(["id"], of: item, into: &out)
        case .wrong: out.add(#""id":900000999,"#)
        case .none: break
        }
        body.echo(["identifierType", "identifierValue", "source"], of: item, into: &out)
        if case .done = outcome {
            body.echo(["extendedFields", "customFields", "lineItems"], of: item, into: &out)
        }
        if out.last == UInt8(ascii: ",") { out.removeLast() }
        out.add("},")
    }
}
