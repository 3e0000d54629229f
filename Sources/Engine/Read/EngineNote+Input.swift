package import Model

extension EngineNote {
    /// What is worth telling of inputs.
    package enum Input: Sendable, Equatable {
        case broken(Broken)
        case openEnd(OpenEnd)
        /// Files that have grown since they were read, and how many more have.
        case grown([Grown], more: Int)
        case customersNotLookedUp(String)
    }

    /// An input that cannot be read on.
    package struct Broken: Sendable, Equatable {
        package enum Taken: Sendable, Equatable {
            case nothing
            /// Later files were read since.
            case from(record: Int64)
            case records(from: Int64, to: Int64, line: Int, byte: Int)
        }
        package enum Way: Sendable, Equatable { case unaccounted, damaged, changed }

        /// The error's own text.
        package let error: String
        package let taken: Taken?
        package let way: Way
        package let run: RunID
    }

    /// A row without a line end, or a last group, of a file that has changed since the run began.
    package struct OpenEnd: Sendable, Equatable {
        package enum End: Sendable, Equatable {
            /// A record, by its line and number.
            case row(line: Int, record: Int64)
            case group(line: Int, record: Int64)
            /// Where rows were brought together: any record may have it.
            case lastRow
        }
        package let file: String
        package let end: End
        package let change: InputChange
        package let wasSent: Bool
        package let run: RunID
    }

    package struct Grown: Sendable, Equatable {
        package let name: String
        package let after: Int
    }

    /// What is wrong with a row that `join` has put together, after its reason and place.
    package enum Join: Sendable, Equatable {
        case fieldCount(Int, expected: Int)
        case emptyKey(columns: [String])
        /// Several rows of the first files have the same key.
        case rivals(Int, files: String, key: String)
        case noHead(files: String, key: String)
        case noLine(key: String)
    }
}
