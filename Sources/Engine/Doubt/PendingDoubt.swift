import Catalog
import Ledger
import Model

/// A record in doubt, and how far settling it has come.
struct PendingDoubt: Sendable {
    var doubt: Doubt
    /// Where ``DoubtSettings/wait`` counts from. Of a doubt that an earlier process left, when this one
    /// took it up: between two processes no clock can be trusted to have continued steadily.
    var waitsFrom: Timestamp
    /// How often a reply did not say which item was its own.
    var unbound: Int
    /// Where its request can be asked again: it was, and look-ups tell the rest.
    var isAsked = false
    /// Look-ups that said nothing either way, in a row.
    var unclear = 0
    /// Those that showed what may be the record in another form, once the server had had its time.
    var forms = 0
    /// How often the look-up did not find a record that is known to be there.
    var blind = 0
    /// Nothing more can be found out by itself; the words say why.
    var givenUp: String?
    /// A later `resume` may find out more, with no person deciding.
    var mayPass = false

    init(_ doubt: Doubt, waitsFrom: Timestamp? = nil, unbound: Int = 0) {
        self.doubt = doubt
        self.waitsFrom = waitsFrom ?? doubt.since
        self.unbound = unbound
    }

    var isGivenUp: Bool { givenUp != nil }

    /// The server answered, and refused the request as a whole.
    var isRefused: Bool { doubt.refusal != nil }

    /// When to look next.
    ///
    /// The first look-up comes soon, for a record that is there is proof at any time; those that count
    /// as misses come once the server has had its time, and two have to agree.
    ///
    /// - Parameter wait: How long the server may take to apply a request.
    func next(wait: Duration) -> Timestamp {
        if unclear > 0, let looked = doubt.looked {
            return looked + RetryPolicy.pause(afterUnclear: unclear)
        }
        guard let looked = doubt.looked else { return waitsFrom + min(wait / 10, .seconds(5)) }
        let due = waitsFrom + wait
        if doubt.misses == 0 { return max(due, looked) }
        return looked + Self.pause(wait)
    }

    /// Between two look-ups that have to agree.
    static func pause(_ wait: Duration) -> Duration {
        max(.milliseconds(100), min(wait / 20, .seconds(10)))
    }
}

/// A record known to be accepted: a look-up that misses it proves nothing.
struct Control: Sendable {
    var evidence: Evidence
    var id: ServerID
    /// When its attempt left.
    var sent: Timestamp
    /// Nil where nobody has told which record it is.
    var record: RecordPlace?
}

/// A record that the server says it has already, to be compared with the server's copy.
struct Existing: Sendable {
    var record: Int64
    var evidence: Evidence
    var unclear = 0
}
