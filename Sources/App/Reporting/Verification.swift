import Catalog
import Engine
import Foundation
import Ledger
import Model
import Reports

/// Reads accepted records back from the server, and compares them with what was sent.
package enum Verification {
    /// - Parameters:
    ///   - run: Its name; nil: the newest.
    ///   - sample: How many of its accepted records, by chance, from 1 on; nil: all of them.
    ///   - connection: Another one than the run's.
    /// - Returns: ``ExitStatus/problems`` where some differ or are missing, ``ExitStatus/passing`` where the server did
    ///   not say.
    package static func verify(
        _ run: String?, sample: Int?, connection: String?, _ options: AppOptions
    ) async throws -> ExitStatus {
        let context = try AppContext(options)
        let row = try context.run(run)
        let api = try await context.connect(to: connection ?? row.connection, sending: false)
        let result: Verifier.Result
        do {
            let plan = try context.plan(of: row, connection: api.connection)
            let org = try await RunStarter.learnOrg(
                api.connection, sender: api.sender, environment: .real, tell: Console.warn)
            guard org.id == row.org else {
                throw Failure(
                    .usage,
                    "the run was of org \(row.org), but the server says \(org.id ?? "none"). "
                        + "Name the right connection with --connection.")
            }
            let verifier = try Verifier(
                plan: plan, run: row, org: org, ledger: context.ledger, sender: api.sender,
                environment: .real)
            result = try await verifier.verify(sample: sample)
        } catch {
            await api.close()
            throw error
        }
        await api.close()
        await context.ledger.close()
        return try report(result, of: row, options)
    }

    private static func report(
        _ result: Verifier.Result, of row: RunRow, _ options: AppOptions
    ) throws -> ExitStatus {
        let report = report(result, of: row)
        if options.json {
            Console.print(try Console.json(report.document))
        } else if !options.quiet || result.matched != result.checked {
            Console.print(report.text)
        }
        if let cause = result.cause {
            Console.complain(cause.words)
            return ExitStatus(ending: cause.condition.exitCode)
        }
        if result.differ + result.missing > 0 { return .problems }
        return result.unclear > 0 ? .passing : .fine
    }

    private static func report(_ result: Verifier.Result, of row: RunRow) -> VerificationReport {
        var report = VerificationReport(run: row.id)
        report.accepted = result.accepted
        report.checked = result.checked
        report.matched = result.matched
        report.differ = result.differ
        report.missing = result.missing
        report.unclear = result.unclear
        report.overwritten = result.overwritten
        report.fields = result.fields
        report.unread = result.unread
        report.allowances = result.allowances.map(\.rawValue)
        report.findings = result.findings.map {
            VerificationReport.Finding(record: Int($0.record), line: $0.line, fields: $0.fields)
        }
        return report
    }
}
