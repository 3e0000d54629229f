import Model
import Testing

@testable import Catalog

@Suite("The way back")
struct WayBackTests {
    private func item(_ endpoint: String, _ evidence: [String], _ id: String?) -> String? {
        WayBack.of(endpoint)?.item(Evidence(evidence), id: id.map { ServerID($0) })
    }

    @Test("What is taken back is named by the ids that the server gave")
    func items() {
        #expect(
            item("badges.earn", ["9001", "65aa", "", "{}", "9001/65aa"], "66bb")
                == #"{"badgeMetaId":"65aa","customerId":9001,"earnedBadgeId":"66bb"}"#)
        #expect(
            item("badges.enrol", ["9001", "65aa"], "66cc")
                == #"{"badgeMetaId":"65aa","customerId":9001,"issueId":"66cc"}"#)
        #expect(
            item("coupons.issue", ["410011", "mobile", "447"], "A\"B\\\n")
                == #"{"couponSeriesId":410011,"couponCode":"A\"B\\\u000a"}"#)
        #expect(
            item("groups.join", ["9001", "FAM-1"], "60001")
                == #"{"groupId":60001,"identifierName":"id","identifierValue":"9001"}"#)
    }

    @Test(
        "Without the server's id, or with evidence that is not enough, there is none",
        arguments: ["badges.earn", "badges.import", "badges.enrol", "coupons.issue", "groups.join"])
    func none(endpoint: String) {
        #expect(item(endpoint, ["9001", "65aa"], nil) == nil)
        #expect(item(endpoint, ["9001", "65aa"], "") == nil)
        #expect(item(endpoint, [], "66bb") == nil)
        #expect(item(endpoint, ["", ""], "66bb") == nil)
        // A group has a number.
        #expect(item("groups.join", ["9001", "FAM-1"], "FAM-1") == nil)
    }

    @Test("Its records are fit for the call that takes them", arguments: Endpoint.all)
    func fit(_ endpoint: Endpoint) throws {
        guard let way = WayBack.of(endpoint.name) else {
            #expect(!WayBack.advice(endpoint.name).isEmpty)
            return
        }
        let call = try #require(Endpoint.named(way.endpoint))
        for sample in try #require(Specimen.of(endpoint)).items {
            let evidence = try prepare(sample, endpoint: endpoint).evidence
            let text = try #require(way.item(evidence, id: ServerID("60001")))
            #expect(try prepare(text, endpoint: call).problems == [])
        }
    }
}
