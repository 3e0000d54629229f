import TestSupport

/// Records of a ``Kind``: new things, things of other inputs again, repeats, and what is refused.
struct KindSupply: Supply {
    let kind: Kind
    private let prefix: String
    private var random: Seeded
    private var files = 0
    /// How often each thing is meant.
    private var meant: [UInt8]
    private var marks: Int32 = 0
    private var refusals = 0

    init(_ kind: Kind, index: Int, seed: UInt64) {
        self.kind = kind
        prefix = "k\(index)"
        random = Seeded(seed ^ UInt64(index + 1) &* 0x6B69_6E64)
        meant = Array(repeating: 1, count: kind.maker == nil ? 0 : Kind.made)
    }

    var name: String { kind.name }
    var rule: Rule { kind.rule }
    var holds: Bool { kind.holds }
    var share: Double { kind.share }

    /// What equal records of an input are.
    private enum Repeats: CaseIterable { case never, count, unsaid }

    func prepare(_ stand: Stand) throws {
        guard let maker = kind.maker else { return }
        let list = (0..<count).map { Kind.store(key(of: $0), #","address":"here""#) }
        _ = try stand.fetch(maker, body: "[" + list.joined(separator: ",") + "]")
    }

    // MARK: Writing

    mutating func input(lane: Int, count: Int) -> Input {
        files += 1
        let repeats = kind.asksRepeats ? Repeats.allCases.randomElement(using: &random) : .never
        var input = Input(
            job: "\(prefix)-\(files)-\(lane)", endpoint: kind.endpoint, chunk: kind.chunk, records: [],
            text: "")
        input.rest = kind.more + "\n"
        if kind.asksRepeats, let repeats, repeats != .unsaid { input.rest += "repeats: \(repeats)\n" }
        let own = meant.count
        var known: Set<Int> = []
        while input.records.count < count {
            switch Double.random(in: 0..<1, using: &random) {
            case ..<0.85: add(&input, new(), .good)
            case ..<0.93:
                guard let thing = old(before: own), known.insert(thing).inserted || kind.rule == .sets
                else { continue }
                add(&input, thing, .good)
            case ..<0.97:
                guard let record = input.records.last(where: { $0.thing >= own }) else { continue }
                repeatRecord(&input, record, repeats ?? .never)
            case ..<0.98:
                input.text += #"{"half":"a re"# + "\n"
                input.records.append(Planned(thing: -1, fate: .invalid))
            default:
                guard let refused = kind.refused else { continue }
                refusals += 1
                input.text += refused(500_000 + refusals) + "\n"
                input.records.append(Planned(thing: -1, fate: .refused))
            }
        }
        return input
    }

    private mutating func new() -> Int {
        if kind.maker != nil { return Int.random(in: 0..<Kind.made, using: &random) }
        meant.append(1)
        return meant.count - 1
    }

    /// One of another input, mostly of the newest, which others are just at.
    private mutating func old(before own: Int) -> Int? {
        guard own > 0 else { return nil }
        let first = random.chance(0.7) ? max(0, own - 2000) : 0
        let thing = Int.random(in: first..<own, using: &random)
        return meant[thing] == 1 ? thing : nil
    }

    private mutating func repeatRecord(_ input: inout Input, _ record: Planned, _ repeats: Repeats) {
        let thing = Int(record.thing)
        switch repeats {
        case .never: add(&input, thing, .repeated, mark: record.mark)
        case .unsaid: add(&input, thing, .invalid)
        case .count:
            guard meant[thing] < 3 else { return }
            meant[thing] += 1
            add(&input, thing, .good)
        }
    }

    private mutating func add(_ input: inout Input, _ thing: Int, _ fate: Fate, mark: Int32? = nil) {
        if mark == nil { marks += 1 }
        let mark = mark ?? marks
        input.text += kind.line(thing, mark) + "\n"
        input.records.append(Planned(thing: Int32(thing), fate: fate, mark: mark))
    }

    // MARK: Comparing

    var count: Int { meant.count }

    func key(of thing: Int) -> String { kind.key(thing) }

    func copies(of thing: Int) -> Int { Int(meant[thing]) }

    func mayReject(
        _ thing: Int, _ reason: LedgerAccount.Reason, isAcceptedBefore: (_ thing: Int) -> Bool
    ) -> Bool { kind.refusals.contains(reason.code) }

    func eachDeed(_ stand: Stand, _ body: (Deed) -> Void) throws {
        var account = BooksAccount()
        try account.eachThing(stand, on: kind.shelf, body)
    }
}
