import Model

/// Whoever decides what nothing in the API tells: looks at the server, and says what was accepted and what is sent again.
struct Person {
    let folder: String
    let stand: Stand

    /// Seconds after which nothing comes late any more.
    static let patience = 0.6

    /// The command for a run that ended with records in doubt; nil where none is.
    ///
    /// - Parameter complain: Is told what the lists of the run leave out.
    func decisions(
        _ run: LedgerAccount.Run, _ input: Input, _ supply: any Supply, complain: (String) -> Void
    ) throws -> [String]? {
        let records = try LedgerAccount.records(of: run, in: folder).records
        let doubts = records.indices.filter { records[$0].state == .inDoubt }
        guard !doubts.isEmpty else { return nil }
        let told = try LedgerAccount.listed(run, folder)
        for record in doubts where !told.contains(record) {
            complain("record \(record) of \(run.name) is in doubt, and on no list with a next step")
        }
        // Of equal records each needs a write of its own.
        var done: [String: Int] = [:]
        try supply.eachDeed(stand) { done[$0.key, default: 0] += $0.times }
        for record in records.indices where records[record].state == .accepted {
            let thing = Int(input.records[record].thing)
            if thing >= 0 { done[supply.key(of: thing)]? -= 1 }
        }
        var landed: [String] = []
        var missing: [String] = []
        for record in doubts {
            let thing = Int(input.records[record].thing)
            if thing >= 0, let left = done[supply.key(of: thing)], left > 0 {
                done[supply.key(of: thing)] = left - 1
                landed.append("record:\(record)")
            } else {
                missing.append("record:\(record)")
            }
        }
        return ["reconcile", run.name] + (landed.isEmpty ? [] : ["--accept"] + landed)
            + (missing.isEmpty ? [] : ["--resend"] + missing) + ["--reason", "looked it up"]
    }
}
