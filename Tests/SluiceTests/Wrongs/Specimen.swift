import Foundation
import TestSupport

/// What a test has to know of an endpoint to lead it through every wrong. An endpoint that is listed is
/// covered once it has one of these.
struct Specimen: Sendable, CustomStringConvertible {
    let endpoint: String
    /// What is special to it, where the endpoint has several.
    var variant = ""
    /// Which uniqueness of bill numbers makes a difference to it.
    var uniqueness = ["none"]
    /// Whether doing an item twice is wrong; else it sets what is set already.
    var isOnce = true
    /// After a lost answer nobody knows: a person looks and decides.
    var holds = false
    /// What says nothing of it: trouble for good where its look-ups are the call itself, look-ups that lag where
    /// what it changes was made a moment ago.
    var spares: @Sendable (Wrong) -> Bool = { _ in false }
    /// Of the job.
    var more = ""
    var chunk = 5
    /// What has to be there before: made by hand.
    var prepare: @Sendable (Program.Server, _ name: String, _ items: Int) throws -> Void = { _, _, _ in
    }
    /// The input line of an item; `name` makes it another test's. A bad one is refused by the API for what
    /// it is, whatever else goes wrong.
    let line: @Sendable (_ name: String, _ item: Int, _ isBad: Bool) -> String
    /// How often each item was done, by the sandbox's own books.
    let done: @Sendable (Program.Server, _ name: String, _ items: Int) throws -> [Int]

    var description: String { variant.isEmpty ? endpoint : "\(endpoint) (\(variant))" }

    static let all: [Specimen] =
        [
            .transactionsAdd, .returns, .transactionsUpdate, .storesAdd, .badgesImport, .badgesEarn,
            .badgesEnrol, .cardsAdd, .cardsUpdate,
            .customersAdd, .customersUpsert, .skusAdd, .skusUpdate,
            .labelsAssign, .milestonesEnrol, .milestonesUnenrol, .couponsIssue, .couponsUpload,
            .couponsUploadRedeemed,
        ] + wider

    func input(_ name: String, items: Range<Int>, bad: Set<Int> = []) -> String {
        items.map { line(name, $0, bad.contains($0)) + "\n" }.joined()
    }

    /// How often the sandbox did each of what it keeps on a shelf under these keys.
    static func deeds(_ server: Program.Server, on shelf: String, keys: [String]) throws -> [Int] {
        let answer = try server.ask("/_sandbox/deeds?of=\(shelf)")
        var counts: [String: Int] = [:]
        for thing in answer["things"] as? [[String: Any]] ?? [] {
            guard let key = thing["key"] as? String else { continue }
            counts[key, default: 0] += thing["deeds"] as? Int ?? 0
        }
        return keys.map { counts[$0] ?? 0 }
    }
}

extension Specimen {
    static let transactionsAdd = Specimen(
        endpoint: "transactions.add", uniqueness: ["none", "org", "store", "till", "unknown"],
        line: { name, item, isBad in
            """
            {"identifierType":"externalId","identifierValue":"\(isBad ? "unknown-" : "c")\(item)",\
            "source":"INSTORE","type":"REGULAR","billNumber":"\(name)-\(item)",\
            "billingDate":"2026-02-03T10:15:00+00:00","billAmount":12.5}
            """
        },
        done: { server, name, items in
            let counts = try bookings(server)
            return (0..<items).map { counts["REGULAR \(name)-\($0)"] ?? 0 }
        })

    /// A sale, and two equal partial returns of it that are both meant. Few a request, so that some go after
    /// those that are lost: a miss needs a witness. Of one that is lost late there is none in so small a file.
    static let returns = Specimen(
        endpoint: "transactions.add", variant: "returns",
        spares: { !$0.isLost || $0.faults.contains { $0.hasPrefix("hang-before") } },
        more: "repeats: count", chunk: 2,
        line: { name, item, _ in
            let kind =
                item % 3 == 0
                ? #""type":"REGULAR","billingDate":"2026-02-03T10:15:00+00:00","billAmount":12.5"#
                : #""type":"RETURN","returnType":"AMOUNT","purchaseTime":"2026-02-03T10:15:00+00:00","#
                    + #""billingDate":"2026-02-05T09:00:00+00:00","billAmount":4"#
            return
                #"{"identifierType":"externalId","identifierValue":"c\#(item / 3)","source":"INSTORE","#
                + #""billNumber":"\#(name)-\#(item / 3)",\#(kind)}"#
        },
        done: { server, name, items in
            let counts = try bookings(server)
            return (0..<items).map { item in
                let returned = counts["RETURN \(name)-\(item / 3)"] ?? 0
                return switch item % 3 {
                case 0: counts["REGULAR \(name)-\(item / 3)"] ?? 0
                case 1: min(returned, 1)
                default: max(0, returned - 1)
                }
            }
        })

