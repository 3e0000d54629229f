import Catalog
import Engine
import Foundation
import Ledger
import Model
import Records
import Reports

/// Runs an export in front of a person or a script.
struct ExportConductor {
    let bench: Workbench
    let line: Line

    /// - Returns: The exit status.
    func conduct(
        _ wanted: ExportOrder, keys: String?, series: String?, output: String, isAnew: Bool
    ) async throws -> Int32 {
        let path = absolute(output)
        // The name is short enough for a file, whatever the path is.
        guard
            let lock = try JobLock.take(
                job: "export-" + KeySource.digest(path), in: bench.options.directory)
        else { throw Failure(.held, "an export to \(output) is going on already.") }
        defer { withExtendedLifetime(lock) {} }
        let listing = try ListingList.find(wanted.listing)
        let org = try await Launch.learnOrg(line.connection, sender: line.sender)
        let (row, order, isResumed) = try await ExportLaunch.begin(
            wanted, series: series ?? self.series(wanted, org.id ?? "", keys), path: path,
            connection: line.connection, org: org.id ?? "", ledger: bench.ledger, isAnew: isAnew)
        if isResumed {
            say("export \(row.id) goes on: \(Wording.count(row.counts.written, "item")) so far")
        } else if let keys {
            try await KeySource(text: keys).read(into: bench.ledger, export: row.number)
        }
        let exporter = try Exporter(
            listing, order, row: row, former: nil, ledger: bench.ledger, sender: line.sender,
            rate: line.connection.rate)
        let watch = SignalWatch { number in
            Console.clearLine()
            Console.warn("stopping: what is in flight may land; once more to leave at once")
            let condition: Ending.Condition = number == SIGINT ? .interrupted : .terminated
            Task { await exporter.stop(StopCause(condition, "interrupted")) }
        }
        defer { watch.end() }
        let display = Task { await show(exporter) }
        defer { display.cancel() }
        let outcome: ExportOutcome
        do {
            outcome = try await exporter.run()
        } catch {
            try? await bench.ledger.endExport(
                row.number, state: .stopped, exitCode: 5, ending: "passing-trouble", columns: nil,
                at: Surroundings.real.now())
            throw error
        }
        display.cancel()
        await display.value
        Console.clearLine()
        return try await end(row, order, listing, outcome, output: output)
    }

    /// Exports that ask for the same of the same org are one series.
    private func series(_ order: ExportOrder, _ org: String, _ keys: String?) -> String {
        var plain = order
        (plain.from, plain.to, plain.since, plain.salt) = (nil, nil, nil, order.salt == nil ? nil : "")
        plain.changedOnly = false
        return KeySource.digest(org + plain.json + (keys ?? ""))
    }

    private func end(
        _ row: ExportRow, _ order: ExportOrder, _ listing: Listing, _ outcome: ExportOutcome,
        output: String
    ) async throws -> Int32 {
        let condition: Ending.Condition
        var columns: [String]?
        if let cause = outcome.cause {
            condition = cause.condition
        } else {
            columns = try ExportFinish.finish(row, order, listing: listing, former: [])
            condition = outcome.counts.nothing > 0 ? .problems : .fine
        }
        try await bench.ledger.endExport(
            row.number, state: outcome.cause == nil ? .finished : .stopped,
            exitCode: Int(condition.exitCode), ending: condition.word, columns: columns,
            at: Surroundings.real.now())
        let counts = outcome.counts
        if bench.options.json {
            Console.print(
                try Offline.json([
                    "schema": 1, "export": row.id.text, "listing": listing.name, "file": output,
                    "complete": outcome.cause == nil, "written": counts.written,
                    "repeats": counts.repeats, "unchanged": counts.unchanged,
                    "nothing": counts.nothing, "requests": counts.requests, "notes": outcome.notes,
                    "ending": condition.word, "exit_code": condition.exitCode,
                ]))
        } else if !bench.options.quiet || outcome.cause != nil {
            var words = "\(output): \(Wording.count(counts.written, "item")) of \(listing.name)"
            if counts.unchanged > 0 { words += ", \(counts.unchanged) unchanged and left out" }
            if counts.nothing > 0 { words += ", nothing under \(Wording.count(counts.nothing, "key"))" }
            words += "; \(Wording.count(counts.requests, "request"))"
            if outcome.cause == nil {
                Console.print(words)
            } else {
                Console.print(words.replacing(output + ":", with: output + ".part:"))
            }
        }
        if let cause = outcome.cause {
            Console.complain("\(cause.words). The same command goes on from here.")
        }
        return condition.exitCode
    }

    // MARK: Telling

    private func show(_ exporter: Exporter) async {
        guard !bench.options.quiet else { return }
        var told = 0
        var lastPlain = ContinuousClock.now
        while !Task.isCancelled {
            try? await Task.sleep(for: .milliseconds(Console.isTerminal ? 200 : 1000))
            let progress = exporter.progress
            told = tell(progress, from: told)
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
        _ = tell(exporter.progress, from: told)
    }

    private func tell(_ progress: ExportProgress, from told: Int) -> Int {
        for note in progress.notes.dropFirst(told) {
            Console.clearLine()
            Console.warn(note)
        }
        return progress.notes.count
    }

    private func say(_ text: String) { if !bench.options.quiet { Console.warn(text) } }

    private func absolute(_ path: String) -> String {
        path.hasPrefix("/") ? path : FileManager.default.currentDirectoryPath + "/" + path
    }
}
