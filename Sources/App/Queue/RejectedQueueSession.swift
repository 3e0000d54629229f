import Catalog
import Engine
import Foundation
import Ledger
import Model
import Reports

/// What the commands of the queue have in common.
struct RejectedQueueSession {
    let context: AppContext
    let api: APISession
    let org: OrgSettings
    let retrigger: Retrigger

    /// - Parameter name: The connection; nil: that of the newest run.
    static func open(
        _ name: String?, _ options: AppOptions,
        sending: Bool = true
    ) async throws -> RejectedQueueSession {
        let context = try AppContext(options)
        guard let name = try name ?? context.ledger.runs(limit: 1).first?.connection else {
            throw Failure(.usage, "there are no runs yet: name the org with --connection.")
        }
        let api = try await context.connect(to: name, sending: sending)
        do {
            let org = try await RunStarter.learnOrg(
                api.connection, sender: api.sender, environment: .real, tell: Console.warn)
            let retrigger = Retrigger(
                ledger: context.ledger, sender: api.sender, org: org.id ?? "",
                connection: api.connection.name, environment: .real)
            return RejectedQueueSession(context: context, api: api, org: org, retrigger: retrigger)
        } catch {
            await api.close()
            throw error
        }
    }

    /// Runs `body`, and closes what is open whatever comes of it.
    func use<Value>(_ body: () async throws -> Value) async throws -> Value {
        do {
            let value = try await api.use(body)
            await context.ledger.close()
            return value
        } catch {
            await context.ledger.close()
            if let trouble = error as? Retrigger.Trouble {
                throw Failure(trouble.isAccess ? .authentication : .passing, trouble.text)
            }
            throw error
        }
    }

    func say(_ words: String) { if !context.options.quiet { Console.warn(words) } }

    /// Follows what is under way, and brings the ledger to it.
    ///
    /// - Returns: The exit status.
    func follow(patience: Duration) async throws -> ExitStatus {
        let isQuiet = context.options.quiet
        let followed = try await retrigger.follow(patience: patience) { progress in
            guard !isQuiet, Console.isTerminal else { return }
            let count = progress.count
            Console.redraw(
                "\(progress.bills) bills: \(count.success) booked, \(count.replayed) in progress, "
                    + "\(count.fixed) fixed, \(count.maxOut) out of attempts")
        }
        Console.clearLine()
        let settlement = QueueSettlement(
            ledger: context.ledger, sender: api.sender, org: org, environment: .real)
        let settled = try await settlement.settle(followed.entries) { job in
            try JobLock.take(job: job, in: context.options.directory)
        }
        try printResult(followed.entries, settled)
        guard followed.isOver else {
            say("not finished: `sluice rejected status` follows it further")
            return .passing
        }
        for job in settled.held {
            say(
                "the job \(job) is running: the next `sluice rejected status` updates its records"
            )
        }
        return followed.entries.allSatisfy { $0.state == RejectedQueue.booked } ? .fine : .problems
    }

    private func printResult(_ entries: [QueueEntry], _ settled: QueueSettlement.Settled) throws {
        let states = Dictionary(grouping: entries, by: \.state).mapValues(\.count)
        if context.options.json {
            let document: [String: Any] = [
                "schema": 1, "bills": entries.count, "states": states,
                "records": [
                    "accepted": settled.accepted, "skipped": settled.skipped, "parked": settled.parked,
                ],
            ]
            return Console.print(try Console.json(document))
        }
        let words = states.sorted { $0.key < $1.key }.map { "\(Wording.count($0.value)) \($0.key)" }
        Console.print("\(Wording.count(entries.count, "bill")): " + words.joined(separator: ", "))
        Console.print(
            "in the ledger: \(Wording.count(settled.accepted)) accepted, \(Wording.count(settled.parked)) still parked"
                + (settled.skipped > 0 ? ", \(Wording.count(settled.skipped)) repeats of them" : ""))
    }
}
