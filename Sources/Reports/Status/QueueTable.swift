package import Catalog
import Foundation
import Model

/// Bills of the server's queue, for people and for scripts.
package struct QueueTable: Sendable {
    /// How it is written. The raw values are those of `--format`.
    package enum Format: String, Sendable, CaseIterable { case table, json, csv }

    private let entries: [QueueEntry]
    private let showsPayload: Bool

    /// - Parameter showsPayload: In JSON and CSV; the table has neither payloads nor customers.
    package init(_ entries: [QueueEntry], showsPayload: Bool = false) {
        self.entries = entries
        self.showsPayload = showsPayload
    }

    /// The whole list in one of its forms.
    package func text(_ format: Format, width: Int = 100) throws -> String {
        switch format {
        case .table: table(width)
        case .json: try json()
        case .csv: csv()
        }
    }

    private func table(_ width: Int) -> String {
        guard !entries.isEmpty else { return "The queue has no such bill.\n" }
        var table = TextTable([.left, .left, .left, .right, .right, .left])
        table.add(["bill", "state", "since", "tries", "code", "unknown value"])
        for entry in entries {
            let cause = entry.errors.first { !$0.isFixed } ?? entry.errors.first
            let more = entry.errors.count > 1 ? " (+\(entry.errors.count - 1))" : ""
            table.add([
                Wording.harmless(entry.billNumber), Wording.harmless(entry.state),
                Wording.harmless(String((entry.added ?? "").prefix(10))),
                entry.retries.map(String.init) ?? "", cause?.code.map(String.init) ?? "",
                Wording.harmless((cause?.value ?? cause?.message ?? "") + more),
            ])
        }
        var lines = table.lines(width: width, flexible: 5)
        let states = Dictionary(grouping: entries, by: \.state).sorted { $0.key < $1.key }
        lines += [
            "",
            "\(Wording.count(entries.count, "bill")): "
                + states.map { "\(Wording.count($0.value.count)) \(Wording.harmless($0.key))" }
                .joined(separator: ", "),
        ]
        return lines.joined(separator: "\n") + "\n"
    }

    /// What keeps bills from being booked: equal causes together, most bills first.
    package func causes(width: Int = 100) -> String {
        struct Cause: Hashable { var state, what: String, code: Int? }
        var groups: [Cause: (bills: Int, since: String)] = [:]
        for entry in entries {
            let open = entry.errors.filter { !$0.isFixed }
            let causes = (open.isEmpty ? entry.errors : open).map {
                Cause(state: entry.state, what: $0.value ?? $0.message, code: $0.code)
            }
            let all = causes.isEmpty ? [Cause(state: entry.state, what: "", code: nil)] : causes
            for cause in Set(all) {
                var group = groups[cause] ?? (0, entry.added ?? "")
                group.bills += 1
                group.since = min(group.since, entry.added ?? group.since)
                groups[cause] = group
            }
        }
        guard !groups.isEmpty else { return "The queue is empty.\n" }
        let mostLines = 20
        let sorted = groups.sorted {
            ($1.value.bills, $0.key.state, $0.key.what) < ($0.value.bills, $1.key.state, $1.key.what)
        }
        var table = TextTable([.right, .left, .left, .right, .left])
        table.add(["bills", "state", "since", "code", "unknown value"])
        for (cause, group) in sorted.prefix(mostLines) {
            table.add([
                Wording.count(group.bills), Wording.harmless(cause.state),
                Wording.harmless(String(group.since.prefix(10))), cause.code.map(String.init) ?? "",
                Wording.harmless(cause.what),
            ])
        }
        var lines = table.lines(width: width, flexible: 4)
        if sorted.count > mostLines {
            lines.append(
                "… and \(Wording.count(sorted.count - mostLines, "more cause")): `sluice rejected list`"
            )
        }
        lines += [
            "",
            "\(Wording.count(entries.count, "bill")) left. Fix the cause, then `sluice rejected retrigger`; give up with `sluice rejected mark-failed`.",
        ]
        return lines.joined(separator: "\n") + "\n"
    }

    /// `{schema, bills: [bill, state, customer?, added?, retries?, errors: [code?, message, value?, fixed], payload?]}`
    private func json() throws -> String {
        let bills = entries.map { entry in
            Document.Bill(
                bill: entry.billNumber, state: entry.state, customer: entry.customer,
                added: entry.added,
                retries: entry.retries,
                errors: entry.errors.map {
                    .init(code: $0.code, message: $0.message, value: $0.value, fixed: $0.isFixed)
                },
                payload: showsPayload
                    ? entry.payload.map { String(decoding: $0, as: UTF8.self) } : nil)
        }
        return try ReportJSON.text(Document(bills: bills))
    }

    private struct Document: Encodable {
        var schema = 1
        var bills: [Bill]

        struct Bill: Encodable {
            var bill, state: String
            var customer, added: String?
            var retries: Int?
            var errors: [Cause]
            var payload: String?
        }
        struct Cause: Encodable {
            var code: Int?
            var message: String
            var value: String?
            var fixed: Bool
        }
    }

    /// One line an error, for spreadsheets.
    private func csv() -> String {
        var columns = [
            "bill", "state", "customer", "added", "retries", "code", "message", "value", "fixed",
        ]
        if showsPayload { columns.append("payload") }
        var text = ReadableCSV.line(columns)
        for entry in entries {
            let causes: [QueueEntry.Cause?] = entry.errors.isEmpty ? [nil] : entry.errors.map { $0 }
            for cause in causes {
                var cells = [
                    entry.billNumber, entry.state, entry.customer ?? "", entry.added ?? "",
                    entry.retries.map(String.init) ?? "", cause?.code.map(String.init) ?? "",
                    cause?.message ?? "", cause?.value ?? "",
                    cause.map { $0.isFixed ? "yes" : "no" } ?? "",
                ]
                if showsPayload {
                    cells.append(entry.payload.map { String(decoding: $0, as: UTF8.self) } ?? "")
                }
                text += ReadableCSV.line(cells)
            }
        }
        return text
    }
}
