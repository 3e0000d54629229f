import Hashing
import Records

/// Writes an item on one line as it came: its texts and numbers as they are written, without the white
/// space around them, without what is withheld, and with personal data replaced where that is requested.
struct ItemWriter {
    let json: JSON
    /// Members that are left out, in lower case.
    let withheld: Set<String>
    /// Members whose texts and numbers are replaced, in lower case.
    let masked: Set<String>
    /// Without it nobody can tell what a mask stands for, not even by trying all telephone numbers.
    let salt: String
    private(set) var result: [UInt8] = []

    init(json: JSON, withheld: Set<String>, masked: Set<String>, salt: String) {
        self.json = json
        self.withheld = withheld
        self.masked = masked
        self.salt = salt
    }

    /// - Parameter key: Is first in it, as `_key`.
    mutating func write(_ node: Int, key: String?, isKeyMasked: Bool) {
        guard let key else { return write(node, isMasked: false) }
        result += #"{"_key":"#.utf8
        if isKeyMasked { mask(key) } else { JSONWriter.appendString(key, to: &result) }
        guard json.isObject(node) else {
            result += #","value":"#.utf8
            write(node, isMasked: false)
            return result.append(UInt8(ascii: "}"))
        }
        let start = result.count
        write(node, isMasked: false)
        if json.isEmpty(node) {
            result[start] = UInt8(ascii: " ")
        } else {
            result[start] = UInt8(ascii: ",")
        }
    }

    private mutating func write(_ node: Int, isMasked: Bool) {
        switch json.kind(node) {
        case .object:
            result.append(UInt8(ascii: "{"))
            var isFirst = true
            for (name, value) in json.tape.members(of: node) {
                let plain =
                    withheld.isEmpty && masked.isEmpty
                    ? "" : json.tape.text(of: name, in: json.bytes).lowercased()
                if withheld.contains(plain) { continue }
                if !isFirst { result.append(UInt8(ascii: ",")) }
                isFirst = false
                result.append(contentsOf: json.bytes[json.tape.fullRange(of: name)])
                result.append(UInt8(ascii: ":"))
                write(value, isMasked: isMasked || masked.contains(plain))
            }
            result.append(UInt8(ascii: "}"))
        case .array:
            result.append(UInt8(ascii: "["))
            for (index, element) in json.tape.elements(of: node).enumerated() {
                if index > 0 { result.append(UInt8(ascii: ",")) }
                write(element, isMasked: isMasked)
            }
            result.append(UInt8(ascii: "]"))
        case .string where isMasked: mask(json.tape.text(of: node, in: json.bytes))
        case .number where isMasked: mask(json.tape.text(of: node, in: json.bytes))
        case .string, .number, .true, .false, .null:
            result.append(contentsOf: json.bytes[json.tape.fullRange(of: node)])
        }
    }

    /// The same text gets the same mask, so that copies can still be joined. Empty stays empty.
    private mutating func mask(_ text: String) {
        guard !text.isEmpty else { return result += #""""#.utf8 }
        let mask = SHA256.hash(Array((salt + text).utf8)).prefix(8)
        JSONWriter.appendString("masked-" + mask.hex, to: &result)
    }

    /// Of all that an item says.
    static func digest(_ json: JSON, _ node: Int) -> Int64 {
        var digest = Digest(0x6578_706F_7274)
        digest.add(json.bytes, json.tape.fullRange(of: node))
        return Int64(bitPattern: digest.value)
    }
}

/// A digest of 64 bits of a text, the same on every machine and for all time.
package enum ContentDigest {
    /// Of its UTF-8 bytes.
    package static func of(_ text: String) -> UInt64 {
        var digest = Digest(0x7465_7874)
        digest.add(text)
        return digest.value
    }
}
