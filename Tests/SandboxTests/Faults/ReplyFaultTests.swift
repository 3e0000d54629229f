import Foundation
import Testing

@testable import Sandbox

private let ends = ["", ":rst"]

@Suite("Trouble in the reply")
struct ReplyFaultTests {
    private let bills = (0..<6).map { Bill("B-\($0)", $0 == 3 ? ["billAmount": nil] : [:]) }

    /// The items of one reply that met the fault; five of the six bills are booked, whatever it says.
    private func items(_ fault: String) async throws -> [JSON] {
        var items: [JSON] = []
        try await withSandbox(faults: [fault]) { server in
            items = try server.book(bills)
            #expect(try server.bookings() == 5)
        }
        return items
    }

    private func numbers(_ items: [JSON]) -> [String?] {
        items.map { $0["result"]?["billNumber"]?.string }
    }
    private var sent: [String?] { bills.map(\.number) }

    @Test("Items are missing")
    func short() async throws {
        let one = numbers(try await items("short"))
        #expect(one.count == 5 && Set(one).isSubset(of: Set(sent)))
        #expect(try await items("short:size=4").count == 2)
        #expect(try await items("short:size=99").isEmpty)
    }

    @Test("There are more than were sent")
    func extra() async throws {
        let more = try await items("extra:size=2")
        #expect(numbers(more).prefix(6) == sent[...])
        #expect(more.count == 8 && more[7].id != nil && !sent.contains(numbers(more)[7]))
    }

    @Test("The order is another")
    func shuffled() async throws {
        let mixed = numbers(try await items("shuffled"))
        #expect(mixed != sent && Set(mixed) == Set(sent) && mixed.count == 6)
    }

    @Test("Items lack their bill number, or have a wrong one", arguments: [1, 6])
    func labels(size: Int) async throws {
        let bare = numbers(try await items("unlabelled:size=\(size)"))
        #expect(bare.count { $0 == nil } == size)
        let wrong = numbers(try await items("wrong-key:size=\(size)"))
        #expect(wrong.count { $0 == "NOT-YOURS-1" } == size)
    }

    @Test("A failed item's id takes every form", arguments: Fault.FailedID.allCases)
    func failedID(form: Fault.FailedID) async throws {
        let item = try await items("failed-id:id=\(form.rawValue)")[3]
        #expect(item.code == 601)
        switch form {
        case .null: #expect(item["entityId"] == .null)
        case .zero: #expect(item.id == 0)
        case .minusOne: #expect(item.id == -1)
        case .absent: #expect(item["entityId"] == nil)
        }
    }

    @Test("A failed item has no result")
    func noResult() async throws {
        let all = try await items("no-result")
        #expect(all[3]["result"] == nil && all[3].code == 601)
        #expect(all[2]["result"] != nil)
    }

    @Test("A booked item has errors as well")
    func idWithErrors() async throws {
        let all = try await items("id-with-errors:at=2")
        #expect(all.map(\.code) == [nil, 683, nil, 601, nil, nil])
        #expect(all[1].id != nil)
    }

    @Test("The JSON ends in the middle, the HTTP does not")
    func cutJSON() async throws {
        try await withSandbox(faults: ["cut-json"]) { server in
            let reply = try #require(try server.post(bills).reply)
            #expect(reply.status == 200 && !reply.body.isEmpty && reply.json == nil)
            #expect(try server.bookings() == 5)
        }
    }

    @Test("An item is told 521, and is not booked")
    func busyItem() async throws {
        try await withSandbox(faults: ["busy-item:at=2"]) { server in
            let items = try server.book([Bill("A"), Bill("B"), Bill("C")])
            #expect(items.map(\.code) == [nil, 521, nil])
            #expect(try server.bookings(of: "B") == 0)
        }
    }

    @Test("An item is told that its size code is invalid, and its neighbours are booked")
    func sizeCode() async throws {
        try await withSandbox(faults: ["size-code:at=2"]) { server in
            let items = try server.book([Bill("A"), Bill("B"), Bill("C")])
            #expect(items.map(\.code) == [nil, 672, nil])
            #expect(try server.bookings(of: "B") == 0)
        }
    }

    @Test(
        "A batch is too large by either code",
        arguments: [("batch-too-large", 1060), ("batch-too-large:code=672", 672)])
    func tooLarge(fault: String, code: Int) async throws {
        try await withSandbox(faults: [fault]) { server in
            let reply = try #require(try server.post(bills).reply)
            #expect(reply.status == 400)
            #expect(String(decoding: reply.body, as: UTF8.self).contains("\(code)"))
            #expect(try server.bookings() == 0)
        }
    }

    @Test("A bill is parked after success")
    func parkBehind() async throws {
        try await withSandbox(faults: ["park-behind:at=2"]) { server in
            let items = try server.book([Bill("A"), Bill("B"), Bill("C")])
            #expect(items.allSatisfy { $0.code == nil && $0.id != nil })
            #expect(try server.bookings() == 2)
            let queue = try server.get("/v2/organization/rejectedTransactions")
            #expect(queue["pagination"]?["total"]?.int == 1)
            #expect(try server.get("/v2/transactions/getByBillNumber/B")["data"]?.list == [])
        }
    }
}
