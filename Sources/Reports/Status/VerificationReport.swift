import Foundation
package import Model

/// What a comparison of accepted records with the server's found.
package struct VerificationReport: Sendable {
    /// A record that is not as it was sent.
    package struct Finding: Sendable {
        /// Its number in the run.
        package var record: Int
        /// Where it is in its input.
        package var line: Int
        /// The fields that differ; empty: the server does not have it.
        package var fields: [String]

        package init(record: Int, line: Int, fields: [String]) {
            self.record = record
            self.line = line
            self.fields = fields
        }
    }

    /// The run whose records were compared.
    package var run: RunID
    /// Accepted records of the run.
    package var accepted = 0
    /// Of them, those that were compared.
    package var checked = 0
    /// Of the checked ones: as they were sent.
    package var matched = 0
    /// Of the checked ones: on the server with other values.
    package var differ = 0
    /// Of the checked ones: not on the server.
    package var missing = 0
    /// Of the checked ones: the server did not say.
    package var unclear = 0
    /// Not checked, because a newer record has set the same since.
    package var overwritten = 0
    /// How often each field differs.
    package var fields: [String: Int] = [:]
    /// Fields that were sent and that nothing shows.
    package var unread: Set<String> = []
    /// What the comparison allowed for.
    package var allowances: [String] = []
    /// The first records that are not as they were sent.
    package var findings: [Finding] = []

    package init(run: RunID) { self.run = run }

    private var isWhole: Bool { checked + overwritten == accepted }

    /// The share of all that may be wrong although the sample is not, with 95 % confidence.
    private var bound: Double { checked == 0 ? 1 : 1 - pow(0.05, 1 / Double(checked)) }

    /// For programs.
    package var document: [String: Any] {
        [
            "schema": 1, "run": run.text, "accepted": accepted, "checked": checked,
            "matched": matched, "differ": differ, "missing": missing, "unclear": unclear,
            "overwritten": overwritten, "fields": fields, "not_compared": unread.sorted(),
            "notes": allowances.sorted(),
            "findings": findings.map {
                ["record": $0.record, "line": $0.line, "fields": $0.fields] as [String: Any]
            },
            "confidence": isWhole ? NSNull() : bound as Any,
        ]
    }

    /// The counts, then what differs, a line each.
    package var text: String {
        if accepted == 0 { return "run \(run): no accepted records, nothing to check" }
        var lines = [
            "run \(run): \(Wording.count(checked, "record")) of \(accepted) accepted "
                + "checked: \(matched) as sent, \(differ) differ, \(missing) missing"
                + (unclear > 0 ? ", \(unclear) without an answer" : "")
        ]
        for (field, count) in fields.sorted(by: { ($1.value, $0.key) < ($0.value, $1.key) }) {
            lines.append("  \(field): differs in \(Wording.count(count, "record"))")
        }
        for finding in findings.prefix(10) {
            lines.append(
                "  record \(finding.record), line \(finding.line): "
                    + (finding.fields.isEmpty ? "missing" : finding.fields.joined(separator: ", ")))
        }
        if overwritten > 0 {
            lines.append(
                "\(Wording.count(overwritten, "record")) not checked: newer records have set the same since"
            )
        }
        lines += allowances.sorted()
        if !unread.isEmpty {
            lines.append(
                "not shown by the server, so not compared: " + unread.sorted().joined(separator: ", "))
        }
        if !isWhole, checked > 0, matched == checked {
            let share = String(format: "%.2f", bound * 100)
            lines.append(
                "with 95 % confidence, less than \(share) % of the rest differ; --all checks them")
        }
        return lines.joined(separator: "\n")
    }
}
