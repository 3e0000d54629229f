package import Engine
import Model

/// What is worth saying of inputs before a run begins.
package enum InputText {
    /// An empty file, where the job wants that said.
    package static func passedOver(_ name: String) -> String {
        "\(InputName.bare(name)) is empty: it is skipped"
    }
}

extension InputError {
    /// `orders.csv:1048: …`
    package var text: String {
        let place =
            position.map { InputName.place(name, line: $0.line) } ?? InputName.bare(name)
        return "\(place): \(message)"
    }

    private var message: String {
        switch problem {
        case .changedSinceRead:
            "the file has changed since the run read it: restore its old content, "
                + "or `sluice abandon` the run"
        case .changedSinceStart(let change):
            switch change {
            case .unknown: "it may have changed, at an unknown position, since the run started"
            default: "it \(change.text) since the run started"
            }
        case .changedWhileRead:
            "it was changed while it was read. Nothing was sent: run the job again when the file is complete."
        case .empty:
            "it is empty, and the job says `empty_files: fail`. Get the whole file, or remove it"
        case .noCSV: "`join` takes CSV files."
        case .noColumn(let column, let advice): "there is no column “\(column)”. \(advice)"
        case .hasNoColumn(let column, let columns, let near):
            "there is no column “\(column)”. It has: \(columns.joined(separator: ", "))."
                + (near.map { " Did you mean “\($0)”?" } ?? "")
        case .rowOfNoRecord:
            "this row does not say which record it belongs to, so that record would lack it. "
                + "Fix it, or remove it."
        case .mixedKinds:
            "rows of one group are in files of different kinds (CSV and "
                + "JSON, or with and without the column `\(RecordMark.name)`): use a job "
                + "for each kind."
        case .noMarks: "its rows have no `\(RecordMark.name)` column."
        case .encoding(let home):
            "this row belongs to a record that begins in \(InputName.bare(home)), whose "
                + "encoding has not all of its characters: save both files as UTF-8."
        }
    }
}
