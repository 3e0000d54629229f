import Foundation
import Ledger

/// The files of one set while they are written: under names of their own until all are complete.
final class RejectSet {
    static let reasonColumns = [
        "file", "record", "row", "line", "byte", "key", "state", "stage", "reason", "field", "server_code",
        "message", "next_step",
    ]

    private let folder: String
    private let number: Int
    private var layouts: [Layout] = []
    private var layoutOfFile: [Int: Int] = [:]
    private var outputs: [RejectName.Slot: Output] = [:]

    init(folder: String, number: Int) {
        self.folder = folder
        self.number = number
    }

    /// Adds one record's bytes as they stand in its file.
    func add(_ stored: [UInt8], to kind: RejectFiles.Written.Kind, from input: InputRow?) throws {
        let index = layout(of: input, sample: stored)
        let layout = layouts[index]
        // One line of JSON each cannot swallow its neighbours.
        let kind = layout.isJSON && kind == .unreadable ? .rejects : kind
        let output = try output(kind, index, suffix: layout.isJSON ? "jsonl" : "csv", opening: layout.header)
        try output.write(layout.lines(stored))
        output.records += 1
    }

    func addReason(_ cells: [String]) throws {
        let header = Array(ReadableCSV.line(Self.reasonColumns).utf8)
        let output = try output(.reasons, 0, suffix: "csv", opening: header)
        try output.write(Array(ReadableCSV.line(cells).utf8))
        output.records += 1
    }

    /// Gives the files their names. Nil where there are none.
    func finish(unlessEqualTo latest: RejectFiles.Written?) throws -> RejectFiles.Written? {
        guard !outputs.isEmpty else { return nil }
        let sorted = outputs.sorted { $0.value.name.order < $1.value.name.order }.map(\.value)
        for output in sorted { try output.close() }
        if let latest, isEqual(sorted, latest) {
            discard()
            return RejectFiles.Written(
                number: latest.number,
                files: zip(latest.files, sorted).map { .init(kind: $0.kind, path: $0.path, records: $1.records) })
        }
        var files: [RejectFiles.Written.File] = []
        for output in sorted {
            let path = folder + "/" + output.name.text
            try publish(output.temporaryPath, as: path)
            files.append(.init(kind: output.name.kind, path: path, records: output.records))
        }
        outputs = [:]
        return RejectFiles.Written(number: number, files: files)
    }

    /// Removes what was not given its name.
    func discard() {
        for output in outputs.values {
            try? output.close()
            try? FileManager.default.removeItem(atPath: output.temporaryPath)
        }
        outputs = [:]
    }

    /// A link fails where the name is taken, also by a process that came at the same moment.
    private func publish(_ temporary: String, as path: String) throws {
        do {
            try FileManager.default.linkItem(atPath: temporary, toPath: path)
            try FileManager.default.removeItem(atPath: temporary)
        } catch {
            // Some file systems know no links; a move fails as well where the name is taken.
            try FileManager.default.moveItem(atPath: temporary, toPath: path)
        }
    }

    private func isEqual(_ outputs: [Output], _ latest: RejectFiles.Written) -> Bool {
        guard outputs.count == latest.files.count else { return false }
        return zip(outputs, latest.files).allSatisfy { output, file in
            var name = output.name
            name.number = latest.number
            return file.path == folder + "/" + name.text
                && FileManager.default.contentsEqual(atPath: output.temporaryPath, andPath: file.path)
        }
    }

    private func output(
        _ kind: RejectFiles.Written.Kind, _ header: Int, suffix: String, opening: [UInt8]
    ) throws -> Output {
        let slot = RejectName.Slot(kind: kind, layout: header)
        if let output = outputs[slot] { return output }
        // Letters are given by kind, so that the only file of a kind has none.
        let letter = outputs.keys.count { $0.kind == kind }
        let name = RejectName(kind: kind, header: letter, number: number, suffix: suffix)
        let output = try Output(name: name, folder: folder)
        outputs[slot] = output
        try output.write(opening)
        return output
    }

    private func layout(of input: InputRow?, sample: [UInt8]) -> Int {
        if let input, let known = layoutOfFile[input.file] { return known }
        let layout = Layout(input, sample: sample)
        let index = layouts.firstIndex { $0.agrees(with: layout) } ?? layouts.count
        if index == layouts.count { layouts.append(layout) }
        if let input { layoutOfFile[input.file] = index }
        return index
    }
}

extension RejectName {
    struct Slot: Hashable {
        var kind: RejectFiles.Written.Kind
        var layout: Int
    }
}

/// One file under way. Its bytes leave in blocks.
private final class Output {
    let name: RejectName
    let temporaryPath: String
    var records = 0
    private let handle: FileHandle
    private var buffer: [UInt8] = []
    private var isClosed = false

    init(name: RejectName, folder: String) throws {
        self.name = name
        // Hidden, and no name that `RejectName` reads: what a crash leaves behind is never taken for a set.
        temporaryPath = "\(folder)/.\(name.text).\(UUID().uuidString).part"
        let descriptor = unsafe open(temporaryPath, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw CocoaError(.fileWriteUnknown, userInfo: [NSFilePathErrorKey: temporaryPath])
        }
        handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    }

    func write(_ bytes: [UInt8]) throws {
        buffer.append(contentsOf: bytes)
        if buffer.count >= 1 << 16 { try flush() }
    }

    func close() throws {
        guard !isClosed else { return }
        isClosed = true
        try flush()
        try handle.synchronize()
        try handle.close()
    }

    private func flush() throws {
        try handle.write(contentsOf: Data(buffer))
        buffer.removeAll(keepingCapacity: true)
    }
}
