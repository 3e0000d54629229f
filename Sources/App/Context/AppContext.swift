import Catalog
import Engine
import Foundation
import Jobs
import Ledger
import Logging
import Mapping
import Model
import Records
import Reports
import Sandbox
import Transport

/// What the commands that touch runs have in common: the ledger, the connection, the way to a plan.
struct AppContext {
    var options: AppOptions
    /// One of several runs, which are reported together at their end.
    var isPart = false
    let ledger: Ledger
    /// What belongs to this host and to no ledger.
    let host: HostFolder

    /// When the command began: what it begins later keeps to the same `stop.until`.
    let started = Date()

    init(_ options: AppOptions) throws {
        self.options = options
        // A run that is started for another folder changes the working directory.
        if let file = options.connections, !file.hasPrefix("/") {
            self.options.connections = FileManager.default.currentDirectoryPath + "/" + file
        }
        ledger = try Ledger.open(at: options.directory)
        host = try HostFolder.find(for: options)
        for withdrawn in ledger.withdrawn { Console.warn(withdrawn.text) }
    }

    /// The plan of a job; input names are relative to the working directory.
    static func plan(_ job: Job, text: String, file: String, connection: Connection) throws
        -> Plan
    {
        let files = try InputList.resolve(
            job.patterns, options: job.input, relativeTo: FileManager.default.currentDirectoryPath)
        var plan = try plan(job, text: text, file: file, connection: connection, files: files)
        plan.inputs = try Preflight.filled(plan, passOver: Console.passOver)
        return plan
    }

    static func plan(
        _ job: Job, text: String, file: String, connection: Connection, files: [InputFile],
        from start: Date = Date()
    ) throws -> Plan {
        var connection = connection
        if let rate = job.send.rate { connection.rate = rate }
        var mapping = job.mapping
        if mapping?.wantsSalt == true { mapping?.salt = try Salt.read(for: connection) }
        return Plan(
            job: job.name, jobText: text, jobFile: file, endpoint: job.endpoint, connection: connection,
            inputs: files, inputOptions: job.input, mapping: mapping, send: job.send,
            stop: job.stop,
            doubt: job.doubt, repeats: job.repeats, verifyExisting: job.verifyExisting,
            unchanged: job.unchanged, dates: job.dates, rules: job.rules,
            deadline: job.stop.until.map { Self.next($0, after: start) })
    }

    private static func next(_ time: StopSettings.TimeOfDay, after now: Date) -> Timestamp {
        let wanted = DateComponents(hour: time.hour, minute: time.minute)
        let date =
            Calendar.current.nextDate(after: now, matching: wanted, matchingPolicy: .nextTime)
            ?? now.addingTimeInterval(86_400)
        return Timestamp(milliseconds: Int64(date.timeIntervalSince1970 * 1000))
    }

    /// A connection by name. `sandbox` is built in: it runs inside this process, and keeps its books
    /// beside the ledger.
    ///
    /// - Parameter sending: Records may be sent over it: then the ledger has to be the newest of itself, and
    ///   notes that it continues from here.
    func connect(to name: String, sending: Bool = true) async throws -> APISession {
        if let note = host.note { Console.warn(note) }
        if sending {
            try await ledger.startSending(besides: host.path, at: Environment.real.now())
        }
        let logger = self.logger
        if name == "sandbox", try named(name) == nil {
            var settings = SandboxOptions()
            settings.org = "990001"
            settings.uniqueness = .store
            settings.statePath = options.directory + "/sandbox.sqlite"
            // Other users of this machine can reach the port.
            settings.token = Self.token()
            let server = try await SandboxServer.start(settings)
            let connection = Connection(name: name, baseURL: server.baseURL, rate: nil)
            // Nobody else has this one.
            return APISession(
                connection: connection, sender: try client(connection, logger, isShared: false),
                sandbox: server)
        }
        guard let connection = try named(name) else { throw Self.unknown(name) }
        if !connection.allowsReadableSecrets {
            for file in connection.secretFiles { try OwnFile.check(secret: file) }
        }
        for url in Set([connection.baseURL, connection.couponURL].compactMap(\.self))
        where Connection.isClear(url) {
            Console.warn(
                "\(url): the connection \(name) is not encrypted: use https://"
            )
        }
        return APISession(connection: connection, sender: try client(connection, logger), sandbox: nil)
    }

    /// To stderr. It never holds secrets or what records hold.
    var logger: Logger {
        var logger = Logger(label: "sluice") { StreamLogHandler.standardError(label: $0) }
        logger.logLevel =
            switch options.verbosity {
            case 0: .warning
            case 1: .debug
            default: .trace
            }
        return logger
    }

    /// 128 bits of chance.
    private static func token() -> String {
        var random = SystemRandomNumberGenerator()
        return (0..<2).map { _ in String(random.next() as UInt64, radix: 36) }.joined()
    }

    private func client(_ connection: Connection, _ logger: Logger, isShared: Bool = true) throws
        -> HTTPClient
    {
        try HTTPClient(
            connection: connection, stateDirectory: isShared ? host.path : nil,
            userAgent: "sluice/\(Version.current)", logger: logger)
    }

    static func unknown(_ name: String) -> Failure {
        Failure(
            .usage,
            "no connection is called '\(name)'. Add it to connections.yaml, or use 'sandbox', which is built in."
        )
    }

