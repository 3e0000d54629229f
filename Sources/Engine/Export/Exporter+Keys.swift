import Catalog
import Ledger
import Model

// A listing that is asked by keys: side by side, and written in their order.
extension Exporter {
    struct Walk: Sendable {
        var keys: [(number: Int64, key: String)]
        var items: [PageItem] = []
        var remark: String?
        var isNothing = false
        var refusal: Refusal?
    }

    func walkKeys() async throws {
        let most = max(1, order.keyKind(of: listing)?.most ?? 1)
        try await withThrowingTaskGroup(of: (Int, Walk).self) { group in
            var started = 0
            var delivered = 0
            var arrived: [Int: Walk] = [:]
            var last = place.key
            var queue: ArraySlice<(number: Int64, key: String)> = []
            var refusals = 0
            func next() throws -> [(number: Int64, key: String)] {
                if queue.isEmpty {
                    queue = try ledger.keys(of: row.number, after: last, limit: 1000 * most)[...]
                    last = queue.last?.number ?? last
                }
                defer { queue = queue.dropFirst(most) }
                return Array(queue.prefix(most))
            }
            while true {
                while cause == nil, started - delivered < Self.walksAtOnce {
                    let keys = try next()
                    if keys.isEmpty { break }
                    let number = started
                    started += 1
                    group.addTask { (number, try await self.walk(keys)) }
                }
                guard delivered < started, let (number, walk) = try await group.next() else { break }
                arrived[number] = walk
                while let walk = arrived.removeValue(forKey: delivered) {
                    delivered += 1
                    refusals = walk.refusal == nil ? 0 : refusals + 1
                    if let refusal = walk.refusal, refusals >= 10 {
                        throw ExportStop(.stopped, words(.keysRefused(refusal.message)))
                    }
                    if cause == nil { try await deliver(walk) }
                }
                if cause != nil { group.cancelAll() }
            }
        }
    }

    /// All pages of one key, or of the few that one request takes, piece of time by piece of time.
    private func walk(_ keys: [(number: Int64, key: String)]) async throws -> Walk {
        var walk = Walk(keys: keys)
        var slices = try slices()
        var place = ExportPlace(position: listing.paging.first)
        var seen: Set<String> = []
        var missing: Missing?
        while let slice = slices.next(after: place) {
            if place.from != slice.from || place.to != slice.to {
                place = ExportPlace(position: listing.paging.first)
                place.from = slice.from
                place.to = slice.to
            }
            do {
                try await walkPages(&walk, &place, &slices, &seen)
            } catch let end as Missing {
                missing = end
                // A key that is refused is so at any time.
                if end.isRefusal { break }
            }
            if cause != nil { break }
            slices.finish(&place)
            guard slices.isBounded else { break }
        }
        walk.isNothing = walk.items.isEmpty && (listing.wantsEach || missing != nil)
        if let missing {
            walk.refusal = missing.isRefusal ? missing.refusal : nil
            if walk.isNothing || missing.isRefusal {
                walk.remark = missing.refusal.serverCode.map { "code \($0)" } ?? "nothing"
            }
        }
        walk.items = try await withDetails(walk.items)
        return walk
    }

    /// The pages of one piece of time.
    private func walkPages(
        _ walk: inout Walk, _ place: inout ExportPlace, _ slices: inout TimeSlices,
        _ seen: inout Set<String>
    ) async throws {
        let texts = walk.keys.map(\.key)
        let key = texts.count == 1 ? texts[0] : nil
        var here: Set<String> = []
        while cause == nil {
            let asking = order.asking(
                listing, keys: texts, from: place.from ?? order.from, to: place.to ?? order.to)
            let (items, facts) = try await page(asking, at: place.position, key: key)
            if facts.rows > 0, slices.halve(&place, isFull: isFull(facts)) { continue }
            let count = here.count
            here.formUnion(items.map(\.id))
            for item in items where seen.insert(item.id).inserted { walk.items.append(item) }
            let fresh = here.count - count
            let next = listing.paging.next(
                after: place.position, facts, asked: order.pageSize, seen: here.count, fresh: fresh,
                lastID: items.last?.id)
            let repeats = items.count - fresh - (place.position.overlap ?? 0)
            if let remark = remark(place, facts, repeats, next) { walk.remark = remark }
            place.total = facts.total ?? place.total
            guard case .more(let further) = next else { return }
            place.position = further
        }
    }

    /// Keys of another kind find nothing, thousands of times: the first hundred tell.
    private func noteFruitless(_ walk: Walk) {
        guard !hasFound else { return }
        hasFound = !walk.items.isEmpty
        guard !hasFound, place.key >= Self.fruitless else { return }
        // It is said once.
        hasFound = true
        let subject = listing.subject(of: order.by ?? "").flatMap {
            $0 == .others ? nil : $0.rawValue
        }
        say(words(.keysFruitless(Self.fruitless, subject: subject, by: order.by)))
    }

    /// Keys without anything after which that is said.
    private static let fruitless: Int64 = 100

    private func deliver(_ walk: Walk) async throws {
        let before = place
        place.key = walk.keys.last?.number ?? place.key
        if walk.isNothing { counts.nothing += walk.keys.count }
        noteFruitless(walk)
        let remark = walk.remark.map { "key \(walk.keys[0].number): \($0)" }
        try await deliver(
            walk.items, from: before, total: nil, remark: remark, isQuiet: walk.isNothing)
    }
}
