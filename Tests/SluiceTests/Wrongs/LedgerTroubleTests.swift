import Foundation
import GRDB
import TestSupport
import Testing

/// A ledger that cannot be used is reported plainly, kept as it is, and never started again.
@Suite(.ownThreads) struct LedgerTroubleTests {
    /// A stand whose run has ended, and its ledger in one file.
    private func ended() throws -> (stand: Stand, ledger: String) {
        let stand = try Stand(items: 400, sandbox: [])
        let output = try stand.command("run", "job.yaml")
        #expect(output.status == 0, "\(output)")
        let ledger = stand.program.folder + "/state/ledger.sqlite"
        try onLedger(ledger) { try $0.execute(sql: "PRAGMA wal_checkpoint(TRUNCATE)") }
        for suffix in ["-wal", "-shm"] { try? FileManager.default.removeItem(atPath: ledger + suffix) }
        return (stand, ledger)
    }

    private func onLedger(_ path: String, _ body: (Database) throws -> Void) throws {
        let queue = try DatabaseQueue(path: path)
        try queue.writeWithoutTransaction(body)
        try queue.close()
    }

    private func overwrite(_ path: String, from offset: UInt64, with bytes: [UInt8]) throws {
        let handle = try #require(FileHandle(forUpdatingAtPath: path))
        try handle.seek(toOffset: offset)
        try handle.write(contentsOf: Data(bytes))
        try handle.close()
    }

    private static let commands = [
        ["run", "job.yaml"], ["resume"], ["reconcile"], ["status"], ["runs"], ["report"],
        ["explain", "W-1"],
    ]

    @Test("A ledger of a newer version is refused, and stays as it is")
    func newer() throws {
        let (stand, ledger) = try ended()
        defer { stand.remove() }
        try onLedger(ledger) { try $0.execute(sql: "PRAGMA user_version = 99") }
        for command in Self.commands {
            let output = try stand.program.run(command, killedAfter: 30)
            #expect(output.status == 2, "\(command): \(output)")
            #expect(output.err.contains("version 99") && output.err.contains("newer"), "\(output.err)")
        }
        try onLedger(ledger) { db in
            let version = try Int.fetchOne(db, sql: "PRAGMA user_version")
            #expect(version == 99)
        }
        #expect(try stand.done().allSatisfy { $0 == 1 })
    }

    @Test("A ledger whose header is no ledger's is refused, and kept")
    func header() throws {
        let (stand, ledger) = try ended()
        defer { stand.remove() }
        let sound = try Data(contentsOf: URL(fileURLWithPath: ledger))
        try overwrite(ledger, from: 0, with: [UInt8](repeating: 0x5A, count: 100))
        let damaged = try Data(contentsOf: URL(fileURLWithPath: ledger))
        for command in Self.commands + Self.commands {
            let output = try stand.program.run(command, killedAfter: 30)
            #expect(output.status == 9, "\(command): \(output)")
            #expect(output.err.contains(ledger) && output.err.contains("damaged"), "\(output.err)")
            #expect(output.err.contains("undamaged copy"), "\(output.err)")
        }
        #expect(try Data(contentsOf: URL(fileURLWithPath: ledger)) == damaged, "it is kept as it was")
        #expect(try stand.done().allSatisfy { $0 == 1 })
        // The way out that it names.
        try sound.write(to: URL(fileURLWithPath: ledger))
        let again = try stand.command("run", "job.yaml")
        #expect(again.status == 0, "\(again)")
        #expect(try stand.done().allSatisfy { $0 == 1 })
    }

