import App
import ArgumentParser

/// What of a listing is wanted, and how.
struct ExportArguments: ParsableArguments {
    @Option(help: "The connection, a name from connections.yaml; `sandbox` is built in.")
    var connection = "sandbox"

    @Option(
        name: .customLong("where"),
        help: "A filter of the listing, as in parent=Z1; may be said several times.")
    var filters: [String] = []

    @Option(help: "Where keys come from: FILE, or FILE:COLUMN of a CSV or of JSON Lines.")
    var keys: String?

    @Option(help: "The delimiter of the file with the keys. Detected when left out.")
    var delimiter: String?

    @Option(help: "The encoding of the file with the keys: utf-8, utf-16, windows-1252, latin-1.")
    var encoding: String?

    @Option(help: "What the keys are, where the listing takes several kinds: id, mobile, email …")
    var by: String?

    @Option(help: "From this day or instant on: 2026-02-03, 2026-02-03T14:00:00Z.")
    var from: String?

    @Option(help: "Before this day or instant; else until now.")
    var to: String?

    @Option(help: "Items of a page; else as many as the call allows.")
    var page: Int?

    @Option(help: "Columns of a CSV and their order, with commas: id,code,billDetails.amount.")
    var columns: String?

    @Option(help: "What a list becomes in a CSV: json (one cell), first, explode (a row for each).")
    var lists: String?

    @Option(
        help:
            "Dates of a CSV that tell their offset as the clocks of this zone show them: Asia/Kolkata.")
    var zone: String?

    @Flag(help: "Replace personal data, for a copy that may be shared.")
    var mask = false

    @Option(help: "`last`: what changed since the last export; or a day.")
    var since: String?

    @Flag(help: "Leave out what the last export had as it is.")
    var changedOnly = false

    @Flag(help: "Write the import job that takes the file as its input beside it.")
    var job = false

    @Flag(help: "Spare the call for each item by itself: bills come without their lines.")
    var noDetails = false

    /// The same as plain values.
    var selection: ExportSelection {
        var selection = ExportSelection()
        selection.connection = connection
        selection.filters = filters
        selection.keys = keys
        selection.delimiter = delimiter
        selection.encoding = encoding
        selection.by = by
        selection.from = from
        selection.to = to
        selection.page = page
        selection.columns = columns
        selection.lists = lists
        selection.zone = zone
        selection.mask = mask
        selection.since = since
        selection.changedOnly = changedOnly
        selection.job = job
        selection.noDetails = noDetails
        return selection
    }
}
