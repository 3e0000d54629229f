import Catalog
import Foundation
import Model

/// What can be exported.
package enum ListingList {
    static func find(_ name: String) throws -> Listing {
        if let listing = Listing.named(name) { return listing }
        let near = Suggestion.nearest(to: name, among: Listing.all.map(\.name))
        throw Failure(
            .usage,
            "there is no listing \(name)." + (near.map { " Did you mean \($0)?" } ?? "")
                + " `sluice export` lists what can be exported.")
    }

    /// Every listing with its summary and keys.
    package static func text(json: Bool) throws -> String {
        if json {
            let list = Listing.all.map { listing in
                [
                    "name": listing.name, "summary": listing.summary,
                    "keys": listing.keys.map(\.name), "filters": listing.parameters.map(\.name),
                    "personal_data": listing.holdsPersonalData, "note": listing.note,
                ] as [String: Any]
            }
            return try Console.json(["schema": 1, "listings": list])
        }
        let width = Listing.all.map(\.name.count).max() ?? 0
        return Listing.all.map { listing in
            var line = listing.name.padding(toLength: width + 2, withPad: " ", startingAt: 0)
            line += listing.summary
            if !listing.keys.isEmpty {
                line += " (--keys, by " + listing.keys.map(\.name).joined(separator: ", ") + ")"
            }
            return line
        }.joined(separator: "\n")
    }
}
