import Records

/// A parsed JSON text together with its bytes.
struct JSON {
    let tape: JSONTape
    let bytes: [UInt8]

    init(tape: JSONTape, bytes: [UInt8]) {
        self.tape = tape
        self.bytes = bytes
    }

    /// Nil where the bytes are not exactly one JSON value.
    init?(_ bytes: [UInt8]) {
        // An item of a reply has a node for some eight bytes.
        var tape = JSONTape(room: min(bytes.count / 6, 1 << 16))
        do { try tape.parse(bytes, in: 0..<bytes.count) } catch { return nil }
        self.init(tape: tape, bytes: bytes)
    }

    var root: Int { 0 }

    func kind(_ node: Int) -> JSONTape.Kind { tape.kind(of: node) }
    func isNull(_ node: Int) -> Bool { tape.is(node, .null) }
    func isObject(_ node: Int?) -> Bool { node.map { tape.is($0, .object) } ?? false }

    func member(_ name: StaticString, of object: Int?) -> Int? {
        guard let object else { return nil }
        return tape.member(name, of: object, in: bytes)
    }

    /// The same of a name that is known only when it runs.
    func member(named name: String, of object: Int?) -> Int? {
        guard let object, isObject(object) else { return nil }
        return tape.member(name, of: object, in: bytes)
    }

    /// Follows a path of such names from `object`.
    func node(_ path: [String], of object: Int?) -> Int? {
        path.reduce(object) { member(named: $1, of: $0) }
    }

    /// Follows a path of names from `object`.
    func member(_ names: [StaticString], of object: Int?) -> Int? {
        names.reduce(object) { member($1, of: $0) }
    }

    /// The elements of an array; anything else, null aside, as a list of that one.
    ///
    /// Source: Replies, Call families. A list that holds one item may be an object.
    func list(_ node: Int?) -> [Int] {
        guard let node else { return [] }
        switch kind(node) {
        case .array: return Array(tape.elements(of: node))
        case .null: return []
        default: return [node]
        }
    }

    /// An object without members, an array without elements, null, or nothing.
    func isEmpty(_ node: Int?) -> Bool {
        guard let node else { return true }
        switch kind(node) {
        case .object, .array: return tape.childCount(of: node) == 0
        case .null: return true
        default: return false
        }
    }

    /// The text of a string, a number or a boolean, as written; nil for anything else.
    func scalar(_ node: Int?) -> String? {
        guard let node else { return nil }
        switch kind(node) {
        case .string, .number, .true, .false: return tape.text(of: node, in: bytes)
        case .object, .array, .null: return nil
        }
    }

    /// A whole number, native or in a string.
    func integer(_ node: Int?) -> Int? { scalar(node).flatMap { Int($0) } }

    /// A boolean, native or in a string, in any case; also "1" and "0".
    func boolean(_ node: Int?) -> Bool? {
        switch scalar(node)?.lowercased() {
        case "true", "1": true
        case "false", "0": false
        default: nil
        }
    }
}

// Digests of what a node says.
extension JSON {
    /// Adds the text of a node, unescaped.
    func add(_ node: Int, to digest: inout Digest) {
        if tape.hasEscapes(node) {
            digest.add(tape.text(of: node, in: bytes))
        } else {
            digest.add(bytes, tape.range(of: node))
        }
    }
}

extension JSONTape {
    /// Whether a node is of that kind.
    @inline(__always)
    func `is`(_ node: Int, _ kind: Kind) -> Bool { self.kind(of: node).is(kind) }
}
