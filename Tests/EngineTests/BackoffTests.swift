import Engine
import TestSupport
import Testing

@Suite("Backoff") struct BackoffTests {
    @Test(
        "The ceiling doubles up to the cap",
        arguments: [(1, 1), (2, 2), (3, 4), (6, 32), (7, 60), (1000, 60)])
    func ceiling(attempt: Int, seconds: Int) {
        #expect(Backoff().ceiling(attempt: attempt) == .seconds(seconds))
    }

    @Test("A wait is spread over all below the ceiling")
    func jitter() {
        var random = Seeded(7)
        let backoff = Backoff(base: .seconds(2), cap: .seconds(30))
        let waits = (0..<2000).map { _ in backoff.delay(attempt: 3, using: &random) }
        #expect(waits.allSatisfy { $0 >= .zero && $0 <= .seconds(8) })
        for bin in 0..<8 {
            let count = waits.count { $0 >= .seconds(bin) && $0 < .seconds(bin + 1) }
            #expect((180...320).contains(count), "between \(bin) s and \(bin + 1) s")
        }
    }
}
