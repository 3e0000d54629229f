import Foundation
import TestSupport
import Testing

/// Fields that leave as a hash alone, through the command line.
@Suite(.ownThreads) struct HashTests {
    private static func job(_ rule: String) -> String {
        Program.job(
            "hashed", "badges.import", files: "badges.csv",
            """
            record:
              fields:
                badgeMetaId: \(rule)
                customerId: { from: customer, as: integer }
                earnEventDateISO: { value: "2025-01-01T00:00:00+00:00" }
                earnExpiresOnISO: { value: "2030-01-01T00:00:00+00:00" }
            repeats: never
            """)
    }

    @Test("A field is hashed with the salt of the connection, which stays the same and stays secret")
    func hashed() throws {
        let program = try Program()
        let server = try program.sandbox()
        defer {
            server.stop()
            program.remove()
        }
        func connect(_ more: String) throws {
            try program.connect(to: server.url, "rate: none\(more)")
        }
        func salt(_ text: String, mode: UInt32 = 0o600) throws {
            try program.write(text, to: "salt", mode: mode)
        }
        try program.write("mail,customer\n ada@example.org,11\n,12\n", to: "badges.csv")
        try program.write(Self.job("{ from: mail, trim: true, hash: sha256 }"), to: "job.yaml")
        try connect("")
        #expect(try program.run("run", "job.yaml").err.contains("salt_file"))
        try connect(", salt_file: salt")
        try salt("pepper-and-salt\n", mode: 0o644)
        #expect(try program.run("run", "job.yaml").err.contains("chmod 600"))
        try salt("pepper")
        #expect(try program.run("run", "job.yaml").err.contains("too short"))
        try salt("pepper-and-salt\n")
        let first = try program.run("run", "job.yaml")
        // The second has no address: nothing is hashed, and the field is missing.
        #expect(
            first.status == 1 && first.prints("accepted 1") && first.prints("invalid 1"), "\(first)")
        let kept = try server.ask("/_sandbox/deeds?of=badges")
        let things = try #require(kept["things"] as? [[String: Any]])
        let content = try #require(things.first?["content"] as? [String: Any])
        // printf 'pepper-and-saltada@example.org' | sha256sum
        let hash = "08beca285eddf3c613b430e36e8ae007490463bc933624d2bccba60609928994"
        #expect(content["badgeMetaId"] as? String == hash)
        #expect(try program.run("run", "job.yaml").prints("skipped 1"))
        #expect(try program.run("explain", "11/\(hash)").out.contains("badges.csv"))
        // Another salt would send it twice.
        try salt("another salt\n")
        let other = try program.run("run", "job.yaml")
        #expect(other.status == 2 && other.err.contains("the salt differs"), "\(other)")

        // printf 'ada@example.org' | sha256sum
        try program.write(
            Self.job("{ from: mail, trim: true, hash: sha256, salt: none }"), to: "job.yaml")
        #expect(try program.run("run", "job.yaml").prints("accepted 1"))
        let bare = try server.ask(
            "/_sandbox/deeds?of=badges&key=11/cfe00dde46ef942601ffafb9e2825e802858b460e586b8305b344c1eb826357d"
        )
        #expect(bare["count"] as? Int == 1)
        for (rule, words) in [
            ("{ from: mail, hash: md5 }", "sha256"), ("{ from: mail, salt: none }", "needs `hash`"),
            ("{ from: mail, hash: sha256, as: integer }", "cannot be used with `hash`"),
        ] {
            try program.write(Self.job(rule), to: "wrong.yaml")
            let said = try program.run("validate", "wrong.yaml")
            #expect(said.status == 2 && said.err.contains(words) && said.err.contains("wrong.yaml:7"))
        }
    }
}
