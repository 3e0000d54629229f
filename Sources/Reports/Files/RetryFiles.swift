import Foundation
package import Ledger
package import Model

/// The input of a run that sends records again: each after its mark, in a folder of that run.
///
/// One file for each way of writing: `retry.csv`, `retry-b.csv`, `retry.jsonl`. They are 0600 from their
/// first byte, and whole and durable before any run names them.
package final class RetryFiles {
    private let folder: String
    private var layouts: [Layout] = []
    private var known: [RecordPlace: Int] = [:]
    private var outputs: [Int: Output] = [:]
    /// How many records were added.
    package private(set) var records = 0

    package init(folder: String) { self.folder = folder }

    /// Adds a record as the ledger keeps it.
    ///
    /// - Parameter input: The file that it once was in.
    /// - Returns: False where its bytes are not all kept, or are such that they would swallow their
    ///   neighbours: then it cannot be sent again from here.
    package func add(_ failure: OpenFailure, from input: InputRow?) throws -> Bool {
        let trouble = failure.row.trouble
        let source = RecordPlace(run: failure.run.number, record: Int64(trouble.position.file))
        let index = known[source] ?? self.index(of: Layout(input, sample: trouble.stored))
        known[source] = index
        guard RejectFiles.isWhole(trouble),
            trouble.refusal.reason != .unreadable || layouts[index].isJSON
        else { return false }
        try write(trouble.stored, as: [failure.id], index)
        return true
    }

    /// Adds a record of a file that somebody has fixed; `ids` say which ones it repairs.
    package func add(_ stored: [UInt8], as ids: [RecordID], from input: InputRow) throws {
        let source = RecordPlace(run: -1, record: Int64(input.file))
        let index = known[source] ?? self.index(of: Layout(input, sample: stored))
        known[source] = index
        try write(stored, as: ids, index)
    }

    /// Makes the files durable, under their names.
    package func finish() throws -> [String] {
        var paths: [String] = []
        for (_, output) in outputs.sorted(by: { $0.key < $1.key }) {
            try output.close()
            let path = folder + "/" + Self.name(output.name)
            try FileManager.default.moveItem(atPath: output.temporaryPath, toPath: path)
            paths.append(path)
        }
        outputs = [:]
        return paths
    }

    /// Removes what was written, and the folder where nothing else is in it.
    package func discard() {
        for output in outputs.values {
            try? output.close()
            try? FileManager.default.removeItem(atPath: output.temporaryPath)
        }
        outputs = [:]
        _ = unsafe rmdir(folder)
    }

    /// As lists of what was not accepted are named, so that it is none of those.
    private static func name(_ name: RejectName) -> String {
        "retry" + name.text.dropFirst(name.kind.rawValue.count)
    }

    private func index(of layout: Layout) -> Int {
        if let index = layouts.firstIndex(where: { $0.agrees(with: layout) }) { return index }
        layouts.append(layout)
        return layouts.count - 1
    }

    private func write(_ stored: [UInt8], as ids: [RecordID], _ index: Int) throws {
        let layout = layouts[index]
        let output: Output
        if let open = outputs[index] {
            output = open
        } else {
            let letter = outputs.keys.count { layouts[$0].isJSON == layout.isJSON }
            output = try Output(
                name: RejectName(
                    kind: .rejects, header: letter, number: 1, suffix: layout.isJSON ? "jsonl" : "csv"),
                folder: folder)
            outputs[index] = output
            try output.write(layout.markedHeader)
        }
        try output.write(layout.marked(stored, as: ids))
        records += 1
    }
}
