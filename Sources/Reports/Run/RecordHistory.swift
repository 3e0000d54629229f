package import Ledger
package import Model

/// Everything the ledger knows of one key, over all runs.
package struct RecordHistory: Sendable {
    /// One record of one run.
    package struct Chapter: Sendable, Equatable {
        /// The run it belongs to.
        package var run: RunRow
        /// Its number in the run, from 0 on.
        package var record: Int64
        /// What it is now, and why.
        package var state: StateByte
        /// The server's id; nil where it gave none.
        package var serverID: ServerID?
        /// Where it is in its input; nil where that cannot be found any more.
        package var place: Place?
        /// Why it was not accepted; nil where it was.
        package var refusal: Refusal?
        /// How often it may have reached the server, and how often it was looked for, while it is in doubt.
        package var doubt: Doubt?
        /// The oldest first.
        package var steps: [Step]
        /// What to do; nil: nothing.
        package var next: String?
        /// What tells it from others of the same key: where it was booked, when, and as what.
        package var details: [String] = []
        /// The record that was sent in order to repair it.
        package var repairedBy: RecordID?
    }

    /// Where a record is in its input.
    package struct Place: Sendable, Equatable {
        /// The file's name, as the job resolves it.
        package var file: String
        /// The row, counted from 1 with the header.
        package var row: Int
        /// The line, counted from 1.
        package var line: Int
        /// The first byte, in what was decompressed.
        package var offset: Int
        /// In bytes; nil where only the start is known.
        package var length: Int?
        /// False where only its chunk's place is known: the record is there or somewhat after.
        package var isExact: Bool
    }

    /// Something that happened to it.
    package struct Step: Sendable, Equatable {
        /// What was done: sent, looked up, decided.
        package enum Kind: Sendable, Equatable {
            case attempt(Attempt)
            /// A warning, a look-up, a proof.
            case event(kind: String, code: Int?)
        }
        package struct Attempt: Sendable, Equatable {
            /// The attempt's number in the ledger.
            package var id: Int64
            /// How many records the request carried.
            package var records: Int
            /// Nil while it is open.
            package var ended: Timestamp?
            /// How the request ended.
            package var state: AttemptEnd.State
            /// Of HTTP; nil without an answer.
            package var status: Int?
            /// The server's id of the request.
            package var requestID: String?
            /// What that meant for this record; nil while it is under way.
            package var result: RecordState.Event?
            /// An earlier attempt of the same record was in doubt before.
            package var isResend: Bool
        }
        /// When it happened.
        package var at: Timestamp
        /// What happened.
        package var kind: Kind
        /// What was found. May hold personal data.
        package var message: String
    }

    /// What was looked for.
    package var key: String
    /// The oldest first.
    package var chapters: [Chapter]
    /// Messages are shown as they are, not masked.
    package var showData: Bool

    /// The ledger knows nothing of the key.
    package var isEmpty: Bool { chapters.isEmpty }

    /// Gathers the history of `text`.
    ///
    /// - Parameters:
    ///   - text: The key, as a person types it; it is compared as a whole.
    ///   - name: What a person knows a record by, of the endpoint of that name.
    ///   - showData: The server's words as they are; the key itself was typed, and is always shown.
    /// - Complexity: Searches all attempts that the ledger holds.
    package init(
        key text: String, ledger: Ledger, showData: Bool = true,
        locate: (RunRow, _ record: Int64, Evidence) -> Position? = { _, _, _ in nil },
        details: (_ endpoint: String, Evidence) -> [String] = { _, _ in [] },
        name: (_ endpoint: String, Evidence) -> String
    ) throws {
        let runs = Dictionary(
            try ledger.runs(limit: .max).map { ($0.number, $0) },
            uniquingKeysWith: { first, _ in first })
        var found: [RecordName: [Step]] = [:]
        var sent: [RecordName: Evidence] = [:]
        for attempt in try ledger.attempts(holding: text) {
            guard let run = runs[attempt.run] else { continue }
            for (index, member) in attempt.members.enumerated()
            where name(run.endpoint, member.evidence) == text {
                let own = RecordName(run: attempt.run, record: member.record)
                // One result a member, or none that could be told apart.
                let result =
                    attempt.results.count == attempt.members.count ? attempt.results[index] : nil
                found[own, default: []].append(Step(attempt, result))
                sent[own] = member.evidence
            }
        }
        var troubles: [RecordName: DeadLetter] = [:]
        for (run, row) in try ledger.troubles(key: text) {
            let own = RecordName(run: run, record: row.record)
            troubles[own] = row
            found[own, default: []] += []
        }
        chapters = try found.sorted { ($0.key.run, $0.key.record) < ($1.key.run, $1.key.record) }
            .compactMap { own, steps in
                try runs[own.run].flatMap {
                    try Self.chapter(
                        of: own.record, in: $0, steps: steps, trouble: troubles[own], ledger)
                }
            }
        for index in chapters.indices {
            let own = RecordName(run: chapters[index].run.number, record: chapters[index].record)
            guard let evidence = sent[own] else { continue }
            chapters[index].details = details(chapters[index].run.endpoint, evidence)
        }
        for index in chapters.indices where chapters[index].place?.isExact != true {
            let own = RecordName(run: chapters[index].run.number, record: chapters[index].record)
            guard let evidence = sent[own],
                let position = locate(chapters[index].run, own.record, evidence)
            else { continue }
            chapters[index].place = try Self.place(position, in: chapters[index].run, ledger)
        }
        key = text
        self.showData = showData
    }

    private static func place(_ position: Position, in run: RunRow, _ ledger: Ledger) throws -> Place {
        let input = try ledger.inputs(of: run.number).first { $0.file == position.file }
        return Place(
            file: input?.name ?? "", row: position.row, line: position.line, offset: position.offset,
            length: position.length, isExact: true)
    }

    private struct RecordName: Hashable {
        var run: Int64
        var record: Int64
    }

    private static func chapter(
        of record: Int64, in run: RunRow, steps: [Step], trouble: DeadLetter?, _ ledger: Ledger
    ) throws -> Chapter? {
        guard let (state, serverID) = try ledger.record(run: run.number, record) else { return nil }
        var steps = steps
        var wasInDoubt = false
        for index in steps.indices {
            guard case .attempt(var attempt) = steps[index].kind else { continue }
            attempt.isResend = wasInDoubt
            steps[index].kind = .attempt(attempt)
            if attempt.result == .lostAnswer { wasInDoubt = true }
        }
        steps += try ledger.events(run: run.number, record: record).map {
            Step(at: $0.at, kind: .event(kind: $0.kind, code: $0.code), message: $0.message)
        }
        // Stable: an attempt comes before the warnings that came with its answer.
        let order = steps.indices.sorted { (steps[$0].at, $0) < (steps[$1].at, $1) }
        let doubt =
            state.state == .inDoubt
            ? try ledger.doubts(run: run.number).first { $0.record == record } : nil
        let child = try ledger.repair(of: RecordPlace(run: run.number, record: record))
        return Chapter(
            run: run, record: record, state: state, serverID: serverID,
            place: try place(of: record, in: run, trouble, ledger),
            refusal: trouble.flatMap { $0.isCurrent ? $0.trouble.refusal : nil },
            doubt: doubt,
            steps: order.map { steps[$0] },
            next: child != nil
                ? nil
                : next(
                    run, record, state.state, isForPerson: doubt?.why != nil,
                    trouble.flatMap { $0.isCurrent ? $0.trouble.refusal.reason : nil }),
            repairedBy: child)
    }

    private static func place(
        of record: Int64, in run: RunRow, _ trouble: DeadLetter?, _ ledger: Ledger
    ) throws -> Place? {
        let inputs = try ledger.inputs(of: run.number)
        func name(_ file: Int) -> String { inputs.first { $0.file == file }?.name ?? "" }
        // A trouble that was noted from the server's word alone has only its chunk's place, and no length.
        if let position = trouble?.trouble.position, position.length > 0 {
            return Place(
                file: name(position.file), row: position.row, line: position.line,
                offset: position.offset,
                length: position.length, isExact: true)
        }
        guard let chunk = try ledger.place(run: run.number, record: record),
            // Of rows that were brought together, a chunk tells no place in the input.
            inputs.contains(where: { $0.file == chunk.file })
        else { return nil }
        return Place(
            file: name(chunk.file), row: chunk.row, line: chunk.line, offset: chunk.start, length: nil,
            isExact: chunk.first == record)
    }

    private static func next(
        _ run: RunRow, _ record: Int64, _ state: RecordState, isForPerson: Bool, _ reason: Reason?
    ) -> String? {
        switch state {
        case .accepted, .skipped: nil
        case .inDoubt where isForPerson:
            "check whether the server has it, then sluice reconcile \(run.id) --accept record:\(record), or "
                + "--resend record:\(record), with --reason"
        case .sent, .inDoubt: run.isOpen ? "sluice resume \(run.id)" : "sluice reconcile \(run.id)"
        case .unsent: reason.map(\.nextStep) ?? (run.isOpen ? "sluice resume \(run.id)" : nil)
        case .rejected, .invalid, .parked, .failed: reason?.nextStep
        }
    }
}

extension RecordHistory.Step {
    fileprivate init(_ attempt: AttemptRow, _ result: RecordState.Event?) {
        self.init(
            at: attempt.started,
            kind: .attempt(
                Attempt(
                    id: attempt.id, records: attempt.members.count, ended: attempt.ended,
                    state: attempt.state,
                    status: attempt.status, requestID: attempt.requestID, result: result,
                    isResend: false)),
            message: attempt.trouble ?? "")
    }
}

extension Timestamp {
    /// To the millisecond: a history has several steps in a second.
    var precise: String {
        let rest = milliseconds - milliseconds.flooringDivided(by: 1000) * 1000
        let digits = String(rest)
        return String(iso8601.dropLast()) + "." + String(repeating: "0", count: 3 - digits.count)
            + digits + "Z"
    }
}
