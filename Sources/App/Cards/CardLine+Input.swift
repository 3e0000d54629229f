import Foundation
package import Ledger
import Model
import Records

extension CardLine {
    /// - Parameter place: Where it is, for messages.
    package init(series: String, count: String, label: String?, at place: String) throws {
        guard let number = Int(series), (1...Int(Int32.max)).contains(number) else {
            throw Failure(
                .usage, "\(place): the series '\(series)' is not a number; expected 1 or more.")
        }
        guard let cards = Int(count), (1...100_000_000).contains(cards) else {
            throw Failure(.usage, "\(place): the count is '\(count)'; expected 1 to 100000000.")
        }
        let text = label.flatMap { $0.isEmpty ? nil : $0 }
        if let text, text.unicodeScalars.contains(where: { $0.value < 0x20 }) {
            throw Failure(.usage, "\(place): the label contains a line break or a control character.")
        }
        self.init(series: number, count: cards, label: text)
    }

    /// Those of a file with the columns series, count and, if wanted, label.
    package static func read(_ path: String) throws -> [CardLine] {
        var lines: [CardLine] = []
        let files = try InputList.resolve(
            [path], options: InputOptions(), relativeTo: FileManager.default.currentDirectoryPath)
        for file in files {
            let reader = try RowReader.open(file, index: 0, options: InputOptions())
            func place(_ name: String) -> Int? { reader.columns?.firstIndex(of: name) }
            guard let series = place("series"), let count = place("count") else {
                throw Failure(
                    .usage,
                    "\(InputName.bare(file.name)) is not a CSV file with the columns series and count.")
            }
            var block = RowBlock()
            while try reader.read(into: &block, rows: 512) {
                for row in block.rows {
                    let at = InputName.place(file.name, line: row.position.line)
                    if let problem = row.problem { throw Failure(.usage, "\(at): \(problem.message)") }
                    lines.append(
                        try CardLine(
                            series: block.field(series, of: row), count: block.field(count, of: row),
                            label: place("label").map { block.field($0, of: row) }, at: at))
                }
            }
        }
        guard !lines.isEmpty else { throw Failure(.usage, "\(path): the file has no rows.") }
        return lines
    }
}
