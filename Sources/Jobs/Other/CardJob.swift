import Catalog

/// A job that has the server make cards: `cards:` is where another job has `endpoint:` and `input:`.
package struct CardJob: Sendable {
    /// The key that tells a job of this kind.
    package static let key = "cards"

    /// The job's, as in `job:`.
    package var name: String
    /// A name from the connections file, or `sandbox`.
    package var connection: String
    /// Rows of series, count and, if wanted, label.
    package var orders: String
    /// Where the numbers go. The order is known by it: once it is finished, the job makes nothing more.
    package var file: String
    /// Cards a call: as many as one lost answer can strand.
    package var chunk = 1000
    /// How long the server may still be at work after a lost answer.
    package var wait: Duration = .seconds(300)

    static func parse(_ root: YAMLNode) throws(JobError) -> CardJob {
        let keys = try root.members(["job", "connection", key, "file"])
        let settings = try keys.required(key).members(["orders", "chunk", "wait"])
        var job = CardJob(
            name: try Job.name(try keys.required("job")),
            connection: try keys.required("connection").string(),
            orders: try settings.required("orders").string(),
            file: try keys.required("file").string())
        if let chunk = settings["chunk"] {
            job.chunk = try chunk.integer(1...CardsGenerate.most)
        }
        if let wait = settings["wait"] { job.wait = try wait.duration() }
        return job
    }
}
