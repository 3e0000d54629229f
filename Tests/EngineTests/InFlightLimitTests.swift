import Engine
import Model
import Testing

@Suite("InFlightLimit") struct InFlightLimitTests {
    /// A server that does `capacity` requests side by side in `service` seconds each, queueing the rest:
    /// the latency that a full flight of `limit` sees.
    private func latency(_ limit: Int, capacity: Int, service: Double) -> Duration {
        .seconds(service * max(1, Double(limit) / Double(capacity)))
    }

    @Test("A fixed limit gives way to lost answers alone, and comes back")
    func fixed() {
        var limit = InFlightLimit(.fixed(8))
        limit.failed(.server)
        limit.failed(.throttled)
        limit.succeeded(after: .seconds(9), inFlight: 8)
        #expect(limit.current == 8)
        limit.failed(.timeout)
        #expect(limit.current == 4)
        // Those that were in flight with it are the same trouble.
        for _ in 0..<3 { limit.failed(.timeout) }
        #expect(limit.current == 4)
        for _ in 0..<60 { limit.succeeded(after: .seconds(9), inFlight: 4) }
        #expect(limit.current == 8)
    }

    @Test("It starts low, doubles a window, and stops at the bound")
    func slowStart() {
        var limit = InFlightLimit(.auto(most: 32))
        #expect(limit.current == 4)
        for expected in [8, 16, 32, 32] {
            for _ in 0..<limit.current {
                limit.succeeded(after: .milliseconds(100), inFlight: limit.current)
            }
            #expect(limit.current == expected)
        }
        #expect(InFlightLimit(.auto(most: 1)).current == 1)
        #expect(InFlightLimit(.auto(most: 0)).current == 1)
    }

    @Test("A limit that is not reached does not grow")
    func idle() {
        var limit = InFlightLimit(.auto(most: 32))
        for _ in 0..<100 { limit.succeeded(after: .milliseconds(100), inFlight: 2) }
        #expect(limit.current == 4)
    }

    @Test("A failure halves it, once for all that were in flight, and it grows by one a window then")
    func halves() {
        var limit = InFlightLimit(.auto(most: 64))
        for _ in 0..<28 { limit.succeeded(after: .milliseconds(100), inFlight: 64) }
        #expect(limit.current == 32)
        for _ in 0..<31 { limit.failed(.timeout) }
        #expect(limit.current == 16)
        for _ in 0..<17 { limit.succeeded(after: .milliseconds(100), inFlight: 64) }
        #expect(limit.current == 17)
    }

    @Test("Throttling takes a tenth, at least one; it never falls below one")
    func throttled() {
        var limit = InFlightLimit(.auto(most: 20))
        for _ in 0..<16 { limit.succeeded(after: .milliseconds(1), inFlight: 64) }
        limit.failed(.throttled)
        #expect(limit.current == 18)
        for _ in 0..<200 { limit.failed(.server) }
        #expect(limit.current == 1)
    }

    @Test(
        "Against a server that queues, it settles near what the server does at once",
        arguments: [2, 8, 24])
    func settles(capacity: Int) {
        var limit = InFlightLimit(.auto(most: 256))
        var seen: [Int] = []
        for step in 0..<20_000 {
            limit.succeeded(
                after: latency(limit.current, capacity: capacity, service: 0.2), inFlight: limit.current
            )
            if step > 10_000 { seen.append(limit.current) }
        }
        // Enough to keep the server busy, and never a queue much longer than its work.
        #expect((seen.min() ?? 0) >= capacity)
        #expect((seen.max() ?? .max) <= capacity * 4 + 4)
    }

    @Test("A server that becomes slower for good is not starved for ever")
    func slower() {
        var limit = InFlightLimit(.auto(most: 64))
        func run(_ service: Double) {
            for _ in 0..<5000 {
                limit.succeeded(
                    after: latency(limit.current, capacity: 8, service: service),
                    inFlight: limit.current)
            }
        }
        run(0.2)
        run(2)
        #expect((8...32).contains(limit.current))
    }
}
