import Records

/// A step into a JSON value.
enum PathStep: Hashable, Sendable {
    case name(String)
    case index(Int)
}

/// One value of an item that has no members, and where it is.
struct ItemLeaf: Sendable {
    var path: [PathStep]
    /// As JSON has it: a string in quotes.
    var json: String
    /// For people: a string without quotes, unless it is empty.
    var text: String

    /// As messages about fields have it: `lineItemsV2[0].amount`.
    var field: String { Self.field(path) }

    static func field(_ path: [PathStep]) -> String {
        path.reduce(into: "") { text, step in
            switch step {
            case .name(let name): text += (text.isEmpty ? "" : ".") + name
            case .index(let index): text += "[\(index)]"
            }
        }
    }
}

/// The leaves of a JSON object, in their order.
enum ItemTree {
    static func leaves(_ bytes: [UInt8]) -> [ItemLeaf] {
        var tape = JSONTape(depthLimit: 512)
        guard !bytes.isEmpty, (try? tape.parse(bytes, in: bytes.indices)) != nil else { return [] }
        var leaves: [ItemLeaf] = []
        add(0, [], tape, bytes, to: &leaves)
        return leaves
    }

    private static func add(
        _ node: Int, _ path: [PathStep], _ tape: JSONTape, _ bytes: [UInt8],
        to leaves: inout [ItemLeaf]
    ) {
        switch tape.kind(of: node) {
        case .object where tape.childCount(of: node) > 0:
            for member in tape.members(of: node) {
                let name = tape.text(of: member.name, in: bytes)
                add(member.value, path + [.name(name)], tape, bytes, to: &leaves)
            }
        case .array where tape.childCount(of: node) > 0:
            for (index, element) in tape.elements(of: node).enumerated() {
                add(element, path + [.index(index)], tape, bytes, to: &leaves)
            }
        case .string:
            let text = tape.text(of: node, in: bytes)
            let json = String(decoding: bytes[tape.fullRange(of: node)], as: UTF8.self)
            leaves.append(ItemLeaf(path: path, json: json, text: text.isEmpty ? "\"\"" : text))
        default:
            let json = String(decoding: bytes[tape.fullRange(of: node)], as: UTF8.self)
            leaves.append(ItemLeaf(path: path, json: json, text: json))
        }
    }

    /// The same object with other values at some fields.
    static func replacing(_ values: [String: String], in bytes: [UInt8]) -> String {
        guard !values.isEmpty else { return String(decoding: bytes, as: UTF8.self) }
        var tape = JSONTape(depthLimit: 512)
        guard (try? tape.parse(bytes, in: bytes.indices)) != nil else { return "null" }
        var out: [UInt8] = []
        write(0, [], tape, bytes, values, to: &out)
        return String(decoding: out, as: UTF8.self)
    }

    private static func write(
        _ node: Int, _ path: [PathStep], _ tape: JSONTape, _ bytes: [UInt8],
        _ values: [String: String], to out: inout [UInt8]
    ) {
        if let value = values[ItemLeaf.field(path)] {
            JSONWriter.appendString(value, to: &out)
            return
        }
        switch tape.kind(of: node) {
        case .object:
            out.append(UInt8(ascii: "{"))
            for (index, member) in tape.members(of: node).enumerated() {
                if index > 0 { out.append(UInt8(ascii: ",")) }
                let name = tape.text(of: member.name, in: bytes)
                JSONWriter.appendString(name, to: &out)
                out.append(UInt8(ascii: ":"))
                write(member.value, path + [.name(name)], tape, bytes, values, to: &out)
            }
            out.append(UInt8(ascii: "}"))
        case .array:
            out.append(UInt8(ascii: "["))
            for (index, element) in tape.elements(of: node).enumerated() {
                if index > 0 { out.append(UInt8(ascii: ",")) }
                write(element, path + [.index(index)], tape, bytes, values, to: &out)
            }
            out.append(UInt8(ascii: "]"))
        default: out += bytes[tape.fullRange(of: node)]
        }
    }
}
