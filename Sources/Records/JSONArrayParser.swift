import Model

/// Where the reading of an array stands between two goes.
struct JSONArrayState: Sendable {
    /// An element comes next, and no comma.
    var expectsElement = true
}

/// Finds the elements of one large array in a window.
struct JSONArrayParser {
    let rowLimit: Int
    var sink: RowSink
    var tape: JSONTape
    var state: JSONArrayState

    mutating func parse() -> ScanStop { .end }
}
