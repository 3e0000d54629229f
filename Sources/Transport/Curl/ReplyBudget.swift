/// What the replies in flight may hold together. Where it is used up, all transfers but one pause until others
/// have ended: the one continues to its own limit, so that there is always one that ends.
///
/// Of the loop's thread alone.
final class ReplyBudget {
    private let capacity: Int
    private(set) var used = 0
    /// The one that may continue above the capacity.
    private var first: ObjectIdentifier?

    init(_ capacity: Int) { self.capacity = capacity }

    /// Room for that many bytes more.
    ///
    /// - Returns: False where it has to pause.
    func take(_ bytes: Int, for transfer: Transfer) -> Bool {
        if used + bytes > capacity {
            let own = ObjectIdentifier(transfer)
            guard (first ?? own) == own else { return false }
            first = own
        }
        used += bytes
        return true
    }

    /// What a transfer held is somebody else's now.
    func release(_ bytes: Int, of transfer: Transfer) {
        used -= bytes
        if first == ObjectIdentifier(transfer) { first = nil }
    }
}
