/// One thing that goes wrong on the way to the server or after it.
struct Wrong: Sendable, CustomStringConvertible {
    let name: String
    /// As the sandbox takes them.
    let faults: [String]
    /// The statuses the first run may end with.
    let first: Set<Int32>
    /// The status once it is over and the run was continued with.
    let last: Int32
    /// Items that the API refuses for what they are.
    let bad: Set<Int>
    /// Items that are refused by chance.
    let refused: Int
    /// Items that end in the server's own queue.
    let parked: Int
    /// The only endpoint that can meet it; nil: every one can.
    let only: String?
    /// Of the connection.
    let connection: String

    var description: String { name }

    /// It refuses a request for being one of several: alone, a record is refused itself.
    var isOfBatch: Bool {
        faults.contains { fault in
            ["batch-too-large", "bad-request:count", "bare-400:count", "forbidden-field"].contains {
                fault.hasPrefix($0)
            }
        }
    }

    /// It breaks every call that does something, for as long as it is on.
    var isForGood: Bool { faults.contains { $0.hasPrefix("error-") && !$0.contains("count=") } }

    /// An answer is lost: then it matters whether the server is known to refuse repeats.
    var isLost: Bool {
        faults.contains { $0.hasPrefix("cut") || $0.hasPrefix("hang") || $0.hasPrefix("late") }
    }

    init(
        _ name: String, _ faults: String..., first: Set<Int32> = [0], last: Int32 = 0,
        bad: Set<Int> = [], refused: Int = 0, parked: Int = 0, only: String? = nil,
        connection: String = "rate: none, timeout: 10s"
    ) {
        self.name = name
        self.faults = faults
        self.first = first
        self.last = last
        self.bad = bad
        self.refused = refused
        self.parked = parked
        self.only = only
        self.connection = connection
    }

    private static let hasty = "rate: none, timeout: 1s, connect_timeout: 1s"

    /// What may go wrong between the socket and the server's books.
    static let connections: [Wrong] = [
        Wrong("cut while the request is sent", "cut-request:count=3:on=add"),
        Wrong("reset while the request is sent", "cut-request:count=3:on=add:rst"),
        Wrong("cut before the work", "cut-before:count=3:on=add"),
        Wrong("reset before the work", "cut-before:count=3:on=add:rst"),
        Wrong("cut after the work", "cut-after:count=3:on=add"),
        Wrong("reset after the work", "cut-after:count=3:on=add:rst"),
        Wrong("cut after the work on a used connection", "cut-after:count=2:on=add:reused"),
        Wrong("cut in the middle of the answer", "cut-answer:count=3:on=add"),
        Wrong("cut, and the work is done later", "late:count=3:on=add:100ms-200ms"),
        Wrong(
            "no answer, nothing done", "hang-before:count=2:on=add", first: [0, 4], connection: hasty),
        Wrong("no answer after the work", "hang-after:count=2:on=add", connection: hasty),
        Wrong("an answer that never ends", "endless:count=1:on=add", connection: hasty),
        Wrong("an answer that trickles", "trickle:50ms:count=1:on=add", connection: hasty),
        Wrong("a huge answer", "huge:size=70000000:count=1:on=add", connection: hasty),
    ]

    static let statuses: [Wrong] =
        zip([500, 502, 503, 504, 520, 521], ["empty", "html", "half", "json", "html", "empty"])
        .flatMap { status, body in
            [
                Wrong(
                    "\(status), nothing done",
                    "error-before:status=\(status):body=\(body):count=2:on=add"),
                Wrong(
                    "\(status) after the work",
                    "error-after:status=\(status):body=\(body):count=2:on=add"),
            ]
        } + [
            Wrong(
                "504 for a while, all of it done", "error-after:status=504:on=add", first: [0, 4, 5]),
            Wrong("504 for a while, nothing done", "error-before:status=504:on=add", first: [4, 5]),
            Wrong("503 with code 4001", "unavailable:count=2:on=add"),
            Wrong("429 without Retry-After", "throttle:retry=none:count=1:on=add"),
            Wrong("429 with Retry-After", "throttle:retry=1:count=2:on=add"),
            Wrong("429 with a date", "throttle:retry=date:count=2:on=add"),
            Wrong("429 with an absurd time", "throttle:retry=absurd:count=1:on=add"),
            Wrong("429 that asks for an hour", "throttle:retry=3600:count=1:on=add", first: [5]),
            Wrong("401 once", "unauthorized:count=1:on=add"),
            Wrong("401 for good", "unauthorized:on=add", first: [8]),
            Wrong("403 for everything", "forbidden:on=add", first: [8]),
            Wrong("403 for a field, once", "forbidden-field:count=1:on=add"),
            Wrong("404 for everything", "not-found:on=add", first: [3]),
            Wrong("a maintenance page, twice", "maintenance:count=2:on=add", first: [0, 5]),
            Wrong("a maintenance page for good", "maintenance:on=add", first: [5]),
            Wrong("400 with nothing in it", "bare-400:count=1:body=empty:on=add"),
            Wrong("400 with an empty object", "bare-400:count=1:body=json:on=add"),
            Wrong(
                "400 for requests that hold a bad record", "bare-400:bad:on=add", first: [1], last: 1,
                bad: [3, 17, 18]),
            Wrong(
                "400 after the work", "error-after:status=400:body=empty:count=1:on=add", first: [0, 1]),
            Wrong("400 with errors, once", "bad-request:count=1:on=add"),
            Wrong("1060: too many", "batch-too-large:count=2:on=add"),
            Wrong("413 and 1060", "batch-too-large:status=413:count=2:on=add"),
            // Once: calls that do not know the code send single records, and refused again, one alone is refused.
            Wrong("672: too many", "batch-too-large:code=672:count=1:on=add"),
            Wrong(
                "672: too many, twice", "batch-too-large:code=672:count=2:on=add",
                only: "transactions.add"),
            Wrong(
                "672 in its other meaning", "size-code:every=20", first: [1], last: 1, refused: 3,
                only: "transactions.add"),
            Wrong(
                "672 in its other meaning, for all", "size-code", first: [1], last: 1, refused: 60,
                only: "transactions.add"),
            Wrong("521 for a request", "busy:count=2:on=add"),
            Wrong("521 for items", "busy-item:5%:count=4"),
        ]

