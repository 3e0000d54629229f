import Foundation
package import Ledger
import Mapping
package import Model
import Records

/// The rows of groups looked at over the whole input, before a run begins, and brought together where they do
/// not stand together.
package struct Arrangement {
    /// The plan that is to be run: it reads the rows that were brought together, if any were.
    package var plan: Plan
    /// As the ledger keeps it.
    package var grouping: Grouping
    /// What is worth saying of the inputs: they are not opened again.
    package var notes: [String] = []
    /// How the rows of each input are written.
    var writings: [RowWriting] = []
    /// Bytes written beside the file of rows, for sorting.
    package private(set) var spilled = 0

    package init(plan: Plan, grouping: Grouping, notes: [String] = []) {
        self.plan = plan
        self.grouping = grouping
        self.notes = notes
    }

    /// Whether anything is to be looked at: the rows of one record may be anywhere.
    package static func isNeeded(_ plan: Plan) -> Bool {
        guard let mapping = plan.mapping, !mapping.group.isEmpty else { return false }
        return !mapping.isSorted && mapping.group != [JoinSpec.record] && plan.staged == nil
    }

    /// The name of the file of rows.
    package static let fileName = "grouped.rows"

    /// Looks, and stages where it has to.
    ///
    /// - Parameters:
    ///   - folder: A folder for this alone; ``fileName`` is left in it where rows were brought together.
    ///   - always: All rows are staged, also where they are together: the inputs are not read again.
    /// - Throws: ``ReadError`` of the inputs or of the disk; ``MappingError`` of a file without a column.
    /// - Complexity: Reads the inputs once; where rows move, up to four times. Memory does not grow with them.
    package static func make(_ plan: Plan, in folder: String, always: Bool = false) throws
        -> Arrangement
    {
        var plan = plan
        var before: [FileFingerprint] = []
        for index in plan.inputs.indices {
            let now = try FileFingerprint.take(plan.inputs[index].path, digests: false)
            before.append(now)
            // What is appended in the meantime is none of this.
            if !plan.inputs[index].isCompressed {
                plan.inputs[index].end = min(plan.inputs[index].end ?? .max, now.size)
            }
        }
        let pass = try GroupPass.run(plan, in: folder)
        defer { pass.moves.discard() }
        var grouping = Grouping()
        var notes: [String] = []
        var spilled = pass.spilled
        if pass.apart > 0 || always {
            let path = folder + "/" + fileName
            let (rows, moved, bytes) = try GroupStaging(plan, pass, in: folder).write(to: path)
            spilled += bytes
            plan.staged = rows
            grouping.apart = pass.apart
            grouping.moved = moved
            grouping.rows = rows.rows
            for (index, file) in pass.files.enumerated() {
                let input = plan.inputs[index]
                grouping.files.append(
                    Grouping.File(
                        columns: file.columns,
                        header: file.header,
                        headerBytes: file.headerBytes, totalBytes: file.account.end, rows: file.rows,
                        rowBytes: file.account.rows, blankBytes: file.account.blank,
                        unreadableBytes: file.account.unreadable))
                notes += file.notes.map { "\(InputName.bare(input.name)): \($0)" }
            }
        }
        for (input, known) in zip(plan.inputs, before) {
            guard try FileFingerprint.take(input.path, digests: false) == known else {
                throw changed(input.name)
            }
        }
        plan.mapping?.countsGroups = false
        var arrangement = Arrangement(plan: plan, grouping: grouping, notes: notes)
        arrangement.spilled = spilled
        arrangement.writings = pass.files.map(\.writing)
        return arrangement
    }

    /// Says where the file of rows is now.
    package mutating func keep(at path: String) throws {
        plan.staged?.path = path
        guard let staged = plan.staged else { return }
        grouping.staged = Grouping.Staged(
            path: path, columns: staged.columns, bytes: staged.bytes,
            fingerprint: try FileFingerprint.take(path, digests: true).text)
    }

    static func changed(_ name: String) -> InputError {
        InputError(.changed, name: name, .changedWhileRead)
    }
}

extension Plan {
    /// The same for a run whose groups were looked at when it began.
    package func arranged(by grouping: Grouping?) -> Plan {
        guard let grouping else { return self }
        var plan = self
        plan.mapping?.countsGroups = false
        plan.staged = grouping.staged.map {
            StagedRows(path: $0.path, columns: $0.columns, bytes: $0.bytes, rows: grouping.rows)
        }
        return plan
    }

    /// The numbers of what is read, in its order: the inputs, or the one file that their rows were brought
    /// together in.
    package var sources: Range<Int> {
        staged == nil ? 0..<inputs.count : inputs.count..<inputs.count + 1
    }

    /// What an input is now; nil for what was staged from several.
    func fingerprint(of source: Int) throws(ReadError) -> FileFingerprint? {
        guard staged == nil else { return nil }
        return try FileFingerprint.take(inputs[source].path, digests: false)
    }

    /// Whether there is no way into the middle of a source.
    func isCompressed(_ source: Int) -> Bool {
        inputs.indices.contains(source) && inputs[source].isCompressed
    }

    /// What a source is called in messages.
    func name(of source: Int) -> String {
        inputs.indices.contains(source)
            ? inputs[source].name : staged?.path ?? "input \(source + 1)"
    }

    /// The same without what tells a sheet from a file.
    func title(of source: Int) -> String { InputName.bare(name(of: source)) }

    /// What a place is called in messages: a line, or a cell of a sheet.
    package func place(of position: Position) -> String {
        InputName.place(name(of: position.file), line: position.line)
    }

    /// The same with the column of a sheet that a field is taken from.
    ///
    /// - Parameter columns: Of the sheet; none where it is not known which row is meant.
    package func place(of position: Position, field: String?, columns: [String]) -> String {
        let column = field.flatMap { mapping?.column(of: $0) }.flatMap { columns.firstIndex(of: $0) }
        return InputName.place(name(of: position.file), line: position.line, column: column ?? 0)
    }

    func open(_ source: Int, from resume: Resume?) throws(ReadError) -> any RowReading {
        if let staged, source == inputs.count {
            return try StagedReader(staged, index: source, from: resume)
        }
        return try RowReader.open(
            inputs[source], index: source, options: inputOptions, from: resume)
    }
}
