import Foundation
import Ledger
import Model
import Reports
import Testing

@Suite("Files of records that were not accepted") struct RejectFilesTests {
    static let rows = [
        "leeds_01,B-0,919876543210,10.00\n",
        "leeds_01,B-1,\"a \"\"b\"\"\",20.00\r\n",
        "leeds_01,B-2\n",
        "leeds_01,\"B-3,919876543213,5\n",
        "leeds_01,B-4,919876543214,6000.10\n",
        "leeds_01,B-5,919876543215,7\n",
        "leeds_01,B-6,=cmd,8",
    ]

    /// Accepted, rejected, invalid, unreadable, parked, in doubt, failed.
    private func settled() async throws -> SmallLedger {
        let small = try await SmallLedger(rows: Self.rows)
        try await small.admit(invalid: [
            2: Refusal(.fieldCount, message: "2 fields, and the header has 4"),
            3: Refusal(.unreadable, message: "the quoted field is never closed"),
        ])
        try await small.attempt([0, 1, 4, 5], at: 1) { index in
            switch index {
            case 0: Settlement(record: 0, event: .answeredAccepted, serverID: ServerID("71"))
            case 1:
                Settlement(
                    record: 1, event: .answeredRejected,
                    trouble: small.trouble(
                        1,
                        Refusal(
                            .customerUnknown, field: "identifierValue", serverCode: 8015,
                            message: "=unknown, \"a\"")))
            case 4:
                Settlement(
                    record: 4, event: .answeredParked,
                    trouble: small.trouble(
                        4, Refusal(.parkedByServer, serverCode: 811, message: "item")))
            default:
                Settlement(
                    record: 5, event: .lostAnswer,
                    trouble: small.trouble(5, Refusal(.noAnswer, message: "timeout"), stage: "answer"),
                    evidence: Evidence(["B-5"]), tries: 1)
            }
        }
        try await small.ledger.settle(
            run: small.run.number, scope: small.run.scope, at: SmallLedger.start,
            [
                Settlement(
                    record: 6, event: .gaveUp,
                    trouble: small.trouble(6, Refusal(.gaveUp, message: "after 5 attempts")))
            ])
        return small
    }

    private func text(_ path: String) throws -> String {
        try String(contentsOfFile: path, encoding: .utf8)
    }

