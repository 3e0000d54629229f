import Reports

/// Texts of a file in the cells of a table on a terminal.
enum CellText {
    /// Without characters that move the cursor.
    static func visible(_ text: String) -> String { Wording.harmless(text) }

    /// In places of the terminal: characters of East Asia and pictures take two.
    static func width(_ text: String) -> Int { text.reduce(0) { $0 + width($1) } }

    /// At most `width` places, the last one `…` where something is left out.
    static func cut(_ text: String, to width: Int) -> String {
        guard self.width(text) > width else { return text }
        guard width > 0 else { return "" }
        var cut = ""
        var taken = 0
        for character in text {
            let next = Self.width(character)
            if taken + next > width - 1 { break }
            cut.append(character)
            taken += next
        }
        return cut + "…"
    }

    /// The same with `…` at the start.
    static func cutStart(_ text: String, to width: Int) -> String {
        self.width(text) > width ? String(cut(String(text.reversed()), to: width).reversed()) : text
    }

    static func padded(_ text: String, to width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - self.width(text)))
    }

    private static func width(_ character: Character) -> Int {
        guard let scalar = character.unicodeScalars.first else { return 0 }
        switch scalar.value {
        case 0x1100...0x115F, 0x2E80...0x303E, 0x3041...0xA4CF, 0xAC00...0xD7A3, 0xF900...0xFAFF,
            0xFE30...0xFE6F, 0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x1F300...0x1F64F, 0x1F900...0x1F9FF,
            0x20000...0x3FFFD:
            return 2
        default: return 1
        }
    }
}
