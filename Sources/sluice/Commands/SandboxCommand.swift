import App
import ArgumentParser
import Foundation
import Sandbox

struct SandboxCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sandbox", abstract: "The stand-in API, by itself, with faults on request.",
        discussion: """
            Example: sluice sandbox --port 8080 --rate 300/fixed --fault cut-after:0.01
            It listens on loopback only, prints its address, and ends on Ctrl-C. `--list-faults` says what it can do.
            """)

    @Option(help: "The port; 0 takes a free one.")
    var port = 0
    @Option(help: "Keep the books in this file, so that they survive; else in memory.")
    var books: String?
    @Option(help: "The org's number.")
    var org = "4001"
    @Option(
        help: "Where bill numbers are unique: none, org, store, till; unknown: nowhere, and untold.")
    var unique = "none"
    @Option(
        help:
            "Within how many days of each other, where they are unique; 0: for all time, and untold.")
    var uniqueDays = 3650
    @Option(help: "Hold so many stores, customers, bills … from the start.")
    var seedData = 0
    @Flag(help: "Count the header of a file of coupons as one of its rows.")
    var countHeaders = false
    @Option(help: "The decimal places to which amounts are cut when they are read back, 0 to 6.")
    var decimals = 0
    @Flag(help: "Store the clock time of dates, and drop their offsets.")
    var ignoreOffsets = false
    @Option(
        help: ArgumentHelp(
            "Show values in another form than they were sent in: "
                + Rewriting.Form.allCases.map(\.rawValue).joined(separator: ", ")
                + "; several with commas."))
    var rewrite: String?
    @Option(
        help:
            "Where the queue of rejected transactions is: organization (/v2/organization/…) or root (/v2/…)."
    )
    var queuePath = "organization"
    @Flag(help: "Give all settings of the org, whatever filter is asked for.")
    var ignoreConfigFilters = false
    @Option(help: "Requests a minute, and how they are counted: 300/fixed, 300/sliding.")
    var rate: String?
    @Option(help: "A fault, as in cut-after:0.05; may be said several times.")
    var fault: [String] = []
    @Option(help: "The seed of chance.")
    var seed: UInt64 = 1
    @Flag(
        help:
            "Serve /_sandbox/: its books, faults, a reset. Every user of this machine can ask for them."
    )
    var controls = false
    @Flag(help: "List the faults and end.")
    var listFaults = false

    func run() async throws {
        if listFaults {
            return Console.print(Fault.manual)
        }
        var options = SandboxOptions()
        options.port = port
        options.statePath = books
        options.controls = controls
        options.org = org
        options.seedData = max(0, seedData)
        options.countsHeaderOfFiles = countHeaders
        guard (0...6).contains(decimals) else { throw Failure(.usage, "--decimals is 0 to 6") }
        options.amountDecimals = decimals
        options.ignoresOffsets = ignoreOffsets
        if let rewrite {
            guard let rewriting = Rewriting(rewrite) else {
                throw Failure(
                    .usage,
                    "--rewrite is one or more of "
                        + Rewriting.Form.allCases.map(\.rawValue).joined(separator: ", "))
            }
            options.rewriting = rewriting
        }
        if unique == "unknown" {
            options.tellsUniqueness = false
        } else if let uniqueness = SandboxOptions.Uniqueness(rawValue: unique) {
            options.uniqueness = uniqueness
            if uniqueness != .none, uniqueDays > 0 { options.uniqueInDays = uniqueDays }
        } else {
            throw Failure(.usage, "--unique is one of none, org, store, till, unknown")
        }
        guard let queuePath = SandboxOptions.QueuePath(rawValue: queuePath) else {
            throw Failure(.usage, "--queue-path is organization or root")
        }
        options.queuePath = queuePath
        options.ignoresConfigFilters = ignoreConfigFilters
        if let rate {
            let parts = rate.split(separator: "/")
            guard parts.count <= 2, let requests = Int(parts.first ?? ""), requests > 0,
                let window = parts.count == 1
                    ? .fixed : SandboxOptions.RateLimit.Window(rawValue: String(parts[1]))
            else {
                throw Failure(
                    .usage, "--rate is a number of requests a minute, then /fixed or /sliding")
            }
            options.rate = SandboxOptions.RateLimit(requests: requests, window: window)
        }
        do {
            options.faults = try FaultPlan(seed: seed, parsing: fault)
        } catch {
            throw Failure(.usage, "\(error)")
        }
        let server = try await SandboxServer.start(options)
        Console.print(server.baseURL)
        let (asked, ask) = AsyncStream<Int32>.makeStream()
        let watch = SignalWatch { ask.yield($0) }
        for await _ in asked { break }
        watch.end()
        await server.stop()
    }
}
