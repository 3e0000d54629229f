import Engine
import Jobs
import Ledger
import Mapping
import Model
import Records
import Transport

/// Why a command ends without its result: what, where, and what to do.
struct Failure: Error {
    var status: ExitStatus
    var message: String

    init(_ status: ExitStatus, _ message: String) {
        self.status = status
        self.message = message
    }

    /// What the layers throw, as a person and a script should see it; nil for what nobody expects.
    init?(translating error: any Error) {
        switch error {
        case let error as LedgerError:
            let status: ExitStatus =
                switch error.code {
                case .full, .busy: .passing
                case .inconsistent: .unbalanced
                default: .usage
                }
            self.init(status, error.description)
        case let error as LaunchError:
            let status: ExitStatus =
                switch error.code {
                case .authentication: .authentication
                case .unreachable: .passing
                case .scope, .input: .usage
                }
            self.init(status, error.description)
        case let error as ReadError: self.init(.usage, error.description)
        case let error as MappingError: self.init(.usage, "\(error)")
        case let error as JobError: self.init(.usage, "\(error)")
        case let error as TransportError: self.init(.usage, "\(error)")
        default: return nil
        }
    }
}
