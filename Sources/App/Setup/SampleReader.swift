import Foundation
import Jobs
import Model
import Records

/// Reads a part of a file: the beginning, some of the middle, the end.
enum SampleReader {
    private static let headSize = 1 << 19
    private static let middleSize = 1 << 17
    private static let tailSize = 1 << 16
    /// Of compressed files, this many bytes of text are read to find the end.
    private static let textLimit = 64 << 20
    /// Rows of files that are no text with delimiters.
    private static let rowLimit = 2000

    /// - Throws: ``Failure``, or what it translates: the file cannot be read.
    static func read(_ path: String) throws -> TableGuess {
        let files = try InputList.resolve(
            [path], options: InputOptions(), relativeTo: FileManager.default.currentDirectoryPath)
        guard let file = files.first else { throw Failure(.usage, "\(path): there is no file in it.") }
        guard try isDelimited(file) else { return try rows(file) }
        let sample = file.isCompressed ? try lines(file) : try parts(file)
        guard sample.head.contains(where: { $0 > 0x20 }) else {
            throw Failure(.usage, "\(file.name): the file is empty: there is nothing to guess from.")
        }
        return TableGuess(sample)
    }

    /// Whether it is no JSON and no workbook.
    private static func isDelimited(_ file: InputFile) throws -> Bool {
        if InputName.isWorksheet(file.name) { return false }
        let name = (file.member ?? file.name).lowercased()
        if [".xlsx", ".xlsm", ".jsonl", ".ndjson", ".json"].contains(where: name.hasSuffix) {
            return false
        }
        guard !file.isCompressed else { return true }
        let head = try bytes(file.path, from: 0, count: 256)
        return head.first { $0 > 0x20 }.map { $0 != UInt8(ascii: "{") && $0 != UInt8(ascii: "[") }
            ?? true
    }

    // MARK: Plain files

    private static func parts(_ file: InputFile) throws -> FileSample {
        let size =
            try FileManager.default.attributesOfItem(
                atPath: URL(fileURLWithPath: file.path).resolvingSymlinksInPath().path)[.size] as? Int
        var head = try bytes(file.path, from: 0, count: headSize)
        guard head.count == headSize else { return FileSample(head: head) }
        cutEnd(&head)
        guard let size, size > headSize else { return FileSample(head: head, hasEnd: false) }
        var middle =
            size > headSize + 2 * middleSize
            ? try bytes(file.path, from: size / 2, count: middleSize) : []
        cutStart(&middle)
        cutEnd(&middle)
        // What the head does not have.
        let from = max(head.count, size - tailSize)
        var tail = try bytes(file.path, from: from, count: size - from)
        if from > head.count { cutStart(&tail) }
        return FileSample(head: head, middle: middle, tail: tail)
    }

    private static func bytes(_ path: String, from offset: Int, count: Int) throws -> [UInt8] {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw Failure(.usage, "\(path): \(unsafe String(cString: strerror(errno))).")
        }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: count)
        var filled = 0
        while filled < count {
            let got = unsafe bytes.withUnsafeMutableBytes {
                unsafe pread(
                    descriptor, $0.baseAddress?.advanced(by: filled), count - filled, offset + filled)
            }
            if got < 0, errno == EINTR { continue }
            if got <= 0 { break }
            filled += got
        }
        return Array(bytes.prefix(filled))
    }

    /// Leaves out a line that is cut at the end.
    private static func cutEnd(_ bytes: inout [UInt8]) {
        guard let end = bytes.lastIndex(of: 0x0A) else { return }
        bytes.removeLast(bytes.count - end - 1)
    }

    private static func cutStart(_ bytes: inout [UInt8]) {
        guard let start = bytes.firstIndex(of: 0x0A) else { return }
        bytes.removeFirst(start + 1)
    }

    // MARK: Others

    /// The lines of a compressed file, byte for byte.
    private static func lines(_ file: InputFile) throws -> FileSample {
        var options = InputOptions(
            format: .csv, delimiter: 1, encoding: .latin1, header: .none, quote: .none)
        options.fieldLimit = 1 << 20
        let reader = try RowReader.open(file, index: 0, options: options)
        let isLatin = reader.options.encoding == .latin1
        var sample = FileSample(head: [], hasEnd: false)
        var block = RowBlock()
        var read = 0
        var line = 1
        while read < textLimit {
            guard try reader.read(into: &block, rows: 4096) else {
                sample.hasEnd = true
                break
            }
            for row in block.rows {
                let text = row.fields.isEmpty ? "" : block.field(0, of: row)
                let blank = [UInt8](repeating: 0x0A, count: max(0, row.position.line - line))
                let bytes =
                    blank
                    + (isLatin ? text.unicodeScalars.map { UInt8($0.value & 0xFF) } : Array(text.utf8))
                    + [0x0A]
                line = row.position.line + 1
                read += bytes.count
                if sample.head.count < headSize {
                    sample.head += bytes
                } else {
                    sample.tail += bytes
                    if sample.tail.count > 4 * tailSize {
                        sample.tail.removeFirst(sample.tail.count - tailSize)
                        cutStart(&sample.tail)
                    }
                }
            }
        }
        return sample
    }

    /// Rows that need no guess of where their cells are.
    private static func rows(_ file: InputFile) throws -> TableGuess {
        let reader = try RowReader.open(file, index: 0, options: InputOptions())
        var block = RowBlock()
        var rows: [[String]] = []
        var names: [String] = reader.columns ?? []
        var objects: [[String: String]] = []
        while rows.count + objects.count < rowLimit, try reader.read(into: &block, rows: 512) {
            for row in block.rows where row.problem == nil {
                guard reader.columns == nil else {
                    rows.append(
                        row.fields.indices.map { block.field($0 - row.fields.lowerBound, of: row) })
                    continue
                }
                var object: [String: String] = [:]
                for leaf in ItemTree.leaves(Array(block.text[row.value])) {
                    let name = leaf.path.map { step in
                        switch step {
                        case .name(let name): name
                        case .index(let index): String(index)
                        }
                    }.joined(separator: ".")
                    if object[name] == nil, !names.contains(name) { names.append(name) }
                    object[name] = leaf.json == "null" ? "" : leaf.json == "\"\"" ? "" : leaf.text
                }
                objects.append(object)
            }
        }
        return TableGuess(
            columns: names,
            rows: reader.columns == nil
                ? objects.map { object in names.map { object[$0] ?? "" } } : rows)
    }
}
