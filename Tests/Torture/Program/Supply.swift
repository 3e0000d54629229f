/// The records of one endpoint: their inputs, what has to become of them, and what the sandbox's books say.
protocol Supply {
    /// As the report names it.
    var name: String { get }
    var rule: Rule { get }
    /// After a lost answer nobody can know: a person looks at the server and decides.
    var holds: Bool { get }
    /// How large its inputs are, beside those of bills.
    var share: Double { get }

    /// The next input of a lane: about `count` records.
    mutating func input(lane: Int, count: Int) -> Input
    /// What has to be on the server before.
    func prepare(_ stand: Stand) throws

    /// How many different things the inputs name.
    var count: Int { get }
    /// What both the input and the books tell about a thing: equal texts are the same thing.
    func key(of thing: Int) -> String
    /// How many writes of it are right.
    func copies(of thing: Int) -> Int
    /// What a parked one is called in the server's queue.
    func number(of thing: Int) -> String?
    /// Whether the server may have said no to a good record, beside the faults that refuse any.
    func mayReject(
        _ thing: Int, _ reason: LedgerAccount.Reason, isAcceptedBefore: (_ thing: Int) -> Bool
    ) -> Bool
    /// Everything in the books that may be of this supply.
    func eachDeed(_ stand: Stand, _ body: (Deed) -> Void) throws
    /// How many of each number stand in the server's queue.
    func parked(_ stand: Stand) throws -> [String: Int]
}

/// What doing a thing again is.
enum Rule {
    /// Wrong: one more is there.
    case once
    /// Nothing: the server knows it for the same.
    case again
    /// It sets a value, and the last one is.
    case sets
}

/// Something done, as the books tell it.
struct Deed {
    var key: String
    /// Of a bill.
    var id: Int64 = 0
    var times = 1
    /// The value that is, of what sets values.
    var mark: Int32?
}

extension Supply {
    var rule: Rule { .once }
    var holds: Bool { false }
    var share: Double { 1 }
    func prepare(_ stand: Stand) throws {}
    func number(of thing: Int) -> String? { nil }
    func parked(_ stand: Stand) throws -> [String: Int] { [:] }
}
