/// Reads the rows of one input.
///
/// Not `Sendable`: one task reads at a time.
package final class RowReader {
    package let file: InputFile
    /// What was said and what was detected: no nil is left in it.
    package let options: InputOptions
    /// The names of the CSV columns, no two alike; nil for JSON.
    package let columns: [String]?
    /// What is worth saying once: columns renamed, an encoding that the content contradicts.
    package let notes: [String]
    /// Of everything this reader has read; starts where the resume did.
    package private(set) var account: ByteAccount

    private init(
        file: InputFile, options: InputOptions, columns: [String]?, notes: [String],
        account: ByteAccount
    ) {
        self.file = file
        self.options = options
        self.columns = columns
        self.notes = notes
        self.account = account
    }

    /// Opens `file`, detects what `options` leave open, and reads the header.
    ///
    /// - Parameters:
    ///   - index: What `Position.file` will be.
    ///   - resume: Where to go on; nil is the beginning. A plain file is sought in, a compressed one
    ///     is decompressed up to there.
    /// - Throws: ``ReadError`` if it cannot be opened, or has no readable header.
    package static func open(
        _ file: InputFile, index: Int, options: InputOptions, from resume: Resume? = nil
    ) throws(ReadError) -> RowReader {
        throw ReadError(.notFound, message: "not built yet")
    }

    /// The same for bytes in memory. `readSizes` are the sizes of the stretches they arrive in, used
    /// over and over; none: all at once.
    package static func open(
        bytes: [UInt8], name: String, index: Int = 0, options: InputOptions,
        from resume: Resume? = nil, readSizes: [Int] = []
    ) throws(ReadError) -> RowReader {
        throw ReadError(.notFound, message: "not built yet")
    }

    /// Replaces what is in `block` by the next rows.
    ///
    /// - Parameter rows: How many at most, at least 1; fewer where they are large.
    /// - Returns: False at the end: the block holds no row then, but its account may cover blank bytes.
    /// - Throws: ``ReadError`` if the input cannot be read on. The rows before that place were given.
    package func read(into block: inout RowBlock, rows: Int) throws(ReadError) -> Bool {
        false
    }
}
