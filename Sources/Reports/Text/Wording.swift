import Model

/// Counts, durations and rates as people read them; always in one form, whatever the machine's locale.
package enum Wording {
    /// `1,234,567`
    package static func count(_ value: Int) -> String {
        let digits = String(value.magnitude)
        var grouped = ""
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index) % 3 == 0 { grouped.append(",") }
            grouped.append(digit)
        }
        return value < 0 ? "-" + grouped : grouped
    }

    /// `1 record`, `1,234 records`
    package static func count(_ value: Int, _ noun: String, _ plural: String? = nil) -> String {
        count(value) + " " + (value == 1 ? noun : plural ?? noun + "s")
    }

    /// Two units at most: `85 ms`, `4.2 s`, `42 s`, `3 min 05 s`, `1 h 02 min`, `2 d 03 h`.
    package static func duration(_ duration: Duration) -> String {
        let milliseconds = duration.milliseconds
        if milliseconds < 0 { return "-" + Self.duration(.milliseconds(-milliseconds)) }
        if milliseconds == 0 { return "0 s" }
        if milliseconds < 1000 { return "\(milliseconds) ms" }
        // Cut, not rounded: "10 s" must not be said of 9.96 s.
        if milliseconds < 10_000 { return "\(milliseconds / 1000).\(milliseconds / 100 % 10) s" }
        let seconds = milliseconds / 1000
        if seconds < 60 { return "\(seconds) s" }
        if seconds < 3600 { return "\(seconds / 60) min \(twoDigits(seconds % 60)) s" }
        if seconds < 86_400 { return "\(seconds / 3600) h \(twoDigits(seconds / 60 % 60)) min" }
        return "\(count(Int(seconds / 86_400))) d \(twoDigits(seconds / 3600 % 24)) h"
    }

    /// Per second: `0.25`, `4.2`, `112`, `61,500`.
    package static func rate(_ value: Double) -> String {
        guard value.isFinite, (0..<1e15).contains(value) else { return "-" }
        if value >= 10 { return count(Int(value.rounded())) }
        if value == 0 { return "0" }
        let hundredths = Int((value * 100).rounded())
        if hundredths >= 100 { return "\(hundredths / 100).\(hundredths / 10 % 10)" }
        return "0.\(twoDigits(Int64(hundredths)))"
    }

    /// `97 %`, `0.4 %`, `99.9 %`
    package static func percent(_ share: Double) -> String {
        guard share.isFinite, share >= 0 else { return "-" }
        let percent = share * 100
        if percent > 0, percent < 9.95 { return tenths(percent) + " %" }
        // 99.9 % must not read as 100 %.
        if percent < 100, percent >= 99 { return tenths(min(percent, 99.9)) + " %" }
        return count(Int(percent.rounded())) + " %"
    }

    /// `12.0 MB`, powers of ten; bytes below a thousand.
    package static func bytes(_ value: Int) -> String {
        if value < 1000 { return count(value, "byte") }
        var scaled = Double(value) / 1000
        for unit in ["kB", "MB", "GB"] {
            if scaled < 999.95 { return tenths(scaled) + " " + unit }
            scaled /= 1000
        }
        return tenths(scaled) + " TB"
    }

    /// Outside text on one line of a terminal: control characters, which could move the cursor or
    /// paint over what is there, and marks that turn the direction of writing become spaces.
    package static func harmless(_ text: String) -> String {
        var result = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            switch scalar.value {
            case 0..<0x20, 0x7F..<0xA0, 0x200E, 0x200F, 0x2028...0x202E, 0x2066...0x2069:
                result.append(" ")
            default: result.append(scalar)
            }
        }
        return String(result)
    }

    /// A word of a command to copy: quoted where the shell would read more into it.
    package static func shell(_ word: String) -> String {
        let plain =
            !word.isEmpty
            && word.utf8.allSatisfy { byte in
                (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte)
                    || (0x61...0x7A).contains(byte)
                    || "-_./=:,+@%".utf8.contains(byte)
            }
        if plain { return word }
        // One quote is closed, written by itself, and opened again.
        return "'"
            + harmless(word).split(separator: "'", omittingEmptySubsequences: false).joined(
                separator: "'\\''") + "'"
    }

    /// At most `width` characters, the last one `…` where something is left out.
    package static func cut(_ text: String, to width: Int) -> String {
        if text.count <= width { return text }
        return width > 0 ? text.prefix(width - 1) + "…" : ""
    }

    /// Lines of at most `width` characters, broken at spaces; a longer word stays whole on its own.
    package static func wrap(_ text: String, width: Int, indent: String = "") -> [String] {
        var lines: [String] = []
        var line = ""
        for word in text.split(separator: " ") {
            if !line.isEmpty, indent.count + line.count + 1 + word.count > width {
                lines.append(indent + line)
                line = ""
            }
            line += line.isEmpty ? String(word) : " " + word
        }
        if !line.isEmpty { lines.append(indent + line) }
        return lines
    }

    private static func tenths(_ value: Double) -> String {
        let tenths = Int((value * 10).rounded())
        return "\(tenths / 10).\(tenths % 10)"
    }

    private static func twoDigits(_ value: Int64) -> String { value < 10 ? "0\(value)" : "\(value)" }
}
