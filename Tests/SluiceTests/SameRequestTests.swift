import Foundation
import TestSupport
import Testing

/// Calls whose requests have ids that the server takes once.
@Suite(.ownThreads) struct SameRequestTests {
    @Test(
        "An id that is used proves that a request arrived; whom it left out is sent again under another"
    )
    func partial() throws {
        let stand = try Stand(.badgesEarn, items: 40)
        defer { stand.remove() }
        // Some of each request are put off, and no answer says whom.
        try stand.server.set(["busy-item:30%", "cut-after:count=4:on=add"])
        let first = try stand.command("run", "job.yaml", "--json")
        try stand.server.set([])
        try stand.expectOnce(first.status == 0 ? first : stand.goOn())
    }

    @Test("An id that another ledger has used is doubt, and settled customer by customer")
    func anotherLedger() throws {
        let stand = try Stand(.badgesEarn, items: 10, more: "verify_existing: none")
        defer { stand.remove() }
        #expect(try stand.command("run", "job.yaml", "--quiet").status == 0)
        try FileManager.default.removeItem(atPath: stand.program.folder + "/state")
        let again = try stand.command("run", "job.yaml", "--json")
        #expect(again.status == 0, "\(again.err)")
        try stand.expectOnce(again)
        let story = try stand.command("explain", "9000000/W-0")
        #expect(story.out.contains("the server knows its request id"), "\(story.out)")
    }

    @Test("A process that dies between the answer and its ledger is requested again under the same id")
    func killed() throws {
        let stand = try Stand(.badgesEarn, items: 60)
        defer { stand.remove() }
        try stand.server.set(["latency:20ms-60ms"])
        for _ in 0..<4 {
            let process = try stand.program.start(
                [try stand.program.run("report").status == 2 ? "run" : "resume"]
                    + (try stand.program.run("report").status == 2 ? ["job.yaml"] : []) + ["--quiet"])
            usleep(UInt32.random(in: 60_000...160_000))
            if process.isRunning { process.send(SIGKILL) }
            process.wait()
        }
        try stand.server.set([])
        try stand.expectOnce(stand.goOn())
    }
}
