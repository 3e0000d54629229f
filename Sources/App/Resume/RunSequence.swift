import Engine
import Ledger
import Model

/// Several runs, one after the other. A run may wait for keys that another holds, or lack a proof that another gives.
/// Such a run is resumed once more for as long as others make progress.
struct RunSequence {
    private let ledger: Ledger
    private var order: [RunID] = []
    private var statuses: [RunID: ExitStatus] = [:]
    private var tried: [RunID: Int] = [:]
    private var count = 0
    /// When something was settled last.
    private var progressed = 0

    init(_ ledger: Ledger) { self.ledger = ledger }

    /// What everything ended with.
    var worst: ExitStatus { ExitStatus.worst(of: statuses.values) }

    var runs: [RunID] { order }

    func status(of id: RunID) -> ExitStatus? { statuses[id] }

    /// - Throws: What nobody expects, and what ends all.
    /// - Returns: What it ended with; a failure has been told.
    mutating func perform(_ id: RunID, _ body: () async throws -> ExitStatus) async throws
        -> ExitStatus
    {
        count += 1
        if statuses[id] == nil { order.append(id) }
        let before = try settled(id)
        let status: ExitStatus
        do {
            status = try await body()
        } catch {
            guard let failure = error as? Failure ?? Failure(translating: error),
                !failure.status.endsAll
            else { throw error }
            Console.complain(failure.message)
            status = failure.status
        }
        statuses[id] = status
        tried[id] = count
        if try settled(id) > before { progressed = count }
        return status
    }

    /// Leaves out of what everything ended with that an input of a run has grown, where nothing else was left of it.
    mutating func passOverGrowth(of id: RunID) throws {
        guard let run = try ledger.run(named: id.text), run.hasGrownInput,
            try ledger.totals(run: run.number).left == 0
        else { return }
        statuses[id] = .fine
    }

    /// The oldest run that may get further now, since others did after it was tried.
    func nextToRetry() throws -> RunRow? {
        for id in order {
            guard [.inDoubt, .timeLimit].contains(statuses[id]), let last = tried[id],
                progressed > last, let run = try ledger.run(named: id.text), run.isOpen
            else { continue }
            return run
        }
        return nil
    }

    private func settled(_ id: RunID) throws -> Int {
        guard let run = try ledger.run(named: id.text) else { return 0 }
        let totals = try ledger.totals(run: run.number)
        return totals.records - totals[.unsent] - totals[.sent] - totals[.inDoubt]
    }
}
