import Foundation
import TestSupport
import Testing

/// Killed at random moments, resumed, killed again: every bill is booked exactly once, by the count
/// of a sandbox that runs as a process of its own.
@Suite(.ownThreads, .serialized) struct KillTests {
    static let kills = 50
    static let seed =
        UInt64(ProcessInfo.processInfo.environment["SLUICE_SEED"] ?? "")
        ?? UInt64.random(in: 1...999_999)

    @Test("Fifty kills book every bill exactly once", arguments: ["none", "org"])
    func kills(uniqueness: String) throws {
        print("kill test: SLUICE_SEED=\(Self.seed), uniqueness \(uniqueness)")
        var random = Seeded(Self.seed)
        let program = try Program()
        defer { program.remove() }
        let server = try program.sandbox(
            "--unique", uniqueness, "--seed", String(Self.seed), "--fault", "latency:always:4ms-12ms")
        defer { server.stop() }
        try program.connect(to: server.url)

        var killed = 0
        var rounds = 0
        var expected = 0
        while killed < Self.kills {
            rounds += 1
            #expect(rounds < 200, "kills never landed")
            if rounds >= 200 { return }
            let bills = 3000
            try program.write(Self.bills(bills, round: rounds), to: "round-\(rounds).jsonl")
            try program.writeJob(
                "round-\(rounds)", files: "round-\(rounds).jsonl",
                """
                send: { chunk: 10, in_flight: 8 }
                doubt: { wait: 300ms }
                """, to: "round-\(rounds).yaml")
            expected += bills
            var output = try program.run(
                ["run", "round-\(rounds).yaml", "--quiet"],
                killedAfter: Double.random(in: 0.05...1.2, using: &random))
            var begun = try runs(program).contains("round-\(rounds)")
            for _ in 0..<100 where output.status != 0 {
                if output.status == -SIGKILL { killed += 1 }
                // Killed before the run was started: then it is run, not resumed.
                let command =
                    begun ? ["resume", "--quiet"] : ["run", "round-\(rounds).yaml", "--quiet"]
                let limit = killed < Self.kills ? Double.random(in: 0.05...1.2, using: &random) : nil
                output = try program.run(command, killedAfter: limit)
                begun = try begun || runs(program).contains("round-\(rounds)")
            }
            #expect(output.status == 0, "seed \(Self.seed): \(output.err) \(output.out)")
            if output.status != 0 { break }
        }
        let counts = try server.ask("/_sandbox/counts")
        #expect(counts["distinct"] as? Int == expected, "seed \(Self.seed): lost some")
        #expect(counts["surplus"] as? Int == 0, "seed \(Self.seed): booked twice")
        #expect(killed >= Self.kills)
        print("kill test: \(killed) kills, \(rounds) runs, \(expected) bills, each booked once")
    }

    private func runs(_ program: Program) throws -> String { try program.run("runs", "--json").out }

    private static func bills(_ count: Int, round: Int) -> String {
        (0..<count).map { number in
            """
            {"identifierType":"externalId","identifierValue":"c\(number % 700)","source":"INSTORE","type":"REGULAR",\
            "billNumber":"R\(round)-\(number)","billingDate":"2026-02-03T10:15:00+00:00","billAmount":12.5}
            """
        }.joined(separator: "\n") + "\n"
    }
}
