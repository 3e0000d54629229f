import Records

/// Why a mapping cannot be used on an input: a mistake of the job, before any record.
package struct MappingError: Error, Equatable, Sendable, CustomStringConvertible {
    package enum Code: Equatable, Sendable {
        /// A column that the input does not have.
        case unknownColumn
        /// A date format, zone, template or separator that makes no sense.
        case badRule
    }

    package var code: Code
    /// As in `record.fields.billNumber`.
    package var place: String
    /// In the job file, where known.
    package var line: Int?
    package var message: String
    /// What was probably meant.
    package var suggestion: String?

    package init(
        _ code: Code, at place: String, line: Int? = nil, message: String, suggestion: String? = nil
    ) {
        self.code = code
        self.place = place
        self.line = line
        self.message = message
        self.suggestion = suggestion
    }

    /// `record.fields.billNumber (line 12 of the job): the input has no column “bil_no”. … Did you mean
    /// “bill_no”?`
    package var description: String {
        place + (line.map { " (line \($0) of the job)" } ?? "") + ": " + message
            + (suggestion.map { " Did you mean “\($0)”?" } ?? "")
    }
}

extension MappingError {
    /// The same without the names of columns where none is one that the job knows: they may be data of a file
    /// without a header.
    func hidingData(_ columns: [String]?, known: [String]) -> MappingError {
        guard code == .unknownColumn, let columns, !columns.isEmpty,
            !HeaderLook.hasAny(of: known, in: columns), !HeaderLook.isData(columns)
        else { return self }
        return MappingError(
            code, at: place, line: line, message: HeaderLook.nothingKnown)
    }
}
