package import Ledger
package import Model

/// The status: the runs that are open, the last ended one of each job, and those that left something of a replaced
/// input.
package struct StatusReport: Sendable {
    /// One run that is open, or that ended last.
    package struct Entry: Sendable, Equatable {
        /// As the ledger has it.
        package var run: RunRow
        /// The outcomes of its records.
        package var totals: Totals
        /// A process is at it right now.
        package var isHeld: Bool
        /// What to do now.
        package var next: NextStep
        /// The server cannot be reached, or could not when the run stopped.
        package var outage: OutageRow?
    }
    /// The newest first.
    package var open: [Entry]
    /// The last run of each job that has ended.
    package var ended: [Entry]
    /// Runs that have not started: the server was not reached, or their process died first.
    package var pending: [Entry] = []
    /// Orders of cards that are not finished.
    package var cards: [CardStatus]
    /// Exports that are not finished, and the last finished one of each job.
    package var exports: [ExportList.Entry] = []
    /// When it was gathered.
    package var now: Timestamp
    /// Of the ledger's file.
    package var size: LedgerSize

    /// - Parameters:
    ///   - rejects: The newest set of reject files of a run, where the caller knows its folder.
    ///   - isWriting: Whether a process writes that file as an export.
    ///   - isHeld: Whether a process is at that job.
    package init(
        ledger: Ledger, now: Timestamp = .current,
        rejects: (RunRow) throws -> RejectFiles.Written? = { _ in nil },
        isWriting: (_ path: String) -> Bool = { _ in false }, isHeld: (_ job: String) -> Bool
    ) throws {
        func entry(_ run: RunRow) throws -> Entry {
            let totals = try ledger.totals(run: run.number)
            let isHeld = run.state == .running && isHeld(run.job)
            return Entry(
                run: run, totals: totals, isHeld: isHeld,
                next: .after(
                    run, totals, isHeld: isHeld, rejects: try rejects(run),
                    open: run.isOpen || isHeld ? nil : try Self.open(run, ledger),
                    isImportedLater: run.leftInput(totals) ? try run.isImportedLater(ledger) : false),
                outage: run.isOpen ? try ledger.outage(run: run.number) : nil)
        }
        let runs = try ledger.runs(limit: .max)
        open = try runs.filter(\.isOpen).map(entry)
        pending = try ledger.pending().reversed().map { row in
            let isHeld = isHeld(row.run.job)
            return Entry(
                run: row.run, totals: Totals(), isHeld: isHeld,
                next: .after(row.run, Totals(), isHeld: isHeld))
        }
        var seen: Set<String> = []
        ended = try runs.filter { run in
            guard !run.isOpen else { return false }
            if seen.insert(run.job).inserted { return true }
            // What was never sent of an input that was replaced waits for a person.
            return try run.inputGone != nil && run.leftInput(ledger.totals(run: run.number))
                && !run.isImportedLater(ledger)
        }.map(entry)
        cards = try CardStatus.open(in: ledger)
        var series: Set<String> = []
        exports = try ExportList(ledger: ledger, limit: 1000, isHeld: isWriting).entries.filter {
            $0.export.isOpen
                || $0.export.series.hasPrefix("job ") && $0.export.state == .finished
                    && series.insert($0.export.series).inserted
        }
        self.now = now
        size = try ledger.size()
    }

    /// As a run's own report counts it.
    private static func open(_ run: RunRow, _ ledger: Ledger) throws -> Int? {
        if let pruned = try ledger.prunedRun(run: run.number) { return pruned.keepsFolder ? nil : 0 }
        return try ledger.open(of: run)
    }

    /// What is open, then how each job ended last.
    package func text(width: Int = 100) -> String {
        guard
            !open.isEmpty || !ended.isEmpty || !pending.isEmpty || !cards.isEmpty || !exports.isEmpty
        else {
            return "No runs yet.\n"
        }
        var blocks = [["Ledger: \(size.words)"]]
        // The open ones last: they are what a person has to act on.
        blocks += ended.map { lines($0, width) }
        blocks += cards.map { $0.lines(width: width) }
        blocks += exports.reversed().map { $0.lines(now: now, width: width) }
        blocks += open.reversed().map { lines($0, width) }
        blocks += pending.reversed().map { lines(ofPending: $0, width) }
        return blocks.map { $0.joined(separator: "\n") + "\n" }.joined(separator: "\n")
    }

    private func lines(_ entry: Entry, _ width: Int) -> [String] {
        let run = entry.run
        var head = "\(Wording.harmless(run.job)): \(run.stateWord(isHeld: entry.isHeld))"
        if let code = run.exitCode, !entry.isHeld { head += ", exit \(code)" }
        // A clock that was set back must not make a run of the future.
        let since = max(
            now.since(run.ended.flatMap { run.isOpen && entry.isHeld ? nil : $0 } ?? run.started), .zero
        )
        head += entry.isHeld ? ", for \(Wording.duration(since))" : ", \(Wording.duration(since)) ago"
        var lines = Wording.wrap(head, width: width)
        lines += Wording.wrap(
            "run \(run.id), \(run.endpoint) to org \(Wording.harmless(run.org))", width: width,
            indent: "  ")
        lines += Wording.wrap(entry.totals.sentence, width: width, indent: "  ")
        if let outage = entry.outage {
            lines += Wording.wrap(outage.words(now), width: width, indent: "  ")
        }
        // Of a run under way there is nothing to type but what was just typed.
        guard !entry.isHeld, run.isOpen || entry.next.command != nil else { return lines }
        return lines + entry.next.lines(width: width - 2).map { "  " + $0 }
    }

    private func lines(ofPending entry: Entry, _ width: Int) -> [String] {
        let run = entry.run
        let head =
            "\(Wording.harmless(run.job)): pending"
            + (run.exitCode.map { ", exit \($0)" } ?? (entry.isHeld ? ", starting" : ", interrupted"))
            + ", \(Wording.duration(max(now.since(run.ended ?? run.started), .zero))) ago"
        var lines = Wording.wrap(head, width: width)
        lines += Wording.wrap(
            "run \(run.id), \(run.endpoint) over \(Wording.harmless(run.connection)), has read nothing yet",
            width: width, indent: "  ")
        if let ending = run.ending {
            lines += Wording.wrap(
                Masking.mask(Wording.harmless(ending), numbersOf: 6), width: width, indent: "  ")
        }
        return lines + (entry.isHeld ? [] : entry.next.lines(width: width - 2).map { "  " + $0 })
    }

    /// `{schema, gathered, ledger_bytes, ledger_free_bytes, open: […], ended: […], pending: […], cards: […],
    /// exports: […]}`: runs as in their list with `next {words, command?}` and `outage? {since, cause}`,
    /// ``CardStatusJSON``, ``ExportJSON``.
    package func json() throws -> String {
        func items(_ entries: [Entry]) -> [Item] {
            entries.map {
                Item(
                    summary: RunJSON(.init(run: $0.run, totals: $0.totals, isHeld: $0.isHeld)),
                    next: NextJSON($0.next), outage: $0.outage.map(OutageJSON.init))
            }
        }
        return try ReportJSON.text(
            Document(
                gathered: now.iso8601, ledgerBytes: size.bytes, ledgerFreeBytes: size.free,
                open: items(open), ended: items(ended), pending: items(pending),
                cards: cards.map(CardStatusJSON.init),
                exports: exports.map(ExportJSON.init)))
    }

    private struct Document: Encodable {
        var schema = 1
        var gathered: String
        var ledgerBytes, ledgerFreeBytes: Int
        var open, ended, pending: [Item]
        var cards: [CardStatusJSON]
        var exports: [ExportJSON]
    }

    private struct Item: Encodable {
        var summary: RunJSON
        var next: NextJSON
        var outage: OutageJSON?

        enum CodingKeys: String, CodingKey { case next, outage }

        func encode(to encoder: any Encoder) throws {
            try summary.encode(to: encoder)
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(next, forKey: .next)
            try container.encodeIfPresent(outage, forKey: .outage)
        }
    }
}

extension Totals {
    /// `6,919 records: 6,900 accepted, 19 rejected`; states that no record is in are left out.
    var sentence: String {
        let order: [RecordState] = [
            .accepted, .skipped, .rejected, .invalid, .parked, .failed, .inDoubt, .unsent, .sent,
        ]
        let parts = order.filter { self[$0] > 0 }.map { state in
            "\(Wording.count(self[state])) \(state == .sent ? "in flight" : state.word)"
        }
        return Wording.count(records, "record")
            + (parts.isEmpty ? "" : ": " + parts.joined(separator: ", "))
    }
}

extension LedgerSize {
    /// `12.0 MB`, with what of it is free where that is much.
    package var words: String {
        let all = Wording.bytes(bytes)
        return free * 10 < bytes ? all : "\(all), \(Wording.bytes(free)) of it free"
    }
}
