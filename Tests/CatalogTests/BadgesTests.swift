import Model
import Testing

@testable import Catalog

@Suite("Badges")
struct BadgesTests {
    private func members(_ customers: Int...) throws -> [Evidence] {
        try customers.map {
            try prepare(
                #"{"badgeMetaId":"b1","customerId":\#($0),"earnEventDate":1767225600,"earnExpiresOn":1798761600}"#,
                endpoint: .badgesImport
            ).evidence
        }
    }

    private func done(_ customer: Int, place: Int?, expires: String = "2027-01-01T00:00:00Z") -> String
    {
        let request = place.map { #","requestId":"c0de-1111_\#($0)""# } ?? ""
        return
            #"{"data":{"badgeMetaId":"b1","customerId":\#(customer),"earnedBadgeId":"id\#(customer)","expiresOnISO":"\#(expires)"\#(request)},"errors":null,"warnings":null}"#
    }

    private func failed(_ code: Int) -> String {
        #"{"data":null,"errors":[{"code":\#(code),"message":"no","reference":null}],"warnings":null}"#
    }

    private func read(_ items: [String], _ members: [Evidence]) -> [String] {
        let body = "[" + items.joined(separator: ",") + "]"
        return Endpoint.badgesImport.read(reply(200, body), members).words
    }

    @Test("failures without a label are told by their place, where the others prove the order")
    func places() throws {
        let three = try members(1, 2, 3)
        #expect(
            read([done(1, place: 1), failed(1054), failed(1040)], three)
                == ["accepted id1", "rejected", "exists"])
        // Codes that differ, and nothing that proves the order.
        #expect(
            read([done(1, place: nil), failed(1054), failed(1040)], three)
                == ["accepted id1", "unbound", "unbound"])
        // In another order the places say so.
        #expect(
            read([failed(1040), done(1, place: 1), failed(1054)], three)
                == ["accepted id1", "unbound", "unbound"])
        #expect(
            read([done(2, place: 1), failed(1054), failed(1040)], three)
                == ["unbound", "accepted id2", "unbound"])
        // Too few.
        #expect(
            read([done(1, place: 1), failed(1054)], three) == ["accepted id1", "unbound", "unbound"])
        // All say the same.
        #expect(
            read([failed(1054), failed(1054), failed(1054)], three) == [
                "rejected", "rejected", "rejected",
            ])
    }

    @Test("a request refused as a whole is halved; a repeat or a breakdown is doubt")
    func whole() throws {
        let two = try members(1, 2)
        for status in [200, 400, 409] {
            #expect(Endpoint.badgesImport.read(reply(status, failed(1054)), two).words == ["split"])
            #expect(
                Endpoint.badgesImport.read(reply(status, failed(999_999)), two).words == ["in doubt"])
        }
        #expect(Endpoint.badgesImport.read(reply(500, failed(1054)), two).words == ["in doubt"])
    }

    @Test("405 says what is known of the method")
    func method() throws {
        guard case .refused(let refusal) = Endpoint.badgesImport.read(reply(405), try members(1)) else {
            Issue.record("not refused")
            return
        }
        #expect(refusal.serverCode == 405)
        #expect(refusal.message.contains("PUT") && refusal.message.contains("POST"))
    }

    @Test("an expiry that comes back in 1970 is told")
    func echo() throws {
        let right = Endpoint.badgesImport.read(
            reply(200, "[" + done(1, place: 1) + "]"), try members(1))
        #expect(right == .each([.accepted(ServerID("id1"), [])]))
        let wrong = Endpoint.badgesImport.read(
            reply(200, "[" + done(1, place: 1, expires: "1970-01-21T19:39:21Z") + "]"),
            try members(1))
        guard case .each(let each) = wrong, case .accepted(_, let warnings) = each[0] else {
            Issue.record("not accepted")
            return
        }
        #expect(warnings.count == 1)
        #expect(warnings[0].message.contains("1970-01-21"))
    }

    @Test("epoch and ISO fields are the same badge; another year is another one")
    func identity() throws {
        func prepared(_ dates: String) throws -> Prepared {
            try prepare(
                #"{"badgeMetaId":"b1","customerId":"1",\#(dates)}"#, endpoint: .badgesImport)
        }
        let epoch = try prepared(#""earnEventDate":1767225600,"earnExpiresOn":1798761600"#)
        let iso = try prepared(
            #""earnEventDateISO":"2026-01-01T05:30:00+05:30","earnExpiresOnISO":"2027-01-01T00:00:00Z""#
        )
        let later = try prepared(#""earnEventDate":1767225600,"earnExpiresOn":1798761601"#)
        #expect(epoch.identity == iso.identity)
        #expect(epoch.identity != later.identity)
        // Both may be real, and never travel together.
        #expect(epoch.binding == later.binding)
    }

    // MARK: Looks

    private func look(_ answer: Reply) throws -> SearchStep {
        guard case .readBack(let readBack) = Endpoint.badgesImport.recovery,
            case .ask(let request, let then) = readBack.search(try members(9001)[0], OrgSettings())
        else {
            Issue.record("no look")
            return .done(ids: [], others: [])
        }
        #expect(request.target.hasPrefix("/api_gateway/v1/badges/customer/9001?"))
        return then(answer)
    }

    private func row(_ badge: String, _ expires: String, _ id: String = "x1") -> String {
        #"{"earnedBadgeId":"\#(id)","badgeMetaId":"\#(badge)",\#(expires)}"#
    }

    @Test("is found by badge and expiry, however the reply writes it")
    func found() throws {
        let iso = #""expiresOnISO":"2027-01-01T05:30:00+05:30""#
        for rows in [
            row("b1", iso), row("b1", #""expiresOn":1798761600"#),
            row("b1", #""expiresOn":1798761600000"#), row("b1", #""expiresOn":1798761600.5"#),
            row("b2", "\"a\":1") + "," + row("b1", iso),
        ] {
            for body in [
                #"{"data":[\#(rows)]}"#, #"{"data":{"earned":[\#(rows)],"total":2},"errors":[]}"#,
            ] {
                #expect(try look(reply(200, body)).ids == ["x1"])
            }
        }
        let other = try look(reply(200, #"{"data":[\#(row("b1", #""expiresOn":1798761601"#))]}"#))
        #expect(other.ids == [])
        #expect(other.others.count == 1)
        #expect(try look(reply(200, #"{"data":[],"errors":[]}"#)).ids == [])
        #expect(try look(reply(200, #"{"data":null,"errors":null}"#)).ids == [])
    }

    @Test("a list that may have been cut, or that does not tell, is no miss")
    func unclear() throws {
        let ten = (0..<10).map { row("b2", "\"n\":\($0)") }.joined(separator: ",")
        #expect(try look(reply(200, #"{"data":[\#(ten)]}"#)).isUnclear)
        #expect(try look(reply(200, #"{"data":[\#(row("b1", "\"n\":1"))]}"#)).isUnclear)
        #expect(try look(reply(200, #"{"data":[{"id":"x"}]}"#)).isUnclear)
        #expect(
            try look(reply(200, #"{"data":null,"errors":[{"code":404,"message":"no"}]}"#)).isUnclear)
        for status in [400, 401, 403, 404, 429, 500] {
            #expect(try look(reply(status, "{}")).isUnclear)
        }
    }
}
