import Engine
import Testing

@Suite("RetryBudget") struct RetryBudgetTests {
    @Test(
        "A hundred retries, or fifty after timeouts, empty it",
        arguments: [(RetryBudget.Cost.retry, 100), (.timeout, 50)])
    func empties(cost: RetryBudget.Cost, times: Int) {
        var budget = RetryBudget()
        let paid = (0...times).map { _ in budget.spend(cost) }
        #expect(paid == [Bool](repeating: true, count: times) + [false])
        #expect(budget.tokens == 0)
    }

    @Test("What does not reach is not taken, and successes pay back up to the brim")
    func refunds() {
        var budget = RetryBudget(capacity: 12)
        let first = [budget.spend(.timeout), budget.spend(.retry)]
        #expect(first == [true, false])
        #expect(budget.tokens == 2)
        for _ in 0..<3 { budget.refund() }
        let second = budget.spend(.retry)
        #expect(second && budget.tokens == 0)
        for _ in 0..<100 { budget.refund() }
        #expect(budget.tokens == 12)
    }
}
