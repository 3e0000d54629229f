import NIOHTTP1
import Records

/// Files of coupons: taken at once, worked on for a moment, told about by counts alone; and the coupons that a
/// customer has, which is where rows can be looked up.
///
/// Source: API reference, "Upload Coupons (Batch)", "Upload Redeemed Coupons", "Get customer coupons". Series
/// exist but for those whose number begins with 404. A row is an error where its customer is none, its code
/// begins with `refused`, is there already, or has been redeemed already.
enum CouponFiles {
    static let desks = [
        RouteHandler(method: .POST, path: "/coupon/api/v1/upload/file/*", kind: .work) {
            service, call, _ in
            take(service, call, redeems: false)
        },
        RouteHandler(method: .POST, path: "/coupon/api/v1/upload/redeemFile/*", kind: .work) {
            service, call, _ in take(service, call, redeems: true)
        },
        orSeeded("/coupon/api/v1/upload/getUploadStatus/*") { status($0, $1, redeems: false) },
        orSeeded("/coupon/api/v1/upload/getUploadRedeemedCouponStatus/*") {
            status($0, $1, redeems: true)
        },
        orSeeded("/v1.1/customer/coupons") { coupons($0, $1) },
        orSeeded("/v2/coupon") { codes($0, $1) },
    ]

    /// A look-up; where nothing was done, what the sandbox holds from the start is seen.
    private static func orSeeded(
        _ path: String, _ answer: @escaping @Sendable (Service, Call) -> Answer?
    ) -> RouteHandler {
        RouteHandler(method: .GET, path: path, kind: .look) { service, call, troubles in
            if let own = answer(service, call) { return own }
            let seeded = PagedCalls.desks.first { $0.method == .GET && $0.path == path }
            return seeded?.answer(service, call, troubles) ?? Answer(status: 404)
        }
    }

    // MARK: Taking a file

