import Foundation
import Model
import Testing

@testable import Catalog

/// Answers for any listing as its paging and its places say, over this many items.
struct ListingServer {
    enum Habit: CaseIterable {
        case plain
        /// Numbers and truths as texts, a list of one as an object.
        case older
        /// Where a start may be an id, it is one; where an offset may count pages, it does.
        case otherReading
    }

    let listing: Listing
    var count: Int
    var habit = Habit.plain
    /// What each item holds beside its id.
    var content: [String: Any] = [:]

    func id(_ index: Int) -> String { String(10_001 + index) }

    func answer(_ request: Request) -> Reply {
        let said = parameters(request)
        let paging = listing.paging
        let size = paging.size.flatMap { said[$0.name].flatMap(Int.init) } ?? max(count, 1)
        let range: Range<Int>
        switch paging.step {
        case .whole: range = 0..<(paging.size == nil ? count : min(count, size))
        case .rows(let name):
            var start = Int(said[name] ?? "") ?? 0
            if habit == .otherReading, paging.mayCountPages { start *= size }
            range = clamp(start, size)
        case .pages(let name, let from):
            range = clamp(((Int(said[name] ?? "") ?? 0) - from) * size, size)
        case .start(let name):
            let start = Int(said[name] ?? "") ?? 0
            let isID = start > 10_000 || habit == .otherReading
            range = clamp(isID ? max(0, start - 10_000) : start, size)
        }
        return reply(200, text(document(range, size)))
    }

    func document(_ range: Range<Int>, _ size: Int) -> Any {
        let rows = range.map(item)
        let path = (listing.items.first ?? []).map { $0 == "*" ? "list" : $0 }
        let value: Any = habit == .older && rows.count == 1 ? rows[0] : rows
        guard !path.isEmpty else { return value }
        var root: [String: Any] = [:]
        set(&root, path, value)
        let paging = listing.paging
        set(&root, paging.total, number(count))
        set(&root, paging.pageCount, number((count + size - 1) / size))
        set(&root, paging.echoedSize, number(size))
        let isLast = range.upperBound >= count
        set(&root, paging.last, habit == .older ? String(isLast) : isLast)
        return root
    }

    private func item(_ index: Int) -> [String: Any] {
        var item = content
        for (place, name) in (listing.id.first ?? []).enumerated() {
            let path = name.split(separator: ".").map(String.init)
            set(&item, path, place == 0 ? id(index) : "x")
        }
        if listing.id.isEmpty { item["thing"] = id(index) }
        return item
    }

    private func number(_ value: Int) -> Any { habit == .older ? String(value) : value }

    private func clamp(_ start: Int, _ size: Int) -> Range<Int> {
        let from = min(max(0, start), count)
        return from..<min(count, from + size)
    }

    private func set(_ object: inout [String: Any], _ path: [String], _ value: Any) {
        guard let first = path.first else { return }
        guard path.count > 1 else { return object[first] = value }
        var inner = object[first] as? [String: Any] ?? [:]
        set(&inner, Array(path.dropFirst()), value)
        object[first] = inner
    }

    private func text(_ value: Any) -> String {
        String(decoding: (try? JSONSerialization.data(withJSONObject: value)) ?? Data(), as: UTF8.self)
    }

    /// What a request says, in its query or its body.
    private func parameters(_ request: Request) -> [String: String] {
        if listing.paging.isInBody {
            let body = try? JSONSerialization.jsonObject(with: Data(request.body))
            return (body as? [String: Any] ?? [:]).mapValues { "\($0)" }
        }
        let query = request.target.split(separator: "?", maxSplits: 1).dropFirst().first ?? ""
        let pairs = query.split(separator: "&").map { $0.split(separator: "=", maxSplits: 1) }
        return Dictionary(
            pairs.map { (String($0[0]), String($0.count > 1 ? $0[1] : "")) }, uniquingKeysWith: { $1 })
    }
}
