import Catalog
import Engine
import Foundation
package import Jobs
package import Ledger
import Model
import Reports

/// Has the server make the cards of an order, or continues with one, and tells about it.
package struct CardGeneration {
    /// What a person says of calls that nobody can tell about.
    package enum Held: String { case made, none }

    /// What is ordered: a series and a number each.
    package var lines: [CardLine]
    /// The file of numbers; the order is known by it.
    package var output: String
    /// Its name, or `sandbox`.
    package var connection: String
    /// Cards a call.
    package var chunk: Int
    /// How long the server may still be working after a lost answer.
    package var wait: Duration
    /// Nil: calls on hold stay so.
    package var held: Held?
    /// Although the order for this file is finished.
    package var anew = false
    /// What every command takes.
    package var options: AppOptions

    package init(
        lines: [CardLine], output: String, connection: String, chunk: Int, wait: Duration,
        held: Held? = nil, anew: Bool = false, options: AppOptions
    ) {
        self.lines = lines
        self.output = output
        self.connection = connection
        self.chunk = chunk
        self.wait = wait
        self.held = held
        self.anew = anew
        self.options = options
    }

    /// - Returns: The exit status.
    package func run() async throws -> ExitStatus {
        let context = try AppContext(options)
        let api = try await context.connect(to: connection)
        let status = try await api.use { try await generate(context, api) }
        await context.ledger.close()
        return status
    }

    private func generate(_ context: AppContext, _ api: APISession) async throws -> ExitStatus {
        let path =
            output.hasPrefix("/") ? output : FileManager.default.currentDirectoryPath + "/" + output
        let org =
            try await RunStarter.learnOrg(
                api.connection, sender: api.sender, environment: .real, tell: Console.warn
            ).id ?? ""
        // What is pending for a series under this lock is nobody's any more.
        var locks: [JobLock] = []
        for series in Set(lines.map(\.series)).sorted() {
            guard let lock = try JobLock.take(job: "cards-\(org)-\(series)", in: options.directory)
            else { throw Failure(.held, "another process is generating cards of series \(series).") }
            locks.append(lock)
        }
        defer { withExtendedLifetime(locks) {} }
        let order = try await order(lines, org: org, path: path, context.ledger)
        try await decide(order, context.ledger)
        var cause: StopReason?
        if order.state == .open {
            if let adoption = try context.ledger.adoption(),
                adoption.looksFirst(begun: Environment.real.now())
            {
                throw Failure(
                    .usage,
                    "the ledger is older than what was sent, and no look-up shows whether the cards of this order were made. "
                        + "Check the log of each series, run `sluice ledger adopt --trust-from now`, then order what is missing."
                )
            }
            let maker = CardMaker(
                order, size: chunk, wait: wait, ledger: context.ledger, sender: api.sender,
                environment: .real)
            let watch = SignalWatch { number in
                let condition: RunResult.Condition = number == SIGINT ? .interrupted : .terminated
                Task { await maker.stop(StopReason(condition, "interrupted")) }
            }
            defer { watch.end() }
            let display = Task { await show(maker, of: lines) }
            defer { display.cancel() }
            cause = try await maker.run()
        }
        Console.clearLine()
        let isWhole = try Self.missing(order, lines, context.ledger).isEmpty
        if cause == nil, order.state == .open, isWhole {
            try await context.ledger.endCards(order.number, .finished, at: Environment.real.now())
        }
        return try report(order, lines, cause, context.ledger)
    }

    private func order(_ lines: [CardLine], org: String, path: String, _ ledger: Ledger) async throws
        -> CardOrder
    {
        if let known = try ledger.cardOrder(to: path) {
            let isSame = known.lines == lines && known.org == org
            if known.state == .open || !anew {
                guard isSame else {
                    throw Failure(
                        .usage,
                        "\(output) belongs to another order"
                            + (known.state == .open
                                ? ", which is unfinished. Repeat that command unchanged, or choose another file."
                                : ". Choose another file, or use --anew."))
                }
                return known
            }
            try await ledger.endCards(known.number, .abandoned, at: Environment.real.now())
        }
        if !anew, FileManager.default.fileExists(atPath: path) {
            throw Failure(.usage, "\(output) exists already. Choose another file, or use --anew.")
        }
        return try await ledger.beginCards(
            org: org, connection: connection, path: path, lines: lines, at: Environment.real.now())
    }

    /// What a person says of calls that nobody can tell about.
    private func decide(_ order: CardOrder, _ ledger: Ledger) async throws {
        guard let held else { return }
        for call in try ledger.cardCalls(of: order.number) where call.state == .held {
            let note = (call.note ?? "") + "; a person decided: \(held.rawValue)"
            let end =
                held == .made
                ? CardCallEnd(.stranded, stranded: call.count, note: note)
                : CardCallEnd(.undone, note: note)
            try await ledger.settleCards(call.number, end, at: Environment.real.now())
        }
    }

    private func show(_ maker: CardMaker, of lines: [CardLine]) async {
        guard !options.quiet, Console.isTerminal else { return }
        while !Task.isCancelled {
            try? await Task.sleep(for: .milliseconds(200))
            let progress = maker.progress
            Console.redraw(
                "\(Wording.count(progress.made, "card")), \(Wording.count(progress.calls, "call"))")
        }
    }

    /// The lines of which not all cards are made.
    private static func missing(_ order: CardOrder, _ lines: [CardLine], _ ledger: Ledger) throws
        -> Set<Int>
    {
        var left = lines.map(\.count)
        for call in try ledger.cardCalls(of: order.number) {
            left[call.line] -= call.received + call.stranded
        }
        return Set(left.indices.filter { left[$0] > 0 })
    }

    // MARK: The end

    private func report(_ order: CardOrder, _ lines: [CardLine], _ cause: StopReason?, _ ledger: Ledger)
        throws -> ExitStatus
    {
        let calls = try ledger.cardCalls(of: order.number)
        let cards: Int
        if try ledger.isPruned(cards: order.number) {
            // The file has what the ledger has no more.
            guard FileManager.default.fileExists(atPath: order.path) else {
                throw Failure(
                    .usage,
                    "\(output) no longer exists, and `sluice prune` has removed its numbers from the ledger: find them in the "
                        + "user interface, or ask support.")
            }
            cards = calls.reduce(0) { $0 + $1.received }
        } else {
            cards = try CardFile.write(order, ledger: ledger)
        }
        let stranded = calls.filter { $0.stranded > 0 }
        let open = calls.filter { $0.state == .pending || $0.state == .held }
        let missing = try Self.missing(order, lines, ledger)
        // The last word on a line; what was said before it was fixed is history.
        let refused = missing.sorted().compactMap { line in
            calls.last { $0.line == line && $0.state == .refused }
        }
        let wanted = lines.reduce(0) { $0 + $1.count }
        var conditions: Set<RunResult.Condition> = cause.map { [$0.condition] } ?? []
        if !open.isEmpty { conditions.insert(.inDoubt) }
        if !stranded.isEmpty || !refused.isEmpty { conditions.insert(.problems) }
        let condition = conditions.min() ?? .fine
        let report = CardReport(
            file: output, wanted: wanted, cards: cards, calls: calls.count, stranded: stranded,
            open: open, refused: refused)
        if options.json {
            Console.print(
                try Console.json(
                    report.document(ending: condition.word, exitCode: condition.exitCode)))
        } else if !options.quiet || condition != .fine {
            Console.print(report.text)
        }
        if let cause { Console.complain("\(cause.words). Run the same command again to continue.") }
        return ExitStatus(ending: condition.exitCode)
    }
}

extension CardGeneration {
    /// A job's.
    ///
    /// - Parameter connection: Another one than the job's.
    package init(_ job: CardJob, over connection: String?, _ options: AppOptions) throws {
        self.init(
            lines: try CardLine.read(job.orders), output: job.file,
            connection: connection ?? job.connection, chunk: job.chunk, wait: job.wait,
            options: options)
    }
}
