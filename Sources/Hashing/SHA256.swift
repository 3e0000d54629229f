private import CCrypto

/// SHA-256, by OpenSSL's libcrypto.
///
/// - Complexity: O(bytes), without an allocation for ``words(of:)``.
package enum SHA256 {
    /// The 32 bytes of the digest.
    package static func hash(_ bytes: [UInt8]) -> [UInt8] {
        var digest = [UInt8](repeating: 0, count: 32)
        let done = unsafe bytes.withUnsafeBytes { bytes in
            unsafe digest.withUnsafeMutableBytes { digest in
                unsafe sluice_sha256(bytes.baseAddress, bytes.count, digest.baseAddress)
            }
        }
        precondition(done == 1, "libcrypto has no SHA-256")
        return digest
    }

    /// The first 128 bits of the digest, high word first, as big-endian numbers.
    package static func words(of bytes: [UInt8]) -> (high: UInt64, low: UInt64) {
        unsafe withUnsafeTemporaryAllocation(byteCount: 32, alignment: 8) { digest in
            let done = unsafe bytes.withUnsafeBytes { bytes in
                unsafe sluice_sha256(bytes.baseAddress, bytes.count, digest.baseAddress)
            }
            precondition(done == 1, "libcrypto has no SHA-256")
            return unsafe (
                digest.load(fromByteOffset: 0, as: UInt64.self).bigEndian,
                digest.load(fromByteOffset: 8, as: UInt64.self).bigEndian
            )
        }
    }
}
