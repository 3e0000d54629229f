/// How many records a request carries: as many as the job says, until the server finds that too large; then half,
/// and twice again after many good answers, for what was learnt may have been a passing limit.
struct RequestSize: Sendable, Equatable {
    /// Good answers at a learnt size before twice the size is tried: a request that is refused costs two.
    static let answersToGrow = 200

    /// As the job and the endpoint say.
    let most: Int
    private(set) var current: Int
    /// The most records of one request that were answered one by one.
    private var largestAnswered = 0
    /// Requests of a learnt size that were answered in a row.
    private var answersAtSize = 0

    init(most: Int) {
        self.most = most
        current = most
    }

    /// Begins with what an earlier run has learnt.
    mutating func begin(with learnt: Int) { current = max(1, min(current, learnt)) }

    /// A request was too large. One no larger than one that was answered says nothing of the limit.
    ///
    /// - Returns: Whether something was learnt.
    mutating func wasTooLarge(_ records: Int) -> Bool {
        guard records > max(1, largestAnswered) else { return false }
        current = max(1, min(current, records / 2))
        answersAtSize = 0
        return true
    }

    /// The records of a request were answered one by one.
    ///
    /// - Returns: Whether something was learnt.
    mutating func wasAnswered(_ records: Int) -> Bool {
        largestAnswered = max(largestAnswered, records)
        guard current < most, records == current else { return false }
        answersAtSize += 1
        guard answersAtSize >= Self.answersToGrow else { return false }
        answersAtSize = 0
        current = min(most, current * 2)
        largestAnswered = records
        return true
    }
}
