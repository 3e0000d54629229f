import Model

/// Three accounts side by side: what the input means, what the ledger says, what is in the sandbox's books.
struct Comparison {
    /// What came of one supply.
    struct BalanceCheck {
        let name: String
        var records = 0
        var states: [RecordState: Int] = [:]
        /// Things in the books, each as often as it was done.
        var deeds = 0
        var lost = 0
        var doneTwice = 0
        /// In doubt, and on the run's list with the command that settles it.
        var told = 0
        /// Good records that are on a list instead of in the books, by reason.
        var listed: [LedgerAccount.Reason: Int] = [:]
        fileprivate(set) var findings: [String: (count: Int, examples: [String])] = [:]

        var disagreements: Int { findings.values.reduce(0) { $0 + $1.count } }

        fileprivate mutating func find(_ kind: String, _ example: String, count: Int = 1) {
            findings[kind, default: (0, [])].count += count
            if findings[kind, default: (0, [])].examples.count < 5 {
                findings[kind]?.examples.append(example)
            }
        }
    }

    private(set) var accounts: [BalanceCheck] = []

    var records: Int { accounts.reduce(0) { $0 + $1.records } }
    var lost: Int { accounts.reduce(0) { $0 + $1.lost } }
    var doneTwice: Int { accounts.reduce(0) { $0 + $1.doneTwice } }
    var disagreements: Int { accounts.reduce(0) { $0 + $1.disagreements } }
    var told: Int { accounts.reduce(0) { $0 + $1.told } }

    func count(_ state: RecordState) -> Int { accounts.reduce(0) { $0 + ($1.states[state] ?? 0) } }

    /// - Parameter mayDoubt: The server works later than `doubt.wait` says: what is in doubt stays so.
    static func make(
        _ supplies: [any Supply], _ files: [[Input]], folder: String, stand: Stand, mayDoubt: Bool
    ) throws -> Comparison {
        let runs = Dictionary(grouping: try LedgerAccount.runs(folder), by: \.job)
        var result = Comparison()
        // What one supply does not know in the books may be another's.
        var strangers: [Set<String>] = []
        for (supply, files) in zip(supplies, files) {
            var sides = Sides(supply)
            strangers.append(try sides.readBooks(stand))
            for (place, file) in files.enumerated() {
                guard let run = runs[file.job]?.last else {
                    sides.account.find("an input without a run", file.job)
                    continue
                }
                if runs[file.job]?.count != 1 {
                    sides.account.find("an input with several runs", file.job)
                }
                try sides.read(file, at: place, run, folder: folder, mayDoubt: mayDoubt)
            }
            sides.compare()
            // Few: a doubt that a look-up could settle is not for a person.
            if !mayDoubt, sides.account.told > max(20, sides.account.records / 500) {
                sides.account.find("too many are left to a person", "\(sides.account.told)")
            }
            result.accounts.append(sides.account)
        }
        let nobodys = strangers.dropFirst().reduce(strangers.first ?? []) { $0.intersection($1) }
        for key in nobodys { result.accounts[0].find("done, and in no input", key) }
        return result
    }
}

/// The three sides of one supply, thing by thing.
private struct Sides {
    private let supply: any Supply
    var account: Comparison.BalanceCheck
    private var done: [Int]
    private var accepted: [Int]
    private var onList: [Int]
    private var open: [Int]
    /// An input has it.
    private var isNamed: [Bool]
    /// Which value is in the books; the last one of which the ledger says that it was accepted, and where it
    /// was in the order of runs and records.
    private var mark: [Int32?]
    private var lastMark: [(run: Int64, record: Int, mark: Int32)?]
    /// In which file's run each was accepted.
    private var acceptedIn: [Int32]
    private var ofID: [Int64: Int32] = [:]
    private var claimed: Set<Int64> = []
    /// The server's queue, by number.
    private var parked: [String: Int] = [:]

    init(_ supply: any Supply) {
        self.supply = supply
        account = Comparison.BalanceCheck(name: supply.name)
        done = [Int](repeating: 0, count: supply.count)
        accepted = done
        onList = done
        open = done
        isNamed = Array(repeating: false, count: supply.count)
        mark = Array(repeating: nil, count: supply.rule == .sets ? supply.count : 0)
        lastMark = Array(repeating: nil, count: mark.count)
        acceptedIn = Array(repeating: -1, count: supply.count)
    }

    /// - Returns: Keys of what is in the books, and no thing of this supply.
    mutating func readBooks(_ stand: Stand) throws -> Set<String> {
        var byKey: [String: Int] = [:]
        byKey.reserveCapacity(supply.count)
        for thing in 0..<supply.count where supply.copies(of: thing) > 0 {
            byKey[supply.key(of: thing)] = thing
        }
        var strangers: Set<String> = []
        try supply.eachDeed(stand) { deed in
            guard let thing = byKey[deed.key] else { return _ = strangers.insert(deed.key) }
            done[thing] += deed.times
            account.deeds += deed.times
            if deed.id != 0 { ofID[deed.id] = Int32(thing) }
            if supply.rule == .sets { mark[thing] = deed.mark }
        }
        parked = try supply.parked(stand)
        return strangers
    }

