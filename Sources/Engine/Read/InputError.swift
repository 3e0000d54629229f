package import Model
package import Records

/// Why the rows of an input cannot be brought together, or are not what they were. What people read of it is in
/// Reports, `InputError+Text.swift`.
package struct InputError: Error, Equatable {
    package enum Problem: Equatable, Sendable {
        /// Other rows are there than when the run read it.
        case changedSinceRead
        case changedSinceStart(InputChange)
        case changedWhileRead
        /// It is empty, and the job refuses such.
        case empty
        // Of `join`.
        case noCSV
        /// A column that is not there, and what the reader of headers advises, or those that are there.
        case noColumn(String, advice: String)
        case hasNoColumn(String, columns: [String], near: String?)
        case rowOfNoRecord
        // Of groups.
        case mixedKinds
        case noMarks
        /// The encoding of the file that the record begins in has not all characters of the row.
        case encoding(home: String)
    }

    package let code: ReadError.Code
    /// The input's name for people.
    package let name: String
    /// Where the error starts, not where it was noticed.
    package let position: Position?
    package let problem: Problem

    init(_ code: ReadError.Code, name: String, position: Position? = nil, _ problem: Problem) {
        self.code = code
        self.name = name
        self.position = position
        self.problem = problem
    }
}
