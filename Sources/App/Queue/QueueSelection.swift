import Catalog
import Foundation
import Model

/// Which bills of the server's queue of rejected transactions.
package struct QueueSelection: Sendable {
    /// Names of states; empty: what the caller asks for by itself.
    package var status: [String] = []
    /// Only bills with this error, such as 683.
    package var errorCode: Int?
    /// What the error names: an item code, a payment mode.
    package var errorValue: String?
    /// The server's number of a customer.
    package var customer: String?
    /// The first day, YYYY-MM-DD; nil: 30 days ago.
    package var from: String?
    /// The last day; nil: today.
    package var to: String?

    package init() {}

    /// - Throws: ``Failure``: a state or day that there is not.
    func filter(states: [String], now: Timestamp) throws -> RejectedQueue.Filter {
        func day(_ text: String?, _ name: String) throws -> CivilDay? {
            guard let text else { return nil }
            guard let day = CivilDay(iso8601: text) else {
                throw Failure(.usage, "\(name) \(text): expected a day such as 2026-02-03.")
            }
            return day
        }
        let today = Int(now.milliseconds.flooringDivided(by: 86_400_000))
        var filter = RejectedQueue.Filter(
            from: try day(from, "--from") ?? CivilDay(daysSinceEpoch: today - 30),
            to: try day(to, "--to") ?? CivilDay(daysSinceEpoch: today + 1),
            states: status.isEmpty ? states : try status.map(Self.state))
        filter.errorCode = errorCode
        filter.errorValue = errorValue
        filter.customer = customer
        return filter
    }

    static func state(_ word: String) throws -> String {
        let all = RejectedQueue.states + [RejectedQueue.booked]
        let name = word.uppercased().replacingOccurrences(of: "-", with: "_")
        guard all.contains(name) else {
            throw Failure(
                .usage,
                "'\(word)' is not a state of the queue; expected \(all.joined(separator: ", ")).")
        }
        return name
    }
}
