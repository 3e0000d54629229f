package import Model
import Records

/// The server's own queue of rejected transactions.
///
/// Source: Rejected queue, Paths; Rejected queue, List entries. Two paths are known. Whether it takes `limit` and
/// `offset` is not: a page that repeats is noticed, and its days are then requested in halves.
package struct RejectedQueue {
    static let paths = ["/v2/organization/rejectedTransactions", "/v2/rejectedTransactions"]
    /// Every state but ``booked``: what is not booked.
    package static let states = [
        "OPEN", "PARTIAL_FIXED", "FIXED", "REPLAYED", "MAX_OUT", "PERMANENT_FAILED",
    ]
    /// The state of a bill that went through after all.
    package static let booked = "SUCCESS"
    /// The states in which a retrigger does something.
    package static let replayable = ["OPEN", "PARTIAL_FIXED", "FIXED"]
    private static let pageLimit = 100

    /// What of the queue is expected. What the server may not filter by is filtered here as well.
    package struct Filter: Sendable, Equatable {
        /// Both days included.
        package var from: CivilDay
        package var to: CivilDay
        /// Of ``RejectedQueue/states``; empty: any.
        package var states: [String]
        /// Of any of its errors; nil: any.
        package var errorCode: Int?
        /// What the error complains about: an item code, a payment mode.
        package var errorValue: String?
        /// The server's number of the customer.
        package var customer: String?
        /// As they are written; nil: all.
        package var billNumbers: Set<String>?
        /// Bills as they were sent are requested, too.
        package var wantsPayload = true

        package init(from: CivilDay, to: CivilDay, states: [String] = RejectedQueue.states) {
            self.from = from
            self.to = to
            self.states = states
        }

        func takes(_ entry: QueueEntry) -> Bool {
            if let errorCode, !entry.errors.contains(where: { $0.code == errorCode }) { return false }
            if let errorValue, !entry.errors.contains(where: { $0.value == errorValue }) {
                return false
            }
            if let customer, entry.customer != customer { return false }
            return billNumbers?.contains(entry.billNumber) ?? true
        }

        /// Beside state, days and page.
        ///
        /// Source: Rejected queue, List entries. `transactionNumber` is typed as an integer, though bill numbers are
        /// text, so it is not requested.
        var query: String {
            var query = ""
            if let errorCode { query += "&errorCode=\(errorCode)" }
            if let errorValue { query += "&errorValue=" + percentEncoded(errorValue) }
            if let customer { query += "&userId=" + percentEncoded(customer) }
            if wantsPayload { query += "&isTransactionPayloadRequired=true" }
            return query
        }
    }

    private struct Slice {
        var state: String
        var from: CivilDay
        var to: CivilDay

        /// Nil for a single day.
        var halves: [Slice]? {
            let first = from.daysSinceEpoch
            let last = to.daysSinceEpoch
            guard first < last else { return nil }
            let middle = (first + last).flooringDivided(by: 2)
            return [
                Slice(state: state, from: from, to: CivilDay(daysSinceEpoch: middle)),
                Slice(state: state, from: CivilDay(daysSinceEpoch: middle + 1), to: to),
            ]
        }
    }

    private let filter: Filter
    private var path: Int = 0
    private var pathIsKnown = false
    private var slices: [Slice]

    static func walk(from: CivilDay, to: CivilDay) -> QueueStep {
        walk(Filter(from: from, to: to))
    }

    /// Every entry that the filter takes, page by page.
    package static func walk(_ filter: Filter) -> QueueStep {
        guard filter.from.daysSinceEpoch <= filter.to.daysSinceEpoch else { return .done }
        return RejectedQueue(filter).next()
    }

    private init(_ filter: Filter) {
        self.filter = filter
        slices = filter.states.reversed().map { Slice(state: $0, from: filter.from, to: filter.to) }
    }

    /// Whether an entry is this record, by everything that both tell.
    ///
    /// An entry by itself tells number and customer; the payload it is requested tells the rest. Where there
    /// is none, all of a number are held for parked: a person looks, where a resend might be booked twice.
    static func matches(_ entry: QueueEntry, _ member: TransactionEvidence) -> QueueMatch {
        var comparison = FormComparison()
        comparison.compareText("bill number", sent: member.billNumber, shown: entry.billNumber)
        if let type = entry.type, type != member.type { comparison.differs("type") }
        if let theirs = entry.instant, let ours = member.instant {
            let field = FormField("time", .time, ours.text)
            let isSame = theirs.timestamp == ours.timestamp
            let match = isSame ? .equal : Form.time(theirs, ours, OrgSettings(ignoresOffsets: false))
            // A payload has the time as it was sent: nothing of the same second is another time.
            comparison.note(match == .equal && !isSame ? .alike : match, field, shown: theirs.text)
        }
        if let theirs = entry.amount, let match = Form.number(theirs, member.amount) {
            comparison.note(match, FormField("amount", .amount, member.amount), shown: theirs)
        }
        if member.identifierType == "id", let customer = entry.customer,
            Int(customer) != Int(member.identifierValue)
        {
            comparison.differs("customer")
        }
        if let type = entry.identifierType, let value = entry.identifierValue {
            if type != member.identifierType {
                comparison.differs("identifier type")
            } else {
                comparison.compareText("customer", sent: member.identifierValue, shown: value)
            }
        }
        if let code = entry.placeCode, !member.attributionCode.isEmpty,
            code.lowercased() != member.attributionCode.lowercased()
        {
            comparison.differs("store")
        }
        guard comparison.differing.isEmpty else { return .other }
        return comparison.alike.isEmpty ? .same : .alike(comparison.alike)
    }

    private func next() -> QueueStep {
        var rest = self
        guard let slice = rest.slices.popLast() else { return .done }
        return rest.ask(slice, offset: 0, before: [])
    }

    private func ask(_ slice: Slice, offset: Int, before: [QueueEntry]) -> QueueStep {
        let target =
            RejectedQueue.paths[path] + "?"
            + query([
                "status": slice.state, "startDate": slice.from.iso8601, "endDate": slice.to.iso8601,
                "sortBy": "addedDate", "limit": String(RejectedQueue.pageLimit),
                "offset": String(offset),
            ]) + filter.query
        return .ask(Request(.get, target)) { reply in
            self.read(reply, slice, offset: offset, before: before)
        }
    }

    private func read(_ reply: Reply, _ slice: Slice, offset: Int, before: [QueueEntry]) -> QueueStep {
        var walk = self
        if reply.status == 404, !pathIsKnown {
            guard path + 1 < RejectedQueue.paths.count else {
                return .unclear(LookReply.unclear(reply))
            }
            walk.path += 1
            return walk.ask(slice, offset: offset, before: before)
        }
        guard (200..<300).contains(reply.status), let json = JSON(reply.body),
            let data = json.member("data", of: json.root)
        else { return .unclear(LookReply.unclear(reply)) }
        let complaints = json.complaints(json.member("errors", of: json.root))
        guard complaints.isEmpty else { return .unclear(LookReply.unclear(reply, complaints)) }
        walk.pathIsKnown = true
        var entries: [QueueEntry] = []
        for row in json.list(data) {
            guard let entry = QueueEntry(json, row, state: slice.state) else {
                return .unclear(
                    Refusal(.unboundAnswer, message: "An entry of the queue has no bill number."))
            }
            entries.append(entry)
        }
        if entries.isEmpty { return walk.next() }
        if offset > 0, entries == before {
            guard let halves = slice.halves else {
                return .unclear(
                    Refusal(
                        .unboundAnswer,
                        message: "The queue of \(slice.from.iso8601) has pages that cannot be read.")
                )
            }
            walk.slices.append(contentsOf: halves.reversed())
            return walk.next()
        }
        let total = json.integer(json.member(["pagination", "total"], of: json.root))
        let reached = offset + entries.count
        return .page(entries.filter(filter.takes)) { [walk, entries] in
            if let total, reached >= total { return walk.next() }
            return walk.ask(slice, offset: reached, before: entries)
        }
    }
}

