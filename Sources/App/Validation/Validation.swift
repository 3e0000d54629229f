import Engine
import Foundation
import Model
import Reports

/// Reads and maps the input of a job, offline, and prints what is wrong and where.
package enum Validation {
    /// - Parameters:
    ///   - path: Of the job file.
    ///   - limit: How many kinds of faults are printed; all are counted.
    /// - Returns: ``ExitStatus/problems`` where a record is invalid.
    /// - Throws: ``Failure``, or what it translates: a job or an input that cannot be read.
    package static func run(_ path: String, printing limit: Int, _ options: AppOptions) throws
        -> ExitStatus
    {
        let (job, text) = try JobLoader.importJob(at: path)
        var status = ExitStatus.fine
        do {
            try Offline.withPlan(job, JobSource(path: path, text: text), options) { plan, _ in
                status = try read(plan, printing: limit, options)
            }
        } catch {
            throw OpenGaps.explained(error, in: text, path)
        }
        if !options.quiet {
            for line in OpenGaps.lines(in: text, path) { Console.warn(line) }
        }
        return status
    }

    private static func read(
        _ plan: Plan, printing limit: Int, _ options: AppOptions
    ) throws -> ExitStatus {
        var dry = DryRun()
        var findings = FindingList()
        try dry.run(plan) { findings.add($0, in: plan) }
        if !options.quiet {
            for line in findings.lines(limit) { Console.warn(line) }
            for note in dry.notes { Console.warn(note) }
        }
        if options.json {
            Console.print(
                try Console.json([
                    "schema": 1, "records": dry.records, "rows": dry.rows + dry.filtered,
                    "invalid": dry.invalid,
                    "filtered": dry.filtered,
                    "reasons": dry.reasons.map {
                        [
                            "reason": $0.key.reason.code, "field": $0.key.field ?? "",
                            "count": $0.value.count,
                        ]
                    },
                ]))
        } else if !options.quiet {
            Console.print(
                "\(dry.records) records of \(dry.rows + dry.filtered) rows: \(dry.records - dry.invalid) fit to send, \(dry.invalid) invalid"
                    + (dry.filtered == 0
                        ? "" : "; \(Wording.count(dry.filtered, "row")) filtered out by `where`")
            )
        }
        return dry.invalid > 0 ? .problems : .fine
    }
}
