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
        // All agree.
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
        func prepared(_ dates: String) throws -> PreparedItem {
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

    // MARK: Given to many

    private func gifts(_ endpoint: Endpoint = .badgesEarn, _ customers: Int...) throws -> [PreparedItem]
    {
        try customers.map {
            try prepare(
                #"{"badgeMetaId":"b1","customerId":\#($0),"triggeredBy":{"ownerType":"Loyalty","referenceId":"7"}}"#,
                endpoint: endpoint)
        }
    }

    @Test("both shapes of reply tell each customer's own, in any order")
    func shapes() throws {
        let members = try gifts(.badgesEarn, 1, 2, 3).map(\.evidence)
        let older =
            #"{"data":{"issuedBadges":[{"customerId":3,"issuedId":"c","status":"LIVE"},"#
            + #"{"customerId":1,"issuedId":"a","status":"EXPIRED","error":{"code":1040,"message":"active"}},"#
            + #"{"customerId":2,"issuedId":"b","status":"LIVE"}],"requestId":"r"},"errors":[],"warnings":[]}"#
        #expect(
            Endpoint.badgesEarn.read(reply(200, older), members).words
                == ["exists", "accepted b", "accepted c"])
        func newer(_ failed: String) -> [String] {
            let body =
                #"{"data":{"earnedBadgesList":[{"customerId":3,"earnedBadgeId":"c"}],"#
                + #""failedEarnBadgeErrorList":[\#(failed)]},"errors":[],"warnings":[]}"#
            return Endpoint.badgesEarn.read(reply(200, body), members).words
        }
        // What an element of the second list has, no source tells.
        for way in [
            #""code":811"#, #""error":{"code":811}"#, #""errors":[{"code":811}]"#, #""errorCode":811"#,
        ] {
            #expect(
                newer(#"{"customerId":2,\#(way)},{"customerId":1,\#(way)}"#)
                    == ["rejected", "rejected", "accepted c"], "\(way)")
            // Unlabelled: two failures are those of the two that are left.
            #expect(newer("{\(way)},{\(way)}") == ["rejected", "rejected", "accepted c"], "\(way)")
        }
        #expect(newer(#"{"customerId":2,"code":811}"#) == ["unbound", "rejected", "accepted c"])
    }

    @Test("a used request id is doubt; what is said of the badge is said to all")
    func wholes() throws {
        let members = try gifts(.badgesEarn, 1, 2).map(\.evidence)
        #expect(Endpoint.badgesEarn.read(reply(400, failed(809)), members).words == ["in doubt"])
        #expect(
            Endpoint.badgesEarn.read(reply(400, failed(1054)), members).words
                == ["rejected", "rejected"])
        #expect(
            Endpoint.badgesEarn.read(reply(409, failed(810)), members).words
                == ["rejected", "rejected"])
        #expect(Endpoint.badgesEarn.read(reply(409, failed(811)), members).words == ["split"])
    }

    @Test("a request says the badge once and has all customers; who shares it, is told")
    func gathered() throws {
        let two = try gifts(.badgesEarn, 1, 2)
        let other = try prepare(
            #"{"badgeMetaId":"b2","customerId":1,"triggeredBy":{"ownerType":"Loyalty","referenceId":"7"}}"#,
            endpoint: .badgesEarn)
        #expect(two[0].group == two[1].group && two[0].group != other.group)
        let same = try #require(Endpoint.badgesEarn.recovery.sameRequest)
        let body = same.stamp(Endpoint.badgesEarn.body(two.map { same.item($0.evidence)[...] }), "r1")
        #expect(
            String(decoding: body, as: UTF8.self)
                == #"{"badgeMetaId":"b1","triggeredBy":{"ownerType":"Loyalty","referenceId":"7"},"#
                + #""customerIds":[1,2],"requestId":"r1"}"#)
    }

    @Test("request ids are the same for the same records, until a failure raises the generation")
    func requestIDs() throws {
        let identities = try gifts(.badgesEarn, 1, 2).map(\.identity)
        func id(_ org: String, _ identities: [Identity], _ generation: Int) -> String {
            SameRequest.id(org: org, endpoint: "badges.earn", identities, generation: generation)
        }
        #expect(id("1", identities, 0) == id("1", identities, 0))
        let all = [
            id("1", identities, 0), id("1", identities, 1), id("2", identities, 0),
            id("1", Array(identities.prefix(1)), 0),
        ]
        #expect(Set(all).count == all.count)
    }

    @Test("an earned badge is found by its time, and without one nothing is claimed")
    func foundAgain() throws {
        let readBack = try #require(Endpoint.badgesEarn.recovery.readBack)
        func found(_ date: String) throws -> String {
            let member = try prepare(
                #"{"badgeMetaId":"b1","customerId":1,\#(date)"triggeredBy":{"ownerType":"Loyalty","referenceId":"7"}}"#,
                endpoint: .badgesEarn
            ).evidence
            guard case .ask(_, let then) = readBack.search(member, OrgSettings()) else {
                return "nothing asked"
            }
            let body =
                #"{"data":[{"earnedBadgeId":"x","badgeMetaId":"b1","customerId":1,"earnEventDateISO":"2026-02-03T10:00:00Z"},"#
                + #"{"earnedBadgeId":"y","badgeMetaId":"b9","customerId":1}],"errors":[],"warnings":[]}"#
            switch then(reply(200, body)) {
            case .done(let ids, let others): return ids.map(\.text).joined() + " \(others.count)"
            case .alike(_, _, let entries): return "alike \(entries.map(\.words))"
            case .unclear: return "unclear"
            case .ask: return "more"
            }
        }
        #expect(try found(#""earnEventDateISO":"2026-02-03T15:30:00+05:30","#) == "x 0")
        #expect(try found(#""earnEventDate":1770112923,"#) == " 1")
        let shown = "earned is 2026-02-03T10:00:00Z, but 2026-02-03T10:00:01Z was sent (id x)"
        #expect(
            try found(#""earnEventDate":1770112801,"#) == #"alike ["the server shows \#(shown)"]"#)
        #expect(try found("") == "unclear")
    }
}
