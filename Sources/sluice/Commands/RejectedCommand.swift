import App
import ArgumentParser
import Catalog
import Engine
import Foundation
import Ledger
import Model
import Reports

struct RejectedCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rejected",
        abstract: "The API's own queue of rejected transactions: list, replay, give up.",
        discussion: """
            A bill that names an unknown item or payment mode may be parked at the server instead of booked. Once
            the master data is mended, the server replays it; it is never sent again.

            Example: sluice rejected list --error-code 683
                     sluice rejected retrigger --run RUN
            """,
        subcommands: [List.self, Replay.self, Status.self, MarkFailed.self])
}

/// Which bills of the queue.
struct QueueSelection: ParsableArguments {
    @Option(
        parsing: .upToNextOption,
        help:
            "Only these states: open, partial-fixed, fixed, replayed, max-out, permanent-failed, success."
    )
    var status: [String] = []

    @Option(help: "Only bills with this error, such as 683.")
    var errorCode: Int?

    @Option(help: "Only bills whose error names this: an item code, a payment mode.")
    var errorValue: String?

    @Option(help: "Only bills of this customer, by the server's number.")
    var customer: String?

    @Option(help: "From this day on (YYYY-MM-DD); 30 days ago when left out.")
    var from: String?

    @Option(help: "Up to this day.")
    var to: String?

    /// - Throws: ``Failure``: a state or day that there is not.
    func filter(states: [String], now: Timestamp) throws -> RejectedQueue.Filter {
        func day(_ text: String?, _ name: String) throws -> CivilDay? {
            guard let text else { return nil }
            guard let day = CivilDay(iso8601: text) else {
                throw Failure(.usage, "\(name) \(text): a day such as 2026-02-03 is wanted.")
            }
            return day
        }
        let today = Int(now.milliseconds.flooringDivided(by: 86_400_000))
        var filter = RejectedQueue.Filter(
            from: try day(from, "--from") ?? CivilDay(daysSinceEpoch: today - 30),
            to: try day(to, "--to") ?? CivilDay(daysSinceEpoch: today + 1),
            states: status.isEmpty ? states : try status.map(Self.state))
        filter.errorCode = errorCode
        filter.errorValue = errorValue
        filter.customer = customer
        return filter
    }

    static func state(_ word: String) throws -> String {
        let all = RejectedQueue.states + [RejectedQueue.booked]
        let name = word.uppercased().replacingOccurrences(of: "-", with: "_")
        guard all.contains(name) else {
            throw Failure(
                .usage, "'\(word)' is no state of the queue; there are \(all.joined(separator: ", ")).")
        }
        return name
    }
}

