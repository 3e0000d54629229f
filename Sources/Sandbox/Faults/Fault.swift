/// One kind of trouble, and when it comes.
///
/// Written `KIND[:PART]…`, the parts in any order, for example `late:2%:3s`:
///
/// | part | meaning |
/// |---|---|
/// | `0.05` or `5%` | the chance that a request meets it; always where nothing is said |
/// | `every=7` | each seventh request it could meet |
/// | `at=3` | the third request it could meet, and no other |
/// | `3s`, `200ms`, `1s-5s` | how long: the delay, the lag, the pause between bytes |
/// | `count=2` | no more than twice |
/// | `from=10s`, `for=60s` | only then, counted from the start of the plan |
/// | `on=add` | only calls of that group, or under that path: see ``Target`` |
/// | `reused` | only on a connection that has carried a request before |
/// | `bad` | only a request that holds a value which begins with `unknown` or `blocked`, or a long number with `404` |
/// | `rst` | a connection is cut by a reset instead of an orderly end |
/// | `before` | a latency that comes before the work instead of after it |
/// | `status=502` | which status, else one by chance |
/// | `body=html` | `empty`, `html`, `half` or `json`, else one by chance |
/// | `retry=5` | `Retry-After`: seconds, `date`, `absurd`, or `none` |
/// | `id=null` | the id of failed items: `null`, `0`, `-1`, `absent`, else one by chance |
/// | `size=1000000` | bytes of a huge answer, or entries of a page |
/// | `code=672` | the code that a batch is too large by, else 1060 |
/// | `form=upper` | what of a value is rewritten: see ``Rewriting/Form`` |
package struct Fault: Sendable, Equatable {
    package enum Chance: Sendable, Equatable {
        case probability(Double)
        case every(Int)
        case at(Int)
    }

    /// The calls a fault may meet.
    package enum Target: Sendable, Equatable {
        case all, add, look, queue, customer, token, organization
        /// Everything but the token call.
        case api
        /// The path begins so.
        case path(String)

        static let named: [(String, Target)] = [
            ("all", .all), ("api", .api), ("add", .add), ("look", .look), ("queue", .queue),
            ("customer", .customer), ("token", .token), ("organization", .organization),
        ]
    }

    package enum GatewayBody: String, Sendable, CaseIterable { case empty, html, half, json }
    package enum RetryAfter: Sendable, Equatable { case none, seconds(Int), date, absurd }
    package enum FailedID: String, Sendable, CaseIterable {
        case null, zero = "0", minusOne = "-1", absent
    }

    package var kind: Kind
    package var chance = Chance.probability(1)
    package var target: Target
    /// Nil: no limit.
    package var count: Int?
    package var from = Duration.zero
    package var lasting: Duration?
    package var delay: ClosedRange<Duration>?
    package var reusedOnly = false
    /// Only requests that hold a bad record: see ``Call/holdsBad``.
    package var badOnly = false
    package var resets = false
    package var beforeWork = false
    package var status: Int?
    package var body: GatewayBody?
    package var retryAfter: RetryAfter?
    package var failedID: FailedID?
    package var size: Int?
    package var code: Int?
    package var form: Rewriting.Form?

    package init(_ kind: Kind) {
        self.kind = kind
        target = kind.target
    }
}

