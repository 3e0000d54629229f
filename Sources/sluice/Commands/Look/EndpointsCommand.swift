import App
import ArgumentParser

struct EndpointsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "endpoints",
        abstract: "List the API calls in the catalog, or show the fields, limits and recovery of one.")

    @Argument(help: "An endpoint's name.", completion: .endpoints)
    var name: String?

    @Flag(help: "Print one JSON document instead of text.")
    var json = false

    func run() async throws { try EndpointList.show(name, json: json) }
}