    static let replies: [Wrong] = [
        Wrong("fewer items than sent", "short:count=3"),
        Wrong("more items than sent", "extra:count=3"),
        Wrong("items in another order", "shuffled:50%"),
        Wrong("items without a key", "unlabelled:count=3"),
        Wrong(
            "items without a key, among refused ones", "unlabelled:count=3", first: [1], last: 1,
            bad: [3, 17, 18]),
        Wrong("an item without a key, every time", "unlabelled", first: [0, 4], last: 0),
        Wrong("items with another's key", "wrong-key:count=3"),
        Wrong("half a JSON, as if whole", "cut-json:count=3:on=add"),
        Wrong("200 with nothing in it", "empty-reply:count=3:on=add"),
        Wrong("an id of null", "failed-id:id=null", first: [1], last: 1, bad: [3, 17, 18]),
        Wrong("an id of 0", "failed-id:id=0", first: [1], last: 1, bad: [3, 17, 18]),
        Wrong("an id of -1", "failed-id:id=-1", first: [1], last: 1, bad: [3, 17, 18]),
        Wrong("no id", "failed-id:id=absent", first: [1], last: 1, bad: [3, 17, 18]),
        Wrong("no result", "no-result", first: [1], last: 1, bad: [3, 17, 18]),
        Wrong("errors under an item with an id", "id-with-errors:5%"),
    ]

    /// A lost answer, and what is in the way of finding out.
    static let looks: [Wrong] = [
        Wrong("looks lag behind", "lag:1s", "cut-after:count=2:on=add"),
        Wrong("looks find others of that number", "ghosts", "cut-after:count=2:on=add"),
        Wrong("looks find others, and it is missing", "ghosts", "cut-before:count=2:on=add"),
        Wrong(
            "looks have a second page", "small-pages", "ghosts", "cut-after:count=2:on=add",
            first: [0, 4]),
        Wrong("looks are limited to a till", "looks-till", "cut-after:count=2:on=add", first: [0, 4]),
        Wrong(
            "looks see no returns", "looks-no-returns", "cut-after:count=4:on=add", first: [0, 4],
            only: "transactions.add"),
        Wrong(
            "the token expires between a request and its look", "cut-after:count=2:on=add",
            "expire:on=look:count=1",
            connection: "rate: none, timeout: 10s, auth: { oauth: { key_file: key, secret_file: key } }"
        ),
        Wrong("looks fail for a while", "error-before:on=look:count=3", "cut-after:count=2:on=add"),
        Wrong("looks are lost for a while", "cut-after:on=look:count=3", "cut-before:count=2:on=add"),
        Wrong(
            "the queue fails for a while", "error-before:on=queue:count=2", "cut-before:count=1:on=add"),
        Wrong(
            "parked behind apparent success", "park-behind:5%:count=2", first: [1], last: 1, parked: 2,
            only: "transactions.add"),
        Wrong("the org does not answer", "error-before:on=organization", first: [5]),
        Wrong(
            "everything at once", "cut-after:10%:on=add", "error-after:10%:on=add", "short:10%",
            "error-before:10%:on=look", "latency:5ms-30ms", "busy-item:3%", "unlabelled:10%",
            first: [0, 1, 4, 5]),
    ]

    static let all = connections + statuses + replies + looks
}
