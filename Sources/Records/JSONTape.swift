/// A flat index of one JSON text (RFC 8259, strict), used again for the next one.
///
/// Nodes are numbered in the order of the text, from 0, the whole value. An object's children are its
/// names and values in turn; each node knows where its subtree ends. The bytes are not kept: callers
/// hand in the same ones each time. Nothing is allocated once the tape has grown to its texts.
package struct JSONTape: Sendable {
    package enum Kind: UInt8, Sendable {
        case object, array, string, number
        case `true`, `false`, null
    }

    /// An index for one more text.
    /// - Parameter depthLimit: How deep arrays and objects may nest, 1...512.
    package init(depthLimit: Int = 64) {}

    /// Indexes `bytes[range]`, forgetting what was indexed before.
    ///
    /// - Throws: ``JSONError`` if it is not exactly one JSON value, or a name repeats in an object; the
    ///   tape is empty then.
    package mutating func parse(_ bytes: [UInt8], in range: Range<Int>) throws(JSONError) {}

    /// How many nodes there are, names included.
    package var count: Int { 0 }
    package func kind(of node: Int) -> Kind { .null }
    /// The bytes of a node; of a string, without its quotes.
    package func range(of node: Int) -> Range<Int> { 0..<0 }
    /// The bytes of a node as they stand in the text, a string's quotes included.
    package func fullRange(of node: Int) -> Range<Int> { 0..<0 }
    /// The first node behind the subtree of `node`: its next sibling, if it has one.
    package func next(after node: Int) -> Int { 0 }
    /// How many elements an array, or members an object, has; 0 for others.
    package func childCount(of node: Int) -> Int { 0 }

    /// The value of the member of that name; nil if `node` is no object or has none.
    package func member(_ name: StaticString, of node: Int, in bytes: [UInt8]) -> Int? { nil }
    package func member(_ name: String, of node: Int, in bytes: [UInt8]) -> Int? { nil }
    /// The elements of an array; none for others.
    package func elements(of node: Int) -> Elements { Elements() }
    /// Names and values of an object; none for others.
    package func members(of node: Int) -> Members { Members() }

    /// A string unescaped; any other value as it is written.
    package func text(of node: Int, in bytes: [UInt8]) -> String { "" }
    /// Appends what `text(of:in:)` gives, as UTF-8.
    package func appendText(of node: Int, in bytes: [UInt8], to result: inout [UInt8]) {}
    /// Whether a string, unescaped, is `text`.
    package func isEqual(_ node: Int, to text: StaticString, in bytes: [UInt8]) -> Bool { false }
    package func isEqual(_ node: Int, to text: String, in bytes: [UInt8]) -> Bool { false }

    package struct Elements: Sequence, IteratorProtocol {
        package mutating func next() -> Int? { nil }
    }
    package struct Members: Sequence, IteratorProtocol {
        package mutating func next() -> (name: Int, value: Int)? { nil }
    }
}
