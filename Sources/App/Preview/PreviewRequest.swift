import Engine
import Foundation
import Jobs
import Mapping
import Model
import Records
import Reports

/// Shows the first records of a job: what was read, and what would be sent. It opens no ledger and sends nothing.
package struct PreviewRequest: Sendable {
    /// How many rows are shown, 1 or more.
    package var rows: Int
    /// An expression: only rows for which it is true are shown.
    package var filter: String?
    /// A table even if stdout is no terminal.
    package var isText: Bool

    package init(rows: Int, filter: String? = nil, isText: Bool = false) {
        self.rows = rows
        self.filter = filter
        self.isText = isText
    }

    /// - Parameter path: Of the job file.
    /// - Throws: ``Failure``, or what it translates: a job or an input that cannot be read.
    package func run(_ path: String, _ options: AppOptions) throws {
        guard rows > 0 else { throw Failure(.usage, "--rows: expected 1 or more.") }
        let (job, text) = try JobLoader.importJob(at: path)
        let source = JobSource(path: path, text: text)
        do {
            try show(job, source, options)
        } catch {
            throw OpenGaps.explained(error, in: text, path)
        }
    }

    private func show(_ job: Job, _ source: JobSource, _ options: AppOptions) throws {
        var window: PreviewWindow?
        try Offline.withPlan(
            job, source, options,
            narrowing: { plan in
                let found = try PreviewWindow(
                    plan, rows: rows, where: filter.map { ExpressionRule($0) })
                window = found
                return found.plan
            }
        ) { plan, _ in
            guard let window else { return }
            let preview = try Preview(plan, window)
            if options.json || !isText && !Console.isOutputTerminal {
                Console.put(Array(PreviewJSON.text(preview, plan, window).utf8))
            } else {
                let table = PreviewTable(plan, width: Console.outputWidth)
                for line in table.lines(preview, window) { Console.print(line) }
            }
        }
    }
}
