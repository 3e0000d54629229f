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
                "--anew: an order of cards goes on, or is finished. Other cards are another `file:` in \(source.path)."
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
            "\(source.path): the job \(job.name) has cards made and moves no records; it is for `sluice run` alone."
        )
    }
}
