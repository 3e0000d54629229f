import Glibc

/// How much a disk has left.
package enum DiskRoom {
    /// Left to others on the same disk, in bytes.
    private static let reserve = 64 << 20

    /// Bytes that this user can still write below `folder`; nil where the system does not say.
    package static func free(at folder: String) -> Int? {
        var status = statvfs()
        guard unsafe statvfs(folder, &status) == 0 else { return nil }
        return Int(clamping: UInt64(status.f_bavail) &* UInt64(status.f_frsize))
    }

    /// Sees that `need` bytes have room, for bringing rows together.
    package static func check(_ need: Int, at folder: String) throws(ReadError) {
        guard let free = free(at: folder), free < need + reserve else { return }
        throw ReadError(
            .noRoom, name: folder,
            message: "grouping rows needs \(megabytes(need + reserve)) on this disk, which has "
                + "\(megabytes(free)). Free some space, or use another folder with --state.")
    }

    private static func megabytes(_ bytes: Int) -> String { "\((bytes + 999_999) / 1_000_000) MB" }
}
