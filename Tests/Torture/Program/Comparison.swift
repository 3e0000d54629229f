import Model

/// Three accounts side by side: what the input means, what the ledger says, what the sandbox booked.
struct Comparison {
    var records = 0
    var states: [RecordState: Int] = [:]
    var lost = 0
    var bookedTwice = 0
    /// Good records that are on a list instead of in the books, by reason.
    var listed: [LedgerAccount.Reason: Int] = [:]
    private(set) var findings: [String: (count: Int, examples: [String])] = [:]

    var disagreements: Int { findings.values.reduce(0) { $0 + $1.count } }

    private mutating func find(_ kind: String, _ example: String, count: Int = 1) {
        findings[kind, default: (0, [])].count += count
        if findings[kind, default: (0, [])].examples.count < 5 {
            findings[kind]?.examples.append(example)
        }
    }

    /// - Parameter mayDoubt: The server works later than `doubt.wait` says: what is in doubt stays so.
    static func make(
        _ files: [Generator.File], _ bills: [Bill], folder: String, stand: Stand, mayDoubt: Bool
    ) throws -> Comparison {
        var result = Comparison()
        // By bill: bookings, and the ledger's records of it.
        var booked = [Int](repeating: 0, count: bills.count)
        var accepted = booked
        var onList = booked
        var open = booked
        // In which file's run each was accepted.
        var acceptedIn = [Int32](repeating: -1, count: bills.count)
        var byKey: [String: Int32] = [:]
        byKey.reserveCapacity(bills.count)
        for (index, bill) in bills.enumerated() where bill.copies > 0 { byKey[bill.key] = Int32(index) }
        var ofID: [Int64: Int32] = [:]
        var books = BooksAccount()
        var unknown: [String] = []
        try books.eachBooking(stand) { booking in
            guard let bill = byKey[booking.key] else { return unknown.append(booking.key) }
            booked[Int(bill)] += 1
            ofID[booking.id] = bill
        }
        for key in unknown { result.find("booked, and in no input", key) }
        var parked = try books.parked(stand)

        var claimed: Set<Int64> = []
        let runs = Dictionary(grouping: try LedgerAccount.runs(folder), by: \.job)
        for (place, file) in files.enumerated() {
            guard let run = runs[file.job]?.last else {
                result.find("an input without a run", file.job)
                continue
            }
            if runs[file.job]?.count != 1 { result.find("an input with several runs", file.job) }
            let (records, oddities) = try LedgerAccount.records(of: run, in: folder)
            for oddity in oddities { result.find("the ledger's numbering", oddity) }
            if records.count != file.records.count, !(mayDoubt && records.count < file.records.count) {
                result.find(
                    "records missing from the ledger",
                    "\(file.job): \(records.count) of \(file.records.count)",
                    count: abs(file.records.count - records.count))
            }
            let reasons = try LedgerAccount.reasons(of: run, in: folder)
            result.records += records.count
            for (number, (planned, record)) in zip(file.records, records).enumerated() {
                result.states[record.state, default: 0] += 1
                var name: String {
                    "record \(number) of \(run.name) (\(file.name)"
                        + (planned.bill < 0 ? "" : ", \(bills[Int(planned.bill)].key)") + ")"
                        + ": \(record.state.word)"
                        + (reasons[number].map { ", \($0.code) \($0.serverCode ?? 0)" } ?? "")
                }
                if record.serverID != 0, record.state == .accepted {
                    if !claimed.insert(record.serverID).inserted {
                        result.find("a server id that two records claim", "\(name), \(record.serverID)")
                    }
                    if ofID[record.serverID] != planned.bill {
                        result.find(
                            "accepted under the id of another bill, or of none",
                            "\(name), \(record.serverID)")
                    }
                }
                switch (planned.fate, record.state) {
                case (_, .inDoubt), (_, .unsent), (_, .sent):
                    if planned.bill >= 0 { open[Int(planned.bill)] += 1 }
                    if !mayDoubt { result.find("still \(record.state.word)", name) }
                case (.good, .accepted), (.repeated, .accepted):
                    accepted[Int(planned.bill)] += 1
                    acceptedIn[Int(planned.bill)] = Int32(place)
                case (.good, .skipped), (.repeated, .skipped), (.unknownCustomer, .rejected),
                    (.invalid, .invalid):
                    break
                case (.unknownCustomer, .failed):
                    result.listed[reasons[number] ?? .none, default: 0] += 1
                case (.good, .parked), (.repeated, .parked):
                    let bill = bills[Int(planned.bill)]
                    if parked[bill.number] == nil {
                        result.find("parked, and not in the server's queue", name)
                    }
                    onList[Int(planned.bill)] += 1
                case (.good, .failed), (.good, .rejected), (.repeated, .failed), (.repeated, .rejected):
                    onList[Int(planned.bill)] += 1
                    guard let reason = reasons[number] else {
                        result.find("on a list without a reason", name)
                        break
                    }
                    result.listed[reason, default: 0] += 1
                    if record.state == .rejected,
                        !mayReject(bills[Int(planned.bill)], reason, acceptedIn, file: place)
                    {
                        result.find("a good record was rejected", name)
                    }
                default:
                    result.find("a record is not what it should be (\(planned.fate))", name)
                    if planned.bill >= 0 { onList[Int(planned.bill)] += 1 }
                }
            }
        }
        for (index, bill) in bills.enumerated() {
            let copies = Int(bill.copies)
            if booked[index] > copies {
                result.bookedTwice += booked[index] - copies
                result.find("BOOKED TWICE", "\(bill.key): \(booked[index]) times")
            }
            if accepted[index] > booked[index] {
                result.lost += accepted[index] - booked[index]
                result.find("LOST: accepted, and not in the books", bill.key)
            }
            if booked[index] > accepted[index] + open[index] {
                result.find("in the books, and the ledger does not know", bill.key)
            }
            if accepted[index] < copies, onList[index] + open[index] == 0 {
                result.lost += copies - accepted[index]
                result.find("LOST: neither booked nor on a list", bill.key)
            }
            // Of equal returns one may be parked while the others are booked.
            if onList[index] > 0, booked[index] < copies { parked[bill.number] = nil }
        }
        for (number, _) in parked {
            result.find("in the server's queue, and not parked in the ledger", number)
        }
        return result
    }

    /// Whether the server may have said no to a good record: by a fault that refuses it, or to a return
    /// whose sale did not land before it. Within a run the sale has to go first.
    private static func mayReject(
        _ bill: Bill, _ reason: LedgerAccount.Reason, _ acceptedIn: [Int32], file: Int
    ) -> Bool {
        switch reason.serverCode {
        case 400, 403, 1060: true
        case 625, 688: bill.original >= 0 && acceptedIn[Int(bill.original)] != Int32(file)
        default: false
        }
    }
}

extension LedgerAccount.Reason {
    fileprivate static let none = LedgerAccount.Reason(code: "none", serverCode: nil)
}
