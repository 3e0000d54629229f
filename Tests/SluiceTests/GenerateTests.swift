import Foundation
import TestSupport
import Testing

/// Cards: what the server made is in the file, or reported.
@Suite(.ownThreads) struct GenerateTests {
    /// An order against a sandbox of its own process.
    private struct Shop {
        let program: Program
        let server: Program.Server

        init() throws {
            program = try Program()
            server = try program.sandbox()
            try program.connect(to: server.url, "rate: none, timeout: 3s")
        }

        func close() {
            server.stop()
            program.remove()
        }

        func order(
            series: Int = 12, count: Int = 600, wait: String = "300ms", _ more: String...,
            killedAfter: Double? = nil
        ) throws -> Program.Output {
            try program.run(
                [
                    "generate", "cards", "--series", String(series), "--count", String(count), "-o",
                    "cards.csv", "--chunk", "40", "--wait", wait, "--connection", "there", "--json",
                ] + more, killedAfter: killedAfter)
        }

        /// Cards that the server made, by its own books.
        func made() throws -> Int {
            let things = try server.ask("/_sandbox/deeds?of=cardBatches")["things"] as? [[String: Any]]
            return (things ?? []).reduce(0) { sum, thing in
                let count = (thing["key"] as? String)?.split(separator: "/").last.flatMap { Int($0) }
                return sum + (count ?? 0) * (thing["deeds"] as? Int ?? 0)
            }
        }