extension Fault {
    package enum Kind: String, Sendable, CaseIterable {
        case latency, throttle
        case cutRequest = "cut-request"
        case cutBefore = "cut-before"
        case cutAfter = "cut-after"
        case cutAnswer = "cut-answer"
        case late
        case hangBefore = "hang-before"
        case hangAfter = "hang-after"
        case errorBefore = "error-before"
        case errorAfter = "error-after"
        case unavailable, unauthorized, expire, forbidden
        case forbiddenField = "forbidden-field"
        case notFound = "not-found"
        case maintenance
        case badRequest = "bad-request"
        case bare400 = "bare-400"
        case batchTooLarge = "batch-too-large"
        case short, extra, shuffled, unlabelled
        case wrongKey = "wrong-key"
        case cutJSON = "cut-json"
        case failedID = "failed-id"
        case noResult = "no-result"
        case idWithErrors = "id-with-errors"
        case emptyReply = "empty-reply"
        case trickle, huge, endless
        case lag
        case looksTill = "looks-till"
        case looksNoReturns = "looks-no-returns"
        case smallPages = "small-pages"
        case shift
        case ghosts
        case rewrite
        case staleLook = "stale-look"
        case parkBehind = "park-behind"
        case busy
        case busyItem = "busy-item"
        case sizeCode = "size-code"

        /// One line for a person.
        package var summary: String {
            switch self {
            case .latency: "replies late; with `before`, works late too"
            case .throttle: "429, nothing done; `retry=` says what Retry-After is"
            case .cutRequest: "cuts the connection before the body is read"
            case .cutBefore: "cuts the connection, nothing done"
            case .cutAfter: "does the work and cuts the connection"
            case .cutAnswer: "does the work and cuts the connection in the middle of the answer"
            case .late: "cuts the connection and does the work later"
            case .hangBefore: "never answers, nothing done"
            case .hangAfter: "does the work and never answers"
            case .errorBefore: "500, 502, 503, 504, 520 or 521, nothing done"
            case .errorAfter: "does the work and answers 500, 502, 503, 504, 520 or 521"
            case .unavailable: "503 with code 4001, nothing done"
            case .unauthorized: "401, nothing done"
            case .expire: "all tokens issued so far become invalid"
            case .forbidden: "403 with code 4000, nothing done"
            case .forbiddenField: "403 that names a field, nothing done"
            case .notFound: "404, nothing done"
            case .maintenance: "a page of HTML with status 200, nothing done"
            case .badRequest: "400 with an error in the envelope, nothing done; `body=empty`: none"
            case .bare400: "400 with `{}` or nothing, nothing done; `bad`: for a bad record"
            case .batchTooLarge: "refuses the batch as too large (1060, or `code=`), nothing done"
            case .short: "leaves items out of the reply"
            case .extra: "adds items to the reply"
            case .shuffled: "answers in another order"
            case .unlabelled: "leaves the bill number out of items"
            case .wrongKey: "names another bill number in an item"
            case .cutJSON: "ends the reply in the middle, as if whole"
            case .failedID: "failed items have an id of null, 0, -1 or none"
            case .noResult: "failed items have no result"
            case .idWithErrors: "a booked item has an id and errors"
            case .emptyReply: "200 with an empty body, after the work"
            case .trickle: "sends the answer one byte at a time"
            case .huge: "sends an answer of many megabytes"
            case .endless: "sends an answer that never ends"
            case .lag: "look-ups do not see bills younger than this"
            case .looksTill: "look-ups see only the bills of the caller's till"
            case .looksNoReturns: "look-ups see no returns"
            case .smallPages: "look-ups return at most `size=` bills per page (else 1)"
            case .shift: "a listing gets one more item with every page read"
            case .ghosts: "look-ups also find other bills with that number"
            case .rewrite: "look-ups show `form=` of a value instead of what was sent (else upper)"
            case .staleLook: "a look-up gets the reply to the one before it"
            case .parkBehind: "parks a bill and answers as if it were booked"
            case .busy: "521 for the request, nothing done"
            case .busyItem: "521 for an item, nothing done for it"
            case .sizeCode: "672 for an item: its size code is invalid, not the batch too large"
            }
        }

        /// The calls it meets where nothing is said.
        var target: Target {
            switch self {
            case .latency, .throttle: .all
            case .expire, .unauthorized, .unavailable, .forbidden, .notFound, .maintenance: .api
            case .lag, .looksTill, .looksNoReturns, .smallPages, .shift, .ghosts, .rewrite, .staleLook:
                .look
            case .short, .extra, .shuffled, .unlabelled, .wrongKey, .failedID, .noResult,
                .idWithErrors, .parkBehind, .busyItem, .sizeCode, .batchTooLarge, .forbiddenField,
                .badRequest, .bare400,
                .busy:
                .add
            default: .api
            }
        }

        /// Whether its chance is thrown once an item instead of once a request.
        var isByItem: Bool {
            [.parkBehind, .busyItem, .sizeCode, .idWithErrors].contains(self)
        }
    }
}
