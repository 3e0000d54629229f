/// Every booked bill, found by number and by id.
///
/// A bill is packed into about a hundred bytes of large pages; beside them stand, per bill, its
/// place (8 bytes), the hash of its number (4) and the bill before it with the same number (4), and
/// one open-addressed table of the latest bill of each number. Nothing is ever removed.
struct Books {
    static let firstID: Int64 = 700_000_001

    private var pages: [[UInt8]] = []
    /// Page and offset of each bill.
    private var places: [UInt64] = []
    private var hashes: [UInt32] = []
    /// Index + 1 of the earlier bill of the same number; 0: none.
    private var earlier: [UInt32] = []
    /// Index + 1 of the latest bill of a number; 0: free. A power of two long.
    private var table: [UInt32] = Array(repeating: 0, count: 1 << 12)
    private var numbers = 0

    /// Bills booked more than once with equal content: how many such, and how many bookings beyond
    /// the first.
    private(set) var duplicated = 0
    private(set) var surplus = 0
    /// The numbers of bills that were booked more than once, the first thousand of them.
    private(set) var duplicateNumbers: [[UInt8]] = []

    var count: Int { places.count }

    private static let pageSize = 1 << 20

    /// Books a bill.
    ///
    /// - Returns: Its id.
    mutating func add(_ bill: BillDraft) -> Int64 {
        var last = pages.count - 1
        if last < 0 || pages[last].count + 512 > Books.pageSize {
            pages.append([])
            last += 1
            pages[last].reserveCapacity(Books.pageSize)
        }
        let offset = pages[last].count
        bill.pack(into: &pages[last])
        return enter(bill, page: last, offset: offset)
    }

    /// The packed form of the bill of that id, appended to `out`.
    func copy(_ id: Int64, into out: inout [UInt8], using scratch: inout BillDraft) {
        guard let (page, offset) = place(of: id), let end = scratch.unpack(pages[page], at: offset)
        else { return }
        out.append(contentsOf: pages[page][offset..<end])
    }

    private mutating func enter(_ bill: BillDraft, page: Int, offset: Int) -> Int64 {
        let hash = Books.hash(bill.text, bill.number)
        let index = places.count
        let slot = self.slot(of: hash, bill.text, bill.number)
        let previous = table[slot]
        var equal = 0
        var walk = previous
        while walk != 0 {
            let other = Int(walk - 1)
            if identity(of: other) == bill.identity { equal += 1 }
            walk = earlier[other]
        }
        if equal > 0 {
            surplus += 1
            if equal == 1 {
                duplicated += 1
                if duplicateNumbers.count < 1000 {
                    duplicateNumbers.append(Array(bill.text[bill.number]))
                }
            }
        }
        places.append(UInt64(page) << 32 | UInt64(offset))
        hashes.append(hash)
        earlier.append(previous)
        table[slot] = UInt32(index + 1)
        if previous == 0 {
            numbers += 1
            if numbers * 2 > table.count { grow() }
        }
        return Books.firstID + Int64(index)
    }

    /// Takes the bill of that id out into `bill`.
    func read(_ id: Int64, into bill: inout BillDraft) -> Bool {
        guard let (page, offset) = place(of: id) else { return false }
        return bill.unpack(pages[page], at: offset) != nil
    }

    /// The ids of the bills of a number, the latest first.
    func ids(_ bytes: [UInt8], _ range: Range<Int>) -> [Int64] {
        var result: [Int64] = []
        var walk = table[slot(of: Books.hash(bytes, range), bytes, range)]
        while walk != 0 {
            result.append(Books.firstID + Int64(walk - 1))
            walk = earlier[Int(walk - 1)]
        }
        return result
    }

    /// Whether any bill has that number: the hot path's question.
    func hasNumber(_ bytes: [UInt8], _ range: Range<Int>) -> Bool {
        table[slot(of: Books.hash(bytes, range), bytes, range)] != 0
    }

    /// How many bills have the content of `identity` under that number.
    func count(of identity: UInt64, _ bytes: [UInt8], _ range: Range<Int>) -> Int {
        ids(bytes, range).count { self.identity(of: Int($0 - Books.firstID)) == identity }
    }

    private func place(of id: Int64) -> (page: Int, offset: Int)? {
        let index = id - Books.firstID
        guard index >= 0, index < Int64(places.count) else { return nil }
        let place = places[Int(index)]
        return (Int(place >> 32), Int(place & 0xFFFF_FFFF))
    }

    private func identity(of index: Int) -> UInt64 {
        let page = Int(places[index] >> 32)
        var at = Int(places[index] & 0xFFFF_FFFF)
        return BillDraft.identity(pages[page], at: &at)
    }

    /// The slot of that number, or the free one where it would go.
    private func slot(of hash: UInt32, _ bytes: [UInt8], _ range: Range<Int>) -> Int {
        let mask = table.count - 1
        var slot = Int(hash) & mask
        while table[slot] != 0 {
            let index = Int(table[slot] - 1)
            if hashes[index] == hash, isNumber(of: index, bytes, range) { return slot }
            slot = (slot + 1) & mask
        }
        return slot
    }

    private func isNumber(of index: Int, _ bytes: [UInt8], _ range: Range<Int>) -> Bool {
        let page = Int(places[index] >> 32)
        var at = Int(places[index] & 0xFFFF_FFFF)
        guard let length = pages[page].varint(at: &at), length == UInt64(range.count) else {
            return false
        }
        for step in 0..<range.count where pages[page][at + step] != bytes[range.lowerBound + step] {
            return false
        }
        return true
    }

    private mutating func grow() {
        let old = table
        table = Array(repeating: 0, count: old.count * 2)
        let mask = table.count - 1
        for entry in old where entry != 0 {
            var slot = Int(hashes[Int(entry - 1)]) & mask
            while table[slot] != 0 { slot = (slot + 1) & mask }
            table[slot] = entry
        }
    }

    private static func hash(_ bytes: [UInt8], _ range: Range<Int>) -> UInt32 {
        var digest = Digest()
        digest.add(bytes, range)
        return UInt32(truncatingIfNeeded: digest.final)
    }
}

extension BillDraft {
    /// The identity of a packed bill, unpacking nothing else.
    fileprivate static func identity(_ bytes: [UInt8], at: inout Int) -> UInt64 {
        guard bytes.counted(at: &at) != nil else { return 0 }
        let flags = bytes[at]
        at += 2
        var numbers = 5  // booked, billed, amount, gross, discount
        if flags & 0x20 != 0 { numbers += 1 }
        if flags & 0x80 != 0 { numbers += 2 }
        for _ in 0..<numbers { _ = bytes.varint(at: &at) }
        var identity: UInt64 = 0
        for index in 0..<8 { identity |= UInt64(bytes[at + index]) << UInt64(index * 8) }
        return identity
    }
}
