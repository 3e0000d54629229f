package import Model

/// What settles a record whose answer was lost. A closed set; each endpoint names one.
package enum Recovery: Sendable {
    /// Repeating it changes nothing.
    case resend
    /// Look each record up, compare, accept the found, send the missing again.
    case readBack(ReadBack)
    /// Ask again under the same request id, which the server takes once; where it refuses the repeat, the first
    /// has arrived, and each record is looked up.
    case resendSameRequestID(SameRequest)
    /// Find the server's job by the unique name of its file, and follow it to its end.
    case adoptJob(FileJobs)
    /// Nothing can be known: a person decides.
    case hold
}

/// How an endpoint's records are looked up. Pure: it says which requests to make and reads the
/// replies; the engine sends them.
package struct ReadBack: Sendable {
    /// A search for one record, whose requests and conclusions are steps.
    package typealias Search = @Sendable (_ member: Evidence, _ org: OrgSettings) -> SearchStep

    /// Searches for one record; its hits already agree with the evidence in everything compared.
    package let search: Search
    /// The same by the forms under which a server may have filed the record, asked before it counts as absent.
    /// A hit is an entry in another form, never the record itself.
    package let variants: @Sendable (_ member: Evidence, _ org: OrgSettings) -> [SearchStep]
    /// Walks the server's queue of rejected transactions for a stretch of days, both included.
    package let queue: (@Sendable (_ from: CivilDay, _ to: CivilDay) -> QueueStep)?
    /// Whether an entry of that queue is this record.
    package let isQueued: @Sendable (_ member: Evidence, _ entry: QueueEntry) -> QueueMatch
    /// The fields that a server may show in another form, the key first.
    package let fields: @Sendable (_ member: Evidence) -> [FormField]
    /// Of a bill, sale or return: what look-ups may see or not, whatever the store.
    package let type: @Sendable (_ member: Evidence) -> String
    /// What no server rewrites and tells equal keys apart: a bill's type and store.
    package let place: @Sendable (_ member: Evidence) -> String
    /// Article and section, for a person.
    package let source: String

    init(
        search: @escaping Search,
        variants: @escaping @Sendable (Evidence, OrgSettings) -> [SearchStep] = { _, _ in [] },
        queue: (@Sendable (CivilDay, CivilDay) -> QueueStep)? = nil,
        isQueued: @escaping @Sendable (Evidence, QueueEntry) -> QueueMatch = { _, _ in .other },
        fields: @escaping @Sendable (Evidence) -> [FormField] = {
            [FormField("key", .text, EvidenceFields.text(0, of: $0))]
        },
        place: @escaping @Sendable (Evidence) -> String = { _ in "" },
        type: @escaping @Sendable (Evidence) -> String = { _ in "" },
        source: String
    ) {
        self.search = search
        self.variants = variants
        self.queue = queue
        self.isQueued = isQueued
        self.fields = fields
        self.place = place
        self.type = type
        self.source = source
    }

    /// Equal for all records that a server may show in one and the same form.
    package func form(of member: Evidence) -> String {
        let keys = fields(member).filter { $0.kind == .text }.map { Form.folded($0.sent) }
        return ([place(member).lowercased()] + keys).joined(separator: "\u{0}")
    }
}

extension QueueEntry {
    /// Equal for all forms in which a server may show a bill number.
    package var form: String { QueueEntry.form(of: billNumber) }

    /// Of a bill number as it was sent or is shown.
    package static func form(of billNumber: String) -> String { Form.folded(billNumber) }
}

/// How an entry of the server's queue is to a record.
package enum QueueMatch: Sendable, Equatable {
    case same
    /// It may be the record in another form.
    case alike([Alike.Difference])
    case other
}

