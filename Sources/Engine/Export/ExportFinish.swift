package import Catalog
import Foundation
package import Ledger
import Model
import Records

/// From the whole `.part` file to the file under its own name: as it is, as a CSV, compressed.
///
/// A kill in between leaves the `.part` file, and it is done again.
package enum ExportFinish {
    /// - Parameter former: Columns that the last export of the series had: they stay where they are.
    /// - Returns: The columns of a CSV.
    /// - Throws: An error of files; it may be done again then.
    package static func finish(
        _ row: ExportRow, _ order: ExportOrder, listing: Listing, former: [String]
    ) throws -> [String]? {
        let part = row.path + ".part"
        let kind = CompressedOutput.kind(of: row.path)
        guard order.form == .csv || kind != .none else {
            try ExportFile.rename(part, to: row.path)
            return nil
        }
        let made = row.path + ".made.part"
        let flags = O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW
        let descriptor = unsafe open(made, flags, 0o600)
        guard descriptor >= 0, fchmod(descriptor, 0o600) == 0 else {
            throw ExportFile.failure(made)
        }
        defer { close(descriptor) }
        let output = try CompressedOutput.open(descriptor: descriptor, as: kind, name: made)
        let columns =
            try order.form == .csv
            ? table(part, order, listing, former, output) : copy(part, output)
        try output.finish()
        guard fsync(descriptor) == 0 else { throw ExportFile.failure(made) }
        try ExportFile.rename(made, to: row.path)
        try? FileManager.default.removeItem(atPath: part)
        return columns
    }

    private static func copy(_ part: String, _ output: CompressedOutput) throws -> [String]? {
        let file = try FileHandle(forReadingFrom: URL(fileURLWithPath: part))
        defer { try? file.close() }
        while let data = try file.read(upToCount: 1 << 18), !data.isEmpty {
            try output.write(Array(data))
        }
        return nil
    }

    private static func table(
        _ part: String, _ order: ExportOrder, _ listing: Listing, _ former: [String],
        _ output: CompressedOutput
    ) throws -> [String] {
        var flattener = CSVFlattener(order, listing: listing, former: former)
        try lines(of: part) { flattener.learnLists($0) }
        try lines(of: part) { flattener.learnColumns($0) }
        flattener.settleColumns()
        var out: [UInt8] = []
        flattener.header(to: &out)
        try lines(of: part) { line in
            flattener.rows(line, to: &out)
            if out.count >= 1 << 18 {
                try output.write(out)
                out.removeAll(keepingCapacity: true)
            }
        }
        try output.write(out)
        return flattener.columns
    }

    private static func lines(of path: String, _ body: ([UInt8]) throws -> Void) throws {
        var options = InputOptions()
        options.format = .jsonl
        options.compression = InputOptions.Compression.none
        options.encoding = .utf8
        options.fieldLimit = 64 << 20
        let reader = try RowReader.open(InputFile(path: path), index: 0, options: options)
        var block = RowBlock()
        while try reader.read(into: &block, rows: 512) {
            for row in block.rows {
                if let problem = row.problem {
                    throw RunStartError(
                        .exportLine(path: path, line: row.position.line, problem.message))
                }
                try body(Array(block.text[row.value]))
            }
        }
    }
}
