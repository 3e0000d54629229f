import Ledger
import Reports

/// What `sluice status` and `sluice runs` print.
package enum Overviews {
    /// Prints what is open, and what waits for a next step.
    package static func status(_ options: AppOptions) throws {
        let ledger = try Ledger.open(at: options.directory)
        let report = try StatusReport(ledger: ledger, isWriting: options.isWriting) { job in
            options.isHeld(job)
        }
        Console.print(options.json ? try report.json() : report.text(width: 100))
    }

    /// Prints past runs, the newest first; exports too where no job is named.
    ///
    /// - Parameter limit: How many of each.
    package static func runs(job: String?, limit: Int, _ options: AppOptions) throws {
        let ledger = try Ledger.open(at: options.directory)
        var list = try RunList(ledger: ledger, job: job, limit: limit, isHeld: options.isHeld)
        list.exports =
            job == nil
            ? try ExportList(ledger: ledger, limit: limit, isHeld: options.isWriting) : nil
        Console.print(options.json ? try list.json() : list.text(width: 100))
    }
}
