package import Ledger
package import Model

/// A run over time: its requests in slices of the time it was under way, and what went wrong with them.
///
/// The pauses between a stop and a resume are left out.
package struct Timeline: Sendable, Equatable {
    /// One of the equal stretches of a run.
    package struct Slice: Sendable, Equatable {
        /// When it begins.
        package var start: Timestamp
        /// Records of requests that ended here.
        package var records = 0
        /// Requests that left here.
        package var requests = 0
        /// Half of the requests that ended here took no longer, and p95; milliseconds, as
        /// nearly as bins a fifth apart tell; nil where none ended.
        package var median: Double?
        /// The slowest answers: the 95th percentile, in seconds.
        package var high: Double?
        /// It begins after a pause of this length.
        package var pause: Duration?
    }

    /// Requests that ended the same way, other than well.
    package struct Fault: Sendable, Hashable {
        /// How those requests ended.
        package var state: AttemptEnd.State
        /// Of HTTP; nil without an answer.
        package var status: Int?
        /// What kept the answer away; empty where one came.
        package var trouble: String
    }

    /// Of one slice.
    package private(set) var width: Duration = .zero
    /// From the start of the run on, without gaps.
    package private(set) var slices: [Slice] = []
    /// With how many requests and records, the most frequent first.
    package private(set) var faults: [(fault: Fault, requests: Int, records: Int)] = []

    /// This many slices at most, beside one more a pause.
    private static let most = 80
    private static let faultLimit = 30
    /// A shorter time without a request is no pause.
    private static let pause = Duration.seconds(60)

    package static func == (one: Timeline, other: Timeline) -> Bool {
        one.width == other.width && one.slices == other.slices
            && one.faults.elementsEqual(other.faults) { $0 == $1 }
    }

    /// - Complexity: Reads the run's requests twice; memory does not grow with them.
    package init(run: Int64, ledger: Ledger) throws {
        var spans: [(start: Timestamp, end: Timestamp)] = []
        var counts: [Fault: (requests: Int, records: Int)] = [:]
        try ledger.eachRequest(run: run) { row in
            let end = max(row.ended ?? row.started, row.started)
            if let last = spans.indices.last, row.started.since(spans[last].end) <= Self.pause {
                spans[last].end = max(spans[last].end, end)
            } else {
                spans.append((row.started, end))
            }
            guard row.state != .clean, row.state != .open else { return }
            var fault = Fault(state: row.state, status: row.status, trouble: row.trouble ?? "")
            if counts[fault] == nil, counts.count >= Self.faultLimit { fault.trouble = "other" }
            counts[fault, default: (0, 0)].requests += 1
            counts[fault, default: (0, 0)].records += row.count
        }
        faults = counts.map { ($0.key, $0.value.requests, $0.value.records) }.sorted {
            ($1.1, $0.0.trouble, $0.0.status ?? 0) < ($0.1, $1.0.trouble, $1.0.status ?? 0)
        }
        guard !spans.isEmpty else { return }
        width = Self.width(of: spans.reduce(.zero) { $0 + $1.end.since($1.start) })
        try fill(run, ledger, spans)
    }

    private mutating func fill(
        _ run: Int64, _ ledger: Ledger, _ spans: [(start: Timestamp, end: Timestamp)]
    ) throws {
        var first: [Int] = []
        for (index, span) in spans.enumerated() {
            first.append(slices.count)
            let count = 1 + Int(span.end.since(span.start) / width)
            for number in 0..<count { slices.append(Slice(start: span.start + width * number)) }
            if index > 0 {
                slices[first[index]].pause = span.start.since(spans[index - 1].end)
            }
        }
        var bins = [[Int32]](repeating: [], count: slices.count)
        func slice(_ time: Timestamp) -> Int? {
            guard let span = spans.lastIndex(where: { $0.start <= time }) else { return nil }
            let end = span + 1 < first.count ? first[span + 1] : slices.count
            return min(end - 1, first[span] + Int(time.since(spans[span].start) / width))
        }
        var places: [(requests: Int, records: Int)] = .init(repeating: (0, 0), count: slices.count)
        try ledger.eachRequest(run: run) { row in
            if let place = slice(row.started) { places[place].requests += 1 }
            guard let ended = row.ended, let place = slice(ended) else { return }
            if [.clean, .unclean, .refused].contains(row.state) { places[place].records += row.count }
            if bins[place].isEmpty { bins[place] = .init(repeating: 0, count: Bins.count) }
            bins[place][Bins.index(ended.since(row.started))] += 1
        }
        for index in slices.indices {
            slices[index].requests = places[index].requests
            slices[index].records = places[index].records
            slices[index].median = Bins.quantile(0.5, of: bins[index])
            slices[index].high = Bins.quantile(0.95, of: bins[index])
        }
    }

    /// The shortest round width with which at most ``most`` slices cover it.
    private static func width(of length: Duration) -> Duration {
        let steps: [Int64] = [
            100, 200, 500, 1000, 2000, 5000, 10_000, 15_000, 30_000, 60_000, 120_000,
            300_000, 600_000, 900_000, 1_800_000, 3_600_000, 7_200_000, 14_400_000, 28_800_000,
            86_400_000,
        ]
        let wanted = length.milliseconds / Int64(most) + 1
        return .milliseconds(steps.first { $0 >= wanted } ?? wanted)
    }

    /// Times in bins, each a fifth longer than the one before.
    private enum Bins {
        static let count = 90
        private static let edges: [Double] = (0..<count).map { index in
            (0..<index).reduce(1.0) { edge, _ in edge * 1.2 }
        }

        static func index(_ time: Duration) -> Int {
            let milliseconds = Double(max(0, time.milliseconds))
            return edges.firstIndex { milliseconds <= $0 } ?? count - 1
        }

        static func quantile(_ share: Double, of bins: [Int32]) -> Double? {
            let all = bins.reduce(0) { $0 + Int($1) }
            guard all > 0 else { return nil }
            var seen = 0
            for (index, count) in bins.enumerated() {
                seen += Int(count)
                if Double(seen) >= share * Double(all) { return edges[index] }
            }
            return edges.last
        }
    }
}
