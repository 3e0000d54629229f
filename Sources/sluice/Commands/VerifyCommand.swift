import App
import ArgumentParser
import Catalog
import Engine
import Foundation
import Ledger
import Model
import Reports

struct VerifyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Read accepted records back from the server, and compare them with what was sent.",
        discussion: """
            Example: sluice verify 20260203T141500-7k2m9qd4xz --all

            Exit status 0: all that were checked are there as they were sent; 1: some differ or are missing; 5: the server
            did not say of some. Fields that were not sent are not compared; which of the sent ones the server does not
            show is told.
            """)

    @Argument(help: "The run; else the newest.")
    var run: String?

    @Option(help: "So many of its accepted records, chosen by chance.")
    var sample = 100

    @Flag(help: "All of them.")
    var all = false

    @Option(help: "Another connection than the run's.")
    var connection: String?

    @OptionGroup var options: StateOptions
    @OptionGroup var connections: ConnectionOptions

    func run() async throws {
        guard sample > 0 else { throw Failure(.usage, "--sample: a number from 1 on is wanted.") }
        let context = try AppContext(options.app(connections))
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
                    "the run was of org \(row.org), and the server says \(org.id ?? "none"). "
                        + "Name the right connection with --connection.")
            }
            let verifier = try Verifier(
                plan: plan, run: row, org: org, ledger: context.ledger, sender: api.sender)
            result = try await verifier.verify(sample: all ? nil : sample)
        } catch {
            await api.close()
            throw error
        }
        await api.close()
        await context.ledger.close()
        try tell(result, of: row)
    }

    private func tell(_ result: Verifier.Result, of row: RunRow) throws {
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
            throw ExitCode(cause.condition.exitCode)
        }
        if result.differ + result.missing > 0 { throw ExitCode(ExitStatus.problems.rawValue) }
        if result.unclear > 0 { throw ExitCode(ExitStatus.passing.rawValue) }
    }

    /// The share of all that may be wrong although the sample is not, with 95 % confidence.
    private func bound(_ result: Verifier.Result) -> Double {
        result.checked == 0 ? 1 : 1 - pow(0.05, 1 / Double(result.checked))
    }

    private func text(_ result: Verifier.Result, of row: RunRow, isWhole: Bool) -> [String] {
        if result.accepted == 0 { return ["run \(row.id): nothing was accepted, so nothing to check"] }
        var lines = [
            "run \(row.id): \(Wording.count(result.checked, "record")) of \(result.accepted) accepted "
                + "checked: \(result.matched) as sent, \(result.differ) differ, \(result.missing) missing"
                + (result.unclear > 0 ? ", \(result.unclear) the server did not tell of" : "")
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
                "\(Wording.count(result.overwritten, "record")) not checked: newer ones have set the same "
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
