/// Why no client could be made.
package struct TransportError: Error, Equatable, Sendable, CustomStringConvertible {
    package enum Code: Equatable, Sendable {
        /// libcurl cannot be started, or has no memory.
        case library
        /// The file shared by the processes of this host cannot be used.
        case gateFile
    }
    package let code: Code
    /// What, where, and what to do.
    package let description: String

    init(_ code: Code, _ description: String) {
        self.code = code
        self.description = description
    }
}
