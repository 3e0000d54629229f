import Model

/// Finding one bill on the server again.
///
/// A sale: all pages of the read by number, each bill that agrees confirmed in its type by the read by id. A
/// return: the v1.1 read with its type, since the read by number may answer with the sale, each confirmed and
/// compared by the read by id. What agrees so far must then belong to the customer whom the look-up names.
///
/// Source: Transactions, Read bills: by number; Transactions, Read bills: by id; Transactions, Read bills (v1.1).
/// Unconfirmed: whether the read by number knows `limit` and `offset` (pages that repeat are noticed), how a miss
/// looks (no data, or one of three codes), and whether the v1.1 read lists all returns of a number.
struct BillSearch {
    let member: TransactionEvidence
    let org: OrgSettings
    /// The number by which it is requested: the record's own, or a form of it.
    private let asked: String
    /// Ids still to be confirmed by the read by id.
    private var candidates: [String] = []
    private var found: [ServerBill] = []
    /// What may be the record in another form.
    private var alike: [(bill: ServerBill, differences: [Alike.Difference])] = []
    /// Bills of another number: the reply may be about something else.
    private var strangers: [Alike] = []
    private var others: [String] = []
    /// Something is there that could not be compared, or pages are missing.
    private var gap: Refusal?

    /// Codes by which a look-up says that there is nothing. Source: Transactions, Add bills: codes.
    private static let nothing: Set<Int> = [667, 668, 688]
    private static let pageLimit = 100
    /// More bills of one number than this are for a person.
    private static let mostBills = 2000

    static func start(_ member: TransactionEvidence, _ org: OrgSettings) -> SearchStep {
        start(member, org, asked: member.billNumber)
    }

    /// By the forms that a server may have made of the number.
    static func variants(_ member: TransactionEvidence, _ org: OrgSettings) -> [SearchStep] {
        Form.variants(member.billNumber).map { start(member, org, asked: $0) }
    }

    private static func start(_ member: TransactionEvidence, _ org: OrgSettings, asked: String)
        -> SearchStep
    {
        let search = BillSearch(member: member, org: org, asked: asked)
        return member.isReturn ? search.older() : search.page(offset: 0, seen: [])
    }

    private init(member: TransactionEvidence, org: OrgSettings, asked: String) {
        self.member = member
        self.org = org
        self.asked = asked
    }

    /// The fields that a server may show in another form.
    static func fields(_ member: TransactionEvidence) -> [FormField] {
        [
            FormField("bill number", .text, member.billNumber),
            FormField("amount", .amount, member.amount),
        ] + (member.instant.map { [FormField("time", .time, $0.text)] } ?? [])
    }

    // MARK: By number

    private func page(offset: Int, seen: Set<String>) -> SearchStep {
        let target =
            "/v2/transactions/getByBillNumber/" + pathSegment(asked) + "?"
            + query(["limit": String(BillSearch.pageLimit), "offset": String(offset)])
        return .ask(Request(.get, target)) { reply in self.readPage(reply, offset: offset, seen: seen) }
    }

    private func readPage(_ reply: Reply, offset: Int, seen: Set<String>) -> SearchStep {
        guard let json = JSON(reply.body), json.isObject(json.root) else {
            return .unclear(LookReply.unclear(reply))
        }
        let complaints = json.complaints(json.member("errors", of: json.root))
        if !complaints.isEmpty {
            return offset == 0 && saysNothing(reply, complaints)
                ? confirmNext() : .unclear(LookReply.unclear(reply, complaints))
        }
        guard (200..<300).contains(reply.status), let data = json.member("data", of: json.root) else {
            return .unclear(LookReply.unclear(reply))
        }
        var search = self
        var seen = seen
        var fresh = 0
        let rows = json.list(data)
        for row in rows {
            guard let bill = ServerBill(json, row) else {
                search.note(gap: "A bill with that number is not shown.")
                continue
            }
            guard seen.insert(bill.id).inserted else { continue }
            fresh += 1
            switch bill.compared(to: member, org) {
            case .agrees, .alike: search.candidates.append(bill.id)
            case .differs(let what): search.others.append(BillSearch.words(what))
            case .isAnother(let difference):
                search.strangers.append(Alike(ServerID(bill.id), [difference], isAnother: true))
            case .unknown(let what):
                search.note(gap: "A bill with that number has no \(what) in the reply.")
            }
        }
        let total = json.integer(json.member(["pagination", "total"], of: json.root))
        let isLast = total.map { seen.count >= $0 } ?? (rows.count < BillSearch.pageLimit)
        if isLast || rows.isEmpty && total == nil { return search.confirmNext() }
        guard fresh > 0, seen.count < BillSearch.mostBills else {
            search.note(gap: "Not all pages of that number could be read.")
            return search.confirmNext()
        }
        return search.page(offset: offset + rows.count, seen: seen)
    }

