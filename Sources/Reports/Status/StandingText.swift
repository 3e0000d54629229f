package import Ledger
import Model

/// Whether the ledger is the newest of itself, and what to do where it is not.
package enum StandingText {
    /// For programs.
    package static func document(_ standing: LedgerStanding) -> [String: Any] {
        var document: [String: Any] = [
            "schema": 1, "id": standing.id, "counter": standing.counter, "behind": standing.isBehind,
            "findings": standing.findings,
            "unknown_runs": standing.unknownRuns.map { mark in
                [
                    "run": mark.run, "job": mark.job, "endpoint": mark.endpoint, "org": mark.org,
                    "connection": mark.connection, "started": mark.begun.iso8601,
                    "inputs": mark.inputs.map(\.path),
                ] as [String: Any]
            },
        ]
        if let adoption = standing.adoption {
            document["adopted"] = adoption.at.iso8601
            document["trust_from"] = adoption.trustFrom?.iso8601
        }
        return document
    }

    /// The id and the counter, what is wrong, and what to do. A line each.
    package static func lines(_ standing: LedgerStanding) -> [String] {
        var lines = ["ledger \(standing.id), counter \(standing.counter)"]
        guard !standing.isBehind else {
            lines += standing.findings.map { "older than what was sent: " + $0 }
            lines += standing.unknownRuns.map(line)
            return lines + [
                "Nothing is sent with it. Restore the newest copy, or use this one:",
                "  sluice ledger adopt",
            ]
        }
        guard let adoption = standing.adoption else {
            return lines + ["It is the newest one known."]
        }
        if let from = adoption.trustFrom {
            return lines + [
                "adopted \(adoption.at.iso8601); runs that start at \(from.iso8601) or later send without a look-up first"
            ]
        }
        return lines + [
            "adopted \(adoption.at.iso8601): each record is looked up before it is sent for the first time",
            "Run the jobs of the lost runs again, in their order; `sluice plan JOB` shows how many look-ups they need.",
            "Then end the look-ups:",
            "  sluice ledger adopt --trust-from DAY",
        ]
    }

    /// A run of which the ledger knows nothing.
    package static func line(_ mark: RunMark) -> String {
        let inputs = mark.inputs.map { InputName.bare($0.name) }.joined(separator: ", ")
        return
            "  lost run \(mark.run): \(mark.job) (\(mark.jobFile)), \(mark.endpoint) to org \(mark.org) over "
            + "\(mark.connection), \(inputs)"
    }
}

extension LedgerStanding {
    /// What was found, one phrase a sign.
    package var findings: [String] {
        var words = signs.compactMap { sign -> String? in
            switch sign {
            case .counter(let counter, let path):
                "its counter is \(self.counter), but \(path) has \(counter)"
            case .laterRun(let mark): "run \(mark.run) continued after the last change it knows"
            case .unknownRun: nil
            }
        }
        let unknown = unknownRuns
        if let last = unknown.last {
            words.append(
                unknown.count == 1
                    ? "it does not know run \(last.run), which has a folder beside it"
                    : "it does not know \(unknown.count) runs that have folders beside it, the last of them \(last.run)"
            )
        }
        return words
    }
}
