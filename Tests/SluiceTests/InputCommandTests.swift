import Foundation
import TestSupport
import Testing

/// Programs whose output is an input.
@Suite(.ownThreads) struct InputCommandTests {
    private func job(_ input: String) -> String {
        """
        job: piped
        endpoint: transactions.add
        connection: sandbox
        input: \(input)
        record:
          fields:
            identifierType: { value: mobile }
            identifierValue: phone
            type: { value: REGULAR }
            source: { value: INSTORE }
            billNumber: bill
            billingDate: { from: sold, as: datetime }
            billAmount: { from: total, as: number }
        verify_existing: none

        """
    }
    private static let rows = """
        phone,bill,sold,total
        447700900101,C1,2026-01-05T10:00:00Z,1
        447700900102,C2,2026-01-05T10:00:00Z,x

        """

    @Test("What a program writes is imported, kept while it may be needed, and its rejects are files")
    func run() throws {
        let program = try Program()
        defer { program.remove() }
        try program.write(Self.rows, to: "in.csv")
        try program.write(job("{ command: [cat, in.csv] }"), to: "job.yaml")
        let valid = try program.run("validate", "job.yaml")
        #expect(valid.status == 1 && valid.out.contains("1 fit to send, 1 invalid"), "\(valid)")
        #expect(valid.err.contains("output of cat:3"), "\(valid.out)")
        let run = try program.run("run", "job.yaml")
        #expect(run.status == 1 && run.prints("accepted 1") && run.prints("invalid 1"), "\(run)")
        let runs = program.folder + "/state/runs"
        let id = try #require(try FileManager.default.contentsOfDirectory(atPath: runs).first)
        let rejects = try String(contentsOfFile: runs + "/\(id)/rejects.csv", encoding: .utf8)
        try program.write(rejects.replacingOccurrences(of: ",x", with: ",2"), to: "fixed.csv")
        let retry = try program.run("retry", "--from", "fixed.csv")
        #expect(retry.status == 0 && retry.prints("accepted 1"), "\(retry)")
    }

    @Test("A program that fails or is not there stops the run before anything is sent")
    func failure() throws {
        let program = try Program()
        defer { program.remove() }
        try program.write(Self.rows, to: "in.csv")
        for (command, words) in [
            ("[sh, -c, \"cat in.csv; exit 3\"]", "ended with status 3"),
            ("[sh, -c, \"cat in.csv; kill -9 $$\"]", "ended by signal 9"),
            ("[no-such-program-anywhere]", "no program"),
        ] {
            try program.write(job("{ command: \(command) }"), to: "job.yaml")
            let run = try program.run("run", "job.yaml")
            #expect(run.status == 5 && run.err.contains(words), "\(command): \(run)")
            #expect(!run.prints("accepted 1"), "\(run)")
        }
        // What a killed or failed program has written is not left behind.
        let spool = program.folder + "/state/spool"
        #expect(((try? FileManager.default.contentsOfDirectory(atPath: spool)) ?? []).isEmpty)
    }

    @Test("Its environment is what the job names, and no shell takes its arguments apart")
    func environment() throws {
        let program = try Program()
        defer { program.remove() }
        let script =
            "printf 'phone,bill,sold,total\\n%s,%s,2026-01-05T10:00:00Z,1\\n' \\\"$A_PHONE\\\" \\\"x$B_SECRET\\\""
        try program.write(
            job("{ command: [sh, -c, \"\(script)\"], environment: [A_PHONE] }"), to: "job.yaml")
        let output = try program.shell("A_PHONE=447700900101 B_SECRET=s $SLUICE run job.yaml")
        #expect(output.status == 0 && output.prints("accepted 1"), "\(output)")
        try program.write(job("{ command: [echo, \"phone;$HOME; true\"] }"), to: "job.yaml")
        let plain = try program.run("validate", "job.yaml")
        #expect(plain.status == 2 && plain.err.contains("It has: phone, $HOME,  true."), "\(plain)")
        for (input, words) in [
            ("{ command: cat in.csv }", "expected a list"),
            ("{ command: [cat], files: a }", "together"),
            ("{ files: a, environment: [A] }", "needs `command`"),
            ("{ command: [cat], environment: [\"A=b\"] }", "not the name of a variable"),
        ] {
            try program.write(job(input), to: "job.yaml")
            let wrong = try program.run("validate", "job.yaml")
            #expect(wrong.status == 2 && wrong.err.contains(words), "\(wrong)")
        }
    }
}
