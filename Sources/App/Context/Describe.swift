package import Catalog
import Foundation

/// Words for what a person should know of an org.
package enum Describe {
    /// What the system says is wrong with a file, without the wrapping.
    package static func trouble(_ error: any Error) -> String {
        let error = error as NSError
        let under = error.userInfo[NSUnderlyingErrorKey] as? NSError
        for one in [under, error].compactMap({ $0 }) where one.domain == NSPOSIXErrorDomain {
            return unsafe String(cString: strerror(Int32(one.code)))
        }
        return error.localizedDescription
    }

    package static func repeats(_ org: OrgSettings) -> String {
        switch org.billNumbers {
        case .unknown: "uniqueness of bill numbers not known: a resend needs evidence"
        case .none: "bill numbers not unique: a resend needs evidence"
        case .org: "bill numbers unique in the org"
        case .store: "bill numbers unique per store"
        case .till: "bill numbers unique per till"
        }
    }
}
