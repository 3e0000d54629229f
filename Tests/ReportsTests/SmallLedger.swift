import Foundation
import Ledger
import Model

/// A ledger in a directory of its own, with one run of bills whose records a test settles as it likes.
struct SmallLedger {
    static let start = Timestamp(milliseconds: 1_770_128_100_000)  // 2026-02-03T14:15:00Z
    static let header = "store,bill_no,phone,total\n"

    let directory: String
    let ledger: Ledger
    let run: RunRow
    let rows: [String]

    /// - Parameter rows: The lines of `bills.csv`, one per record, with or without their line ends.
    init(
        name: String = "20260203T141500-7k2m9qd4xz", rows: [String],
        columns: [String]? = ["store", "bill_no", "phone", "total"],
        header: String = SmallLedger.header, in other: SmallLedger? = nil
    ) async throws {
        directory = other?.directory ?? NSTemporaryDirectory() + "sluice-reports-" + UUID().uuidString
        ledger = try other?.ledger ?? Ledger.open(at: directory)
        self.rows = rows
        guard let id = RunID(name) else { throw CocoaError(.coderInvalidValue) }
        run = try await ledger.begin(
            NewRun(
                id: id, job: "nightly", jobText: "job: nightly", jobFile: "jobs/nightly.yaml",
                connection: "eu-prod",
                org: "1001", endpoint: "transactions.add",
                inputs: [
                    NewInput(path: "/data/bills.csv", member: nil, name: "bills.csv", fingerprint: "f")
                ],
                started: Self.start))
        let headerBytes = header.utf8.count
        try await ledger.noteHeader(
            run: run.number, file: 0, columns: columns, header: Array(header.utf8),
            headerBytes: headerBytes)
    }

    func remove() { try? FileManager.default.removeItem(atPath: directory) }

    /// The run as it is now.
    func current() throws -> RunRow { try ledger.run(named: run.id.text) ?? run }

    func folder() throws -> String { try ledger.folder(of: run.id) }

    static func key(_ evidence: Evidence) -> String { evidence.fields.first ?? "" }

    func position(_ index: Int) -> Position {
        let before = rows[..<index].reduce(SmallLedger.header.utf8.count) { $0 + $1.utf8.count }
        return Position(
            file: 0, row: index + 1, line: index + 2, offset: before, length: rows[index].utf8.count)
    }

    func trouble(_ index: Int, _ refusal: Refusal, stage: String = "server") -> Candidate.Trouble {
        Candidate.Trouble(
            refusal: refusal, stage: stage, key: "B-\(index)", position: position(index),
            stored: Array(rows[index].utf8))
    }

    /// Lets all rows in as one chunk; those in `invalid` are refused from the start.
    func admit(invalid: [Int: Refusal] = [:], reachesEnd: Bool = true) async throws {
        let header = SmallLedger.header.utf8.count
        let bytes = rows.reduce(0) { $0 + $1.utf8.count }
        let candidates = rows.indices.map { index in
            Candidate(
                record: Int64(index),
                identity: Identity(high: UInt64(run.number) << 20 | UInt64(index), low: 7),
                content: 1, repeats: .never,
                trouble: invalid[index].map { trouble(index, $0, stage: "map") })
        }
        _ = try await ledger.admit(
            [
                NewChunk(
                    first: 0, isStored: false, file: 0, row: 1, line: 2, start: header,
                    stop: header + bytes,
                    nextRow: rows.count + 1, nextLine: rows.count + 2, rowBytes: bytes, blankBytes: 0,
                    unreadableBytes: 0, rows: rows.count, mapper: [], candidates: candidates)
            ], run: run.number, scope: run.scope)
        guard reachesEnd else { return }
        try await ledger.noteEnd(run: run.number, file: 0, totalBytes: header + bytes)
        try await ledger.noteInputEnded(run: run.number)
    }

    /// One attempt, `at` seconds after the start, that takes a second.
    func attempt(
        _ records: [Int], at: Int, state: AttemptEnd.State = .clean, status: Int? = 200,
        trouble: String? = nil,
        _ settlements: (Int) -> Settlement
    ) async throws {
        let id = try await intend(records, at: at)
        try await ledger.settle(
            attempt: id, run: run.number,
            end: AttemptEnd(
                state: state, ended: Self.start + .seconds(at + 1), status: status,
                requestID: status == nil ? nil : "req-\(at)", trouble: trouble),
            records.map(settlements))
    }

    func intend(_ records: [Int], at: Int) async throws -> Int64 {
        let members = records.map { index in
            Member(
                record: Int64(index),
                identity: Identity(high: UInt64(run.number) << 20 | UInt64(index), low: 7),
                content: 1, evidence: Evidence(["B-\(index)", "leeds_01"]))
        }
        // A mark that no transaction has: the members' owners are looked at.
        let intent = try await ledger.intend(
            NewAttempt(
                run: run.number, scope: run.scope, started: Self.start + .seconds(at),
                members: PackedMembers(members),
                digest: 1,
                mark: -1))
        guard case .durable(let attempt, _) = intent else { throw CocoaError(.coderInvalidValue) }
        return attempt
    }

    func end(
        _ state: RunRow.State = .finished, exitCode: Int = 0, ending: String = "ended", requests: Int
    ) async throws {
        try await ledger.end(
            run: run.number, state: state, ending: ending, exitCode: exitCode,
            at: Self.start + .seconds(90),
            effort: RunEffort(active: .seconds(4), requests: requests, pace: RunPace()))
    }
}
