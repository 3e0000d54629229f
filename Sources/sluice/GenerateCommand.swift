import ArgumentParser
import Catalog
import Engine
import Foundation
import Jobs
import Ledger
import Model
import Records
import Reports

struct GenerateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "generate", abstract: "Cards: ask for so many, keep their numbers.",
        subcommands: [GenerateCardsCommand.self])
}

struct GenerateCardsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cards", abstract: "Has the server make cards, and keeps their numbers.",
        discussion: """
            Example: sluice generate cards --series 12 --count 250000 -o cards.csv --connection eu-prod
                     sluice generate cards --from orders.csv -o cards.csv     (columns series, count, label)

            POST /v2/card/generate, 1,000 cards a call. Said again after a stop, it goes on where it stopped;
            once all is made it makes nothing more. The server shows numbers once, in its answer: of a call
            whose answer was lost, its log tells whether the cards exist. Then they count as made, and are
            reported with what is known; their numbers are in the user interface for 30 days, or with support.
            """)

    @Option(help: "The series' number.")
    var series: Int?

    @Option(help: "How many cards.")
    var count: Int?

    @Option(help: "A label that the org maps to NOT_ISSUED.")
    var label: String?

    @Option(help: "A file of rows with the columns series, count and, if wanted, label.")
    var from: String?

    @Option(name: .shortAndLong, help: "The file of card numbers, CSV.")
    var output: String

    @Option(help: "The connection, a name from connections.yaml; `sandbox` is built in.")
    var connection = "sandbox"

    @Option(help: "Cards a call, at most \(CardsGenerate.most): as many as one lost answer can strand.")
    var chunk = 1000

    @Option(help: "How long the server may still be at work after a lost answer.")
    var wait = "5min"

    @Option(help: "Settles calls that are held, after a look at the server: made or none.")
    var held: Held?

    @Flag(help: "Make as many once more although the order for this file is finished.")
    var anew = false

    @OptionGroup var options: StateOptions
    @OptionGroup var connections: ConnectionOptions

    enum Held: String, ExpressibleByArgument { case made, none }

    func run() async throws {
        let lines = try lines()
        guard (1...CardsGenerate.most).contains(chunk) else {
            throw Failure(.usage, "--chunk is 1 to \(CardsGenerate.most).")
        }
        guard let wait = Quantity.duration(wait) else {
            throw Failure(.usage, "--wait: \(self.wait) is no time such as 5min.")
        }
        let bench = try Workbench(options, connections)
        let line = try await bench.connect(to: connection)
        let code: Int32
        do {
            code = try await conduct(lines, wait: wait, bench, line)
        } catch {
            await line.close()
            throw error
        }
        await line.close()
        await bench.ledger.close()
        throw ExitCode(code)
    }

    // MARK: What is wanted

    private func lines() throws -> [CardLine] {
        switch (from, series, count) {
        case (nil, let series?, let count?):
            return [try Self.line(String(series), String(count), label, at: "the order")]
        case (let file?, nil, nil) where label == nil: return try Self.read(file)
        default:
            throw Failure(.usage, "say --series and --count, or --from FILE with such rows.")
        }
    }

    private static func line(_ series: String, _ count: String, _ label: String?, at place: String)
        throws -> CardLine
    {
        guard let number = Int(series), (1...Int(Int32.max)).contains(number) else {
            throw Failure(.usage, "\(place): the series '\(series)' is no number from 1 on.")
        }
        guard let cards = Int(count), (1...100_000_000).contains(cards) else {
            throw Failure(.usage, "\(place): the count '\(count)' is not 1 to 100000000.")
        }
        let text = label.flatMap { $0.isEmpty ? nil : $0 }
        if let text, text.unicodeScalars.contains(where: { $0.value < 0x20 }) {
            throw Failure(.usage, "\(place): the label has a line end or a control character in it.")
        }
        return CardLine(series: number, count: cards, label: text)
    }

    private static func read(_ path: String) throws -> [CardLine] {
        var lines: [CardLine] = []
        let files = try InputList.resolve(
            [path], options: InputOptions(), relativeTo: FileManager.default.currentDirectoryPath)
        for file in files {
            let reader = try RowReader.open(file, index: 0, options: InputOptions())
            func place(_ name: String) -> Int? { reader.columns?.firstIndex(of: name) }
            guard let series = place("series"), let count = place("count") else {
                throw Failure(.usage, "\(file.name) is no CSV file with the columns series and count.")
            }
            var block = RowBlock()
            while try reader.read(into: &block, rows: 512) {
                for row in block.rows {
                    let at = "\(file.name):\(row.position.line)"
                    if let problem = row.problem { throw Failure(.usage, "\(at): \(problem.message)") }
                    lines.append(
                        try line(
                            block.field(series, of: row), block.field(count, of: row),
                            place("label").map { block.field($0, of: row) }, at: at))
                }
            }
        }
        guard !lines.isEmpty else { throw Failure(.usage, "\(path): there is no row in it.") }
        return lines
    }

    // MARK: Making

    private func conduct(_ lines: [CardLine], wait: Duration, _ bench: Workbench, _ line: Line)
        async throws -> Int32
    {
        let path =
            output.hasPrefix("/") ? output : FileManager.default.currentDirectoryPath + "/" + output
        let org = try await Launch.learnOrg(line.connection, sender: line.sender).id ?? ""
        // What is pending for a series under this lock is nobody's any more.
        var locks: [JobLock] = []
        for series in Set(lines.map(\.series)).sorted() {
            guard let lock = try JobLock.take(job: "cards-\(org)-\(series)", in: options.directory)
            else { throw Failure(.held, "cards of series \(series) are being generated already.") }
            locks.append(lock)
        }
        defer { withExtendedLifetime(locks) {} }
        let order = try await order(lines, org: org, path: path, bench.ledger)
        try await decide(order, bench.ledger)
        var cause: StopCause?
        if order.state == .open {
            let maker = CardMaker(
                order, lines: lines, size: chunk, wait: wait, ledger: bench.ledger, sender: line.sender)
            let watch = SignalWatch { number in
                let condition: Ending.Condition = number == SIGINT ? .interrupted : .terminated
                Task { await maker.stop(StopCause(condition, "interrupted")) }
            }
            defer { watch.end() }
            let display = Task { await show(maker, of: lines) }
            defer { display.cancel() }
            cause = try await maker.run()
        }
        Console.clearLine()
        let isWhole = try Self.missing(order, lines, bench.ledger).isEmpty
        if cause == nil, order.state == .open, isWhole {
            try await bench.ledger.endCards(order.number, .finished, at: Surroundings.real.now())
        }
        return try report(order, lines, cause, bench.ledger)
    }

    private func order(_ lines: [CardLine], org: String, path: String, _ ledger: Ledger) async throws
        -> CardOrder
    {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        let wanted = String(decoding: try encoder.encode(lines), as: UTF8.self)
        if let known = try ledger.cardOrder(to: path) {
            let isSame = known.wanted == wanted && known.org == org
            if known.state == .open || !anew {
                guard isSame else {
                    throw Failure(
                        .usage,
                        "\(output) belongs to another order"
                            + (known.state == .open
                                ? ", which is unfinished. Repeat it as it was, or choose another file."
                                : ". Choose another file, or say --anew."))
                }
                return known
            }
            try await ledger.endCards(known.number, .abandoned, at: Surroundings.real.now())
        }
        if !anew, FileManager.default.fileExists(atPath: path) {
            throw Failure(.usage, "\(output) is there already. Choose another file, or say --anew.")
        }
        return try await ledger.beginCards(
            org: org, connection: connection, path: path, wanted: wanted, at: Surroundings.real.now())
    }

    /// What a person says of calls that nobody can tell of.
    private func decide(_ order: CardOrder, _ ledger: Ledger) async throws {
        guard let held else { return }
        for call in try ledger.cardCalls(of: order.number) where call.state == .held {
            let note = (call.note ?? "") + "; a person decided: \(held.rawValue)"
            let end =
                held == .made
                ? CardCallEnd(.stranded, stranded: call.count, note: note)
                : CardCallEnd(.undone, note: note)
            try await ledger.settleCards(call.number, end, at: Surroundings.real.now())
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

    private func report(_ order: CardOrder, _ lines: [CardLine], _ cause: StopCause?, _ ledger: Ledger)
        throws -> Int32
    {
        let cards = try CardFile.write(order, lines, ledger: ledger)
        let calls = try ledger.cardCalls(of: order.number)
        let stranded = calls.filter { $0.stranded > 0 }
        let open = calls.filter { $0.state == .pending || $0.state == .held }
        let missing = try Self.missing(order, lines, ledger)
        // The last word on a line; what was said before it was mended is history.
        let refused = missing.sorted().compactMap { line in
            calls.last { $0.line == line && $0.state == .refused }
        }
        let wanted = lines.reduce(0) { $0 + $1.count }
        var conditions: Set<Ending.Condition> = cause.map { [$0.condition] } ?? []
        if !open.isEmpty { conditions.insert(.inDoubt) }
        if !stranded.isEmpty || !refused.isEmpty { conditions.insert(.problems) }
        let condition = conditions.min() ?? .fine
        func facts(_ calls: [CardCall]) -> [[String: Any]] {
            calls.map {
                [
                    "call": $0.number, "series": $0.series, "count": $0.count, "stranded": $0.stranded,
                    "note": $0.note ?? "",
                ]
            }
        }
        if options.json {
            Console.print(
                try Console.json([
                    "schema": 1, "file": output, "wanted": wanted, "cards": cards,
                    "stranded": stranded.reduce(0) { $0 + $1.stranded }, "calls": calls.count,
                    "stranded_calls": facts(stranded), "open_calls": facts(open),
                    "refused_calls": facts(refused), "ending": condition.word,
                    "exit_code": condition.exitCode,
                ]))
        } else if !options.quiet || condition != .fine {
            Console.print(
                "\(output): \(Wording.count(cards, "card")) of \(wanted); \(Wording.count(calls.count, "call"))"
            )
            for call in stranded {
                Console.print(
                    "  stranded: \(Wording.count(call.stranded, "card")) of series \(call.series): \(call.note ?? ""). "
                        + "Their numbers came in no answer: take them from the user interface within 30 days, or ask support."
                )
            }
            for call in refused {
                Console.print("  refused: series \(call.series): \(call.note ?? "")")
            }
            for call in open {
                let next =
                    call.state == .held
                    ? "Look at the server's log, then say the same again with --held made or --held none."
                    : "Say the same again to settle it."
                Console.print(
                    "  in doubt: \(Wording.count(call.count, "card")) of series \(call.series), asked for at "
                        + "\(call.started.iso8601)\(call.note.map { ": " + $0 } ?? ""). \(next)")
            }
        }
        if let cause { Console.complain("\(cause.words). The same command goes on from here.") }
        return condition.exitCode
    }
}
