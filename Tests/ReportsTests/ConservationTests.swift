import Foundation
import Ledger
import Model
import Reports
import TestSupport
import Testing

@Suite("No record is lost between the ledger and the files") struct ConservationTests {
    /// What may become of a record, as the engine settles it.
    private enum Fate: CaseIterable {
        case accepted, rejected, invalid, unreadable, parked, inDoubt, failed, unsent, cut
    }

    /// Any mix of fates: each record that was not accepted is once in the reasons, and its bytes once in
    /// one file; the report's counts are the ledger's.
    @Test func everyFateIsOnItsList() async throws {
        var system = SystemRandomNumberGenerator()
        let seed = system.next()
        var random = Seeded(seed)
        for round in 0..<8 {
            let fates = (0..<40).map { _ in
                Fate.allCases[Int(random.next() % UInt64(Fate.allCases.count))]
            }
            // Some lines end with CR LF, some fields are quoted; the last line ends without a line end.
            let rows = fates.indices.map { index in
                "s,\(random.next() % 2 == 0 ? "B-\(index)" : "\"B-\(index)\""),1,2"
                    + (index == fates.count - 1 ? "" : random.next() % 2 == 0 ? "\n" : "\r\n")
            }
            let small = try await settle(fates, rows)
            defer { small.remove() }
            let comment = Comment(rawValue: "seed \(seed), round \(round)")
            let folder = try small.folder()
            let written = try RejectFiles.write(
                run: small.current(), ledger: small.ledger, folder: folder)
            func records(_ kind: RejectFiles.Written.Kind) throws -> [String] {
                try (written?.paths(kind) ?? []).flatMap { path in
                    try String(contentsOfFile: path, encoding: .utf8).split(whereSeparator: \.isNewline)
                        .dropFirst()
                        .map(String.init)
                }
            }
            func expected(_ kinds: Fate...) -> [String] {
                fates.indices.filter { kinds.contains(fates[$0]) }.map {
                    rows[$0].filter { !$0.isNewline }
                }
            }
            #expect(try records(.rejects) == expected(.rejected, .invalid, .failed), comment)
            #expect(try records(.unreadable) == expected(.unreadable), comment)
            #expect(try records(.parked) == expected(.parked), comment)
            #expect(try records(.inDoubt) == expected(.inDoubt), comment)
            let listed = try records(.reasons).compactMap { line in
                Int(line.split(separator: ",", omittingEmptySubsequences: false)[1])
            }
            let without: [Fate] = [.accepted, .unsent]
            #expect(listed == fates.indices.filter { !without.contains(fates[$0]) }, comment)

            let report = try RunReport(run: small.current(), ledger: small.ledger, isHeld: false)
            #expect(report.totals == (try small.ledger.totals(run: small.run.number)), comment)
            #expect(report.groups.reduce(0) { $0 + $1.count } == listed.count, comment)
        }
    }

    private func settle(_ fates: [Fate], _ rows: [String]) async throws -> SmallLedger {
        let small = try await SmallLedger(rows: rows)
        var invalid: [Int: Refusal] = [:]
        for (index, fate) in fates.enumerated() {
            if fate == .invalid { invalid[index] = Refusal(.missing, field: "phone") }
            if fate == .unreadable { invalid[index] = Refusal(.unreadable, message: "a quote") }
        }
        try await small.admit(invalid: invalid)
        let sent: Set<Fate> = [.accepted, .rejected, .parked, .inDoubt]
        try await small.attempt(
            fates.indices.filter { sent.contains(fates[$0]) }, at: 1, state: .unclean
        ) { index in
            let record = Int64(index)
            switch fates[index] {
            case .rejected:
                return Settlement(
                    record: record, event: .answeredRejected,
                    trouble: small.trouble(index, Refusal(.customerUnknown, serverCode: index % 3)))
            case .parked:
                return Settlement(
                    record: record, event: .answeredParked,
                    trouble: small.trouble(index, Refusal(.parkedByServer)))
            case .inDoubt:
                return Settlement(
                    record: record, event: .lostAnswer,
                    trouble: small.trouble(index, Refusal(.noAnswer)),
                    evidence: Evidence(["B-\(index)"]), tries: 1)
            default: return Settlement(record: record, event: .answeredAccepted)
            }
        }
        let failed = fates.indices.filter { fates[$0] == .failed }.map { index in
            Settlement(
                record: Int64(index), event: .gaveUp, trouble: small.trouble(index, Refusal(.gaveUp)))
        }
        try await small.ledger.settle(
            run: small.run.number, scope: small.run.scope, at: SmallLedger.start, failed)
        // In a process that died: in doubt, and nothing else is known.
        let cut = fates.indices.filter { fates[$0] == .cut }
        if !cut.isEmpty {
            _ = try await small.intend(cut, at: 5)
            _ = try await small.ledger.loseOpenAttempts(
                run: small.run.number, trouble: LedgerText.processEnded, at: SmallLedger.start)
        }
        return small
    }

    /// Two processes that write the same run's files at one moment get a set each.
    @Test func setsThatMeetDoNotMix() async throws {
        let small = try await settle(
            (0..<40).map { $0 % 2 == 0 ? .rejected : .inDoubt }, (0..<40).map { "s,B-\($0),1,2\n" })
        defer { small.remove() }
        let folder = try small.folder()
        let run = try small.current()
        let sets = try await withThrowingTaskGroup(of: RejectFiles.Written?.self) { group in
            for _ in 0..<8 {
                group.addTask { try RejectFiles.write(run: run, ledger: small.ledger, folder: folder) }
            }
            return try await group.reduce(into: [RejectFiles.Written]()) { sets, set in
                if let set { sets.append(set) }
            }
        }
        #expect(sets.count == 8)
        let expected = try Data(contentsOf: URL(fileURLWithPath: folder + "/rejects.csv"))
        for set in sets {
            #expect(set.files.map(\.kind) == [.rejects, .inDoubt, .reasons])
            for path in set.paths(.rejects) {
                #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == expected)
            }
        }
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: folder).allSatisfy {
                !$0.hasPrefix(".")
            })
    }
}
