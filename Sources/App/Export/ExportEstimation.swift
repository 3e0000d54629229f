import Catalog
import Engine
import Foundation
import Model
import Reports

/// Tells what an export would take, and writes nothing.
struct ExportEstimation {
    let context: AppContext
    let api: APISession

    /// Keys that are asked about.
    private static let sample = 20

    func print(_ order: ExportOrder) async throws {
        let listing = try ListingList.find(order.listing)
        let (count, keys) =
            try await KeySource(order)?.sample(context.ledger, of: Self.sample)
            ?? (0, [])
        let estimate: ExportEstimate
        do {
            estimate = try await ExportEstimate.make(
                listing, order, sample: keys, keys: count, sender: api.sender, environment: .real)
        } catch let error as ExportEstimate.Unread {
            throw Failure(
                error.isAccess ? .authentication : .passing,
                "the size of \(listing.name) is not known: \(error.message)")
        }
        let seconds = api.connection.pace.map { Double(estimate.requests) / $0 }
        if context.options.json {
            var document: [String: Any] = [
                "schema": 1, "listing": listing.name, "requests": estimate.requests,
                "pages": estimate.pages, "details": estimate.details, "at_least": estimate.isAtLeast,
                "about": estimate.isAbout, "reads": estimate.reads,
            ]
            document["keys"] = estimate.keys
            document["items"] = estimate.items
            document["seconds_at_least"] = seconds
            return Console.print(try Console.json(document))
        }
        let measure = (estimate.isAtLeast ? "at least " : "") + (estimate.isAbout ? "about " : "")
        Console.print(
            "export       \(listing.name) over \(api.connection.name) (\(api.address))")
        if let keys = estimate.keys {
            Console.print(
                "keys         \(Wording.count(keys)), of which \(Wording.count(estimate.reads)) were tried"
            )
        }
        Console.print(
            "items        "
                + (estimate.items.map { measure + Wording.count($0) } ?? "the listing does not say"))
        var words = measure + Wording.count(estimate.requests)
        if estimate.details > 0 {
            words += ": \(Wording.count(estimate.pages, "page")), and one request for each item"
        }
        Console.print("requests     \(words)")
        for text in api.connection.rateWords(seconds) { Console.print(text) }
        if !listing.note.isEmpty { Console.print(listing.note) }
    }
}

extension Connection {
    /// Requests a second that are left to this process; nil where nothing limits them.
    var pace: Double? {
        rate.map { Double($0.requests) * (1 - headroom) / ($0.interval / .seconds(1)) }
    }

    /// The lines of a plan that tell about rate and time.
    ///
    /// - Parameter seconds: What all requests take at that rate.
    func rateWords(_ seconds: Double?) -> [String] {
        guard let rate, let seconds else { return ["rate         no limit set"] }
        let end = Date().addingTimeInterval(seconds)
        return [
            "rate         \(rate.requests) in \(rate.interval / .seconds(1)) s, \(Int(headroom * 100)) % left for other systems",
            "time         at least \(Int(seconds.rounded(.up))) s; from now, done \(ISO8601DateFormatter().string(from: end))",
        ]
    }
}
