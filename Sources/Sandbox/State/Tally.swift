/// What happened, for tests and people to ask about. It starts again with the process; what is
/// booked is counted by ``Books`` and survives.
struct Tally {
    /// By route, then by HTTP status; 0 stands for a connection cut before an answer.
    private(set) var answers: [Route: [Int: Int]] = [:]
    private(set) var arrived: [Route: Int] = [:]
    private(set) var connections = 0
    /// Items of bulk requests that were worked on, booked or not.
    var items = 0
    /// Works done after their connection was cut.
    var lateWorks = 0
    private(set) var peak = PeakMeter()

    mutating func connected() { connections += 1 }

    mutating func arrived(_ route: Route, at now: Int64) {
        arrived[route, default: 0] += 1
        if route != .admin { peak.count(at: now) }
    }

    mutating func answered(_ route: Route, status: Int) {
        answers[route, default: [:]][status, default: 0] += 1
    }

    var requests: Int { arrived.reduce(0) { $0 + ($1.key == .admin ? 0 : $1.value) } }
    func answers(of status: Int) -> Int {
        answers.reduce(0) { $0 + ($1.key == .admin ? 0 : $1.value[status] ?? 0) }
    }
}
