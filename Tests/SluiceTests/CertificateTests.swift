import Foundation
import TestSupport
import Testing

/// A server whose certificate nobody has vouched for.
@Suite(
    .ownThreads,
    .enabled(
        if: FileManager.default.isExecutableFile(atPath: "/usr/bin/openssl"),
        "openssl makes the certificates"))
struct CertificateTests {
    @Test("It is named with what to do, and ends a run and the doctor with 8")
    func untrusted() throws {
        let program = try Program()
        defer { program.remove() }
        let (own, key) = (program.folder + "/own.pem", program.folder + "/own.key")
        let made = try Child(
            "/usr/bin/openssl",
            [
                "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                "-days",
                "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-keyout",
                key,
                "-out", own,
            ], in: program.folder, log: "make")
        made.wait()
        #expect(made.status == 0, "\(made.err)")
        let server = try Child(
            "/usr/bin/openssl",
            ["s_server", "-www", "-accept", "127.0.0.1:0", "-cert", own, "-key", key],
            in: program.folder, log: "serve")
        defer {
            server.send(SIGTERM)
            server.wait()
        }
        while server.isRunning,
            !server.out.contains("ACCEPT 127.0.0.1:") || !server.out.hasSuffix("\n")
        {
            usleep(5_000)
        }
        let port = server.out.split(separator: "127.0.0.1:").last?.prefix { $0.isNumber } ?? ""
        try program.connect(
            "strange", to: "https://localhost:\(port)", "auth: none, rate: none, org: 1")
        try program.write(CommandTests.bill(1) + "\n", to: "bills.jsonl")
        try program.writeJob(connection: "strange", files: "bills.jsonl")
        let cause = "the certificate of localhost:\(port) is not accepted"
        for output in [
            try program.run("doctor", "strange"), try program.run("run", "job.yaml", "--quiet"),
        ] {
            #expect(output.status == 8, "\(output)")
            #expect(output.prints(cause), "\(output)")
            #expect(output.prints("`certificate:`"), "\(output)")
            #expect(!output.prints("credentials") && !output.prints("Try again later"), "\(output)")
        }
    }
}
