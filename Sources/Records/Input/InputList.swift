import Glibc
import Model

/// From the patterns of a job to its inputs.
package enum InputList {
    /// The inputs that `patterns` name, each once, in the order of the patterns and, within one, in
    /// natural order (`file2` before `file10`). A zip or tar archive gives an input for each file in it.
    ///
    /// - Parameters:
    ///   - patterns: Paths, globs, `-` for standard input, or `archive.zip:member`, where the member may be
    ///     a glob.
    ///   - directory: What relative paths are relative to.
    ///   - spool: Where a copy is kept of what cannot be read twice.
    /// - Throws: ``ReadError`` where a pattern names nothing, or a file cannot be opened.
    package static func resolve(
        _ patterns: [String], options: InputOptions, relativeTo directory: String,
        spool: Spool = .transient
    ) throws(ReadError) -> [InputFile] {
        if let command = options.command {
            // What it writes another time may be something else: it runs once, and is copied.
            let copy = try spool.keep(outputOf: command)
            return try inputs(at: copy, name: command.name, options: options)
        }
        var found = Found(options: options, spool: spool)
        for pattern in patterns { try found.add(pattern, relativeTo: directory) }
        return found.files
    }

    /// The inputs found so far; what can be read only once is copied once.
    private struct Found {
        let options: InputOptions
        let spool: Spool
        var files: [InputFile] = []
        private var copied: Set<String> = []

        init(options: InputOptions, spool: Spool) {
            self.options = options
            self.spool = spool
        }

        mutating func add(_ pattern: String, relativeTo directory: String) throws(ReadError) {
            if pattern == "-" { return try copy("/dev/stdin", name: "standard input") }
            let isRelative = !pattern.hasPrefix("/") && !pattern.hasPrefix("~")
            let base = isRelative && !directory.isEmpty ? directory + "/" : ""
            // A name that exists is that name, whatever characters are in it.
            if exists(base + pattern) { return try add(base + pattern, name: pattern) }
            let paths = glob(escaped(base) + pattern).filter { !isDirectory($0) }
            if !paths.isEmpty {
                for path in paths.sorted(by: isInNaturalOrder) {
                    let name = path.hasPrefix(base) ? String(path.dropFirst(base.count)) : path
                    try add(path, name: name)
                }
                return
            }
            if let colon = pattern.lastIndex(of: ":"), exists(base + pattern[..<colon]) {
                let archive = String(pattern[..<colon])
                return try add(
                    base + archive, name: archive,
                    members: String(pattern[pattern.index(after: colon)...]))
            }
            throw ReadError(
                .notFound, name: pattern,
                message: "no such file\(isRelative && !directory.isEmpty ? " in \(directory)" : "")")
        }

        private mutating func add(
            _ path: String, name: String, members: String? = nil
        ) throws(ReadError) {
            if Spool.isNeeded(for: path) { return try copy(path, name: name, members: members) }
            for file in try inputs(at: path, name: name, options: options, members: members)
            where !files.contains(where: file.isSame(as:)) { files.append(file) }
        }

        private mutating func copy(
            _ path: String, name: String, members: String? = nil
        ) throws(ReadError) {
            guard copied.insert(path).inserted else { return }
            let copy = try spool.keep(path, name: name)
            files += try inputs(at: copy, name: name, options: options, members: members)
        }
    }

    /// The inputs of the file at `path`: itself, or the files in it.
    ///
    /// For a file whose own name says nothing, as a copy of standard input: `name` is in messages.
    package static func inputs(
        at path: String, name: String, options: InputOptions, members pattern: String? = nil
    ) throws(ReadError) -> [InputFile] {
        let file = InputFile(path: path, name: name)
        let compression: InputOptions.Compression
        let head = try ByteSource.head(of: file)
        compression = options.compression == InputOptions.Compression.none ? .none : .of(head)
        if let said = options.compression, said != compression, said != .tar || compression == .none {
            throw ReadError(
                .format, name: name,
                message: "it is \(compression.rawValue), not \(said.rawValue) as the job says")
        }
        if head.starts(with: OfficeFile.signature) { throw OfficeFile.container(path).error(name) }
        guard compression != .none else { return [try with(.none, file, options)] }
        let (kind, names) = try Layers.members(of: file)
        guard kind != .none else { return [try with(compression, file, options)] }
        if Workbook.isMade(of: names) {
            guard compression == .zip else {
                throw ReadError(
                    .format, name: name,
                    message: "this is an Excel workbook that is compressed again: decompress it first")
            }
            return try sheets(of: file, members: names, options, pattern)
        }
        if let kind = OfficeFile.archive(names) { throw kind.error(name) }
        try refuseSheet(options, name)
        var seen: [String: Int] = [:]
        var chosen: [InputFile] = []
        for member in names {
            let occurrence = seen[member, default: 0]
            seen[member] = occurrence + 1
            guard isChosen(member, pattern) else { continue }
            chosen.append(
                InputFile(
                    path: path, member: member, occurrence: occurrence,
                    name: name + ":" + member + (occurrence > 0 ? " (\(occurrence + 1))" : ""),
                    compression: kind, format: InputOptions.Format.of(member).0))
        }
        guard !chosen.isEmpty else {
            throw ReadError(.notFound, name: name, message: "there is no \(pattern ?? "file") in it")
        }
        return chosen.sorted { a, b in
            a.member == b.member
                ? a.occurrence < b.occurrence : isInNaturalOrder(a.member ?? "", b.member ?? "")
        }
    }

    private static func isChosen(_ member: String, _ pattern: String?) -> Bool {
        guard let pattern else { return !isHidden(member) }
        return unsafe member == pattern || fnmatch(pattern, member, 0) == 0
    }

    /// The sheets of a workbook: one, unless a pattern names several.
    private static func sheets(
        of file: InputFile, members: [String], _ options: InputOptions, _ pattern: String?
    ) throws(ReadError) -> [InputFile] {
        if let format = options.format, format != .csv {
            throw ReadError(
                .format, name: file.name,
                message: "it is an Excel workbook, not \(format.rawValue) as the job says")
        }
        let workbook = try Workbook.open(file.path, name: file.name, members: members)
        var sheets: [Workbook.Sheet]
        if let words = pattern ?? options.sheet {
            sheets = try workbook.choose(words) { unsafe fnmatch(words, $0, 0) == 0 }
        } else {
            sheets = [try workbook.only()]
        }
        return sheets.map { sheet in
            var input = InputFile(
                path: file.path, member: sheet.name, name: InputName.worksheet(file.name, sheet.name),
                compression: .zip, format: .csv)
            input.isWorksheet = true
            return input
        }
    }

    private static func refuseSheet(_ options: InputOptions, _ name: String) throws(ReadError) {
        guard let sheet = options.sheet else { return }
        throw ReadError(
            .format, name: name,
            message:
                "it is no Excel workbook, but a sheet is named for it (\(sheet)). Leave out `input.sheet`, or "
                + "name the sheet with the file, as in `FILE.xlsx:\(sheet)`")
    }

    private static func with(
        _ compression: InputOptions.Compression, _ file: InputFile, _ options: InputOptions
    ) throws(ReadError) -> InputFile {
        try refuseSheet(options, file.name)
        var file = file
        file.compression = compression
        file.format = InputOptions.Format.of(file.name).0
        return file
    }

    /// What archivers add of their own.
    private static func isHidden(_ member: String) -> Bool {
        member.hasPrefix("__MACOSX/") || member.split(separator: "/").last?.hasPrefix(".") == true
    }

    private static func exists(_ path: String) -> Bool { unsafe access(path, F_OK) == 0 }

    private static func isDirectory(_ path: String) -> Bool {
        var status = stat()
        return unsafe stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }

    private static func escaped(_ path: String) -> String {
        var result = ""
        for character in path {
            if "\\*?[]{}~".contains(character) { result.append("\\") }
            result.append(character)
        }
        return result
    }

    private static func glob(_ pattern: String) -> [String] {
        var found = unsafe glob_t()
        defer { unsafe globfree(&found) }
        guard unsafe Glibc.glob(pattern, GLOB_BRACE | GLOB_TILDE | GLOB_NOSORT, nil, &found) == 0
        else { return [] }
        return (0..<Int(unsafe found.gl_pathc)).compactMap { index in
            unsafe found.gl_pathv[index].map { unsafe String(cString: $0) }
        }
    }

    /// Runs of digits compare by value, everything else byte by byte.
    package static func isInNaturalOrder(_ a: String, _ b: String) -> Bool {
        let first = Array(a.utf8)
        let second = Array(b.utf8)
        var i = 0
        var j = 0
        while i < first.count, j < second.count {
            guard isDigit(first[i]), isDigit(second[j]) else {
                if first[i] != second[j] { return first[i] < second[j] }
                i += 1
                j += 1
                continue
            }
            let left = number(in: first, at: &i)
            let right = number(in: second, at: &j)
            if left.count != right.count { return left.count < right.count }
            if !left.elementsEqual(right) { return left.lexicographicallyPrecedes(right) }
        }
        let leftOver = (first.count - i, second.count - j)
        if leftOver.0 != leftOver.1 { return leftOver.0 < leftOver.1 }
        // Equal but for leading zeros.
        return first.lexicographicallyPrecedes(second)
    }

    /// The digits at `index` without leading zeros; moves behind them.
    private static func number(in bytes: [UInt8], at index: inout Int) -> ArraySlice<UInt8> {
        let start = index
        while index < bytes.count, isDigit(bytes[index]) { index += 1 }
        return bytes[start..<index].drop { $0 == 0x30 }
    }
}
