import NIOHTTP1

/// `POST …/badges/customer/earnBulk` and `POST …/badges/badgeMeta/customer/issueBulk`: one badge, many
/// customers.
///
/// Source: API reference, "Issue badge to multiple customers", "Enrol customers for badges". A request id is
/// taken once (809). The reply is in another order than the request; of the first call those that failed
/// stand in a list of their own, of the second each says so itself. A badge can be earned again; an active
/// enrolment refuses a second (1040). Badges exist unless their id begins with `unknown`, customers unless
/// their number begins with 404 or the options say so.
enum BadgeGifts {
    static let desks = [
        RouteHandler(method: .POST, path: "/api_gateway/v1/badges/customer/earnBulk", kind: .work) {
            service, call, troubles in
            answer(service, call, troubles, enrols: false)
        },
        RouteHandler(
            method: .POST, path: "/api_gateway/v1/badges/badgeMeta/customer/issueBulk", kind: .work
        ) {
            service, call, troubles in
            answer(service, call, troubles, enrols: true)
        },
    ]

    private static func answer(_ service: Service, _ call: Call, _ troubles: [Trouble], enrols: Bool)
        -> Answer
    {
        guard let body = Document(call.body),
            let customers = body.list(
                body.member(enrols ? "customers" : "customerIds", of: body.root)), !customers.isEmpty
        else { return refusal(400, 400, "JSON could not be read") }
        if customers.count > service.options.maxBatch {
            return refusal(400, 1060, "batch too large, maximum \(service.options.maxBatch)")
        }
        guard let id = body.text("requestId", of: body.root), !id.isEmpty else {
            return refusal(400, 400, "requestId is missing")
        }
        guard service.store.find(.requestIDs, id.utf8).isEmpty else {
            return refusal(400, 809, "this requestId was used before")
        }
        let badge = body.text("badgeMetaId", of: body.root) ?? ""
        if badge.isEmpty || badge.hasPrefix("unknown") {
            return refusal(400, 1054, "badge unknown in org")
        }
        if !enrols, body.member("triggeredBy", of: body.root) == nil {
            return refusal(409, 810, "badge not claimed by the owner yet")
        }
        _ = service.add(.requestIDs, id, Array("{}".utf8))
        let name = enrols ? "issueEventDate" : "earnEventDate"
        let earned = Badges.seconds(name, body, body.root, service) ?? service.now() / 1000
        let expires = earned + 365 * 86_400
        var given: [UInt8] = []
        var places: [Range<Int>] = []
        var failed: [UInt8] = []
        let shape = Shape(troubles)
        // The last first.
        for (position, node) in customers.enumerated().reversed() {
            let customer = body.text(node) ?? ""
            let outcome = give(badge, customer, earned, expires, service, enrols: enrols)
            let told =
                switch shape.label(at: position, of: customers.count) {
                case .right: #""customerId":\#(customer.isEmpty ? "0" : customer),"#
                case .wrong: #""customerId":2,"#
                case .none: ""
                }
            if !enrols, case .failure(let complaint) = outcome {
                if !failed.isEmpty { failed.add(",") }
                failed.add(text: "{\(told)")
                add(complaint, to: &failed)
                failed.add("}")
                continue
            }
            let start = given.count
            given.add(text: "{\(told)")
            switch outcome {
            case .success(let number):
                let id = Badges.name(number)
                given.add(
                    text: enrols
                        ? #""issuedId":"\#(id)","status":"ACTIVE""# : #""earnedBadgeId":"\#(id)""#)
                if service.hasItemFaults, service.rollItem(.idWithErrors) != nil {
                    given.add(",")
                    add(Complaint(500, "unexpected server error"), to: &given)
                }
            case .failure(let complaint):
                // What is there of a refused one is shown beside.
                if complaint.code == 1040 { given.add(#""issuedId":"66bb02","status":"EXPIRED","#) }
                add(complaint, to: &given)
            }
            given.add("}")
            places.append(start..<given.count)
            given.add(",")
        }
        service.tally.items += customers.count
        let count = places.count
        if shape.mixesItems, !places.isEmpty {
            given = shape.mixed(given, places) {
                #"{"customerId":\#($0 + 1),"earnedBadgeId":"ff\#($0)"}"#
            }
        } else if !given.isEmpty {
            given.removeLast()
        }
        var out: [UInt8] = []
        out.add(#"{"data":{"badgeMetaId":"#)
        out.add(quoted: badge)
        out.add(text: #","expiresOn":\#(expires).5,"expiresOnISO":""#)
        out.add(instant: expires, zoneMinutes: service.options.serverZoneMinutes)
        out.add(enrols ? #"","issuedBadges":["# : #"","earnedBadgesList":["#)
        out += given
        if enrols {
            out.add(#"],"requestId":"#)
            out.add(quoted: id)
        } else {
            out.add(
                text: #"],"totalCount":\#(customers.count),"earnedCount":\#(count),"#
                    + #""failedCount":\#(customers.count - count),"failedEarnBadgeErrorList":["#)
            out += failed
            out.add("]")
        }
        out.add(#"},"errors":[],"warnings":[]}"#)
        return Answer(out)
    }

    private static func give(
        _ badge: String, _ customer: String, _ earned: Int64, _ expires: Int64, _ service: Service,
        enrols: Bool
    ) -> Result<Int64, Complaint> {
        if service.hasItemFaults, service.rollItem(.busyItem) != nil {
            return .failure(Complaint(521, "another request is at work on the same customer"))
        }
        guard let number = Int64(customer), number > 0, !customer.hasPrefix("404"),
            !service.options.unknownCustomers.contains(customer)
        else { return .failure(Complaint(404, "passed id not found")) }
        let key = "\(customer)/\(badge)"
        let collection = enrols ? Store.Collection.badgeEnrolments : .badges
        if enrols, Badges.isEnrolled(key, service) {
            return .failure(Complaint(1040, "active enrolment exists"))
        }
        var kept: [UInt8] = []
        kept.add(text: #"{"badgeMetaId":"#)
        kept.add(quoted: badge)
        kept.add(text: #","customerId":\#(customer),"earnedOn":\#(earned),"expiresOn":\#(expires)}"#)
        return .success(service.add(collection, key, kept))
    }

    /// `"error":{…}`
    private static func add(_ complaint: Complaint, to out: inout [UInt8]) {
        out.add(text: #""error":{"code":\#(complaint.code),"message":"#)
        out.add(quoted: complaint.message)
        out.add(#","reference":null}"#)
    }

    private static func refusal(_ status: Int, _ code: Int, _ message: String) -> Answer {
        Answer(
            status: status,
            text:
                #"{"data":null,"errors":[{"code":\#(code),"message":"\#(message)","reference":null}],"warnings":null}"#
        )
    }
}
