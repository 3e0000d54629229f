/// A cell of a CSV (RFC 4180).
package enum CSVCell {
    /// Quoted where it has to be.
    package static func append(
        _ cell: [UInt8], to out: inout [UInt8], delimiter: UInt8 = UInt8(ascii: ",")
    ) {
        let isPlain = !cell.contains { $0 == delimiter || $0 == 0x22 || $0 == 0x0A || $0 == 0x0D }
        guard !isPlain else { return out += cell }
        out.append(0x22)
        for byte in cell {
            if byte == 0x22 { out.append(0x22) }
            out.append(byte)
        }
        out.append(0x22)
    }
}
