package import Model

/// What one API call is, as data: the same for the calls of the catalog and for those that a job describes.
///
/// A spec is written in the order of the members below. ``Endpoint/init(_:)`` makes it ready to work with. Where the
/// API is odd, a member has a case called `code`, or ``code`` has what no member can say.
package struct EndpointSpec: Sendable {
    // MARK: Call

    /// As a job names it: `transactions.add`.
    package var name: String
    /// One sentence for a person.
    package var summary: String
    /// Of the call; look-ups have their own.
    package var method: Request.Method
    /// Without host and query; names of parameters and of fields with ``Field/Place/path`` in braces.
    package var path: String
    /// Of the connection's two.
    package var host: Request.Host
    /// A record of it with its article, for messages: `A store`.
    package var what: String
    /// A repeat does the work again (true), or sets the same values once more (false).
    package var adds: Bool
    /// Records and bytes of a request.
    package var chunk: Endpoint.Chunk
    /// Sent with each request.
    package var headers: [Header]
    /// What a job may add to them.
    package var offeredHeaders: [OfferedHeader]
    /// What a job gives to the call as a whole.
    package var parameters: [Parameter]

    // MARK: Records

    /// At most 64, of different names.
    package var fields: [Field]
    /// What the list of fields cannot say, checked in this order after the fields.
    package var rules: [ItemRule]
    /// What tells records apart.
    package var keys: Keys
    /// What a request is made of its items.
    package var body: BodyForm

    // MARK: Replies

    /// Where things stand in a reply.
    package var reply: ReplyForm
    /// What the codes of items mean.
    package var codes: CodeTable
    /// What a 400 for a whole request says of the work; nil: what is known of the path.
    package var badRequest: BadRequest?

    // MARK: Trouble

    /// What settles a record whose answer was lost.
    package var recovery: RecoveryForm
    /// The server is known to refuse a second one of a record.
    package var refusesRepeat: Bool
    /// What a repeat within one input means, where the job does not say; nil: the job has to.
    package var repeats: Repeats?
    /// What is asked again before each attempt.
    package var preparation: Preparation?
    /// What the API allows of this call; nil: what is published for its method and path.
    package var limit: CallLimit?

    // MARK: Source

    /// The pages of the API, then `Facts:` with sections of the articles, then what is unconfirmed.
    package var source: String
    /// What no member above can say; empty for most calls.
    package var code: Code

    package init(
        _ name: String, _ summary: String, _ method: Request.Method, _ path: String,
        host: Request.Host = .api, what: String = "A record", adds: Bool,
        chunk: Endpoint.Chunk = .one, headers: [Header] = [], offeredHeaders: [OfferedHeader] = [],
        parameters: [Parameter] = [], fields: [Field], rules: [ItemRule] = [], keys: Keys,
        body: BodyForm = .single, reply: ReplyForm, codes: CodeTable, badRequest: BadRequest? = nil,
        recovery: RecoveryForm, refusesRepeat: Bool = false, repeats: Repeats? = .never,
        preparation: Preparation? = nil, limit: CallLimit? = nil, source: String, code: Code = Code()
    ) {
        self.name = name
        self.summary = summary
        self.method = method
        self.path = path
        self.host = host
        self.what = what
        self.adds = adds
        self.chunk = chunk
        self.headers = headers
        self.offeredHeaders = offeredHeaders
        self.parameters = parameters
        self.fields = fields
        self.rules = rules
        self.keys = keys
        self.body = body
        self.reply = reply
        self.codes = codes
        self.badRequest = badRequest
        self.recovery = recovery
        self.refusesRepeat = refusesRepeat
        self.repeats = repeats
        self.preparation = preparation
        self.limit = limit
        self.source = source
        self.code = code
    }

    /// How lost answers are settled.
    package enum RecoveryForm: Sendable {
        /// Repeating it changes nothing, or the server refuses the repeat.
        case resend
        /// A person decides.
        case hold
        /// Looked up by its key.
        case look(Look)
        case code(Recovery)
    }

    /// What an odd call needs beside its spec. Nil: what follows from the spec.
    package struct Code: Sendable {
        /// Checks an item and derives its keys, in place of ``EndpointSpec/rules`` and ``EndpointSpec/keys``.
        package var prepare: (@Sendable (Item, inout PreparedItem) -> Void)?
        /// In place of ``EndpointSpec/refusesRepeat``, where it depends on the record or the org.
        package var refusesRepeat: (@Sendable (_ member: Evidence, _ org: OrgSettings) -> Bool)?
        /// In place of ``EndpointSpec/repeats``, where it depends on the record.
        package var repeats: (@Sendable (_ member: Evidence) -> Repeats?)?
        /// The key a person knows a record by; else the first text of its evidence.
        package var key: (@Sendable (_ member: Evidence) -> String)?
        /// Records of one kind are seen by the same looks; else all are of one.
        package var kind: (@Sendable (_ member: Evidence) -> String)?
        /// When what a record tells about happened.
        package var happened: (@Sendable (_ member: Evidence) -> Timestamp?)?
        /// What follows from the job's parameters.
        package var adapt: (@Sendable (inout Endpoint) -> Void)?
        /// In place of those that fields, codes and replies lead to.
        package var reasons: [Reason]?

        package init(
            prepare: (@Sendable (Item, inout PreparedItem) -> Void)? = nil,
            refusesRepeat: (@Sendable (Evidence, OrgSettings) -> Bool)? = nil,
            repeats: (@Sendable (Evidence) -> Repeats?)? = nil,
            key: (@Sendable (Evidence) -> String)? = nil,
            kind: (@Sendable (Evidence) -> String)? = nil,
            happened: (@Sendable (Evidence) -> Timestamp?)? = nil,
            adapt: (@Sendable (inout Endpoint) -> Void)? = nil, reasons: [Reason]? = nil
        ) {
            self.prepare = prepare
            self.refusesRepeat = refusesRepeat
            self.repeats = repeats
            self.key = key
            self.kind = kind
            self.happened = happened
            self.adapt = adapt
            self.reasons = reasons
        }

        /// All records of the call are of this kind: what ledgers know them by where it is not the call's name.
        package static func kind(_ word: String) -> Code { Code(kind: { _ in word }) }
    }
}
