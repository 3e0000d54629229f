import NIOHTTP1
import Records

// The calls of ``PlainCall``, family by family. Customers, brands and so on exist unless their identifier begins
// with `unknown`; customers with a number that begins with 404 do not.
//
// Source: API reference, the pages that the catalog names.
extension PlainCall {
    static let all: [PlainCall] = [
        customers, older, groups, parts, labels, coupons, promotions, grants, rewards, partners, points,
        moves, tills, olderActs, retro, waysBack, corrections,
    ].flatMap { (calls: [PlainCall]) -> [PlainCall] in calls }

    /// One record a request, answered with an id under `entity`: all that most calls need.
    ///
    /// - Parameters:
    ///   - member: What a record is known by.
    ///   - repeats: What a second one with the same is.
    ///   - unknown: A record is refused with that code where this member names what does not exist.
    static func single(
        _ name: String, _ method: HTTPMethod, _ path: String, by member: String, _ repeats: Repeat,
        unknown: (member: String, code: Int)
    ) -> PlainCall {
        PlainCall(
            name: name, method: method, path: path, form: .single("entity"), repeats: repeats,
            key: { body, item, _ in body.text(member, of: item) ?? "" },
            refusal: { body, item, _, _ in
                isUnknown(body.text(unknown.member, of: item) ?? "")
                    ? Complaint(unknown.code, "\(unknown.member) is unknown") : nil
            })
    }

    static func isUnknown(_ text: String) -> Bool {
        text.hasPrefix("unknown") || text.hasPrefix("404")
    }

    static func stranger(_ text: String) -> Complaint? {
        isUnknown(text) ? Complaint(8015, "customer not found") : nil
    }

    /// The component of the path at that index.
    static func part(_ call: Call, _ index: Int) -> String {
        let parts = call.path.split(separator: "/").map(String.init)
        return parts.indices.contains(index) ? parts[index] : ""
    }

    /// The value of a customer object.
    static func who(_ body: Document, _ node: Int?) -> String {
        ["id", "mobile", "email", "externalId"].compactMap { body.text($0, of: node) }.first ?? ""
    }
}
