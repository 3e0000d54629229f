// The way of cards: the server's log, a slot, the intent, the call, its raw answer into the ledger, and so on
// until as many were made as were requested. The file is written from the ledger, never from an answer.
//
// A call is never repeated blindly. One whose answer was lost stays pending, and no other call for its series
// leaves, of whichever order. The log tells: a new entry of its count is it, since counts differ from call to
// call; then its cards exist, and their numbers cannot be had. None, twice, after the server has had its time:
// nothing was made. That time counts from when the log shows the call that was answered before, for a log may
// lag; so that there is one, the first call of a series asks for a single card. Several: a person decides.

import Catalog
import Foundation
package import Ledger
package import Model
import Synchronization

/// One go at an order of cards.
package actor CardMaker {
    private let order: CardOrder
    private let ledger: Ledger
    private let sender: any Sender
    private let readClient: ReadClient
    private let environment: Environment
    /// How long the server may take to apply a request.
    private let wait: Duration
    /// The most cards of a call.
    private var size: Int
    private var cause: StopReason?
    private var troubles = 0
    private var barren = 0
    /// The server makes none of the line it is at; the next go asks again.
    private var isRefused = false
    private nonisolated let board = Mutex((made: 0, calls: 0))

    package init(
        _ order: CardOrder, size: Int, wait: Duration, ledger: Ledger,
        sender: any Sender, environment: Environment
    ) {
        self.order = order
        self.size = size
        self.wait = wait
        self.ledger = ledger
        self.sender = sender
        self.environment = environment
        readClient = ReadClient(sender: sender, environment: environment)
    }

    /// Numbers received and calls made by this execution.
    package nonisolated var progress: (made: Int, calls: Int) { board.withLock { $0 } }

    /// What is in flight is accepted; nothing more leaves.
    package func stop(_ cause: StopReason) { if self.cause == nil { self.cause = cause } }

    /// - Returns: Why it ended before all was made; nil where there is nothing left to do.
    package func run() async throws -> StopReason? {
        for (index, line) in order.lines.enumerated() where cause == nil { try await make(line, index) }
        return cause
    }

    private func words(_ note: EngineNote.Cards) -> String { environment.words(.cards(note)) }

    private func make(_ line: CardLine, _ index: Int) async throws {
        barren = 0
        isRefused = false
        while cause == nil, !isRefused {
            if let open = try ledger.pendingCards(org: order.org, series: line.series) {
                try await settle(open)
                continue
            }
            let calls = try ledger.cardCalls(of: order.number).filter { $0.line == index }
            let left = line.count - calls.reduce(0) { $0 + $1.received + $1.stranded }
            if left <= 0 { return }
            guard let log = await log(line.series) else { return }
            let slot: Slot
            do {
                slot = try await sender.slot()
            } catch let error as SlotError {
                return stop(Execution.cause(of: error))
            }
            if cause != nil { return }
            let count = try next(line.series, left)
            let call = try await ledger.intendCards(
                order, line: index, series: line.series, count: count, known: Set(log.map(\.id)),
                at: environment.now())
            // Another process was first: its call is settled before ours.
            guard let call else { continue }
            board.withLock { $0.calls += 1 }
            let request = CardsGenerate.request(series: line.series, count: count, label: line.label)
            try await land(await sender.send(request, in: slot), of: call, count: count)
        }
    }

    /// Counts differ from one call for a series to the next, so that an entry of the log names its call.
    private func next(_ series: Int, _ left: Int) throws -> Int {
        let (calls, last) = try ledger.cardHistory(org: order.org, series: series)
        if calls == 0 { return 1 }
        let count = min(left, size - calls % min(100, size))
        return count == last && count > 1 ? count - 1 : count
    }

    private func land(_ exchange: Exchange, of call: Int64, count: Int) async throws {
        func end(_ end: CardCallEnd) async throws {
            try await ledger.settleCards(call, end, at: environment.now())
        }
        switch exchange {
        case .unanswered: return  // It stays pending.
        case .notSent(let trouble):
            try await end(CardCallEnd(.undone, note: trouble.message))
            return try await pause(nil, trouble.message)
        case .reply(let reply):
            switch CardsGenerate.read(reply) {
            case .lost: return
            case .cards(let numbers, let shortfall):
                // Fewer, and the server does not say why: the rest may exist.
                let missing = shortfall == nil ? max(0, count - numbers.count) : 0
                try await end(
                    CardCallEnd(
                        .answered, reply: reply.body, received: numbers.count, stranded: missing,
                        note: missing > 0 ? words(.fewer(numbers.count, of: count)) : shortfall))
                board.withLock { $0.made += numbers.count }
                troubles = 0
                barren = numbers.isEmpty ? barren + 1 : 0
                if barren >= 5 {
                    stop(StopReason(.stopped, words(.noneMade(shortfall ?? ""))))
                }
            case .refused(let refusal):
                isRefused = true
                try await end(CardCallEnd(.refused, note: reason(refusal)))
            case .tooMany(let refusal) where count > 1:
                try await end(CardCallEnd(.undone, note: reason(refusal)))
                size = max(1, count / 2)
            case .tooMany(let refusal):
                isRefused = true
                try await end(CardCallEnd(.refused, note: reason(refusal)))
            case .again(let after):
                let status = environment.words(
                    .settling(.serverAnswers(status: reply.status)))
                try await end(CardCallEnd(.undone, note: status))
                try await pause(after, status)
            case .unauthorized(let refusal):
                try await end(CardCallEnd(.undone, note: refusal.message))
                troubles += 1
                if troubles > 1 { stop(StopReason(.authentication, refusal.message)) }
            case .stopped(let refusal):
                try await end(CardCallEnd(.undone, note: refusal.message))
                stop(
                    StopReason(
                        refusal.reason == .forbidden ? .authentication : .stopped,
                        words(.refused(refusal.message))))
            }
        }
    }

    private func reason(_ refusal: Refusal) -> String {
        refusal.serverCode.map { "\($0): \(refusal.message)" } ?? refusal.message
    }

    private func pause(_ after: Duration?, _ why: String) async throws {
        troubles += 1
        guard troubles <= 8, (after ?? .zero) <= .seconds(900) else {
            return stop(StopReason(.passing, why))
        }
        if let after { return try await environment.sleep(after) }
        await readClient.pause(troubles)
    }

    // MARK: A lost answer

    /// The log of a series; nil where it cannot be read, and then the run has been told to stop.
    private func log(_ series: Int) async -> [CardsGenerate.LogEntry]? {
        switch await readClient.ask(CardsGenerate.logRequest(series: series)) {
        case .done(let reply):
            if let entries = CardsGenerate.readLog(reply, series: series) { return entries }
            stop(StopReason(.passing, words(.logUnread(nil))))
        case .noSlot(let error): stop(Execution.cause(of: error))
        case .refused(let refusal): stop(StopReason(.authentication, refusal.message))
        case .unclear(let refusal):
            stop(StopReason(.passing, words(.logUnread(refusal.message))))
        }
        return nil
    }

    private func settle(_ call: CardCall) async throws {
        guard call.state == .pending else {
            return stop(
                StopReason(
                    .inDoubt,
                    words(
                        .onHold(
                            call: call.number, count: call.count, series: call.series,
                            note: call.note ?? ""))))
        }
        let answered = try ledger.answeredCards(org: order.org, series: call.series)
        // Between two processes no clock is trusted: the wait counts from here.
        let began = environment.now()
        var shown = answered.isEmpty ? began : nil
        var misses = 0
        while cause == nil {
            let asked = environment.now()
            guard let entries = await log(call.series) else { return }
            let claimed = try ledger.claimedEntries(org: order.org, series: call.series)
            let reading = LogReading(of: call, in: entries, claimed: claimed, answered: answered)
            if let one = reading.exact.first, reading.exact.count == 1 {
                let note = words(.made(date: one.date, till: one.till, entry: one.id))
                return try await ledger.settleCards(
                    call.number,
                    CardCallEnd(.stranded, stranded: call.count, entry: one.id, note: note),
                    at: environment.now())
            }
            if reading.exact.count > 1 {
                return try await hold(
                    call, words(.severalEntries(count: call.count, ids: reading.exact.map(\.id))))
            }
            switch reading.witness {
            case .wasThere where shown == nil: shown = began
            case .isThere where shown == nil: shown = asked
            default: break
            }
            if let shown, asked >= shown + wait, reading.isWhole { misses += 1 }
            if misses >= 2, let one = reading.fewer.first {
                return try await hold(call, words(.fewerInEntry(one.count, id: one.id)))
            }
            if misses >= 2 {
                return try await ledger.settleCards(
                    call.number,
                    CardCallEnd(.undone, note: words(.provedUndone)),
                    at: environment.now())
            }
            if asked >= began + wait * 2 + .seconds(60), misses == 0 {
                guard shown == nil, reading.isWhole else {
                    return try await hold(call, words(.entriesGone))
                }
                return stop(StopReason(.inDoubt, words(.logLate(call: call.number))))
            }
            try await environment.sleep(max(.milliseconds(100), min(wait / 10, .seconds(10))))
        }
    }
    private func hold(_ call: CardCall, _ note: String) async throws {
        try await ledger.settleCards(
            call.number, CardCallEnd(.held, note: note), at: environment.now())
    }
}
