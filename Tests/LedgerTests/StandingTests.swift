import Foundation
import GRDB
import Ledger
import Model
import Reports
import Testing

/// The counter of a ledger and its copies: a crash between them is no alarm, and what was sent is never ahead of
/// all of them.
@Suite struct StandingTests {
    private struct Place {
        let folder = NSTemporaryDirectory() + "sluice-standing-" + UUID().uuidString
        var state: String { folder + "/state" }
        var host: String { folder + "/host" }
        func remove() { try? FileManager.default.removeItem(atPath: folder) }
    }

    private static let now = LedgerTests.now

    private static func copies(_ place: Place) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: place.host + "/ledgers").sorted()
    }

    @Test(
        "Every request raises the copy before it leaves, and nothing is said of a ledger that is ahead")
    func raised() async throws {
        let place = Place()
        defer { place.remove() }
        let ledger = try Ledger.open(at: place.state)
        #expect(try !ledger.standing(besides: place.host).isBehind)
        try await ledger.startSending(besides: place.host, at: Self.now)
        let run = try await LedgerTests.begin(ledger, "20260203T141500-aaaaaaaaaa")
        try ledger.markFolder(of: run)
        let before = try ledger.standing(besides: place.host)
        #expect(before.counter == 1 && !before.isBehind && !before.isNewHere)
        let (_, mark) = try await ledger.admit(
            [LedgerTests.chunk([1, 2])], run: run.number, scope: run.scope)
        _ = try await LedgerTests.intend(ledger, run, [LedgerTests.member(0, 1)], mark: mark)
        let after = try ledger.standing(besides: place.host)
        #expect(after.counter == 2)
        let file = place.host + "/ledgers/" + after.id
        let text = try String(contentsOfFile: file, encoding: .utf8)
        #expect(text.split(separator: "\n")[1] == "00000000000000000002")
        let mode = try FileManager.default.attributesOfItem(atPath: file)[.posixPermissions] as? Int
        #expect(mode == 0o600)
        // Cut off between the ledger and its copies.
        try setCounter(1, in: file, text)
        #expect(try !ledger.standing(besides: place.host).isBehind)
        // Put back.
        try setCounter(3, in: file, text)
        let behind = try ledger.standing(besides: place.host)
        #expect(behind.isBehind && behind.findings.count == 1, "\(behind)")
        do {
            try await ledger.startSending(besides: place.host, at: Self.now)
            Issue.record("it was not refused")
        } catch let error as LedgerError {
            #expect(error.code == .behind && error.next.contains("sluice ledger adopt"))
        }
        await ledger.close()
    }

    private func setCounter(_ counter: Int, in file: String, _ text: String) throws {
        var lines = text.split(separator: "\n").map(String.init)
        lines[1] = String(repeating: "0", count: 20 - String(counter).count) + String(counter)
        try (lines.joined(separator: "\n") + "\n").write(
            toFile: file, atomically: true, encoding: .utf8)
    }

    @Test(
        "A copy that was cut short or is another machine's counts as none",
        arguments: ["", "torn", "host"])
    func unreadable(kind: String) async throws {
        let place = Place()
        defer { place.remove() }
        let ledger = try Ledger.open(at: place.state)
        try await ledger.startSending(besides: place.host, at: Self.now)
        let id = try ledger.standing(besides: place.host).id
        let file = place.host + "/ledgers/" + id
        var text = try String(contentsOfFile: file, encoding: .utf8)
        if kind == "host" {
            var lines = text.split(separator: "\n").map(String.init)
            lines[1] = "00000000000000000099"
            lines[2] = "another"
            text = lines.joined(separator: "\n") + "\n"
        } else {
            text = kind.isEmpty ? "" : String(text.prefix(20))
        }
        try text.write(toFile: file, atomically: false, encoding: .utf8)
        let standing = try ledger.standing(besides: place.host)
        #expect(!standing.isBehind && standing.isNewHere)
        // It continues as another one, which meets each org again.
        try await ledger.startSending(besides: place.host, at: Self.now)
        let after = try ledger.standing(besides: place.host)
        #expect(after.id != id && !after.isBehind && !after.isNewHere)
        #expect(try ledger.inUseSince() == Self.now)
        #expect(try Self.copies(place).count == 2)
        await ledger.close()
    }

    @Test(
        "A ledger that other users may read is closed; a link, or a folder that all share, is refused")
    func ours() async throws {
        let place = Place()
        defer { place.remove() }
        let files = FileManager.default
        let first = try Ledger.open(at: place.state)
        #expect(first.withdrawn.isEmpty)
        await first.close()
        let path = Ledger.path(in: place.state)
        func mode(_ path: String) throws -> Int? {
            try files.attributesOfItem(atPath: path)[.posixPermissions] as? Int
        }
        try files.setAttributes([.posixPermissions: 0o644], ofItemAtPath: path)
        try files.setAttributes([.posixPermissions: 0o777], ofItemAtPath: place.state)
        let second = try Ledger.open(at: place.state)
        #expect(second.withdrawn.count == 2, "\(second.withdrawn)")
        #expect(try mode(path) == 0o600 && mode(place.state) == 0o755)
        await second.close()
        try files.moveItem(atPath: path, toPath: place.folder + "/real")
        try files.createSymbolicLink(atPath: path, withDestinationPath: place.folder + "/real")
        let link = #expect(throws: LedgerError.self) { try Ledger.open(at: place.state) }
        #expect(link?.code == .notOurs && link?.message.contains("symbolic link") == true)
        try files.removeItem(atPath: path)
        try files.moveItem(atPath: place.folder + "/real", toPath: path)
        try files.setAttributes([.posixPermissions: 0o1777], ofItemAtPath: place.state)
        let shared = #expect(throws: LedgerError.self) { try Ledger.open(at: place.state) }
        #expect(shared?.code == .notOurs)
        #expect(try mode(place.state) == 0o1777, "what all share stays as it is")
        guard geteuid() == 0 else { return }
        try files.setAttributes([.posixPermissions: 0o700], ofItemAtPath: place.state)
        #expect(unsafe chown(place.state, 12345, 12345) == 0)
        let other = #expect(throws: LedgerError.self) { try Ledger.open(at: place.state) }
        #expect(other?.message.contains("another user") == true)
        #expect(unsafe chown(place.state, 0, 0) == 0)
        #expect(unsafe chown(path, 12345, 12345) == 0)
        #expect(throws: LedgerError.self) { try Ledger.open(at: place.state) }
    }

    @Test("A run's folder tells about a run that the ledger does not know, and is taken over once")
    func unknownRun() async throws {
        let place = Place()
        defer { place.remove() }
        let other = Place()
        defer { other.remove() }
        let lost = try Ledger.open(at: other.state)
        try await lost.startSending(besides: other.host, at: Self.now)
        let run = try await LedgerTests.begin(lost, "20260203T141500-bbbbbbbbbb")
        try lost.markFolder(of: run)
        await lost.close()

        let ledger = try Ledger.open(at: place.state)
        try FileManager.default.createDirectory(
            atPath: place.state + "/runs", withIntermediateDirectories: true)
        // Folders without a mark are of runs that sent nothing, or of an older version.
        try FileManager.default.createDirectory(
            atPath: place.state + "/runs/20260203T141500-cccccccccc", withIntermediateDirectories: true)
        #expect(try !ledger.standing(besides: place.host).isBehind)
        let name = "/runs/" + run.id.text
        try FileManager.default.copyItem(atPath: other.state + name, toPath: place.state + name)
        let found = try ledger.standing(besides: place.host)
        #expect(found.unknownRuns.map(\.run) == [run.id.text])
        #expect(found.unknownRuns.first?.inputs.map(\.path) == ["/x.csv"])
        try await ledger.adopt(
            found, besides: place.host, ending: "known by its folder", at: Self.now)
        let adopted = try ledger.standing(besides: place.host)
        #expect(!adopted.isBehind && !adopted.isNewHere && adopted.id != found.id)
        let known = try #require(try ledger.run(named: run.id.text))
        #expect(
            known.state == .abandoned && known.endpoint == "transactions.add" && known.org == "4001")
        #expect(try ledger.looksFirst(known))
        #expect(try await ledger.trust(from: Self.now))
        #expect(try !ledger.looksFirst(known))
        await ledger.close()
    }
}
