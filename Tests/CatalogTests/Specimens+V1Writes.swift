import Model

@testable import Catalog

/// Of the v1 calls that do something, rather than set it.
extension Specimen {
    static let olderActs: [String: Specimen] = [
        "points.redeemOlder": Specimen(
            items: (0..<3).map {
                #"{"points_redeemed":5,"customer":{"mobile":"44770090000\#($0)"},"external_reference_number":"w-\#($0)"}"#
            }, codes: V1PointsRedeem.codes,
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
            }, codes: V1Customers.codes,
            wrong: [
                ("mobile", nil), ("email", #""a@example.org""#), ("channel", nil),
                ("channel", #""SMS""#), ("priority", #""Bulk""#), ("scope", #""USER""#),
                ("is_subscribed", nil), ("is_subscribed", "2"), ("is_subscribed", #""yes""#),
            ], head: #""subscriptions":{"subscription":["#, tail: "]}}}",
            label: {
                #""mobile":"44770090000\#($0)","email":"a\#($0)@example.org","channel":"SMS","priority":"BULK""#
            }),
        "customers.requestIdentifier": older(
            (0..<3).map {
                #"{"identifier":"mobile","old_value":"44770090000\#($0)","new_value":"44770090010\#($0)"}"#
            }, codes: V1Requests.identifierCodes,
            wrong: [
                ("identifier", nil), ("identifier", #""externalId""#), ("old_value", nil),
                ("old_value", #""""#), ("new_value", nil), ("new_value", #""447700900000""#),
                ("new_value", #""0044 7700 900000""#),
            ], head: #""customers":{"customer":["#, tail: "]}}}",
            label: {
                #""identifier":"mobile","old_value":"44770090000\#($0)","new_value":"44770090010\#($0)""#
            }),
        "requests.add": older(
            (0..<3).map {
                #"{"reference_id":\#(5 + $0),"type":"CHANGE_IDENTIFIER","base_type":"EMAIL","customer":{"id":\#(7 + $0)},"old_value":"a\#($0)@example.org","new_value":"b\#($0)@example.org"}"#
            }, codes: V1Requests.codes,
            wrong: [
                ("reference_id", nil), ("reference_id", "0"), ("reference_id", #""R-1""#),
                ("type", nil), ("type", #""GOODWILL""#), ("base_type", #""RETRO""#),
                ("base_type", #""MERGE""#), ("customer", nil), ("customer", "{}"), ("old_value", nil),
                ("new_value", #""""#),
            ], head: #""requests":{"request":["#, tail: "]}}}",
            label: { #""id":\#(9 + $0),"reference_id":"\#(5 + $0)","status":"PENDING""# }),
        "tasks.add": older(
            (0..<3).map { #"{"id":"-1","local_id":"T-\#($0)","title":"Call","type":"TASK"}"# },
            codes: Tasks.codes,
            wrong: [
                ("id", nil), ("id", #""7""#), ("local_id", nil), ("local_id", #""""#), ("title", nil),
                ("type", #""CALL""#), ("start_date", #""2026-02-03""#),
                ("action", #"{"type":"fax"}"#), ("creator", #"{"type":"manager"}"#),
            ], head: #""tasks":{"task":["#, tail: "]}}}",
            label: { #""id":"\#(12 + $0)","title":"Call""# }
        ),
        "tasks.update": older(
            (0..<3).map { #"{"id":\#(12 + $0),"possible_statuses":"OPEN,CLOSED"}"# },
            codes: Tasks.codes,
            wrong: [
                ("id", nil), ("id", "-1"), ("id", #""T-1""#), ("type", #""CALL""#),
                ("end_date", #""tomorrow""#), ("execute_by_all", "true"), ("reminder", "{}"),
            ], head: #""tasks":{"task":["#, tail: "]}}}", label: { #""id":"\#(12 + $0)""# }),
        "transactions.retro": older(
            (0..<3).map {
                #"{"id":\#(12 + $0),"old_type":"NOT_INTERESTED","new_type":"REGULAR","customer":{"mobile":"44770090000\#($0)"}}"#
            }, codes: TransactionsRetro.codes,
            wrong: [
                ("id", nil), ("id", "0"), ("id", #""B-1""#), ("old_type", nil),
                ("old_type", #""REGULAR""#), ("new_type", nil), ("new_type", #""RETURN""#),
                ("customer", nil), ("customer", "{}"), ("customer", #"{"id":"1","mobile":"447"}"#),
            ], head: #""transactions":{"transaction":["#, tail: "]}}}",
            label: { #""id":"\#(12 + $0)""# }),
    ]
}
