import Foundation
import GRDB
import Model

/// What the ledger says, read by plain SQL: none of sluice's own reading takes part.
enum LedgerAccount {
    struct Run {
        var number: Int64
        var name: String
        var job: String
        var state: String
    }

    struct Record {
        var state: RecordState
        /// 0: none.
        var serverID: Int64
    }

    /// Why a record was not accepted.
    struct Reason: Hashable {
        var code: String
        var serverCode: Int?
    }

    static func path(_ folder: String) -> String { folder + "/state/ledger.sqlite" }

    private static func open(_ folder: String) throws -> DatabaseQueue {
        var configuration = Configuration()
        configuration.readonly = true
        configuration.busyMode = .timeout(20)
        return try DatabaseQueue(path: path(folder), configuration: configuration)
    }

    private static func read<T>(_ folder: String, _ body: (Database) throws -> T) throws -> T? {
        guard FileManager.default.fileExists(atPath: path(folder)) else { return nil }
        let queue = try open(folder)
        defer { try? queue.close() }
        return try queue.read { db in
            guard try db.tableExists("run") else { return nil }
            return try body(db)
        }
    }

    /// The records of a run that its newest list has in doubt, with the command by which a person settles each.
    static func told(of run: Run, in folder: String) throws -> Set<Int> {
        try listed(run, folder) { $0.contains("--accept record:") }
    }

    /// The records that the newest list of a run has in doubt, with a next step.
    static func listed(_ run: Run, _ folder: String, where isTold: (Substring) -> Bool = { _ in true })
        throws -> Set<Int>
    {
        let place = "\(folder)/state/runs/\(run.name)"
        guard FileManager.default.fileExists(atPath: place) else { return [] }
        let newest = try FileManager.default.contentsOfDirectory(atPath: place)
            .filter { $0.hasPrefix("reasons") }.max { ($0.count, $0) < ($1.count, $1) }
        guard let newest else { return [] }
        let text = try String(contentsOfFile: place + "/" + newest, encoding: .utf8)
        return text.split(separator: "\n").reduce(into: []) { found, line in
            let cells = line.split(separator: ",", omittingEmptySubsequences: false)
            guard cells.count > 8, cells.contains("in doubt"), cells.last?.isEmpty == false,
                isTold(line), let record = Int(cells[1])
            else { return }
            found.insert(record)
        }
    }

    /// The newest run of a job.
    static func run(of job: String, in folder: String) throws -> Run? {
        try read(folder) { db in
            try Row.fetchOne(
                db, sql: "SELECT id, name, job, state FROM run WHERE job = ? ORDER BY id DESC LIMIT 1",
                arguments: [job]
            ).map(run)
        } ?? nil
    }

    static func runs(_ folder: String) throws -> [Run] {
        try read(folder) { db in
            try Row.fetchAll(db, sql: "SELECT id, name, job, state FROM run ORDER BY id").map(run)
        } ?? []
    }

    private static func run(_ row: Row) -> Run {
        Run(number: row["id"], name: row["name"], job: row["job"], state: row["state"])
    }

    /// All records of a run in their order, and what is odd about the list.
    static func records(of run: Run, in folder: String) throws -> (
        records: [Record], oddities: [String]
    ) {
        var records: [Record] = []
        var oddities: [String] = []
        _ = try read(folder) { db in
            let rows = try Row.fetchCursor(
                db,
                sql: "SELECT id, count, states, server_ids FROM chunk WHERE id >> 40 = ? ORDER BY id",
                arguments: [run.number])
            while let row = try rows.next() {
                let first = (row["id"] as Int64) & (1 << 40 - 1)
                let states = Array(row["states"] as Data)
                let ids = (row["server_ids"] as Data?).map { Array($0) } ?? []
                if Int(first) != records.count || states.count != row["count"] {
                    oddities.append("\(run.job): a chunk begins at \(first), \(records.count) was due")
                }
                for (index, byte) in states.enumerated() {
                    let state = RecordState(rawValue: byte & 0x0F)
                    if state == nil { oddities.append("\(run.job): state \(byte) is none") }
                    var id: Int64 = 0
                    if ids.count >= index * 8 + 8 {
                        for place in 0..<8 { id |= Int64(ids[index * 8 + place]) << Int64(8 * place) }
                    }
                    records.append(Record(state: state ?? .inDoubt, serverID: id))
                }
            }
        }
        return (records, oddities)
    }

    /// The reasons of a run's records that were not accepted.
    static func reasons(of run: Run, in folder: String) throws -> [Int: Reason] {
        try read(folder) { db in
            try Row.fetchAll(
                db, sql: "SELECT record, reason, server_code FROM trouble WHERE run = ?",
                arguments: [run.number]
            ).reduce(into: [:]) {
                $0[$1["record"]] = Reason(code: $1["reason"], serverCode: $1["server_code"])
            }
        } ?? [:]
    }

    /// The text of one column of a query's first row, for a closing note.
    static func number(
        _ sql: String, _ arguments: StatementArguments = [], in folder: String
    ) throws -> Int {
        try read(folder) { db in try Int.fetchOne(db, sql: sql, arguments: arguments) ?? 0 } ?? 0
    }

    /// One call that makes cards.
    struct CardCall {
        var count: Int
        var state: String
        var received: Int
        var stranded: Int
    }

    /// The calls of a condition, in their order.
    static func cardCalls(
        _ condition: String, _ arguments: StatementArguments, in folder: String
    ) throws -> [CardCall] {
        try read(folder) { db in
            try Row.fetchAll(
                db,
                sql:
                    "SELECT count, state, received, stranded FROM card_call WHERE \(condition) ORDER BY id",
                arguments: arguments
            ).map {
                CardCall(
                    count: $0["count"], state: $0["state"], received: $0["received"],
                    stranded: $0["stranded"])
            }
        } ?? []
    }
}
