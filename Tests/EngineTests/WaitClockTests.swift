import Model
import Synchronization
import Testing

@testable import Engine

@Suite("How the time was spent") struct WaitClockTests {
    /// A clock that continues when it is told to.
    private final class Hand: Sendable {
        private let time = Mutex(Timestamp(milliseconds: 0))
        var now: Timestamp { time.withLock { $0 } }
        func pass(_ seconds: Int) { time.withLock { $0 = $0 + .seconds(seconds) } }
    }

    private let hand = Hand()

    @Test("Every moment counts for one cause: of several waits, the one that holds the others up")
    func oneCauseAMoment() {
        let clock = WaitClock { hand.now }
        hand.pass(1)
        clock.enter(.answer)
        hand.pass(2)
        clock.enter(.gate)
        clock.enter(.look)
        hand.pass(4)
        clock.leave(.gate)
        clock.leave(.answer)
        hand.pass(8)
        clock.leave(.look)
        clock.note(hasDoubts: true)
        clock.enter(.backOff)
        hand.pass(16)
        clock.leave(.backOff)
        hand.pass(32)
        clock.note(hasDoubts: false)
        hand.pass(64)
        #expect(
            clock.waited == [
                .answers: .seconds(2), .rateLimit: .seconds(4), .looks: .seconds(8),
                .backOff: .seconds(16), .doubt: .seconds(32),
            ])
    }

    private struct Answering: Sender {
        let hand: Hand
        let status: Int
        func slot() async throws -> Slot {
            hand.pass(3)
            return Slot()
        }
        func send(_ request: Request, in slot: Slot) async -> Exchange {
            hand.pass(1)
            return .reply(Reply(status: status))
        }
    }

    @Test("After a 429 it is the server that is waited for, until something has come through")
    func throttled() async throws {
        let clock = WaitClock { hand.now }
        let refused = TimedSender(
            sender: Answering(hand: hand, status: 429), clock: clock, place: .answer)
        _ = await refused.send(Request(.get, "/"), in: try await refused.slot())
        #expect(clock.waited == [.rateLimit: .seconds(3), .answers: .seconds(1)])
        let fine = TimedSender(sender: Answering(hand: hand, status: 200), clock: clock, place: .look)
        for _ in 0..<2 { _ = await fine.send(Request(.get, "/"), in: try await fine.slot()) }
        #expect(
            clock.waited == [
                .rateLimit: .seconds(6), .throttled: .seconds(3), .answers: .seconds(1),
                .looks: .seconds(2),
            ])
    }

    @Test func aClockSetBackTakesNothingAway() {
        let clock = WaitClock { hand.now }
        clock.enter(.answer)
        hand.pass(5)
        #expect(clock.waited == [.answers: .seconds(5)])
        hand.pass(-3)
        #expect(clock.waited == [.answers: .seconds(5)])
        #expect(!clock.isTimeToKeep)
        hand.pass(13)
        #expect(clock.isTimeToKeep && !clock.isTimeToKeep)
    }
}
