/// A flat index of one JSON text (RFC 8259, strict), used again for the next one.
///
/// Nodes are numbered in the order of the text, from 0, the whole value. An object's children are its
/// names and values in turn; each node knows where its subtree ends. The bytes are not kept: callers
/// hand in the same ones each time. Nothing is allocated once the tape has grown to its texts.
package struct JSONTape: Sendable {
    package enum Kind: UInt8, Sendable {
        case object, array, string, number
        case `true`, `false`, null

        /// Whether two are the same: without a call, unlike `==` from another module.
        @inlinable package func `is`(_ other: Kind) -> Bool {
            unsafe unsafeBitCast(self, to: UInt8.self) == unsafeBitCast(other, to: UInt8.self)
        }
    }

    @usableFromInline struct Node: Sendable {
        /// Of a string, inside the quotes.
        @usableFromInline var start: Int32 = 0
        @usableFromInline var end: Int32 = 0
        /// After the subtree; while a container is open, the container around it, or -1.
        @usableFromInline var next: Int32 = 0
        /// Of a name, a hash of what it means; of a container, how many children it has.
        @usableFromInline var extra: UInt32 = 0
        @usableFromInline var kind: Kind = .null
        @usableFromInline var hasEscapes = false
    }

    /// Room for nodes; only the first `count` mean anything.
    @usableFromInline var nodes: [Node]
    let depthLimit: Int

    /// How many nodes there are, names included.
    package private(set) var count = 0

    /// An index for one more text.
    /// - Parameters:
    ///   - depthLimit: How deep arrays and objects may nest, 1...512.
    ///   - room: For how many nodes there is room from the start.
    package init(depthLimit: Int = 64, room: Int = 64) {
        precondition((1...512).contains(depthLimit))
        self.depthLimit = depthLimit
        nodes = Array(repeating: Node(), count: max(64, room))
    }

    /// Takes another's place for a while; allocates nothing.
    static let empty = JSONTape()

    /// Indexes `bytes[range]`, forgetting what was indexed before.
    ///
    /// - Throws: ``JSONError`` if it is not exactly one JSON value, or a name repeats in an object; the
    ///   tape is empty then.
    package mutating func parse(_ bytes: [UInt8], in range: Range<Int>) throws(JSONError) {
        precondition(range.lowerBound >= 0 && range.upperBound <= bytes.count)
        try bytes.withBytes { (bytes) throws(JSONError) in try parse(bytes, in: range) }
    }

    mutating func parse(_ bytes: Bytes, in range: Range<Int>) throws(JSONError) {
        count = 0
        guard range.upperBound < Int(Int32.max) else {
            throw JSONError(.tooLong, at: range.lowerBound)
        }
        while true {
            let found = try nodes.withNodes { (room) throws(JSONError) in
                var parser = JSONParser(
                    bytes: bytes, end: range.upperBound, at: range.lowerBound, nodes: room,
                    depthLimit: depthLimit)
                return try parser.parse()
            }
            if let found {
                count = found
                return
            }
            // Once more from the start with more room: it is kept, so this happens a few times at most.
            nodes.append(contentsOf: repeatElement(Node(), count: nodes.count))
        }
    }

    /// Forgets what was indexed.
    package mutating func removeAll() { count = 0 }

    @inlinable func node(_ index: Int) -> Node {
        precondition(index >= 0 && index < count, "no such node")
        return nodes[index]
    }

    @inlinable package func kind(of node: Int) -> Kind { self.node(node).kind }

    /// The bytes of a node; of a string, without its quotes.
    @inlinable package func range(of node: Int) -> Range<Int> {
        let node = self.node(node)
        return Int(node.start)..<Int(node.end)
    }

    /// The bytes of a node as they are in the text, a string's quotes included.
    package func fullRange(of node: Int) -> Range<Int> {
        let node = self.node(node)
        let quote = node.kind == .string ? 1 : 0
        return Int(node.start) - quote..<Int(node.end) + quote
    }

    /// The first node after the subtree of `node`: its next sibling, if it has one.
    @inlinable package func next(after node: Int) -> Int { Int(self.node(node).next) }

    /// Whether a string is written with escapes; without, `range(of:)` is its text.
    @inlinable package func hasEscapes(_ node: Int) -> Bool { self.node(node).hasEscapes }

    /// How many elements an array, or members an object, has; 0 for others.
    package func childCount(of node: Int) -> Int {
        let node = self.node(node)
        return node.kind == .object || node.kind == .array ? Int(node.extra) : 0
    }

    /// The value of the member of that name; nil if `node` is no object or has none.
    package func member(_ name: StaticString, of node: Int, in bytes: [UInt8]) -> Int? {
        member(of: node) { isEqual($0, to: name, in: bytes) }
    }

    package func member(_ name: String, of node: Int, in bytes: [UInt8]) -> Int? {
        member(of: node) { isEqual($0, to: name, in: bytes) }
    }

    @inline(__always)
    private func member(of node: Int, named isName: (Int) -> Bool) -> Int? {
        guard kind(of: node) == .object else { return nil }
        let end = next(after: node)
        var at = node + 1
        while at < end {
            if isName(at) { return at + 1 }
            at = next(after: at + 1)
        }
        return nil
    }

    /// The elements of an array; none for others.
    package func elements(of node: Int) -> Elements {
        Elements(
            tape: self, at: node + 1, end: kind(of: node) == .array ? next(after: node) : node + 1)
    }

    /// Names and values of an object; none for others.
    package func members(of node: Int) -> Members {
        Members(
            tape: self, at: node + 1, end: kind(of: node) == .object ? next(after: node) : node + 1)
    }

    package struct Elements: Sequence, IteratorProtocol {
        let tape: JSONTape
        var at: Int
        let end: Int

        package mutating func next() -> Int? {
            guard at < end else { return nil }
            defer { at = tape.next(after: at) }
            return at
        }
    }

    package struct Members: Sequence, IteratorProtocol {
        let tape: JSONTape
        var at: Int
        let end: Int

        package mutating func next() -> (name: Int, value: Int)? {
            guard at < end else { return nil }
            defer { at = tape.next(after: at + 1) }
            return (at, at + 1)
        }
    }
}

extension [JSONTape.Node] {
    fileprivate mutating func withNodes<Result, Failure: Error>(
        _ body: (NodeRoom) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try unsafe withUnsafeMutableBufferPointer { (buffer) throws(Failure) in
            try unsafe body(NodeRoom(buffer))
        }
    }
}

/// Where the parser writes its nodes; debug builds check every index.
@safe struct NodeRoom {
    private let buffer: UnsafeMutableBufferPointer<JSONTape.Node>

    init(_ buffer: UnsafeMutableBufferPointer<JSONTape.Node>) { unsafe self.buffer = buffer }

    var capacity: Int { unsafe buffer.count }

    @inline(__always)
    subscript(index: Int) -> JSONTape.Node {
        get { unsafe buffer[index] }
        nonmutating set { unsafe buffer[index] = newValue }
    }
}
