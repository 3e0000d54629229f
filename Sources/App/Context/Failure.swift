import Engine
import Foundation
import Jobs
import Ledger
import Mapping
import Model
import Records
import Reports
import Transport

/// Why a command ends without its result: what, where, and what to do.
package struct Failure: Error {
    /// How the process ends.
    package var status: ExitStatus
    /// One line or several: what, where, and what to do.
    package var message: String

    package init(_ status: ExitStatus, _ message: String) {
        self.status = status
        self.message = message
    }

    /// What the layers throw, as a person and a script should see it; nil for what nobody expects.
    package init?(translating error: any Error) {
        switch error {
        case let error as LedgerError:
            let status: ExitStatus =
                switch error.code {
                case .full, .busy, .disk: .passing
                case .inconsistent, .damaged, .behind: .unbalanced
                case .networkFileSystem, .notWritable, .notOurs, .newer, .notFound: .usage
                case .other: .defect
                }
            self.init(status, error.text)
        case let error as RunStartError:
            let status: ExitStatus =
                switch error.code {
                case .authentication: .authentication
                case .unreachable: .passing
                case .scope, .input: .usage
                case .changed, .path: .stopped
                }
            self.init(status, error.text)
        case let error as Unbalanced: self.init(.unbalanced, error.text)
        case let error as ReadError: self.init(Self.status(of: error.code), error.description)
        case let error as InputError: self.init(Self.status(of: error.code), error.text)
        case let error as MappingError: self.init(.usage, "\(error)")
        case let error as JobError: self.init(.usage, "\(error)")
        case let error as OwnFile.Refused: self.init(.usage, error.text)
        case let error as TransportError:
            self.init(.usage, error.refused.map { "\(error): \($0.text)" } ?? "\(error)")
        case let error as NSError where Self.isOfFiles(error):
            let path = (error.userInfo[NSFilePathErrorKey] as? String).map { $0 + ": " } ?? ""
            self.init(
                .passing, path + SystemError.message(error) + ". Check the disk, then try again.")
        default: return nil
        }
    }

    private static func status(of code: ReadError.Code) -> ExitStatus {
        switch code {
        case .noRoom, .command: .passing
        case .unaccounted: .unbalanced
        case .changed: .stopped
        case .notFound, .system, .archive, .header, .encoding, .format, .resume: .usage
        }
    }

    /// Something that the system would not do with a file.
    private static func isOfFiles(_ error: NSError) -> Bool {
        switch error.domain {
        case NSPOSIXErrorDomain: true
        case NSCocoaErrorDomain: (512...640).contains(error.code)
        default: false
        }
    }
}

/// Errors of the operating system.
enum SystemError {
    /// What the system says is wrong with a file, without the wrapping.
    static func message(_ error: any Error) -> String {
        let error = error as NSError
        let under = error.userInfo[NSUnderlyingErrorKey] as? NSError
        for one in [under, error].compactMap({ $0 }) where one.domain == NSPOSIXErrorDomain {
            return unsafe String(cString: strerror(Int32(one.code)))
        }
        return error.localizedDescription
    }
}
