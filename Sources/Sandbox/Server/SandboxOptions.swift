/// What the stand-in is like: the org's settings, its limits, and the troubles it makes.
package struct SandboxOptions: Sendable {
    /// Where a bill number may be only once.
    package enum Uniqueness: String, Sendable, CaseIterable { case none, org, store, till }

    /// What an answered booking survives.
    package enum Durability: String, Sendable, CaseIterable {
        /// Nothing: state lives in memory only.
        case memory
        /// The death of the process.
        case process
        /// A loss of power.
        case disk
    }

    /// This many requests per credential in any window.
    package struct RateLimit: Sendable, Equatable {
        package enum Window: String, Sendable, CaseIterable {
            /// Counted from each full minute of the clock.
            case fixed
            /// Counted over the minute that ends now.
            case sliding
        }
        package var requests: Int
        package var window: Window
        package var interval: Duration
        /// Whether a 429 says when to come again.
        package var sendsRetryAfter: Bool

        package init(
            requests: Int, window: Window = .sliding, interval: Duration = .seconds(60),
            sendsRetryAfter: Bool = true
        ) {
            self.requests = requests
            self.window = window
            self.interval = interval
            self.sendsRetryAfter = sendsRetryAfter
        }
    }

    /// How 521 comes when one customer is in two requests at once.
    package enum SameCustomer: String, Sendable, CaseIterable { case item, request, never }

    /// Which HTTP status a bulk reply with failed items has; sources disagree.
    package enum BulkStatus: String, Sendable, CaseIterable {
        /// Always 200.
        case plain
        /// 201 when some failed, 500 when all did. Source: "API status codes".
        case byItems = "by-items"
    }

    /// Under which path the queue of rejected transactions stands; sources disagree.
    package enum QueuePath: String, Sendable, CaseIterable {
        /// `/v2/organization/rejectedTransactions`
        case organization
        /// `/v2/rejectedTransactions`
        case root
    }

    /// 0: any free one.
    package var port = 0
    /// Whether `/_sandbox/` is served: its books, faults, a reset. It asks nobody who they are.
    package var controls = false
    /// Where set, every path begins with it: who does not know it gets nothing.
    package var token: String?
    /// The SQLite file; nil: memory only.
    package var statePath: String?
    package var durability = Durability.process
    package var org = "4001"
    package var defaultTill = "till.sandbox.1"

    package var uniqueness = Uniqueness.none
    /// Within this many days of bill dates only; nil: for all time.
    package var uniqueInDays: Int?
    /// Whether the configuration tells about uniqueness at all.
    package var tellsUniqueness = true
    /// Whether not-interested bills take part in the uniqueness check; sources are silent.
    package var uniqueNotInterested = true
    package var returnsUnique = false
    /// Decimal places that amounts are floored to when read back, 0...6.
    package var amountDecimals = 0
    /// Stores the clock time of a date and drops its offset.
    package var ignoresOffsets = false
    /// The cluster's own zone, in minutes east of UTC.
    package var serverZoneMinutes = 0
    /// A return whose original is not known is booked, with warning 625.
    package var allowsReturnWithoutOriginal = false
    /// How far ahead a bill's date may be.
    package var futureLimit = Duration.seconds(86_400)
    /// How far back a bill's date may be; nil: any.
    package var pastLimit: Duration?

    package var requiresAuthentication = false
    /// Client keys and their secrets; empty: any that are not blank.
    package var clients: [String: String] = [:]
    package var tokenLifetime = Duration.seconds(900)
    /// Within this time of the last token a client gets the same one again; nil: always a new one.
    /// Source: API reference, "OAuth" (30 s, off by default).
    package var tokenReuse: Duration?
    package var rate: RateLimit?
    /// Items a bulk request may have; beyond it 1060.
    package var maxBatch = 1000
    /// The code for an oversized batch: 1060, or 672 as older tables have it.
    package var batchTooLargeCode = 1060

    /// Customers exist unless their identifier begins with `unknown` or is here; such a one exists once it
    /// was added.
    package var unknownCustomers: Set<String> = []
    /// Customers are blocked if their identifier begins with `blocked` or is here.
    package var blockedCustomers: Set<String> = []
    /// Bills with an item code that begins with `parked` or is here are parked.
    package var parkedItems: Set<String> = []
    /// Where it is given, bills with any other item code are parked.
    package var knownItems: Set<String>?
    /// A parked bill is answered as if it had been booked.
    package var parksBehindSuccess = false
    /// An unknown attribution code (it begins with `unknown`) means the default till, silently.
    package var fallsBackToDefaultTill = false

    package var sameCustomer = SameCustomer.item
    package var bulkStatus = BulkStatus.plain
    package var queuePath = QueuePath.organization
    /// How long a retrigger is at work before its bills are booked.
    package var retriggerTime: Duration = .milliseconds(150)
    /// The queue's `limit` and `offset` are no parameters.
    package var queueIgnoresOffset = false

    /// What reads show in another form than it was sent in.
    package var rewriting = Rewriting()
    /// A look-up that finds nothing is an error (688) instead of an empty list; sources are silent.
    package var missIsError = false
    /// A v1.1 list of one is an object instead of a list, as some of its calls have it.
    package var loneItemIsObject = false

    /// A store's code may have no hyphen; sources disagree.
    package var refusesHyphens = false
    /// Badges are imported by PUT only, as one row of a page has it.
    package var badgesTakePut = false
    /// Dates of badges that are numbers are milliseconds; sources disagree.
    package var badgesTakeMilliseconds = false
    /// A refused single record has the status that says so, 404 or 409; else 200.
    package var singleStatus = true
    /// A card whose label is as wanted already is an error (3039) instead of a warning.
    package var unchangedLabelIsError = false
    /// Adding a customer who was added before is an error (8006) instead of a change; sources disagree.
    package var knownCustomersAreErrors = false
    /// What the server puts before mobile numbers of ten digits.
    package var countryCode: String?
    /// The row counts of coupon files count their header; sources are silent.
    package var countsHeaderOfFiles = false
    /// Settings are given whole, whatever is requested; sources disagree.
    package var ignoresConfigFilters = false
    /// The newest call that reads stores is there.
    package var hasLocations = true

    /// The offset of a customer's bills by identifier is the number of a page; sources disagree.
    package var offsetsArePages = false
    /// How much of everything is there from the start.
    package var seedData = 0

    package var faults = FaultPlan()

    package init() {}
}
