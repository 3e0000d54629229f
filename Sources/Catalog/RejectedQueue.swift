import Model
import Records

/// The server's own queue of rejected transactions.
///
/// Source: core sheet 9, which leaves open where it stands (two paths), and whether it takes `limit`
/// and `offset`: a page that repeats is noticed, and its days are then asked for in halves.
struct RejectedQueue {
    static let paths = ["/v2/organization/rejectedTransactions", "/v2/rejectedTransactions"]
    /// Every state but `SUCCESS`: what is not booked.
    static let states = [
        "OPEN", "PARTIAL_FIXED", "FIXED", "REPLAYED", "MAX_OUT", "PERMANENT_FAILED",
    ]
    private static let pageLimit = 100

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

    private var path: Int = 0
    private var pathIsKnown = false
    private var slices: [Slice]

    static func walk(from: CivilDay, to: CivilDay) -> QueueStep {
        guard from.daysSinceEpoch <= to.daysSinceEpoch else { return .done }
        return RejectedQueue(
            slices: states.reversed().map { Slice(state: $0, from: from, to: to) }
        ).next()
    }

    private init(slices: [Slice]) { self.slices = slices }

    /// Whether an entry is this record.
    ///
    /// An entry by itself does not tell a sale from its returns; the payload it is asked for does. Where
    /// there is none, all of a number are held for parked: a person looks, where a resend might be
    /// booked twice.
    static func matches(_ entry: QueueEntry, _ member: TransactionEvidence) -> Bool {
        guard entry.billNumber == member.billNumber else { return false }
        if let type = entry.type, type != member.type { return false }
        if let theirs = entry.instant, let ours = member.instant, theirs.timestamp != ours.timestamp {
            return false
        }
        if let theirs = entry.amount.flatMap({ DecimalNumber($0) }),
            let ours = DecimalNumber(member.amount), theirs != ours
        {
            return false
        }
        guard member.identifierType == "id", let customer = entry.customer else { return true }
        return customer == member.identifierValue
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
                "isTransactionPayloadRequired": "true", "sortBy": "addedDate",
                "limit": String(RejectedQueue.pageLimit),
                "offset": String(offset),
            ])
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
                        message: "The queue of \(slice.from.iso8601) has pages that cannot be reached.")
                )
            }
            walk.slices.append(contentsOf: halves.reversed())
            return walk.next()
        }
        let total = json.integer(json.member(["pagination", "total"], of: json.root))
        let reached = offset + entries.count
        return .page(entries) { [walk, entries] in
            if let total, reached >= total { return walk.next() }
            return walk.ask(slice, offset: reached, before: entries)
        }
    }
}

extension QueueEntry {
    /// Nil where there is no bill number. Source: core sheet 9.1.
    fileprivate init?(_ json: JSON, _ row: Int, state: String) {
        guard let number = json.scalar(json.member("billNumber", of: row)) else { return nil }
        let errors = json.list(json.member("errors", of: row))
        let first = json.complaints(json.member("errors", of: row)).first
        let value = json.scalar(json.member("value", of: errors.first))
        self.init(
            billNumber: number, customer: json.scalar(json.member("userId", of: row)),
            state: json.scalar(json.member("status", of: row)) ?? state,
            refusal: Refusal(
                .parkedByServer, serverCode: first?.code,
                message: (first?.message ?? "") + (value.map { " (\($0))" } ?? "")))
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
        self.type = type
        instant = json.scalar(json.member("billingDate", of: bill)).flatMap { Instant($0) }
        if instant?.offset == nil { instant = nil }
        amount = json.scalar(json.member("billAmount", of: bill))
    }
}
