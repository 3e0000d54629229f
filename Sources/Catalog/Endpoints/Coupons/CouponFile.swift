import Model
import Records

/// What the two calls share that take files of coupons.
enum CouponFile {
    /// Source: Coupons, Upload coupons. No limit is checked; 10,000 keeps the rows that one job leaves open few.
    static let chunk = Endpoint.Chunk(normal: 10_000, most: 20_000, bodyLimit: 16 << 20)

    static let series = Parameter(
        "series", .path, .integer(1...Int.max), isRequired: true, "The coupon series.")

    static let refusesRepeat = Parameter(
        "refuses_repeat", .setting, .boolean, usual: "false",
        "Set true only if the server is known to refuse an existing code: then a file whose job "
            + "cannot be found is sent again. No source confirms it.")

    static let followMinutes = Parameter(
        "follow_minutes", .setting, .integer(1...1440), usual: "60",
        "A job that has not ended by then stays in doubt; `sluice resume` follows it further.")

    /// A reply to a file tells of its job alone.
    static func reasons(_ fields: [Field]) -> [Reason] {
        Reason.once(
            Reason.ofFields(fields), [.missing, .rule, .invisible, .refused], FileJobs.reasons)
    }

    /// Text that a file can hold whatever the server thinks of quotes. Source: Coupons, Upload coupons.
    static func checkPlain(_ context: inout ItemContext, _ names: [String]) {
        for name in names {
            guard let text = context.text(name) else { continue }
            if text.utf8.contains(where: { [0x22, 0x2C, 0x0A, 0x0D].contains($0) }) {
                context.problem(
                    .rule, name,
                    "A comma, a quote or a line break in it would shift the columns of the file.")
            } else if text.utf8.first == 0x20 || text.utf8.last == 0x20 {
                context.problem(.rule, name, "It begins or ends with a space.")
            }
        }
    }

    /// A file with a header, of these fields of the items.
    ///
    /// - Parameter made: What is in a column whose field the item has not.
    static func csv(
        _ columns: [String], header: [String]? = nil,
        made: @escaping @Sendable (JSON, String) -> String? = { _, _ in nil }
    ) -> @Sendable ([ArraySlice<UInt8>]) -> [UInt8] {
        { items in
            var out = Array((header ?? columns).joined(separator: ",").utf8)
            out.append(0x0A)
            for item in items {
                guard let json = JSON(Array(item)) else { continue }
                for (index, column) in columns.enumerated() {
                    if index > 0 { out.append(UInt8(ascii: ",")) }
                    let node = json.member(named: column, of: json.root)
                    out += Array((json.scalar(node) ?? made(json, column) ?? "").utf8)
                }
                out.append(0x0A)
            }
            return out
        }
    }

    // MARK: Looking a row up

    /// The name of an identifier in calls of the older version.
    private static func identifier(_ kind: String) -> String? {
        switch kind {
        case "MOBILE": "mobile"
        case "EMAIL": "email"
        case "EXTERNAL_ID", "EXTENAL_ID": "external_id"
        case "USER_ID": "id"
        default: nil
        }
    }

    /// What of a customer's coupons is the row.
    struct Wanted: Sendable {
        /// Nil: any that was made since.
        var code: String?
        var isByID = false
        var since: Timestamp?
        var isRedeemed = false
    }

    /// The coupons that a customer has of the series. Nil where nobody is named.
    ///
    /// Source: Coupons, Coupons of a customer. Unconfirmed: how a second page is requested; where one would be
    /// needed, nothing is concluded from a miss.
    static func search(_ customer: String, _ wanted: Wanted, _ endpoint: Endpoint) -> SearchStep? {
        let series = endpoint.path.split(separator: "/").last.map(String.init) ?? ""
        if customer.isEmpty { return wanted.code.map { search(code: $0, series: series) } }
        guard let name = identifier(endpoint.settings["customer"] ?? "MOBILE") else { return nil }
        var target =
            "/v1.1/customer/coupons?format=json&\(name)=\(percentEncoded(customer))&series_id=\(series)"
        if let since = wanted.since {
            // Whole days, and nobody says in which zone.
            let day = CivilDay(
                daysSinceEpoch: Int(since.milliseconds.flooringDivided(by: 86_400_000)) - 1)
            target += "&start_date=\(day.iso8601)"
        }
        target += "&limit=100"
        return .ask(Request(.get, target)) { reply in
            read(reply, wanted, of: (name, customer), series: series)
        }
    }

    /// A code that is nobody's yet.
    ///
    /// Source: Coupons, Coupons by code. `code` and `seriesId` of each. Unconfirmed: whether it shows codes
    /// that nobody has; a miss therefore counts for no more than the job's own counts bear out.
    private static func search(code: String, series: String) -> SearchStep {
        let target =
            "/v2/coupon?couponCodes=\(percentEncoded(code))&coupon_code_case=AS_IT_IS&showCouponSeries=true"
        return .ask(Request(.get, target)) { reply in
            guard (200..<300).contains(reply.status), let json = JSON(reply.body) else {
                return .unclear(LookReply.unclear(reply))
            }
            let complaints = json.complaints(json.member("errors", of: json.root))
            guard complaints.allSatisfy({ $0.code.map(unknownCodes.contains) ?? false }) else {
                return .unclear(LookReply.unclear(reply, complaints))
            }
            let members: [StaticString] = ["entity", "data", "response", "coupons"]
            let list = members.lazy.compactMap { json.member($0, of: json.root) }.first
            guard list != nil || !complaints.isEmpty else {
                return .unclear(LookReply.unclear(reply))
            }
            var ids: [ServerID] = []
            var entries: [Alike] = []
            for coupon in json.list(list) {
                guard let shown = json.scalar(json.member("code", of: coupon)) else { continue }
                let id = ServerID(json.scalar(json.member("id", of: coupon)) ?? shown)
                let match = Self.compare(shown, code)
                let difference = Alike.Difference(FormField("code", .text, code), shown: shown)
                if match == .different {
                    entries.append(Alike(id, [difference], isAnother: true))
                } else if json.scalar(json.member("seriesId", of: coupon)) != series {
                    continue
                } else if match == .equal {
                    ids.append(id)
                } else {
                    entries.append(Alike(id, [difference]))
                }
            }
            return .read(ids: ids, others: [], alike: entries)
        }
    }

