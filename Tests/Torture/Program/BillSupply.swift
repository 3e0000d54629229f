import TestSupport

/// Bills for `transactions.add`: sales and returns, in three forms of file.
struct BillSupply: Supply {
    /// How the records of a file are written.
    enum Form: CaseIterable { case csv, lines, items }

    /// An input on its way.
    private struct File {
        var form: Form
        /// The job says `repeats: count`: equal returns are all meant.
        var counts: Bool
        var records: [Planned] = []
        var text = ""
    }

    let name = "transactions.add"

    private(set) var bills: [Bill] = []
    /// Bill numbers are unique in the org: none is used in two stores.
    let isUnique: Bool
    private var random: Seeded
    private var files = 0
    private var lane: UInt8 = 0
    /// The newest sales of a form, of all lanes: what another file may send again.
    private var recent: [[Int32]] = [[], [], []]

    private static let customers = 3000
    private static let stores: UInt8 = 4
    private static let start = 1_770_000_000

    init(seed: UInt64, isUnique: Bool) {
        random = Seeded(seed ^ 0x7465_7374)
        self.isUnique = isUnique
    }

    mutating func input(lane: Int, count: Int) -> Input {
        files += 1
        self.lane = UInt8(clamping: lane)
        let form = Form.allCases[Int.random(in: 0..<3, using: &random)]
        var file = File(form: form, counts: random.chance(0.3))
        file.text.reserveCapacity(count * (form == .items ? 260 : 140))
        if form == .csv { file.text = "no,kind,who,at,sum,store,back,bought\n" }
        file.records.reserveCapacity(count)
        let own = bills.count
        var pool = recent[form.index]
        var store = UInt8.random(in: 0..<Self.stores, using: &random)
        while file.records.count < count {
            if random.chance(0.005) { store = UInt8.random(in: 0..<Self.stores, using: &random) }
            switch Double.random(in: 0..<1, using: &random) {
            case ..<0.79: addSale(&file, store)
            case ..<0.86: addReturn(&file, own: own)
            case ..<0.88: addEqualReturns(&file, own: own)
            case ..<0.89: addUnknown(&file, store)
            case ..<0.90: addBad(&file, store)
            case ..<0.92: addRepeat(&file, own: own)
            case ..<0.925: addTwin(&file, own: own)
            default: addKnown(&file, &pool)
            }
            if random.chance(0.001) { file.text += "\n" }
        }
        let sales = bills.indices[own...].filter { !bills[$0].isReturn }.map { Int32($0) }
        recent[form.index] = Array((recent[form.index] + sales).suffix(30_000))
        return Input(
            job: "t\(files)-\(lane)", endpoint: name, isCSV: form == .csv, chunk: file.counts ? 10 : 20,
            send: form == .items ? "" : ", attribution: { type: STORE_CODE, from: store }",
            rest: (file.counts ? "repeats: count\n" : "") + (form == .items ? "" : Self.mapping),
            records: file.records, text: file.text)
    }

    private static let mapping = """
        record:
          fields:
            identifierType:  { value: externalId }
            identifierValue: who
            type:            kind
            returnType:      { from: back, empty: omit }
            source:          { value: INSTORE }
            billNumber:      "no"
            billingDate:     at
            purchaseTime:    { from: bought, empty: omit }
            billAmount:      { from: sum, as: number }

        """

    // MARK: Kinds of records

    private mutating func sale(_ store: UInt8) -> Bill {
        // One customer buys more than all others: his bills go one after the other.
        let customer = random.chance(0.004) ? 0 : Int.random(in: 1..<Self.customers, using: &random)
        return Bill(
            number: "B\(bills.count)", isReturn: false, customer: "c\(customer)",
            cents: Int.random(in: 1000..<900_000, using: &random),
            instant: Self.start + Int.random(in: 0..<20_000_000, using: &random), store: store,
            lane: lane)
    }

    private mutating func addSale(_ file: inout File, _ store: UInt8) {
        add(sale(store), .good, &file)
    }

