import TestSupport

/// The v1 calls that do something, rather than set it.
extension Specimen {
    static let olderActs = [
        plain("points.redeemOlder", once: true, key: { text($0, $1) }) {
            #"{"points_redeemed":5,"customer":{"external_id":"\#(text($0, $1, $2))"},"external_reference_number":"\#(text($0, $1))"}"#
        },
        plain(
            "customers.subscribeOlder", chunk: 5, key: { text($0, $1) + "@example.org/email" }
        ) {
            #"{"email":"\#(text($0, $1, $2))@example.org","channel":"email","priority":"BULK","is_subscribed":0}"#
        },
        held("customers.requestIdentifier", key: { text($0, $1) }) {
            #"{"identifier":"external_id","old_value":"\#(text($0, $1, $2))","new_value":"new-\#(text($0, $1))"}"#
        },
        plain("requests.add", once: true, holds: true, chunk: 5, key: { number($0, $1) }) {
            #"{"reference_id":\#(number($0, $1)),"type":"CHANGE_IDENTIFIER","base_type":"EXTERNAL_ID","customer":{"external_id":"\#(text($0, $1, $2))"},"old_value":"\#(text($0, $1))","new_value":"new-\#(text($0, $1))"}"#
        },
        held("tasks.add", key: { text($0, $1) }) {
            #"{"id":"-1","local_id":"\#(text($0, $1))","title":"\#($2 ? "unknown" : "Call")"}"#
        },
        plain("tasks.update", chunk: 5, key: { number($0, $1) }) {
            #"{"id":\#(number($0, $1, $2)),"title":"Call"}"#
        },
        plain(
            "transactions.retro", once: true, more: "parameters: { signature: BOOKS }",
            key: { number($0, $1) }
        ) {
            #"{"id":\#(number($0, $1, $2)),"old_type":"NOT_INTERESTED","new_type":"REGULAR","customer":{"mobile":"44\#(number($0, $1))"}}"#
        },
    ]
}