    /// How often bills were booked, by kind and number.
    private static func bookings(_ server: Program.Server) throws -> [String: Int] {
        let answer = try server.ask("/_sandbox/bookings?limit=100000")
        var counts: [String: Int] = [:]
        for booking in answer["bookings"] as? [[String: Any]] ?? [] {
            guard let number = booking["number"] as? String, let kind = booking["type"] as? String
            else {
                continue
            }
            counts["\(kind) \(number)", default: 0] += 1
        }
        return counts
    }

    static let transactionsUpdate = Specimen(
        endpoint: "transactions.update", isOnce: false,
        line: { name, item, isBad in
            """
            {"identifierType":"mobile","identifierValue":"\(isBad ? "unknown-" : "")4477\(item)",\
            "source":"INSTORE","id":\(bill(name, item)),"extendedFields":{"courier":"Van Ness"}}
            """
        },
        done: { server, name, items in
            try deeds(server, on: "billChanges", keys: (0..<items).map { String(bill(name, $0)) })
        })

    /// The sandbox has bills of such ids.
    private static func bill(_ name: String, _ item: Int) -> Int {
        1_000_000 + 1000 * (Int(name.filter(\.isNumber)) ?? 0) + item
    }

    static let storesAdd = Specimen(
        endpoint: "stores.add",
        line: { name, item, isBad in
            // A bad one has the name of the first.
            """
            {"code":"\(name)_\(item)","name":"\(name) \(isBad ? 0 : item)","type":"STORE",\
            "externalIds":["\(name)x\(item)"]}
            """
        },
        done: { server, name, items in
            try deeds(server, on: "stores", keys: (0..<items).map { "\(name)_\($0)" })
        })

    static let badgesImport = Specimen(
        endpoint: "badges.import",
        line: { name, item, isBad in
            """
            {"badgeMetaId":"\(isBad ? "unknown-" : "")\(name)","customerId":\(customer(name, item)),\
            "earnEventDate":1767225600,"earnExpiresOn":1798761600}
            """
        },
        done: { server, name, items in
            try deeds(server, on: "badges", keys: (0..<items).map { "\(customer(name, $0))/\(name)" })
        })

    /// Two badges, their customers side by side.
    static let badgesEarn = Specimen(
        endpoint: "badges.earn",
        line: { name, item, isBad in
            """
            {"badgeMetaId":"\(name)-\(item % 2)","customerId":\(isBad ? "404" : "")\(customer(name, item)),\
            "earnEventDateISO":"2026-02-03T10:00:00Z",\
            "triggeredBy":{"ownerType":"Loyalty","referenceId":"77"}}
            """
        },
        done: { server, name, items in
            try deeds(
                server, on: "badges",
                keys: (0..<items).map { "\(customer(name, $0))/\(name)-\($0 % 2)" })
        })

    static let badgesEnrol = Specimen(
        endpoint: "badges.enrol",
        line: { name, item, isBad in
            """
            {"badgeMetaId":"\(name)-\(item % 2)","customerId":\(isBad ? "404" : "")\(customer(name, item))}
            """
        },
        done: { server, name, items in
            try deeds(
                server, on: "badgeEnrolments",
                keys: (0..<items).map { "\(customer(name, $0))/\(name)-\($0 % 2)" })
        })

    /// Nobody has this many badges that a look-up does not show them all.
    static func customer(_ name: String, _ item: Int) -> Int {
        9_000_000 + 1000 * (Int(name.filter(\.isNumber)) ?? 0) + item
    }

    static let cardsAdd = Specimen(
        endpoint: "cards.add", chunk: 1,
        line: { name, item, isBad in
            """
            {"cardNumber":"\(name)\(1000 + item)","seriesId":\(isBad ? 99_999 : 12),"statusLabel":"NOT_ISSUED"}
            """
        },
        done: { server, name, items in
            try deeds(server, on: "cards", keys: (0..<items).map { "\(name)\(1000 + $0)" })
        })

    static let cardsUpdate = Specimen(
        endpoint: "cards.update", isOnce: false,
        line: { name, item, isBad in
            """
            {"cardNumber":"\(isBad ? "unknown" : "")\(name)\(1000 + item)","statusLabel":"ACTIVE"}
            """
        },
        done: { server, name, items in
            try deeds(server, on: "cardChanges", keys: (0..<items).map { "\(name)\(1000 + $0)" })
        })

    private static func customer(_ name: String, _ item: Int, _ isBad: Bool) -> String {
        """
        {"profiles":[{"firstName":"Ada","source":"INSTORE","identifiers":[\
        {"type":"externalId","value":"\(isBad ? "blocked-" : "")NEW-\(name)-\(item)"}]}],\
        "loyaltyInfo":{"loyaltyType":"loyalty"}}
        """
    }

    private static func customers(_ server: Program.Server, _ name: String, _ items: Int) throws
        -> [Int]
    {
        try deeds(server, on: "customers", keys: (0..<items).map { "externalId:NEW-\(name)-\($0)" })
    }

