import Reports
import Testing

@Suite("Progress in one line") struct ProgressLineTests {
    private var snapshot: ProgressSnapshot {
        var snapshot = ProgressSnapshot()
        snapshot.read = 7000
        snapshot.accepted = 6500
        snapshot.rejected = 12
        snapshot.inDoubt = 20
        snapshot.skipped = 3
        snapshot.inFlight = 8
        snapshot.requests = 340
        snapshot.rate = 112.4
        snapshot.waitsFor = "throttled by the server, 12 s"
        snapshot.bytesRead = 999
        snapshot.bytesTotal = 1000
        snapshot.elapsed = .seconds(65)
        snapshot.remaining = .seconds(185)
        return snapshot
    }

    @Test func golden() {
        #expect(
            ProgressLine.terminal(snapshot, width: 200)
                == "99 % · 6,500 accepted · 12 rejected · 20 in doubt · 3 skipped · 112/s · 8 in flight · "
                + "waits: throttled by the server, 12 s · 3 min 05 s left")
        #expect(
            ProgressLine.log(snapshot)
                == "7,000 read, 340 requests, 99 %, 6,500 accepted, 12 rejected, 20 in doubt, 3 skipped, 112/s, "
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
        var snapshot = ProgressSnapshot()
        snapshot.bytesRead = 12_000_000
        #expect(ProgressLine.terminal(snapshot, width: 80) == "12.0 MB · 0 accepted")
        #expect(snapshot.share == nil)
        #expect(ProgressSnapshot.estimate(elapsed: .seconds(60), share: nil) == nil)
        #expect(ProgressSnapshot.estimate(elapsed: .seconds(60), share: 0.25) == .seconds(180))
        #expect(ProgressSnapshot.estimate(elapsed: .seconds(60), share: 0.001) == nil)
    }
}
