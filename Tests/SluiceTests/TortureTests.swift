import Foundation
import TestSupport
import Testing

/// The torture test in its short form; `Tests/Torture/run` is the long one.
@Suite(.ownThreads, .serialized) struct TortureTests {
    static let seed =
        UInt64(ProcessInfo.processInfo.environment["SLUICE_SEED"] ?? "")
        ?? UInt64.random(in: 1...999_999)

    @Test(
        "Amid all troubles and kills, input, ledger and books agree record by record",
        arguments: [("none", 20, 6000), ("org", 10, 3000), ("unknown", 10, 3000)])
    func agree(uniqueness: String, kills: Int, records: Int) throws {
        print("torture test: SLUICE_SEED=\(Self.seed), uniqueness \(uniqueness)")
        let (status, out) = try torture(
            "--kills", String(kills), "--records", String(records), "--uniqueness", uniqueness,
            "--minutes", "2")
        #expect(status == 0, "seed \(Self.seed): \(out)")
    }

    @Test("All endpoints side by side: each record is done once, or the last value stands")
    func endpoints() throws {
        print("torture test of all endpoints: SLUICE_SEED=\(Self.seed)")
        let (status, out) = try torture(
            "--kills", "18", "--records", "3600", "--file-size", "250", "--lanes", "3", "--endpoints",
            "all", "--uniqueness", "none", "--minutes", "1")
        #expect(status == 0, "seed \(Self.seed): \(out)")
    }

    @Test("Where the server works later than was said, nothing is sent twice")
    func late() throws {
        let (status, out) = try torture(
            "--kills", "10", "--records", "4000", "--uniqueness", "none", "--minutes", "2", "--mix",
            "lost", "--late-above-wait")
        #expect(status == 0, "seed \(Self.seed): \(out)")
    }

    /// Runs the program that is built beside sluice.
    private func torture(_ arguments: String...) throws -> (status: Int32, out: String) {
        let beside = URL(fileURLWithPath: Program.executable).deletingLastPathComponent()
        let program = try Program()
        defer { program.remove() }
        let process = try program.start(
            ["--seed", String(Self.seed), "--sluice", Program.executable] + arguments,
            of: beside.appendingPathComponent("Torture").path)
        process.wait()
        return (process.status, process.out + process.err)
    }
}
