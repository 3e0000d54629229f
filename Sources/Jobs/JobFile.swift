package import Catalog

/// What a job file may be: the key that says so is at its top.
package enum JobFile: Sendable {
    /// `endpoint:` — records of an input go into a call.
    case records(Job)
    /// `rejected:` — the server's queue is replayed.
    case queue(QueueJob)
    /// `cards:` — the server makes cards.
    case cards(CardJob)
    /// `export:` — items of a listing come out into a file.
    case export(ExportJob)
    /// `plan:` — several jobs in an order.
    case plan(PlanFile)

    /// The job's, whatever its kind.
    package var name: String {
        switch self {
        case .records(let job): job.name
        case .queue(let job): job.name
        case .cards(let job): job.name
        case .export(let job): job.name
        case .plan(let plan): plan.name
        }
    }

    /// - Parameters:
    ///   - file: Its name, for messages.
    ///   - endpoints: The calls that a job may name.
    /// - Throws: ``JobError`` for the first thing in it that is wrong.
    package static func parse(
        yaml: String, file: String, endpoints: [Endpoint] = Endpoint.all
    ) throws(JobError) -> JobFile {
        let root = try YAMLNode.document(yaml, file: file)
        let keys = root.isMapping ? try root.members().compactMap(\.key.text) : []
        if keys.contains(QueueJob.key) { return .queue(try QueueJob.parse(root)) }
        if keys.contains(CardJob.key) { return .cards(try CardJob.parse(root)) }
        if keys.contains(ExportJob.key) { return .export(try ExportJob.parse(root)) }
        if keys.contains(PlanFile.key) { return .plan(try PlanFile.parse(root, file: file)) }
        return .records(try Job.parse(yaml: yaml, file: file, endpoints: endpoints))
    }
}
