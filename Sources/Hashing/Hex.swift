extension Sequence<UInt8> {
    /// Two lower-case hex digits a byte.
    package var hex: String {
        var text: [UInt8] = []
        for byte in self { text.append(contentsOf: [digit(byte >> 4), digit(byte & 15)]) }
        return String(decoding: text, as: UTF8.self)
    }
}

private func digit(_ value: UInt8) -> UInt8 {
    value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
}
