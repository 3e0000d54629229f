import Foundation
import Ledger
package import Model
import Records

extension Arrangement {
    /// A record in the file of rows that has no mark, and the one that it repairs.
    package struct Unmarked: Sendable {
        /// Where its rows are in that file.
        package var place: Range<Int>
        package var id: RecordID

        package init(place: Range<Int>, id: RecordID) {
            self.place = place
            self.id = id
        }
    }

    /// Writes marks to the rows of records that have none: what was tied to a record by its key bears its mark
    /// from then on, as if it had been in the file.
    ///
    /// - Parameters:
    ///   - records: In the order of their places.
    ///   - folder: That ``make(_:in:always:)`` was given.
    /// - Throws: ``InputError`` with the code `format` where the rows have no place for marks.
    package mutating func mark(_ records: [Unmarked], in folder: String) throws {
        guard !records.isEmpty, let staged = plan.staged else { return }
        let hasColumn = staged.columns?.first == RecordMark.name
        guard let writing = writings.first, writings.allSatisfy({ $0 == writing }) || hasColumn,
            staged.columns != nil || !writings.contains(where: \.isTranscoded)
        else {
            throw InputError(.format, name: staged.path, .noMarks)
        }
        let path = folder + "/marked.rows"
        let writer = try StagedWriter(creating: path)
        let reader = try StagedReader(staged, index: 0)
        var block = RowBlock()
        var next = 0
        /// The input that the record at hand begins in: its rows are written as those are.
        var home = 0
        while try reader.read(into: &block, rows: 512) {
            for row in block.rows {
                while next < records.count, records[next].place.upperBound <= row.position.offset {
                    next += 1
                }
                let isOne = next < records.count && records[next].place.contains(row.position.offset)
                if isOne, records[next].place.lowerBound == row.position.offset {
                    home = row.origin?.file ?? 0
                }
                var copy = StagedRow(row, of: block, order: nil)
                let mark = isOne ? Array("\(records[next].id)".utf8) : nil
                if staged.columns == nil {
                    if let mark { copy.lead(with: mark) }
                } else if !hasColumn {
                    copy.insert(mark ?? [], as: writing)
                } else if let mark {
                    copy.replace(mark, as: writings[home])
                }
                try writer.append(copy.encoded)
            }
        }
        let columns = staged.columns.map { hasColumn ? $0 : [RecordMark.name] + $0 }
        var marked = try writer.finish(columns: columns)
        try FileManager.default.removeItem(atPath: staged.path)
        try FileManager.default.moveItem(atPath: path, toPath: staged.path)
        marked.path = staged.path
        plan.staged = marked
        guard !hasColumn, staged.columns != nil else { return }
        for index in grouping.files.indices {
            grouping.files[index].columns = grouping.files[index].columns.map {
                [RecordMark.name] + $0
            }
            grouping.files[index].header = writing.marked(header: grouping.files[index].header)
        }
    }
}
