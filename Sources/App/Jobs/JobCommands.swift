/// What `sluice run` and `sluice plan` do with job files.
package enum JobCommands {
    /// Runs jobs of any kind, one after the other.
    ///
    /// - Parameter paths: Of the job files, or of one plan; at least one.
    /// - Returns: The exit status that weighs most.
    /// - Throws: ``Failure``, or what it translates, where nothing began.
    package static func run(_ paths: [String], _ request: RunRequest, _ options: AppOptions)
        async throws
        -> ExitStatus
    {
        let runner: any JobRunner =
            paths.count > 1 ? PlanRunner(chain: paths) : try JobLoader.load(paths[0])
        return try await runner.run(request, options)
    }

    /// Prints what a run of the job would send, or read; sends nothing that changes anything.
    ///
    /// - Throws: ``Failure``, or what it translates: a job that cannot be estimated, an input that cannot be read.
    package static func estimate(_ path: String, _ options: AppOptions) async throws {
        try await JobLoader.load(path).estimate(options)
    }
}

/// How a job is to be run.
package struct RunRequest: Sendable {
    /// What to do with an unfinished run of the job.
    package enum Unfinished: Sendable {
        /// Nothing begins; the message names `resume`.
        case refuse
        /// It is resumed. A new run begins only where there was none to resume.
        case resumeInstead
        /// It is resumed, then a new run begins.
        case resumeFirst
        /// It stays as it is, and a new run begins.
        case leave
    }

    /// Another connection than the job's; nil: the job's.
    package var connection: String?
    /// What to do with an unfinished run of the job.
    package var unfinished: Unfinished

    package init(connection: String? = nil, unfinished: Unfinished = .refuse) {
        self.connection = connection
        self.unfinished = unfinished
    }
}
