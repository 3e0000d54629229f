/// Why a job or connection file cannot be used.
package struct JobError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The job or connections file, as it was named.
    package var file: String
    /// From 1; nil where the file as a whole is meant.
    package var line: Int?
    /// Counted from 1; nil where the whole file is meant.
    package var column: Int?
    /// What is wrong, and what was expected.
    package var message: String
    /// What was probably meant.
    package var suggestion: String?

    package init(
        file: String, line: Int? = nil, column: Int? = nil, message: String, suggestion: String? = nil
    ) {
        self.file = file
        self.line = line
        self.column = column
        self.message = message
        self.suggestion = suggestion
    }

    /// `jobs/bills.yaml:12:5: there is no key “in_fligt” here. Did you mean “in_flight”?`
    package var description: String {
        let place = [file, line.map(String.init), column.map(String.init)].compactMap { $0 }
        return place.joined(separator: ":") + ": " + message
            + (suggestion.map { " Did you mean “\($0)”?" } ?? "")
    }
}
