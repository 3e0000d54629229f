import Catalog
import Engine
import Foundation
import Jobs
import Ledger
import Model
import Records
import Reports

/// Prints what a run of an import would send: records, requests, share of the rate, time.
enum SendEstimation {
    /// - Throws: ``Failure``, or what it translates: an unknown connection, an input that cannot be read.
    static func run(_ job: Job, _ source: JobSource, _ options: AppOptions) throws {
        try Offline.withPlan(job, source, options, needsConnection: true) { plan, connection in
            try read(plan, connection, options)
        }
    }

    private static func read(_ plan: Plan, _ named: Connection, _ options: AppOptions) throws {
        var connection = named
        connection.rate = plan.rate
        var dry = DryRun()
        try dry.run(plan) { _ in }
        let requests = dry.requests(chunk: plan.chunkSize)
        let looks = try looks(plan, records: dry.records - dry.invalid, options)
        let seconds = connection.pace.map { Double(requests + looks.requests) / $0 }
        if options.json {
            var document: [String: Any] = [
                "schema": 1, "records": dry.records, "invalid": dry.invalid, "requests": requests,
                "body_bytes": dry.itemBytes, "chunk": plan.chunkSize,
            ]
            document["seconds_at_least"] = seconds
            if let words = late(plan, seconds, dry.records - dry.invalid) {
                document["ends_after_until"] = true
                Console.warn(words)
            }
            document["old_records"] = dry.old
            document["looks"] = looks.requests
            document["held"] = looks.held
            return Console.print(try Console.json(document))
        }
        // The built-in sandbox is not started for this.
        let place = connection.saltFile == "" ? "built in" : connection.baseURL
        Console.print(
            "job          \(plan.job): \(plan.endpoint.name) over \(connection.name) (\(place))")
        Console.print(
            "input        \(plan.inputs.map { InputName.bare($0.name) }.joined(separator: ", "))")
        Console.print("records      \(dry.records), of which \(dry.invalid) invalid")
        Console.print(
            "requests     \(requests) of up to \(plan.chunkSize) records, \(dry.itemBytes) bytes of bodies"
        )
        if looks.requests > 0 {
            Console.print(
                "look-ups     at least \(looks.requests), one per record: the ledger was adopted")
        }
        if looks.held > 0 {
            Console.print(
                "held         \(looks.held) records: the ledger was adopted, and \(plan.endpoint.name) cannot be looked up"
            )
        }
        for text in connection.rateWords(seconds) { Console.print(text) }
        if let words = late(plan, seconds, dry.records - dry.invalid) { Console.warn(words) }
        if dry.old > 0, let header = plan.endpoint.offeredHeaders.first(where: \.isForImports) {
            Console.warn(
                "warning: \(dry.old) records are older than 30 days but sent as new: they "
                    + "earn points and send messages. To avoid that, set "
                    + "`send: { headers: { \(header.name): \(header.value) } }`.")
        }
        Console.print(
            "Records that earlier runs imported are not sent; the run shows their number.")
    }

    /// That `stop.until` comes before the end, and how much is sent by then.
    private static func late(_ plan: Plan, _ seconds: Double?, _ records: Int) -> String? {
        guard let deadline = plan.deadline, let seconds, seconds > 0 else { return nil }
        let left = deadline.since(Environment.real.now()) / .seconds(1)
        guard seconds > left else { return nil }
        let sent = Int(Double(records) * max(0, left) / seconds)
        return
            "stop.until (\(deadline.iso8601)) is before the end: about \(sent) of \(records) records "
            + "are sent by then. `sluice resume` sends the rest in the next window."
    }

    /// What an adopted ledger looks up before it sends, and what it holds since nothing can be looked up.
    private static func looks(_ plan: Plan, records: Int, _ options: AppOptions) throws -> (
        requests: Int, held: Int
    ) {
        guard FileManager.default.fileExists(atPath: Ledger.path(in: options.directory)) else {
            return (0, 0)
        }
        let ledger = try Ledger.open(at: options.directory)
        guard let adoption = try ledger.adoption(),
            adoption.looksFirst(begun: Environment.real.now())
        else { return (0, 0) }
        return switch plan.endpoint.recovery {
        case .resend: (0, 0)
        case .readBack, .resendSameRequestID: (records, 0)
        case .adoptJob, .hold: (0, records)
        }
    }
}
