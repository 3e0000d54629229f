import Catalog
import Engine
import Foundation
import Ledger
import Model
import Records
import Reports

/// Runs an export in front of a person or a script.
struct ExportController {
    let context: AppContext
    let api: APISession

    /// - Returns: The exit status.
    func run(
        _ asked: ExportOrder, since: String?, series: String?, output: String, isAnew: Bool
    ) async throws -> ExitStatus {
        var wanted = asked
        let path = absolute(output)
        // The name is short enough for a file, whatever the path is.
        guard let lock = try JobLock.take(job: Self.lockName(path), in: context.options.directory)
        else { throw Failure(.held, "another process is exporting to \(output).") }
        defer { withExtendedLifetime(lock) {} }
        let listing = try ListingList.find(wanted.listing)
        let org = try await RunStarter.learnOrg(
            api.connection, sender: api.sender, environment: .real, tell: Console.warn)
        let series = series ?? self.series(wanted, org.id ?? "")
        let former = try context.ledger.lastExport(of: series)
        if let since { try Self.begin(&wanted, since: since, listing, former) }
        if wanted.changedOnly, wanted.salt == nil, former == nil {
            say("there is no earlier export of this: everything is new")
        }
        // What cannot be read leaves no unfinished export behind.
        let isNew = try isAnew || context.ledger.openExport(to: path) == nil
        if isNew { try refuseForeign(path) }
        if isNew, let keys = try KeySource(wanted) {
            _ = try await keys.sample(context.ledger, of: 0)
        }
        let (row, order, isResumed) = try await ExportStarter.begin(
            wanted, series: series, path: path,
            connection: api.connection, org: org.id ?? "", ledger: context.ledger, isAnew: isAnew,
            environment: .real)
        if isResumed {
            say("export \(row.id) continues: \(Wording.count(row.counts.written, "item")) so far")
        }
        // Before its first page an export may have been cut off among its keys.
        if row.place == nil, let keys = try KeySource(order) {
            try await keys.read(into: context.ledger, export: row.number)
        }
        let exporter = try Exporter(
            listing, order, row: row, former: order.changedOnly ? former : nil, ledger: context.ledger,
            sender: api.sender,
            rate: api.connection.rate, environment: .real)
        let watch = SignalWatch { number in
            Console.clearLine()
            Console.warn("stopping: waiting for the requests in flight; press again to stop at once")
            let condition: RunResult.Condition = number == SIGINT ? .interrupted : .terminated
            Task { await exporter.stop(StopReason(condition, "interrupted")) }
        }
        defer { watch.end() }
        let display = Task { await show(exporter) }
        defer { display.cancel() }
        let outcome: ExportOutcome
        do {
            outcome = try await exporter.run()
        } catch {
            try? await context.ledger.endExport(
                row.number, state: .stopped, exitCode: 5, ending: "passing-trouble", columns: nil,
                at: Environment.real.now())
            throw error
        }
        display.cancel()
        await display.value
        Console.clearLine()
        return try await end(row, order, listing, outcome, former, output: output)
    }

    /// - Throws: ``Failure`` where another than an export made the file that would be written.
    private func refuseForeign(_ path: String) throws {
        guard let foreign = try ExportTarget.foreign(at: path, in: context.ledger) else { return }
        throw Failure(
            .usage,
            "\(foreign) exists already, was not made by an export, and is not overwritten. Move it, or choose "
                + "another file.")
    }

    /// Of the lock that keeps two exports from writing one file.
    static func lockName(_ path: String) -> String { "export-" + KeySource.digest(path) }

    /// Exports that ask for the same of the same org are one series.
    private func series(_ order: ExportOrder, _ org: String) -> String {
        var plain = order
        plain.keys = nil
        (plain.keyDelimiter, plain.keyEncoding, plain.keySheet) = (nil, nil, nil)
        (plain.from, plain.to, plain.since, plain.salt) = (nil, nil, nil, order.salt == nil ? nil : "")
        plain.changedOnly = false
        return KeySource.digest(org + plain.json + (order.keys ?? ""))
    }

