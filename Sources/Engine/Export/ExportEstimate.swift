package import Catalog
package import Model

/// What an export would take, as far as a few reads of it tell.
package struct ExportEstimate: Sendable, Equatable {
    /// Nil where the listing does not say how many it has.
    package var items: Int?
    /// Requests for pages.
    package var pages: Int
    /// Requests for each item by itself.
    package var details: Int
    /// There may be more; what was counted is what is sure.
    package var isAtLeast = false
    /// Reckoned from a sample of the keys.
    package var isAbout = false
    package var keys: Int?
    /// Reads that were made to find out.
    package var reads: Int

    package var requests: Int { pages + details }

    /// Reads the first page, or the first page of some of the keys.
    ///
    /// - Parameters:
    ///   - sample: Some of the keys, by chance; empty where none are asked by.
    ///   - keys: How many there are.
    /// - Throws: ``Unread`` where no read says anything.
    package static func make(
        _ listing: Listing, _ order: ExportOrder, sample: [String], keys: Int, sender: any Sender,
        environment: Environment
    ) async throws -> ExportEstimate {
        let readClient = ReadClient(sender: sender, environment: environment)
        var reads = 0
        func facts(_ texts: [String], path: Int = 0) async throws -> Paging.Facts {
            let asking = order.asking(listing, keys: texts, from: order.from, to: order.to)
            let request = listing.request(
                asking, at: listing.paging.first, size: order.pageSize, path: path)
            reads += 1
            let answer = await readClient.ask(request)
            guard case .done(let reply) = answer else {
                throw Unread(
                    message: answer.failure?.message ?? "",
                    isAccess: answer.failure?.isAccess ?? false)
            }
            if reply.status == 404, path + 1 < listing.paths.count {
                return try await facts(texts, path: path + 1)
            }
            switch listing.read(reply, key: texts.first, salt: order.salt) {
            case .page(_, let facts): return facts
            case .nothing: return Paging.Facts(rows: 0)
            case .again(let refusal), .refused(let refusal):
                // One key that is refused says nothing of the others.
                if !texts.isEmpty { return Paging.Facts(rows: 0) }
                throw Unread(message: refusal.message, isAccess: false)
            }
        }
        let hasDetails = listing.detail != nil && order.details
        if listing.keys.isEmpty {
            let size = Size(try await facts([]), listing, order)
            return ExportEstimate(
                items: size.isAtLeast ? nil : size.items, pages: size.pages,
                details: hasDetails ? size.items : 0, isAtLeast: size.isAtLeast, reads: reads)
        }
        var items = 0
        var pages = 0
        var isAtLeast = false
        for key in sample {
            let size = Size(try await facts([key]), listing, order)
            items += size.items
            pages += size.pages
            isAtLeast = isAtLeast || size.isAtLeast
        }
        let most = max(1, order.keyKind(of: listing)?.most ?? 1)
        let times = sample.isEmpty ? 0 : Double(keys) / Double(sample.count)
        let all = Int((Double(items) * times).rounded())
        return ExportEstimate(
            items: all,
            pages: max((keys + most - 1) / most, Int((Double(pages) * times).rounded()) / most),
            details: hasDetails ? all : 0, isAtLeast: isAtLeast, isAbout: keys > sample.count,
            keys: keys, reads: reads)
    }

    /// Why nothing can be told.
    package struct Unread: Error {
        package var message: String
        /// These credentials may not read it.
        package var isAccess: Bool
    }

    /// What the first page of a walk says of all its pages.
    private struct Size {
        var items: Int
        var pages: Int
        var isAtLeast = false

        init(_ facts: Paging.Facts, _ listing: Listing, _ order: ExportOrder) {
            items = facts.total ?? facts.rows
            pages = 1
            let most = listing.paging.size.map { min(order.pageSize ?? $0.most, $0.most) }
            guard facts.rows > 0, let most, items > facts.rows || facts.rows >= most else { return }
            // The server may give fewer than it was requested.
            let each = max(1, min(most, facts.rows))
            if let total = facts.total, total > facts.rows {
                pages = (total + each - 1) / each
            } else if facts.total == nil, facts.isLast != true {
                pages = facts.pageCount ?? 2
                isAtLeast = facts.pageCount == nil
            }
        }
    }
}