    @Test func golden() async throws {
        let small = try await settled()
        defer { small.remove() }
        let folder = try small.folder()
        let written = try #require(
            try RejectFiles.write(run: small.current(), ledger: small.ledger, folder: folder))
        #expect(
            written.files.map { [($0.path as NSString).lastPathComponent, "\($0.records ?? -1)"] } == [
                ["rejects.csv", "3"], ["unreadable.csv", "1"], ["parked.csv", "1"],
                ["in-doubt.csv", "1"],
                ["reasons.csv", "6"],
            ])
        #expect(
            try text(folder + "/rejects.csv") == SmallLedger.header + Self.rows[1] + Self.rows[2]
                + Self.rows[6] + "\n")
        #expect(try text(folder + "/unreadable.csv") == SmallLedger.header + Self.rows[3])
        #expect(try text(folder + "/parked.csv") == SmallLedger.header + Self.rows[4])
        #expect(try text(folder + "/in-doubt.csv") == SmallLedger.header + Self.rows[5])
        let reasons = try text(folder + "/reasons.csv").split(separator: "\n").map(String.init)
        #expect(
            reasons.first
                == "file,record,row,line,byte,key,state,stage,reason,field,server_code,message,next_step"
        )
        #expect(
            reasons.dropFirst().first
                == "bills.csv,1,2,3,58,B-1,rejected,server,customer-unknown,identifierValue,8015,"
                + "\"'=unknown, \"\"a\"\"\",\"Import the customer, then `sluice retry`.\"")
        for file in written.files {
            let attributes = try FileManager.default.attributesOfItem(atPath: file.path)
            #expect(attributes[.posixPermissions] as? Int == 0o600)
        }
        // Nothing half-written stays behind.
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder).count == 5)
    }

    @Test func nothingIsEverOverwritten() async throws {
        let small = try await settled()
        defer { small.remove() }
        let folder = try small.folder()
        func write() throws -> RejectFiles.Written? {
            try RejectFiles.write(run: small.current(), ledger: small.ledger, folder: folder)
        }
        let first = try #require(try write())
        let before = try text(folder + "/reasons.csv")
        // Nothing has changed: no new set.
        #expect(try write() == first)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder).count == 5)
        // Somebody has fixed the file in its place: it is theirs, and stays.
        try "mine\n".write(toFile: folder + "/rejects.csv", atomically: false, encoding: .utf8)
        let second = try #require(try write())
        #expect(second.number == 2)
        #expect(second.paths(.rejects) == [folder + "/rejects-2.csv"])
        #expect(try text(folder + "/rejects.csv") == "mine\n")
        #expect(try text(folder + "/reasons.csv") == before)
        // The doubt is settled: a third set without it.
        try await small.ledger.settle(
            run: small.run.number, scope: small.run.scope, at: SmallLedger.start,
            [Settlement(record: 5, event: .provedPresent, serverID: ServerID("75"))])
        let third = try #require(try write())
        #expect(third.number == 3)
        #expect(third.paths(.inDoubt) == [])
        let found = try #require(try RejectFiles.latest(in: folder))
        #expect(found.files.map(\.path) == third.files.map(\.path))
    }

    @Test func aRunWithoutTroubleLeavesNoFiles() async throws {
        let small = try await SmallLedger(rows: [Self.rows[0]])
        defer { small.remove() }
        try await small.admit()
        let folder = try small.folder()
        #expect(
            try RejectFiles.write(run: small.current(), ledger: small.ledger, folder: folder) == nil)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == [])
        #expect(try RejectFiles.latest(in: folder) == nil)
        #expect(try RejectFiles.latest(in: folder + "/nowhere") == nil)
    }

    @Test func jsonStaysALineEach() async throws {
        let rows = ["{\"billNumber\": \"B-0\",\n \"n\": 6000.10}", "{\"billNumber\": nope}\r\n", "[1"]
        let small = try await SmallLedger(rows: rows, columns: nil, header: "[")
        defer { small.remove() }
        let unreadable = Refusal(.unreadable, message: "it is no JSON")
        try await small.admit(invalid: [
            0: Refusal(.missing, field: "type"), 1: unreadable, 2: unreadable,
        ])
        let folder = try small.folder()
        let written = try #require(
            try RejectFiles.write(run: small.current(), ledger: small.ledger, folder: folder))
        #expect(written.files.map(\.path) == [folder + "/rejects.jsonl", folder + "/reasons.csv"])
        #expect(
            try text(folder + "/rejects.jsonl")
                == "{\"billNumber\": \"B-0\",  \"n\": 6000.10}\n{\"billNumber\": nope}\r\n[1\n")
    }

    /// Of a compressed input the ledger holds the names of the columns only.
    @Test(arguments: [
        ("a;b\n", ["x", "y"], "x;y\n"), ("1\t\"2;3\"\n", ["x", "y;z\""], "x\ty;z\"\n"),
        ("1,2\r\n", ["x,1", "y"], "\"x,1\",y\r\n"),
    ])
    func aHeaderThatIsNotKeptIsWrittenAnew(row: String, columns: [String], header: String) async throws
    {
        let small = try await SmallLedger(rows: [row], columns: columns, header: "")
        defer { small.remove() }
        try await small.ledger.noteHeader(
            run: small.run.number, file: 0, columns: columns, header: [], headerBytes: 9)
        try await small.admit(invalid: [0: Refusal(.missing)])
        let folder = try small.folder()
        _ = try RejectFiles.write(run: small.current(), ledger: small.ledger, folder: folder)
        let expected = header.replacingOccurrences(of: "y;z\"", with: "\"y;z\"\"\"")
        #expect(try text(folder + "/rejects.csv") == expected + row)
    }

    @Test func inputsOfAnotherHeaderHaveAFileOfTheirOwn() async throws {
        let small = try await SmallLedger(rows: ["1,2\n", "3,4\n"])
        defer { small.remove() }
        let other = try await small.ledger.begin(
            NewRun(
                id: try #require(RunID("several")), job: "several", jobText: "", jobFile: "",
                connection: "c", org: "1",
                endpoint: "transactions.add",
                inputs: ["a", "b", "c", "d"].map {
                    NewInput(path: $0, member: nil, name: $0 + ".csv", fingerprint: "")
                },
                started: SmallLedger.start))
        let headers: [([String]?, String)] = [
            (["x", "y"], "x,y\n"), (["u"], "u\n"), (["x", "y"], "x,y\r\n"), (nil, ""),
        ]
        for (file, (columns, header)) in headers.enumerated() {
            try await small.ledger.noteHeader(
                run: other.number, file: file, columns: columns, header: Array(header.utf8),
                headerBytes: header.utf8.count)
            let trouble = Candidate.Trouble(
                refusal: Refusal(.missing), stage: "map", key: "",
                position: Position(file: file, row: 1, line: 2, offset: header.utf8.count, length: 2),
                stored: Array("\(file)".utf8))
            _ = try await small.ledger.admit(
                [
                    NewChunk(
                        first: Int64(file), isStored: false, file: file, row: 1, line: 2, start: 4,
                        stop: 6, nextRow: 2,
                        nextLine: 3, rowBytes: 2, blankBytes: 0, unreadableBytes: 0, rows: 1,
                        mapper: nil,
                        candidates: [
                            Candidate(
                                record: Int64(file), identity: Identity(high: 99, low: UInt64(file)),
                                content: 1,
                                repeats: .never, trouble: trouble)
                        ])
                ], run: other.number, scope: other.scope)
        }
        let folder = try small.ledger.folder(of: other.id)
        let written = try #require(
            try RejectFiles.write(run: other, ledger: small.ledger, folder: folder))
        #expect(
            written.files.map { ($0.path as NSString).lastPathComponent } == [
                "rejects.csv", "rejects-b.csv", "rejects-c.jsonl", "reasons.csv",
            ])
        #expect(try text(folder + "/rejects.csv") == "x,y\n0\n2\n")
        #expect(try text(folder + "/rejects-b.csv") == "u\n1\n")
        #expect(try text(folder + "/rejects-c.jsonl") == "3\n")
    }

    /// A crash leaves records in doubt without a word of where they stood.
    @Test func whatACrashLeftInDoubtIsListed() async throws {
        let small = try await SmallLedger(rows: Array(Self.rows.prefix(2)))
        defer { small.remove() }
        try await small.admit()
        _ = try await small.intend([1], at: 1)
        _ = try await small.ledger.loseOpenAttempts(
            run: small.run.number, trouble: LedgerText.processEnded, at: SmallLedger.start)
        let folder = try small.folder()
        let written = try #require(
            try RejectFiles.write(
                run: small.current(), ledger: small.ledger, folder: folder, key: SmallLedger.key))
        #expect(written.files.map(\.kind) == [.reasons])
        #expect(
            try text(folder + "/reasons.csv").split(separator: "\n").last
                == "bills.csv,1,,,,B-1,in doubt,answer,no-answer,,,the process ended before the answer,"
                + "`sluice resume` looks up whether it arrived.")
    }

    @Test func bytesThatWereNotKeptAreNotWritten() async throws {
        let small = try await SmallLedger(rows: Array(Self.rows.prefix(2)))
        defer { small.remove() }
        var cut = small.trouble(1, Refusal(.unreadable, message: "longer than the limit"))
        cut.stored.removeLast(5)
        try await small.admit()
        try await small.attempt([0, 1], at: 1) {
            Settlement(record: Int64($0), event: .answeredRejected, trouble: $0 == 1 ? cut : nil)
        }
        try await small.ledger.settle(
            run: small.run.number, scope: small.run.scope, at: Timestamp(milliseconds: 2),
            [
                Settlement(
                    record: 0, event: .provedConflict,
                    refusal: Refusal(.conflict, message: "other content"))
            ])
        let folder = try small.folder()
        let written = try #require(
            try RejectFiles.write(run: small.current(), ledger: small.ledger, folder: folder))
        // Record 0 has no bytes; record 1, rejected, has what is there.
        #expect(written.paths(.rejects).count == 0)
        #expect(try text(folder + "/reasons.csv").contains("Its bytes are not stored"))
    }
}
