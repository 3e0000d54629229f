/// One stream of rows: a file, a member of an archive, or standard input.
package struct InputFile: Sendable, Equatable {
    /// Where its bytes are; `-` for standard input.
    package var path: String
    /// Its name within the zip or tar archive at `path`.
    package var member: String?
    /// For people: `orders.csv`, `a.zip:inner.csv`, `standard input`.
    package var name: String
    /// As detected; `.none` for plain bytes, which can be sought in.
    package var compression: InputOptions.Compression
    /// Where reading ends, in bytes of a plain file: what is appended later is for another run. Nil: at
    /// its end, wherever that is then.
    package var end: Int?
    /// As far as the name tells; nil leaves it to the content.
    package var format: InputOptions.Format?

    package init(
        path: String, member: String? = nil, name: String? = nil,
        compression: InputOptions.Compression = .none, format: InputOptions.Format? = nil
    ) {
        self.path = path
        self.member = member
        self.name = name ?? member.map { path + ":" + $0 } ?? path
        self.compression = compression
        self.format = format
    }

    /// Standard input, read as it comes: it cannot be resumed.
    package static let standardInput = InputFile(path: "-", name: "standard input")

    package var isStandardInput: Bool { path == "-" }
    /// Whether a resume has to decompress what it skips.
    package var isCompressed: Bool { compression != .none }
}
