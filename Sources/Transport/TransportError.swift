package import Model

/// Why no client could be made.
package struct TransportError: Error, Equatable, Sendable, CustomStringConvertible {
    package enum Code: Equatable, Sendable {
        /// libcurl cannot be started, or has no memory.
        case library
        /// The file shared by the processes of this host cannot be used.
        case gateFile
    }
    package let code: Code
    /// What, where, and what to do; where ``refused`` tells that, for what the file is.
    package let description: String
    /// Why the shared file is not used, where others may read or change it.
    package let refused: OwnFile.Refused?

    init(_ code: Code, _ description: String, refused: OwnFile.Refused? = nil) {
        self.code = code
        self.description = description
        self.refused = refused
    }
}