extension RejectedCommand {
    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "What stands in the queue; all but what is booked, of the last 30 days.")

        @Argument(help: "Only these bills.")
        var bills: [String] = []

        @OptionGroup var selection: QueueSelection

        @Flag(help: "With the bills as they were sent (JSON and CSV). They hold personal data.")
        var payloads = false

        @Option(help: "table, json or csv.")
        var format: QueueTable.Format = .table

        @Option(name: .shortAndLong, help: "Write to this new file, readable by its owner alone.")
        var output: String?

        @Option(help: "The connection; that of the newest run when left out.")
        var connection: String?

        @OptionGroup var options: StateOptions
        @OptionGroup var connections: ConnectionOptions

        func run() async throws {
            let now = Environment.real.now()
            var filter = try selection.filter(states: RejectedQueue.states, now: now)
            filter.wantsPayload = payloads
            if !bills.isEmpty { filter.billNumbers = Set(bills) }
            let queue = try await RejectedQueueSession.open(
                connection, options.app(connections), sending: false)
            let wanted = filter
            let text = try await queue.use {
                let entries = try await queue.retrigger.list(wanted)
                let isTable = format == .table && !options.json
                return try QueueTable(entries, showsPayload: payloads).text(
                    options.json ? .json : format,
                    width: isTable && Console.isTerminal ? Console.width : 100)
            }
            try Console.deliver(text, to: output, quiet: options.quiet)
        }
    }

    struct Replay: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "retrigger",
            abstract: "Have the server check bills again and book those whose causes are mended.",
            discussion: """
                What is under way from an earlier call is followed first. Interrupted, it goes on with
                `sluice rejected status`.
                """)

        @Argument(help: "These bills.")
        var bills: [String] = []

        @Option(help: "The bills that this run left parked.")
        var run: String?

        @Flag(help: "All that are open.")
        var all = false

        @OptionGroup var selection: QueueSelection

        @Flag(name: .shortAndLong, help: "Do not ask.")
        var yes = false

        @Option(help: "How many seconds to follow it.")
        var wait = 600

        @Option(help: "The connection; the run's, else that of the newest run when left out.")
        var connection: String?

        @OptionGroup var options: StateOptions
        @OptionGroup var connections: ConnectionOptions

        func validate() throws {
            let isChosen =
                !bills.isEmpty || run != nil || all || selection.errorCode != nil
                || selection.errorValue != nil || selection.customer != nil
            if !isChosen {
                throw ValidationError(
                    "Name bills, or say --run, --error-code, --error-value, --customer or --all.")
            }
        }

        func run() async throws {
            let named = try run.map { try AppContext(options.app(connections)).run($0) }
            let queue = try await RejectedQueueSession.open(
                connection ?? named?.connection, options.app(connections))
            let status = try await queue.use { try await go(queue, named) }
            throw ExitCode(status.rawValue)
        }

        private func go(_ queue: RejectedQueueSession, _ named: RunRow?) async throws -> ExitStatus {
            let now = Environment.real.now()
            var filter = try selection.filter(states: RejectedQueue.replayable, now: now)
            filter.wantsPayload = false
            var wanted = Set(bills)
            if let named {
                let day = Int(named.started.milliseconds.flooringDivided(by: 86_400_000))
                if selection.from == nil { filter.from = CivilDay(daysSinceEpoch: day - 1) }
                wanted.formUnion(try parked(in: named, queue.context.ledger))
                if wanted.isEmpty {
                    queue.say("run \(named.id) left nothing parked: nothing to do")
                    return .fine
                }
            }
            if !wanted.isEmpty { filter.billNumbers = wanted }
            let entries = try await queue.retrigger.list(filter)
            let found = Set(entries.map(\.billNumber))
            let missing = wanted.subtracting(found)
            if !missing.isEmpty {
                queue.say(
                    "\(Wording.count(missing.count, "bill")) of those named \(missing.count == 1 ? "is" : "are") not open there (any more)"
                )
            }
            // What another already replayed has still to be told to the ledger.
            if found.isEmpty { return try await alreadyThere(missing, filter, queue) }
            guard try confirm(found.count, entries) else {
                queue.say("nothing was replayed")
                return .problems
            }
            try await queue.retrigger.begin(found.sorted(), from: filter.from, to: filter.to)
            return try await queue.follow(patience: .seconds(wait))
        }

        private func alreadyThere(
            _ missing: Set<String>, _ filter: RejectedQueue.Filter, _ queue: RejectedQueueSession
        ) async throws -> ExitStatus {
            guard !missing.isEmpty else {
                queue.say("no such bill is open in the queue: nothing to do")
                return .fine
            }
            var filter = filter
            filter.states = RejectedQueue.states + [RejectedQueue.booked]
            filter.wantsPayload = true
            let entries = try await queue.retrigger.list(filter)
            let settled = try await QueueSettlement(
                ledger: queue.context.ledger, sender: queue.api.sender, org: queue.org
            ).settle(entries) { try JobLock.take(job: $0, in: options.directory) }
            queue.say(
                "nothing to replay; in the ledger: \(Wording.count(settled.accepted)) accepted, "
                    + "\(Wording.count(settled.parked)) still parked")
            return settled.parked == 0 ? .fine : .problems
        }

        private func parked(in run: RunRow, _ ledger: Ledger) throws -> Set<String> {
            let endpoint = Endpoint.named(run.endpoint)
            return Set(
                try ledger.parked(run: run.number).compactMap { row in
                    row.evidence.flatMap { endpoint?.key($0) } ?? row.key
                })
        }

        private func confirm(_ count: Int, _ entries: [QueueEntry]) throws -> Bool {
            if yes { return true }
            let codes = Dictionary(grouping: entries.flatMap(\.errors), by: { $0.code ?? 0 })
                .sorted { $0.key < $1.key }.map { "\(Wording.count($0.value.count)) of \($0.key)" }
            let words = "\(Wording.count(count, "bill")) (errors: \(codes.joined(separator: ", ")))"
            guard isatty(STDIN_FILENO) == 1 else {
                throw Failure(.usage, "\(words) would be replayed. Say --yes to do it.")
            }
            Console.warn("Replay \(words)? [y/N]")
            return ["y", "yes"].contains(readLine()?.lowercased() ?? "")
        }
    }

    struct Status: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Follow what is under way; the retriggers so far.")

        @Argument(help: "The server's number of a retrigger: how far it is.")
        var id: String?

        @Option(help: "How many seconds to follow what is under way.")
        var wait = 600

        @Option(help: "The connection; that of the newest run when left out.")
        var connection: String?

        @OptionGroup var options: StateOptions
        @OptionGroup var connections: ConnectionOptions

        func run() async throws {
            let queue = try await RejectedQueueSession.open(connection, options.app(connections))
            let status: ExitStatus = try await queue.use {
                if let id {
                    let count = try await queue.retrigger.status(of: id)
                    Console.print(
                        options.json
                            ? #"{"schema":1,"retrigger":"\#(id)","success":\#(count.success),"fixed":\#(count.fixed),"max_out":\#(count.maxOut),"replayed":\#(count.replayed)}"#
                            : "retrigger \(id): \(count.success) booked, \(count.replayed) on their way, \(count.fixed) mended, \(count.maxOut) out of tries"
                    )
                    return .fine
                }
                if try !queue.context.ledger.retriggers(org: queue.org.id, isOpen: true, limit: 1)
                    .isEmpty
                {
                    return try await queue.follow(patience: .seconds(wait))
                }
                let rows = try queue.context.ledger.retriggers(org: queue.org.id, limit: 20)
                if rows.isEmpty { queue.say("nothing was replayed from here yet") }
                for row in rows {
                    Console.print(
                        "\(row.started.iso8601)  \(row.serverID ?? "-")  \(Wording.count(row.bills.count, "bill")): \(row.ending ?? "")"
                    )
                }
                return .fine
            }
            throw ExitCode(status.rawValue)
        }
    }

    struct MarkFailed: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "mark-failed", abstract: "Give bills of the queue up for good.")

        @Argument(help: "These bills.")
        var bills: [String] = []

        @Option(
            help: "Bills with this error; without bills, only with --force: it takes every one of them."
        )
        var errorCode: Int?

        @Flag(help: "Mark every bill of the error code.")
        var force = false

        @Flag(name: .shortAndLong, help: "Do not ask.")
        var yes = false

        @Option(help: "Why; the server keeps it.")
        var comment: String

        @Option(help: "The connection; that of the newest run when left out.")
        var connection: String?

        @OptionGroup var options: StateOptions
        @OptionGroup var connections: ConnectionOptions

        func validate() throws {
            if bills.isEmpty, errorCode == nil { throw ValidationError("Name the bills.") }
            if bills.isEmpty, !force {
                throw ValidationError(
                    "An error code alone takes every bill that has it, also those of others: name the bills, or say --force."
                )
            }
        }

        func run() async throws {
            let queue = try await RejectedQueueSession.open(connection, options.app(connections))
            let status: ExitStatus = try await queue.use {
                let now = Environment.real.now()
                let today = Int(now.milliseconds.flooringDivided(by: 86_400_000))
                var standing = RejectedQueue.Filter(
                    from: CivilDay(daysSinceEpoch: today - 400),
                    to: CivilDay(daysSinceEpoch: today + 1))
                if !bills.isEmpty { standing.billNumbers = Set(bills) }
                standing.errorCode = errorCode
                standing.wantsPayload = false
                let concerned = try await queue.retrigger.list(standing)
                try refuseAccepted(
                    Set(bills).union(concerned.map(\.billNumber)), queue.context.ledger, org: queue.org)
                guard try confirm(concerned) else {
                    queue.say("nothing was marked")
                    return .problems
                }
                try await queue.retrigger.markFailed(bills, errorCode: errorCode, comment: comment)
                var filter = RejectedQueue.Filter(
                    from: CivilDay(daysSinceEpoch: today - 400),
                    to: CivilDay(daysSinceEpoch: today + 1),
                    states: ["PERMANENT_FAILED"])
                if !bills.isEmpty { filter.billNumbers = Set(bills) }
                filter.errorCode = errorCode
                let entries = try await queue.retrigger.list(filter)
                _ = try await QueueSettlement(
                    ledger: queue.context.ledger, sender: queue.api.sender, org: queue.org
                ).settle(entries) { try JobLock.take(job: $0, in: options.directory) }
                queue.say("\(Wording.count(entries.count, "bill")) given up")
                let missing = Set(bills).subtracting(entries.map(\.billNumber))
                if !missing.isEmpty {
                    queue.say("not in the queue: \(missing.sorted().joined(separator: ", "))")
                    return .problems
                }
                return .fine
            }
            throw ExitCode(status.rawValue)
        }

        /// The server gives up whatever bears the number, for good.
        private func confirm(_ entries: [QueueEntry]) throws -> Bool {
            if yes { return true }
            let count = entries.isEmpty ? bills.count : entries.count
            let codes = Dictionary(grouping: entries.flatMap(\.errors), by: { $0.code ?? 0 })
                .sorted { $0.key < $1.key }.map { "\(Wording.count($0.value.count)) of \($0.key)" }
            let words =
                Wording.count(count, "bill")
                + (codes.isEmpty ? "" : " (errors: \(codes.joined(separator: ", ")))")
            guard isatty(STDIN_FILENO) == 1 else {
                throw Failure(
                    .usage, "\(words) would be given up for good. Nothing was marked; --yes does it.")
            }
            Console.warn("Give up \(words) for good? [y/N]")
            return ["y", "yes"].contains(readLine()?.lowercased() ?? "")
        }

        /// - Throws: ``Failure``: the ledger holds one of them as accepted, and none of its number as parked.
        private func refuseAccepted(_ bills: Set<String>, _ ledger: Ledger, org: OrgSettings) throws {
            let runs = Dictionary(
                try ledger.runs(limit: .max).map { ($0.number, $0) },
                uniquingKeysWith: { first, _ in first })
            for bill in bills.sorted() {
                var accepted: RunRow?
                var isParked = false
                for attempt in try ledger.attempts(holding: bill) {
                    guard let run = runs[attempt.run], run.org == org.id,
                        let endpoint = Endpoint.named(run.endpoint), endpoint.hasQueue
                    else { continue }
                    for member in attempt.members where endpoint.key(member.evidence) == bill {
                        switch try ledger.record(run: run.number, member.record)?.state.state {
                        case .accepted?: accepted = run
                        case .parked?: isParked = true
                        default: break
                        }
                    }
                }
                guard let accepted, !isParked else { continue }
                throw Failure(
                    .usage,
                    "bill \(bill) is accepted by run \(accepted.id): the ledger holds it as booked. Nothing was marked. "
                        + "If it stands in the queue all the same, `sluice reconcile \(accepted.id)` sweeps the queue first."
                )
            }
        }
    }
}

extension QueueTable.Format: ExpressibleByArgument {}
