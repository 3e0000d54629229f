/// How the records of a job travel.
package struct SendSettings: Sendable, Equatable {
    /// How many requests are out at once.
    package enum InFlight: Sendable, Equatable {
        /// Found out while running, between 1 and the bound.
        case auto(most: Int)
        case fixed(Int)
    }
    /// Where the attribution of a record comes from.
    package enum AttributionSource: Sendable, Equatable {
        case code(Attribution)
        /// The column or top-level member that holds the code, and the code of records where it is empty;
        /// without one those are invalid.
        case column(Attribution.Kind, name: String, default: String? = nil)
    }

    /// Records a request; the endpoint's default when nil.
    package var chunk: Int?
    /// How many requests are out at once.
    package var inFlight: InFlight
    /// The connection's when nil.
    package var rate: Rate?
    /// The connection's when nil.
    package var attribution: AttributionSource?
    /// Sent with each request that carries records.
    package var headers: [Header]

    package init(
        chunk: Int? = nil, inFlight: InFlight = .auto(most: 32), rate: Rate? = nil,
        attribution: AttributionSource? = nil, headers: [Header] = []
    ) {
        self.headers = headers
        self.chunk = chunk
        self.inFlight = inFlight
        self.rate = rate
        self.attribution = attribution
    }
}

/// When a run stops before the end of its input.
package struct StopSettings: Sendable, Equatable {
    /// How many bad records are too many.
    package enum Threshold: Sendable, Equatable {
        /// Share of rejected and invalid among the judged, 0...1, once this many are judged.
        case share(Double, after: Int)
        case count(Int)
    }
    /// A time of day, in the machine's zone.
    package struct TimeOfDay: Sendable, Equatable {
        /// 0...23.
        package var hour: Int
        /// 0...59.
        package var minute: Int
        package init(hour: Int, minute: Int) {
            self.hour = hour
            self.minute = minute
        }
    }

    /// Nil: no number of bad records stops the run.
    package var errors: Threshold?
    /// The next such time after the start.
    package var until: TimeOfDay?

    package init(errors: Threshold? = nil, until: TimeOfDay? = nil) {
        self.errors = errors
        self.until = until
    }
}

/// What to do about a lost answer.
package struct DoubtSettings: Sendable, Equatable {
    /// Whether a record that is proved absent is sent again. The raw values are those of the job key.
    package enum Resend: String, Sendable { case evidence, never }
    /// The server applies a request within this time of its end, or not at all.
    package var wait: Duration
    /// `evidence` unless the job says `never`.
    package var resend: Resend

    package init(wait: Duration = .seconds(300), resend: Resend = .evidence) {
        self.wait = wait
        self.resend = resend
    }
}

/// What the same identity with equal content twice in one input means.
package enum Repeats: String, Sendable, CaseIterable {
    /// A slip of the input: sent once.
    case never
    /// Both are real: the occurrence belongs to the identity.
    case count
}

/// What becomes of a record that sets values, where the last that was accepted set the same ones.
package enum Unchanged: String, Sendable, CaseIterable {
    case send, skip
}

/// How many of the records that the server has already are looked up and compared.
package enum VerifyExisting: Sendable, Equatable {
    case sample(Int), all, none
}