    @Test("Damage in the middle is told about when it is met, and no later command continues")
    func middle() throws {
        let (stand, ledger) = try ended()
        defer { stand.remove() }
        let sound = try Data(contentsOf: URL(fileURLWithPath: ledger))
        // Everything after the first page, which holds the schema's names.
        try overwrite(
            ledger, from: 4096, with: [UInt8](repeating: 0xA5, count: max(0, sound.count - 4096)))
        let met = try stand.program.run(["run", "job.yaml"], killedAfter: 30)
        #expect(met.status == 9, "\(met)")
        #expect(met.err.contains("damaged") && met.err.contains("undamaged copy"), "\(met.err)")
        #expect(!met.err.contains("Fatal"))
        for command in Self.commands {
            #expect(try stand.program.run(command, killedAfter: 30).status == 9, "\(command)")
        }
        #expect(try stand.done().allSatisfy { $0 == 1 })
        for suffix in ["-wal", "-shm"] { try? FileManager.default.removeItem(atPath: ledger + suffix) }
        try sound.write(to: URL(fileURLWithPath: ledger))
        #expect(try stand.command("run", "job.yaml").status == 0)
    }

    @Test("A single damaged page, met or not, lets nothing be done twice", arguments: 0..<8)
    func onePage(which: Int) throws {
        let (stand, ledger) = try ended()
        defer { stand.remove() }
        let pages = try Data(contentsOf: URL(fileURLWithPath: ledger)).count / 4096
        let page = 1 + (pages - 1) * which / 8
        try overwrite(
            ledger, from: UInt64(page) * 4096, with: [UInt8](repeating: 0xA5, count: 4096))
        for command in [["run", "job.yaml"], ["resume"], ["run", "job.yaml"]] {
            let output = try stand.program.run(command, killedAfter: 30)
            // Met: 9. Not met: nothing is left to do. Never a defect, and never started again.
            #expect([0, 9].contains(output.status), "page \(page) of \(pages), \(command): \(output)")
        }
        #expect(try stand.done().allSatisfy { $0 == 1 })
    }

    /// A run that was killed, so that most of what it did is in the log alone.
    private func killed() throws -> (stand: Stand, log: String) {
        let stand = try Stand(items: 400, sandbox: ["--fault", "latency:20ms:on=add"])
        let process = try stand.startAndWait(done: 150)
        process.send(SIGKILL)
        process.wait()
        try stand.server.set([])
        return (stand, stand.program.folder + "/state/ledger.sqlite-wal")
    }

    @Test(
        "A log that is damaged is reported, and kept: SQLite would take it for its end",
        arguments: ["header", "first frame", "middle", "rest"])
    func log(what: String) throws {
        let (stand, log) = try killed()
        defer { stand.remove() }
        let sound = try Data(contentsOf: URL(fileURLWithPath: log))
        let frames = (sound.count - 32) / 4120
        try #require(frames > 8)
        switch what {
        case "header": try overwrite(log, from: 0, with: [UInt8](repeating: 0x5A, count: 32))
        case "first frame": try overwrite(log, from: 32 + 1000, with: [0x5A, 0x5A])
        case "middle":
            try overwrite(log, from: UInt64(32 + 4120 * (frames / 2) + 17), with: [0x5A, 0x5A])
        default:
            let start = 32 + 4120 * (frames / 2)
            try overwrite(
                log, from: UInt64(start), with: [UInt8](repeating: 0xA5, count: sound.count - start))
        }
        let damaged = try Data(contentsOf: URL(fileURLWithPath: log))
        for command in Self.commands + Self.commands {
            let output = try stand.program.run(command, killedAfter: 30)
            #expect(output.status == 9, "\(command): \(output)")
            #expect(output.err.contains("ledger.sqlite-wal is damaged"), "\(output.err)")
        }
        #expect(try Data(contentsOf: URL(fileURLWithPath: log)) == damaged, "it is kept as it was")
        try sound.write(to: URL(fileURLWithPath: log))
        let last = try stand.goOn()
        #expect(last.status == 0, "\(last)")
        try stand.expectOnce(last)
    }

