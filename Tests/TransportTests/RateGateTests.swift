import Foundation
import Model
import Synchronization
import TestSupport
import Testing

@testable import Transport

@Suite("RateGate", .timeLimit(.minutes(1))) struct RateGateTests {
    private static let second: Int64 = 1_000_000_000

    // How a server counts, against how the gate paces. Time is a number here.

    /// The most arrivals in any window of the minute of the clock, at any phase, and in any sliding
    /// minute: the latter bounds the former.
    private func most(_ arrivals: [Int64], within window: Int64) -> Int {
        var most = 0
        var first = 0
        for (index, arrival) in arrivals.enumerated() {
            while arrival - arrivals[first] >= window { first += 1 }
            most = max(most, index - first + 1)
        }
        return most
    }

    enum Jitter: String, CaseIterable {
        /// Anywhere up to a second.
        case even
        /// None or a whole second, in turns: the worst for a window.
        case extreme
        /// Slow for some seconds, then fast: requests bunch up.
        case bunched
    }

    @Test(
        "With this many a minute allowed and arrivals up to a second late, no minute sees more, and 97 % are used",
        arguments: [(300, 1), (300, 2), (90, 1), (90, 3), (1200, 2), (2, 1), (1, 1)], Jitter.allCases)
    func minute(_ setting: (rate: Int, processes: Int), jitter: Jitter) throws {
        let (rate, processes) = setting
        for seed in UInt64(1)...5 {
            var random = Seeded(seed)
            let memory = GateMemory.unshared()
            let pace = Pace(Rate(requests: rate, per: .seconds(60)))
            let minutes: Int64 = 10
            let end = minutes * 60 * Self.second
            // Each process asks again as soon as its request left; it wakes up to 20 ms late.
            var asks = (0..<processes).map { _ in Int64.random(in: 0...Self.second, using: &random) }
            var departures: [Int64] = []
            while let (process, now) = asks.enumerated().min(by: { $0.element < $1.element }), now < end
            {
                let place = memory.reserve(at: now, pace)
                let left = place + Int64.random(in: 0...20_000_000, using: &random)
                departures.append(left)
                asks[process] = left
            }
            let arrivals = departures.map { left -> Int64 in
                switch jitter {
                case .even: left + Int64.random(in: 0...Self.second, using: &random)
                case .extreme: left + (Bool.random(using: &random) ? Self.second : 0)
                case .bunched: left + (left / (7 * Self.second) % 2 == 0 ? Self.second : 0)
                }
            }.sorted()
            #expect(most(arrivals, within: 60 * Self.second) <= rate, "seed \(seed)")
            for phase in stride(from: Int64(0), to: 60, by: 7) {
                let windows = Dictionary(grouping: arrivals) {
                    ($0 + phase * Self.second) / (60 * Self.second)
                }
                #expect(windows.values.allSatisfy { $0.count <= rate }, "seed \(seed), phase \(phase)")
            }
            if rate >= 90 {
                let used = departures.count { $0 >= 60 * Self.second && $0 < 360 * Self.second }
                #expect(Double(used) >= 0.97 * 5 * Double(rate), "seed \(seed): \(used)")
            }
        }
    }

    @Test("Headroom is left to others; a quiet time is not made up for")
    func headroom() throws {
        let memory = GateMemory.unshared()
        let pace = Pace(Rate(requests: 100, per: .seconds(60)), headroom: 0.1)
        #expect(pace.distance == Int64((61.2e9 / 90).rounded(.up)))
        let first = memory.reserve(at: 1000 * Self.second, pace)
        let second = memory.reserve(at: first, pace)
        #expect(first == 1000 * Self.second)
        #expect(second - first >= pace.distance - pace.lateness)
        let later = second + 3600 * Self.second
        let burst = (0..<10).map { _ in memory.reserve(at: later, pace) }
        #expect((1..<10).allSatisfy { burst[$0] - later >= Int64($0) * pace.distance - pace.lateness })
    }

    // What the processes share.

    @Test("Two openings of a file share its places; they outlive both")
    func shared() async throws {
        try await withFolder { folder in
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            let path = folder + "/g"
            let boot = BootID(high: 1, low: 2)
            let pace = Pace(Rate(requests: 60, per: .seconds(60)))
            let now = 100 * Self.second
            do {
                let (a, b) = (
                    try GateMemory.open(path, boot: boot), try GateMemory.open(path, boot: boot)
                )
                let places = [
                    a.reserve(at: now, pace), b.reserve(at: now, pace), a.reserve(at: now, pace),
                ]
                #expect(places[1] - places[0] >= pace.distance - pace.lateness)
                #expect(places[2] - places[1] == pace.distance)
                b.pause(until: now + 90 * Self.second, at: now)
                #expect(a.pausedUntil(at: now) == now + 90 * Self.second)
                #expect(a.lower(at: now, departed: now - 1))
                #expect(b.share(at: now) == 800)
            }
            let again = try GateMemory.open(path, boot: boot)
            #expect(again.pausedUntil(at: now) == now + 90 * Self.second)
            let attributes = try FileManager.default.attributesOfItem(atPath: path)
            #expect((attributes[.posixPermissions] as? Int) == 0o600)
            // After a restart of the machine its clock starts again, and so does the gate.
            let fresh = try GateMemory.open(path, boot: BootID(high: 1, low: 3))
            #expect(fresh.pausedUntil(at: 1) <= 1)
            #expect(fresh.share(at: 1) == 1000)
            #expect(fresh.reserve(at: 1, pace) == 1)
        }
    }

    @Test("Threads that ask at once get different places")
    func contended() async throws {
        let memory = GateMemory.unshared()
        let pace = Pace(Rate(requests: 6000, per: .seconds(60)))
        let places = await withTaskGroup(of: [Int64].self) { group in
            for _ in 0..<8 {
                group.addTask { @concurrent in
                    (0..<2000).map { _ in memory.reserve(at: Self.second, pace) }
                }
            }
            return await group.reduce(into: []) { $0 += $1 }
        }.sorted()
        #expect(places.count == 16_000)
        let late = places.filter { $0 > Self.second }
        #expect((1..<late.count).allSatisfy { late[$0] - late[$0 - 1] == pace.distance })
    }

    @Test("A file that is damaged, short, or no file", arguments: ["garbage", "", "ahead"])
    func damaged(kind: String) async throws {
        try await withFolder { folder in
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            let path = folder + "/g"
            let boot = BootID(high: 1, low: 2)
            if kind == "ahead" {
                let memory = try GateMemory.open(path, boot: boot)
                _ = memory.reserve(at: .max / 4, Pace(Rate(requests: 1, per: .seconds(60))))
                memory.pause(until: .max / 4, at: .max / 4 - 1)
                _ = memory.lower(at: .max / 4, departed: 0)
            } else {
                let bytes = [UInt8](repeating: 0xA5, count: kind == "garbage" ? 4096 : 0)
                try Data(bytes).write(to: URL(fileURLWithPath: path))
            }
            let memory = try GateMemory.open(path, boot: boot)
            let now = 50 * Self.second
            #expect(memory.reserve(at: now, Pace(Rate(requests: 60, per: .seconds(60)))) == now)
            #expect(memory.pausedUntil(at: now) <= now)
            #expect(memory.share(at: now) == 1000)
        }
        #expect(throws: TransportError.self) { try GateMemory.open("/", boot: BootID(high: 1, low: 2)) }
        #expect(throws: TransportError.self) {
            try GateMemory.open("/dev/null", boot: BootID(high: 1, low: 2))
        }
    }

    @Test("A file that is cut short, removed or replaced by garbage under a gate costs it nothing")
    func truncated() async throws {
        try await withFolder { folder in
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            let path = folder + "/g"
            let boot = BootID(high: 1, low: 2)
            let memory = try GateMemory.open(path, boot: boot)
            let pace = Pace(Rate(requests: 60, per: .seconds(60)))
            let now = 100 * Self.second
            var last = memory.reserve(at: now, pace)
            memory.pause(until: now, at: now)
            for damage in [
                { try FileHandle(forWritingTo: URL(fileURLWithPath: path)).truncate(atOffset: 0) },
                { try FileHandle(forWritingTo: URL(fileURLWithPath: path)).truncate(atOffset: 20) },
                {
                    try FileHandle(forWritingTo: URL(fileURLWithPath: path)).write(
                        contentsOf: Data(repeating: 0xA5, count: 48))
                },
                { try FileManager.default.removeItem(atPath: path) },
            ] as [() throws -> Void] {
                try damage()
                #expect(memory.pausedUntil(at: now) == now)
                let next = memory.reserve(at: now, pace)
                #expect(next - last >= pace.distance - pace.lateness)
                last = next
                guard FileManager.default.fileExists(atPath: path) else { continue }
                // And what it knows is in the file again.
                #expect(
                    try GateMemory.open(path, boot: boot).reserve(at: now, pace) == last + pace.distance
                )
                last += pace.distance
                // What others did in the meantime is seen.
                _ = memory.pausedUntil(at: now)
            }
        }
    }

    @Test("The boot id is 32 hex digits")
    func bootID() {
        let id = BootID(Array("0123abcd-0000-4000-8000-0123456789ab\n".utf8))
        #expect(
            id == BootID(high: 0x0123_ABCD_0000_4000, low: Int64(bitPattern: 0x8000_0123_4567_89AB)))
        #expect(BootID(Array("nonsense".utf8)) == BootID(high: 0, low: 0))
        #expect(BootID.current != BootID(high: 0, low: 0))
    }

    @Test("Connections with one key share a gate, others do not")
    func names() async throws {
        try await withFolder { folder in
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            for (name, key) in [("a", "K1"), ("b", "K1\n"), ("c", "K2")] {
                try Data(key.utf8).write(to: URL(fileURLWithPath: "\(folder)/\(name)"))
            }
            func name(_ file: String, _ url: String = "https://x.example") -> String {
                GateFile.name(
                    Connection(
                        name: file, baseURL: url,
                        authentication: .oauth(keyFile: "\(folder)/\(file)", secretFile: "s")))
            }
            #expect(name("a") == name("b") && name("a") == name("a", "https://X.example"))
            #expect(name("a") != name("c") && name("a") != name("a", "https://y.example"))
            // A server is its host and port, however it is written.
            for same in ["https://x.example:443", "https://X.EXAMPLE./v2", "https://u@x.example/"] {
                #expect(name("a") == name("a", same), "\(same)")
            }
            let here = name("a", "http://127.0.0.1:8080")
            for same in ["http://localhost:8080", "http://[::1]:8080/x", "http://LocalHost.:8080"] {
                #expect(here == name("a", same), "\(same)")
            }
            #expect(
                here != name("a", "http://localhost:8081") && here != name("a", "http://10.0.0.1:8080"))
            #expect(name("a") != name("a", "http://x.example"))
            #expect(name("a").count == 32)
        }
    }

    // Throttling.

    @Test(
        "Retry-After in seconds or as a date, by the server's clock; absurd values are none",
        arguments: [
            ("7", nil, 7), (" 120 ", nil, 120), ("0", nil, 1), ("86400", nil, 86_400),
            ("86401", nil, nil),
            ("1770127200", nil, nil), ("99999999999999999999999", nil, nil), ("-5", nil, nil),
            ("1.5", nil, nil),
            ("", nil, nil), ("soon", nil, nil), ("Tue, 03 Feb 2026 14:15:30 GMT", nil, 30),
            ("Tue, 03 Feb 2026 14:15:30 GMT", "Tue, 03 Feb 2026 14:15:10 GMT", 20),
            ("Tue, 03 Feb 2026 14:00:00 GMT", nil, 1), ("Thu, 03 Feb 2027 14:15:00 GMT", nil, nil),
            ("Tue, 31 Feb 2026 14:15:30 GMT", nil, nil),
        ] as [(String, String?, Int?)])
    func retryAfter(value: String, date: String?, seconds: Int?) throws {
        let now = try #require(HTTPDate.parse("Tue, 03 Feb 2026 14:15:00 GMT"))
        #expect(now.iso8601 == "2026-02-03T14:15:00Z")
        var headers = [Header("retry-after", value)]
        if let date { headers.append(Header("Date", date)) }
        let wait = RetryAfter.wait(Reply(status: 429, headers: headers), now: now)
        #expect(wait == seconds.map { .seconds($0) })
    }

    @Test("A 429 pauses all as long as it says, and lowers the rate once for all that were in flight")
    func throttled() async throws {
        let world = World()
        let memory = GateMemory.unshared()
        let gate = RateGate(
            memory: memory, rate: Rate(requests: 60, per: .seconds(60)), clock: world.clock)
        try await gate.take()
        let departed = world.now
        world.advance(Self.second)
        for _ in 0..<5 { gate.observe(throttle("30"), departed: departed) }
        let paused = world.now
        #expect(memory.share(at: world.now) == 800)
        try await gate.take()
        #expect(world.now == paused + 30 * Self.second)
        #expect(gate.status.waited[.throttled] == .seconds(30))
        // The next is a pace behind, at the lower rate.
        let distance = world.now
        try await gate.take()
        #expect(Double(world.now - distance) > 1.02e9 / 0.82)
        // One that left after the pause lowers it again; 2 % a minute are regained.
        gate.observe(throttle("1"), departed: world.now)
        let share = memory.share(at: world.now)
        #expect((640...650).contains(share))
        world.advance(600 * Self.second)
        #expect((memory.share(at: world.now) - share) == 200)
        world.advance(3600 * Self.second)
        #expect(memory.share(at: world.now) == 1000)
    }

    @Test(
        "Without Retry-After pauses grow from 5 s to 60 s with full jitter, and start again after a success"
    )
    func backoff() throws {
        let world = World()
        let memory = GateMemory.unshared()
        let gate = RateGate(memory: memory, rate: nil, clock: world.clock, random: Seeded(3))
        var longest = [Int64](repeating: 0, count: 7)
        for _ in 0..<300 {
            for step in 0..<7 {
                let now = world.advance(200 * Self.second)
                gate.observe(throttle(nil), departed: now)
                let pause = memory.pausedUntil(at: now) - now
                #expect(pause >= Self.second)
                longest[step] = max(longest[step], pause)
                // What was in flight with it changes nothing.
                world.advance(1)
                gate.observe(throttle(nil), departed: now - 1)
                #expect(memory.pausedUntil(at: now) - now == pause)
            }
            gate.observe(Reply(status: 200), departed: world.advance(200 * Self.second))
        }
        for (longest, ceiling) in zip(longest, [5, 10, 20, 40, 60, 60, 60]) {
            #expect(
                longest <= Int64(ceiling) * Self.second
                    && longest > Int64(ceiling) * Self.second * 9 / 10)
        }
    }

    @Test("A 503 with Retry-After pauses, without it does not; neither lowers the rate")
    func unavailable() throws {
        let world = World()
        let memory = GateMemory.unshared()
        let gate = RateGate(memory: memory, rate: nil, clock: world.clock)
        gate.observe(Reply(status: 503), departed: world.now)
        #expect(memory.pausedUntil(at: world.now) <= world.now)
        gate.observe(Reply(status: 503, headers: [Header("Retry-After", "9")]), departed: world.now)
        #expect(memory.pausedUntil(at: world.now) == world.now + 9 * Self.second)
        #expect(memory.share(at: world.now) == 1000)
    }

    @Test("A pause above a quarter of an hour is not waited for", arguments: [900, 901])
    func longPause(seconds: Int64) async throws {
        let world = World()
        let gate = RateGate(memory: .unshared(), rate: nil, clock: world.clock)
        gate.observe(throttle("\(seconds)"), departed: world.now)
        let start = world.now
        if seconds > 900 {
            let error = await #expect(throws: SlotError.self) { try await gate.take() }
            #expect(error?.code == .paused(until: world.wall + .seconds(seconds)))
            #expect(world.now == start)
        } else {
            try await gate.take()
            #expect(world.now == start + seconds * Self.second)
        }
    }

    @Test("A pause that begins while one waits for its place is waited for as well")
    func pauseMeanwhile() async throws {
        let world = World()
        let memory = GateMemory.unshared()
        let gate = RateGate(
            memory: memory, rate: Rate(requests: 6, per: .seconds(60)), clock: world.clock)
        try await gate.take()
        let start = world.now
        world.beforeSleep {
            if world.now == start { memory.pause(until: start + 40 * Self.second, at: start) }
        }
        try await gate.take()
        #expect(world.now == start + 40 * Self.second)
    }

    @Test("Those who wait pass in the order they came; a cancelled one makes room")
    func fairness() async throws {
        let world = World(held: true)
        let gate = RateGate(
            memory: .unshared(), rate: Rate(requests: 60, per: .seconds(60)), clock: world.clock)
        try await gate.take()
        var tasks: [Task<Void, any Error>] = []
        for number in 0..<6 {
            tasks.append(
                World.$caller.withValue(number) { Task { try await gate.take() } })
            // The first sleeps; the others stand after it.
            while gate.standing < number { await Task.yield() }
            if number == 0 { while world.sleepers == 0 { await Task.yield() } }
        }
        #expect(gate.status.waiting?.cause == .rateLimit)
        tasks[3].cancel()
        await #expect(throws: CancellationError.self) { try await tasks[3].value }
        world.release()
        for (number, task) in tasks.enumerated() where number != 3 { try await task.value }
        #expect(world.callers == [0, 1, 2, 4, 5])
    }

    @Test("The first in the queue can be cancelled in its sleep")
    func cancelledAsleep() async throws {
        let world = World(held: true)
        let gate = RateGate(
            memory: .unshared(), rate: Rate(requests: 60, per: .seconds(60)), clock: world.clock)
        try await gate.take()
        let first = Task { try await gate.take() }
        while world.sleepers == 0 { await Task.yield() }
        let second = Task { try await gate.take() }
        first.cancel()
        await #expect(throws: CancellationError.self) { try await first.value }
        world.release()
        try await second.value
    }

    @Test("The share of the rate that is used counts the last interval")
    func used() async throws {
        let world = World()
        let gate = RateGate(
            memory: .unshared(), rate: Rate(requests: 300, per: .seconds(60)), clock: world.clock)
        for _ in 0..<600 { try await gate.take() }
        let used = try #require(gate.status.used)
        #expect(used > 0.95 && used <= 1)
        world.advance(120 * Self.second)
        #expect(gate.status.used == 0)
    }

    private func throttle(_ after: String?) -> Reply {
        Reply(status: 429, headers: after.map { [Header("Retry-After", $0)] } ?? [])
    }
}

