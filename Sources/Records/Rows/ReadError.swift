package import Model

/// Why a source could not be opened or read any further.
///
/// A row that cannot be read is not an error but a ``Row`` with a problem.
package struct ReadError: Error, Equatable, Sendable, CustomStringConvertible {
    package enum Code: Equatable, Sendable {
        /// No such file, or no file of such a name.
        case notFound
        /// The system refused; its `errno`.
        case system(Int32)
        /// The compressed bytes are damaged, cut, or followed by something else.
        case archive
        /// It is not what it was when reading began.
        case changed
        /// There is no room for keeping what cannot be read twice.
        case noRoom
        /// The bytes accounted for are not the bytes that were read: a defect.
        case unaccounted
        /// The header cannot be read.
        case header
        /// The encoding is not one of those read.
        case encoding
        /// The input does not have the format that was said.
        case format
        /// The program whose output is read did not start, or failed.
        case command
        /// The place to continue at is not in this input.
        case resume
    }

    package var code: Code
    /// The input's name for people.
    package var name: String?
    /// Where the error starts, not where it was noticed.
    package var position: Position?
    /// What, and what to do.
    package var message: String

    package init(_ code: Code, name: String? = nil, position: Position? = nil, message: String) {
        self.code = code
        self.name = name
        self.position = position
        self.message = message
    }

    /// `orders.csv:1048: …`
    package var description: String {
        var place = ""
        if let name, let position {
            place = InputName.place(name, line: position.line) + ":"
        } else if let name {
            place = InputName.bare(name) + ":"
        } else if let position {
            place = "\(position.line):"
        }
        return place.isEmpty ? message : place + " " + message
    }
}
