import Catalog

/// Words for what a person should know of an org.
enum Describe {
    static func repeats(_ org: OrgSettings) -> String {
        switch org.billNumbers {
        case .unknown: "uniqueness of bill numbers not known: a resend needs evidence"
        case .none: "bill numbers not unique: a resend needs evidence"
        case .org: "bill numbers unique in the org"
        case .store: "bill numbers unique per store"
        case .till: "bill numbers unique per till"
        }
    }
}
