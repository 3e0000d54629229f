// The paging schemes of this API under the numbers of the article, each with the caps of its listing as an
// argument.
//
// Source: Listings, Paging schemes.
extension Paging {
    /// All in one reply.
    package static let none = Paging(step: .whole)

    /// P1: `limit` and `offset`, and a `pagination` that tells the total.
    package static func offset(most: Int) -> Paging {
        Paging(
            step: .rows("offset"), size: Size(name: "limit", most: most),
            total: ["pagination", "total"], echoedSize: ["pagination", "limit"])
    }

    /// P1 of a call whose `offset` one page calls the number of a page.
    package static func offsetOrPage(most: Int) -> Paging {
        var paging = offset(most: most)
        paging.mayCountPages = true
        return paging
    }

    /// `limit` and `offset`, and nothing about how many there are: until a page is empty.
    package static func untold(most: Int) -> Paging {
        Paging(step: .rows("offset"), size: Size(name: "limit", most: most))
    }

    /// P2: coupon series. No total; a page that is not full is the last.
    package static func series(most: Int) -> Paging {
        Paging(
            step: .rows("offset"), size: Size(name: "limit", most: most),
            echoedSize: ["pageDetails", "limit"])
    }

    /// P3: the ledger, whose `offset` is the number of a page.
    package static func ledger(most: Int) -> Paging {
        Paging(
            step: .pages("offset", from: 0), size: Size(name: "limit", most: most),
            total: ["ledgerDetails", "totalEntries"], pageCount: ["ledgerDetails", "pageCount"],
            echoedSize: ["ledgerDetails", "pageSize"])
    }

    /// P4: the v1 calls.
    package static func older(most: Int) -> Paging {
        Paging(
            step: .rows("offset"), size: Size(name: "limit", most: most),
            total: ["response", "pagination", "total"], echoedSize: ["response", "pagination", "limit"])
    }

    /// P5: badges.
    package static func badges(most: Int) -> Paging {
        Paging(
            step: .pages("page", from: 0), size: Size(name: "size", most: most),
            total: ["data", "pagination", "total"], pageCount: ["data", "pagination", "totalPages"])
    }

    /// P6: rewards, whose page says itself whether it is the last.
    package static func rewards(most: Int, from: Int = 0, details: String = "pagingDto") -> Paging {
        Paging(
            step: .pages("page", from: from), size: Size(name: "size", most: most),
            total: [details, "totalElements"], last: [details, "last"])
    }

    /// P7: promotions of version 3.
    package static func content(most: Int) -> Paging {
        Paging(
            step: .pages("page", from: 0), size: Size(name: "size", most: most),
            total: ["data", "totalElements"], last: ["data", "last"])
    }

    /// P8: promotions of a member, from 0; the ledger across members, from 1 and inside `entity`.
    package static func details(
        most: Int, page: String, size: String, from: Int, inside: [String]
    ) -> Paging {
        Paging(
            step: .pages(page, from: from), size: Size(name: size, most: most),
            total: inside + ["pageDetails", "totalEntries"],
            pageCount: inside + ["pageDetails", "pageCount"])
    }

    /// P9: the delivery log, from page 1.
    package static func deliveries(most: Int) -> Paging {
        Paging(
            step: .pages("page", from: 1), size: Size(name: "pageSize", most: most),
            total: ["data", "totalElements"], pageCount: ["data", "totalPages"])
    }

    /// P10: labels; their assignments tell the same inside `pagination`.
    package static func labels(most: Int, inside: [String] = []) -> Paging {
        Paging(
            step: .rows("offset"), size: Size(name: "limit", most: most),
            total: inside + ["totalCount"])
    }

    /// P11: what follows a record.
    package static func following(most: Int) -> Paging {
        Paging(
            step: .start("start_id"), size: Size(name: "limit", most: most),
            total: ["response", "pagination", "total"])
    }

    /// P12: position and size in the body.
    package static func body(most: Int) -> Paging {
        Paging(step: .rows("offset"), size: Size(name: "limit", most: most), isInBody: true)
    }

    /// P13: a limit, and what lies beyond it is out of reach.
    package static func limited(most: Int, name: String = "limit") -> Paging {
        Paging(step: .whole, size: Size(name: name, most: most), isCut: true)
    }

    /// P14: requests of the workflow.
    package static func workflow(most: Int) -> Paging {
        Paging(
            step: .pages("PageNo", from: 0), size: Size(name: "limit", most: most),
            total: ["pagination", "totalElements"], pageCount: ["pagination", "totalPages"])
    }

    /// Pages from a number on, without a word about how many there are.
    package static func numbered(_ name: String, from: Int, most: Int) -> Paging {
        Paging(step: .pages(name, from: from), size: Size(name: "limit", most: most))
    }
}
