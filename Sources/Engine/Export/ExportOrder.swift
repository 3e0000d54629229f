import Catalog
import Foundation
import Model

/// What an export was requested; frozen in the ledger when it begins, so that it continues as it began.
package struct ExportOrder: Codable, Sendable, Equatable {
    package enum Form: String, Codable, Sendable, CaseIterable { case jsonl, csv }

    /// What a list of values becomes in a CSV.
    package enum Lists: String, Codable, Sendable, CaseIterable {
        /// A row for each of its items.
        case explode
        /// Its JSON text in one cell.
        case json
        /// Its first item.
        case first
    }

    package struct Pair: Codable, Sendable, Equatable {
        package var name: String
        package var value: String

        package init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }
    }

    package var listing: String
    /// Query parameters.
    package var parameters: [Pair] = []
    /// Where its keys come from, as it was said, and their kind.
    package var keys: String?
    package var by: String?
    /// How the file with the keys is written, where that was said.
    package var keyDelimiter: String?
    package var keyEncoding: String?
    /// Of a workbook: which sheet they are on.
    package var keySheet: String?
    /// In milliseconds since 1970. The end is never open: a listing that grows in the meantime would never end.
    package var from: Int64?
    package var to: Int64?
    /// What the parameter for changes is given.
    package var since: String?
    package var form = Form.jsonl
    package var columns: [String]?
    package var lists = Lists.json
    package var zone: String?
    /// Personal data is masked, with this salt.
    package var salt: String?
    package var changedOnly = false
    /// Each item is requested separately, where the listing shows it in part.
    package var details = true
    package var pageSize: Int?

    package init(listing: String) { self.listing = listing }

    package var json: String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return (try? encoder.encode(self)).map { String(decoding: $0, as: UTF8.self) } ?? "{}"
    }

    package init?(json: String) {
        guard let order = try? JSONDecoder().decode(Self.self, from: Data(json.utf8)) else {
            return nil
        }
        self = order
    }

    /// The kind of keys that is asked by; nil where none are.
    func keyKind(of listing: Listing) -> Listing.Key? {
        listing.keys.first { $0.name == by } ?? listing.keys.first
    }

    /// What is requested of a listing under these keys, in this piece of time.
    func asking(_ listing: Listing, keys: [String], from: Int64?, to: Int64?) -> Asking {
        var parameters = parameters.map { ($0.name, $0.value) }
        if let since, let name = listing.since { parameters.append((name, since)) }
        if let span = listing.span {
            if let from {
                parameters.append((span.from, span.text(Timestamp(milliseconds: from), isEnd: false)))
            }
            if let to {
                parameters.append((span.to, span.text(Timestamp(milliseconds: to), isEnd: true)))
            }
        }
        return Asking(
            parameters: parameters, key: keys.isEmpty ? nil : keyKind(of: listing), keys: keys)
    }

    /// Whether an unfinished export of the other can continue as this one: they ask for the same. What is
    /// chosen again each time, the end of time and the salt, does not count.
    package func asksTheSame(as other: ExportOrder) -> Bool {
        var (one, two) = (self, other)
        for order in [\ExportOrder.to, \ExportOrder.from] {
            one[keyPath: order] = nil
            two[keyPath: order] = nil
        }
        (one.since, two.since) = (nil, nil)
        guard (one.salt == nil) == (two.salt == nil) else { return false }
        (one.salt, two.salt) = (nil, nil)
        return one == two
    }
}

/// Where an export continues.
struct ExportPlace: Codable, Equatable {
    /// The number of the last key that is done with.
    var key: Int64 = 0
    /// Where the current piece of time begins and ends.
    var from: Int64?
    var to: Int64?
    var position: Paging.Position
    /// Different items of this walk so far, and the total as last told.
    var seen = 0
    var total: Int?
    /// All is read.
    var isDone = false

    var json: String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        return (try? encoder.encode(self)).map { String(decoding: $0, as: UTF8.self) } ?? "{}"
    }

    init(position: Paging.Position) { self.position = position }

    init?(json: String) {
        guard let place = try? JSONDecoder().decode(Self.self, from: Data(json.utf8)) else {
            return nil
        }
        self = place
    }
}
