import Catalog
import Engine
import Foundation
import Ledger
import Model
package import Reports

/// What is in the server's queue, and how far its retriggers are.
package enum QueueListing {
    /// Prints what is in the queue, or writes it to a file.
    ///
    /// - Parameters:
    ///   - bills: Only these bill numbers; empty: all.
    ///   - payloads: With the bills as they were sent, which hold personal data.
    ///   - output: A new file; nil: stdout.
    ///   - connection: Nil: that of the newest run.
    package static func list(
        _ bills: [String], _ selection: QueueSelection, payloads: Bool, format: QueueTable.Format,
        output: String?, connection: String?, _ options: AppOptions
    ) async throws {
        let now = Environment.real.now()
        var filter = try selection.filter(states: RejectedQueue.states, now: now)
        filter.wantsPayload = payloads
        if !bills.isEmpty { filter.billNumbers = Set(bills) }
        let queue = try await RejectedQueueSession.open(
            connection, options, sending: false)
        let wanted = filter
        let text = try await queue.use {
            let entries = try await queue.retrigger.list(wanted)
            let isTable = format == .table && !options.json
            return try QueueTable(entries, showsPayload: payloads).text(
                options.json ? .json : format,
                width: isTable && Console.isTerminal ? Console.width : 100)
        }
        try Console.deliver(text, to: output, quiet: options.quiet)
    }

    /// Follows what is under way, or prints the retriggers so far.
    ///
    /// - Parameters:
    ///   - id: The server's number of a retrigger; nil: what is under way.
    ///   - wait: How long to follow it.
    ///   - connection: Nil: that of the newest run.
    package static func status(
        of id: String?, wait: Duration, connection: String?, _ options: AppOptions
    ) async throws -> ExitStatus {
        let queue = try await RejectedQueueSession.open(connection, options)
        return try await queue.use {
            if let id {
                let count = try await queue.retrigger.status(of: id)
                Console.print(
                    options.json
                        ? #"{"schema":1,"retrigger":"\#(id)","success":\#(count.success),"fixed":\#(count.fixed),"max_out":\#(count.maxOut),"replayed":\#(count.replayed)}"#
                        : "retrigger \(id): \(count.success) booked, \(count.replayed) in progress, \(count.fixed) fixed, \(count.maxOut) out of attempts"
                )
                return .fine
            }
            if try !queue.context.ledger.retriggers(org: queue.org.id, isOpen: true, limit: 1)
                .isEmpty
            {
                return try await queue.follow(patience: wait)
            }
            let rows = try queue.context.ledger.retriggers(org: queue.org.id, limit: 20)
            if rows.isEmpty { queue.say("nothing has been retriggered from here yet") }
            for row in rows {
                Console.print(
                    "\(row.started.iso8601)  \(row.serverID ?? "-")  \(Wording.count(row.bills.count, "bill")): \(row.ending ?? "")"
                )
            }
            return .fine
        }
    }
}
