package import Model

/// What a job says of its input. Whatever is nil is detected, from content and name.
package struct InputOptions: Sendable, Equatable {
    package enum Format: String, Sendable, CaseIterable {
        case csv
        /// One JSON text a line.
        case jsonl
        /// One large array; its elements are the rows.
        case jsonArray = "json-array"
        /// JSON values one after the other, over as many lines as they like.
        case json
    }

    package enum Encoding: String, Sendable, CaseIterable {
        case utf8 = "utf-8"
        /// With a byte order mark; without one, the order its zero bytes suggest.
        case utf16 = "utf-16"
        case windows1252 = "windows-1252"
        case latin1 = "latin-1"
    }

    package enum Compression: String, Sendable, CaseIterable {
        case none, gzip, zstd, xz, bzip2, lz4, zip, tar
    }

    /// Where the names of CSV columns come from.
    package enum Header: Sendable, Equatable {
        case firstRow
        /// The file has no header; these are the names.
        case names([String])
        /// The file has no header; columns are called `column_1`, `column_2`, …
        case none
    }

    /// What becomes of a file with nothing in it.
    package enum EmptyFiles: String, Sendable, CaseIterable {
        /// It is passed over in silence.
        case skip
        /// It is passed over, and that is said.
        case warn
        /// Nothing is started.
        case fail
    }

    /// What a quote at the beginning of a CSV field means.
    package enum Quote: String, Sendable, CaseIterable {
        /// As `double`; but a quoted field is refused whose lines are rows by themselves: a stray quote joins them.
        case auto
        /// The field continues up to the next quote alone (RFC 4180).
        case double
        /// Nothing: the file does not quote.
        case none
    }

    package var format: Format?
    package var compression: Compression?
    /// Of CSV; one ASCII byte other than a quote, a line end or NUL.
    package var delimiter: UInt8?
    package var encoding: Encoding?
    package var header: Header
    /// Nil: none is known to mean null.
    package var nulls: NullWords?
    package var quote: Quote
    /// How rows are told apart.
    package var rules: Ruleset
    /// The longest field read, in bytes, 1...2^26; also how far the end of a quoted field is looked for.
    package var fieldLimit: Int
    /// How deep JSON may nest, 1...512.
    package var depthLimit: Int
    package var emptyFiles = EmptyFiles.warn
    /// Lines before the header, or before the first row, that belong to no row.
    package var skip = 0
    /// Rows at the end that are none: totals, signatures. At most ``mostOfFooter``.
    package var footer = 0
    /// Of CSV: lines that begin with it are no rows; empty: there are none.
    package var comment: [UInt8] = []
    /// Of CSV, in the place of `delimiter`: what parts cells, where that takes several bytes.
    package var separator: [UInt8] = []
    /// Of CSV: what a quote is.
    package var quoteMark = UInt8(ascii: "\"")
    /// Of CSV: takes the meaning of the character after it, in quotes and without.
    package var escape: UInt8?
    /// Of a workbook: the name or the number of the sheet; nil: the only one.
    package var sheet: String?
    /// Of JSON: where in one large object the array of rows is, by the names of members.
    package var path: [String] = []

    /// A program whose output is the input, in the place of files.
    package var command: InputCommand?

    package static let mostOfFooter = 1000

    package init(
        format: Format? = nil, compression: Compression? = nil, delimiter: UInt8? = nil,
        encoding: Encoding? = nil, header: Header = .firstRow, nulls: NullWords? = nil,
        quote: Quote = .auto, rules: Ruleset = .current, fieldLimit: Int = 1 << 20, depthLimit: Int = 64
    ) {
        self.nulls = nulls
        self.quote = quote
        self.rules = rules
        self.format = format
        self.compression = compression
        self.delimiter = delimiter
        self.encoding = encoding
        self.header = header
        self.fieldLimit = fieldLimit
        self.depthLimit = depthLimit
    }

    /// The same for files that are written for sending records again: plain, with a header, and of a kind that
    /// their names tell.
    package var ofRetry: InputOptions {
        var options = self
        options.format = nil
        options.compression = InputOptions.Compression.none
        options.header = .firstRow
        options.takeAll()
        return options
    }

    /// The same for a file that two kinds of files were brought together in.
    package var ofJoined: InputOptions {
        var options = self
        options.format = .csv
        options.compression = InputOptions.Compression.none
        options.delimiter = UInt8(ascii: ",")
        options.encoding = .utf8
        options.header = .firstRow
        options.quote = .double
        options.takeAll()
        options.separator = []
        options.quoteMark = UInt8(ascii: "\"")
        options.escape = nil
        return options
    }

    /// A file is read, and all lines of it but the header are its rows.
    package mutating func takeAll() {
        skip = 0
        footer = 0
        comment = []
        path = []
        sheet = nil
        command = nil
    }

    /// The longest row or JSON text read, in bytes; a longer one is an unreadable span.
    package var rowLimit: Int { min(fieldLimit, 1 << 26) * 16 }
}