    /// The connection of that name, from the file of connections.
    func named(_ name: String) throws -> Connection? {
        try Self.named(name, options)
    }

    static func named(_ name: String, _ options: AppOptions) throws -> Connection? {
        try connectionsFile(options).flatMap { file in
            try Connections.find(name, yaml: file.text, file: file.path)
        }
    }

    /// The names in the file of connections, in its order.
    static func connectionNames(_ options: AppOptions) throws -> [String] {
        try connectionsFile(options).map { try Connections.names(yaml: $0.text, file: $0.path) } ?? []
    }

    /// The file of connections; nil where there is none.
    static func connectionsFile(_ options: AppOptions) throws -> (path: String, text: String)? {
        guard
            let file = try Connections.locate(
                explicit: options.connections, environment: UserFolders.environment,
                currentDirectory: FileManager.default.currentDirectoryPath)
        else { return nil }
        try OwnFile.check(settings: file)
        do {
            return (file, try WholeText.read(file))
        } catch {
            throw Failure(
                .usage,
                "\(file): the connections file cannot be read: \(error.message). Check the name.")
        }
    }

    /// The run of that name, else the newest.
    func run(_ name: String?) throws -> RunRow {
        if let name {
            guard let run = try ledger.run(named: name) else {
                throw Failure(
                    .usage, "'\(name)' names no run, or several. `sluice runs` lists them.")
            }
            return run
        }
        guard let run = try ledger.runs(limit: 1).first else {
            throw Failure(.usage, "there are no runs yet.")
        }
        return run
    }

    /// The plan of a run as it was frozen, with the rate and limits of the job file as it is now.
    func plan(of run: RunRow, connection: Connection) throws -> Plan {
        var job = try frozenJob(of: run)
        let frozen = "the run continues with the job as it was at its start"
        // A job that came through a pipe is there once.
        if !Spool.isOnceOnly(run.jobFile) { takeLimits(into: &job, of: run, frozen) }
        // What failed before fails more often than the rest: no share of it is a reason to stop.
        if run.parent != nil { job.stop.errors = nil }
        return try Self.plan(
            job, text: run.jobText, file: run.jobFile, connection: connection,
            files: try files(of: run, job), from: started
        ).arranged(by: try ledger.grouping(of: run.number))
    }

    /// What a job file that has changed since the run began may change of it.
    private func takeLimits(into job: inout Job, of run: RunRow, _ frozen: String) {
        do {
            let (now, text) = try JobLoader.importJob(at: run.jobFile)
            if now.name != job.name {
                say("\(run.jobFile) is now the file of another job: \(frozen)")
            } else if text != run.jobText {
                job.send.inFlight = now.send.inFlight
                job.send.rate = now.send.rate
                job.stop = now.stop
                say(
                    "the job file has changed: \(frozen). Only rate, in_flight and stop are taken as they "
                        + "are now")
            }
        } catch {
            let why = (error as? Failure)?.message ?? "\(error)"
            say("\(why)\nThe current job file cannot be used: \(frozen)")
        }
    }

    /// The plan of a run as it was frozen, for reading its input alone.
    func frozenPlan(of run: RunRow) throws -> Plan {
        let job = try frozenJob(of: run)
        return try Self.plan(
            job, text: run.jobText, file: run.jobFile,
            connection: try named(run.connection) ?? Salt.placeholder(run.connection),
            files: try files(of: run, job)
        ).arranged(by: try ledger.grouping(of: run.number))
    }

    private func frozenJob(of run: RunRow) throws -> Job {
        var job = try Job.parse(yaml: run.jobText, file: run.jobFile, rules: run.rules)
        job.input = job.rows
        if run.parent != nil { job.input = job.input.ofRetry }
        return job
    }

    private func files(of run: RunRow, _ job: Job) throws -> [InputFile] {
        // A name may be in an archive several times: they were taken in their order.
        var seen: [String: Int] = [:]
        return try ledger.inputs(of: run.number).map { input in
            let key = input.path + ":" + (input.member ?? "")
            let occurrence = seen[key, default: 0]
            seen[key] = occurrence + 1
            // Detected again: name and content say what they said then. One that is gone is reported
            // where it is missed: settling what is in doubt needs none.
            var file =
                (try? InputList.inputs(
                    at: input.path, name: input.name, options: job.input, members: input.member))?
                .first { $0.member == input.member && $0.occurrence == occurrence }
                ?? InputFile(path: input.path, member: input.member, occurrence: occurrence)
            file.name = input.name
            return file
        }
    }

    private func say(_ note: String) {
        if !options.quiet { Console.warn(note) }
    }

    /// Held for as long as a run of the job continues.
    ///
    /// - Parameter sending: Whether something may be sent then.
    func lock(_ job: String, sending: Bool = true) throws -> JobLock {
        if sending { try ledger.refuseIfBehind(besides: host.path) }
        guard let lock = try JobLock.take(job: job, in: options.directory) else {
            let holder =
                JobLock.holder(job: job, in: options.directory).map { " (process \($0))" } ?? ""
            throw Failure(
                .held, "the job \(job) is already running\(holder). `sluice status` shows it.")
        }
        return lock
    }
}