    /// It adds those that are new, and the server knows a second one for what it is. A bad one is known there,
    /// which a first look-up would see.
    static let customersAdd = Specimen(
        endpoint: "customers.add", isOnce: false,
        more: "parameters: { source: INSTORE }\nverify_existing: none",
        line: customer, done: customers)

    static let customersUpsert = Specimen(
        endpoint: "customers.upsert", isOnce: false,
        line: { name, item, isBad in
            customer(name, item, isBad).replacingOccurrences(
                of: ",\"loyaltyInfo\":{\"loyaltyType\":\"loyalty\"}", with: "")
        }, done: customers)

    private static func product(_ name: String, _ item: Int, _ isBad: Bool) -> String {
        """
        {"sku":"\(name)-\(item)","description":"A shirt","brandCode":"\(isBad ? "unknown" : "acme")"}
        """
    }

    private static func products(_ server: Program.Server, _ name: String, _ items: Int) throws -> [Int]
    {
        try deeds(server, on: "products", keys: (0..<items).map { "\(name)-\($0)".lowercased() })
    }

    static let skusAdd = Specimen(endpoint: "skus.add", line: product, done: products)

    static let skusUpdate = Specimen(
        endpoint: "skus.update", isOnce: false,
        prepare: { server, name, items in
            let list = (0..<items).map { product(name, $0, false) }.joined(separator: ",")
            _ = try server.post("/v2/product/skus", "[\(list)]")
        }, line: product,
        done: { server, name, items in try products(server, name, items).map { $0 - 1 } })

    static let labelsAssign = Specimen(
        endpoint: "labels.assign", more: "parameters: { entity_type: CUSTOMER }",
        line: { name, item, isBad in
            #"{"entityId":\#(isBad ? "404" : "")\#(customer(name, item)),"labelExternalId":"vip"}"#
        },
        done: { server, name, items in
            try deeds(
                server, on: "labels", keys: (0..<items).map { "CUSTOMER/\(customer(name, $0))/vip" })
        })

    private static func enrolment(_ name: String, _ item: Int, _ isBad: Bool) -> String {
        #"{"customerId":\#(customer(name, item)),"periodName":"\#(isBad ? "unknown" : "P-1")"}"#
    }

    private static func enrolments(_ server: Program.Server, _ name: String, _ items: Int) throws
        -> [Int]
    {
        try deeds(
            server, on: "enrolments", keys: (0..<items).map { "40/7/\(customer(name, $0))/P-1" })
    }

    static let milestonesEnrol = Specimen(
        endpoint: "milestones.enrol", more: "parameters: { target_group: 40, target: 7 }", chunk: 1,
        line: enrolment, done: enrolments)

    static let milestonesUnenrol = Specimen(
        endpoint: "milestones.unenrol", holds: true,
        more: "parameters: { target_group: 40, target: 7 }", chunk: 1,
        prepare: { server, name, items in
            try server.post(
                "/v3/targetGroups/40/targets/7/enroll",
                bodies: (0..<items).map { "[\(enrolment(name, $0, false))]" })
        }, line: enrolment,
        done: { server, name, items in try enrolments(server, name, items).map { $0 - 1 } })

    static let couponsIssue = Specimen(
        endpoint: "coupons.issue", holds: true, chunk: 1,
        line: { name, item, isBad in
            """
            {"seriesIds":[\(isBad ? 404_011 : 410_011)],"customer":{"externalId":"\(name)-\(item)"}}
            """
        },
        done: { server, name, items in
            try deeds(server, on: "coupons", keys: (0..<items).map { "\(name)-\($0)/410011" })
        })
}

/// Calls that take a file, which the server works on as a job. The first file is of one row, so that what is
/// refused for being one of several never comes.
extension Specimen {
    static let couponsUpload = Specimen(
        endpoint: "coupons.upload", spares: { $0.isOfBatch },
        more: "parameters: { series: 8801, refuses_repeat: true }",
        line: { name, item, isBad in
            #"{"code":"\#(name)-\#(item)","customer":"\#(isBad ? "unknown-" : "")\#(name)\#(item)"}"#
        },
        done: { server, name, items in
            try deeds(server, on: "codes", keys: (0..<items).map { "8801/\(name)-\($0)" })
        })

    static let couponsUploadRedeemed = Specimen(
        endpoint: "coupons.uploadRedeemed", spares: { $0.isOfBatch },
        more: "parameters: { series: 8801, refuses_repeat: true }",
        line: { name, item, isBad in
            #"{"coupon":"\#(name)-\#(item)","customer":"\#(isBad ? "unknown-" : "")\#(name)\#(item)","#
                + #""redeemedDate":"2026-02-03T10:15:00+00:00","redeemedAt":51}"#
        },
        done: { server, name, items in
            try deeds(server, on: "redemptions", keys: (0..<items).map { "8801/\(name)-\($0)" })
        })
}
