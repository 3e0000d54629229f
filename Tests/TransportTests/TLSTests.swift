import Foundation
import Logging
import Model
import TestSupport
import Testing
import Transport

@Suite(
    "TLS", .timeLimit(.minutes(1)),
    .enabled(
        if: FileManager.default.isExecutableFile(atPath: "/usr/bin/openssl"),
        "openssl makes the certificates"))
struct TLSTests {
    @Test(
        "A certificate is trusted if the connection names it, for the hosts it is for, and not otherwise"
    )
    func verification() async throws {
        try await withFolder { folder in
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            let (own, key) = (folder + "/own.pem", folder + "/key.pem")
            try run(
                [
                    "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                    "-days", "2",
                    "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-keyout", key,
                    "-out", own,
                ], in: folder)
            let (server, port) = try await serve(certificate: own, key: key, in: folder)
            defer {
                server.send(SIGTERM)
                server.wait()
            }
            for (host, file, trouble) in [
                ("localhost", nil, Trouble.Code.certificate), ("localhost", own, nil),
                ("127.0.0.1", own, .certificate),
            ] {
                let client = try HTTPClient(
                    connection: Connection(
                        name: "test", baseURL: "https://\(host):\(port)", rate: nil,
                        certificateFile: file),
                    stateDirectory: folder, userAgent: "sluice/test",
                    logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
                let exchange = await client.send(Request(.get, "/"))
                #expect(
                    exchange.trouble == trouble && exchange.isNotSent == (trouble != nil), "\(host)")
                await client.shutdown()
            }
        }
    }

    @Test("A file of certificates that is not there is told about at once")
    func missing() async throws {
        try await withFolder { folder in
            let connection = Connection(
                name: "test", baseURL: "https://localhost", certificateFile: folder + "/none")
            let error = #expect(throws: TransportError.self) {
                _ = try HTTPClient(
                    connection: connection, stateDirectory: folder, userAgent: "sluice/test",
                    logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
            }
            #expect(error?.description.hasPrefix(folder + "/none: ") == true)
        }
    }

    private func run(_ arguments: [String], in folder: String) throws {
        let process = try Child("/usr/bin/openssl", arguments, in: folder, log: "make")
        process.wait()
        #expect(process.status == 0, "\(process.err)")
    }

    /// Serves its status page; the first line says where.
    private func serve(certificate: String, key: String, in folder: String) async throws -> (Child, Int)
    {
        let process = try Child(
            "/usr/bin/openssl",
            ["s_server", "-www", "-accept", "127.0.0.1:0", "-cert", certificate, "-key", key],
            in: folder, log: "serve")
        while process.isRunning,
            !process.out.contains("ACCEPT 127.0.0.1:") || !process.out.hasSuffix("\n")
        {
            try await Task.sleep(for: .milliseconds(5))
        }
        let text = process.out
        let port = text.split(separator: "127.0.0.1:").last?.prefix { $0.isNumber } ?? ""
        return (process, try #require(Int(port), "openssl said: \(text)"))
    }
}