extension QueueEntry {
    /// Nil where there is no bill number. Source: Rejected queue, List entries.
    fileprivate init?(_ json: JSON, _ row: Int, state: String) {
        guard let number = json.scalar(json.member("billNumber", of: row)) else { return nil }
        let errors = json.list(json.member("errors", of: row))
        let first = json.complaints(json.member("errors", of: row)).first
        let value = json.scalar(json.member("value", of: errors.first))
        let words: String = (first?.message ?? "") + (value.map { " (\($0))" } ?? "")
        self.init(
            billNumber: number, customer: json.scalar(json.member("userId", of: row)),
            state: json.scalar(json.member("status", of: row)) ?? state,
            refusal: Refusal(.parkedByServer, serverCode: first?.code, message: words))
        self.errors = errors.map { error in
            QueueEntry.Cause(
                code: json.integer(json.member("code", of: error)),
                message: json.scalar(json.member("message", of: error)) ?? "",
                value: json.scalar(json.member("value", of: error)),
                isFixed: json.boolean(json.member("status", of: error)) ?? false)
        }
        added = json.scalar(json.member("eventDate", of: row))
        retries = json.integer(json.member("retryCount", of: row))
        readPayload(json, row)
    }

    /// The payload is an object, or a text that is one, under a name that no source gives: it is known
    /// by its own bill number.
    private mutating func readPayload(_ json: JSON, _ row: Int) {
        for member in json.tape.members(of: row) {
            switch json.kind(member.value) {
            case .object: take(json, member.value)
            case .string:
                let text = json.tape.text(of: member.value, in: json.bytes)
                guard text.hasPrefix("{") || text.hasPrefix("["), let inner = JSON(Array(text.utf8)),
                    let bill = inner.list(inner.root).first, inner.list(inner.root).count == 1
                else { continue }
                take(inner, bill)
            default: continue
            }
        }
    }

    private mutating func take(_ json: JSON, _ bill: Int) {
        guard json.scalar(json.member("billNumber", of: bill)) == billNumber,
            let type = json.scalar(json.member("type", of: bill))
        else { return }
        payload = Array(json.bytes[json.tape.fullRange(of: bill)])
        self.type = type
        instant = json.scalar(json.member("billingDate", of: bill)).flatMap { Instant($0) }
        if instant?.offset == nil { instant = nil }
        amount = json.scalar(json.member("billAmount", of: bill))
        identifierType = json.scalar(json.member("identifierType", of: bill))
        identifierValue = json.scalar(json.member("identifierValue", of: bill))
        let creator = json.member(["attribution", "createdBy"], of: bill)
        if ["STORE", "TILL"].contains(json.scalar(json.member("type", of: creator))) {
            placeCode = json.scalar(json.member("code", of: creator))
        }
    }
}
