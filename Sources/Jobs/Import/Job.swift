package import Catalog
package import Mapping
package import Model
package import Records

/// A job file, checked: what to read, how to map it, which endpoint to call, where, within which limits.
package struct Job: Sendable {
    /// As in `job:`: up to 64 letters, digits, `-`, `_`, `.`.
    package var name: String
    /// Built in, or described by the job.
    package var endpoint: Endpoint
    /// Of the connections file, or `sandbox`.
    package var connection: String
    /// Paths, globs or `-`, as they are written.
    package var patterns: [String]
    /// How the files are read.
    package var input: InputOptions
    /// Lines that stand in other files than their records.
    package var join: JoinSpec?
    /// Nil: the rows are the items.
    package var mapping: MappingSpec?
    /// How the records travel.
    package var send: SendSettings
    /// When a run stops before the end of its input.
    package var stop: StopSettings
    /// What to do about a lost answer.
    package var doubt: DoubtSettings
    /// Nil: the endpoint's own rule.
    package var repeats: Repeats?
    /// How many records that exist already are compared.
    package var verifyExisting: VerifyExisting
    /// Of endpoints that set values.
    package var unchanged: Unchanged
    /// Between which days something was sold, earned or issued.
    package var dates = DayRange.usual
    /// How its input is read and checked.
    package var rules = Ruleset.current
    /// `resume: auto`: a run first continues with what is unfinished, then begins.
    package var resumesByItself = false

    /// Reads a job file.
    ///
    /// - Parameters:
    ///   - file: Its name, for messages.
    ///   - endpoints: The calls that a job may name.
    ///   - rules: Those of the run whose job it was; a new one has the current ones.
    /// - Throws: ``JobError`` for the first thing in it that is wrong.
    package static func parse(
        yaml: String, file: String, endpoints: [Endpoint] = Endpoint.all, rules: Ruleset = .current
    ) throws(JobError) -> Job {
        let root = try YAMLNode.document(yaml, file: file)
        let keys = try root.members([
            "job", "endpoint", "connection", "input", "record", "send", "stop", "doubt", "repeats",
            "verify_existing", "unchanged", "parameters", "resume", "dates",
        ])
        let name = try keys.required("job")
        let endpoint = try bind(
            try endpoint(try keys.required("endpoint"), endpoints), keys["parameters"],
            else: try keys.required("endpoint"))
        let connection = try keys.required("connection").string()
        let (patterns, input, join) = try self.input(try keys.required("input"))
        var job = Job(
            name: try self.name(name), endpoint: endpoint, connection: connection, patterns: patterns,
            input: input, join: join, mapping: nil, send: SendSettings(), stop: StopSettings(),
            doubt: DoubtSettings(), repeats: nil, verifyExisting: .sample(100), unchanged: .send,
            rules: rules)
        if let record = keys["record"] {
            job.mapping = try JobRecord.parse(record, endpoint: endpoint, rules: rules)
        }
        try takeNulls(&job, try keys.required("input"))
        job.input.rules = rules
        if let dates = keys["dates"] { job.dates = try JobDates.parse(dates) }
        if join != nil { try bringTogether(&job, keys["record"], else: try keys.required("input")) }
        if let send = keys["send"] { job.send = try self.send(send, endpoint) }
        if let stop = keys["stop"] { job.stop = try self.stop(stop) }
        if let doubt = keys["doubt"] { job.doubt = try self.doubt(doubt) }
        if let repeats = keys["repeats"] {
            job.repeats = try repeats.choice(Repeats.allCases.map { ($0.rawValue, $0) })
        }
        if let verify = keys["verify_existing"] { job.verifyExisting = try verifyExisting(verify) }
        if let resume = keys["resume"] {
            job.resumesByItself = try resume.choice([("auto", true), ("ask", false)])
        }
        if let unchanged = keys["unchanged"] {
            job.unchanged = try unchanged.choice(Unchanged.allCases.map { ($0.rawValue, $0) })
            guard !endpoint.adds else {
                throw unchanged.error(
                    "`unchanged` is for endpoints that set values; what \(endpoint.name) imported is never sent again"
                )
            }
        }
        return job
    }

    /// It names folders and locks, so not every character will do.
    static func name(_ node: YAMLNode) throws(JobError) -> String {
        let name = try node.string()
        let isPlain = name.utf8.allSatisfy {
            switch $0 {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"),
                UInt8(ascii: "."):
                true
            default: false
            }
        }
        guard isPlain, name.utf8.count <= 64, name.first != ".", name.first != "-" else {
            throw node.error("expected a name of up to 64 letters, digits, “-”, “_” and “.”.")
        }
        return name
    }

    private static func endpoint(_ node: YAMLNode, _ endpoints: [Endpoint]) throws(JobError) -> Endpoint
    {
        if node.isMapping { return try JobEndpoint.parse(node, builtIn: endpoints) }
        let name = try node.string()
        if let endpoint = endpoints.first(where: { $0.name == name }) { return endpoint }
        throw node.error(
            "there is no endpoint “\(name)”. `sluice endpoints` lists them.",
            suggestion: Endpoint.suggestion(for: name))
    }

    /// The call with what the job gives to it as a whole.
    private static func bind(
        _ endpoint: Endpoint, _ node: YAMLNode?, else place: YAMLNode
    ) throws(JobError) -> Endpoint {
        var values: [String: String] = [:]
        var nodes: [String: YAMLNode] = [:]
        if let node {
            for (key, value) in try node.members() {
                let name = try key.string()
                values[name] = try value.string()
                nodes[name] = value
            }
        }
        do throws(ParameterError) {
            return try endpoint.bound(to: values)
        } catch {
            guard let at = nodes[error.name] else {
                throw (node ?? place).error(
                    "parameters.\(error.name): \(error.message)", suggestion: error.suggestion)
            }
            throw at.error(error.message, suggestion: error.suggestion)
        }
    }

    private static func input(
        _ node: YAMLNode
    ) throws(JobError) -> (patterns: [String], options: InputOptions, join: JoinSpec?) {
        let keys = try node.members([
            "files", "format", "compression", "delimiter", "encoding", "header", "field_limit", "join",
            "empty_files", "null", "quote", "escape", "skip", "footer", "comment", "path",
            "sheet",
            "command", "environment",
        ])
        var options = InputOptions()
        options.command = try JobInput.command(keys)
        let patterns = options.command == nil ? try keys.required("files").strings() : []
        if let format = keys["format"] {
            options.format = try format.choice(InputOptions.Format.allCases.map { ($0.rawValue, $0) })
        }
        if let compression = keys["compression"] {
            options.compression = try compression.choice(
                InputOptions.Compression.allCases.map { ($0.rawValue, $0) })
        }
        if let encoding = keys["encoding"] {
            options.encoding = try encoding.choice(
                InputOptions.Encoding.allCases.map { ($0.rawValue, $0) })
        }
        if let delimiter = keys["delimiter"] { try self.delimiter(delimiter, &options) }
        if let header = keys["header"] { options.header = try self.header(header) }
        if let limit = keys["field_limit"] { options.fieldLimit = try limit.size() }
        if let empty = keys["empty_files"] {
            options.emptyFiles = try empty.choice(
                InputOptions.EmptyFiles.allCases.map { ($0.rawValue, $0) })
        }
        if let nulls = keys["null"] { options.nulls = try self.nulls(nulls) }
        try JobInput.take(keys, &options)
        guard let node = keys["join"] else { return (patterns, options, nil) }
        if options.command != nil {
            throw node.error("`join` reads files: it cannot be used with `command`.")
        }
        if patterns.contains("-") {
            throw try keys.required("files").error("standard input cannot be used with `join`.")
        }
        if let format = keys["format"], format.text != "csv" {
            throw format.error("`join` needs CSV files.")
        }
        return (patterns, options, try join(node))
    }

    /// Texts that mean null: a list for all columns, or a list for each column that has them.
    private static func nulls(_ node: YAMLNode) throws(JobError) -> NullWords {
        guard node.isMapping else { return NullWords(everywhere: try words(node)) }
        var nulls = NullWords()
        for member in try node.members() {
            let name = try member.key.string()
            if name == "*" {
                nulls.everywhere = try words(member.value)
            } else {
                nulls.columns[name] = try words(member.value)
            }
        }
        return nulls
    }

    /// Texts as they are written, `NULL` and `null` without quotes too.
    private static func words(_ node: YAMLNode) throws(JobError) -> [String] {
        var words: [String] = []
        for element in node.elements ?? [node] {
            guard let text = element.written, !text.isEmpty else {
                throw element.error(
                    "expected a string such as \"NULL\". Empty cells need not be listed.")
            }
            words.append(text)
        }
        return words
    }

    /// Which texts mean null is a matter of the mapping.
    private static func takeNulls(_ job: inout Job, _ input: YAMLNode) throws(JobError) {
        guard let nulls = job.input.nulls else { return }
        if job.mapping == nil, nulls != NullWords() {
            throw (try input.members().first { $0.key.written == "null" }?.value ?? input).error(
                "`null` needs a `record`: without one the rows are sent as they are.")
        }
        job.mapping?.nulls = nulls
    }

    private static func join(_ node: YAMLNode) throws(JobError) -> JoinSpec {
        let keys = try node.members(["lines", "on"])
        let on = try keys.required("on")
        var join = JoinSpec(lines: try keys.required("lines").strings(), on: [])
        if on.isMapping {
            for member in try on.members() {
                join.on.append(
                    JoinSpec.Key(head: try member.key.string(), line: try member.value.string()))
            }
        } else {
            join.on = try on.strings().map { JoinSpec.Key(head: $0, line: $0) }
        }
        if join.on.isEmpty { throw on.error("expected a column that both files have.") }
        if join.lines.contains("-") { throw node.error("standard input cannot be used with `join`.") }
        return join
    }

    /// The rows of a record stand together in the joined file, and say which they are.
    private static func bringTogether(
        _ job: inout Job, _ record: YAMLNode?, else place: YAMLNode
    ) throws(JobError) {
        guard let record else {
            throw place.error("`join` needs a `record`, which says where the columns go.")
        }
        if job.mapping?.group.isEmpty == false {
            throw (try record.members().first { $0.key.text == "group" }?.value ?? record).error(
                "it cannot be used with `input.join`, whose `on` says which rows are one record.")
        }
        job.mapping?.group = [JoinSpec.record]
        job.mapping?.trouble = JoinSpec.trouble
    }

    /// How the rows of a run's files are read.
    package var rows: InputOptions { join == nil ? input : input.ofJoined }

    private static func delimiter(
        _ node: YAMLNode, _ options: inout InputOptions
    ) throws(JobError) {
        let words: [String: UInt8] = [
            "comma": UInt8(ascii: ","), "semicolon": UInt8(ascii: ";"), "tab": UInt8(ascii: "\t"),
            "pipe": UInt8(ascii: "|"), "\\t": UInt8(ascii: "\t"),
        ]
        let text = node.text ?? ""
        let bytes = words[text].map { [$0] } ?? Array(text.utf8)
        guard let first = bytes.first, bytes.count <= 16,
            !bytes.contains(where: { [0, 0x0A, 0x0D, 0x22].contains($0) })
        else {
            throw node.error("expected up to 16 characters, or comma, semicolon, tab or pipe.")
        }
        if bytes.count == 1, first < 0x80 {
            options.delimiter = first
        } else {
            options.separator = bytes
        }
    }

    private static func header(_ node: YAMLNode) throws(JobError) -> InputOptions.Header {
        switch node.text {
        case "true": return .firstRow
        case "false": return .none
        default:
            guard node.elements != nil else {
                throw node.error("expected true, false or a list of names.")
            }
            let names = try node.strings()
            guard Set(names).count == names.count else { throw node.error("a name is listed twice.") }
            return .names(names)
        }
    }

    private static func send(_ node: YAMLNode, _ endpoint: Endpoint) throws(JobError) -> SendSettings {
        let keys = try node.members(["chunk", "in_flight", "rate", "attribution", "headers"])
        var send = SendSettings()
        if let headers = keys["headers"] { send.headers = try JobHeaders.parse(headers) }
        if let chunk = keys["chunk"] {
            send.chunk = try chunk.integer(1...max(1, endpoint.chunk.most))
        }
        if let inFlight = keys["in_flight"], inFlight.text != "auto" {
            guard let number = Int(inFlight.text ?? ""), (1...1024).contains(number) else {
                throw inFlight.error("expected auto, or a whole number from 1 to 1024.")
            }
            send.inFlight = .fixed(number)
        }
        if let rate = keys["rate"] {
            guard rate.text != "none" else {
                throw rate.error("`none` belongs in the connection, not in a job.")
            }
            send.rate = try rate.rate()
        }
        if let attribution = keys["attribution"] {
            let keys = try attribution.members(["type", "code", "from", "default"])
            let kind = try Connections.attributionKind(try keys.required("type"))
            switch (keys["code"], keys["from"]) {
            case (let code?, nil):
                send.attribution = .code(Attribution(kind: kind, code: try code.string()))
            case (nil, let from?):
                send.attribution = .column(
                    kind, name: try from.string(), default: try keys["default"]?.string())
            default: throw attribution.error("expected either `code` or `from` (a column).")
            }
            if keys["from"] == nil, let usual = keys["default"] {
                throw usual.error(
                    "`default` needs `from`: it is the code for rows with an empty column.")
            }
        }
        return send
    }

    private static func stop(_ node: YAMLNode) throws(JobError) -> StopSettings {
        let keys = try node.members(["errors", "until"])
        var stop = StopSettings()
        if let errors = keys["errors"] {
            if errors.isMapping {
                let keys = try errors.members(["share", "after"])
                stop.errors = .share(
                    try keys.required("share").share(),
                    after: try keys["after"]?.integer(1...Int.max) ?? 1000)
            } else if let share = Quantity.share(errors.text ?? "") {
                stop.errors = .share(share, after: 1000)
            } else {
                guard let count = Int(errors.text ?? ""), count > 0 else {
                    throw errors.error("expected a count, or `{ share: 5%, after: 1000 }`.")
                }
                stop.errors = .count(count)
            }
        }
        if let until = keys["until"] {
            guard let time = Quantity.timeOfDay(until.text ?? "") else {
                throw until.error("expected a time of day such as \"06:00\".")
            }
            stop.until = time
        }
        return stop
    }

    private static func doubt(_ node: YAMLNode) throws(JobError) -> DoubtSettings {
        let keys = try node.members(["wait", "resend"])
        var doubt = DoubtSettings()
        if let wait = keys["wait"] { doubt.wait = try wait.duration() }
        if let resend = keys["resend"] {
            doubt.resend = try resend.choice([
                ("evidence", DoubtSettings.Resend.evidence), ("never", DoubtSettings.Resend.never),
            ])
        }
        return doubt
    }

    private static func verifyExisting(_ node: YAMLNode) throws(JobError) -> VerifyExisting {
        switch node.text {
        case "all": return .all
        case "none": return .none
        default:
            guard let number = Int(node.text ?? ""), number > 0 else {
                throw node.error("expected all, none, or the number of records to look up.")
            }
            return .sample(number)
        }
    }
}