    private func saysNothing(_ reply: Reply, _ complaints: [Complaint]) -> Bool {
        reply.status < 500 && ![401, 403, 429].contains(reply.status)
            && complaints.allSatisfy { $0.code.map(BillSearch.nothing.contains) ?? false }
    }

    // MARK: By number and type, v1.1

    private func older() -> SearchStep {
        let target =
            "/v1.1/transaction/get?"
            + query(["format": "json", "number": asked, "type": member.type])
        return .ask(Request(.get, target)) { reply in self.readOlder(reply) }
    }

    private func readOlder(_ reply: Reply) -> SearchStep {
        guard (200..<500).contains(reply.status), let json = JSON(reply.body),
            let response = json.member("response", of: json.root),
            let status = json.member("status", of: response)
        else { return .unclear(LookReply.unclear(reply)) }
        if [401, 403, 429].contains(reply.status) { return .unclear(LookReply.unclear(reply)) }
        let succeeded = json.boolean(json.member("success", of: status)) ?? false
        let code = json.integer(json.member("code", of: status))
        let rows = json.list(json.member(["transactions", "transaction"], of: response))
        var search = self
        var missing = 0
        for row in rows {
            let item = json.member("item_status", of: row)
            if json.boolean(json.member("success", of: item)) == false {
                guard let code = json.integer(json.member("code", of: item)),
                    BillSearch.nothing.contains(code)
                else { return .unclear(olderRefusal(reply, json, item)) }
                missing += 1
                continue
            }
            guard let id = json.scalar(json.member("id", of: row)), (Int(id) ?? 0) > 0 else {
                search.note(gap: "A bill with that number has no id.")
                continue
            }
            if let number = json.scalar(json.member("number", of: row)),
                Form.text(number, member.billNumber) == .different
            {
                let field = FormField("bill number", .text, member.billNumber)
                search.strangers.append(
                    Alike(ServerID(id), [Alike.Difference(field, shown: number)], isAnother: true))
            } else if let type = json.scalar(json.member("type", of: row)),
                type.uppercased() != member.type
            {
                search.noteOtherType()
            } else if !search.candidates.contains(id) {
                search.candidates.append(id)
            }
        }
        let saysNothing =
            rows.isEmpty ? code.map(BillSearch.nothing.contains) ?? false : missing == rows.count
        if !succeeded, !saysNothing { return .unclear(olderRefusal(reply, json, status)) }
        if search.candidates.count > BillSearch.mostBills {
            search.note(gap: "Too many bills with that number.")
        }
        return search.confirmNext()
    }

    private func olderRefusal(_ reply: Reply, _ json: JSON, _ status: Int?) -> Refusal {
        let complaint = Complaint(
            code: json.integer(json.member("code", of: status)),
            message: json.scalar(json.member("message", of: status)) ?? "", field: nil)
        return LookReply.unclear(reply, [complaint])
    }

    // MARK: By id and type

    private func confirmNext() -> SearchStep {
        var search = self
        guard let id = search.candidates.popLast() else { return search.resolveCustomer() }
        let target = "/v2/transactions/" + pathSegment(id) + "?" + query(["type": member.type])
        return .ask(Request(.get, target)) { [search] reply in search.readBill(reply, id) }
    }

    /// A bill agrees, and is not there under the type requested. Bills with returned lines may stand
    /// as mixed, and bills without interest as regular ones (1630): that is no miss.
    private mutating func noteOtherType() {
        if !member.isReturn, member.isMixed || member.type == "NOT_INTERESTED" {
            note(gap: "A matching bill has another type.")
        } else {
            others.append(BillSearch.words(["type"]))
        }
    }

