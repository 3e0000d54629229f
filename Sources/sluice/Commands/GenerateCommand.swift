import App
import ArgumentParser
import Catalog
import Jobs
import Ledger

struct GenerateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "generate", abstract: "Cards: ask for so many, keep their numbers.",
        subcommands: [GenerateCardsCommand.self])
}

struct GenerateCardsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cards", abstract: "Has the server make cards, and keeps their numbers.",
        discussion: """
            Example: sluice generate cards --series 12 --count 250000 -o cards.csv --connection eu-prod
                     sluice generate cards --from orders.csv -o cards.csv     (columns series, count, label)

            POST /v2/card/generate, 1,000 cards a call. Said again after a stop, it goes on where it stopped;
            once all is made it makes nothing more. The server shows numbers once, in its answer: of a call
            whose answer was lost, its log tells whether the cards exist. Then they count as made, and are
            reported with what is known; their numbers are in the user interface for 30 days, or with support.
            """)

    @Option(help: "The series' number.")
    var series: Int?

    @Option(help: "How many cards.")
    var count: Int?

    @Option(help: "A label that the org maps to NOT_ISSUED.")
    var label: String?

    @Option(help: "A file of rows with the columns series, count and, if wanted, label.")
    var from: String?

    @Option(name: .shortAndLong, help: "The file of card numbers, CSV.")
    var output: String

    @Option(help: "The connection, a name from connections.yaml; `sandbox` is built in.")
    var connection = "sandbox"

    @Option(help: "Cards a call, at most \(CardsGenerate.most): as many as one lost answer can strand.")
    var chunk = 1000

    @Option(help: "How long the server may still be at work after a lost answer.")
    var wait = "5min"

    @Option(help: "Settles calls that are held, after a look at the server: made or none.")
    var held: CardGeneration.Held?

    @Flag(help: "Make as many once more although the order for this file is finished.")
    var anew = false

    @OptionGroup var options: StateOptions
    @OptionGroup var connections: ConnectionOptions

    func run() async throws {
        let lines = try lines()
        guard (1...CardsGenerate.most).contains(chunk) else {
            throw Failure(.usage, "--chunk is 1 to \(CardsGenerate.most).")
        }
        guard let wait = Quantity.duration(wait) else {
            throw Failure(.usage, "--wait: \(self.wait) is no time such as 5min.")
        }
        let generation = CardGeneration(
            lines: lines, output: output, connection: connection, chunk: chunk, wait: wait, held: held,
            anew: anew, options: options.app(connections))
        throw ExitCode(try await generation.run())
    }

    private func lines() throws -> [CardLine] {
        switch (from, series, count) {
        case (nil, let series?, let count?):
            return [
                try CardLine(
                    series: String(series), count: String(count), label: label, at: "the order")
            ]
        case (let file?, nil, nil) where label == nil: return try CardLine.read(file)
        default:
            throw Failure(.usage, "say --series and --count, or --from FILE with such rows.")
        }
    }
}

extension CardGeneration.Held: ExpressibleByArgument {}
