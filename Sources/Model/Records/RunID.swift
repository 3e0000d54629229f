/// The name of one run, unique across machines and for all time.
///
/// The text is the start in UTC, a dash, and fifty random bits in base 32:
/// `20260203T141500-7k2m9qd4xz`. It sorts by start and is safe as a folder's name.
package struct RunID: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// 1 to 64 ASCII letters, digits, dashes and underscores.
    package let text: String

    /// Takes any text of 1 to 64 ASCII letters, digits, dashes and underscores; otherwise nil.
    package init?(_ text: String) {
        let allowed = text.utf8.allSatisfy {
            ($0 >= 0x30 && $0 <= 0x39) || ($0 >= 0x41 && $0 <= 0x5A) || ($0 >= 0x61 && $0 <= 0x7A)
                || $0 == 0x2D || $0 == 0x5F
        }
        guard allowed, (1...64).contains(text.utf8.count) else { return nil }
        self.text = text
    }

    /// A new name for a run that starts at `start`.
    package init(start: Timestamp, using random: inout some RandomNumberGenerator) {
        let alphabet = Array("0123456789abcdefghjkmnpqrstvwxyz".utf8)
        let tail = (0..<10).map { _ in alphabet[Int(random.next() & 31)] }
        let clock = start.iso8601.utf8.prefix(19).filter { $0 != 0x2D && $0 != 0x3A }
        text = String(decoding: clock, as: UTF8.self) + "-" + String(decoding: tail, as: UTF8.self)
    }

    /// The same as ``text``.
    package var description: String { text }
    package static func < (a: RunID, b: RunID) -> Bool { a.text < b.text }
}
