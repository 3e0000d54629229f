import Foundation
import Ledger
package import Mapping
import Model
package import Records

/// Two kinds of files, one record: bills in one, their lines in others.
///
/// They are brought together on disk, whatever their order and size, into one CSV file: the columns of the
/// first, those of the lines (`lines.NAME` where both have it), the rows of one record under each other, in the
/// order of the first. That file is the run's input: it is read, resumed and sent again like any other.
/// What has no other half is in it too, with the reason, and becomes `invalid`.
package struct Join {
    /// What became of the rows.
    package struct Summary: Sendable, Equatable {
        package var heads = 0
        package var lines = 0
        package var headsAlone = 0
        package var linesAlone = 0
    }

    package let spec: JoinSpec
    package let heads: [InputFile]
    package let lines: [InputFile]
    package let options: InputOptions

    package init(
        _ spec: JoinSpec, heads: [InputFile], lines: [InputFile], options: InputOptions
    ) {
        self.spec = spec
        self.heads = heads
        self.lines = lines
        self.options = options
    }

    /// Writes the joined file.
    ///
    /// - Parameters:
    ///   - path: Where to; it is made, for the owner alone.
    ///   - folder: Of what is kept in the meantime.
    ///   - words: Of what is wrong with a row, which is kept beside it.
    /// - Throws: ``ReadError`` where a file cannot be read; ``InputError`` where it has not the columns, or where a
    ///   row of the lines does not tell which record it belongs to; `LedgerError` of the disk.
    /// - Complexity: Memory does not grow with the files; the disk holds them twice.
    package func write(to path: String, staging folder: String, _ words: EngineWords) throws
        -> Summary
    {
        let stage = try JoinStage(at: folder + "/join.sqlite")
        defer { stage.discard() }
        let headReader = JoinReader(
            heads, keys: spec.on.map(\.head), isLines: false, options, words)
        let lineReader = JoinReader(lines, keys: spec.on.map(\.line), isLines: true, options, words)
        var summary = Summary()
        summary.heads = try stage.load(.head, from: headReader.next)
        summary.lines = try stage.load(.line, from: lineReader.next)
        let out = try JoinedFile(
            path, spec, heads: try headReader.columns(), lines: try lineReader.columns(),
            names: heads.map(\.name).joined(separator: ", "), words)
        try stage.walk { event in
            switch event {
            case .head(let row, let rivals): try out.head(row, rivals: rivals)
            case .line(let row): try out.line(row)
            case .alone(let key, let row): try out.alone(key, row)
            }
        }
        try out.finish()
        summary.headsAlone = out.headsAlone
        summary.linesAlone = out.linesAlone
        return summary
    }
}

/// One side's rows, file after file, as they are staged: cells as CSV, where they are from, what is wrong.
private final class JoinReader {
    private let files: [InputFile]
    private let keys: [String]
    private let isLines: Bool
    private let options: InputOptions
    private let words: EngineWords
    private var file = 0
    private var reader: RowReader?
    private var block = RowBlock()
    private var row = 0
    /// The columns of the first file: those of the others have the same names.
    private var names: [String]?
    /// Where they are in the file at hand, and where its key columns are.
    private var places: [Int] = []
    private var keyPlaces: [Int] = []

    init(
        _ files: [InputFile], keys: [String], isLines: Bool, _ options: InputOptions,
        _ words: EngineWords
    ) {
        self.words = words
        self.files = files
        self.keys = keys
        self.isLines = isLines
        self.options = options
    }

    /// What the staged cells are; of the lines, without their keys.
    func columns() throws -> [String] {
        if names == nil, !files.isEmpty { try open() }
        return (names ?? []).filter { !isLines || !keys.contains($0) }
    }

    func next() throws -> (key: [UInt8], row: [UInt8])? {
        while true {
            if reader == nil {
                guard file < files.count else { return nil }
                try open()
            }
            if row < block.rows.count {
                row += 1
                return try staged(block.rows[row - 1])
            }
            row = 0
            guard let reader, try reader.read(into: &block, rows: 1024) else {
                self.reader = nil
                block = RowBlock()
                file += 1
                continue
            }
        }
    }

