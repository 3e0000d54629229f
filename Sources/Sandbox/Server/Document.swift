import Records

/// A JSON text read by names, for the handlers that need not be fast.
struct Document {
    private var tape = JSONTape()
    let bytes: [UInt8]

    /// Nil where the bytes are not one JSON value.
    init?(_ bytes: [UInt8]) {
        self.bytes = bytes
        guard (try? tape.parse(bytes, in: bytes.indices)) != nil, tape.count > 0 else { return nil }
    }

    var root: Int { 0 }

    func kind(_ node: Int) -> JSONTape.Kind { tape.kind(of: node) }

    func member(_ name: String, of node: Int?) -> Int? {
        guard let node, tape.kind(of: node) == .object else { return nil }
        return tape.member(name, of: node, in: bytes)
    }

    func members(of node: Int?) -> [(name: String, value: Int)] {
        guard let node, tape.kind(of: node) == .object else { return [] }
        return tape.members(of: node).map { (tape.text(of: $0.name, in: bytes), $0.value) }
    }

    /// The elements of an array; nil where it is none.
    func list(_ node: Int?) -> [Int]? {
        guard let node, tape.kind(of: node) == .array else { return nil }
        return Array(tape.elements(of: node))
    }

    /// A text, a number or a boolean, as it is written.
    func text(_ name: String, of node: Int?) -> String? { text(member(name, of: node)) }

    func text(_ node: Int?) -> String? {
        guard let node else { return nil }
        switch tape.kind(of: node) {
        case .string, .number, .true, .false: return tape.text(of: node, in: bytes)
        case .object, .array, .null: return nil
        }
    }

    /// A whole number, also in quotes.
    func integer(_ name: String, of node: Int?) -> Int64? { text(name, of: node).flatMap { Int64($0) } }

    /// The JSON text of a node.
    func raw(_ node: Int) -> ArraySlice<UInt8> { bytes[tape.fullRange(of: node)] }

    /// `"name":value,` for each of these members that the node has.
    func echo(_ names: [String], of node: Int?, into out: inout [UInt8]) {
        for name in names {
            guard let value = member(name, of: node) else { continue }
            out.add(quoted: name)
            out.add(":")
            out.append(contentsOf: raw(value))
            out.add(",")
        }
    }
}
