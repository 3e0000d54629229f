import Model

/// How the rows of a file are written, so that a row of another file can be among them.
package struct RowWriting: Sendable, Equatable {
    /// Nil for JSON.
    package let columns: [String]?
    let delimiter: UInt8
    let encoding: Transcoder.Encoding?

    /// Its bytes are others than those of its text.
    package var isTranscoded: Bool { encoding != nil }

    /// The row with a line end: the last one of a file may have none.
    package func ended(_ stored: [UInt8]) -> [UInt8] {
        let lead: UInt8? =
            switch encoding {
            case .utf16(let bigEndian): bigEndian ? stored.last : stored.dropLast().last
            default: stored.last
            }
        if lead == 0x0A || lead == 0x0D { return stored }
        return stored + (encode([0x0A]) ?? [0x0A])
    }

    /// The cells or the value of a row, written as in this file; nil where its encoding has not all of the
    /// characters.
    ///
    /// - Parameter cells: By their columns' names.
    package func row(_ cells: [String: ArraySlice<UInt8>], value: ArraySlice<UInt8>) -> [UInt8]? {
        var text: [UInt8] = []
        if let columns {
            for (index, column) in columns.enumerated() {
                if index > 0 { text.append(delimiter) }
                CSVCell.append(Array(cells[column] ?? []), to: &text, delimiter: delimiter)
            }
        } else {
            text.append(contentsOf: value)
        }
        return encode(text + [0x0A])
    }

    /// UTF-8 in the file's encoding.
    func encode(_ text: [UInt8]) -> [UInt8]? {
        guard let encoding else { return text }
        var out: [UInt8] = []
        switch encoding {
        case .utf16(let bigEndian):
            for unit in String(decoding: text, as: UTF8.self).utf16 {
                let (high, low) = (UInt8(unit >> 8), UInt8(truncatingIfNeeded: unit))
                out += bigEndian ? [high, low] : [low, high]
            }
        case .latin1, .windows1252:
            for scalar in String(decoding: text, as: UTF8.self).unicodeScalars {
                guard let byte = Transcoder.byte(of: scalar.value, in: encoding) else { return nil }
                out.append(byte)
            }
        }
        return out
    }
}

extension RowReader {
    /// How this file's rows are written.
    package var writing: RowWriting {
        RowWriting(
            columns: columns, delimiter: columns == nil ? 0 : options.delimiter ?? UInt8(ascii: ","),
            encoding: transcoding)
    }
}
