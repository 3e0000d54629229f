import Catalog
package import Ledger
package import Model

/// What a person says of a record in doubt: the way out where nothing in the API tells.
package struct ManualResolution: Sendable, Equatable {
    package enum Kind: Sendable, Equatable {
        /// The server has it: it is accepted, and never sent again.
        case accepted
        /// The server does not have it: it is sent again with the next `sluice resume`.
        case sendAgain
    }
    package var kind: Kind
    /// The keys as `explain` takes them; `record:17` names one by its number in the run.
    package var keys: [String]

    package init(_ kind: Kind, keys: [String]) {
        self.kind = kind
        self.keys = keys
    }

    /// A record that was decided.
    package struct Decided: Sendable, Equatable {
        package var record: Int64
        package var key: String
        package var kind: Kind
    }

    /// Why nothing was decided. Either all of the decisions are taken, or none.
    package enum Refused: Error, Equatable {
        case unknownEndpoint(String)
        case noRecord(key: String, run: RunID)
        /// Records of that key, by their numbers.
        case several(key: String, records: [Int64])
        case namedTwice(key: String)
    }

    /// Takes decisions, and keeps who gave which reason for what.
    ///
    /// The run's job must be held by the caller, so that no execution settles the same records.
    ///
    /// - Parameters:
    ///   - decisions: What is decided; no record twice.
    ///   - reason: In the person's words; it is kept in the record's history.
    /// - Throws: ``Refused``: a key names no record in doubt, or several; ``LedgerError``.
    package static func take(
        _ decisions: [ManualResolution], because reason: String, run: RunRow, ledger: Ledger,
        environment: Environment
    ) async throws -> [Decided] {
        guard let endpoint = Endpoint.named(run.endpoint) else {
            throw Refused.unknownEndpoint(run.endpoint)
        }
        let now = environment.now()
        _ = try await ledger.loseOpenAttempts(
            run: run.number, trouble: environment.words(.run(.processEnded)), at: now)
        let doubts = try ledger.doubts(run: run.number).map {
            Decided(record: $0.record, key: endpoint.key($0.evidence), kind: .accepted)
        }
        var decided: [Decided] = []
        for decision in decisions {
            for key in decision.keys {
                let found = doubts.filter { $0.key == key || "record:\($0.record)" == key }
                guard let one = found.first else {
                    throw Refused.noRecord(key: key, run: run.id)
                }
                guard found.count == 1 else {
                    throw Refused.several(key: key, records: found.map(\.record))
                }
                guard !decided.contains(where: { $0.record == one.record }) else {
                    throw Refused.namedTwice(key: key)
                }
                decided.append(Decided(record: one.record, key: one.key, kind: decision.kind))
            }
        }
        try await ledger.settle(
            run: run.number, scope: run.scope, at: now,
            decided.map {
                $0.kind == .accepted
                    ? Settlement(record: $0.record, event: .decidedPresent, detail: .decided)
                    : Settlement(record: $0.record, event: .decidedAbsent)
            })
        for one in decided {
            let note = EngineNote.Settling.decided(
                isAccepted: one.kind == .accepted, reason: reason)
            try await ledger.remember(
                run: run.number, record: one.record, at: now, kind: "decision",
                environment.words(.settling(note)))
        }
        return decided
    }
}
