package import Catalog
package import Mapping
package import Model
package import Records

/// What a job asks for, checked against the endpoint: all an execution needs to know.
package struct Plan: Sendable {
    package var job: String
    /// The job file as it was, frozen with the run.
    package var jobText: String
    package var jobFile: String
    package var endpoint: Endpoint
    package var connection: Connection
    package var inputs: [InputFile]
    /// The rows of the inputs, brought together on disk: then those are read, and no input.
    package var staged: StagedRows?
    package var inputOptions: InputOptions
    package var mapping: MappingSpec?
    package var send: SendSettings
    package var stop: StopSettings
    package var doubt: DoubtSettings
    package var repeats: Repeats?
    package var verifyExisting: VerifyExisting
    package var unchanged: Unchanged
    /// Between which days something was sold, earned or issued.
    package var dates: DayRange
    /// How the input is read and checked.
    package var rules: Ruleset
    /// When to stop, worked out from `stop.until`.
    package var deadline: Timestamp?

    package init(
        job: String, jobText: String, jobFile: String, endpoint: Endpoint, connection: Connection,
        inputs: [InputFile], inputOptions: InputOptions, mapping: MappingSpec?,
        send: SendSettings = .init(),
        stop: StopSettings = .init(), doubt: DoubtSettings = .init(), repeats: Repeats? = nil,
        verifyExisting: VerifyExisting = .sample(100), unchanged: Unchanged = .send,
        dates: DayRange = .usual, rules: Ruleset = .current, deadline: Timestamp? = nil
    ) {
        self.rules = rules
        self.dates = dates
        self.job = job
        self.jobText = jobText
        self.jobFile = jobFile
        self.endpoint = endpoint
        self.connection = connection
        self.inputs = inputs
        self.inputOptions = inputOptions
        self.mapping = mapping
        self.send = send
        self.stop = stop
        self.doubt = doubt
        self.repeats = repeats
        self.verifyExisting = verifyExisting
        self.unchanged = unchanged
        self.deadline = deadline
    }

    /// The connection's, or the call's own where that is slower.
    package var rate: Rate? { Rate.slower(connection.rate, endpoint.limit?.rate) }

    /// Records a request, within what the endpoint takes.
    package var chunkSize: Int { min(max(1, send.chunk ?? endpoint.chunk.normal), endpoint.chunk.most) }

    /// The most requests in flight.
    package var window: Int {
        switch send.inFlight {
        case .auto(let most): max(1, most)
        case .fixed(let number): max(1, number)
        }
    }

    /// How many records may be in hand at once: enough to fill every request although records of one
    /// customer wait for each other, and few enough that memory stays flat.
    package var lookAhead: Int { min(max(2_000, 4 * window * chunkSize), 24_000) }

    /// The headers of a request that carries records: those of the call, then those that the job sets, which
    /// take the place of the call's.
    package func headers(_ attribution: Attribution?) -> [Header] {
        let own = Set(send.headers.map { $0.name.lowercased() })
        return endpoint.headers.filter { !own.contains($0.name.lowercased()) } + send.headers
            + (attribution?.headers ?? [])
    }

    /// What is checked of each item beside its fields.
    package var checks: ItemChecks {
        guard rules >= .strict else { return .none }
        return ItemChecks(
            codes: true, nullWords: inputOptions.nulls == nil, damage: mapping == nil, dates: dates)
    }

    /// The attribution a record travels under, where the job says or maps one.
    package func attribution(mapped: String?) -> Attribution? {
        switch send.attribution {
        case .column(let kind, _, _):
            mapped.map { Attribution(kind: kind, code: $0) } ?? connection.attribution
        case .code(let attribution): attribution
        case nil: connection.attribution
        }
    }
}
