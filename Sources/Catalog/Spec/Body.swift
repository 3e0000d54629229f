import Records

/// What a request's body is made of its items.
package enum BodyForm: Sendable {
    /// The one item itself.
    case single
    /// A JSON array of the items.
    case array
    /// The same as the member at the end of one or two names: `root.customer`.
    case list([String])
    /// The members of the first item, and of all items the one called `name`, in a list.
    case gathered(String, as: String)
    /// Nothing: all of an item is in the path and the query.
    case none
    case code(@Sendable (_ items: [ArraySlice<UInt8>]) -> [UInt8])

    var make: @Sendable ([ArraySlice<UInt8>]) -> [UInt8] {
        switch self {
        case .single: Body.single
        case .array: Body.array
        case .list(let path):
            path.count > 1 ? Body.nested(path[0], path[1]) : Body.list(path.first ?? "")
        case .gathered(let name, let list): Body.gathered(name, as: list)
        case .none: { _ in [] }
        case .code(let make): make
        }
    }
}

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

    /// The members of the first item, and of all items the one called `name`, in a list.
    static func gathered(_ name: String, as list: String) -> @Sendable ([ArraySlice<UInt8>]) -> [UInt8]
    {
        { items in
            let parsed = items.compactMap { JSON(Array($0)) }
            guard let first = parsed.first else { return [] }
            var body = [UInt8(ascii: "{")]
            for member in first.tape.members(of: first.root)
            where first.tape.text(of: member.name, in: first.bytes) != name {
                body += first.bytes[first.tape.fullRange(of: member.name)]
                body.append(UInt8(ascii: ":"))
                body += first.bytes[first.tape.fullRange(of: member.value)]
                body.append(UInt8(ascii: ","))
            }
            body += Array("\"\(list)\":[".utf8)
            for (index, json) in parsed.enumerated() {
                if index > 0 { body.append(UInt8(ascii: ",")) }
                body += Array((json.scalar(json.member(named: name, of: json.root)) ?? "null").utf8)
            }
            body += Array("]}".utf8)
            return body
        }
    }

    /// The text of an object with one more member.
    static func stamped(_ name: String) -> @Sendable (_ body: [UInt8], _ text: String) -> [UInt8] {
        { body, text in body.dropLast() + Array(",\"\(name)\":\"\(text)\"}".utf8) }
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