    private func open() throws {
        let input = files[file]
        let reader = try RowReader.open(input, index: file, options: options)
        guard let columns = reader.columns else {
            throw InputError(.format, name: input.name, .noCSV)
        }
        let wanted = names ?? columns.filter { $0 != RecordMark.name }
        func place(_ name: String) throws -> Int {
            if let place = columns.firstIndex(of: name) { return place }
            let isKnown = HeaderLook.hasAny(of: keys + (names ?? []), in: columns)
            let near = Suggestion.nearest(to: name, among: columns)
            let problem: InputError.Problem =
                if !isKnown {
                    .noColumn(name, advice: HeaderLook.nothingKnown)
                } else if HeaderLook.isData(columns) {
                    .noColumn(name, advice: HeaderLook.advice)
                } else {
                    .hasNoColumn(
                        name, columns: columns.map(\.showingInvisible),
                        near: near?.showingInvisible)
                }
            throw InputError(.header, name: input.name, problem)
        }
        keyPlaces = try keys.map(place)
        names = wanted
        places = try wanted.filter { !isLines || !keys.contains($0) }.map(place)
        self.reader = reader
    }

    private func staged(_ row: Row) throws -> (key: [UInt8], row: [UInt8]) {
        let name = files[file].name
        let from = InputName.place(name, line: row.position.line)
        var trouble = ""
        if let problem = row.problem {
            trouble = "\(problem.reason.code): \(from): \(problem.message)"
        } else if row.fields.count != reader?.columns?.count ?? 0 {
            let note = EngineNote.Join.fieldCount(
                row.fields.count, expected: reader?.columns?.count ?? 0)
            trouble = "\(Reason.fieldCount.code): \(from): \(words(.join(note)))"
        }
        let isReadable = row.problem == nil
        var key: [UInt8] = []
        var isEmpty = true
        if isReadable, keyPlaces.allSatisfy({ $0 < row.fields.count }) {
            for (index, place) in keyPlaces.enumerated() {
                if index > 0 { key.append(JoinedFile.separator) }
                let cell = trimmed(block.field(place, of: row))
                if !cell.isEmpty { isEmpty = false }
                key += cell.utf8
            }
        }
        if isEmpty {
            key = []
            // A line that may belong to any record: that record would go without it.
            if isLines, !trouble.isEmpty {
                throw InputError(
                    .format, name: name, position: row.problemPosition ?? row.position,
                    .rowOfNoRecord)
            }
            if trouble.isEmpty {
                trouble =
                    "\(Reason.missing.code): \(from): \(words(.join(.emptyKey(columns: keys))))"
            }
        }
        var cells: [UInt8] = []
        for (index, place) in places.enumerated() {
            if index > 0 { cells.append(UInt8(ascii: ",")) }
            guard isReadable, place < row.fields.count else { continue }
            CSVCell.append(Array(block.field(place, of: row).utf8), to: &cells)
        }
        return (key, cells + [0] + Array(from.utf8) + [0] + Array(trouble.utf8))
    }

    private func trimmed(_ text: String) -> String {
        text.trimmingCharacters(in: .whitespaces)
    }
}

/// The file of records, as it is written.
private final class JoinedFile {
    /// Between the parts of a key that has several.
    static let separator: UInt8 = 0x1F

    private(set) var headsAlone = 0
    private(set) var linesAlone = 0

    private let path: String
    private let spec: JoinSpec
    private let heads: [String]
    private let lines: [String]
    /// Of the files of heads, for messages.
    private let names: String
    private let words: EngineWords
    private let file: FileHandle
    private var buffer: [UInt8] = []
    private var record = 0
    /// The head whose lines may follow.
    private var open: (cells: [UInt8], from: String, trouble: String)?
    private var hasLine = false
    private var lastAlone: [UInt8]?

