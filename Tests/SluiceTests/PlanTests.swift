import Foundation
import TestSupport
import Testing

/// Several jobs in an order.
@Suite(.serialized, .ownThreads) struct PlanTests {
    private struct Summary: Decodable {
        struct Step: Decodable {
            struct Run: Decodable {
                struct Requests: Decodable { var all: Int }
                var records: [String: Int]
                var requests: Requests
            }
            var job: String
            var exitCode: Int?
            var why: String?
            var run: Run?
        }
        var steps: [Step]
    }

    private static func summary(_ output: Program.Output) throws -> [Summary.Step] {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        return try decoder.decode(Summary.self, from: Data(output.out.utf8)).steps
    }

    /// Bills of one job; those of `bad` have no number.
    private static func write(_ name: String, bills: Int, bad: Int = 0, _ program: Program) throws {
        var text = "bill,total\n"
        for bill in 0..<bills { text += "\(name)-\(bill),\(bill < bad ? "x" : "5")\n" }
        try program.write(text, to: name + ".csv")
        try program.writeJob(
            name, files: "\(name).csv",
            """
            record:
              fields:
                identifierType: { value: externalId }
                identifierValue: bill
                type: { value: REGULAR }
                source: { value: INSTORE }
                billNumber: bill
                billingDate: { value: "2026-02-03T10:15:00+00:00" }
                billAmount: { from: total, as: number }
            doubt: { wait: 300ms }
            """, to: "jobs/" + name + ".yaml")
    }

    private static func program(_ arguments: String...) throws -> (Program, Program.Server) {
        let program = try Program()
        let server = try program.sandbox(arguments)
        try program.connect(to: server.url)
        try FileManager.default.createDirectory(
            atPath: program.folder + "/jobs", withIntermediateDirectories: true)
        return (program, server)
    }

    @Test("The migration of the samples runs whole, and the second time sends nothing")
    func migration() throws {
        let program = try Program()
        defer { program.remove() }
        for folder in ["samples", "jobs"] {
            try FileManager.default.createSymbolicLink(
                atPath: program.folder + "/" + folder, withDestinationPath: Program.root + "/" + folder)
        }
        let first = try program.run("run", "jobs/migration.yaml", "--json")
        #expect(first.status == 0, "\(first)")
        let steps = try Self.summary(first)
        #expect(steps.count > 10 && steps.allSatisfy { ($0.run?.records["accepted"] ?? 0) > 0 })
        let again = try program.run("run", "jobs/migration.yaml", "--json")
        #expect(again.status == 0, "\(again)")
        #expect(try Self.summary(again).allSatisfy { $0.run?.records["accepted"] == 0 })
    }

    @Test("A step begins when those before it ended well enough")
    func order() throws {
        let (program, server) = try Self.program("--unique", "none")
        defer {
            server.stop()
            program.remove()
        }
        try Self.write("a", bills: 4, bad: 1, program)
        try Self.write("b", bills: 4, program)
        try Self.write("c", bills: 4, program)
        try Self.write("d", bills: 4, program)
        try program.write(
            """
            plan: all
            jobs:
              - job: a.yaml
              - job: b.yaml
                after: [a]
                needs: landed
              - job: c.yaml
                after: [b]
                needs: ended
              - job: d.yaml
                after: [a]
            """, to: "jobs/all.yaml")
        let output = try program.run("run", "jobs/all.yaml", "--json")
        let steps = try Self.summary(output)
        #expect(steps.map(\.exitCode) == [1, nil, nil, 0], "\(output)")
        #expect(steps[1].why?.contains("a did not end well enough") == true)
        #expect(output.status == 7, "\(output)")
        // As a chain, one bad row holds nothing up.
        let chain = try program.run("run", "jobs/b.yaml", "jobs/a.yaml", "jobs/c.yaml")
        #expect(chain.status == 1 && chain.prints("1 invalid: type"), "\(chain)")
        #expect(try server.ask("/_sandbox/counts")["bookings"] as? Int == 4 * 4 - 1)
        // What is wrong in the last file is said before anything is sent.
        try program.write("plan: x\njobs: [{ job: a.yaml }, { job: z.yaml }]\n", to: "jobs/x.yaml")
        let missing = try program.run("run", "jobs/x.yaml")
        #expect(missing.status == 2 && missing.err.contains("jobs/z.yaml"), "\(missing)")
        try program.write("plan: x\njobs: [{ job: a.yaml, after: [b] }]\n", to: "jobs/x.yaml")
        #expect(try program.run("run", "jobs/x.yaml").err.contains("not a job before it"))
        try program.write("plan: x\njobs: [{ job: x.yaml }]\n", to: "jobs/x.yaml")
        #expect(try program.run("run", "jobs/x.yaml").status == 2)
        #expect(try program.run("validate", "jobs/all.yaml").err.contains("a plan of 4 jobs"))
        #expect(try program.run("run", "jobs/a.yaml", "jobs/a.yaml").status == 2)
    }

    @Test("A plan that is killed continues with the run it was at, and each bill is booked once")
    func killed() throws {
        let (program, server) = try Self.program(
            "--unique", "none", "--fault", "latency:always:5ms-15ms")
        defer {
            server.stop()
            program.remove()
        }
        for name in ["a", "b", "c"] { try Self.write(name, bills: 200, program) }
        var random = Seeded(KillTests.seed)
        print("kill test: SLUICE_SEED=\(KillTests.seed)")
        let jobs = ["run", "jobs/a.yaml", "jobs/b.yaml", "jobs/c.yaml", "--quiet"]
        var kills = 0
        var output = try program.run(jobs, killedAfter: 0.2)
        for _ in 0..<60 where output.status != 0 {
            if output.status == -SIGKILL { kills += 1 }
            let limit = kills < 6 ? Double.random(in: 0.1...0.5, using: &random) : nil
            output = try program.run(jobs, killedAfter: limit)
        }
        #expect(output.status == 0, "\(output)")
        let counts = try server.ask("/_sandbox/counts")
        #expect(counts["bookings"] as? Int == 600 && counts["surplus"] as? Int == 0)
    }
}
