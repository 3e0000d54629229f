import Foundation
import TestSupport
import Testing

/// Files that the server works on: killed while one is at work, lost, refused in part.
@Suite(.ownThreads) struct CouponFileTests {
    /// Customers for whom the series makes codes up.
    private static let generated = Specimen(
        endpoint: "coupons.upload", variant: "generated", holds: true,
        more: "parameters: { series: 8801, codes: generated }",
        line: { name, item, isBad in #"{"customer":"\#(isBad ? "unknown-" : "")\#(name)\#(item)"}"# },
        done: { server, name, items in
            try Specimen.deeds(server, on: "coupons", keys: (0..<items).map { "\(name)\($0)/8801" })
        })

    /// Codes that are nobody's yet.
    private static let free = Specimen(
        endpoint: "coupons.upload", variant: "free",
        more: "parameters: { series: 8801, customer: NOT_TAGGED, refuses_repeat: true }",
        line: { name, item, isBad in #"{"code":"\#(isBad ? "refused-" : "")\#(name)-\#(item)"}"# },
        done: { server, name, items in
            try Specimen.deeds(server, on: "codes", keys: (0..<items).map { "8801/\(name)-\($0)" })
        })

    private func files(_ stand: Stand) throws -> Int {
        try stand.server.ask("/_sandbox/deeds?of=couponFiles")["count"] as? Int ?? 0
    }

    @Test("Killed while a job is followed: the next go adopts it, and sends no file twice")
    func killed() throws {
        let stand = try Stand(.couponsUpload, items: 31)
        defer { stand.remove() }
        try stand.server.set(["error-before:on=look"])
        let process = try stand.program.start(["run", "job.yaml", "--quiet"])
        for _ in 0..<2000 where process.isRunning {
            if try files(stand) > 0 { break }
            usleep(5_000)
        }
        process.send(SIGKILL)
        process.wait()
        try stand.server.set([])
        let last = try stand.command("resume")
        #expect(last.status == 0, "\(last)")
        try stand.expectOnce(last)
        #expect(try files(stand) == 7, "one of a row, to learn of the header, and six of five")
        // Codes that were there before are refused by the server: nothing of it is sent.
        #expect(try stand.command("run", "job.yaml").status == 0)
        #expect(try files(stand) == 7)
    }

    @Test("Interrupted while a job is at work: in doubt, and settled by the next go")
    func interrupted() throws {
        let stand = try Stand(.couponsUpload, items: 31)
        defer { stand.remove() }
        try stand.interruptInDoubt()
        let last = try stand.goOn()
        #expect(last.status == 0, "\(last)")
        try stand.expectOnce(last)
    }

    @Test("Rows that a job refuses are found out, by owner where codes are made up")
    func refused() throws {
        let bad: Set = [4, 11, 12]
        let stand = try Stand(Self.generated, items: 20, bad: bad)
        defer { stand.remove() }
        let first = try stand.command("run", "job.yaml")
        #expect(first.status == 1, "\(first)")
        try stand.expectOnce(except: bad, first)
        #expect(try stand.totals()["rejected"] == 3)
        let story = try stand.command("explain", "unknown-W4")
        #expect(story.out.contains("now: rejected: refused"), "\(story.out)")
    }

    @Test("Of codes that are nobody's, too, those that a job refuses are found out")
    func refusedCodes() throws {
        let bad: Set = [3, 17]
        let stand = try Stand(Self.free, items: 20, bad: bad)
        defer { stand.remove() }
        let first = try stand.command("run", "job.yaml")
        #expect(first.status == 1, "\(first)")
        try stand.expectOnce(except: bad, first)
        #expect(try stand.totals()["rejected"] == 2)
    }

    @Test("Whether the header counts is learnt by a file of one row, either way")
    func header() throws {
        for options in [[], ["--count-headers"]] {
            let stand = try Stand(.couponsUpload, items: 12, sandbox: options)
            defer { stand.remove() }
            // Nothing can be looked up: the counts alone prove the rows.
            try stand.server.set(["error-before:on=/v1.1/customer/coupons"])
            let first = try stand.command("run", "job.yaml")
            #expect(first.status == 0, "\(options) \(first)")
            try stand.expectOnce(first)
        }
    }

    @Test("A lost file of made-up codes is never sent again by itself")
    func lost() throws {
        let stand = try Stand(Self.generated, items: 20)
        defer { stand.remove() }
        try stand.server.set(["cut-before:on=add:count=1"])
        let first = try stand.command("run", "job.yaml")
        #expect(first.status == 4, "\(first)")
        #expect(try stand.totals()["in_doubt"] == 1)
        #expect(try stand.command("resume").status == 4, "nor by the next go")
        let last = try stand.goOn()
        #expect(last.status == 0, "\(last)")
        try stand.expectOnce(last)
    }
}