    @Test("A log that a power cut tore at its end is sound")
    func torn() throws {
        let (stand, log) = try killed()
        defer { stand.remove() }
        let sound = try Data(contentsOf: URL(fileURLWithPath: log))
        // A commit was under way: the first page of it came to the disk in half.
        let frames = (sound.count - 32) / 4120
        func word(_ frame: Int, _ index: Int) -> UInt32 {
            sound[(32 + 4120 * frame + index * 4)...].prefix(4).reduce(0) { $0 << 8 | UInt32($1) }
        }
        let salt = word(0, 2)
        let last = try #require((0..<frames).last { word($0, 2) == salt && word($0, 1) != 0 })
        let half = Array(sound[(32 + 4120 * last)...].prefix(2000))
        try overwrite(log, from: UInt64(32 + 4120 * (last + 1)), with: half)
        let output = try stand.goOn()
        #expect(output.status == 0, "\(output)")
        #expect(try stand.done().allSatisfy { $0 >= 1 })
    }

    @Test(
        "A ledger that is gone or empty, while its runs are there, is not started again",
        arguments: [true, false])
    func gone(isEmpty: Bool) throws {
        let (stand, ledger) = try ended()
        defer { stand.remove() }
        try #require(
            try FileManager.default.contentsOfDirectory(
                atPath: stand.program.folder + "/state/runs"
            ).count == 1)
        if isEmpty {
            try overwrite(ledger, from: 0, with: [])
            _ = unsafe truncate(ledger, 0)
        } else {
            try FileManager.default.removeItem(atPath: ledger)
        }
        for command in Self.commands {
            let output = try stand.program.run(command, killedAfter: 30)
            #expect(output.status == 9, "\(command): \(output)")
            #expect(output.err.contains(isEmpty ? "empty" : "gone"), "\(output.err)")
        }
        #expect(try stand.done().allSatisfy { $0 == 1 })
        // The other way out: start again, knowing what is lost.
        try FileManager.default.moveItem(
            atPath: stand.program.folder + "/state", toPath: stand.program.folder + "/aside")
        #expect(try stand.program.run("runs").status == 0)
    }

    @Test("A ledger that another process keeps locked is a temporary error")
    func locked() throws {
        let stand = try Stand(items: 10)
        defer { stand.remove() }
        #expect(try stand.program.run("runs").status == 0)
        let path = stand.program.folder + "/state/ledger.sqlite"
        let other = try DatabaseQueue(path: path)
        try other.inTransaction(.immediate) { _ in
            let output = try stand.command("run", "job.yaml", seconds: 60)
            #expect(output.status == 5, "\(output)")
            #expect(output.err.contains("locked by another process"), "\(output.err)")
            return .rollback
        }
        #expect(try stand.done().allSatisfy { $0 == 0 })
        try other.close()
        let last = try stand.command("run", "job.yaml")
        #expect(last.status == 0, "\(last)")
        try stand.expectOnce(last)
    }

    /// Where a file's mode stops nobody, as with root, the file system's own flag does; where there is no
    /// such flag, a directory is in the file's place.
    @Test(
        "A ledger that cannot be written is a matter of configuration", arguments: ["file", "folder"])
    func readOnly(what: String) throws {
        let stand = try Stand(items: 10)
        defer { stand.remove() }
        #expect(try stand.program.run("runs").status == 0)
        let state = stand.program.folder + "/state"
        let path = what == "file" ? state + "/ledger.sqlite" : state
        for suffix in ["-wal", "-shm"] {
            try? FileManager.default.removeItem(atPath: state + "/ledger.sqlite" + suffix)
        }
        let isImmutable = try stand.program.shell("chattr +i '\(path)'").status == 0
        if !isImmutable {
            try FileManager.default.removeItem(atPath: state)
            if what == "file" {
                try FileManager.default.createDirectory(
                    atPath: path, withIntermediateDirectories: true)
            } else {
                try "".write(toFile: path, atomically: false, encoding: .utf8)
            }
        }
        let output = try stand.command("run", "job.yaml")
        _ = try stand.program.shell("chattr -i '\(path)'")
        #expect(output.status == 2, "immutable: \(isImmutable)\n\(output)")
        #expect(output.err.contains(state) && output.err.contains("--state"), "\(output.err)")
        #expect(!output.err.contains("Fatal"))
        #expect(try stand.done().allSatisfy { $0 == 0 })
    }
}
