import Catalog
import Foundation
package import Ledger
import Mapping
package import Model
import Records

/// A file of records that somebody has fixed, each tied to the one it repairs: by its mark, else by its key,
/// and never by its place, since people sort. Rows with different marks that the mapping makes one record of
/// repair all that those name.
package struct RepairedFile {
    /// A record of the file, whole.
    package struct Repair {
        /// Its rows without their marks.
        package var stored: [UInt8]
        /// What it repairs; nothing where it is new.
        package var ids: [RecordID]
        /// How its file is written.
        package var input: InputRow
        /// Where it is in what was read, and whether it bears its mark there.
        package var place: Range<Int>
        package var isMarked: Bool
    }

    /// A record that cannot be sent again from here.
    package struct Refused: Sendable, Equatable {
        package enum Cause: Sendable, Equatable {
            /// It is damaged, or in another encoding.
            case unreadable(Refusal)
            /// It bears a mark of which this run knows nothing.
            case foreignMark(String)
            /// It has no mark, and several open records have its key.
            case severalOpen([RecordID])
            /// It has no mark, and no open record has its key.
            case nothingOpen
        }

        package var name: String
        package var line: Int
        package var cause: Cause
    }

    /// How many are tied, how many they repair, and how many are new.
    package private(set) var tied = 0
    package private(set) var repaired = 0
    package private(set) var new = 0
    /// The first of those that cannot be sent, and how many there are.
    package private(set) var refused: [Refused] = []
    package private(set) var refusedCount = 0
    /// How many of those are not in the file's encoding.
    package private(set) var encodingCount = 0

    private let plan: Plan
    private let run: RunRow
    private let ledger: Ledger
    private let family: Set<Int64>
    private let isNewAllowed: Bool
    private var preparer: RecordPreparer
    /// Open records by the keys that people know them by. Made when it is first needed: what was refused here has
    /// never been under its key in the ledger.
    private var byKey: [String: [RecordID]]?

    /// - Parameters:
    ///   - plan: Of the job, with the fixed files as its inputs.
    ///   - run: Whose records they repair; all that have retried it count as well.
    ///   - isNewAllowed: A record that repairs nothing of it is sent as a new one.
    package init(_ plan: Plan, of run: RunRow, ledger: Ledger, isNewAllowed: Bool) throws {
        self.plan = plan
        self.run = run
        self.ledger = ledger
        self.isNewAllowed = isNewAllowed
        family = Set(try ledger.family(of: run.number).map(\.number))
        preparer = RecordPreparer(plan)
    }

    /// Reads all files through.
    ///
    /// - Parameters:
    ///   - arrangement: The files, with the rows of each group together: somebody may have sorted them.
    ///   - each: Told about every record that may go, in the order of the files.
    package mutating func read(_ arrangement: Arrangement, _ each: (Repair) throws -> Void) async throws
    {
        let plan = arrangement.plan
        for file in plan.sources {
            var source = try RecordSource(
                plan, file: file, from: RecordSource.Start(resume: nil, state: [], record: 0),
                customers: CustomerNumbers(ledger: ledger, run: run))
            let inputs =
                plan.staged == nil
                ? [file: try Self.input(plan.inputs[file], file: file, source)]
                : Self.inputs(plan, arrangement.grouping.files)
            while let count = try source.fill(512) {
                let records = Array(source.peek(count))
                let lines = try await lines(of: records, source)
                for (record, line) in zip(records, lines) {
                    guard let input = inputs[record.home.file] else { continue }
                    let stored = Array(source.batch.stored[record.stored])
                    if let cause = trouble(record, line) {
                        if record.problems.first?.reason == .encoding { encodingCount += 1 }
                        refuse(Refused(name: input.name, line: record.home.line, cause: cause))
                        continue
                    }
                    if line.ids.isEmpty { new += 1 } else { tied += 1 }
                    repaired += line.ids.count
                    try each(
                        Repair(
                            stored: stored, ids: line.ids, input: input,
                            place: record.position.offset..<record.position.end,
                            isMarked: !record.marks.isEmpty))
                }
                source.drop(count)
            }
        }
    }

    /// What a record is tied to.
    private struct Line {
        var ids: [RecordID] = []
        /// A mark that it bears, of which this run knows nothing.
        var foreign: String?
        /// The open records that have its key, where it is not known which of them it repairs.
        var several: [RecordID] = []
    }

    private func trouble(_ record: MappedRecord, _ line: Line) -> Refused.Cause? {
        if let problem = record.problems.first, [.unreadable, .encoding].contains(problem.reason) {
            return .unreadable(problem)
        }
        if let mark = line.foreign { return .foreignMark(mark) }
        guard line.ids.isEmpty, !isNewAllowed else { return nil }
        return line.several.isEmpty ? .nothingOpen : .severalOpen(line.several)
    }

    private mutating func refuse(_ one: Refused) {
        refusedCount += 1
        if refused.count < 10 { refused.append(one) }
    }

    // MARK: Ties

    private mutating func lines(of records: [MappedRecord], _ source: RecordSource) async throws
        -> [Line]
    {
        var lines = [Line](repeating: Line(), count: records.count)
        var marked: [(index: Int, id: RecordID)] = []
        var unmarked: [(index: Int, identity: Identity, key: String)] = []
        for (index, record) in records.enumerated() {
            guard record.marks.isEmpty else {
                for mark in record.marks {
                    if let id = RecordID(mark) {
                        marked.append((index, id))
                    } else if lines[index].foreign == nil {
                        lines[index].foreign = mark
                    }
                }
                continue
            }
            _ = preparer.prepare(record, of: source.batch)
            let evidence = preparer.prepared.evidence
            let key = evidence.bytes.isEmpty ? "" : plan.endpoint.key(evidence)
            unmarked.append((index, preparer.prepared.identity, key))
        }
        let known = try ledger.lines(of: marked.map(\.id), run: run.number)
        for ((index, id), line) in zip(marked, known) {
            if line?.touches(family) == true {
                lines[index].ids.append(id)
            } else if lines[index].foreign == nil {
                lines[index].foreign = "\(id)"
            }
        }
        let owned = try await ledger.lines(of: unmarked.map(\.identity), scope: run.scope)
        for (one, line) in zip(unmarked, owned) {
            if one.identity != Identity(high: 0, low: 0), let line, line.touches(family),
                let name = try ledger.name(of: line.latest.run)
            {
                lines[one.index].ids = [RecordID(run: name, record: line.latest.record)]
            } else if !one.key.isEmpty {
                let open = try open(under: one.key)
                if open.count == 1 {
                    lines[one.index].ids = open
                } else {
                    lines[one.index].several = open
                }
            }
        }
        return lines
    }

    private mutating func open(under key: String) throws -> [RecordID] {
        if byKey == nil {
            var found: [String: [RecordID]] = [:]
            try ledger.openFailures(of: Array(family)) { failure in
                let key = failure.row.trouble.key
                guard !key.isEmpty, failure.row.state.state == .invalid else { return true }
                found[key, default: []].append(failure.id)
                return true
            }
            byKey = found
        }
        return byKey?[key] ?? []
    }

    // MARK: Files

    /// What the ledger would know of the file once it is read.
    private static func input(_ file: InputFile, file index: Int, _ source: RecordSource) throws
        -> InputRow
    {
        return InputRow(
            file: index, path: file.path, member: file.member, name: file.name, fingerprint: "",
            columns: source.reader.columns, header: source.reader.header, headerBytes: source.start,
            totalBytes: nil)
    }

    /// The same of files whose rows were brought together.
    private static func inputs(_ plan: Plan, _ files: [Grouping.File]) -> [Int: InputRow] {
        var inputs: [Int: InputRow] = [:]
        for (index, file) in files.enumerated() {
            let input = plan.inputs[index]
            inputs[index] = InputRow(
                file: index, path: input.path, member: input.member, name: input.name, fingerprint: "",
                columns: file.columns, header: file.header, headerBytes: file.headerBytes,
                totalBytes: file.totalBytes)
        }
        return inputs
    }
}