    mutating func read(
        _ file: Input, at place: Int, _ run: LedgerAccount.Run, folder: String, mayDoubt: Bool
    ) throws {
        let (records, oddities) = try LedgerAccount.records(of: run, in: folder)
        for oddity in oddities { account.find("the ledger's numbering", oddity) }
        if records.count != file.records.count, !(mayDoubt && records.count < file.records.count) {
            account.find(
                "records missing from the ledger",
                "\(file.job): \(records.count) of \(file.records.count)",
                count: abs(file.records.count - records.count))
        }
        for planned in file.records where planned.thing >= 0 { isNamed[Int(planned.thing)] = true }
        let reasons = try LedgerAccount.reasons(of: run, in: folder)
        let told = try LedgerAccount.told(of: run, in: folder)
        account.records += records.count
        for (number, (planned, record)) in zip(file.records, records).enumerated() {
            account.states[record.state, default: 0] += 1
            let thing = Int(planned.thing)
            var name: String {
                "record \(number) of \(run.name) (\(file.name)"
                    + (thing < 0 ? "" : ", \(supply.key(of: thing))") + ")"
                    + ": \(record.state.word)"
                    + (reasons[number].map { ", \($0.code) \($0.serverCode ?? 0)" } ?? "")
            }
            if record.serverID != 0, record.state == .accepted, !ofID.isEmpty {
                if !claimed.insert(record.serverID).inserted {
                    account.find("a server id that two records claim", "\(name), \(record.serverID)")
                }
                if ofID[record.serverID] != planned.thing {
                    account.find(
                        "accepted under the id of another, or of none", "\(name), \(record.serverID)")
                }
            }
            switch (planned.fate, record.state) {
            case (_, .inDoubt), (_, .unsent), (_, .sent):
                if thing >= 0 { open[thing] += 1 }
                if record.state == .inDoubt, told.contains(number) {
                    account.told += 1
                } else if !mayDoubt {
                    account.find("still \(record.state.word)", name)
                }
            case (.good, .accepted), (.repeated, .accepted):
                accepted[thing] += 1
                acceptedIn[thing] = Int32(place)
                note(thing, planned.mark, run.number, number)
            case (.good, .skipped), (.repeated, .skipped), (.refused, .rejected), (.invalid, .invalid):
                break
            case (.refused, .invalid) where supply.rule == .sets:
                // What is looked at before it is sent is found out there.
                break
            case (.refused, .accepted) where supply.rule == .again:
                // After a lost answer it is looked up, and the one who is refused as blocked is there.
                break
            case (.refused, .failed):
                if let reason = reasons[number] { account.listed[reason, default: 0] += 1 }
            case (.good, .parked), (.repeated, .parked):
                if parked[supply.number(of: thing) ?? ""] == nil {
                    account.find("parked, and not in the server's queue", name)
                }
                onList[thing] += 1
            case (.good, .failed), (.good, .rejected), (.good, .invalid), (.repeated, .failed),
                (.repeated, .rejected), (.repeated, .invalid):
                onList[thing] += 1
                guard let reason = reasons[number] else {
                    account.find("on a list without a reason", name)
                    break
                }
                account.listed[reason, default: 0] += 1
                let isRight =
                    record.state == .failed
                    || record.state == .rejected && Self.refusesAny(reason)
                    || supply.mayReject(thing, reason) { acceptedIn[$0] == Int32(place) }
                if !isRight { account.find("a good record was \(record.state.word)", name) }
            default:
                account.find("a record is not what it should be (\(planned.fate))", name)
                if thing >= 0 { onList[thing] += 1 }
            }
        }
    }

    private mutating func note(_ thing: Int, _ mark: Int32, _ run: Int64, _ record: Int) {
        guard supply.rule == .sets else { return }
        if let last = lastMark[thing], (last.run, last.record) > (run, record) { return }
        lastMark[thing] = (run, record, mark)
    }

    /// A fault that refuses whatever there is.
    private static func refusesAny(_ reason: LedgerAccount.Reason) -> Bool {
        [400, 403, 1060].contains(reason.serverCode)
    }

    mutating func compare() {
        for thing in done.indices {
            let copies = supply.copies(of: thing)
            let key = supply.key(of: thing)
            if supply.rule == .once, done[thing] > copies {
                account.doneTwice += done[thing] - copies
                account.find("DONE TWICE", "\(key): \(done[thing]) times")
            }
            let proved = supply.rule == .once || done[thing] == 0 ? done[thing] : accepted[thing]
            if accepted[thing] > proved {
                account.lost += accepted[thing] - proved
                account.find("LOST: accepted, and not in the books", key)
            }
            switch supply.rule {
            case .once:
                if done[thing] > accepted[thing] + open[thing] {
                    account.find("in the books, and the ledger does not know", key)
                }
            case .again:
                if done[thing] > 0, accepted[thing] + open[thing] == 0 {
                    account.find("in the books, and the ledger does not know", key)
                }
            case .sets: compareMarks(thing, key)
            }
            if isNamed[thing], accepted[thing] < copies, onList[thing] + open[thing] == 0 {
                account.lost += copies - accepted[thing]
                account.find("LOST: neither done nor on a list", key)
            }
            // Of equal returns one may be parked while the others are booked.
            if onList[thing] > 0, done[thing] < copies, let number = supply.number(of: thing) {
                parked[number] = nil
            }
        }
        for (number, _) in parked {
            account.find("in the server's queue, and not parked in the ledger", number)
        }
    }

    private mutating func compareMarks(_ thing: Int, _ key: String) {
        let last = lastMark[thing]?.mark
        if open[thing] > 0 || mark[thing] == last { return }
        if let last {
            account.lost += 1
            account.find(
                "LOST: the last accepted value does not stand",
                "\(key): \(last) was accepted, \(mark[thing].map(String.init) ?? "none") stands")
        } else {
            account.find("in the books, and the ledger does not know", key)
        }
    }
}
