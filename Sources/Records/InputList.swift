import Glibc

/// From the patterns of a job to its inputs.
package enum InputList {
    /// The inputs that `patterns` name, each once, in the order of the patterns and, within one, in
    /// natural order (`file2` before `file10`). A zip or tar archive gives an input for each file in it.
    ///
    /// - Parameters:
    ///   - patterns: Paths, globs, `-` for standard input, or `archive.zip:member`, where the member may be
    ///     a glob.
    ///   - directory: What relative paths are relative to.
    /// - Throws: ``ReadError`` where a pattern names nothing, or a file cannot be opened.
    package static func resolve(
        _ patterns: [String], options: InputOptions, relativeTo directory: String
    ) throws(ReadError) -> [InputFile] {
        var result: [InputFile] = []
        for pattern in patterns {
            if pattern == "-" {
                if !result.contains(.standardInput) { result.append(.standardInput) }
                continue
            }
            for file in try inputs(matching: pattern, options: options, relativeTo: directory)
            where !result.contains(where: { $0.path == file.path && $0.member == file.member }) {
                result.append(file)
            }
        }
        return result
    }

    /// The inputs of the file at `path`: itself, or the files in it.
    ///
    /// For a file whose name says nothing, as standard input once it is spooled: `name` stands in messages.
    package static func inputs(
        at path: String, name: String, options: InputOptions, members pattern: String? = nil
    ) throws(ReadError) -> [InputFile] {
        let file = InputFile(path: path, name: name)
        let compression: InputOptions.Compression
        if options.compression == InputOptions.Compression.none {
            _ = try ByteSource.open(file)
            compression = .none
        } else {
            compression = .of(try ByteSource.head(of: file))
        }
        if let said = options.compression, said != compression, said != .tar || compression == .none {
            throw ReadError(
                .format, name: name,
                message: "it is not \(said.rawValue), as the job says, but \(compression.rawValue)")
        }
        guard compression != .none else { return [with(.none, file)] }
        let (kind, names) = try ArchiveStream.members(of: path, name: name)
        guard kind != .none else { return [with(compression, file)] }
        let wanted = names.filter { member in
            guard let pattern else { return !isHidden(member) }
            return unsafe member == pattern || fnmatch(pattern, member, 0) == 0
        }
        guard !wanted.isEmpty else {
            throw ReadError(.notFound, name: name, message: "there is no \(pattern ?? "file") in it")
        }
        return wanted.sorted(by: isInNaturalOrder).map { member in
            InputFile(
                path: path, member: member, name: name + ":" + member, compression: kind,
                format: InputOptions.Format.of(member).0)
        }
    }

    private static func with(_ compression: InputOptions.Compression, _ file: InputFile) -> InputFile {
        var file = file
        file.compression = compression
        file.format = InputOptions.Format.of(file.name).0
        return file
    }

    /// What archivers add of their own.
    private static func isHidden(_ member: String) -> Bool {
        member.hasPrefix("__MACOSX/") || member.split(separator: "/").last?.hasPrefix(".") == true
    }

    private static func inputs(
        matching pattern: String, options: InputOptions, relativeTo directory: String
    ) throws(ReadError) -> [InputFile] {
        let isRelative = !pattern.hasPrefix("/") && !pattern.hasPrefix("~")
        let base = isRelative && !directory.isEmpty ? directory + "/" : ""
        // A name that exists is that name, whatever characters are in it.
        if exists(base + pattern) {
            return try inputs(at: base + pattern, name: pattern, options: options)
        }
        let paths = glob(escaped(base) + pattern).filter { !isDirectory($0) }
        if !paths.isEmpty {
            var result: [InputFile] = []
            for path in paths.sorted(by: isInNaturalOrder) {
                let name = path.hasPrefix(base) ? String(path.dropFirst(base.count)) : path
                result += try inputs(at: path, name: name, options: options)
            }
            return result
        }
        if let colon = pattern.lastIndex(of: ":"), exists(base + pattern[..<colon]) {
            let archive = String(pattern[..<colon])
            return try inputs(
                at: base + archive, name: archive, options: options,
                members: String(pattern[pattern.index(after: colon)...]))
        }
        throw ReadError(
            .notFound, name: pattern,
            message: "no such file\(isRelative && !directory.isEmpty ? " in \(directory)" : "")")
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

    private static func isDigit(_ byte: UInt8) -> Bool { byte &- 0x30 < 10 }

    /// The digits at `index` without leading zeros; moves behind them.
    private static func number(in bytes: [UInt8], at index: inout Int) -> ArraySlice<UInt8> {
        let start = index
        while index < bytes.count, isDigit(bytes[index]) { index += 1 }
        return bytes[start..<index].drop { $0 == 0x30 }
    }
}
