import Foundation
import Jobs
import Model
import Testing

@Suite("Connection files")
struct ConnectionsTests {
    private func parse(_ yaml: String) throws(JobError) -> [Connection] {
        try Connections.parse(yaml: yaml, file: "/etc/sluice/connections.yaml")
    }

    @Test("All that a connection can say")
    func whole() throws {
        let found = try parse(
            """
            connections:
              eu-prod:
                base_url: https://eu.api.example.com/
                coupon_url: https://eu.intouch.example.com
                auth:
                  oauth: { key_file: secrets/key, secret_file: /run/secret }
                attribution: { type: STORE_CODE, code: leeds_01 }
                rate: 90/min
                headroom: 10%
                org: 4711
                certificate: ca.pem
                timeout: 45s
                connect_timeout: 500ms
              local:
                base_url: http://127.0.0.1:8080
                auth: { basic: { username: till.1, password_file: p } }
                rate: none
            """)
        try #require(found.map(\.name) == ["eu-prod", "local"])
        #expect(
            found[0]
                == Connection(
                    name: "eu-prod", baseURL: "https://eu.api.example.com",
                    couponURL: "https://eu.intouch.example.com",
                    authentication: .oauth(
                        keyFile: "/etc/sluice/secrets/key", secretFile: "/run/secret"),
                    attribution: Attribution(kind: .storeCode, code: "leeds_01"),
                    rate: Rate(requests: 90, per: .seconds(60)), headroom: 0.1, org: "4711",
                    connectTimeout: .milliseconds(500), timeout: .seconds(45),
                    certificateFile: "/etc/sluice/ca.pem"))
        var local = Connection(
            name: "local", baseURL: "http://127.0.0.1:8080",
            authentication: .basic(username: "till.1", passwordFile: "/etc/sluice/p"), rate: nil)
        local.honorsCallLimits = false
        #expect(found[1] == local)
    }

    @Test(
        "What is wrong is named",
        arguments: [
            ("base_url: eu.example.com", "URL"), ("base_url: https://me:secret@eu.example.com", "auth"),
            ("base_url: https://x.example?a=b", "URL"), ("base_url: ftp://x.example", "URL"),
            ("rate: 5/s", "base_url"),
            ("base_url: https://x.example\n    rate: fast", "90/min"),
            ("base_url: https://x.example\n    headroom: 100%", "100%"),
            ("base_url: https://x.example\n    auth: { oauth: { key: x } }", "key_file"),
            (
                "base_url: https://x.example\n    auth: { oauth: { key_file: x, secret: y } }",
                "secret_file"
            ),
            ("base_url: https://x.example\n    timeout: 0s", "above zero"),
            (
                "base_url: http://x.example\n    auth: { oauth: { key_file: x, secret_file: y } }",
                "unencrypted"
            ),
            ("base_url: https://x.example\n    auth: { }", "oauth"),
        ])
    func wrong(yaml: String, words: String) {
        do throws(JobError) {
            _ = try parse("connections:\n  a:\n    \(yaml)\n")
            Issue.record("nothing was wrong")
        } catch {
            #expect(error.description.contains(words), "\(error)")
            #expect(!error.description.contains("secret@"), "\(error)")
            #expect(error.line != nil)
        }
    }

    @Test("One connection is read whatever is wrong with the others")
    func one() throws {
        let yaml = """
            connections:
              a: { base_url: "https://a.example" }
              b: { base_url: nonsense }
            """
        #expect(try Connections.names(yaml: yaml, file: "c.yaml") == ["a", "b"])
        #expect(
            try Connections.find("a", yaml: yaml, file: "c.yaml")?.baseURL == "https://a.example")
        #expect(try Connections.find("c", yaml: yaml, file: "c.yaml") == nil)
        #expect(throws: JobError.self) { try Connections.find("b", yaml: yaml, file: "c.yaml") }
        #expect(throws: JobError.self) { try parse(yaml) }
        #expect(throws: JobError.self) { try Connections.find("a", yaml: "a: 1", file: "c.yaml") }
    }

    @Test("Where the file is looked for, in this order")
    func locate() throws {
        let folder = FileManager.default.temporaryDirectory.appending(
            path: "sluice-\(UUID().uuidString)")
        let home = folder.appending(path: "home")
        let config = home.appending(path: ".config/sluice")
        try FileManager.default.createDirectory(at: config, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        func write(_ path: String) throws { try Data().write(to: folder.appending(path: path)) }
        func locate(_ explicit: String? = nil, _ environment: [String: String] = [:]) throws(JobError)
            -> String?
        {
            let found = try Connections.locate(
                explicit: explicit, environment: environment.merging(["HOME": home.path()]) { $1 },
                currentDirectory: folder.path())
            return found.map { String($0.dropFirst(folder.path().count + 1)) }
        }
        #expect(try locate() == nil)
        try write("home/.config/sluice/connections.yaml")
        #expect(try locate()?.hasSuffix(".config/sluice/connections.yaml") == true)
        #expect(try locate(nil, ["XDG_CONFIG_HOME": folder.appending(path: "none").path()]) == nil)
        try write("connections.yaml")
        #expect(try locate() == "connections.yaml")
        try write("other.yaml")
        #expect(try locate(nil, ["SLUICE_CONNECTIONS": "other.yaml"]) == "other.yaml")
        try write("third.yaml")
        #expect(try locate("third.yaml", ["SLUICE_CONNECTIONS": "other.yaml"]) == "third.yaml")
        #expect(throws: JobError.self) { try locate("absent.yaml") }
        #expect(throws: JobError.self) { try locate(nil, ["SLUICE_CONNECTIONS": "absent.yaml"]) }
    }
}
