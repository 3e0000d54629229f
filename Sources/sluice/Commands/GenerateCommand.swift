import App
import ArgumentParser
import Catalog
import Jobs
import Ledger

struct GenerateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "generate", abstract: "Have the server make cards, and keep their numbers.",
        subcommands: [GenerateCardsCommand.self])
}

struct GenerateCardsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cards", abstract: "Have the server make cards, and keep their numbers.",
        discussion: """
            Examples:
              sluice generate cards --series 12 --count 250000 -o cards.csv
              sluice generate cards --from orders.csv -o cards.csv
                                                     (columns series, count, label)

            It calls POST /v2/card/generate with up to 1,000 cards a call. Run the same
            command again after a stop to continue; once all cards are made, it makes no
            more. The server shows card numbers only once, in its answer. If an answer is
            lost, the server's log tells whether the cards were made. They then count as
            made and are reported; find their numbers in the user interface within 30
            days, or ask support.
            """)

    @Option(help: "The number of the series.")
    var series: Int?

    @Option(help: "The number of cards.")
    var count: Int?

    @Option(help: "A label that the org maps to NOT_ISSUED.")
    var label: String?

    @Option(
        help: "A CSV file with the columns series and count, and optionally label.",
        completion: .file(extensions: ["csv"]))
    var from: String?

    @Option(
        name: .shortAndLong, help: "The CSV file to write the card numbers to.",
        completion: .file(extensions: ["csv"]))
    var output: String

    @Option(
        help: "The connection: a name from connections.yaml, or the built-in `sandbox`.",
        completion: .connections)
    var connection = "sandbox"

    @Option(
        help:
            "Cards per call, at most \(CardsGenerate.most). If an answer is lost, these need a look-up."
    )
    var chunk = 1000

    @Option(help: "How long the server may still be working after a lost answer.")
    var wait = "5min"

    @Option(help: "Settle calls on hold, after you checked the server's log: made or none.")
    var held: CardGeneration.Held?

    @Flag(help: "Make the same number again although the order for this file is finished.")
    var anew = false

    @OptionGroup(title: "Common options") var options: StateOptions
    @OptionGroup(title: "Common options") var connections: ConnectionOptions

    func run() async throws {
        let lines = try lines()
        guard (1...CardsGenerate.most).contains(chunk) else {
            throw Failure(.usage, "--chunk: expected 1 to \(CardsGenerate.most).")
        }
        guard let wait = Quantity.duration(wait) else {
            throw Failure(.usage, "--wait: expected a time such as 5min, found \(self.wait).")
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
            throw Failure(.usage, "give --series and --count, or --from FILE.")
        }
    }
}

extension CardGeneration.Held: ExpressibleByArgument {}
