import Reports
import Testing

@Suite("Progress in one line") struct ProgressLineTests {
    private var snapshot: ProgressSnapshot {
        ProgressSnapshot(
            read: 7000, accepted: 6500, rejected: 12, skipped: 3, inDoubt: 20, inFlight: 8,
            recordsPerSecond: 112.4,
            waitsFor: "throttled by the server, 12 s", bytesRead: 260, bytesTotal: 1000,
            elapsed: .seconds(65))
    }

    @Test func golden() {
        #expect(
            ProgressLine.terminal(snapshot, width: 200)
                == "26 % · 6,500 accepted · 12 rejected · 20 in doubt · 3 skipped · 112/s · 8 in flight · "
                + "waits: throttled by the server, 12 s · 3 min 05 s left")
        #expect(
            ProgressLine.plain(snapshot)
                == "7,000 read, 26 %, 6,500 accepted, 12 rejected, 20 in doubt, 3 skipped, 112/s, "
                + "8 in flight, waits: throttled by the server, 12 s, 3 min 05 s left, after 1 min 05 s"
        )
    }

    @Test(arguments: 0..<160)
    func neverWiderThanTheTerminal(width: Int) {
        #expect(ProgressLine.terminal(snapshot, width: width).count <= width)
    }

    @Test func whyItWaitsOutlastsTheRest() {
        #expect(
            ProgressLine.terminal(snapshot, width: 60)
                == "6,500 accepted · waits: throttled by the server, 12 s")
    }

    @Test func withoutAKnownEnd() {
        let snapshot = ProgressSnapshot(bytesRead: 12_000_000, elapsed: .seconds(60))
        #expect(ProgressLine.terminal(snapshot, width: 80) == "12.0 MB · 0 accepted")
        #expect(snapshot.share == nil && snapshot.remaining == nil)
    }

    @Test(
        arguments: [
            (0, 60, nil), (9, 60, nil), (250, 60, 180), (250, 0, nil), (1000, 60, 0), (1001, 60, 0),
        ] as [(Int, Int, Int?)])
    func timeLeft(bytesRead: Int, elapsed: Int, seconds: Int?) {
        let snapshot = ProgressSnapshot(
            bytesRead: bytesRead, bytesTotal: 1000, elapsed: .seconds(elapsed))
        #expect(snapshot.remaining == seconds.map { .seconds($0) })
    }
}