/// A call whose requests have ids, each of which the server takes once. Pure, like ``ReadBack``.
package struct SameRequest: Sendable {
    /// What was sent of a record, as its evidence keeps it.
    package let item: @Sendable (_ member: Evidence) -> [UInt8]
    /// What its request was attributed to.
    package let attribution: @Sendable (_ member: Evidence) -> Attribution?
    /// A body with the request's id in it.
    package let stamp: @Sendable (_ body: [UInt8], _ id: String) -> [UInt8]
    /// Whom the first attempt has served.
    package let readBack: ReadBack

    /// The server's code for an id that it knows already.
    ///
    /// Source: Badges, Badge codes.
    package static let usedCode = 809

    /// The same for the same records, on whichever machine they are sent, until a definite failure raises
    /// the generation.
    package static func id(
        org: String, endpoint: String, _ identities: [Identity], generation: Int
    ) -> String {
        var writer = FieldWriter(reusing: [])
        writer.add(org)
        writer.add(endpoint)
        for identity in identities {
            writer.add(word: identity.high)
            writer.add(word: identity.low)
        }
        writer.add(integer: Int64(generation))
        let digest = writer.identity
        func hex(_ word: UInt64) -> String {
            let text = String(word, radix: 16)
            return String(repeating: "0", count: 16 - text.count) + text
        }
        return "sluice-" + hex(digest.high) + hex(digest.low)
    }
}

extension Recovery {
    /// How records are looked up, where they are.
    package var readBack: ReadBack? {
        switch self {
        case .readBack(let readBack): readBack
        case .resendSameRequestID(let same): same.readBack
        case .resend, .adoptJob, .hold: nil
        }
    }

    /// How a request is sent again under its id, where it has one.
    package var sameRequest: SameRequest? {
        if case .resendSameRequestID(let same) = self { same } else { nil }
    }
}

extension Endpoint {
    /// What is accepted may still stand in the server's own queue of rejected ones.
    package var hasQueue: Bool {
        recovery.readBack?.queue != nil
    }
}

/// A search on its way: the next request and how to read its reply, or the result.
package indirect enum SearchStep: Sendable {
    case ask(Request, then: @Sendable (Reply) -> SearchStep)
    /// All pages read. The ids that agree with the evidence, and in words what else was found
    /// under that key. No ids: a miss.
    case done(ids: [ServerID], others: [String])
    /// The same, with entries that may be the record in another form: no miss as long as one of them is no
    /// other record's.
    case alike(ids: [ServerID], others: [String], entries: [Alike])
    /// A reply that says nothing either way: never a miss.
    case unclear(Refusal)
}

/// A walk through the queue, page by page.
package indirect enum QueueStep: Sendable {
    case ask(Request, then: @Sendable (Reply) -> QueueStep)
    case page([QueueEntry], next: @Sendable () -> QueueStep)
    case done
    /// The queue cannot be read: off for the org, or an error.
    case unclear(Refusal)
}

/// A bill in the server's queue of rejected transactions.
package struct QueueEntry: Sendable, Equatable {
    /// As the server shows it.
    package var billNumber: String
    /// The server's number of the customer.
    package var customer: String?
    /// `OPEN`, `PARTIAL_FIXED` and so on.
    package var state: String
    /// Of its first error.
    package var refusal: Refusal
    /// Everything that keeps it from being booked.
    package var errors: [Cause] = []
    /// When it was put there, as the server writes it.
    package var added: String?
    /// Replays that did not get it through.
    package var retries: Int?
    /// The bill as it was sent, where it was requested.
    package var payload: [UInt8]?
    /// What the parked bill itself says, where the server shows it: its type, time and amount.
    var type: String?
    var instant: Instant?
    var amount: String?
    /// Whom the parked bill names, as it was sent.
    var identifierType: String?
    var identifierValue: String?
    /// The store or till that the parked bill itself names.
    var placeCode: String?

    /// One error of a bill.
    package struct Cause: Sendable, Equatable {
        /// The server's code.
        package var code: Int?
        /// The server's own words.
        package var message: String
        /// The item code, the payment mode.
        package var value: String?
        /// It no longer holds.
        package var isFixed: Bool
    }

    package init(billNumber: String, customer: String?, state: String, refusal: Refusal) {
        self.billNumber = billNumber
        self.customer = customer
        self.state = state
        self.refusal = refusal
    }
}
