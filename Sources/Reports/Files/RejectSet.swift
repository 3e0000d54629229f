import Foundation
import Ledger
import Model

/// The files of one set while they are written: under names of their own until all are complete.
final class RejectSet {
    static let reasonColumns = [
        "file", "record", "row", "line", "byte", "key", "state", "stage", "reason", "field",
        "server_code",
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

    /// Adds one record's bytes as they are in its file, after its mark where one is given and the file has
    /// a place for it.
    func add(
        _ stored: [UInt8], to kind: RejectFiles.Written.Kind, from input: InputRow?,
        as id: RecordID? = nil
    ) throws {
        let index = layout(of: input, sample: stored)
        let layout = layouts[index]
        // One line of JSON each cannot swallow its neighbours.
        let kind = layout.isJSON && kind == .unreadable ? .rejects : kind
        let isMarked = id != nil && layout.takesMarks
        let output = try output(
            kind, index, suffix: layout.isJSON ? "jsonl" : "csv",
            opening: isMarked ? layout.markedHeader : layout.header)
        try output.write(
            isMarked
                ? layout.marked(stored, as: id, isOneRow: kind == .unreadable) : layout.lines(stored))
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
                files: zip(latest.files, sorted).map {
                    .init(kind: $0.kind, path: $0.path, records: $1.records)
                })
        }
        // Every set has its reasons: who gets that name has the number, also against a process that came
        // at the same moment.
        var number = number
        guard let reasons = outputs[RejectName.Slot(kind: .reasons, layout: 0)] else { return nil }
        while true {
            do {
                try publish(reasons, number)
                break
            } catch let error as CocoaError where error.code == .fileWriteFileExists {
                number += 1
            }
        }
        for output in sorted where output !== reasons { try publish(output, number) }
        outputs = [:]
        return RejectFiles.Written(
            number: number,
            files: sorted.map {
                .init(kind: $0.name.kind, path: path(of: $0, number), records: $0.records)
            })
    }

    /// Removes what was not given its name.
    func discard() {
        for output in outputs.values {
            try? output.close()
            try? FileManager.default.removeItem(atPath: output.temporaryPath)
        }
        outputs = [:]
    }

    private func path(of output: Output, _ number: Int) -> String {
        var name = output.name
        name.number = number
        return folder + "/" + name.text
    }

    /// A link fails where the name is taken.
    private func publish(_ output: Output, _ number: Int) throws {
        let path = path(of: output, number)
        do {
            try FileManager.default.linkItem(atPath: output.temporaryPath, toPath: path)
        } catch let error as CocoaError where error.code != .fileWriteFileExists {
            // Some file systems know no links; a move fails as well where the name is taken.
            return try FileManager.default.moveItem(atPath: output.temporaryPath, toPath: path)
        }
        try FileManager.default.removeItem(atPath: output.temporaryPath)
    }

    private func isEqual(_ outputs: [Output], _ latest: RejectFiles.Written) -> Bool {
        guard outputs.count == latest.files.count else { return false }
        return zip(outputs, latest.files).allSatisfy { output, file in
            file.path == path(of: output, latest.number)
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
final class Output {
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
