import Foundation
package import Ledger
import Model

/// The exports there were, for `sluice runs` and `sluice status`.
package struct ExportList: Sendable {
    /// One export of the list.
    package struct Entry: Sendable, Equatable {
        /// As the ledger has it.
        package var export: ExportRow
        /// A process is at it.
        package var isHeld: Bool
    }
    /// The newest first.
    package var entries: [Entry]

    /// - Parameter isHeld: Whether a process is writing that file.
    package init(ledger: Ledger, limit: Int, isHeld: (_ path: String) -> Bool) throws {
        entries = try ledger.exports(limit: limit).map { export in
            Entry(export: export, isHeld: export.state == .running && isHeld(export.path))
        }
    }

    /// A table, the newest first.
    package func text(width: Int = 100) -> String {
        guard !entries.isEmpty else { return "" }
        var table = TextTable([.left, .left, .left, .left, .right, .right, .left])
        table.add(["export", "listing", "started", "state", "exit", "items", "file"])
        for entry in entries {
            table.add([
                entry.export.id.text, entry.export.listing, entry.export.started.iso8601, entry.state,
                entry.export.exitCode.map(String.init) ?? "-",
                Wording.count(entry.export.counts.written),
                Wording.harmless((entry.export.path as NSString).lastPathComponent),
            ])
        }
        return table.lines(width: width, flexible: 6).joined(separator: "\n") + "\n"
    }
}

extension ExportList.Entry {
    var state: String {
        switch export.state {
        case .running: isHeld ? "under way" : "interrupted"
        case .stopped, .finished, .abandoned: export.state.rawValue
        }
    }

    /// What a person does now; nil where there is nothing to do.
    var next: NextStep? {
        guard export.isOpen, !isHeld else { return nil }
        return NextStep("Not finished. Continue with", command: "sluice resume \(export.id)")
    }

    /// For `sluice status`.
    func lines(now: Timestamp, width: Int) -> [String] {
        let since = max(now.since(export.ended.flatMap { isHeld ? nil : $0 } ?? export.started), .zero)
        let age = isHeld ? ", for \(Wording.duration(since))" : ", \(Wording.duration(since)) ago"
        var items = Wording.count(export.counts.written, "item")
        if export.counts.unchanged > 0 {
            items += ", \(Wording.count(export.counts.unchanged)) unchanged and left out"
        }
        if export.counts.nothing > 0 {
            items += ", \(Wording.count(export.counts.nothing, "key")) not found"
        }
        let lines =
            Wording.wrap("export of \(export.listing): \(state)\(age)", width: width)
            + Wording.wrap(
                "export \(export.id), from org \(Wording.harmless(export.org)) over \(Wording.harmless(export.connection)), to \(Wording.harmless(export.path))",
                width: width, indent: "  ")
            + Wording.wrap(items, width: width, indent: "  ")
        return lines + (next?.lines(width: width - 2).map { "  " + $0 } ?? [])
    }
}

/// `{export, listing, org, connection, file, state, under_way, started, ended?, exit_code?, items, unchanged,
/// keys_without, requests, next?}`.
struct ExportJSON: Encodable {
    var export, listing, org, connection, file, state, started: String
    var underWay: Bool
    var ended: String?
    var exitCode: Int?
    var items, unchanged, keysWithout, requests: Int
    var next: NextJSON?

    init(_ entry: ExportList.Entry) {
        let row = entry.export
        export = row.id.text
        listing = row.listing
        org = row.org
        connection = row.connection
        file = row.path
        state = row.state.rawValue
        started = row.started.iso8601
        underWay = entry.isHeld
        ended = row.ended?.iso8601
        exitCode = row.exitCode
        items = row.counts.written
        unchanged = row.counts.unchanged
        keysWithout = row.counts.nothing
        requests = row.counts.requests
        next = entry.next.map(NextJSON.init)
    }
}
