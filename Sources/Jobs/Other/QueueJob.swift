import Catalog

/// A job for cron that has the server check its queue of rejected transactions again.
///
/// It reads no input: `rejected:` is where another job has `endpoint:` and `input:`.
package struct QueueJob: Sendable {
    /// The job's, as in `job:`.
    package var name: String
    /// A name from the connections file, or `sandbox`.
    package var connection: String
    /// In the queue's own words; never empty.
    package var states: [String] = RejectedQueue.replayable
    /// Only bills with one of these; empty: any.
    package var errorCodes: [Int] = []
    /// How many days back, today not counted.
    package var days = 30
    /// How long to follow the server before leaving the rest to the next time.
    package var wait: Duration = .seconds(600)

    static let key = "rejected"

    static func parse(_ root: YAMLNode) throws(JobError) -> QueueJob {
        let keys = try root.members(["job", "connection", key])
        var job = QueueJob(
            name: try Job.name(try keys.required("job")),
            connection: try keys.required("connection").string())
        let node = try keys.required(key)
        if node.isNull { return job }
        let settings = try node.members(["states", "error_codes", "days", "wait"])
        if let states = settings["states"] {
            let known = RejectedQueue.replayable.map {
                ($0.lowercased().replacing("_", with: "-"), $0)
            }
            job.states = []
            for state in states.elements ?? [states] { job.states.append(try state.choice(known)) }
            if job.states.isEmpty { throw states.error("expected at least one state.") }
        }
        if let codes = settings["error_codes"] {
            for code in codes.elements ?? [codes] {
                job.errorCodes.append(try code.integer(1...99_999))
            }
        }
        if let days = settings["days"] { job.days = try days.integer(1...3650) }
        if let wait = settings["wait"] { job.wait = try wait.duration() }
        return job
    }
}
