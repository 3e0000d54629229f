import App
import ArgumentParser

struct EndpointsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "endpoints",
        abstract: "The catalog; one endpoint with its fields, limits and recovery.")

    @Argument(help: "An endpoint's name.")
    var name: String?

    @Flag(help: "Print one JSON document instead of text.")
    var json = false

    func run() async throws { try EndpointList.show(name, json: json) }
}
