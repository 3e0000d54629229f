/// A bill in the queue of rejected transactions.
///
/// Source: API reference, "getRejectedTransactions".
struct Parked: Equatable {
    var number: [UInt8]
    var customer: Int64
    /// Milliseconds since 1970.
    var added: Int64
    var code: Int
    /// What the code complains about: the item code, the payment mode.
    var value: [UInt8]
    /// The transaction as it came.
    var payload: [UInt8]

    func pack(into out: inout [UInt8]) {
        out.add(counted: number)
        out.add(varint: UInt64(customer))
        out.add(signed: added)
        out.add(varint: UInt64(code))
        out.add(counted: value)
        out.add(counted: payload)
    }

    static func unpack(_ bytes: [UInt8], at: inout Int) -> Parked? {
        guard let number = bytes.counted(at: &at), let customer = bytes.varint(at: &at),
            let added = bytes.signed(at: &at), let code = bytes.varint(at: &at),
            let value = bytes.counted(at: &at), let payload = bytes.counted(at: &at)
        else { return nil }
        return Parked(
            number: Array(bytes[number]), customer: Int64(customer), added: added, code: Int(code),
            value: Array(bytes[value]), payload: Array(bytes[payload]))
    }
}
