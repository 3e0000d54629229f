import Model
import Testing

@testable import Catalog

@Suite struct BulkReplyTests {
    @Test func bindsByKey() throws {
        let reply = Reply(
            status: 200,
            body: Array(
                #"""
                {"response":[{"entityId":2,"result":{"billNumber":"B","type":"REGULAR"},"errors":[],"warnings":[]},
                {"entityId":1,"result":{"billNumber":"A","type":"REGULAR"},"errors":[],"warnings":[{}]}],"totalCount":2,"failureCount":0}
                """#.utf8))
        #expect(
            Endpoint.transactionsAdd.read(reply, try sales("A", "B"))
                == .each([.accepted(ServerID("1"), []), .accepted(ServerID("2"), [])]))
    }
}