    private func readBill(_ reply: Reply, _ id: String) -> SearchStep {
        guard let json = JSON(reply.body) else { return .unclear(LookReply.unclear(reply)) }
        var search = self
        let complaints = json.complaints(json.member("errors", of: json.root))
        if !complaints.isEmpty {
            guard saysNothing(reply, complaints) else {
                return .unclear(LookReply.unclear(reply, complaints))
            }
            search.noteOtherType()
            return search.confirmNext()
        }
        guard (200..<300).contains(reply.status) else { return .unclear(LookReply.unclear(reply)) }
        let data = json.member("data", of: json.root) ?? json.member("entity", of: json.root)
        guard
            let bill = ServerBill(json, json.root)
                ?? json.list(data).first.flatMap({ ServerBill(json, $0) })
        else {
            // "Nothing is found" under another type than its own. Source: Transactions, Read bills: by id.
            let isEmpty =
                json.isObject(json.root)
                && (json.isEmpty(json.root) || (data != nil && json.isEmpty(data)))
            guard isEmpty else { return .unclear(LookReply.unclear(reply)) }
            search.noteOtherType()
            return search.confirmNext()
        }
        guard bill.id == id else { return .unclear(LookReply.unclear(reply)) }
        switch bill.compared(to: member, org) {
        case .agrees: search.found.append(bill)
        case .alike(let differences): search.alike.append((bill, differences))
        case .differs(let what): search.others.append(BillSearch.words(what))
        // Ids of different types may coincide: the one requested is another bill in this type.
        case .isAnother: search.others.append(BillSearch.words(["bill number"]))
        case .unknown(let what):
            search.note(gap: "A bill with that number has no \(what) in the reply.")
        }
        return search.confirmNext()
    }

    // MARK: The customer

    /// - Parameter before: What a first look-up said, where no bill is that customer's: a reply about somebody
    ///   else would make a miss, so two replies must agree.
    private func resolveCustomer(before: String? = nil) -> SearchStep {
        if found.isEmpty && alike.isEmpty || member.identifierType.isEmpty {
            return finish(customer: nil)
        }
        if member.identifierType == "id" { return finish(customer: member.identifierValue) }
        let account = member.accountID.isEmpty ? "" : "&" + query(["accountId": member.accountID])
        let target =
            "/v2/customers/lookup?"
            + query([
                "source": member.source, "identifierName": member.identifierType,
                "identifierValue": member.identifierValue,
            ]) + account
        return .ask(Request(.get, target)) { reply in
            guard (200..<300).contains(reply.status), let json = JSON(reply.body),
                let customer = json.scalar(json.member("entity", of: json.root)),
                let number = Int(customer), number > 0
            else {
                // Who has bought is known: a customer who cannot be found now is no proof of a miss.
                let complaints = JSON(reply.body).map {
                    $0.complaints($0.member("errors", of: $0.root))
                }
                return .unclear(LookReply.unclear(reply, complaints ?? []))
            }
            if self.belongsToNobodyElse(number) || before == customer {
                return self.finish(customer: customer)
            }
            guard before == nil else {
                return .gap("Two look-ups of the customer found two customers.")
            }
            return self.resolveCustomer(before: customer)
        }
    }

    /// Whether some bill that may be ours is that customer's.
    private func belongsToNobodyElse(_ customer: Int) -> Bool {
        (found + alike.map(\.bill)).contains { bill in
            bill.customer.map { Int($0) == customer } ?? true
        }
    }

    private func finish(customer: String?) -> SearchStep {
        var search = self
        var ids: [ServerID] = []
        var entries = strangers
        /// Nil where that cannot be told.
        func isOf(_ bill: ServerBill) -> Bool? {
            if let customer, let theirs = bill.customer { return Int(theirs) == Int(customer) }
            // Anonymous bills may be kept without their customer.
            return customer == nil || member.type.hasPrefix("NOT_INTERESTED") ? true : nil
        }
        for bill in found {
            switch isOf(bill) {
            case true?: ids.append(ServerID(bill.id))
            case false?: search.others.append(BillSearch.words(["customer"]))
            case nil: search.note(gap: "A bill with that number has no customer in the reply.")
            }
        }
        for (bill, differences) in alike {
            if isOf(bill) == false {
                search.others.append(BillSearch.words(["customer"]))
            } else {
                entries.append(Alike(ServerID(bill.id), differences))
            }
        }
        // A sale is one: whatever else could not be read, it is found. Of returns there may be several.
        if let gap = search.gap, ids.isEmpty || member.isReturn { return .unclear(gap) }
        return .read(ids: ids, others: search.others, alike: entries)
    }

    private mutating func note(gap: String) {
        self.gap = Refusal(.unboundAnswer, message: gap)
    }

    private static func words(_ differences: [String]) -> String {
        "a bill with that number and another " + differences.joined(separator: ", another ")
    }
}
