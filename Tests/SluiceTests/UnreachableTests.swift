import Foundation
import TestSupport
import Testing

/// Nothing listens where the connection points.
@Suite(.ownThreads) struct UnreachableTests {
    @Test("The cause is told soon, and is in the status and in the report", .timeLimit(.minutes(20)))
    func cause() throws {
        let program = try Program()
        defer { program.remove() }
        try program.connect("closed", to: "http://127.0.0.1:1", "auth: none, rate: none, org: 1")
        try program.write(
            "phone,bill,sold,total,note\n447700900101,CL1,2026-01-05T10:00:00,1,x\n", to: "in.csv")
        try program.writeJob(
            "down", connection: "closed", files: "\"in.csv\"",
            """
            record:
              fields:
                identifierType: { value: mobile }
                identifierValue: { from: phone, digits_only: true }
                type: { value: REGULAR }
                source: { value: INSTORE }
                billNumber: bill
                billingDate: { from: sold, as: datetime, format: iso, zone: UTC }
                billAmount: { from: total, as: number }
                note: note
            send: { chunk: 50 }
            doubt: { wait: 2s }
            verify_existing: none
            """)
        let cause = "connection refused by 127.0.0.1:1"
        let process = try program.start(["run", "job.yaml"])
        // As often as told: before the run has started, and of the run.
        while process.isRunning, process.err.components(separatedBy: cause).count < 3 {
            usleep(20_000)
        }
        #expect(process.isRunning)
        let status = try program.run("status")
        #expect(status.out.contains(cause), "\(status)")
        process.send(SIGTERM)
        process.wait()
        #expect(process.status == 143)
        let report = try program.run("report", "--json")
        #expect(report.out.contains(cause), "\(report)")
        let again = try program.run("report")
        #expect(again.out.contains(cause), "\(again)")
    }

    private func text(_ handle: FileHandle) throws -> String {
        try handle.seek(toOffset: 0)
        return String(decoding: try handle.readToEnd() ?? Data(), as: UTF8.self)
    }
}
