import Model
import Testing

@testable import Catalog

@Suite("Coupons")
struct CouponsTests {
    private func read(_ item: String, status: Int = 200) throws -> [String] {
        let member = try prepare(
            #"{"seriesIds":[410011],"customer":{"externalId":"EX-19"}}"#, endpoint: .couponsIssue
        ).evidence
        return Endpoint.couponsIssue.read(bulk([item], status: status), [member]).words
    }

    @Test("what shows the issue is the code, not the series")
    func proof() throws {
        #expect(
            try read(#"{"entityId":410011,"result":{"code":"D7","id":0},"errors":[]}"#) == [
                "accepted D7"
            ])
        #expect(try read(#"{"entityId":410011,"errors":[{"code":709,"message":"has"}]}"#) == ["exists"])
        #expect(try read(#"{"entityId":410011,"errors":[]}"#) == ["in doubt"])
        #expect(try read(#"{"entityId":410011,"result":{"code":""},"errors":[]}"#) == ["in doubt"])
        #expect(
            try read(#"{"entityId":410011,"result":{"code":"D7"},"errors":[{"code":713}]}"#) == [
                "in doubt"
            ])
        #expect(try read(#"{"entityId":410027,"result":{"code":"D7"},"errors":[]}"#) == ["unbound"])
        #expect(try read(#"{"entityId":410011,"errors":[{"code":748}]}"#, status: 500) == ["in doubt"])
        #expect(try read(#"{"entityId":410011,"errors":[{"code":787}]}"#) == ["again"])
    }

    @Test("nothing is sent again by itself, and a repeat is for a person to judge")
    func holds() throws {
        guard case .hold = Endpoint.couponsIssue.recovery else {
            Issue.record("not held")
            return
        }
        #expect(Endpoint.couponsIssue.repeats(Evidence()) == nil)
    }
}
