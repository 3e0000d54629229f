import Model

/// Counts one credential's requests against a limit. Time comes in as an argument.
struct RateMeter {
    let limit: SandboxOptions.RateLimit
    private let interval: Int64
    /// When the counted requests came; of a fixed window only those of the present one.
    private var times: [Int64] = []
    private var first = 0
    private var window: Int64 = -1
    private var counted = 0

    init(_ limit: SandboxOptions.RateLimit) {
        self.limit = limit
        interval = max(1, limit.interval.milliseconds)
    }

    /// Takes a request at that time, milliseconds of a clock that starts at a full minute.
    ///
    /// - Returns: Nil when it is within the limit; else the milliseconds until one would be.
    mutating func take(at now: Int64) -> Int64? {
        switch limit.window {
        case .fixed:
            if now / interval != window {
                window = now / interval
                counted = 0
            }
            guard counted < limit.requests else { return (window + 1) * interval - now }
            counted += 1
        case .sliding:
            while first < times.count, times[first] <= now - interval { first += 1 }
            if first > 4096, first * 2 > times.count {
                times.removeFirst(first)
                first = 0
            }
            guard times.count - first < limit.requests else {
                return first < times.count ? times[first] + interval - now : interval
            }
            times.append(now)
        }
        return nil
    }
}

/// The most requests that came in any minute, to a tenth of a second.
struct PeakMeter {
    private var tenths: [Int] = Array(repeating: 0, count: 600)
    private var latest: Int64 = -1
    private var inWindow = 0
    private(set) var peak = 0

    mutating func count(at now: Int64) {
        let tenth = now / 100
        if latest < 0 { latest = tenth }
        if tenth - latest >= 600 {
            for index in tenths.indices { tenths[index] = 0 }
            inWindow = 0
            latest = tenth
        }
        while latest < tenth {
            latest += 1
            inWindow -= tenths[Int(latest % 600)]
            tenths[Int(latest % 600)] = 0
        }
        tenths[Int(latest % 600)] += 1
        inWindow += 1
        peak = max(peak, inWindow)
    }
}
