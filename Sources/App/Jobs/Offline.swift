package import Engine
import Jobs
package import Model

/// What needs no ledger and no network.
package enum Offline {
    /// Hands out the plan of a job; what was joined for it is there until `body` is through.
    package static func use(
        _ path: String, _ options: AppOptions, needsConnection: Bool = false,
        _ body: (Plan, Connection) throws -> Void
    ) throws {
        let (said, text) = try AppContext.job(at: path)
        var job = said
        let named = try AppContext.named(job.connection, options)
        if needsConnection, named == nil, job.connection != "sandbox" {
            throw AppContext.unknown(job.connection)
        }
        let connection = named ?? Salt.placeholder(job.connection)
        guard let join = job.join else {
            let plan = try AppContext.plan(job, text: text, file: path, connection: connection)
            return try Arranging.rehearse(plan) { arranged in
                arranged.tell()
                try body(arranged.plan, plan.connection)
            }
        }
        try TemporaryDirectory.use { folder in
            let files = [try Joining.rehearse(job, join, in: folder)]
            job.input = job.rows
            let plan = try AppContext.plan(
                job, text: text, file: path, connection: connection, files: files)
            try body(plan, plan.connection)
        }
    }
}
