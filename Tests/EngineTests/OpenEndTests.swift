import Catalog
import Engine
import Foundation
import Ledger
import Mapping
import Model
import Records
import Reports
import Synchronization
import Testing

/// An input that is written while it is imported.
@Suite(.timeLimit(.minutes(5))) struct OpenEndTests {
    /// Calls something after each answer.
    private final class Watched: Sender {
        let server: FakeServer
        let after: @Sendable (Request) -> Void

        init(_ server: FakeServer, _ after: @escaping @Sendable (Request) -> Void) {
            self.server = server
            self.after = after
        }

        var usage: SenderUsage { server.usage }
        func slot() async throws -> Slot { try await server.slot() }
        func send(_ request: Request, in slot: Slot) async -> Exchange {
            let exchange = await server.send(request, in: slot)
            after(request)
            return exchange
        }
    }

    /// Bills in a CSV file, one a row, and a plan for them.
    private struct Scene {
        let folder: String
        let path: String
        var plan: Plan

        init(_ rows: String, files: Int = 1, group: [String] = []) throws {
            folder = NSTemporaryDirectory() + "sluice-" + UUID().uuidString
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            path = folder + "/bills0.csv"
            var inputs: [InputFile] = []
            for file in 0..<files {
                let path = folder + "/bills\(file).csv"
                let text = "customer,bill,total\n" + rows.replacing("#", with: "\(file)")
                try text.write(toFile: path, atomically: false, encoding: .utf8)
                inputs.append(InputFile(path: path, name: "bills\(file).csv", format: .csv))
            }
            func constant(_ text: String) -> Rule { .constant(json: "\"\(text)\"") }
            plan = Plan(
                job: "test", jobText: "", jobFile: "test.yaml", endpoint: .transactionsAdd,
                connection: Connection(name: "fake", baseURL: "http://127.0.0.1", rate: nil),
                inputs: inputs, inputOptions: InputOptions(),
                mapping: MappingSpec(
                    group: group,
                    fields: [
                        FieldRule("identifierType", constant("externalId")),
                        FieldRule("identifierValue", .column("customer", Conversion())),
                        FieldRule("source", constant("INSTORE")),
                        FieldRule("type", constant("REGULAR")),
                        FieldRule("billNumber", .column("bill", Conversion())),
                        FieldRule("billingDate", constant("2026-02-03T10:15:00+00:00")),
                        FieldRule("billAmount", .column("total", Conversion(.number))),
                    ]), send: SendSettings(chunk: 5, inFlight: .fixed(4)),
                doubt: DoubtSettings(wait: .milliseconds(60)))
            // No look-ups before the first request.
            plan.verifyExisting = .none
        }

        static func rows(_ bills: Range<Int>) -> String {
            bills.map { "c\($0),B-\($0),\($0).50\n" }.joined()
        }

        func append(_ text: String) throws {
            let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
            try handle.seekToEnd()
            try handle.write(contentsOf: Data(text.utf8))
            try handle.close()
        }

        var size: Int {
            get throws { try Data(contentsOf: URL(fileURLWithPath: path)).count }
        }

        func begin(_ ledger: Ledger, _ org: OrgSettings) async throws -> RunRow {
            try await RunStarter.begin(plan, org: org, ledger: ledger, environment: .real)
        }

        func remove() { try? FileManager.default.removeItem(atPath: folder) }
    }

    /// Runs it and does something once the whole input was read, before the third request.
    private func run(
        _ scene: Scene, _ run: RunRow, _ org: OrgSettings, _ ledger: Ledger, _ server: FakeServer,
        whileItWaits: () throws -> Void
    ) async throws -> RunResult {
        server.closeGate(after: 2)
        let execution = Execution(
            plan: scene.plan, run: run, org: org, ledger: ledger, sender: server, environment: .real)
        async let ending = execution.run()
        while !execution.progress.inputEnded { try await Task.sleep(for: .milliseconds(1)) }
        try whileItWaits()
        server.closeGate(after: nil)
        return try await ending
    }

    @Test(
        "A last row without a line end is not sent when the rest of it comes: the run stops with its place"
    )
    func cutRow() async throws {
        let scene = try Scene(Scene.rows(0..<30) + "c30,B-30,12")
        defer { scene.remove() }
        let server = FakeServer(seed: 1)
        let ledger = try Ledger.open(at: scene.folder + "/state")
        let org = try await RunStarter.learnOrg(
            scene.plan.connection, sender: server, environment: .real)
        let first = try await scene.begin(ledger, org)
        let size = try scene.size
        let ending = try await run(scene, first, org, ledger, server) { try scene.append("50.00\n") }
        #expect(ending.exitCode == 3, "\(ending)")
        #expect(
            ending.reason?.hasPrefix("bills0.csv:32: record 30 has no line end") == true, "\(ending)")
        #expect(ending.reason?.contains("has grown after byte \(size)") == true, "\(ending)")
        #expect(ending.reason?.contains("It is not sent. `sluice resume") == true, "\(ending)")
        #expect(server.bookings.count == 30 && server.bookings["B-30"] == nil)
        // Continued with, it is listed; what was added is for the next run.
        let row = try #require(try ledger.run(named: first.id.text))
        let second = try await Execution(
            plan: scene.plan, run: row, org: org, ledger: ledger, sender: server, environment: .real
        ).run()
        #expect(second.exitCode == 1 && second.isFinished, "\(second)")
        #expect(second.conditions == [.problems, .grown])
        let totals = try ledger.totals(run: first.number)
        #expect(totals[.accepted] == 30 && totals[.invalid] == 1)
        #expect(server.bookings["B-30"] == nil)
        let third = try await Execution(
            plan: scene.plan, run: try await scene.begin(ledger, org), org: org, ledger: ledger,
            sender: server, environment: .real
        ).run()
        #expect(third.exitCode == 0, "\(third)")
        #expect(server.amounts["B-30"]?.compactMap(Double.init) == [1250])
    }

    @Test("The last group of a file that gets another row is not sent")
    func lastGroup() async throws {
        var scene = try Scene(Scene.rows(0..<30), group: ["bill"])
        scene.plan.mapping?.isSorted = true
        defer { scene.remove() }
        let server = FakeServer(seed: 1)
        let ledger = try Ledger.open(at: scene.folder + "/state")
        let org = try await RunStarter.learnOrg(
            scene.plan.connection, sender: server, environment: .real)
        let ending = try await run(scene, try await scene.begin(ledger, org), org, ledger, server) {
            try scene.append("c29,B-29,29.50\n")
        }
        #expect(ending.exitCode == 3, "\(ending)")
        #expect(ending.reason?.contains("record 29 is the last group of the file") == true, "\(ending)")
        // It is in the last request, of five.
        #expect(server.bookings.count == 25 && server.bookings["B-29"] == nil)
    }

    @Test(
        "Rows that are added while the rest is sent are not in the run, which says so and ends with 1")
    func added() async throws {
        let scene = try Scene(Scene.rows(0..<30))
        defer { scene.remove() }
        let server = FakeServer(seed: 1)
        let ledger = try Ledger.open(at: scene.folder + "/state")
        let org = try await RunStarter.learnOrg(
            scene.plan.connection, sender: server, environment: .real)
        let first = try await scene.begin(ledger, org)
        let size = try scene.size
        let ending = try await run(scene, first, org, ledger, server) {
            try scene.append("c30,B-30,7\n")
        }
        #expect(ending.exitCode == 1 && ending.isFinished, "\(ending)")
        #expect(ending.conditions == [.grown])
        #expect(
            ending.reason
                == "bills0.csv has grown after byte \(size): what was added is not in this run. "
                + "Run the job again to import it")
        #expect(try ledger.run(named: first.id.text)?.hasGrownInput == true)
        #expect(server.bookings.count == 30)
        let second = try await Execution(
            plan: scene.plan, run: try await scene.begin(ledger, org), org: org, ledger: ledger,
            sender: server, environment: .real
        ).run()
        #expect(second.exitCode == 0 && second.reason == nil, "\(second)")
        #expect(server.bookings.count == 31 && server.bookings.values.allSatisfy { $0 == 1 })
    }

    @Test("What changes after such a row was sent stops the run at its end")
    func changedAfterwards() async throws {
        let scene = try Scene(Scene.rows(0..<5) + "c5,B-5,12")
        defer { scene.remove() }
        let server = FakeServer(seed: 1)
        let isAppended = Atomic(false)
        let sender = Watched(server) { request in
            guard request.method == .post, server.bookings["B-5"] != nil,
                !isAppended.exchange(true, ordering: .relaxed)
            else { return }
            try? scene.append("50.00\n")
        }
        let ledger = try Ledger.open(at: scene.folder + "/state")
        let org = try await RunStarter.learnOrg(
            scene.plan.connection, sender: server, environment: .real)
        let first = try await scene.begin(ledger, org)
        let ending = try await Execution(
            plan: scene.plan, run: first, org: org, ledger: ledger, sender: sender, environment: .real
        ).run()
        #expect(ending.exitCode == 3, "\(ending)")
        #expect(ending.reason?.hasPrefix("bills0.csv:7: record 5 has no line end") == true, "\(ending)")
        #expect(ending.reason?.contains("It was sent as it was read") == true, "\(ending)")
    }

    @Test("Files at rest without a last line end are imported whole, however many there are")
    func atRest() async throws {
        let scene = try Scene("c#,B-#-1,1\nc#,B-#-2,2", files: 60)
        defer { scene.remove() }
        let server = FakeServer(seed: 1)
        let ledger = try Ledger.open(at: scene.folder + "/state")
        let org = try await RunStarter.learnOrg(
            scene.plan.connection, sender: server, environment: .real)
        let ending = try await Execution(
            plan: scene.plan, run: try await scene.begin(ledger, org), org: org, ledger: ledger,
            sender: server, environment: .real
        ).run()
        #expect(ending.exitCode == 0 && ending.reason == nil, "\(ending)")
        #expect(server.bookings.count == 120 && server.bookings.values.allSatisfy { $0 == 1 })
        #expect(server.order.values.allSatisfy { $0.count == 2 && $0[0].hasSuffix("-1") })
    }
}
