import Ledger
import Model

/// What became of several jobs that were run in an order.
package struct PlanSummary: Sendable {
    /// One job of the plan.
    package struct Step: Sendable {
        /// The job's name.
        package var job: String
        /// The job's file, as the plan names it.
        package var file: String
        /// Nil where it did not begin.
        package var exitCode: Int?
        /// Why it did not begin, or broke off.
        package var why: String?
        /// Of the job's newest run, where there is one.
        package var report: RunReport?

        package init(job: String, file: String, why: String? = nil) {
            self.job = job
            self.file = file
            self.why = why
        }
    }

    /// In the order of the plan.
    package var steps: [Step]

    package init(steps: [Step]) { self.steps = steps }

    /// A table with a line for each step.
    package func text(width: Int = 100) -> String {
        var table = TextTable([.left, .left, .right, .right, .right, .right, .right, .right])
        table.add(["job", "run", "exit", "read", "accepted", "skipped", "left", "time"])
        for step in steps {
            let totals = step.report?.totals
            func cell(_ count: Int?) -> String { count.map(Wording.count) ?? "-" }
            table.add([
                Wording.harmless(step.job), step.report?.run.id.text ?? "-",
                step.exitCode.map(String.init) ?? "-", cell(totals?.records), cell(totals?[.accepted]),
                cell(totals?[.skipped]), cell(totals?.left),
                step.report.map { Wording.duration($0.active) } ?? "-",
            ])
        }
        var lines = table.lines(width: width, flexible: 0)
        for step in steps where step.exitCode != 0 {
            lines.append("")
            lines.append("\(Wording.harmless(step.job)):")
            if let why = step.why {
                lines += Wording.wrap(Wording.harmless(why), width: width, indent: "  ")
            }
            guard let report = step.report else { continue }
            for group in report.groups.prefix(3) {
                lines += Wording.wrap(
                    "\(Wording.count(group.count)) \(group.state.word): \(group.reason?.code ?? "no reason recorded")",
                    width: width, indent: "  ")
            }
            lines += report.next.lines(width: width - 2).map { "  " + $0 }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// `{schema, steps: [job, file, exit_code?, why?, run? (as `sluice report --json`)]}`, in their order;
    /// without `exit_code`, it did not begin.
    package func json() throws -> String {
        try ReportJSON.text(
            Document(
                steps: steps.map { step in
                    Document.Step(
                        job: step.job, file: step.file, exitCode: step.exitCode, why: step.why,
                        run: step.report?.document())
                }))
    }

    private struct Document: Encodable {
        var schema = 1
        var steps: [Step]
        struct Step: Encodable {
            var job, file: String
            var exitCode: Int?
            var why: String?
            var run: RunReport.Document?
        }
    }
}
