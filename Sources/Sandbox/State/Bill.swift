/// What a transaction is. Source: API reference, "Add/Return Transaction in Bulk".
enum BillKind: UInt8, CaseIterable {
    case regular, `return`, notInterested, notInterestedReturn

    var name: StaticString {
        switch self {
        case .regular: "REGULAR"
        case .return: "RETURN"
        case .notInterested: "NOT_INTERESTED"
        case .notInterestedReturn: "NOT_INTERESTED_RETURN"
        }
    }

    var isReturn: Bool { self == .return || self == .notInterestedReturn }
    var isNotInterested: Bool { self == .notInterested || self == .notInterestedReturn }
    /// The kind of the bill that a return of this kind gives back.
    var original: BillKind { self == .notInterestedReturn ? .notInterested : .regular }
}

enum ReturnKind: UInt8, CaseIterable {
    case none, amount, full, lineItem, cancelled

    var name: StaticString {
        switch self {
        case .none: ""
        case .amount: "AMOUNT"
        case .full: "FULL"
        case .lineItem: "LINE_ITEM"
        case .cancelled: "CANCELLED"
        }
    }
}

/// Where a bill is booked. A till belongs to the store in its code, `till.STORE.1`; in any other
/// form of code the store has the till's.
struct Place: Equatable {
    var isTill: Bool
    var code: [UInt8]

    init(till code: String) {
        isTill = true
        self.code = Array(code.utf8)
    }

    init(isTill: Bool, code: [UInt8]) {
        self.isTill = isTill
        self.code = code
    }

    var till: [UInt8] { isTill ? code : Array("till.".utf8) + code + Array(".1".utf8) }

    var store: [UInt8] {
        guard isTill, code.starts(with: "till.".utf8), let dot = code.lastIndex(of: UInt8(ascii: ".")),
            dot > 4
        else { return code }
        return Array(code[5..<dot])
    }
}

/// A line of a bill: an item, how many, for how much.
struct BillLine: Equatable {
    /// Into ``BillDraft/text``.
    var code: Range<Int>
    var quantity: Int64
    var amount: Int64
}

/// A bill on its way into the books, or one taken out of them. Reused from item to item; its texts
/// are ranges of one buffer.
struct BillDraft {
    var text: [UInt8] = []
    var number = 0..<0
    var kind = BillKind.regular
    var returnKind = ReturnKind.none
    var identifierType: UInt8 = 0
    var identifier = 0..<0
    var customer: Int64 = 0
    var source: UInt8 = 0
    var amount: Int64 = 0
    var gross: Int64 = 0
    var discount: Int64 = 0
    var billed = BillDate(seconds: 0)
    /// Of a return: when the original was billed.
    var purchased: Int64?
    /// Of a return: the original's id, 0 where it is not known.
    var original: Int64 = 0
    var lines: [BillLine] = []
    var placeIsTill = true
    var place = 0..<0
    /// Milliseconds since 1970.
    var booked: Int64 = 0
    /// Equal for bills of equal content.
    var identity: UInt64 = 0

    mutating func reset() {
        text.removeAll(keepingCapacity: true)
        number = 0..<0
        kind = .regular
        returnKind = .none
        identifierType = 0
        identifier = 0..<0
        customer = 0
        source = 0
        amount = 0
        gross = 0
        discount = 0
        billed = BillDate(seconds: 0)
        purchased = nil
        original = 0
        lines.removeAll(keepingCapacity: true)
        placeIsTill = true
        place = 0..<0
        booked = 0
        identity = 0
    }

    /// Copies text in, giving its range.
    mutating func hold(_ bytes: some Collection<UInt8>) -> Range<Int> {
        let start = text.count
        text.append(contentsOf: bytes)
        return start..<text.count
    }

    func placeValue() -> Place { Place(isTill: placeIsTill, code: Array(text[place])) }