    /// Source: Coupons, Coupons of a customer. Some calls write codes in capitals.
    static func compare(_ shown: String, _ code: String) -> FormMatch {
        shown.lowercased() == code.lowercased() ? .equal : Form.text(shown, code)
    }

    /// Whether the customer of a reply is another one than was requested.
    private static func isAnother(_ json: JSON, _ row: Int, _ name: String, _ value: String) -> Bool {
        guard let shown = json.scalar(json.member(named: name, of: row)), !shown.isEmpty else {
            return false
        }
        guard name == "mobile" else { return Form.text(shown, value) == .different }
        func end(_ text: String) -> Substring { text.filter(\.isNumber).suffix(9) }
        return end(shown) != end(value)
    }

    /// No such coupon, no such customer. Source: Coupons, Coupon codes; Customers, Add and
    /// update customers (v1.1).
    private static let unknownCodes: Set = [702, 703]
    private static let unknownCustomers: Set = [1011, 1012, 1013, 8015]

    private static func read(
        _ reply: Reply, _ wanted: Wanted, of asked: (name: String, value: String), series: String
    ) -> SearchStep {
        guard (200..<300).contains(reply.status), let json = JSON(reply.body) else {
            return .unclear(LookReply.unclear(reply))
        }
        let response = json.member("response", of: json.root)
        let customers = json.list(json.member(["customers", "customer"], of: response))
        // Who is not there has no coupons.
        if customers.count == 1,
            let code = json.integer(json.member(["item_status", "code"], of: customers[0])),
            unknownCustomers.contains(code)
        {
            return .done(ids: [], others: [])
        }
        guard !customers.isEmpty,
            json.boolean(json.member(["status", "success"], of: response)) == true
        else { return .unclear(LookReply.unclear(reply)) }
        guard !customers.contains(where: { isAnother(json, $0, asked.name, asked.value) }) else {
            return .gap("The reply shows the coupons of another customer.")
        }
        var entries: [Alike] = []
        var hits: [ServerID] = []
        var others: [String] = []
        var shown = 0
        var isOfSeries = true
        for customer in customers {
            for coupon in json.list(json.member(["coupons", "coupon"], of: customer)) {
                shown += 1
                if let other = json.scalar(json.member("series_id", of: coupon)), other != series {
                    isOfSeries = false
                    continue
                }
                guard let id = json.scalar(json.member("id", of: coupon)) else { continue }
                if wanted.isEqual(json, coupon, id) {
                    hits.append(ServerID(id))
                } else if let difference = wanted.alike(json, coupon) {
                    entries.append(Alike(ServerID(id), [difference]))
                } else if others.count < 5 {
                    others.append("coupon " + id)
                }
            }
        }
        // Another series was not requested: what is missing in such a reply proves nothing.
        guard isOfSeries || !hits.isEmpty else {
            return .gap("The reply shows the coupons of another series.")
        }
        let total = json.integer(json.member(["pagination", "total"], of: response)) ?? shown
        if hits.isEmpty, total > shown {
            return .unclear(
                Refusal(
                    .unboundAnswer,
                    message: "the customer has \(total) coupons, but the call shows \(shown)"))
        }
        return .read(ids: hits, others: others, alike: entries)
    }

    /// The clocks of the two may differ by so much.
    fileprivate static let clocks: Int64 = 60_000
}

extension CouponFile.Wanted {
    /// Its code in another form.
    fileprivate func alike(_ json: JSON, _ coupon: Int) -> Alike.Difference? {
        guard let code, !isByID, let shown = json.scalar(json.member("code", of: coupon)),
            CouponFile.compare(shown, code) == .alike
        else { return nil }
        return Alike.Difference(FormField("code", .text, code), shown: shown)
    }

    fileprivate func isEqual(_ json: JSON, _ coupon: Int, _ id: String) -> Bool {
        if isRedeemed, (json.integer(json.member("redemption_count", of: coupon)) ?? 0) < 1,
            json.isEmpty(json.member(["redemptions", "redemption"], of: coupon))
        {
            return false
        }
        if let code {
            if isByID { return id == code }
            // Source: Coupons, Coupons of a customer. Some calls write codes in capitals.
            return json.scalar(json.member("code", of: coupon))?.lowercased() == code.lowercased()
        }
        guard let since, let text = json.scalar(json.member("created_date", of: coupon)) else {
            return false
        }
        let iso = text.contains("T") ? text : text.replacing(" ", with: "T") + "Z"
        guard let created = Instant(iso)?.timestamp else { return false }
        return created.milliseconds >= since.milliseconds - CouponFile.clocks
    }
}
