import NIOHTTP1
import Records

// The calls of ``PlainCall``, family by family. Customers, brands and so on exist unless their identifier begins
// with `unknown`; customers with a number that begins with 404 do not.
//
// Source: API reference, the pages that the catalog names.
extension PlainCall {
    static let all: [PlainCall] = [
        customers, older, groups, parts, labels, coupons, promotions, grants, rewards, partners, points,
        moves, tills, olderActs, retro,
    ].flatMap { (calls: [PlainCall]) -> [PlainCall] in calls }

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