    mutating func sealIdentity() {
        var digest = Digest()
        digest.add(text, number)
        digest.add(text, place)
        digest.add(text, identifier)
        digest.add(Int64(kind.rawValue) << 16 | Int64(returnKind.rawValue) << 8 | Int64(identifierType))
        digest.add(billed.seconds)
        digest.add(amount)
        for line in lines {
            digest.add(text, line.code)
            digest.add(line.quantity)
            digest.add(line.amount)
        }
        identity = digest.final
    }

    /// The packed form, which is also the journal's. The number comes first, so that looking a bill
    /// up unpacks nothing else.
    func pack(into out: inout [UInt8]) {
        out.add(counted: text, number)
        out.append(
            kind.rawValue | returnKind.rawValue << 2 | (billed.offsetMinutes != nil ? 0x20 : 0)
                | (placeIsTill ? 0x40 : 0) | (purchased != nil ? 0x80 : 0))
        out.append(identifierType | source << 4)
        out.add(signed: booked)
        out.add(signed: billed.seconds)
        if let offset = billed.offsetMinutes { out.add(signed: Int64(offset)) }
        if let purchased {
            out.add(signed: purchased)
            out.add(varint: UInt64(max(0, original)))
        }
        out.add(signed: amount)
        out.add(signed: gross)
        out.add(signed: discount)
        for shift in stride(from: 0, to: 64, by: 8) {
            out.append(UInt8(truncatingIfNeeded: identity >> shift))
        }
        out.add(varint: UInt64(customer))
        out.add(counted: text, identifier)
        out.add(counted: text, place)
        out.add(varint: UInt64(lines.count))
        for line in lines {
            out.add(counted: text, line.code)
            out.add(signed: line.quantity)
            out.add(signed: line.amount)
        }
    }

    /// Takes out what ``pack(into:)`` put in.
    ///
    /// - Returns: Where the next one begins; nil if the bytes are no bill.
    mutating func unpack(_ bytes: [UInt8], at start: Int) -> Int? {
        reset()
        var at = start
        guard let number = bytes.counted(at: &at), at + 2 <= bytes.count else { return nil }
        self.number = hold(bytes[number])
        let flags = bytes[at]
        let origin = bytes[at + 1]
        at += 2
        guard let kind = BillKind(rawValue: flags & 3),
            let returnKind = ReturnKind(rawValue: flags >> 2 & 7),
            let booked = bytes.signed(at: &at), let seconds = bytes.signed(at: &at)
        else { return nil }
        self.kind = kind
        self.returnKind = returnKind
        placeIsTill = flags & 0x40 != 0
        identifierType = origin & 15
        source = origin >> 4
        self.booked = booked
        billed = BillDate(seconds: seconds)
        if flags & 0x20 != 0 {
            guard let offset = bytes.signed(at: &at) else { return nil }
            billed.offsetMinutes = Int(offset)
        }
        if flags & 0x80 != 0 {
            guard let purchased = bytes.signed(at: &at), let original = bytes.varint(at: &at) else {
                return nil
            }
            self.purchased = purchased
            self.original = Int64(original)
        }
        guard let amount = bytes.signed(at: &at), let gross = bytes.signed(at: &at),
            let discount = bytes.signed(at: &at), at + 8 <= bytes.count
        else { return nil }
        self.amount = amount
        self.gross = gross
        self.discount = discount
        for index in 0..<8 { identity |= UInt64(bytes[at + index]) << UInt64(index * 8) }
        at += 8
        guard let customer = bytes.varint(at: &at), let identifier = bytes.counted(at: &at),
            let place = bytes.counted(at: &at), let count = bytes.varint(at: &at)
        else { return nil }
        self.customer = Int64(customer)
        self.identifier = hold(bytes[identifier])
        self.place = hold(bytes[place])
        for _ in 0..<count {
            guard let code = bytes.counted(at: &at), let quantity = bytes.signed(at: &at),
                let amount = bytes.signed(at: &at)
            else { return nil }
            lines.append(BillLine(code: hold(bytes[code]), quantity: quantity, amount: amount))
        }
        return at
    }
}
