package import Model
package import Records

/// What sluice knows of one API call: where it is, what it takes, how its reply is read, and what a
/// lost answer means. A plain value; every function in it is pure.
///
/// A built-in one is `extension Endpoint { static let transactionsAdd = … }` in a file of its own,
/// in this order: descriptor, fields, keys, reply, recovery. ``all`` lists them.
package struct Endpoint: Sendable {
    /// How many records travel together.
    package struct Chunk: Sendable, Equatable {
        /// Where the job does not say.
        package var normal: Int
        /// What the API takes at most, 1 or more.
        package var most: Int
        /// Bytes of body.
        package var bodyLimit: Int
        /// Bytes that a reply may have beside its frame and what it echoes, for each record: a few times what
        /// warnings, errors and side effects need.
        package var replyPerRecord = 16 << 10

        /// The longest reply that is read, by the number of records sent: it may echo the body with all its
        /// fields spelt out.
        package func replyLimit(records: Int, body: Int) -> Int {
            (256 << 10) + 4 * body + replyPerRecord * records
        }

        package init(normal: Int, most: Int, bodyLimit: Int) {
            self.normal = normal
            self.most = most
            self.bodyLimit = bodyLimit
        }
    }

    /// As a job names it: `transactions.add`.
    package let name: String
    /// One sentence for a person.
    package let summary: String
    /// Of the call; look-ups have their own.
    package let method: Request.Method
    /// With the names of parameters in braces, and without query, until ``bound(to:)`` fills them in: then
    /// what is sent.
    package internal(set) var path: String
    /// Of the connection's two.
    package let host: Request.Host
    /// A repeat does the work again (true), or sets the same values once more (false).
    package let adds: Bool
    /// Records and bytes of a request.
    package let chunk: Chunk
    /// Of an item, in the order they are shown.
    package let fields: [Field]
    /// What the list of fields does not say.
    package let rules: [ItemRule]
    /// Checks one mapped item against the fields and rules, and derives its keys.
    package internal(set) var prepare: @Sendable (_ item: Item, _ into: inout PreparedItem) -> Void
    /// The body of a request that carries these items, each the text of a JSON object.
    package internal(set) var body: @Sendable (_ items: [ArraySlice<UInt8>]) -> [UInt8]
    /// What a reply means for the request and for each of its members.
    package let read: @Sendable (_ reply: Reply, _ members: [Evidence]) -> Verdict
    /// What is sent with each request beside what it is attributed to.
    package internal(set) var headers: [Header] = []
    /// What the API allows of this call; nil where no page gives a number.
    package internal(set) var limit: CallLimit?
    /// What a job may add to them.
    package internal(set) var offeredHeaders: [OfferedHeader] = []
    /// When what a record tells about happened; nil where it does not say.
    package internal(set) var happened: @Sendable (_ member: Evidence) -> Timestamp? = { _ in nil }
    /// What the job says of how to go about it, and nothing is sent of.
    package internal(set) var settings: [String: String] = [:]
    /// What is asked again before each attempt; nil where nothing is.
    package var preparation: Preparation?
    /// What follows from the job's parameters for its checks and its body.
    var adapt: (@Sendable (inout Endpoint) -> Void)?
    /// What settles a record whose answer was lost.
    package let recovery: Recovery
    /// What a 400 without items says of the work.
    package internal(set) var badRequest: BadRequest
    /// Whether the server is known to refuse a second one of this record.
    package let refusesRepeat: @Sendable (_ member: Evidence, _ org: OrgSettings) -> Bool
    /// What a repeat within one input means for a record, where the job does not say.
    package let repeats: @Sendable (_ member: Evidence) -> Repeats?
    /// The key a person knows the record by, as `explain` takes it: a bill number.
    package let key: @Sendable (_ member: Evidence) -> String
    /// The kind within the endpoint, for choosing a control: records of one kind are seen by the same
    /// looks.
    package let kind: @Sendable (_ member: Evidence) -> String
    /// Every reason for which a record may not be accepted.
    package let reasons: [Reason]
    /// The server's own codes by what they mean here, in the order of its table.
    package let serverCodes: [Reason: [Int]]
    /// Where these facts are from.
    package let source: String
    /// What the job gives to the call as a whole; ``bound(to:)`` fills it in.
    package let parameters: [Parameter]

    init(
        name: String, summary: String, method: Request.Method, path: String, host: Request.Host,
        adds: Bool, chunk: Chunk, parameters: [Parameter], fields: [Field], rules: [ItemRule],
        prepare: @escaping @Sendable (Item, inout PreparedItem) -> Void,
        body: @escaping @Sendable ([ArraySlice<UInt8>]) -> [UInt8],
        read: @escaping @Sendable (Reply, [Evidence]) -> Verdict, recovery: Recovery,
        refusesRepeat: @escaping @Sendable (Evidence, OrgSettings) -> Bool,
        repeats: @escaping @Sendable (Evidence) -> Repeats?,
        key: @escaping @Sendable (Evidence) -> String,
        kind: @escaping @Sendable (Evidence) -> String, reasons: [Reason],
        codes: CodeTable, source: String
    ) {
        self.name = name
        self.summary = summary
        self.method = method
        self.path = path
        self.host = host
        self.adds = adds
        self.chunk = chunk
        self.parameters = parameters
        self.fields = fields
        self.rules = rules
        self.prepare = prepare
        self.body = body
        self.read = read
        self.recovery = recovery
        self.refusesRepeat = refusesRepeat
        self.repeats = repeats
        self.key = key
        self.kind = kind
        self.reasons = reasons
        serverCodes = codes.codesByReason
        self.source = source
        badRequest = .known(path)
        limit = CallLimit.published(method, path)
    }
}

