import Model
import Records

extension Endpoint {
    /// Uploads codes and their owners to a series: `POST /coupon/api/v1/upload/file/{series}`.
    package static let couponsUpload = EndpointSpec(
        "coupons.upload",
        "Uploads a file of coupons to a series: codes with their owners, codes, or owners.",
        .post, "/coupon/api/v1/upload/file/{series}", host: .coupon, what: "A coupon", adds: true,
        chunk: CouponFile.chunk, parameters: CouponsUpload.parameters, fields: CouponsUpload.fields,
        keys: CouponsUpload.keys(.owned), body: .code(CouponFile.csv(CouponsUpload.Form.owned.columns)),
        reply: .function(.none) { reply, _ in CouponsUpload.jobs.read(reply) },
        codes: .none,
        recovery: .code(.adoptJob(CouponsUpload.jobs)),
        source:
            "Upload Coupons (Batch). Facts: Coupons, Upload coupons; Coupons, Upload files: outcome of a "
            + "row. Unconfirmed: whether the header row counts (found out with a first file of one row), the "
            + "order of columns (the owner's is named), whether a code that exists is refused.",
        code: .init(
            key: { member in
                let fields = member.fields
                return fields.count < 2 ? "" : fields[0].isEmpty ? fields[1] : fields[0]
            }, kind: { _ in "coupon" },
            adapt: { endpoint in
                let form = CouponsUpload.Form(endpoint.settings)
                endpoint.prepare = CouponsUpload.prepare(form)
                endpoint.body = CouponFile.csv(form.columns)
            }, reasons: CouponFile.reasons(CouponsUpload.fields))
    ).endpoint
}

enum CouponsUpload {
    /// What a file holds. Source: Coupons, Upload coupons.
    enum Form: Sendable {
        /// Codes, each with the customer it is for.
        case owned
        /// Codes that are nobody's yet.
        case free
        /// Customers, for whom the series makes codes up.
        case generated

        init(_ settings: [String: String]) {
            if settings["customer"] == "NOT_TAGGED" {
                self = .free
            } else {
                self = settings["codes"] == "generated" ? .generated : .owned
            }
        }

        var columns: [String] {
            switch self {
            case .owned: ["customer", "code"]
            case .free: ["code"]
            case .generated: ["customer"]
            }
        }
    }

    // MARK: Fields

    static let parameters = [
        CouponFile.series,
        Parameter(
            "customer", .setting,
            .oneOf(["MOBILE", "EMAIL", "EXTERNAL_ID", "EXTENAL_ID", "USER_ID", "NOT_TAGGED"]),
            usual: "MOBILE",
            "The identifier of the owner; NOT_TAGGED: codes only. One page writes EXTENAL_ID for EXTERNAL_ID."
        ),
        Parameter(
            "codes", .setting, .oneOf(["given", "generated"]), usual: "given",
            "generated: the series generates a code for each customer; such a file is never sent twice."
        ),
        CouponFile.refusesRepeat, CouponFile.followMinutes,
    ]

    static let fields: [Field] = [
        Field("code", .text(most: 100), .when("unless codes are generated"), "Unique in its series."),
        Field("customer", .text(most: 250), .when("unless NOT_TAGGED"), "As `customer` says."),
    ]

    static let schema = Schema(fields)

    static func keys(_ form: Form) -> Keys { .code { context in check(&context, form) } }

    static func prepare(_ form: Form) -> @Sendable (Item, inout PreparedItem) -> Void {
        { item, prepared in
            ItemContext.prepare(item, schema, "coupons.upload", "A coupon", into: &prepared) {
                context in
                check(&context, form)
            }
        }
    }

    private static func check(_ context: inout ItemContext, _ form: Form) {
        let columns = form.columns
        for name in ["code", "customer"] {
            if columns.contains(name) {
                context.require(name, "A file of this form needs a \(name) in every row.")
            } else if context.has(name) {
                context.problem(.rule, name, "A file of this form has no \(name).")
            }
        }
        CouponFile.checkPlain(&context, columns)
        let code = columns.contains("code") ? context.text("code") ?? "" : ""
        let customer = columns.contains("customer") ? context.text("customer") ?? "" : ""
        context.identity = [code, customer]
        context.binding = [code.isEmpty ? customer : code]
        // Two of one customer could not be told apart by a look-up.
        context.orderKeys = form == .generated ? [["customer", customer]] : []
        context.evidence = [code, customer]
    }

    // MARK: The job

    static let jobs = FileJobs(
        parts: { settings in
            let customer = settings["customer"] ?? "MOBILE"
            return [("customerIdentifier", customer)]
                + (customer == "NOT_TAGGED" ? [] : [("customerIdentifierColumn", "0")])
        },
        statusName: "getUploadStatus", list: "uploadJobStatuses", state: "uploadStatus",
        search: { member, endpoint, sent in
            let fields = member.fields
            guard fields.count > 1 else { return nil }
            let code = fields[0].isEmpty ? nil : fields[0]
            return CouponFile.search(
                fields[1], CouponFile.Wanted(code: code, since: code == nil ? sent : nil), endpoint)
        },
        source: "Coupons, Upload coupons: status. All jobs of the series, found by the file's name.")
}