    /// What changed since the last export began, or since a day.
    private static func begin(
        _ order: inout ExportOrder, since: String, _ listing: Listing, _ former: ExportRow?
    ) throws {
        guard listing.since != nil || listing.onlyGrows && listing.span != nil else {
            throw Failure(
                .usage,
                "\(listing.name) does not say when items changed. --changed-only compares all of them "
                    + "with the last export.")
        }
        let start: Timestamp
        if since == "last" {
            guard let former else { return }
            // Clocks differ, and a change may be seen late.
            start = former.started - .seconds(3600)
        } else if let day = DayOrInstant.read(since) {
            start = day
        } else {
            throw Failure(.usage, "--since \(since): expected `last`, or a day such as 2026-02-03.")
        }
        if listing.since != nil {
            order.since = String(start.iso8601.prefix(10))
        } else {
            order.from = start.milliseconds
        }
    }

    private func end(
        _ row: ExportRow, _ order: ExportOrder, _ listing: Listing, _ outcome: ExportOutcome,
        _ former: ExportRow?, output: String
    ) async throws -> ExitStatus {
        let condition: RunResult.Condition
        var columns: [String]?
        if let cause = outcome.cause {
            condition = cause.condition
        } else {
            // It may have come in the meantime.
            try refuseForeign(row.path)
            columns = try ExportFinish.finish(
                row, order, listing: listing, former: former?.columns ?? [])
            try await context.ledger.noteMade(row.number, try ExportTarget.mark(of: row.path))
            condition = outcome.counts.nothing > 0 ? .problems : .fine
        }
        try await context.ledger.endExport(
            row.number, state: outcome.cause == nil ? .finished : .stopped,
            exitCode: Int(condition.exitCode), ending: condition.word, columns: columns,
            at: Environment.real.now())
        let counts = outcome.counts
        if order.changedOnly, outcome.cause == nil, let former {
            let gone = try context.ledger.itemsGone(from: former.number, in: row.number)
            if gone > 0 {
                say("\(Wording.count(gone, "item")) of the last export no longer exist")
            }
        }
        if context.options.json {
            Console.print(
                try Console.json([
                    "schema": 1, "export": row.id.text, "listing": listing.name, "file": output,
                    "complete": outcome.cause == nil, "written": counts.written,
                    "repeats": counts.repeats, "unchanged": counts.unchanged,
                    "nothing": counts.nothing, "requests": counts.requests, "notes": outcome.notes,
                    "ending": condition.word, "exit_code": condition.exitCode,
                ]))
        } else if !context.options.quiet || outcome.cause != nil {
            var words = "\(output): \(Wording.count(counts.written, "item")) of \(listing.name)"
            if counts.unchanged > 0 { words += ", \(counts.unchanged) unchanged and left out" }
            if counts.nothing > 0 { words += ", \(Wording.count(counts.nothing, "key")) not found" }
            words += "; \(Wording.count(counts.requests, "request"))"
            if outcome.cause == nil {
                Console.print(words)
            } else {
                Console.print(words.replacing(output + ":", with: output + ".part:"))
            }
        }
        if let cause = outcome.cause {
            Console.complain(
                "\(cause.words). To continue, run `sluice resume \(row.id)` or the same command.")
        }
        return ExitStatus(ending: condition.exitCode)
    }

    // MARK: Progress

    private func show(_ exporter: Exporter) async {
        guard !context.options.quiet else { return }
        var printed = 0
        var lastPlain = ContinuousClock.now
        while !Task.isCancelled {
            try? await Task.sleep(for: .milliseconds(Console.isTerminal ? 200 : 1000))
            let progress = exporter.progress
            printed = printNotes(of: progress, from: printed)
            let words =
                "\(Wording.count(progress.counts.written, "item")), "
                + Wording.count(progress.counts.requests, "request")
            if Console.isTerminal {
                Console.redraw(words)
            } else if ContinuousClock.now - lastPlain >= .seconds(30) {
                lastPlain = .now
                Console.warn(words)
            }
        }
        _ = printNotes(of: exporter.progress, from: printed)
    }

    private func printNotes(of progress: ExportProgress, from printed: Int) -> Int {
        for note in progress.notes.dropFirst(printed) {
            Console.clearLine()
            Console.warn(note)
        }
        return progress.notes.count
    }

    private func say(_ text: String) { if !context.options.quiet { Console.warn(text) } }

    private func absolute(_ path: String) -> String {
        path.hasPrefix("/") ? path : FileManager.default.currentDirectoryPath + "/" + path
    }
}
