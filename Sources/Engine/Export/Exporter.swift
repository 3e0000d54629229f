// The way of an item out of the API: ask for a page, read its items, leave out what the file has, append
// the rest, sync the file, note pages and ids in the ledger together with the length of the file. A kill
// between any two of these costs a page at most, which is requested again; the file is cut back to the
// length the ledger knows of. Keys are requested side by side and written in their order, so that a file
// is the same however often it was started.

package import Catalog
import Foundation
package import Ledger
package import Model
import Synchronization

/// One go at an export: from its start, or where it stopped, to the end of the listing.
package actor Exporter {
    let listing: Listing
    let order: ExportOrder
    let row: ExportRow
    let ledger: Ledger
    let asker: Asker
    let environment: Environment
    /// The last finished export of the series, where this one leaves out what that had.
    let former: Int64?
    nonisolated let board = Mutex(ExportProgress())
    var cause: StopReason?
    private var file: ExportFile
    var place: ExportPlace
    // Read, and not committed yet.
    private var pages: [ExportPage] = []
    private var pending: Set<String> = []
    var counts = ExportCounts()
    private var pendingItems = 0
    /// Of the listing's paths the one that is asked, and whether it has answered.
    private var path = 0
    private var pathIsKnown = false
    /// A key has found something, or that none did was said.
    var hasFound = false
    private var lastCommit = ContinuousClock.now
    private var lastRequests = 0

    /// How many walks by key may be under way; how many requests of them are in flight is decided elsewhere.
    static let walksAtOnce = 64

    package init(
        _ listing: Listing, _ order: ExportOrder, row: ExportRow, former: ExportRow?, ledger: Ledger,
        sender: any Sender, rate: Rate?, inFlight: SendSettings.InFlight = .auto(most: 32),
        environment: Environment
    ) throws {
        self.listing = listing
        self.order = order
        self.row = row
        self.ledger = ledger
        self.environment = environment
        self.former = former?.number
        asker = Asker(sender: sender, environment: environment, settings: inFlight, rate: rate)
        file = try ExportFile.open(row.path + ".part", at: row.bytes)
        place =
            row.place.flatMap(ExportPlace.init(json:)) ?? ExportPlace(position: listing.paging.first)
        board.withLock { $0.counts = row.counts }
        hasFound = row.counts.written + row.counts.unchanged > 0
    }

    /// The status, to be asked at any time.
    package nonisolated var progress: ExportProgress { board.withLock { $0 } }

    /// Stops after the pages that are under way.
    package func stop(_ cause: StopReason) { if self.cause == nil { self.cause = cause } }

    /// Reads all there is, into the `.part` file.
    ///
    /// - Throws: ``LedgerError``, or an error of files.
    package func run() async throws -> ExportOutcome {
        if !place.isDone {
            do {
                if listing.keys.isEmpty { try await walkTime() } else { try await walkKeys() }
            } catch let stop as ExportStop {
                self.stop(stop.cause)
            }
            if cause == nil { place.isDone = true }
        }
        try await commit()
        board.withLock { $0.inFlight = 0 }
        return ExportOutcome(cause: cause, counts: progress.counts, notes: progress.notes)
    }

    // MARK: A listing that gives all by itself

    private func walkTime() async throws {
        var slices = try slices()
        while let slice = slices.next(after: place) {
            if place.from != slice.from || place.to != slice.to {
                place = ExportPlace(position: listing.paging.first)
                place.from = slice.from
                place.to = slice.to
            }
            try await walkPages(&slices)
            if cause != nil { return }
            place.position = listing.paging.first
            slices.finish(&place)
            guard slices.isBounded else { return }
        }
    }

    func slices() throws -> TimeSlices { TimeSlices(listing.span, order) }

    private func walkPages(_ slices: inout TimeSlices) async throws {
        while cause == nil {
            let asking = order.asking(listing, keys: [], from: place.from, to: place.to)
            let (items, facts) = try await page(asking, at: place.position, key: nil)
            if facts.rows > 0, slices.halve(&place, isFull: isFull(facts)) { continue }
            let ids = items.map(\.id)
            let known = try ledger.digests(of: ids, in: row.number)
            let fresh = Set(ids).count { known[$0] == nil && !pending.contains($0) }
            let former = place
            place.seen += fresh
            let next = listing.paging.next(
                after: place.position, facts, asked: order.pageSize, seen: place.seen, fresh: fresh,
                lastID: ids.last)
            let whole = try await withDetails(items)
            let repeats = ids.count - fresh - (former.position.overlap ?? 0)
            let remark = remark(former, facts, repeats, next)
            place.total = facts.total ?? place.total
            if case .more(let position) = next { place.position = position }
            try await deliver(whole, from: former, total: facts.total, remark: remark)
            guard case .more = next else { return }
        }
    }

    /// A page of a listing that shows no second one, and has more.
    func isFull(_ facts: Paging.Facts) -> Bool {
        guard listing.paging.isCut, let size = listing.paging.size else { return false }
        return facts.rows >= min(order.pageSize ?? size.most, size.most)
    }

    func remark(
        _ place: ExportPlace, _ facts: Paging.Facts, _ repeats: Int, _ next: Paging.Next
    ) -> String? {
        var remarks: [EngineNote.Export] = []
        if let before = place.total, let now = facts.total, before != now {
            remarks.append(.totalChanged(from: before, to: now))
        }
        if repeats > 0 { remarks.append(.repeats(repeats)) }
        switch next {
        case .short(let what): remarks.append(.shorter(what))
        case .cut: remarks.append(.cut)
        case .more, .end: break
        }
        return remarks.isEmpty ? nil : remarks.map { words($0) }.joined(separator: "; ")
    }

    nonisolated func words(_ note: EngineNote.Export) -> String { environment.words(.export(note)) }

    // MARK: Asking

    /// Nothing is under a key.
    struct Missing: Error {
        let refusal: Refusal
        let isRefusal: Bool
    }

    func page(
        _ asking: Asking, at position: Paging.Position, key: String?
    ) async throws -> ([PageItem], Paging.Facts) {
        let isKeyed = !asking.keys.isEmpty
        let reading = try await reading(asking, at: position, key: key)
        switch reading {
        case .page(let items, let facts):
            if let filter = listing.ignoredFilter(items, asking) {
                say(words(.filterIgnored(name: filter.name, value: filter.value)))
            }
            return (items, facts)
        case .nothing(let refusal) where isKeyed: throw Missing(refusal: refusal, isRefusal: false)
        case .nothing: return ([], Paging.Facts(rows: 0))
        case .refused(let refusal) where isKeyed: throw Missing(refusal: refusal, isRefusal: true)
        case .refused(let refusal):
            let paths = path > 0 && !pathIsKnown ? listing.paths : []
            throw ExportStop(.stopped, words(.refused(refusal.message, paths: paths)))
        case .again(let refusal): throw ExportStop(.passing, refusal.message)
        }
    }

    /// What a page says, at the first of the listing's paths that is there.
    ///
    /// Source: Rejected queue, Paths.
    private func reading(
        _ asking: Asking, at position: Paging.Position, key: String?
    ) async throws -> PageReading {
        while true {
            let asked = path
            var status = 0
            let request = listing.request(
                asking, at: position, size: order.pageSize, path: asked)
            let reading = try await answer(to: request) { [listing, order] in
                status = $0.status
                return listing.read($0, key: key, salt: order.salt)
            }
            guard status == 404, !pathIsKnown else {
                pathIsKnown = true
                return reading
            }
            guard asked + 1 < listing.paths.count else { return reading }
            path = asked + 1
        }
    }

    /// A reply that says something, requested a few times where it asks for patience.
    private nonisolated func answer(
        to request: Request, _ read: (Reply) -> PageReading
    ) async throws -> PageReading {
        let answer = await asker.page(request, read)
        if case .done(let reading) = answer { return reading }
        throw ExportStop(
            answer.failure?.isAccess == true ? .authentication : .passing,
            answer.failure?.message ?? "")
    }

    /// Each item as a call of its own shows it, in their order.
    func withDetails(_ items: [PageItem]) async throws -> [PageItem] {
        guard order.details, listing.detail != nil, !items.isEmpty else { return items }
        return try await withThrowingTaskGroup(of: (Int, PageItem).self) { group in
            for (index, item) in items.enumerated() {
                group.addTask { (index, try await self.detailed(item)) }
            }
            var result = items
            for try await (index, item) in group { result[index] = item }
            return result
        }
    }

    private nonisolated func detailed(_ item: PageItem) async throws -> PageItem {
        for request in listing.detailRequests(item) {
            let reading = try await answer(to: request) { [listing, order] in
                listing.readDetail($0, of: item, salt: order.salt)
            }
            switch reading {
            case .page(let items, _): return items.first ?? item
            case .again(let refusal): throw ExportStop(.passing, refusal.message)
            case .nothing, .refused: continue
            }
        }
        say(words(.detailsMissing))
        return item
    }

    // MARK: Writing

    func deliver(
        _ items: [PageItem], from: ExportPlace, total: Int?, remark: String?, isQuiet: Bool = false
    ) async throws {
        let ids = items.map(\.id)
        let known = try ledger.digests(of: ids, in: row.number)
        let before = try former.map { try ledger.digests(of: ids, in: $0) } ?? [:]
        var page = ExportPage(
            at: environment.now(), place: from.json, items: [], total: total, remark: remark)
        for item in items {
            guard known[item.id] == nil, pending.insert(item.id).inserted else {
                counts.repeats += 1
                continue
            }
            page.items.append((item.id, item.digest))
            if before[item.id] == item.digest {
                counts.unchanged += 1
                continue
            }
            try file.append(item.text)
            counts.written += 1
        }
        pages.append(page)
        pendingItems += items.count
        if let remark, !isQuiet { say(remark) }
        if pendingItems >= 500 || ContinuousClock.now - lastCommit >= .milliseconds(250) {
            try await commit()
        }
    }

    private func commit() async throws {
        let requests = await asker.requests
        counts.requests = requests - lastRequests
        let bytes = try file.sync()
        let (pages, counts) = (self.pages, self.counts)
        try await ledger.commit(
            pages, to: row.number, place: place.json, bytes: bytes, counts: counts)
        lastRequests = requests
        board.withLock { $0.counts += counts }
        self.pages = []
        self.counts = ExportCounts()
        pending = []
        pendingItems = 0
        lastCommit = .now
    }

    nonisolated func say(_ note: String) {
        board.withLock { board in
            if board.notes.count < 20, !board.notes.contains(note) { board.notes.append(note) }
        }
    }
}

/// Why an export stops before its end.
struct ExportStop: Error {
    let cause: StopReason

    init(_ condition: RunResult.Condition, _ words: String) { cause = StopReason(condition, words) }
}

/// How far an export is.
package struct ExportProgress: Sendable, Equatable {
    package var counts = ExportCounts()
    package var notes: [String] = []
    package var inFlight = 0
}

/// How one go at an export ended.
package struct ExportOutcome: Sendable, Equatable {
    /// Nil where it came to the end of the listing.
    package var cause: StopReason?
    package var counts: ExportCounts
    package var notes: [String]
}
