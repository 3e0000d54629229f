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
                api.connection, sender: api.sender, tell: Console.warn)
            guard org.id == row.org else {
                throw Failure(
                    .usage,
                    "the run was of org \(row.org), but the server says \(org.id ?? "none"). "
                        + "Name the right connection with --connection.")
            }
            let verifier = try Verifier(
                plan: plan, run: row, org: org, ledger: context.ledger, sender: api.sender)
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
        let isWhole = result.checked + result.overwritten == result.accepted
        if options.json {
            Console.print(
                try Console.json([
                    "schema": 1, "run": row.id.text, "accepted": result.accepted,
                    "checked": result.checked, "matched": result.matched, "differ": result.differ,
                    "missing": result.missing, "unclear": result.unclear,
                    "overwritten": result.overwritten, "fields": result.fields,
                    "not_compared": result.unread.sorted(),
                    "notes": result.allowances.map(\.rawValue).sorted(),
                    "findings": result.findings.map {
                        ["record": $0.record, "line": $0.line, "fields": $0.fields] as [String: Any]
                    },
                    "confidence": isWhole ? NSNull() : bound(result) as Any,
                ]))
        } else if !options.quiet || result.matched != result.checked {
            Console.print(text(result, of: row, isWhole: isWhole).joined(separator: "\n"))
        }
        if let cause = result.cause {
            Console.complain(cause.words)
            return ExitStatus(ending: cause.condition.exitCode)
        }
        if result.differ + result.missing > 0 { return .problems }
        return result.unclear > 0 ? .passing : .fine
    }

    /// The share of all that may be wrong although the sample is not, with 95 % confidence.
    private static func bound(_ result: Verifier.Result) -> Double {
        result.checked == 0 ? 1 : 1 - pow(0.05, 1 / Double(result.checked))
    }

    private static func text(_ result: Verifier.Result, of row: RunRow, isWhole: Bool) -> [String] {
        if result.accepted == 0 { return ["run \(row.id): no accepted records, nothing to check"] }
        var lines = [
            "run \(row.id): \(Wording.count(result.checked, "record")) of \(result.accepted) accepted "
                + "checked: \(result.matched) as sent, \(result.differ) differ, \(result.missing) missing"
                + (result.unclear > 0 ? ", \(result.unclear) without an answer" : "")
        ]
        for (field, count) in result.fields.sorted(by: { ($1.value, $0.key) < ($0.value, $1.key) }) {
            lines.append("  \(field): differs in \(Wording.count(count, "record"))")
        }
        for finding in result.findings.prefix(10) {
            lines.append(
                "  record \(finding.record), line \(finding.line): "
                    + (finding.fields.isEmpty ? "missing" : finding.fields.joined(separator: ", ")))
        }
        if result.overwritten > 0 {
            lines.append(
                "\(Wording.count(result.overwritten, "record")) not checked: newer records have set the same "
                    + "since")
        }
        lines += result.allowances.map(\.rawValue).sorted()
        if !result.unread.isEmpty {
            lines.append(
                "not shown by the server, so not compared: "
                    + result.unread.sorted().joined(separator: ", "))
        }
        if !isWhole, result.checked > 0, result.matched == result.checked {
            let share = String(format: "%.2f", bound(result) * 100)
            lines.append(
                "with 95 % confidence, less than \(share) % of the rest differ; --all checks them")
        }
        return lines
    }
}
