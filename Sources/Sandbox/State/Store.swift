/// What was done to anything that is no bill: changes of bills, stores, cards, badges.
///
/// A thing is found by its shelf and its key. To set it again changes it; to add it again makes a
/// second one of the same key, and that is counted, so that a test can ask how often a record was done.
struct Store {
    enum Collection: UInt8, CaseIterable {
        case billChanges = 1
        case stores, badges, cards, cardChanges, customers, products, labels, enrolments, coupons
        /// Of every ``PlainCall``.
        case calls
        /// Item codes and payment modes that are known from then on, by the word of a person.
        case mended
        /// Customers enrolled for badges.
        case badgeEnrolments
        /// The ids of requests that are taken once.
        case requestIDs
        /// Calls that generated cards.
        case cardBatches
        /// Codes of coupons that came in a file; the files themselves; what was redeemed elsewhere.
        case codes, couponFiles, redeemFiles, redemptions

        var name: String { "\(self)" }
    }

    struct Thing {
        var id: Int64
        var collection: Collection
        var key: [UInt8]
        /// As it is now: a JSON object.
        var content: [UInt8]
        /// When it was last touched, in milliseconds since 1970.
        var at: Int64
        /// How often it was added or set.
        var deeds: Int
    }

    /// Of one shelf.
    struct Count {
        var things = 0
        var deeds = 0
        /// Things added beyond the first of their key and content.
        var surplus = 0
    }

    private struct Key: Hashable {
        var collection: Collection
        var key: [UInt8]
    }

    private(set) var things: [Thing] = []
    private(set) var counts: [Collection: Count] = [:]
    private var byKey: [Key: [Int]] = [:]

    static let firstID: Int64 = 60_001

    /// The id that the next thing gets.
    var nextID: Int64 { Store.firstID + Int64(things.count) }

    mutating func apply(_ write: Write) {
        var count = counts[write.collection] ?? Count()
        count.deeds += 1
        let index = Int(write.id - Store.firstID)
        if things.indices.contains(index) {
            things[index].content = write.content
            things[index].at = write.at
            things[index].deeds += 1
        } else {
            let key = Key(collection: write.collection, key: write.key)
            if byKey[key]?.contains(where: { things[$0].content == write.content }) == true {
                count.surplus += 1
            }
            byKey[key, default: []].append(things.count)
            count.things += 1
            things.append(
                Thing(
                    id: nextID, collection: write.collection, key: write.key, content: write.content,
                    at: write.at,
                    deeds: 1))
        }
        counts[write.collection] = count
    }

    /// The things of a key, the oldest first.
    func find(_ collection: Collection, _ key: some Sequence<UInt8>) -> [Thing] {
        (byKey[Key(collection: collection, key: Array(key))] ?? []).map { things[$0] }
    }

    func first(_ collection: Collection, where isWanted: (Thing) -> Bool) -> Thing? {
        things.first { $0.collection == collection && isWanted($0) }
    }

    func all(_ collection: Collection) -> [Thing] { things.filter { $0.collection == collection } }
}

/// One thing done: added, or set again under the id it has.
struct Write: Equatable {
    var collection: Store.Collection
    var id: Int64
    var key: [UInt8]
    var content: [UInt8]
    /// Milliseconds since 1970.
    var at: Int64

    func pack(into out: inout [UInt8]) {
        out.append(collection.rawValue)
        out.add(signed: id)
        out.add(counted: key)
        out.add(counted: content)
        out.add(signed: at)
    }

    static func unpack(_ bytes: [UInt8], at: inout Int) -> Write? {
        guard at < bytes.count, let collection = Store.Collection(rawValue: bytes[at]) else {
            return nil
        }
        at += 1
        guard let id = bytes.signed(at: &at), let key = bytes.counted(at: &at),
            let content = bytes.counted(at: &at), let time = bytes.signed(at: &at)
        else { return nil }
        return Write(
            collection: collection, id: id, key: Array(bytes[key]), content: Array(bytes[content]),
            at: time)
    }
}
