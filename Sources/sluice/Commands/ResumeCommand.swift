import App
import ArgumentParser
import Catalog
import Engine
import Ledger
import Model

struct ResumeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "resume", abstract: "Settle what is in doubt, then go on after a stop or a crash.",
        discussion: """
            Without a name it goes on with all that is unfinished, the oldest first: runs, exports, and runs
            that ended before they had read anything. Its exit status is the one that weighs most.
            """)

    @Argument(help: "The run; all unfinished ones when left out.")
    var run: String?

    @OptionGroup var options: StateOptions
    @OptionGroup var connections: ConnectionOptions

    func run() async throws {
        try await Self.goOn(run, options.app(connections), isSettlingOnly: false)
    }

    static func goOn(
        _ name: String?, _ options: AppOptions, isSettlingOnly: Bool
    ) async throws {
        let context = try AppContext(options)
        try context.ledger.refuseIfBehind(besides: context.host.path)
        let status: ExitStatus?
        if let name {
            status = try await goOn(name, context, isSettlingOnly: isSettlingOnly)
        } else {
            var all = Resumption(context, isSettlingOnly: isSettlingOnly)
            status = try await all.all()
            if status == nil, !options.quiet { Console.warn("no run is unfinished: nothing to do") }
        }
        await context.ledger.close()
        if let status { throw ExitCode(status.rawValue) }
    }

    /// - Returns: Nil where there is nothing to do, which has been said.
    private static func goOn(_ name: String, _ context: AppContext, isSettlingOnly: Bool) async throws
        -> ExitStatus?
    {
        if !isSettlingOnly, try context.ledger.run(named: name) == nil {
            if let pending = try context.ledger.pending(named: name) {
                return try await Resumption.goOn(pending, context)
            }
            if let export = try context.ledger.export(named: name) {
                return try await Resumption.goOn(export, context)
            }
        }
        let row = try context.run(name)
        // What an abandoned run left in doubt can still be settled, and nothing else of it.
        let isDoubtful = try row.state == .abandoned && context.ledger.hasDoubts(run: row.number)
        guard row.isOpen || isSettlingOnly && isDoubtful else {
            if !context.options.quiet {
                let words =
                    isDoubtful
                    ? "what it left in doubt is settled by `sluice reconcile \(row.id)`"
                    : "nothing to do"
                Console.warn("run \(row.id) is \(row.state.rawValue): \(words)")
            }
            return nil
        }
        return try await JobRun(context: context).goOn(row, isSettlingOnly: isSettlingOnly).map {
            ExitStatus(rawValue: $0) ?? .defect
        }
    }
}

struct ReconcileCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reconcile", abstract: "Settle what is in doubt; send nothing new.",
        discussion: """
            What no look can settle, you can: --accept and --resend name records by the key that
            `sluice explain` takes, and --reason keeps why in their story.

            Example: sluice reconcile --accept BILL-17 --reason "seen in the member care screen"
            """)

    @Argument(help: "The run; all unfinished ones when left out, or to decide, the newest of them.")
    var run: String?

    @Option(parsing: .upToNextOption, help: "Records in doubt that landed, as you have seen.")
    var accept: [String] = []

    @Option(parsing: .upToNextOption, help: "Records in doubt that did not land: they go again.")
    var resend: [String] = []

    @Option(help: "Why; kept with the records.")
    var reason: String?

    @OptionGroup var options: StateOptions
    @OptionGroup var connections: ConnectionOptions

    func validate() throws {
        let decides = !accept.isEmpty || !resend.isEmpty
        if decides, (reason ?? "").isEmpty {
            throw ValidationError("--accept and --resend need a --reason: it is kept with the records.")
        }
        if !decides, reason != nil {
            throw ValidationError("--reason goes with --accept or --resend.")
        }
    }

    func run() async throws {
        if let reason { return try await decide(reason) }
        try await ResumeCommand.goOn(run, options.app(connections), isSettlingOnly: true)
    }

    private func decide(_ reason: String) async throws {
        let context = try AppContext(options.app(connections))
        guard
            let row = try run.map({ try context.run($0) }) ?? context.ledger.openRuns().last
        else {
            throw Failure(.usage, "no run is unfinished: nothing is in doubt.")
        }
        let lock = try context.lock(row.job)
        defer { withExtendedLifetime(lock) {} }
        let decided: [ManualResolution.Decided]
        do {
            decided = try await ManualResolution.take(
                [ManualResolution(.landed, keys: accept), ManualResolution(.sendAgain, keys: resend)],
                because: reason, run: row, ledger: context.ledger, at: Environment.real.now())
        } catch let refused as ManualResolution.Refused {
            throw Failure(
                .usage, refused.description + ". `sluice report \(row.id)` lists what is in doubt.")
        }
        await context.ledger.close()
        guard !options.quiet else { return }
        for one in decided {
            Console.warn("\(one.key): \(one.kind == .landed ? "taken for landed" : "goes again")")
        }
        Console.warn("next: sluice resume \(row.id)")
    }
}
