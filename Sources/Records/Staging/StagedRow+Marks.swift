import Model

// A staged row with the mark of the record that it repairs.
extension StagedRow {
    /// Puts a cell with the mark before all others.
    package mutating func insert(_ mark: [UInt8], as writing: RowWriting) {
        setStored(writing.cell(mark) + bytes)
        guard !fields.isEmpty else { return }
        fields.insert(text.count..<text.count + mark.count, at: 0)
        text += mark
    }

    /// Puts the mark in place of what the first cell holds.
    package mutating func replace(_ mark: [UInt8], as writing: RowWriting) {
        let old = bytes
        setStored(writing.cell(mark) + old[RecordMark.csv(old[...]).length...])
        guard !fields.isEmpty else { return }
        fields[0] = text.count..<text.count + mark.count
        text += mark
    }

    /// Puts the mark before the first member of a JSON object.
    package mutating func lead(with mark: [UInt8]) {
        guard problem == nil else { return }
        let member = Array("\"\(RecordMark.name)\":\"".utf8) + mark + Array("\"".utf8)
        func marked(_ json: ArraySlice<UInt8>) -> [UInt8]? {
            guard let brace = json.firstIndex(where: { $0 > 0x20 }), json[brace] == UInt8(ascii: "{")
            else { return nil }
            let cut = RecordMark.json(json)?.cut
            let rest = json[(cut?.upperBound ?? brace + 1)...]
            let isEmpty = rest.first { $0 > 0x20 } == UInt8(ascii: "}")
            return json[...brace] + member + (isEmpty ? [] : [UInt8(ascii: ",")]) + rest
        }
        guard let stored = marked(bytes[...]), let json = marked(text[value]) else { return }
        setStored(stored)
        text = json
        value = 0..<json.count
    }

    private var bytes: [UInt8] { stored ?? Array(text.prefix(storedCount)) }

    private mutating func setStored(_ bytes: [UInt8]) {
        stored = bytes
        storedCount = bytes.count
    }
}

extension RowWriting {
    /// A cell that needs no quotes, with the delimiter after it.
    func cell(_ text: [UInt8]) -> [UInt8] { encode(text + [delimiter]) ?? [] }

    /// A header with the column of marks before the others; nothing where there is none.
    package func marked(header: [UInt8]) -> [UInt8] {
        guard !header.isEmpty else { return [] }
        let lead =
            [[0xEF, 0xBB, 0xBF], [0xFF, 0xFE], [0xFE, 0xFF]].first { header.starts(with: $0) } ?? []
        return lead + cell(Array(RecordMark.name.utf8)) + header[lead.count...]
    }
}
