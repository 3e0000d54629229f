extension Call {
    /// Whether a value of the body is one that the sandbox refuses for what it is, whatever the call: it begins with
    /// `unknown` or `blocked`, or is a number of six digits or more that begins with `404`.
    var holdsBad: Bool {
        var rest = body[...]
        while !rest.isEmpty {
            let word = rest.prefix { isWordByte($0) }
            guard !word.isEmpty else {
                rest.removeFirst()
                continue
            }
            let isNumber = word.count >= 6 && word.allSatisfy { (0x30...0x39).contains($0) }
            if word.starts(with: "unknown".utf8) || word.starts(with: "blocked".utf8)
                || isNumber && word.starts(with: "404".utf8)
            {
                return true
            }
            rest = rest[word.endIndex...]
        }
        return false
    }

    private func isWordByte(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x61...0x7A).contains(byte | 0x20)
    }
}
