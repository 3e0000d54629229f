/// Which texts of an input mean that there is no value.
package struct NullWords: Sendable, Equatable {
    /// In every column that is not named.
    package var everywhere: [String]
    /// By column; of JSON rows, by dotted path.
    package var columns: [String: [String]]

    package init(everywhere: [String] = [], columns: [String: [String]] = [:]) {
        self.everywhere = everywhere
        self.columns = columns
    }

    package func words(of column: String) -> [[UInt8]] {
        (columns[column] ?? everywhere).map { Array($0.utf8) }
    }
}
