import Foundation
import TestSupport

/// Orders of cards, one after the other: each started, killed and said again until all its cards are made.
///
/// Beside the ``Lane``s, since an order has no input of records and no run: it is known by its file.
final class CardLane {
    /// Cards a call.
    static let chunk = 40

    struct Order {
        var file: String
        var series: Int
        /// How many cards.
        var count: Int
    }

    private enum State {
        case idle, running, done
        case resting(until: Double)
    }

    private(set) var orders: [Order] = []
    private let shared: Lane.Shared
    private var random: Seeded
    private var state = State.idle
    private var child: Child?
    private var started = 0.0
    private var signals: [(at: Double, signal: Int32)] = []
    private var sent: Set<Int32> = []
    private var starts = 0
    private var mustDecide = false

    init(_ shared: Lane.Shared, seed: UInt64) {
        self.shared = shared
        random = Seeded(seed ^ 0x6361_7264)
    }

    var isDone: Bool { if case .done = state { true } else { false } }

    func tick() throws {
        switch state {
        case .done: break
        case .resting(let until):
            if shared.isEnding { return state = .done }
            if Lane.now() >= until { state = .idle }
        case .idle:
            if shared.isEnding { return state = .done }
            if try isFinished(orders.last) { begin() }
            try launch()
        case .running:
            guard let child else { return }
            if !child.isRunning { return try ended(child) }
            let age = Lane.now() - started
            if let next = signals.first, age >= next.at {
                signals.removeFirst()
                sent.insert(next.signal)
                child.send(next.signal)
            } else if age > Lane.patience {
                shared.complain("\(orders.last?.file ?? ""): hung for \(Int(age)) s and was killed")
                child.send(SIGKILL)
                started = Lane.now()
            }
        }
    }

    func abort() {
        child?.send(SIGKILL)
        child?.wait()
    }

    /// Three orders a series, so that some find calls of others in its log.
    private func begin() {
        orders.append(
            Order(
                file: "cards-\(orders.count).csv", series: 2001 + orders.count / 3,
                count: Int.random(in: 1...800, using: &random)))
        shared.begun += calls(orders.last)
        starts = 0
    }

    private func calls(_ order: Order?) -> Int { ((order?.count ?? 0) + Self.chunk - 1) / Self.chunk }

    private func launch() throws {
        guard let order = orders.last else { return }
        let held = mustDecide ? try CardAccount.decision(order, shared) : nil
        mustDecide = false
        child = try shared.start(Self.command(order, shared, held: held), log: "cards")
        started = Lane.now()
        starts += 1
        shared.tally.starts += 1
        sent = []
        // A doubt is settled by nobody who does not live for a while.
        signals = shared.isKilling && starts <= 30 ? shared.death(&random) : []
        state = .running
    }

    static func command(_ order: Order, _ shared: Lane.Shared, held: String?) -> [String] {
        [
            "generate", "cards", "--series", "\(order.series)", "--count", "\(order.count)", "-o",
            "\(shared.folder)/\(order.file)", "--chunk", "\(chunk)", "--wait", shared.wait,
            "--connection", "there",
        ] + (held.map { ["--held", $0] } ?? [])
    }

    private func isFinished(_ order: Order?) throws -> Bool {
        guard let order else { return true }
        return try CardAccount.isFinished(order, shared.folder)
    }

    private func ended(_ child: Child) throws {
        let status = child.status
        self.child = nil
        shared.tally.statuses[status, default: 0] += 1
        shared.note(status, after: sent)
        if try isFinished(orders.last) {
            shared.done += calls(orders.last)
            return state = .resting(until: Lane.now() + 1)
        }
        // What stopped it may pass: a killed one is said again at once.
        state = .resting(until: Lane.now() + (sent.isEmpty ? 0.2 : 0))
        mustDecide = status == 4
        if starts == 100 { shared.complain("\(orders.last?.file ?? ""): not finished by 100 starts") }
        if status == 0 || ![1, 3, 4, 5, 8].contains(status), sent.isEmpty {
            shared.complain(
                "\(orders.last?.file ?? ""): ended with \(status), unfinished: \(child.err.suffix(600))"
            )
        }
    }
}
