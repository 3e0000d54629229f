import TestSupport
import Testing

@testable import Engine

@Suite struct RetryPolicyTests {
    @Test(
        "Temporary errors are waited out, up to as many in a row as two rounds of all in flight and a few"
    )
    func troubles() {
        var random = Seeded(1)
        var policy = RetryPolicy(window: 4)
        for _ in 0..<16 {
            guard case .wait(let wait) = policy.failed(using: &random) else {
                Issue.record("it stops too early")
                return
            }
            #expect(wait <= .seconds(30))
        }
        let last = policy.failed(using: &random)
        #expect(last == .stop)
        policy.answered()
        let asked = policy.failed(after: .seconds(7), using: &random)
        #expect(asked == .wait(.seconds(7)))
    }

    @Test("The budget ends it although answers come in between, and successes pay back")
    func budget() {
        var random = Seeded(1)
        var policy = RetryPolicy(window: 4)
        var failures = 0
        while policy.failed(using: &random) != .stop {
            failures += 1
            policy.answered()
        }
        #expect(failures == 100)
        let broke = policy.failedAlone(tries: 1, after: nil, using: &random)
        #expect(broke == .stop)
        for _ in 0..<5 { policy.succeeded() }
        let paid = policy.failedAlone(tries: 1, after: .seconds(2), using: &random)
        #expect(paid == .wait(.seconds(2)))
        let again = policy.failedAlone(tries: 1, after: nil, using: &random)
        #expect(again == .stop)
    }

    @Test("Three lost answers in a row are probed one by one, and a window of them ends the run")
    func losses() {
        var policy = RetryPolicy(window: 4)
        let losses = (1...11).map { _ in policy.lost() }
        #expect(losses.map(\.wantsSingles) == [false, false] + [Bool](repeating: true, count: 9))
        #expect(losses.map(\.endsRun) == [Bool](repeating: false, count: 10) + [true])
        policy.foundLost()
        #expect(policy.fruitless == 0)
        let fourth = policy.lost()
        #expect(fourth == RetryPolicy.Loss(wantsSingles: true, endsRun: false))
        policy.allFound()
        let first = policy.lost()
        #expect(first == RetryPolicy.Loss(wantsSingles: false, endsRun: false))
    }

    @Test("It is nobody's fault when as many requests got no answer as a record may have attempts")
    func fruitless() {
        var policy = RetryPolicy(window: 4)
        for _ in 1..<RetryPolicy.attempts { _ = policy.lost() }
        #expect(!policy.isFruitless)
        _ = policy.lost()
        #expect(policy.isFruitless)
        policy.answered()
        #expect(!policy.isFruitless)
    }

    @Test(
        "The first refused credential is renewed, the second confirmed, and more than a window end the run"
    )
    func credentials() {
        var policy = RetryPolicy(window: 2)
        let refusals = (0..<4).map { _ in policy.unauthorized() }
        #expect(refusals.map(\.confirms) == [false, true, true, true])
        #expect(refusals.map(\.endsRun) == [false, false, false, true])
        policy.authorized()
        let renewed = policy.unauthorized()
        #expect(!renewed.endsRun && !renewed.confirms)
    }
}
