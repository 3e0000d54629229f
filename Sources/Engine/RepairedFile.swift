import Catalog
import Foundation
package import Ledger
import Mapping
package import Model
import Records

/// A file of records that somebody has mended, each tied to the one it repairs: by its mark, else by its key,
/// and never by its place, since people sort.
package struct RepairedFile {
    /// A record of the file, whole.
    package struct Mended {
        /// Its rows without their marks.
        package var stored: [UInt8]
        /// What it repairs; nil where it is new.
        package var id: RecordID?
        /// How its file is written.
        package var input: InputRow
    }

    /// A record that cannot be sent again from here.
    package struct Refused: Sendable, Equatable {
        package var name: String
        package var line: Int
        package var words: String
    }

    /// How many are tied, and how many are new.
    package private(set) var tied = 0
    package private(set) var new = 0
    /// The first of those that cannot be sent, and how many there are.
    package private(set) var refused: [Refused] = []
    package private(set) var refusedCount = 0

    private let plan: Plan
    private let run: RunRow
    private let ledger: Ledger
    private let family: Set<Int64>
    private let isNewAllowed: Bool
    private var tape: JSONTape
    private var prepared = Prepared()
    /// Open records by the keys that people know them by; nil where several have the same. Made when it is
    /// first needed: what was refused here has never been under its key in the ledger.
    private var byKey: [String: RecordID?]?

    /// - Parameters:
    ///   - plan: Of the job, with the mended files as its inputs.
    ///   - run: Whose records they repair; all that have retried it count as well.
    ///   - isNewAllowed: A record that repairs nothing of it is sent as a new one.
    package init(_ plan: Plan, of run: RunRow, ledger: Ledger, isNewAllowed: Bool) throws {
        self.plan = plan
        self.run = run
        self.ledger = ledger
        self.isNewAllowed = isNewAllowed
        family = Set(try ledger.family(of: run.number).map(\.number))
        tape = JSONTape(depthLimit: plan.inputOptions.depthLimit)
    }

    /// Reads all files through.
    ///
    /// - Parameter each: Told of every record that may go, in the order of the files; of groups whose rows do
    ///   not stand together any more, at the end.
    package mutating func read(_ each: (Mended) throws -> Void) async throws {
        for file in plan.inputs.indices {
            let scattered = try scattered(file)
            var pieces: [String: [UInt8]] = [:]
            var order: [String] = []
            var source = try Source(
                plan, file: file, from: Source.Start(resume: nil, state: [], record: 0),
                customers: CustomerNumbers(ledger: ledger, run: run))
            let input = try Self.input(plan.inputs[file], file: file, source)
            while let count = try source.fill(512) {
                let records = Array(source.peek(count))
                let lines = try await lines(of: records, source)
                for (record, line) in zip(records, lines) {
                    let stored = Array(source.batch.stored[record.stored])
                    if let words = trouble(record, line, stored) {
                        refuse(Refused(name: input.name, line: record.position.line, words: words))
                        continue
                    }
                    if let mark = record.marks.first, scattered.contains(mark) {
                        if pieces[mark] == nil { order.append(mark) }
                        pieces[mark, default: []] += Self.endingItsLine(stored)
                        continue
                    }
                    if line.id == nil { new += 1 } else { tied += 1 }
                    try each(Mended(stored: stored, id: line.id, input: input))
                }
                source.drop(count)
            }
            for mark in order {
                tied += 1
                try each(Mended(stored: pieces[mark] ?? [], id: RecordID(mark), input: input))
            }
        }
    }

    /// What a record is tied to.
    private struct Line {
        var id: RecordID?
        /// It bears a mark, of which this run knows nothing.
        var isForeign = false
    }

    private func trouble(_ record: MappedRecord, _ line: Line, _ stored: [UInt8]) -> String? {
        if let problem = record.problems.first, [.unreadable, .encoding].contains(problem.reason) {
            return "\(problem.message) \(problem.reason.nextStep)"
        }
        if record.marks.count > 1 {
            return "the rows of one record bear the marks of several: "
                + record.marks.joined(separator: ", ")
        }
        if let mark = record.marks.first, line.isForeign {
            return "`\(RecordMark.name)` says \(mark), which is no record of this run"
        }
        guard line.id == nil, !isNewAllowed else { return nil }
        return "no mark, and no open record of this run has its key"
    }

    private mutating func refuse(_ one: Refused) {
        refusedCount += 1
        if refused.count < 10 { refused.append(one) }
    }

    // MARK: Ties

    private mutating func lines(of records: [MappedRecord], _ source: Source) async throws -> [Line] {
        var lines = [Line](repeating: Line(), count: records.count)
        var marked: [(index: Int, id: RecordID)] = []
        var unmarked: [(index: Int, identity: Identity, key: String)] = []
        for (index, record) in records.enumerated() {
            guard record.marks.isEmpty else {
                if let id = RecordID(record.marks[0]) {
                    marked.append((index, id))
                } else {
                    lines[index].isForeign = true
                }
                continue
            }
            prepare(record, source)
            let key = prepared.evidence.bytes.isEmpty ? "" : plan.endpoint.key(prepared.evidence)
            unmarked.append((index, prepared.identity, key))
        }
        let known = try ledger.lines(of: marked.map(\.id), run: run.number)
        for ((index, id), line) in zip(marked, known) {
            lines[index] = line?.touches(family) == true ? Line(id: id) : Line(isForeign: true)
        }
        let owned = try await ledger.lines(of: unmarked.map(\.identity), scope: run.scope)
        for (one, line) in zip(unmarked, owned) {
            if one.identity != Identity(high: 0, low: 0), let line, line.touches(family),
                let name = try ledger.name(of: line.leaf.run)
            {
                lines[one.index].id = RecordID(run: name, record: line.leaf.record)
            } else if !one.key.isEmpty {
                lines[one.index].id = try open(under: one.key)
            }
        }
        return lines
    }

    private mutating func prepare(_ record: MappedRecord, _ source: Source) {
        prepared.reset()
        guard !record.item.isEmpty, (try? tape.parse(source.batch.bytes, in: record.item)) != nil else {
            return
        }
        plan.endpoint.prepare(
            Item(
                bytes: source.batch.bytes, range: record.item, tape: tape,
                attribution: plan.attribution(mapped: record.attribution)), &prepared)
    }

    private mutating func open(under key: String) throws -> RecordID? {
        if byKey == nil {
            var found: [String: RecordID?] = [:]
            try ledger.openFailures(of: Array(family)) { failure in
                let key = failure.row.trouble.key
                guard !key.isEmpty, failure.row.state.state == .invalid else { return true }
                found.updateValue(found[key] == nil ? failure.id : nil, forKey: key)
                return true
            }
            byKey = found
        }
        return byKey?[key] ?? nil
    }

    // MARK: Files

    /// The marks of groups whose rows do not stand together: somebody has sorted the file.
    private func scattered(_ file: Int) throws -> Set<String> {
        guard !(plan.mapping?.group.isEmpty ?? true) else { return [] }
        var scattered = Set<String>()
        var source = try Source(
            plan, file: file, from: Source.Start(resume: nil, state: [], record: 0))
        while let count = try source.fill(512) {
            for record in source.peek(count) where record.marks.count == 1 {
                if record.problems.contains(where: { $0.reason == .groupReopened }) {
                    scattered.insert(record.marks[0])
                }
            }
            source.drop(count)
        }
        return scattered
    }

    /// The last row of a file may have no line end; another follows it here.
    private static func endingItsLine(_ rows: [UInt8]) -> [UInt8] {
        if rows.suffix(2).contains(where: { $0 == 0x0A || $0 == 0x0D }) { return rows }
        switch rows.firstIndex(of: 0) {
        case 0?: return rows + [0, 0x0A]
        case 1?: return rows + [0x0A, 0]
        default: return rows + [0x0A]
        }
    }

    /// What the ledger would know of the file once it is read.
    private static func input(_ file: InputFile, file index: Int, _ source: Source) throws -> InputRow {
        return InputRow(
            file: index, path: file.path, member: file.member, name: file.name, fingerprint: "",
            columns: source.reader.columns, header: source.reader.header, headerBytes: source.start,
            totalBytes: nil)
    }
}
