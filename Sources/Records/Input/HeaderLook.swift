import Model

/// Whether names of columns are none: a file without a header has data in their place, which is not shown.
package enum HeaderLook {
    package static func isData(_ names: [String]) -> Bool {
        if names.contains(where: isValue) { return true }
        let numbers = names.count { !$0.isEmpty && $0.utf8.allSatisfy { 0x30...0x39 ~= $0 } }
        return numbers > 0 && numbers * 2 >= names.count
    }

    /// A phone number, an e-mail address, a date, an amount.
    private static func isValue(_ name: String) -> Bool {
        let bytes = Array(name.utf8)
        let digits = bytes.count { 0x30...0x39 ~= $0 }
        if let at = bytes.firstIndex(of: UInt8(ascii: "@")), at > 0,
            bytes[at...].contains(UInt8(ascii: "."))
        {
            return true
        }
        let letters = bytes.count { 0x41...0x5A ~= $0 & 0xDF || $0 >= 0x80 }
        if digits >= 7 { return true }
        guard letters == 0, digits > 0 else { return false }
        // 12.50, 03/02/2026, -5
        return bytes.contains { ".,/:-".utf8.contains($0) }
    }

    /// Whether one of `names` is among `columns`, or nearly: then they are names, and can be shown.
    package static func hasAny(of names: [String], in columns: [String]) -> Bool {
        func plain(_ name: String) -> String {
            String(
                String.UnicodeScalarView(
                    name.lowercased().unicodeScalars.filter {
                        $0.properties.isAlphabetic || ("0"..."9").contains($0)
                    }))
        }
        let known = Set(columns.map(plain)).subtracting([""])
        let long = known.filter { $0.utf8.count >= 5 }
        return names.map(plain).contains {
            known.contains($0) || $0.utf8.count >= 5 && Suggestion.nearest(to: $0, among: long) != nil
        }
    }

    package static let nothingKnown =
        "none of the job's columns is in the first line, which is not shown, since it may be data. Compare: "
        + "`head -n 1 FILE`. If the file has no header, set `header: false`, or name its columns: "
        + "`header: [phone, bill, …]`."

    /// The one column whose name is `name` but for case, white space and a byte order mark; nil where none is, or
    /// several are.
    package static func only(_ name: String, in columns: [String]) -> Int? {
        let wanted = plain(name)
        guard !wanted.isEmpty else { return nil }
        var found: Int?
        for (index, column) in columns.enumerated() where plain(column) == wanted {
            if found != nil { return nil }
            found = index
        }
        return found
    }

    private static func plain(_ name: String) -> String {
        String(
            String.UnicodeScalarView(
                name.unicodeScalars.filter { !$0.properties.isWhitespace && $0.value != 0xFEFF })
        ).lowercased()
    }

    package static let advice =
        "Its first line looks like data, not like column names, and is not shown. If the file has no "
        + "header, set `header: false`, or name its columns: `header: [phone, bill, …]`."
}
