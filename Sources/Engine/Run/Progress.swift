/// What an execution is doing right now, for a terminal and for `status`.
package struct Progress: Sendable, Equatable {
    /// Records let in by this execution and settled by it, those of earlier ones not counted.
    package var read = 0
    package var accepted = 0
    package var rejected = 0
    package var invalid = 0
    package var skipped = 0
    package var parked = 0
    package var failed = 0
    package var inDoubt = 0
    package var inFlight = 0
    package var limit = 0
    package var waiting = 0
    package var requests = 0
    package var inputEnded = false
    /// Bytes read of all bytes of the input, where they are known.
    package var bytesRead = 0
    package var bytesTotal: Int?
    /// What it waits for, where it waits.
    package var waitsFor: String?
    /// The last things worth saying.
    package var notes: [String] = []

    package init() {}
}