extension Endpoint {
    /// What tells a record that was refused before it was sent when it comes again: a digest of its kind, the
    /// key that a person knows it by, and its attribution. Nil where several that are all real may share those.
    package func label(_ evidence: Evidence, _ attribution: Attribution?, _ repeats: Repeats?)
        -> UInt64?
    {
        guard !evidence.bytes.isEmpty, !adds || (repeats ?? self.repeats(evidence)) == .never else {
            return nil
        }
        let key = key(evidence)
        return key.isEmpty ? nil : Label.digest([kind(evidence), key, attribution?.code ?? ""])
    }
}

/// A field of an item, for its checks and for `sluice endpoints NAME`.
package struct Field: Sendable, Equatable {
    /// What a value may be.
    package enum Kind: Sendable, Equatable {
        /// At most this many characters, where there is a limit.
        case text(most: Int?)
        /// Written exactly so, case included.
        case oneOf([String])
        case integer(ClosedRange<Int>?)
        /// A JSON number, or the text of one.
        case number(atLeast: Int?)
        case boolean
        /// ISO 8601 with an offset.
        case instant
        case object([Field])
        /// An object whose members the org defines.
        case open
        indirect case list(Kind)
    }
    /// Whether it has to be there.
    package enum Presence: Sendable, Equatable {
        case required, optional
        /// Required under a condition, said in words; checked by the endpoint's own rules.
        case when(String)
    }

    /// Where it travels.
    package enum Place: Sendable, Equatable {
        case body
        /// Is in the path as `{name}`.
        case path
        /// Under that name in the query.
        case query(String)
    }

    /// As JSON has it, case included.
    package let name: String
    /// What its value may be.
    package let kind: Kind
    /// Whether it has to be there.
    package let presence: Presence
    /// Where it travels.
    package internal(set) var place = Place.body
    /// An empty text is taken for nothing, whatever the kind.
    package let mayBeEmpty: Bool
    /// For a person; may be empty.
    package let note: String
    /// What its value is for.
    package internal(set) var role: Role
    /// It was a text once: ledgers hold the digest of its text, so a number has that one as well.
    var isDigestedAsText = false

    package init(
        _ name: String, _ kind: Kind, _ presence: Presence = .optional, mayBeEmpty: Bool = false,
        _ note: String = ""
    ) {
        self.mayBeEmpty = mayBeEmpty
        self.name = name
        self.kind = kind
        self.presence = presence
        self.note = note
        role = Role(of: name, kind)
    }

    /// The same, in the path instead of the body.
    var inPath: Field {
        var field = self
        field.place = .path
        return field
    }

    /// The same where a job says so; else it is in the query.
    package func placed(inPath: Bool) -> Field { inPath ? self.inPath : inQuery() }

    /// The same, a number with the digest of its text.
    var onceText: Field {
        var field = self
        field.isDigestedAsText = true
        return field
    }

    /// The same, in the query instead of the body.
    func inQuery(_ name: String? = nil) -> Field {
        var field = self
        field.place = .query(name ?? self.name)
        return field
    }
}

/// One mapped item on its way into an endpoint's checks: the text of a JSON object and its tape.
package struct Item: Sendable {
    /// The object is at `range` in it.
    package let bytes: [UInt8]
    /// Of the object in ``bytes``.
    package let range: Range<Int>
    /// Of the object, which is its first node.
    package let tape: JSONTape
    /// What the request will be attributed to: nil where the credentials' own till is meant.
    package let attribution: Attribution?
    /// Beside fields and rules.
    package let checks: ItemChecks

    package init(
        bytes: [UInt8], range: Range<Int>, tape: JSONTape, attribution: Attribution?,
        checks: ItemChecks = .usual
    ) {
        self.checks = checks
        self.bytes = bytes
        self.range = range
        self.tape = tape
        self.attribution = attribution
    }
}

/// What the checks make of an item. Reused from item to item.
package struct PreparedItem: Sendable {
    /// Empty when the item is fit to be sent.
    package var problems: [Refusal] = []
    /// For telling repeats, within the scope.
    package var identity = Identity(high: 0, low: 0)
    /// Digest of the compared fields in canonical form.
    package var content: UInt64 = 0
    /// What a reply echoes. Two equal ones never travel in one request.
    package var binding: UInt64 = 0
    /// What all records of a request share.
    package var group: UInt64 = 0
    /// Records that share one of these are never in flight together and go in input order.
    package var orderKeys: [UInt64] = []
    /// What a look-up compares, the key that a person knows first.
    package var evidence = Evidence()

    /// Buffers kept from item to item.
    var slots: [Int32] = []
    var identityText: [UInt8] = []

    /// Whoever takes the keys and the evidence copies them: then their buffers are used again. Else they are given
    /// away with each record, and emptying a shared array would make one of its capacity, and a little more
    /// each time.
    package var keepsBuffers = false

    package init() {}

    /// The evidence's buffer, to be filled again.
    mutating func takeEvidence() -> [UInt8] {
        let bytes = evidence.bytes
        evidence = Evidence()
        return bytes
    }

    /// Empties it for the next item; buffers are kept.
    package mutating func reset() {
        problems.removeAll(keepingCapacity: true)
        identity = Identity(high: 0, low: 0)
        content = 0
        binding = 0
        group = 0
        if keepsBuffers {
            orderKeys.removeAll(keepingCapacity: true)
            evidence.removeAll()
        } else {
            orderKeys = []
            evidence = Evidence()
        }
    }
}
