import App
import ArgumentParser

/// What of a listing is expected, and how.
struct ExportArguments: ParsableArguments {
    @Option(
        help: "The connection: a name from connections.yaml, or the built-in `sandbox`.",
        completion: .connections)
    var connection = "sandbox"

    @Option(
        name: .customLong("where"),
        help: "A filter of the listing, such as parent=Z1; can be repeated.")
    var filters: [String] = []

    @Option(
        help: "The keys to export: FILE, FILE:COLUMN of CSV or JSON Lines, or run:RUN.",
        completion: .dataFiles)
    var keys: String?

    @Option(help: "The delimiter of the key file. Detected by default.", completion: .delimiters)
    var delimiter: String?

    @Option(
        help: "The encoding of the key file: utf-8, utf-16, windows-1252, latin-1.",
        completion: .encodings)
    var encoding: String?

    @Option(help: "The sheet of the key file, if it is an Excel workbook: its name or number.")
    var sheet: String?

    @Option(help: "The kind of key, if the listing takes several: id, mobile, email …")
    var by: String?

    @Option(help: "The start, a day or a time: 2026-02-03, 2026-02-03T14:00:00Z.")
    var from: String?

    @Option(help: "The end, exclusive; by default now.")
    var to: String?

    @Option(help: "Items per page; by default as many as the call allows.")
    var page: Int?

    @Option(help: "The columns of a CSV file, separated by commas: id,code,billDetails.amount.")
    var columns: String?

    @Option(help: "How a list is written to CSV: json (one cell), first, explode (one row each).")
    var lists: String?

    @Option(
        help:
            "Write dates that have an offset in this time zone (CSV only): Asia/Kolkata.")
    var zone: String?

    @Flag(help: "Mask personal data, for a copy that may be shared.")
    var mask = false

    @Option(help: "Only what changed since a day, or since the `last` export.")
    var since: String?

    @Flag(help: "Leave out items that are unchanged since the last export.")
    var changedOnly = false

    @Flag(help: "Also write a job that imports the file.")
    var job = false

    @Flag(help: "Skip the call for the details of each item: bills have no lines then.")
    var noDetails = false

    /// The same as plain values.
    var selection: ExportSelection {
        var selection = ExportSelection()
        selection.connection = connection
        selection.filters = filters
        selection.keys = keys
        selection.delimiter = delimiter
        selection.encoding = encoding
        selection.sheet = sheet
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
