import Catalog
import Reports

/// Prints the catalog, or one endpoint of it.
package enum EndpointList {
    /// - Parameters:
    ///   - name: An endpoint's; nil: all are listed.
    ///   - json: As one JSON document.
    /// - Throws: ``Failure`` where there is no such endpoint.
    package static func show(_ name: String?, json: Bool) throws {
        guard let name else {
            return Console.print(
                json
                    ? try Console.json(EndpointText.listDocument(Endpoint.all))
                    : EndpointText.list(Endpoint.all))
        }
        let cards = CardsGenerate.description
        guard let endpoint = name == cards.name ? cards : Endpoint.named(name) else {
            let near = Endpoint.suggestion(for: name).map { " Did you mean \($0)?" } ?? ""
            throw Failure(.usage, "no endpoint is called '\(name)'.\(near)")
        }
        Console.print(
            json ? try Console.json(EndpointText.document(endpoint)) : EndpointText.text(endpoint))
    }
}
