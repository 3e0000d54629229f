private import CCrypto

/// MD5, for the one place where the API wants it: the password of its Basic scheme. It protects nothing.
package enum MD5 {
    /// The 16 bytes of the digest; nil where libcrypto refuses MD5, as in FIPS mode.
    package static func hash(_ bytes: [UInt8]) -> [UInt8]? {
        var digest = [UInt8](repeating: 0, count: 16)
        let done = unsafe bytes.withUnsafeBytes { bytes in
            unsafe digest.withUnsafeMutableBytes { digest in
                unsafe sluice_md5(bytes.baseAddress, bytes.count, digest.baseAddress)
            }
        }
        return done == 1 ? digest : nil
    }
}
