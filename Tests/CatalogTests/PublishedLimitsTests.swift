import Model
import Testing

@testable import Catalog

@Suite struct PublishedLimitsTests {
    @Test("published limits of calls stand with their endpoints and listings")
    func limits() throws {
        #expect(Endpoint.customersUpdate.limit?.rate == Rate(requests: 50, per: .seconds(60)))
        #expect(
            Endpoint.customersChangeIdentifier.limit?.rate == Rate(requests: 1000, per: .seconds(3600)))
        #expect(Endpoint.cardsUpdate.limit != nil && Endpoint.couponsIssue.limit != nil)
        #expect(Endpoint.transactionsAdd.limit == nil)
        let listing = try #require(Listing.all.first { $0.name == "customers.referrals" })
        let key = try #require(listing.keys.first { $0.path == "/v2/customers/{key}/referrals" })
        let request = listing.request(
            Asking(key: key, keys: ["7"]), at: listing.paging.first, size: nil)
        #expect(request.limit?.rate == Rate(requests: 1000, per: .seconds(3600)))
        for limit in CallLimit.published {
            #expect(limit.source.contains("20"))
            let minute = Rate(requests: 90, per: .seconds(60))
            let slower = Rate.slower(minute, limit.rate)
            #expect(
                slower
                    == (limit.rate.requests == 1000 && limit.rate.interval == .seconds(60)
                        ? minute : limit.rate))
        }
    }
}
