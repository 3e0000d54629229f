/// How a listing hands its items over. The API has fourteen schemes for it; each is one of the values
/// in `Paging+Schemes.swift`, made of the few parts here.
package struct Paging: Sendable, Equatable {
    /// What the position in a request counts.
    package enum Step: Sendable, Equatable {
        /// One reply has all there is, or all that can be had.
        case whole
        /// Rows before this page, from 0.
        case rows(String)
        /// Pages, the first of that number.
        case pages(String, from: Int)
        /// Records after this one. Unconfirmed: an offset or an id. It is taken for an
        /// offset, and for an id once that brings nothing new.
        case start(String)
    }

    /// How many items a page may have: how the request says it, and the most that the API allows.
    package struct Size: Sendable, Equatable {
        /// The parameter.
        package var name: String
        /// Items; every request has it.
        package var most: Int
    }

    /// What moves a request on.
    package var step: Step
    /// Nil where the request does not say.
    package var size: Size?
    /// Where a reply tells how many there are in all.
    var total: [String] = []
    /// Where it tells how many pages there are.
    var pageCount: [String] = []
    /// Where it says that it is the last.
    var last: [String] = []
    /// Where it repeats how many a page may have.
    var echoedSize: [String] = []
    /// Unconfirmed: whether rows or pages are counted. The second request asks for the last row of
    /// the first page once more: where it does not come, pages are counted.
    package var mayCountPages = false
    /// Position and size stand in the body, which is an object.
    package var isInBody = false
    /// Rows beyond one page cannot be reached: a full page says that there may be more.
    package var isCut = false

    /// Where in a listing a request begins.
    package struct Position: Sendable, Equatable, Codable {
        /// Rows or pages, as the step counts them.
        package var count: Int
        /// Records after the one of this id.
        package var after: String?
        /// Whether rows are counted by the page after all; nil where that may be and is not known yet.
        package var countsPages: Bool?
        /// Rows that have come before and are requested once more.
        package var overlap: Int?
        /// The page that has come before its turn, when it was found out what is counted.
        package var probed: Int?

        package init(
            count: Int, after: String? = nil, countsPages: Bool? = nil, overlap: Int? = nil,
            probed: Int? = nil
        ) {
            self.count = count
            self.after = after
            self.countsPages = countsPages
            self.overlap = overlap
            self.probed = probed
        }
    }

    /// What one page told.
    package struct Facts: Sendable, Equatable {
        /// Items of the page.
        package var rows: Int
        /// Items of the whole listing; nil: not told, as for all that follow.
        package var total: Int?
        /// Pages of the whole listing.
        package var pageCount: Int?
        /// The reply says itself whether more follows.
        package var isLast: Bool?
        /// How many items a page may have, as the reply repeats it.
        package var size: Int?

        package init(
            rows: Int, total: Int? = nil, pageCount: Int? = nil, isLast: Bool? = nil, size: Int? = nil
        ) {
            self.rows = rows
            self.total = total
            self.pageCount = pageCount
            self.isLast = isLast
            self.size = size
        }
    }

    /// What comes after a page.
    package enum Next: Sendable, Equatable {
        case more(Position)
        case end
        /// The listing ends before its total, or gives the same page again.
        case short(String)
        /// A full page of a listing that can show no other.
        case cut
    }

    /// Where a walk begins.
    package var first: Position {
        switch step {
        case .pages(_, let from): Position(count: from)
        case .whole, .rows, .start: Position(count: 0)
        }
    }

    /// The parameters of a request at a position.
    package func parameters(at position: Position, size asked: Int?) -> [(String, String)] {
        var parameters: [(String, String)] = []
        if let size { parameters.append((size.name, String(min(asked ?? size.most, size.most)))) }
        switch step {
        case .whole: break
        case .rows(let name), .pages(let name, _): parameters.append((name, String(position.count)))
        case .start(let name): parameters.append((name, position.after ?? String(position.count)))
        }
        return parameters
    }

    /// Where to continue after a page.
    ///
    /// - Parameters:
    ///   - seen: How many different items the listing has given so far, this page included.
    ///   - fresh: How many of this page's were not given before.
    ///   - lastID: Of the page's last item.
    package func next(
        after position: Position, _ page: Facts, asked: Int?, seen: Int, fresh: Int, lastID: String?
    ) -> Next {
        let limit = size.map { min(asked ?? $0.most, $0.most) }
        if case .whole = step {
            if let total = page.total, total > page.rows {
                return isCut ? .cut : .short("a reply had \(page.rows) of \(total)")
            }
            guard isCut, let limit else { return .end }
            return page.rows >= limit ? .cut : .end
        }
        if page.isLast == true { return .end }
        // A full page whose total is its own length may tell the one for the other.
        let mayBeMore = page.rows == page.total && page.rows >= limit ?? .max && page.pageCount == nil
        if let total = page.total, seen >= total, !mayBeMore { return .end }
        if mayCountPages, position.countsPages == nil, page.rows > 0 || position.overlap != nil,
            let next = probe(position, page, fresh: fresh)
        {
            return next
        }
        if page.rows == 0 {
            guard let total = page.total, seen < total else { return .end }
            return .short("it ended at \(seen) of \(total)")
        }
        if fresh == 0 {
            if position.countsPages == true, position.probed == position.count {
                return .more(after(position, page))
            }
            if case .start = step, position.after == nil, let lastID {
                return .more(Position(count: position.count, after: lastID))
            }
            return .short("a page came a second time, after \(seen) items")
        }
        switch step {
        case .whole: return .end
        case .pages(_, let from):
            let number = position.count - from + 1
            if let count = page.pageCount, number >= count {
                return page.total.map { seen >= $0 } ?? true
                    ? .end : .short("its \(count) pages had \(seen) of \(page.total ?? 0)")
            }
            return .more(Position(count: position.count + 1))
        case .rows:
            if page.total == nil, let size = page.size, page.rows < size { return .end }
            return .more(after(position, page))
        case .start:
            if position.after != nil, let lastID { return .more(Position(count: 0, after: lastID)) }
            return .more(Position(count: position.count + page.rows))
        }
    }

    private func after(_ position: Position, _ page: Facts) -> Position {
        var next = position
        next.overlap = nil
        next.count += position.countsPages == true ? 1 : page.rows
        return next
    }

    /// Finds out whether rows are counted or pages; nil where the page is read as any other.
    private func probe(_ position: Position, _ page: Facts, fresh: Int) -> Next? {
        guard let overlap = position.overlap else {
            if page.total == nil, let size = page.size, page.rows < size { return nil }
            // Pages of one row are counted alike.
            return page.rows > 1
                ? .more(Position(count: page.rows - 1, overlap: 1))
                : .more(Position(count: page.rows, countsPages: false))
        }
        guard fresh < page.rows else {
            return .more(Position(count: 1, countsPages: true, probed: position.count))
        }
        // The row requested once more is all there is, or the same page came again.
        if fresh == 0 { return page.rows == overlap && page.total == nil ? .end : nil }
        var next = after(position, page)
        next.countsPages = false
        return .more(next)
    }
}