    private static func take(_ service: Service, _ call: Call, redeems: Bool) -> Answer {
        guard let form = Multipart(call), let file = form["file"], let name = file.fileName,
            let customer = form["customerIdentifier"]?.text,
            ["MOBILE", "EMAIL", "EXTERNAL_ID", "EXTENAL_ID", "USER_ID", "NOT_TAGGED"].contains(
                customer),
            Int(call.name) != nil, !call.name.hasPrefix("404"),
            let columns = redeems ? redeemColumns(form) : uploadColumns(form, customer, file.text)
        else { return Answer(status: 400, text: "{}") }
        var lines = file.text.split(separator: "\n").map {
            $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        }
        guard !lines.isEmpty else { return Answer(status: 400, text: "{}") }
        lines.removeFirst()
        var errors = 0
        for line in lines {
            func cell(_ index: Int?) -> String {
                index.flatMap { $0 < line.count ? line[$0] : nil } ?? ""
            }
            let isDone =
                redeems
                ? redeem(service, call.name, customer: cell(columns.customer), code: cell(columns.code))
                : add(
                    service, call.name, customer: columns.customer.map { cell($0) },
                    code: columns.code.map { cell($0) })
            if !isDone { errors += 1 }
        }
        service.tally.items += lines.count
        let stored = name.replacing(".csv", with: "_\(service.now())_\(call.name).csv")
        let rows = lines.count + (service.options.countsHeaderOfFiles ? 1 : 0)
        var content: [UInt8] = []
        content.add(#"{"name":"#)
        content.add(quoted: Array((redeems ? stored : name).utf8))
        content.add(#","stored":"#)
        content.add(quoted: Array(stored.utf8))
        content.add(text: #","rows":\#(rows),"errors":\#(errors)}"#)
        let id = service.add(redeems ? .redeemFiles : .couponFiles, call.name, content)
        guard
            let job = service.store.find(collection(redeems), call.name.utf8).last(where: {
                $0.id == id
            })
        else { return Answer(status: 500) }
        var out: [UInt8] = []
        open(service, call, redeems, &out)
        write(job, isEnded: false, redeems, &out)
        out.add(#"],"fileName":"#)
        out.add(quoted: Array(stored.utf8))
        out.add("}}")
        return Answer(out)
    }

    private static func uploadColumns(_ form: Multipart, _ customer: String, _ text: String) -> (
        customer: Int?, code: Int?
    )? {
        let width = text.prefix { $0 != "\n" }.split(separator: ",").count
        if customer == "NOT_TAGGED" { return (nil, 0) }
        guard let column = form["customerIdentifierColumn"].flatMap({ Int($0.text) }), column < width
        else { return nil }
        return (column, width == 1 ? nil : 1 - column)
    }

    private static func redeemColumns(_ form: Multipart) -> (customer: Int?, code: Int?)? {
        guard let text = form["uploadHeaders"]?.text, let headers = Document(Array(text.utf8)) else {
            return nil
        }
        func column(_ names: String...) -> Int? {
            names.compactMap { headers.text($0, of: headers.root).flatMap { Int($0) } }.first
        }
        guard column("redeemedDateInMillis") != nil, column("redeemedAt") != nil,
            let customer = column("userId", "mobile", "externalId", "email"),
            let code = column("couponId", "couponCode")
        else { return nil }
        return (customer, code)
    }

    /// - Parameter code: Nil: one is made up.
    private static func add(_ service: Service, _ series: String, customer: String?, code: String?)
        -> Bool
    {
        if let customer, service.refusal(ofCustomer: customer) != nil { return false }
        if let code {
            if code.isEmpty || code.hasPrefix("refused") { return false }
            let key = series + "/" + code
            if !service.store.find(.codes, key.utf8).isEmpty { return false }
            _ = service.add(.codes, key, Array("{}".utf8))
        }
        guard let customer else { return true }
        let code = code ?? "DEMO" + String(service.store.nextID, radix: 36).uppercased()
        _ = service.add(.coupons, customer + "/" + series, content(series, code))
        return true
    }

    private static func content(_ series: String, _ code: String) -> [UInt8] {
        var content: [UInt8] = []
        content.add(text: #"{"series":"\#(series)","code":"#)
        content.add(quoted: Array(code.utf8))
        content.add("}")
        return content
    }

    private static func redeem(_ service: Service, _ series: String, customer: String, code: String)
        -> Bool
    {
        let key = series + "/" + code
        guard service.refusal(ofCustomer: customer) == nil, !code.isEmpty,
            service.store.find(.redemptions, key.utf8).isEmpty
        else { return false }
        // One that was issued elsewhere, too, is known by its redemption.
        if service.store.find(.coupons, (customer + "/" + series).utf8).allSatisfy({
            codeOf($0) != code
        }) {
            _ = service.add(.coupons, customer + "/" + series, content(series, code))
        }
        _ = service.add(.redemptions, key, Array("{}".utf8))
        return true
    }

    private static func codeOf(_ thing: Store.Thing) -> String? {
        Document(thing.content).flatMap { $0.text("code", of: $0.root) }
    }

    // MARK: Telling of jobs

    private static func collection(_ redeems: Bool) -> Store.Collection {
        redeems ? .redeemFiles : .couponFiles
    }

    private static func status(_ service: Service, _ call: Call, redeems: Bool) -> Answer? {
        let jobs = service.store.find(collection(redeems), call.name.utf8)
        if jobs.isEmpty { return nil }
        var out: [UInt8] = []
        open(service, call, redeems, &out)
        for job in jobs {
            write(job, isEnded: service.now() - job.at >= workTime, redeems, &out)
            out.add(",")
        }
        if out.last == UInt8(ascii: ",") { out.removeLast() }
        out.add("]}}")
        return Answer(out)
    }

    /// How long a file is at work, in milliseconds.
    private static let workTime: Int64 = 60

    private static func open(_ service: Service, _ call: Call, _ redeems: Bool, _ out: inout [UInt8]) {
        let list = redeems ? "redeemUploadJobStatuses" : "uploadJobStatuses"
        out.add(
            text:
                #"{"success":true,"status":200,"result":{"orgId":\#(service.options.org),"couponSeriesId":\#(call.name),"\#(list)":["#
        )
    }

    private static func write(
        _ job: Store.Thing, isEnded: Bool, _ redeems: Bool, _ out: inout [UInt8]
    ) {
        guard let content = Document(job.content) else { return }
        func text(_ name: String) -> String { content.text(name, of: content.root) ?? "" }
        let state = isEnded ? (redeems ? "COMPLETED" : "FINISHED") : (redeems ? "QUEUED" : "STARTED")
        let rows = isEnded ? text("rows") : "0"
        let errors = isEnded ? text("errors") : "0"
        let errorFile = isEnded && errors != "0" ? "\"error_\(job.id)\"" : "null"
        out.add(
            text:
                #"{"jobId":\#(job.id),"\#(redeems ? "uploadRedeemedCouponStatus" : "uploadStatus")":"\#(state)","#
        )
        // Source: Coupons, Upload coupons: status. The status call rounds it, the upload does not.
        out.add(
            text:
                #""createdOn":"\#(job.at / 1000 * 1000)","updatedOn":"\#(job.at)","errorFileUrl":\#(errorFile),"#
        )
        out.add(#""successFileUrl":null,"uploadedFileUrl":"#)
        out.add(quoted: Array(text("stored").utf8))
        out.add(
            text: #","totalUploadedCount":\#(rows),"actualRowCount":\#(rows),"errorCount":\#(errors),"#)
        out.add(#""uploadTableName":null,"uploadedFileName":"#)
        out.add(quoted: Array(text("name").utf8))
        out.add(redeems ? "}" : #","audienceGroupId":0,"audienceGroupVersionId":0}"#)
    }

    // MARK: Coupons by code

    /// Of codes that came in files, whoever has them.
    private static func codes(_ service: Service, _ call: Call) -> Answer? {
        guard let code = call.query("couponCodes") else { return nil }
        let suffix = "/" + code
        let found = service.store.all(.codes).filter { thing in
            String(decoding: thing.key, as: UTF8.self).hasSuffix(suffix)
        }
        if found.isEmpty {
            // Where there are files at all, this code is unknown; else what is seeded is shown.
            guard service.store.all(.couponFiles).isEmpty else {
                return Answer(
                    text: #"{"entity":[],"errors":[{"code":702,"message":"no such code"}]}"#)
            }
            return nil
        }
        var out: [UInt8] = []
        out.add(#"{"entity":["#)
        for (index, thing) in found.enumerated() {
            let series = String(decoding: thing.key, as: UTF8.self).dropLast(suffix.count)
            if index > 0 { out.add(",") }
            out.add(text: #"{"id":\#(thing.id),"seriesId":\#(series),"code":"#)
            out.add(quoted: Array(code.utf8))
            out.add("}")
        }
        out.add(#"],"errors":[],"warnings":[]}"#)
        return Answer(out)
    }

    // MARK: A customer's coupons

    /// When a coupon ends whose expiry was changed.
    private static func expiry(_ code: String, _ service: Service) -> String? {
        let change = service.store.find(.calls, "coupons.expiry/\(code.uppercased())".utf8).last
        guard let body = change.flatMap({ Document($0.content) }) else { return nil }
        let first = (body.list(body.member("couponCodes", of: body.root)) ?? []).first
        return body.text("expiryDate", of: first)
    }

    private static func coupons(_ service: Service, _ call: Call) -> Answer? {
        let kinds = ["mobile", "email", "external_id", "id"]
        let kind = kinds.first { call.query($0) != nil } ?? ""
        let who = call.query(kind) ?? ""
        let series = call.query("series_id") ?? ""
        let all = service.store.find(.coupons, (who + "/" + series).utf8)
        let found = all.filter { coupon in
            let code = (codeOf(coupon) ?? CouponCalls.code(coupon.id)).uppercased()
            return service.store.find(.calls, "coupons.revoke/\(code)".utf8).isEmpty
        }
        let hasFiles = [false, true].contains {
            !service.store.find(collection($0), series.utf8).isEmpty
        }
        if all.isEmpty, !hasFiles { return nil }
        if let complaint = service.refusal(ofCustomer: who) {
            return Answer(
                text:
                    #"{"response":{"status":{"success":"false","code":500,"message":"failed"},"customers":{"customer":[{"item_status":{"success":"false","code":1012,"message":"\#(complaint.message)"}}]}}}"#
            )
        }
        let limit = call.query("limit").flatMap { Int($0) } ?? 10
        var out: [UInt8] = []
        out.add(
            text:
                #"{"response":{"pagination":{"limit":"\#(limit)","offset":"0","total":\#(found.count)},"status":{"success":"true","code":200,"message":"ok"},"customers":{"customer":[{"#
        )
        out.add(text: kind == "id" ? #""id":"# : #""id":"1","\#(kind)":"#)
        out.add(quoted: Array(who.utf8))
        out.add(#","coupons":{"coupon":["#)
        for (index, coupon) in found.prefix(limit).enumerated() {
            let code = codeOf(coupon) ?? CouponCalls.code(coupon.id)
            let redeemed = service.store.find(.redemptions, (series + "/" + code).utf8).count
            if index > 0 { out.add(",") }
            out.add(text: #"{"id":"\#(coupon.id)","series_id":"\#(series)","code":"#)
            out.add(quoted: Array(code.utf8))
            out.add(#","created_date":""#)
            out.add(instant: coupon.at / 1000, zoneMinutes: 0)
            out.add(#"","valid_till":"#)
            out.add(quoted: Array((expiry(code, service) ?? "2027-01-31 23:59:59").utf8))
            out.add(text: #","redemption_count":\#(redeemed),"redemptions":{"redemption":[]}}"#)
        }
        out.add(#"]},"item_status":{"success":"true","code":1000,"message":"ok"}}]}}}"#)
        return Answer(out)
    }
}
