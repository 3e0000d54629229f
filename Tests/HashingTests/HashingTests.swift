import Hashing
import Testing

@Suite("Digests")
struct HashingTests {
    // Source: NIST, "Secure Hash Standard" examples; RFC 1321, appendix A.5.
    @Test(
        "SHA-256 gives the published values",
        arguments: [
            ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
            ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
            (
                "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
                "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
            ),
        ])
    func sha256(text: String, digest: String) {
        #expect(SHA256.hash(Array(text.utf8)).hex == digest)
    }

    @Test("The words are the first half of the digest, whatever was hashed before", arguments: 0..<200)
    func words(count: Int) {
        let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 7) }
        let words = SHA256.words(of: bytes)
        let high = SHA256.hash(bytes)[0..<8].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        let low = SHA256.hash(bytes)[8..<16].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        #expect(words == (high, low))
    }

    @Test("Threads do not disturb each other")
    func threads() async {
        let expected = SHA256.hash(Array("sluice".utf8))
        await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<64 {
                group.addTask {
                    (0..<100).allSatisfy { _ in SHA256.hash(Array("sluice".utf8)) == expected }
                }
            }
            for await isEqual in group { #expect(isEqual) }
        }
    }

    @Test("MD5 gives the published values")
    func md5() {
        #expect(MD5.hash([])?.hex == "d41d8cd98f00b204e9800998ecf8427e")
        #expect(MD5.hash(Array("message digest".utf8))?.hex == "f96b697d7cb7938d525a2f31aaf161d0")
    }
}
