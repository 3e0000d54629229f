package import Catalog
package import Engine
import Foundation
import Jobs
import Mapping
import Model
import Records

/// What an export takes of a listing, and the form in which it is written. Texts are as a person writes them;
/// `order` checks them.
package struct ExportSelection: Sendable {
    /// Its name in the file of connections; `sandbox` is built in.
    package var connection = "sandbox"
    /// Filters of the listing, each as `name=value`.
    package var filters: [String] = []
    /// Where keys come from: `FILE`, `FILE:COLUMN` or `run:RUN`.
    package var keys: String?
    /// The delimiter of the file of keys; nil: it is detected.
    package var delimiter: String?
    /// The encoding of the file of keys; nil: it is detected.
    package var encoding: String?
    /// Of a workbook with keys: the name or the number of the sheet.
    package var sheet: String?
    /// What the keys are, where the listing takes several kinds.
    package var by: String?
    /// The day or instant from which on items count.
    package var from: String?
    /// The day or instant before which items count; nil: now.
    package var to: String?
    /// Items a page, from 1 on; nil: as many as the call allows.
    package var page: Int?
    /// Columns of a CSV in their order, with commas between them.
    package var columns: String?
    /// What a list becomes in a CSV: `json`, `first` or `explode`.
    package var lists: String?
    /// The time zone in which a CSV shows dates that have an offset.
    package var zone: String?
    /// Personal data is replaced.
    package var mask = false
    /// `last` or a day: only what changed since.
    package var since: String?
    /// Items that the last export had in the same form are left out.
    package var changedOnly = false
    /// An import job that takes the file as its input is written beside it.
    package var job = false
    /// Items come as the listing has them, without a call for each.
    package var noDetails = false

    package init() {}

    /// A name of the form that these choices want, where no file is written.
    var nameless: String {
        columns == nil && lists == nil && zone == nil ? "plan.jsonl" : "plan.csv"
    }

    /// The order that these choices make.
    package func order(_ what: String, output: String) throws -> ExportOrder {
        let listing = try ListingList.find(what)
        var order = ExportOrder(listing: listing.name)
        order.form = try Self.form(of: output)
        for filter in filters {
            let parts = filter.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2 else {
                throw Failure(.usage, "--where \(filter): expected name=value.")
            }
            try Self.add(String(parts[0]), String(parts[1]), listing, to: &order)
        }
        try Self.complete(listing, &order)
        if let page {
            guard page > 0 else { throw Failure(.usage, "--page: expected a number of 1 or more.") }
            order.pageSize = page
        }
        try shape(&order)
        if job, listing.imports == nil {
            let names = Listing.all.filter { $0.imports != nil }.map(\.name)
            throw Failure(
                .usage,
                "--job: no import accepts \(listing.name). It works for \(names.joined(separator: ", "))."
            )
        }
        if job, order.form == .csv || mask || noDetails {
            throw Failure(
                .usage,
                "--job needs whole items: JSON Lines, not masked, with details."
            )
        }
        try Self.choose(by, keys: keys, listing, &order)
        if delimiter != nil || encoding != nil || sheet != nil {
            guard keys != nil else {
                throw Failure(
                    .usage, "--delimiter, --encoding and --sheet describe the file of --keys.")
            }
            var options = InputOptions()
            try options.take(delimiter: delimiter, encoding: encoding)
            (order.keyDelimiter, order.keyEncoding, order.keySheet) = (delimiter, encoding, sheet)
        }
        try Self.bound(from, to, listing, &order)
        return order
    }

    private func shape(_ order: inout ExportOrder) throws {
        if order.form == .jsonl, columns != nil || lists != nil || zone != nil {
            throw Failure(
                .usage, "--columns, --lists and --zone are for CSV; JSON Lines keep items as they are.")
        }
        order.columns = columns.map { $0.split(separator: ",").map(String.init) }
        if let names = order.columns, names.isEmpty || Set(names).count != names.count {
            throw Failure(.usage, "--columns: expected column names, each once.")
        }
        if let lists {
            guard let rule = ExportOrder.Lists(rawValue: lists) else {
                throw Failure(.usage, "--lists \(lists): expected explode, json or first.")
            }
            order.lists = rule
        }
        if let zone {
            guard ZoneClock(zone) != nil else {
                let near = ZoneClock.suggestion(for: zone).map { " Did you mean \($0)?" } ?? ""
                throw Failure(.usage, "--zone \(zone): there is no such time zone.\(near)")
            }
            order.zone = zone
        }
        if mask { order.salt = RunStarter.name().text }
        order.changedOnly = changedOnly
        order.details = !noDetails
    }

    /// What the ending of a file's name says: CSV or JSON Lines, and the compression.
    package static func form(of output: String) throws -> ExportOrder.Form {
        var name = (output as NSString).lastPathComponent.lowercased()
        for suffix in [".gz", ".zst", ".xz", ".bz2", ".lz4"] where name.hasSuffix(suffix) {
            name.removeLast(suffix.count)
        }
        for suffix in [".jsonl", ".ndjson", ".json"] where name.hasSuffix(suffix) { return .jsonl }
        if name.hasSuffix(".csv") { return .csv }
        throw Failure(
            .usage, "\(output): the name must end in .jsonl or .csv, optionally followed by .gz.")
    }

    static func add(
        _ name: String, _ value: String, _ listing: Listing, to order: inout ExportOrder
    ) throws {
        guard let parameter = listing.parameters.first(where: { $0.name == name }) else {
            let names = listing.parameters.map(\.name)
            let near = Suggestion.nearest(to: name, among: names).map { " Did you mean \($0)?" } ?? ""
            throw Failure(
                .usage,
                "\(listing.name) has no filter \(name).\(near) It has "
                    + (names.isEmpty ? "none." : names.joined(separator: ", ") + "."))
        }
        if let fault = parameter.fault(value) {
            throw Failure(.usage, "\(listing.name): \(name): \(fault)")
        }
        guard !order.parameters.contains(where: { $0.name == parameter.sentName }) else {
            throw Failure(.usage, "\(listing.name): \(name) is given twice.")
        }
        order.parameters.append(ExportOrder.Pair(parameter.sentName, value))
    }

    /// Fills in what is usual, and sees that nothing is missing.
    package static func complete(_ listing: Listing, _ order: inout ExportOrder) throws {
        for parameter in listing.parameters
        where !order.parameters.contains(where: { $0.name == parameter.sentName }) {
            if let usual = parameter.usual {
                order.parameters.append(ExportOrder.Pair(parameter.sentName, usual))
            } else if parameter.isRequired {
                throw Failure(
                    .usage,
                    "\(listing.name) needs \(parameter.name): --where \(parameter.name)=… (\(parameter.note))"
                )
            }
        }
    }

    static func choose(
        _ by: String?, keys: String?, _ listing: Listing, _ order: inout ExportOrder
    ) throws {
        let kinds = listing.keys.map(\.name)
        guard !kinds.isEmpty else {
            if by != nil || keys != nil {
                throw Failure(.usage, "\(listing.name) lists everything: it takes no keys.")
            }
            return
        }
        guard keys != nil else {
            throw Failure(
                .usage,
                "the API gives \(listing.name) only by key. Name the keys: --keys FILE:COLUMN, by "
                    + kinds.joined(separator: ", ") + ". " + listing.note)
        }
        if let by, !kinds.contains(by) {
            throw Failure(
                .usage,
                "\(listing.name) does not take \(by), but \(kinds.joined(separator: ", ")).")
        }
        order.by = by ?? kinds[0]
        order.keys = keys
    }

    static func bound(
        _ from: String?, _ to: String?, _ listing: Listing, _ order: inout ExportOrder
    ) throws {
        guard let span = listing.span else {
            if from != nil || to != nil {
                throw Failure(.usage, "\(listing.name) has no --from or --to.")
            }
            return
        }
        let now = Int64(Date().timeIntervalSince1970 * 1000)
        order.to = try to.map { try instant($0, "--to") } ?? now
        if let from {
            order.from = try instant(from, "--from")
        } else if let usual = span.usual {
            order.from = (order.to ?? now) - usual.milliseconds
        } else if span.isRequired {
            throw Failure(.usage, "\(listing.name) needs --from, a day or a time.")
        }
        if let from = order.from, let to = order.to, from >= to {
            throw Failure(.usage, "--from is after --to.")
        }
    }

    private static func instant(_ text: String, _ option: String) throws -> Int64 {
        guard let instant = DayOrInstant.read(text) else {
            throw Failure(
                .usage,
                "\(option) \(text): expected a day, or a time with its offset: 2026-02-03, "
                    + "2026-02-03T14:00:00Z.")
        }
        return instant.milliseconds
    }
}
