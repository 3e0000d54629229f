package import Model

/// What people read of a retry: why a fixed row is not sent, and what to do where nothing is.
package enum RetryText {
    /// - Parameter mark: What the row's cell of marks holds.
    package static func foreignMark(_ mark: String) -> String {
        "`\(RecordMark.name)` says \(Wording.harmless(mark)), which is not a record of this run"
    }

    /// - Parameter ids: The open records with the row's key, at least two.
    package static func severalOpen(_ ids: [RecordID]) -> String {
        "\(ids.count) open records of this run have its key: write into a column `\(RecordMark.name)` which one each "
            + "row repairs: " + ids.prefix(10).map(\.description).joined(separator: ", ")
            + (ids.count > 10 ? " …" : "")
    }

    /// For a row that repairs nothing.
    package static let nothingOpen =
        "no mark, and no open record of this run has its key. Rows that could not be read have no key: add the "
        + "column `\(RecordMark.name)` with the mark that the reject file has for the row"

    /// How many of each reason, the most frequent first: `12 customer-unknown, 3 type`.
    package static func counts(_ counts: [Reason: Int]) -> String {
        counts.sorted { ($1.value, $0.key.code) < ($0.value, $1.key.code) }
            .map { "\(Wording.count($0.value)) \($0.key.code)" }.joined(separator: ", ")
    }

    /// Where nothing is sent although records are open: why, and what to do. A line each.
    ///
    /// - Parameter run: Its name.
    package static func nothingSent(_ run: String, open: [Reason: Int]) -> [String] {
        ["no record of run \(run) is sent again; open: " + counts(open)]
            + open.keys.sorted { $0.code < $1.code }.map { "  \($0.code): \($0.nextStep)" }
            + [
                "Fix the rows in a copy of the reject file that `sluice report \(run)` names, then `sluice retry "
                    + "\(run) --from FILE`. `--reason CODE` or `--all` sends them as they are."
            ]
    }
}