    /// The number of another bill, used in another store: both are real where numbers are not unique.
    private mutating func addTwin(_ file: inout File, own: Int) {
        guard !isUnique,
            let other = pick(own: own, where: { !$0.isReturn && $0.copies == 1 && $0.returned == 0 })
        else { return }
        var bill = sale((bills[other].store + 1) % Self.stores)
        bill.number = bills[other].number
        // A return has to tell whose it is.
        bill.returned = 99
        bills[other].returned = 99
        guard bills[other].customer != bill.customer else { return }
        add(bill, .good, &file)
    }

    private mutating func addReturn(_ file: inout File, own: Int) {
        guard let other = returnable(own: random.chance(0.2) ? 0 : own) else { return }
        let bill = partialReturn(of: other)
        add(bill, .good, &file)
    }

    /// A return that is in the input twice, word by word.
    private mutating func addEqualReturns(_ file: inout File, own: Int) {
        guard let other = returnable(own: own) else { return }
        let bill = partialReturn(of: other)
        bills[other].returned += 1
        add(bill, .good, &file)
        let index = bills.count - 1
        if random.chance(0.5) { addSale(&file, bill.store) }
        if file.counts { bills[index].copies = 2 }
        let again = bills[index]
        write(again, &file)
        file.records.append(
            Planned(thing: Int32(index), fate: file.counts ? .good : .invalid))
    }

    private mutating func partialReturn(of sale: Int) -> Bill {
        bills[sale].returned += 1
        var bill = bills[sale]
        bill.isReturn = true
        // Distinct unless it is meant to be equal.
        bill.instant += 3600 * Int(bills[sale].returned) + Int.random(in: 0..<3000, using: &random)
        bill.cents = Int.random(in: 100...120, using: &random)
        bill.original = Int32(sale)
        bill.returned = 0
        return bill
    }

    private mutating func addUnknown(_ file: inout File, _ store: UInt8) {
        var bill = sale(store)
        bill.customer = "unknown\(bills.count)"
        bill.copies = 0
        bill.returned = 99
        add(bill, .refused, &file)
    }

    private mutating func addRepeat(_ file: inout File, own: Int) {
        guard !file.counts,
            let other = pick(own: own, where: { !$0.isReturn && $0.copies == 1 })
        else { return }
        write(bills[other], &file)
        file.records.append(Planned(thing: Int32(other), fate: .repeated))
    }

    /// A bill of an earlier file, or of one that another run is at work on.
    private mutating func addKnown(_ file: inout File, _ pool: inout [Int32]) {
        guard !pool.isEmpty else { return addSale(&file, 1) }
        // Mostly of the newest, which others are just at. Each once a file: a second would be a repeat.
        let newest = random.chance(0.7) ? max(0, pool.count - 3000) : 0
        let place = Int.random(in: newest..<pool.count, using: &random)
        let other = pool[place]
        pool.remove(at: place)
        guard bills[Int(other)].copies == 1 else { return }
        write(bills[Int(other)], &file)
        file.records.append(Planned(thing: other, fate: .good))
    }

    private mutating func addBad(_ file: inout File, _ store: UInt8) {
        let bill = sale(store)
        file.records.append(Planned(thing: -1, fate: .invalid))
        let turn = Int.random(in: 0..<3, using: &random)
        switch (file.form, turn) {
        case (.csv, 0):
            file.text += "X\(files),REGULAR,c1,\(utc(bill.instant))Z,1.00,s1,,,more,fields\n"
        case (.csv, 1): file.text += "X\(files),REGULAR,c1,\(utc(bill.instant))Z,1x,s1,,\n"
        case (.csv, _): file.text += "X\(files),REGULAR,c1,yesterday,1.00,s1,,\n"
        case (_, 0): file.text += #"{"no":"X1","kind":"REG"# + "\n"
        case (.lines, 1):
            file.text +=
                #"{"no":"X1","kind":"SALE","who":"c1","at":"2026-01-01T00:00:00Z","sum":1,"store":"s1"}"#
                + "\n"
        case (.lines, _):
            file.text +=
                #"{"no":"X1","kind":"REGULAR","who":"c1","at":"2026-01-01T00:00:00Z","sum":-1,"store":"s1"}"#
                + "\n"
        case (.items, 1):
            file.text +=
                #"{"type":"REGULAR","source":"INSTORE","billNumber":"X1","billAmount":1}"# + "\n"
        case (.items, _):
            file.text +=
                #"{"type":"REGULAR","source":"INSTORE","identifierType":"externalId","identifierValue":"c1","billAmount":1,"billingDate":"2026-01-01T00:00:00Z"}"#
                + "\n"
        }
    }

