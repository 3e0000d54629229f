import Jobs

/// Runs jobs that have the server make cards.
struct CardsRunner: SelfResumingRunner {
    let job: CardJob
    let source: JobSource

    var name: String { job.name }
    var connection: String { job.connection }
    var endpoint: String { "cards" }

    func check(_ request: RunRequest) throws {
        guard request.unfinished != .leave else {
            throw Failure(
                .usage,
                "--anew does not work for card orders. For other cards, set another `file:` in \(source.path)."
            )
        }
    }

    func perform(over connection: String?, anew: Bool, _ context: AppContext) async throws -> ExitStatus
    {
        try await CardGeneration(job, over: connection, context.options).run()
    }

    func importJob() throws -> Job {
        throw Failure(
            .usage,
            "\(source.path): the job \(job.name) generates cards and imports no records; use it with `sluice run`."
        )
    }
}
