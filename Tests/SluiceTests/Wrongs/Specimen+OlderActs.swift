/// The older calls that do something, rather than set it.
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
    ]
}