    init(
        _ path: String, _ spec: JoinSpec, heads: [String], lines: [String], names: String,
        _ words: EngineWords
    ) throws {
        self.words = words
        self.path = path
        self.spec = spec
        self.heads = heads
        self.lines = lines
        self.names = names
        guard
            FileManager.default.createFile(
                atPath: path, contents: nil, attributes: [.posixPermissions: 0o600]),
            let file = FileHandle(forWritingAtPath: path)
        else {
            throw LedgerError(.stageNotCreated(path))
        }
        self.file = file
        let named = lines.map { heads.contains($0) ? "lines." + $0 : $0 }
        let columns = [JoinSpec.record] + heads + named + [JoinSpec.from, JoinSpec.trouble]
        for (index, column) in columns.enumerated() {
            if index > 0 { buffer.append(UInt8(ascii: ",")) }
            CSVCell.append(Array(column.utf8), to: &buffer)
        }
        buffer.append(0x0A)
    }

    func head(_ row: [UInt8], rivals: Int) throws {
        try close()
        var head = parts(row)
        if rivals > 1, head.trouble.isEmpty {
            head.trouble =
                "\(Reason.unmatched.code): \(words(.join(.rivals(rivals, files: names, key: on))))"
        }
        open = head
        hasLine = false
        record += 1
    }

    func line(_ row: [UInt8]) throws {
        guard let open else { return }
        hasLine = true
        let line = parts(row)
        try write(
            open.cells, line.cells, from: open.from + " " + line.from,
            trouble: open.trouble.isEmpty ? line.trouble : open.trouble)
    }

    func alone(_ key: [UInt8], _ row: [UInt8]) throws {
        try close()
        if key.isEmpty || lastAlone != key { record += 1 }
        lastAlone = key
        linesAlone += 1
        let line = parts(row)
        let parts = key.split(separator: Self.separator, omittingEmptySubsequences: false)
        var cells: [UInt8] = []
        for (index, column) in heads.enumerated() {
            if index > 0 { cells.append(UInt8(ascii: ",")) }
            guard let place = spec.on.firstIndex(where: { $0.head == column }),
                place < parts.count
            else { continue }
            CSVCell.append(Array(parts[place]), to: &cells)
        }
        try write(
            cells, line.cells, from: line.from,
            trouble: line.trouble.isEmpty
                ? unmatched(line.from, .noHead(files: names, key: on)) : line.trouble)
    }

    func finish() throws {
        try close()
        try flush()
        try file.synchronize()
        try file.close()
    }

    private var on: String { spec.on.map(\.head).joined(separator: ", ") }

    /// A head without lines stands alone.
    private func close() throws {
        defer { open = nil }
        guard let open, !hasLine else { return }
        headsAlone += 1
        try write(
            open.cells, Array(repeating: UInt8(ascii: ","), count: max(0, lines.count - 1)),
            from: open.from,
            trouble: open.trouble.isEmpty
                ? unmatched(open.from, .noLine(key: on)) : open.trouble)
    }

    private func unmatched(_ from: String, _ note: EngineNote.Join) -> String {
        "\(Reason.unmatched.code): \(from): \(words(.join(note)))"
    }

    private func write(_ head: [UInt8], _ line: [UInt8], from: String, trouble: String) throws {
        let digits = String(record)
        buffer += String(repeating: "0", count: max(0, 10 - digits.count)).utf8
        buffer += digits.utf8
        buffer.append(UInt8(ascii: ","))
        buffer += head
        if !lines.isEmpty {
            buffer.append(UInt8(ascii: ","))
            buffer += line
        }
        for text in [from, trouble] {
            buffer.append(UInt8(ascii: ","))
            CSVCell.append(Array(text.utf8), to: &buffer)
        }
        buffer.append(0x0A)
        if buffer.count > 1 << 20 { try flush() }
    }

    private func flush() throws {
        try file.write(contentsOf: buffer)
        buffer.removeAll(keepingCapacity: true)
    }

    private func parts(_ row: [UInt8]) -> (cells: [UInt8], from: String, trouble: String) {
        guard let last = row.lastIndex(of: 0), let first = row[..<last].lastIndex(of: 0) else {
            return (row, "", "")
        }
        return (
            Array(row[..<first]), String(decoding: row[(first + 1)..<last], as: UTF8.self),
            String(decoding: row[(last + 1)...], as: UTF8.self)
        )
    }
}