        /// Every card made is in the file once, or reported; and as many as were expected.
        func expectAll(_ count: Int, _ output: Program.Output, _ what: String) throws {
            let report = try #require(
                try JSONSerialization.jsonObject(with: Data(output.out.utf8)) as? [String: Any],
                "\(what): \(output)")
            let stranded = try #require(report["stranded"] as? Int)
            let rows = try String(contentsOfFile: program.folder + "/cards.csv", encoding: .utf8)
                .split(separator: "\n").dropFirst()
            #expect(Set(rows).count == rows.count, "\(what): a number twice")
            #expect(rows.count + stranded == count, "\(what): \(rows.count) and \(stranded)")
            #expect(try made() == count, "\(what): the server made others")
            #expect(output.status == (stranded > 0 ? 1 : 0), "\(what): \(output)")
        }
    }

    @Test("Killed at random moments: what was made is in the file or reported, and no more was made")
    func kills() throws {
        let seed = KillTests.seed
        print("card kill test: SLUICE_SEED=\(seed)")
        var random = Seeded(seed)
        let shop = try Shop()
        defer { shop.close() }
        try shop.server.set(["latency:10ms-30ms"])
        var killed = 0
        var output = try shop.order(count: 2000, killedAfter: 0.4)
        for _ in 0..<60 where output.status != 0 && output.status != 1 {
            if output.status == -SIGKILL { killed += 1 }
            let limit = killed < 12 ? Double.random(in: 0.1...0.9, using: &random) : nil
            output = try shop.order(count: 2000, killedAfter: limit)
        }
        #expect(killed > 2, "seed \(seed)")
        try shop.expectAll(2000, output, "seed \(seed)")
    }

    @Test(
        "Whatever goes wrong, what was made is in the file or reported",
        arguments: [
            ["cut-request:count=2:on=add"], ["cut-before:count=2:on=add"],
            ["cut-after:count=2:on=add"], ["cut-answer:count=2:on=add"],
            ["late:count=2:on=add:50ms-150ms"], ["hang-after:count=1:on=add"],
            ["error-before:status=500:body=html:count=2:on=add"],
            ["error-after:status=504:body=empty:count=2:on=add"],
            ["error-after:status=502:body=json:count=1:on=add"], ["unavailable:count=1:on=add"],
            ["throttle:retry=none:count=1:on=add"], ["unauthorized:count=1:on=add"],
            ["forbidden:count=1:on=add"], ["not-found:count=1:on=add"],
            ["maintenance:count=1:on=add"], ["bad-request:body=empty:count=1:on=add"],
            ["batch-too-large:at=2:on=add"], ["busy:count=1:on=add"],
            ["cut-json:count=2:on=add"], ["empty-reply:count=2:on=add"],
            ["error-before:on=look:count=2", "cut-after:count=1:on=add"],
        ])
    func wrongs(faults: [String]) throws {
        let shop = try Shop()
        defer { shop.close() }
        try shop.server.set(faults)
        var output = try shop.order()
        try shop.server.set([])
        for _ in 0..<3 where ![0, 1].contains(output.status) { output = try shop.order() }
        try shop.expectAll(600, output, "\(faults)")
        // And once more: nothing is left to make.
        let again = try shop.order()
        #expect(again.status == output.status)
        #expect(try shop.made() == 600)
    }

    @Test("Numbers that exist already are made up for, and a second order of a file makes nothing")
    func shortfall() throws {
        let shop = try Shop()
        defer { shop.close() }
        let output = try shop.order(series: 13, count: 200)
        #expect(output.status == 0, "\(output)")
        let rows = try String(contentsOfFile: shop.program.folder + "/cards.csv", encoding: .utf8)
            .split(separator: "\n").dropFirst()
        #expect(Set(rows).count == 200)
        let made = try shop.made()
        #expect(made > 200)
        #expect(try shop.order(series: 13, count: 200).status == 0)
        #expect(try shop.made() == made)
        let other = try shop.order(series: 12, count: 7)
        #expect(other.status == 2 && other.err.contains("another order"), "\(other)")
    }

    @Test("A call that several entries of the log may be is held until a person says")
    func held() throws {
        let shop = try Shop()
        defer { shop.close() }
        // Killed while it waits for an answer; then one like it is made elsewhere.
        let first = try shop.program.run(
            "generate", "cards", "--series", "12", "--count", "1", "-o", "first.csv", "--connection",
            "there")
        #expect(first.status == 0, "\(first)")
        try shop.server.set(["hang-after:count=1:on=add"])
        let process = try shop.program.start([
            "generate", "cards", "--series", "12", "--count", "600", "-o", "cards.csv", "--chunk", "40",
            "--connection", "there",
        ])
        for _ in 0..<1000 where process.isRunning {
            if try shop.made() > 1 { break }
            usleep(5_000)
        }
        process.send(SIGKILL)
        process.wait()
        try shop.server.set([])
        #expect(try shop.made() == 40)
        _ = try shop.server.post("/v2/card/generate", #"{"seriesId":12,"count":39}"#)
        for _ in 0..<2 {
            let held = try shop.order()
            #expect(held.status == 4 && held.out.contains("several new entries"), "\(held)")
        }
        #expect(try shop.made() == 79)
        let decided = try shop.order(count: 600, "--held", "made")
        #expect(decided.status == 1, "\(decided)")
        let report = try #require(
            try JSONSerialization.jsonObject(with: Data(decided.out.utf8)) as? [String: Any])
        #expect(report["stranded"] as? Int == 39 && report["cards"] as? Int == 561, "\(report)")
        #expect(try shop.made() == 640)
    }

    @Test("A log that lags proves nothing until it shows the call before")
    func lag() throws {
        let shop = try Shop()
        defer { shop.close() }
        // Later than all waits; the second call is lost, the first is its witness.
        try shop.server.set(["lag:2s", "cut-after:at=2:on=add"])
        let output = try shop.order(wait: "200ms")
        try shop.expectAll(600, output, "lag")
        #expect(output.status == 1 && output.out.contains("log entry"), "\(output)")
    }

    @Test("A call that may have made fewer than it was requested is held")
    func fewer() throws {
        let shop = try Shop()
        defer { shop.close() }
        try shop.server.set(["cut-before:at=2:on=add"])
        let process = try shop.program.start([
            "generate", "cards", "--series", "12", "--count", "600", "-o", "cards.csv", "--chunk", "40",
            "--wait", "800ms", "--connection", "there", "--json",
        ])
        // Its second call was lost; somebody else makes 7.
        for _ in 0..<1000 where process.isRunning {
            if try shop.server.ask("/_sandbox/counts")["cut"] as? Int == 1 { break }
            usleep(5_000)
        }
        _ = try shop.server.post("/v2/card/generate", #"{"seriesId":12,"count":7}"#)
        process.wait()
        let held = try shop.order()
        #expect(held.status == 4 && held.out.contains("fewer cards, 7"), "\(held)")
        let decided = try shop.order(count: 600, "--held", "none")
        #expect(decided.status == 0, "\(decided)")
        #expect(try shop.made() == 607)
    }

    @Test(
        "An unfinished order is in the status; a card tells where it is from; pruned, the file stays"
    )
    func status() throws {
        let shop = try Shop()
        defer { shop.close() }
        try shop.server.set(["error-before:status=500:body=html:on=look:count=40"])
        let stopped = try shop.order(count: 90)
        #expect(stopped.status == 5, "\(stopped)")
        let status = try shop.program.run("status")
        #expect(
            status.prints("cards, unfinished") && status.prints("0 of 90 cards made")
                && status.prints("Run the same command again"), "\(status)")
        try shop.server.set([])
        try shop.expectAll(90, shop.order(count: 90), "finished")
        #expect(!(try shop.program.run("status").prints("unfinished")))
        let file = shop.program.folder + "/cards.csv"
        let text = try String(contentsOfFile: file, encoding: .utf8)
        let number = try #require(text.split(separator: "\n").last?.split(separator: ",").first)
        let told = try shop.program.run("explain", String(number))
        #expect(told.status == 0 && told.prints("a card of series 12"), "\(told)")
        #expect(try shop.program.run("explain", "S12B9").status == 1)
        usleep(20_000)
        let pruned = try shop.program.run("prune", "--older-than", "0s")
        #expect(pruned.prints("answers with numbers of cards"), "\(pruned)")
        let again = try shop.order(count: 90)
        #expect(again.status == 0 && again.out.contains(#""cards" : 90"#), "\(again)")
        #expect(try String(contentsOfFile: file, encoding: .utf8) == text)
        try FileManager.default.removeItem(atPath: file)
        let gone = try shop.order(count: 90)
        #expect(gone.status == 2 && gone.err.contains("sluice prune"), "\(gone)")
        #expect(try shop.made() == 90)
    }

    @Test("The job of its sample makes its cards, and the second time nothing")
    func job() throws {
        let program = try Program()
        defer { program.remove() }
        for folder in ["samples", "jobs"] {
            try FileManager.default.createSymbolicLink(
                atPath: program.folder + "/" + folder, withDestinationPath: Program.root + "/" + folder)
        }
        let first = try program.run("run", "jobs/card-orders.yaml")
        #expect(first.status == 0 && first.prints("cards.csv: 4,000 of 4,000 cards"), "\(first)")
        let file = program.folder + "/cards.csv"
        let text = try String(contentsOfFile: file, encoding: .utf8)
        let again = try program.run("run", "jobs/card-orders.yaml")
        #expect(again.status == 0, "\(again)")
        #expect(try String(contentsOfFile: file, encoding: .utf8) == text)
        #expect(try program.run("run", "jobs/card-orders.yaml", "--anew").status == 2)
        #expect(try program.run("validate", "jobs/card-orders.yaml").status == 2)
        // As a step of several.
        try program.write("series,count\n12,x\n", to: "orders.csv")
        try program.write(
            "job: bad\nconnection: sandbox\ncards: { orders: orders.csv }\nfile: more.csv\n",
            to: "bad.yaml")
        let both = try program.run("run", "jobs/card-orders.yaml", "bad.yaml")
        #expect(both.status == 2 && both.err.contains("orders.csv:2"), "\(both)")
        try program.write(
            "job: bad\nconnection: sandbox\ncards: { orders: o.csv, chunk: 60000 }\nfile: m.csv\n",
            to: "bad.yaml")
        let refused = try program.run("run", "bad.yaml")
        #expect(refused.status == 2 && refused.err.contains("chunk"), "\(refused)")
    }
}
