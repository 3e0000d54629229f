import App
import ArgumentParser
import Foundation
import Sandbox

struct SandboxCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sandbox", abstract: "Run the stand-in API as a server, with faults on request.",
        discussion: """
            Examples:
              sluice sandbox --port 8080 --rate 300/fixed --fault cut-after:0.01
              sluice sandbox --list-faults

            It listens on loopback only, prints its address, and ends on Ctrl-C.
            """)

    @Option(help: "The port; 0 for any free one.")
    var port = 0
    @Option(help: "Store the data in this file; by default in memory.", completion: .dataFiles)
    var books: String?
    @Option(help: "The id of the org.")
    var org = "4001"
    @Option(
        help:
            "Where bill numbers are unique: none, org, store or till; unknown: nowhere, and the setting is not shown."
    )
    var unique = "none"
    @Option(
        help:
            "For how many days bill numbers are unique; 0: for all time, and the setting is not shown.")
    var uniqueDays = 3650
    @Option(help: "Start with this number of stores, customers, bills …")
    var seedData = 0
    @Flag(help: "Count the header of a coupon file as one of its rows.")
    var countHeaders = false
    @Option(help: "The decimal places of amounts in read-backs, 0 to 6; the rest is cut off.")
    var decimals = 0
    @Flag(help: "Store dates without their offsets.")
    var ignoreOffsets = false
    @Option(
        help: ArgumentHelp(
            "Show values in another form than they were sent: "
                + Rewriting.Form.allCases.map(\.rawValue).joined(separator: ", ")
                + "; several separated by commas."))
    var rewrite: String?
    @Option(
        help:
            "The path of the queue of rejected transactions: organization (/v2/organization/…) or root (/v2/…)."
    )
    var queuePath = "organization"
    @Flag(help: "Show all settings of the org, whatever the filter.")
    var ignoreConfigFilters = false
    @Option(help: "The rate limit per minute, and the kind of window: 300/fixed, 300/sliding.")
    var rate: String?
    @Option(help: "A fault, such as cut-after:0.05; can be repeated.")
    var fault: [String] = []
    @Option(help: "The seed of the random numbers.")
    var seed: UInt64 = 1
    @Flag(
        help:
            "Serve /_sandbox/: data, faults, reset. Every user of this machine can use it."
    )
    var controls = false
    @Flag(help: "List the faults and exit.")
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
        guard (0...6).contains(decimals) else { throw Failure(.usage, "--decimals: expected 0 to 6") }
        options.amountDecimals = decimals
        options.ignoresOffsets = ignoreOffsets
        if let rewrite {
            guard let rewriting = Rewriting(rewrite) else {
                throw Failure(
                    .usage,
                    "--rewrite: expected one or more of "
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
            throw Failure(.usage, "--unique: expected none, org, store, till or unknown")
        }
        guard let queuePath = SandboxOptions.QueuePath(rawValue: queuePath) else {
            throw Failure(.usage, "--queue-path: expected organization or root")
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
                    .usage, "--rate: expected a number of requests per minute, then /fixed or /sliding")
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