/// A clock that moves when somebody sleeps, or is told to.
final class World: Sendable {
    private struct State {
        var now: Int64 = 1_000_000_000_000
        var isHeld: Bool
        var sleepers = 0
        var beforeSleep: @Sendable () -> Void = {}
        var callers: [Int] = []
    }
    private let state: Mutex<State>

    /// - Parameter held: Sleepers stay asleep until ``release()``.
    init(held: Bool = false) { state = Mutex(State(isHeld: held)) }

    var now: Int64 { state.withLock { $0.now } }
    var wall: Timestamp { Timestamp(milliseconds: 1_770_000_000_000 + now / 1_000_000) }
    /// Who slept, in the order they began to.
    var callers: [Int] { state.withLock { $0.callers } }
    @TaskLocal static var caller = 0
    var sleepers: Int { state.withLock { $0.sleepers } }
    @discardableResult func advance(_ nanoseconds: Int64) -> Int64 {
        state.withLock { state in
            state.now += nanoseconds
            return state.now
        }
    }
    func release() { state.withLock { $0.isHeld = false } }
    func beforeSleep(_ body: @escaping @Sendable () -> Void) {
        state.withLock { $0.beforeSleep = body }
    }

    var clock: GateClock {
        GateClock(
            now: { self.now },
            sleep: { until in
                self.state.withLock { $0.beforeSleep }()
                self.state.withLock { state in
                    state.sleepers += 1
                    state.callers.append(Self.caller)
                }
                defer { self.state.withLock { $0.sleepers -= 1 } }
                while self.state.withLock({ $0.isHeld }) {
                    try Task.checkCancellation()
                    await Task.yield()
                }
                self.state.withLock { $0.now = max($0.now, until) }
            }, wall: { self.wall })
    }
}
