/// What a fresh stand-in holds already, so that there is something to read: the same for a number.
enum Seed {
    /// 2026-01-01, in milliseconds since 1970.
    static let born: Int64 = 1_767_225_600_000

    static let towns = [
        "Leeds", "York", "Łódź", "Pune", "Bradford, West", "Kraków", "Jaipur", "Hull", "Mysuru", "Ely",
    ]

    /// Stores, customers and badges, as those that were added are kept.
    static func things(_ count: Int, from id: Int64, _ add: (Write) -> Void) {
        var id = id
        func keep(_ collection: Store.Collection, _ key: String, _ text: String, _ index: Int) {
            add(
                Write(
                    collection: collection, id: id, key: Array(key.utf8), content: Array(text.utf8),
                    at: born + Int64(index) * 60_000))
            id += 1
        }
        for index in 0..<count {
            let town = towns[index % towns.count]
            keep(
                .stores, "seed_\(index + 1)",
                #"{"code":"seed_\#(index + 1)","name":"\#(town) \#(index + 1)","type":"STORE","#
                    + #""isActive":\#(index % 17 == 0 ? "false" : "true"),"externalIds":["ERP-\#(10_000 + index)"],"#
                    + #""email":"store\#(index + 1)@example.org"}"#, index)
        }
        for index in 0..<count {
            let mobile = Seed.mobile(index)
            keep(
                .customers, "mobile:" + mobile,
                #"{"profiles":[{"firstName":"Ada \#(index)","lastName":"\#(towns[index % towns.count])","source":"INSTORE","#
                    + #""fields":{"segment":"\#(["A", "B", "C"][index % 3])"},"identifiers":[{"type":"mobile","value":"\#(mobile)"},"#
                    + #"{"type":"email","value":"ada\#(index)@example.org"}]}],"loyaltyInfo":{"loyaltyType":"loyalty"},"#
                    + #""extendedFields":{"city":"\#(towns[index % towns.count])"}}"#, index)
        }
        for index in stride(from: 0, to: count, by: 2) {
            let customer = customerID(index)
            let badge = "65f0aa00000000000000000\(index % 3)"
            let earned = born / 1000 + Int64(index) * 3600
            keep(
                .badges, "\(customer)/\(badge)",
                #"{"badgeMetaId":"\#(badge)","customerId":\#(customer),"earnedOn":\#(earned),"expiresOn":\#(earned + 31_536_000)}"#,
                index)
        }
    }

    static func mobile(_ index: Int) -> String { "91" + String(9_000_000_001 + index) }

    static func customerID(_ index: Int) -> Int64 {
        let mobile = Array(Seed.mobile(index).utf8)
        return Customers.id(type: 0, mobile, mobile.indices) ?? 0
    }

    /// A bill of every customer but each fifth, some of them with returned goods.
    static func bills(_ count: Int, _ book: (BillDraft) -> Void) {
        var bill = BillDraft()
        for index in 0..<count {
            // The first customers have many.
            let customer = index % 7 == 0 ? index % 5 : index
            let mobile = Seed.mobile(customer)
            bill.reset()
            bill.number = bill.hold("SB-\(100_000 + index)".utf8)
            bill.identifierType = 0
            bill.identifier = bill.hold(mobile.utf8)
            bill.customer = customerID(customer)
            bill.placeIsTill = true
            bill.place = bill.hold("till.seed_\(index % 40 + 1).1".utf8)
            bill.billed = BillDate(seconds: born / 1000 + Int64(index) * 97)
            bill.billed.offsetMinutes = 330
            bill.booked = bill.billed.seconds * 1000
            var total: Int64 = 0
            for line in 0...index % 3 {
                let amount = Int64(index % 90 + 1) * Micros.one * Int64(line + 1)
                bill.lines.append(
                    BillLine(
                        code: bill.hold("SKU-\((index + line) % 500)".utf8),
                        quantity: Int64(line + 1) * Micros.one, amount: amount))
                total += amount
            }
            bill.amount = total
            bill.gross = total
            bill.sealIdentity()
            book(bill)
        }
    }
}
