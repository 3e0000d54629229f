import ArgumentParser
import Catalog
import Engine
import Ledger
import Model

struct ResumeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "resume", abstract: "Settle what is in doubt, then go on after a stop or a crash.")

    @Argument(help: "The run; the newest unfinished one when left out.")
    var run: String?

    @OptionGroup var options: StateOptions
    @OptionGroup var connections: ConnectionOptions

    func run() async throws {
        try await Self.goOn(run, options, connections, isSettlingOnly: false)
    }

    static func goOn(
        _ name: String?, _ options: StateOptions, _ connections: ConnectionOptions, isSettlingOnly: Bool
    ) async throws {
        let bench = try Workbench(options, connections)
        if !isSettlingOnly, let export = try unfinishedExport(name, bench) {
            return try await goOn(export, bench)
        }
        guard
            let row = try name.map({ try bench.run($0) }) ?? bench.ledger.runs().first(where: \.isOpen)
        else {
            if !options.quiet { Console.warn("no run is unfinished: nothing to do") }
            return
        }
        guard row.isOpen else {
            if !options.quiet { Console.warn("run \(row.id) is \(row.state.rawValue): nothing to do") }
            return
        }
        let code = try await JobRun(bench: bench).goOn(row, isSettlingOnly: isSettlingOnly)
        await bench.ledger.close()
        if let code { throw ExitCode(code) }
    }

    /// The export of that name; without a name the newest unfinished one, where no run is.
    private static func unfinishedExport(_ name: String?, _ bench: Workbench) throws -> ExportRow? {
        guard let name else {
            guard try !bench.ledger.runs().contains(where: \.isOpen) else { return nil }
            return try bench.ledger.exports(limit: 100).first(where: \.isOpen)
        }
        return try bench.ledger.run(named: name) == nil ? bench.ledger.export(named: name) : nil
    }

    private static func goOn(_ export: ExportRow, _ bench: Workbench) async throws {
        guard export.isOpen, let order = ExportOrder(json: export.wanted) else {
            if !bench.options.quiet {
                Console.warn("export \(export.id) is \(export.state.rawValue): nothing to do")
            }
            return
        }
        let line = try await bench.connect(to: export.connection)
        let code = try await line.use {
            try await ExportConductor(bench: bench, line: line).conduct(
                order, since: nil, series: export.series, output: export.path, isAnew: false)
        }
        await bench.ledger.close()
        throw ExitCode(code)
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

    @Argument(help: "The run; the newest unfinished one when left out.")
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
        try await ResumeCommand.goOn(run, options, connections, isSettlingOnly: true)
    }

    private func decide(_ reason: String) async throws {
        let bench = try Workbench(options, connections)
        guard
            let row = try run.map({ try bench.run($0) }) ?? bench.ledger.runs().first(where: \.isOpen)
        else {
            throw Failure(.usage, "no run is unfinished: nothing is in doubt.")
        }
        let lock = try bench.lock(row.job)
        defer { withExtendedLifetime(lock) {} }
        let decided: [Decision.Decided]
        do {
            decided = try await Decision.take(
                [Decision(.landed, keys: accept), Decision(.sendAgain, keys: resend)],
                because: reason, run: row, ledger: bench.ledger, at: Surroundings.real.now())
        } catch let refused as Decision.Refused {
            throw Failure(
                .usage, refused.description + ". `sluice report \(row.id)` lists what is in doubt.")
        }
        await bench.ledger.close()
        guard !options.quiet else { return }
        for one in decided {
            Console.warn("\(one.key): \(one.kind == .landed ? "taken for landed" : "goes again")")
        }
        Console.warn("next: sluice resume \(row.id)")
    }
}

struct AbandonCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "abandon",
        abstract: "Close a run for good. The evidence stays, and what may have arrived stays reserved.")

    @Argument(help: "The run.")
    var run: String

    @OptionGroup var options: StateOptions

    func run() async throws {
        let bench = try Workbench(options, ConnectionOptions.parse([]))
        let row = try bench.run(run)
        let lock = try bench.lock(row.job)
        defer { withExtendedLifetime(lock) {} }
        try await bench.ledger.abandon(run: row.number, at: Surroundings.real.now())
        SpoolFolder(bench).sweep()
        await bench.ledger.close()
        if !options.quiet { Console.warn("run \(row.id) is closed") }
    }
}
