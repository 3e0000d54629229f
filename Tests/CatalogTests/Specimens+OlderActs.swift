import Model

@testable import Catalog

/// Of the older calls that do something, rather than set it.
extension Specimen {
    static let olderActs: [String: Specimen] = [
        "points.redeemOlder": Specimen(
            items: (0..<3).map {
                #"{"points_redeemed":5,"customer":{"mobile":"44770090000\#($0)"},"external_reference_number":"w-\#($0)"}"#
            }, codes: PointsRedeemOlder.codes,
            wrong: [
                ("points_redeemed", nil), ("points_redeemed", "-1"), ("points_redeemed", #""1.2345""#),
                ("customer", nil), ("customer", "{}"),
                ("customer", #"{"mobile":"447","email":"a@example.org"}"#),
                ("external_reference_number", nil), ("external_reference_number", #""""#),
                ("redemption_time", #""2026-02-03T10:00:00Z""#), ("custom_fields", "[]"),
            ],
            done: {
                #"{"mobile":"0044770090000\#($0)","user_id":"7","redemption_id":"r0\#($0)","item_status":{"success":"true","code":800,"message":"ok"}}"#
            },
            failed: { index, error in
                #"{"mobile":"44770090000\#(index)","redemption_id":"","item_status":{"success":"false","#
                    + error.replacing(#"{"status":false,"#, with: "") + "}"
            },
            envelope: { items in
                #"{"response":{"status":{"success":"true","code":200,"message":"ok"},"responses":{"points":"#
                    + (items.count == 1 ? items[0] : "[" + items.joined(separator: ",") + "]") + "}}}"
            }),
        "customers.subscribeOlder": older(
            (0..<3).map {
                #"{"mobile":"44770090000\#($0)","channel":"sms","priority":"BULK","scope":"all","is_subscribed":1}"#
            }, codes: OlderCustomers.codes,
            wrong: [
                ("mobile", nil), ("email", #""a@example.org""#), ("channel", nil),
                ("channel", #""SMS""#), ("priority", #""Bulk""#), ("scope", #""USER""#),
                ("is_subscribed", nil), ("is_subscribed", "2"), ("is_subscribed", #""yes""#),
            ], head: #""subscriptions":{"subscription":["#, tail: "]}}}",
            label: {
                #""mobile":"44770090000\#($0)","email":"a\#($0)@example.org","channel":"SMS","priority":"BULK""#
            }),
    ]
}
