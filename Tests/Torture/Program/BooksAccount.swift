import Foundation
import Records
import TestSupport

/// What the sandbox has booked and parked, as it tells itself.
struct BooksAccount {
    private var tape = JSONTape()

    /// Hands over every booking, in the order of their ids.
    mutating func eachBooking(_ stand: Stand, _ body: (Deed) -> Void) throws {
        var from: Int64? = 0
        while let first = from {
            let page = Array(try stand.fetch("/_sandbox/bookings?from=\(first)&limit=20000"))
            try tape.parse(page, in: page.indices)
            guard let list = tape.member("bookings", of: 0, in: page) else {
                throw TestFailure("the bookings are no list")
            }
            for node in tape.elements(of: list) {
                func text(_ name: StaticString) -> String {
                    tape.member(name, of: node, in: page).map { tape.text(of: $0, in: page) } ?? ""
                }
                let key =
                    "\(text("number")) \(text("type")) \(text("identifier")) \(cents(text("amount"))) \(text("billed").prefix(19)) \(text("store"))"
                body(Deed(key: key, id: Int64(text("id")) ?? 0))
            }
            from = tape.member("next", of: 0, in: page).flatMap { Int64(tape.text(of: $0, in: page)) }
        }
    }

    /// Hands over everything of a shelf, a key as often as the shelf has it.
    mutating func eachThing(_ stand: Stand, on shelf: String, _ body: (Deed) -> Void) throws {
        let page = Array(try stand.fetch("/_sandbox/deeds?of=\(shelf)"))
        try tape.parse(page, in: page.indices)
        guard let list = tape.member("things", of: 0, in: page) else {
            throw TestFailure("the deeds are no list")
        }
        for node in tape.elements(of: list) {
            guard let key = tape.member("key", of: node, in: page) else { continue }
            let times = tape.member("deeds", of: node, in: page).map { tape.text(of: $0, in: page) }
            let content = tape.member("content", of: node, in: page)
            body(
                Deed(
                    key: tape.text(of: key, in: page), times: times.flatMap { Int($0) } ?? 0,
                    mark: content.flatMap { Self.mark(page[tape.fullRange(of: $0)]) }))
        }
    }

    /// The number behind `mark:`.
    private static func mark(_ content: ArraySlice<UInt8>) -> Int32? {
        let text = String(decoding: content, as: UTF8.self)
        return text.firstRange(of: "mark:").flatMap {
            Int32(text[$0.upperBound...].prefix { $0.isNumber })
        }
    }

    /// How many bills of each number are parked.
    mutating func parked(_ stand: Stand) throws -> [String: Int] {
        var result: [String: Int] = [:]
        var offset = 0
        while true {
            let page = Array(
                try stand.fetch(
                    "/v2/organization/rejectedTransactions?limit=100&offset=\(offset)&startDate=2020-01-01&endDate=2099-01-01"
                ))
            try tape.parse(page, in: page.indices)
            guard let list = tape.member("data", of: 0, in: page) else {
                throw TestFailure("the sandbox's queue is no list")
            }
            var found = 0
            for node in tape.elements(of: list) {
                guard let number = tape.member("billNumber", of: node, in: page) else { continue }
                result[tape.text(of: number, in: page), default: 0] += 1
                found += 1
            }
            if found == 0 { return result }
            offset += found
        }
    }

    private func cents(_ amount: String) -> Int {
        let parts = amount.split(separator: ".", omittingEmptySubsequences: false)
        let fraction = parts.count > 1 ? String((String(parts[1]) + "00").prefix(2)) : "00"
        return (Int(parts.first ?? "") ?? 0) * 100 + (Int(fraction) ?? 0)
    }
}
