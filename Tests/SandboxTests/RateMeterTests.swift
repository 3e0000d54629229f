import Testing

@testable import Sandbox

@Suite("Rate limits")
struct RateMeterTests {
    @Test("A fixed window starts again with the minute")
    func fixed() {
        var meter = RateMeter(.init(requests: 2, window: .fixed))
        #expect(meter.take(at: 59_000) == nil)
        #expect(meter.take(at: 59_900) == nil)
        #expect(meter.take(at: 59_990) == 10)
        #expect(meter.take(at: 60_000) == nil)
    }

    @Test("A sliding window never holds more than the limit", arguments: [UInt64(1), 2, 3])
    func sliding(seed: UInt64) {
        var meter = RateMeter(.init(requests: 5, window: .sliding))
        var admitted: [Int64] = []
        var now: Int64 = 0
        for step in 0..<5000 {
            now += Int64(mixed(seed &+ UInt64(step)) % 20_000)
            if let wait = meter.take(at: now) {
                // As soon as it says, a request is welcome.
                #expect(wait > 0)
                now += wait
                #expect(meter.take(at: now) == nil)
            }
            admitted.append(now)
            #expect(admitted.count { $0 > now - 60_000 } <= 5)
            admitted.removeAll { $0 <= now - 60_000 }
        }
    }

    @Test("The peak is the most in any minute")
    func peak() {
        var meter = PeakMeter()
        for second in 0..<120 where second < 60 || second % 2 == 0 {
            meter.count(at: Int64(second) * 1000)
        }
        #expect(meter.peak == 60)
        for _ in 0..<50 { meter.count(at: 10_000_000) }
        #expect(meter.peak == 60)
        for _ in 0..<50 { meter.count(at: 10_030_000) }
        #expect(meter.peak == 100)
    }
}
