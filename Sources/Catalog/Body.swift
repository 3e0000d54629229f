/// The few bodies that requests have.
enum Body {
    /// The one item itself, of calls that take one.
    static let single: @Sendable ([ArraySlice<UInt8>]) -> [UInt8] = { items in
        items.first.map { Array($0) } ?? []
    }

    /// An object whose one member is a list of the items.
    static func list(_ name: String) -> @Sendable ([ArraySlice<UInt8>]) -> [UInt8] {
        { items in Array("{\"\(name)\":".utf8) + array(items) + [UInt8(ascii: "}")] }
    }

    /// The same within another object.
    static func nested(_ outer: String, _ name: String) -> @Sendable ([ArraySlice<UInt8>]) -> [UInt8] {
        { items in Array("{\"\(outer)\":".utf8) + list(name)(items) + [UInt8(ascii: "}")] }
    }

    /// A JSON array of the items as they are.
    static let array: @Sendable ([ArraySlice<UInt8>]) -> [UInt8] = { items in
        var body: [UInt8] = []
        body.reserveCapacity(items.reduce(2) { $0 + $1.count + 1 })
        body.append(UInt8(ascii: "["))
        for item in items {
            if body.count > 1 { body.append(UInt8(ascii: ",")) }
            body.append(contentsOf: item)
        }
        body.append(UInt8(ascii: "]"))
        return body
    }
}