    // MARK: Comparing

    var count: Int { bills.count }

    func key(of thing: Int) -> String { bills[thing].key }

    func copies(of thing: Int) -> Int { Int(bills[thing].copies) }

    func number(of thing: Int) -> String? { bills[thing].number }

    /// A return whose sale was not accepted before it: within a run the sale has to go first.
    func mayReject(
        _ thing: Int, _ reason: LedgerAccount.Reason, isAcceptedBefore: (_ thing: Int) -> Bool
    ) -> Bool {
        guard let code = reason.serverCode, [625, 688].contains(code) else { return false }
        let original = Int(bills[thing].original)
        return original >= 0 && !isAcceptedBefore(original)
    }

    func eachDeed(_ stand: Stand, _ body: (Deed) -> Void) throws {
        var account = BooksAccount()
        try account.eachBooking(stand, body)
    }

    func parked(_ stand: Stand) throws -> [String: Int] {
        var account = BooksAccount()
        return try account.parked(stand)
    }

    // MARK: Choosing and writing

    private mutating func returnable(own: Int) -> Int? {
        let lane = self.lane
        return pick(
            own: own,
            where: { !$0.isReturn && $0.copies == 1 && $0.returned < 4 && $0.lane == lane })
    }

    /// A bill of this file, or from `own` on, that will do; a few are tried.
    private mutating func pick(own: Int, where fits: (Bill) -> Bool) -> Int? {
        guard own < bills.count else { return nil }
        let first = max(own, bills.count - 20_000)
        for _ in 0..<5 {
            let index = Int.random(in: first..<bills.count, using: &random)
            if fits(bills[index]) { return index }
        }
        return nil
    }

    private mutating func add(_ bill: Bill, _ fate: Fate, _ file: inout File) {
        bills.append(bill)
        write(bill, &file)
        file.records.append(Planned(thing: Int32(bills.count - 1), fate: fate))
    }

    private mutating func write(_ bill: Bill, _ file: inout File) {
        let kind = bill.isReturn ? "RETURN" : "REGULAR"
        let at = time(bill.instant)
        let bought = bill.isReturn ? time(bills[Int(bill.original)].instant) : ""
        let store = Bill.store(bill.store)
        switch file.form {
        case .csv:
            file.text +=
                "\(bill.number),\(kind),\(bill.customer),\(at),\(bill.amount),\(store),\(bill.isReturn ? "AMOUNT" : ""),\(bought)\n"
        case .lines:
            file.text +=
                #"{"no":"\#(bill.number)","kind":"\#(kind)","who":"\#(bill.customer)","at":"\#(at)","sum":\#(bill.amount),"store":"\#(store)""#
            if bill.isReturn { file.text += #","back":"AMOUNT","bought":"\#(bought)""# }
            file.text += "}\n"
        case .items:
            file.text +=
                #"{"type":"\#(kind)","source":"INSTORE","identifierType":"externalId","identifierValue":"\#(bill.customer)","billNumber":"\#(bill.number)","billingDate":"\#(at)","billAmount":\#(bill.amount),"attribution":{"createdBy":{"type":"STORE","code":"\#(store)"}}"#
            if bill.isReturn { file.text += #","returnType":"AMOUNT","purchaseTime":"\#(bought)""# }
            file.text += "}\n"
        }
    }

    /// The same instant, written in one of several zones.
    private mutating func time(_ instant: Int) -> String {
        switch Int.random(in: 0..<3, using: &random) {
        case 0: clock(instant) + "Z"
        case 1: clock(instant + 19_800) + "+05:30"
        default: clock(instant - 18_000) + "-05:00"
        }
    }
}

extension BillSupply.Form {
    /// CSV and JSON lines are mapped by the same rules, and give the same items.
    fileprivate var index: Int { self == .items ? 1 : 0 }
}
