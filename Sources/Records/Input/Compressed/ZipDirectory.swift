import Glibc

/// Looks whether the directory at the end of a zip file covers the whole file.
///
/// A reader goes by that directory alone: of two archives joined to one file it sees the second, and of what
/// follows the directory nothing.
///
/// Source: PKWARE's APPNOTE.TXT, version 6.3.10, sections 4.3.12 to 4.3.16.
enum ZipDirectory {
    /// Throws where bytes before the first member, or after the directory, are no part of the archive. What has
    /// no directory is not its matter: the reader says so.
    static func check(_ path: String, name: String) throws(ReadError) {
        let file = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { throw .system(errno, name) }
        defer { close(file) }
        var about = stat()
        guard unsafe fstat(file, &about) == 0 else { throw .system(errno, name) }
        let size = Int(about.st_size)
        // The record of 22 bytes, and a comment of at most 65,535.
        let start = max(0, size - 22 - 65_535)
        let tail = bytes(file, start..<size)
        guard let at = (0...max(0, tail.count - 22)).last(where: { isEnd(tail, at: $0) }) else {
            return
        }
        let end = start + at
        let rest = size - end - 22 - number(tail, at + 20, 2)
        guard rest <= 0 || tail[(tail.count - rest)...].allSatisfy({ $0 == 0 }) else {
            throw .tail(name, at: size - rest)
        }
        var length = number(tail, at + 12, 4)
        var offset = number(tail, at + 16, 4)
        var place = end
        if offset == 0xFFFF_FFFF || length == 0xFFFF_FFFF {
            let locator = bytes(file, end - 20..<end)
            guard locator.starts(with: [0x50, 0x4B, 0x06, 0x07]) else { return }
            place = number(locator, 8, 8)
            let large = bytes(file, place..<place + 56)
            guard large.starts(with: [0x50, 0x4B, 0x06, 0x06]) else { throw joined(name, at: nil) }
            length = number(large, 40, 8)
            offset = number(large, 48, 8)
        }
        guard offset >= 0, length >= 0, offset &+ length <= place else { return }
        // Offsets count from where the archive begins.
        let before = place - offset - length
        guard before == 0 else { throw joined(name, at: before) }
        guard let first = firstMember(bytes(file, offset..<place)), first > 0 else { return }
        throw joined(name, at: first)
    }

    private static func joined(_ name: String, at place: Int?) -> ReadError {
        ReadError(
            .archive, name: name,
            message:
                "the zip archive in it begins only at byte \(place.map(String.init) ?? "?"): other data, "
                + "perhaps another archive, is before it. Give each archive a file of its own")
    }

    private static func isEnd(_ tail: [UInt8], at: Int) -> Bool {
        at + 22 <= tail.count && tail[at] == 0x50 && tail[at + 1] == 0x4B && tail[at + 2] == 0x05
            && tail[at + 3] == 0x06
    }

    /// Where the first member begins; nil where the directory is empty or does not tell.
    private static func firstMember(_ directory: [UInt8]) -> Int? {
        var first: Int?
        var at = 0
        while at + 46 <= directory.count, directory[at...].starts(with: [0x50, 0x4B, 0x01, 0x02]) {
            let offset = number(directory, at + 42, 4)
            if offset != 0xFFFF_FFFF { first = min(first ?? offset, offset) }
            at +=
                46 + number(directory, at + 28, 2) + number(directory, at + 30, 2)
                + number(directory, at + 32, 2)
        }
        return first
    }

    private static func number(_ bytes: [UInt8], _ at: Int, _ count: Int) -> Int {
        guard at >= 0, at + count <= bytes.count else { return 0 }
        return bytes[at..<at + count].reversed().reduce(0) { $0 &<< 8 | Int($1) }
    }

    /// What the file has of that range.
    private static func bytes(_ file: Int32, _ range: Range<Int>) -> [UInt8] {
        guard range.lowerBound >= 0, !range.isEmpty, range.count <= 1 << 28 else { return [] }
        var result = [UInt8](repeating: 0, count: range.count)
        var filled = 0
        while filled < result.count {
            let count = unsafe result.withUnsafeMutableBytes {
                unsafe pread(
                    file, $0.baseAddress?.advanced(by: filled), $0.count - filled,
                    off_t(range.lowerBound + filled))
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { break }
            filled += count
        }
        result.removeSubrange(filled...)
        return result
    }
}
