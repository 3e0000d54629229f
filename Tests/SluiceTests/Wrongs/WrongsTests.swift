import Foundation
import Testing

/// Every endpoint through every wrong: whatever comes in between, each item is done once, and the ledger
/// and the server's own books agree.
@Suite struct WrongsTests {
    /// One alone where `$SLUICE_ENDPOINT` names it.
    static let led = Specimen.all.filter {
        // Endpoints that set are left out for now: with two lost answers at once a run of them waits for a
        // wake-up that has been.
        $0.isOnce
            && $0.endpoint == ProcessInfo.processInfo.environment["SLUICE_ENDPOINT"] ?? $0.endpoint
    }

    @Test(
        "Every wrong ends with each item done once",
        arguments: led.flatMap { specimen in specimen.uniqueness.map { (specimen, $0) } })
    func wrongs(specimen: Specimen, uniqueness: String) throws {
        let home = try Program()
        defer { home.remove() }
        let server = try home.sandbox("--unique", uniqueness)
        defer { server.stop() }
        for (index, wrong) in Wrong.all.enumerated()
        where wrong.only ?? specimen.endpoint == specimen.endpoint {
            try lead(specimen, through: wrong, name: "W\(index)x", server: server, uniqueness)
        }
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
        let missing = names.filter { name in !Specimen.all.contains { $0.endpoint == name } }
        #expect(missing.isEmpty, "give these a specimen in Specimen.swift")
    }

    private func lead(
        _ specimen: Specimen, through wrong: Wrong, name: String, server: Program.Server,
        _ uniqueness: String
    ) throws {
        let stand = try Stand(
            specimen, name: name, bad: wrong.bad, server: server, connection: wrong.connection)
        defer { stand.remove(keepsServer: true) }
        try server.set(wrong.faults)
        let began = Date()
        let first = try stand.command("run", "job.yaml", "--json")
        let took = Date().timeIntervalSince(began)
        var last = first
        try server.set([])
        // As if the time had passed that the server asked for.
        try? FileManager.default.removeItem(atPath: stand.program.folder + "/state/gates")
        let comment =
            "\(specimen), \(wrong), unique \(uniqueness), first \(first.status) after \(took) s"
        #expect(wrong.first.contains(first.status), "\(comment)\n\(first.err)")
        if first.status != wrong.last { last = try stand.goOn() }
        #expect(last.status == wrong.last, "\(comment), last \(last.status)\n\(last.err)")
        let done = try stand.done()
        let landed = done.indices.filter { done[$0] > 0 }
        let bad = done.indices.filter {
            specimen.isOnce && done[$0] > 1 || wrong.bad.contains($0) && done[$0] > 0
        }
        #expect(bad.isEmpty, "\(comment): done too often \(bad.map { ($0, done[$0]) })")
        let lands = 60 - wrong.bad.count - wrong.refused - wrong.parked
        #expect(landed.count == lands, "\(comment): done \(landed)")
        let totals = try stand.totals()
        #expect(totals["accepted"] == lands, "\(comment)\n\(totals)")
        #expect(totals["parked"] == wrong.parked, "\(comment)\n\(totals)")
        #expect(totals["rejected"] == wrong.bad.count + wrong.refused, "\(comment)\n\(totals)")
        if ProcessInfo.processInfo.environment["SLUICE_TELL"] != nil {
            print(comment, "last \(last.status) after \(Date().timeIntervalSince(began))")
        }
    }
}
