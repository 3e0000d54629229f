/// Customers are not stored: whoever is not listed as unknown exists, under an id that follows from
/// the identifier.
enum Customers {
    /// The id of a customer, positive and below 2^52; nil where an `id` is not a number.
    ///
    /// - Parameter type: Index into ``Listed/identifierTypes``.
    static func id(type: Int, _ bytes: [UInt8], _ value: Range<Int>) -> Int64? {
        if bytes.isEmpty { return nil }
        if type == Listed.identifierTypes.count - 1 {
            guard let id = Int64(String(decoding: bytes[value], as: UTF8.self)), id > 0 else {
                return nil
            }
            return id
        }
        var digest = Digest()
        digest.add(bytes, value)
        digest.add(Int64(type))
        return Int64(digest.final >> 12) | 1
    }
}
