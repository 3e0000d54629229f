package import Records

extension InputOptions {
    /// What `--delimiter` and `--encoding` say of a file.
    package mutating func take(
        delimiter: String?, encoding: String?, sheet: String? = nil
    ) throws {
        self.sheet = sheet ?? self.sheet
        if let delimiter {
            let words = ["comma": ",", "semicolon": ";", "tab": "\t", "pipe": "|"]
            let bytes = Array((words[delimiter] ?? delimiter).utf8)
            guard bytes.count == 1, bytes[0] < 0x80, ![0, 0x0A, 0x0D, 0x22].contains(bytes[0]) else {
                throw Failure(
                    .usage, "--delimiter takes one character, or comma, semicolon, tab or pipe.")
            }
            self.delimiter = bytes[0]
        }
        if let encoding {
            guard let known = Encoding(rawValue: encoding) else {
                throw Failure(
                    .usage,
                    "--encoding: expected one of \(Encoding.allCases.map(\.rawValue).joined(separator: ", "))."
                )
            }
            self.encoding = known
        }
    }
}
