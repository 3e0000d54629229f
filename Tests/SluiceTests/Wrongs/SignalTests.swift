import Foundation
import TestSupport
import Testing

/// Told to stop: once, and what is in flight is accepted; twice, and it is left at once.
@Suite(.ownThreads) struct SignalTests {
    @Test(
        "The first signal lets what is in flight finish and leaves the run resumable",
        arguments: [(SIGINT, Int32(130)), (SIGTERM, Int32(143)), (SIGHUP, Int32(143))])
    func once(signal: Int32, status: Int32) throws {
        let stand = try Stand(items: 400, sandbox: ["--fault", "latency:60ms:on=add"])
        defer { stand.remove() }
        let process = try stand.startAndWait(done: 20)
        process.send(signal)
        process.wait()
        #expect(process.status == status)
        // Everything that was in flight is judged: nobody has to be asked about it.
        let totals = try stand.totals()
        #expect(totals["in_doubt"] == 0, "\(totals)")
        let done = try stand.done()
        #expect(totals["accepted"] == done.count { $0 > 0 }, "\(totals)")
        let last = try stand.command("resume")
        #expect(last.status == 0, "\(last)")
        try stand.expectOnce(last)
    }

    @Test(
        "The second signal leaves at once",
        arguments: [(SIGINT, Int32(130)), (SIGTERM, Int32(143)), (SIGHUP, Int32(143))])
    func twice(signal: Int32, status: Int32) throws {
        // An answer takes far longer than anyone waits.
        let stand = try Stand(items: 400, sandbox: ["--fault", "latency:60s:on=add"])
        defer { stand.remove() }
        let process = try stand.startAndWait(done: 20)
        process.send(signal)
        usleep(300_000)
        #expect(process.isRunning, "the first one waits for what is in flight")
        let began = Date()
        process.send(signal)
        process.wait()
        #expect(Date().timeIntervalSince(began) < 3)
        #expect(process.status == status)
        try stand.server.set([])
        let last = try stand.goOn()
        #expect(last.status == 0, "\(last)")
        try stand.expectOnce(last)
    }

    @Test("Under nohup a hang-up stops nothing")
    func nohup() throws {
        let stand = try Stand(items: 200, sandbox: ["--fault", "latency:30ms:on=add"])
        defer { stand.remove() }
        let process = try stand.program.start(
            ["-c", "trap '' HUP; exec '\(Program.executable)' run job.yaml --quiet"], of: "/bin/sh")
        while process.isRunning, try stand.server.ask("/_sandbox/counts")["bookings"] as? Int ?? 0 < 20
        {
            usleep(5_000)
        }
        process.send(SIGHUP)
        process.wait()
        #expect(process.status == 0)
        #expect(try stand.done().allSatisfy { $0 == 1 })
    }

    @Test("Requests that only stand at the rate gate hold up nobody who wants to leave")
    func atTheGate() throws {
        let stand = try Stand(items: 60, connection: "rate: 12/min")
        defer { stand.remove() }
        let process = try stand.startAndWait(done: 1)
        let began = Date()
        process.send(SIGINT)
        while process.isRunning, Date().timeIntervalSince(began) < 20 { usleep(10_000) }
        let took = Date().timeIntervalSince(began)
        #expect(took < 3, "left after \(took) s")
        if process.isRunning { process.send(SIGKILL) }
        process.wait()
        #expect(process.status == 130)
        #expect(try stand.totals()["in_doubt"] == 0)
        try stand.connect("rate: none")
        let last = try stand.goOn()
        #expect(last.status == 0, "\(last)")
        try stand.expectOnce(last)
    }

    @Test("A signal before the run began ends the command, and nothing has started")
    func beforeItBegan() throws {
        let stand = try Stand(sandbox: ["--fault", "hang-before:on=organization"])
        defer { stand.remove() }
        let process = try stand.program.start(["run", "job.yaml"])
        usleep(500_000)
        process.send(SIGINT)
        process.wait()
        #expect(process.status == -SIGINT || process.status == 130)
        #expect(try stand.program.run("report").status == 2, "there is no run")
    }
}
