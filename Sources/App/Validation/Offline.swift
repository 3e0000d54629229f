import Engine
import Jobs
import Model

/// What needs no ledger and no network.
enum Offline {
    /// Hands out the plan of a job, and its connection. What was joined for it exists until `body` returns.
    ///
    /// - Parameters:
    ///   - needsConnection: A connection that the file of connections does not have is an error.
    ///   - narrowing: Makes of the plan the one that is read, before the rows of its groups are brought together.
    static func withPlan(
        _ job: Job, _ source: JobSource, _ options: AppOptions, needsConnection: Bool = false,
        narrowing: ((Plan) throws -> Plan)? = nil, _ body: (Plan, Connection) throws -> Void
    ) throws {
        var job = job
        let named = try AppContext.named(job.connection, options)
        if needsConnection, named == nil, job.connection != "sandbox" {
            throw AppContext.unknown(job.connection)
        }
        let connection = named ?? Salt.placeholder(job.connection)
        guard let join = job.join else {
            let plan = try AppContext.plan(
                job, text: source.text, file: source.path, connection: connection)
            return try GroupPreparation.withPrepared(narrowing?(plan) ?? plan) { arranged in
                if narrowing == nil { arranged.printNotes() }
                try body(arranged.plan, plan.connection)
            }
        }
        try TemporaryDirectory.use { folder in
            let files = [try JoinPreparation.prepare(job, join, in: folder)]
            job.input = job.rows
            let plan = try AppContext.plan(
                job, text: source.text, file: source.path, connection: connection, files: files)
            try body(narrowing?(plan) ?? plan, plan.connection)
        }
    }
}
