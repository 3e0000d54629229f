import Engine
import Ledger
import Model
import Reports
import Testing

@Suite struct StopControllerTests {
    private static func end(
        _ counts: [RecordState: Int], isFed: Bool = true, isInputGone: Bool = false,
        isInputEnded: Bool = true, hasGivenUp: Bool = false, waiting: String? = nil
    ) -> StopController.End {
        var totals = Totals()
        for (state, count) in counts { totals.add(StateByte(state), count) }
        return StopController.End(
            totals: totals, isInputEnded: isInputEnded, isFed: isFed, isInputGone: isInputGone,
            hasGivenUp: hasGivenUp, waiting: waiting)
    }

    @Test("Without a reason to stop, what became of the records decides")
    func states() {
        let stop = StopController()
        let all = stop.result(at: Self.end([.accepted: 5, .skipped: 1]), .reports)
        #expect(all == RunResult(conditions: [.fine], isFinished: true))
        let some = stop.result(at: Self.end([.accepted: 5, .rejected: 1]), .reports)
        #expect(some == RunResult(conditions: [.problems], isFinished: true))
        let doubt = stop.result(at: Self.end([.accepted: 5, .inDoubt: 1]), .reports)
        #expect(doubt == RunResult(conditions: [.inDoubt], isFinished: false))
        let left = stop.result(at: Self.end([.unsent: 2], waiting: "another run has them"), .reports)
        #expect(left.conditions == [.timeLimit] && !left.isFinished)
        #expect(left.reason == "2 records are unsent: another run has them")
        let unread = stop.result(at: Self.end([.accepted: 5], isFed: false), .reports)
        #expect(unread == RunResult(conditions: [.fine], isFinished: false))
    }

    @Test("The first reason counts, and a count that does not balance before all")
    func reasons() {
        var stop = StopController()
        let first = stop.stop(StopReason(.stopped, "too many"))
        let second = stop.stop(StopReason(.passing, "the server is away"))
        #expect(first && !second)
        var result = stop.result(at: Self.end([.accepted: 1, .unsent: 1]), .reports)
        #expect(result == RunResult(conditions: [.stopped], reason: "too many", isFinished: false))
        stop.note(.endNotReached(name: "a.csv"))
        result = stop.result(at: Self.end([.accepted: 1]), .reports)
        #expect(result.exitCode == 9)
        #expect(result.reason == "the counts do not balance: a.csv: its end was not reached")
    }

    @Test("What an outage left in doubt is for the next resume, unless it was given up")
    func outages() {
        var stop = StopController()
        stop.stop(StopReason(.passing, "away", isOutage: true))
        #expect(stop.result(at: Self.end([.inDoubt: 1]), .reports).exitCode == 5)
        #expect(stop.result(at: Self.end([.inDoubt: 1], hasGivenUp: true), .reports).exitCode == 4)
    }

    @Test("Of an input that is gone, what was never sent is closed and listed")
    func gone() {
        let result = StopController().result(
            at: Self.end([.accepted: 1, .unsent: 3], isFed: false, isInputGone: true), .reports)
        #expect(result == RunResult(conditions: [.problems], isFinished: true))
    }

    @Test("Only the answer to the one record that left alone confirms")
    func confirming() {
        var stop = StopController()
        stop.confirm()
        stop.leaves([1], others: 2)
        #expect(!stop.confirms([1]))
        stop.leaves([1, 2], others: 0)
        #expect(!stop.confirms([1, 2]))
        stop.leaves([3], others: 0)
        #expect(stop.confirms([3]) && !stop.confirms([4]))
        stop.contradicted()
        #expect(!stop.confirms([3]) && !stop.isConfirming)
    }

    @Test("The error that ended it is the first one")
    func errors() {
        struct First: Error {}
        struct Second: Error {}
        var stop = StopController()
        stop.end(First())
        stop.end(Second())
        #expect(stop.isOver && stop.failure is First)
        var quiet = StopController()
        quiet.end()
        quiet.end(Second())
        #expect(quiet.failure == nil)
    }
}
