/// Which endpoints a torture mixes.
struct Endpoints {
    /// As the option says it.
    let text: String
    private let hasBills: Bool
    /// Orders of cards, which are no records: they have a lane of their own.
    let hasCardOrders: Bool
    private let kinds: [(offset: Int, element: Kind)]

    /// Nil: one is not known here.
    init?(_ text: String) {
        self.text = text
        let all = Array(Kind.all.enumerated())
        if text == "all" {
            (hasBills, hasCardOrders) = (true, true)
            kinds = all
            return
        }
        let names = text.split(separator: ",").map { $0.drop { $0 == " " } }
        let bills: Set<Substring> = ["bills", "transactions.add"]
        let known = Set(Kind.all.flatMap { [Substring($0.name), Substring($0.endpoint)] })
        let orders = "cards.generate"
        guard !names.isEmpty,
            names.allSatisfy({ bills.contains($0) || known.contains($0) || $0 == orders })
        else { return nil }
        hasCardOrders = names.contains { $0 == orders }
        hasBills = names.contains(where: bills.contains)
        kinds = all.filter { kind in
            names.contains { $0 == kind.element.name || $0 == kind.element.endpoint }
        }
    }

    /// One of each; bills first. What one is like does not depend on which others there are.
    func supplies(seed: UInt64, isUnique: Bool) -> [any Supply] {
        (hasBills ? [BillSupply(seed: seed, isUnique: isUnique)] : [])
            + kinds.map { KindSupply($0.element, index: $0.offset, seed: seed) }
    }
}
