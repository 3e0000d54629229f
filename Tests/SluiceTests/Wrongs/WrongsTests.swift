import Foundation
import TestSupport
import Testing

/// Every endpoint through every wrong: whatever comes in between, each item is done once, and the ledger
/// and the server's own books agree.
///
/// One endpoint after the other: with all at once, each waits longer for a core than it is given time.
@Suite(.ownThreads, .serialized) struct WrongsTests {
    /// `$SLUICE_ENDPOINT` names the one that is led through every wrong, or `all`. Otherwise only one endpoint
    /// of each way to recover meets them all. Those that share their shapes and rules meet a fifth of the wrongs
    /// each, those of the wider catalog a twelfth, every one another part.
    static let named = ProcessInfo.processInfo.environment["SLUICE_ENDPOINT"]
    static let led = Specimen.all.filter { named == nil || named == "all" || $0.endpoint == named }

    @Test(
        "Every wrong ends with each item done once",
        arguments: led.flatMap { specimen in specimen.uniqueness.map { (specimen, $0) } })
    func wrongs(specimen: Specimen, uniqueness: String) async throws {
        let share = Self.share(of: specimen) ?? (part: 0, parts: 1)
        let wrongs = Wrong.all.enumerated().filter {
            ($0.element.only ?? specimen.endpoint) == specimen.endpoint
                && (["none", "org"].contains(uniqueness) || $0.element.isLost)
                && (specimen.chunk > 1 || !$0.element.isOfBatch)
                && !specimen.spares($0.element)
                && (!Self.ambiguous.contains($0.element.name)
                    || Self.refusedWhole.contains(specimen.endpoint))
                && $0.offset % share.parts == share.part
        }
        // Most of the time is waiting, so several lanes, each with a sandbox of its own.
        let lanes = max(1, min(8, wrongs.count / 2))
        let troubles = await withTaskGroup { group in
            for lane in 0..<lanes {
                group.addTask {
                    await Self.onThread {
                        let mine = wrongs.filter { $0.offset % lanes == lane }
                        return lead(specimen, through: mine, uniqueness)
                    }
                }
            }
            return await group.reduce(into: []) { $0 += $1 }
        }
        for trouble in troubles {
            Issue.record("\(specimen), unique \(uniqueness), \(trouble)")
        }
    }

    /// Which part of the wrongs an endpoint meets; nil: all.
    private static func share(of specimen: Specimen) -> (part: Int, parts: Int)? {
        if named != nil || wholly.contains(specimen.endpoint) { return nil }
        func place(in list: [Specimen]) -> Int? {
            list.firstIndex { $0.endpoint == specimen.endpoint }
        }
        if let place = place(in: Specimen.wider) { return (place % 12, 12) }
        return place(in: Specimen.all).map { ($0 % 5, 5) }
    }

    private static let wholly: Set = [
        "transactions.add", "badges.import", "cards.add", "coupons.issue", "coupons.upload",
    ]

    private static let ambiguous: Set = [
        "400 for requests that hold a bad record", "400 after the work",
    ]
    /// Where a 400 for a whole request has an outcome that the sandbox's books can confirm: elsewhere a bad
    /// record may be known to the server already, or nothing tells that a refused one was done anyway.
    private static let refusedWhole: Set = [
        "transactions.add", "transactions.update", "stores.add", "badges.import", "badges.earn",
        "cards.update",
    ]

    /// What blocks has a thread of its own.
    private static func onThread(_ work: @escaping @Sendable () -> [String]) async -> [String] {
        await withCheckedContinuation { continuation in
            Thread { continuation.resume(returning: work()) }.start()
        }
    }

    private func lead(
        _ specimen: Specimen, through wrongs: [(offset: Int, element: Wrong)], _ uniqueness: String
    ) -> [String] {
        var troubles: [String] = []
        do {
            let home = try Program()
            defer { home.remove() }
            let server = try home.sandbox("--unique", uniqueness)
            defer { server.stop() }
            for (index, wrong) in wrongs {
                do {
                    troubles += try lead(
                        specimen, through: wrong, name: "W\(index)x", server: server, uniqueness)
                } catch {
                    troubles.append("\(wrong): \(error)")
                }
            }
        } catch {
            troubles.append("\(error)")
        }
        return troubles
    }

    /// - Returns: What is not as it should be.
    private func lead(
        _ specimen: Specimen, through wrong: Wrong, name: String, server: Program.Server,
        _ uniqueness: String
    ) throws -> [String] {
        let items = 60
        let stand = try Stand(
            specimen, name: name, items: items, bad: wrong.bad, server: server,
            connection: wrong.connection)
        defer { stand.remove(keepsServer: true) }
        try server.set([])
        try specimen.prepare(server, name, items)
        try server.set(wrong.faults)
        let began = Date()
        let first = try stand.command("run", "job.yaml", "--json")
        let took = Date().timeIntervalSince(began)
        var last = first
        try server.set([])
        // As if the time had passed that the server requested.
        try? FileManager.default.removeItem(atPath: stand.program.folder + "/host/sluice-host/gates")
        if first.status != wrong.last { last = try stand.goOn() }

        var troubles: [String] = []
        func check(_ holds: Bool, _ words: String) {
            if !holds {
                troubles.append(
                    "\(wrong), first \(first.status) after \(took) s, last \(last.status): \(words)")
            }
        }
        let firsts = specimen.holds ? wrong.first.union([4]) : wrong.first
        check(firsts.contains(first.status), "first is not in \(firsts)\n\(first.err)")
        check(last.status == wrong.last, "last is not \(wrong.last)\n\(last.err)")
        let done = try stand.done()
        let landed = done.indices.filter { done[$0] > 0 }
        let bad = done.indices.filter {
            specimen.isOnce && done[$0] > 1 || wrong.bad.contains($0) && done[$0] > 0
        }
        check(bad.isEmpty, "done too often: \(bad.map { ($0, done[$0]) })")
        let lands = items - wrong.bad.count - wrong.refused - wrong.parked
        check(landed.count == lands, "done is not \(lands): \(landed)")
        guard !last.out.isEmpty else {
            check(false, "nothing is printed\nfirst: \(first.out)\(first.err)\nlast: \(last.err)")
            return troubles
        }
        let totals = try stand.totals(last)
        check(
            totals["accepted"] == lands && totals["parked"] == wrong.parked
                // What is found out before it is sent is invalid.
                && (totals["rejected"] ?? 0) + (totals["invalid"] ?? 0)
                    == wrong.bad.count + wrong.refused,
            "\(totals)")
        if ProcessInfo.processInfo.environment["SLUICE_TELL"] != nil {
            print(
                "\(specimen), unique \(uniqueness), \(wrong): \(first.status) after \(took) s, \(last.status)"
            )
        }
        return troubles
    }

    @Test("Every endpoint of the catalog has a specimen")
    func specimens() throws {
        let program = try Program()
        defer { program.remove() }
        let listed = try program.run("endpoints", "--json").out
        let document = try #require(
            try JSONSerialization.jsonObject(with: Data(listed.utf8)) as? [String: Any])
        let names = (document["endpoints"] as? [[String: Any]] ?? []).compactMap {
            $0["name"] as? String
        }
        try #require(!names.isEmpty)
        let missing = Set(names.filter { name in !Specimen.all.contains { $0.endpoint == name } })
        #expect(missing == [], "give these a specimen in Specimen.swift")
    }
}
