import Foundation
import TestSupport
import Testing

/// Who else on a machine may read or change what a run uses.
@Suite(.ownThreads) struct DoorTests {
    private func chmod(_ program: Program, _ name: String, _ mode: Int) throws {
        try FileManager.default.setAttributes(
            [.posixPermissions: mode], ofItemAtPath: program.folder + "/" + name)
    }

    @Test("Settings that everybody may change, and secrets that others may read, are refused")
    func files() throws {
        let program = try Program()
        let server = try program.sandbox()
        defer {
            server.stop()
            program.remove()
        }
        try program.write(CommandTests.bill(1) + "\n", to: "bills.jsonl")
        try program.writeJob(files: "bills.jsonl")
        func connect(_ more: String) throws {
            try program.connect(
                to: server.url,
                "auth: { oauth: { key_file: key, secret_file: key } }, rate: none\(more)")
        }
        try connect("")
        try program.write("k", to: "key")
        try chmod(program, "key", 0o644)
        let readable = try program.run("run", "job.yaml")
        #expect(readable.status == 2 && readable.prints("insecure_secrets: allow"), "\(readable)")
        #expect(try program.run("doctor", "there").status == 2)
        try chmod(program, "connections.yaml", 0o666)
        let open = try program.run("run", "job.yaml")
        #expect(open.status == 2 && open.prints("every user may change this file"), "\(open)")
        try chmod(program, "connections.yaml", 0o644)
        try connect(", insecure_secrets: allow")
        #expect(try program.run("run", "job.yaml").status == 0)
        try connect(", insecure_secrets: maybe")
        #expect(try program.run("run", "job.yaml").status == 2)
        try connect("")
        try chmod(program, "key", 0o600)
        #expect(try program.run("run", "job.yaml").status == 0)
    }

    @Test("Unencrypted ways off this machine are warned of, and refused with credentials")
    func clear() throws {
        let program = try Program()
        defer { program.remove() }
        try program.write(CommandTests.bill(1) + "\n", to: "bills.jsonl")
        try program.writeJob(files: "bills.jsonl")
        // A reserved name, which nothing resolves.
        try program.connect(to: "http://api.invalid")
        let doctor = try program.run("doctor", "there")
        #expect(doctor.prints("is not encrypted"), "\(doctor)")
        try program.connect(
            to: "http://api.invalid", "auth: { basic: { username: u, password_file: p } }")
        let refused = try program.run("run", "job.yaml")
        #expect(refused.status == 2 && refused.prints("unencrypted"), "\(refused)")
    }
}
