import NIOHTTP1
import Records

/// `POST /v3/targetGroups/{group}/targets/{target}/enroll` and `/unEnroll`.
///
/// Source: API reference, "Enrol in milestones and streaks". Groups and targets exist up to 9999.
enum MilestoneCalls {
    static let desks = ["enroll", "unEnroll"].map { name in
        RouteHandler(method: .POST, path: "/v3/targetGroups/*/targets/*/" + name, kind: .work) {
            service, call, _ in
            answer(service, call, ends: name == "unEnroll")
        }
    }

    private static func answer(_ service: Service, _ call: Call, ends: Bool) -> Answer {
        let parts = call.path.split(separator: "/")
        guard let body = Document(call.body), let items = body.list(body.root), items.count == 1,
            parts.count == 6
        else { return reply(400, nil, Complaint(300_004, "one customer is required")) }
        service.tally.items += 1
        if service.hasItemFaults, service.rollItem(.busyItem) != nil {
            return reply(521, nil, Complaint(521, "another request is at work on the same customer"))
        }
        guard let group = Int(parts[2]), let target = Int(parts[4]), group <= 9999, target <= 9999
        else {
            return reply(400, nil, Complaint(310_019, "group or target missing"))
        }
        let item = items[0]
        guard let customer = body.integer("customerId", of: item), customer > 0,
            !service.options.unknownCustomers.contains(String(customer))
        else { return reply(400, nil, Complaint(310_011, "customer missing")) }
        let period = body.text("periodName", of: item) ?? ""
        if period.hasPrefix("unknown") {
            return reply(400, nil, Complaint(310_017, "period missing or inactive"))
        }
        let key = "\(group)/\(target)/\(customer)/\(period)"
        let known = service.store.find(.enrolments, key.utf8).first
        let isEnrolled = known.map { !$0.content.starts(with: #"{"ended":true"#.utf8) } ?? false
        if ends {
            guard isEnrolled else { return reply(400, nil, Complaint(310_018, "not enrolled")) }
            _ = service.set(.enrolments, key, Array(#"{"ended":true}"#.utf8))
        } else {
            if isEnrolled { return reply(400, nil, Complaint(310_119, "already enrolled")) }
            _ = service.set(.enrolments, key, Array(body.raw(item)))
        }
        return reply(200, customer, nil)
    }

    private static func reply(_ status: Int, _ customer: Int64?, _ complaint: Complaint?) -> Answer {
        var out: [UInt8] = []
        out.add(text: #"{"data":\#(customer.map { String($0) } ?? "null"),"errors":"#)
        if let complaint {
            out.add(text: #"[{"code":\#(complaint.code),"message":"#)
            out.add(quoted: complaint.message)
            out.add("}]")
        } else {
            out.add("null")
        }
        out.add(#","warnings":null}"#)
        return Answer(status: status, out)
    }
}
