package import Catalog

extension OrgSettings {
    /// Where the org's bill numbers are unique, and what that means for a resend.
    package var billNumberText: String {
        switch billNumbers {
        case .unknown: "not known whether bill numbers are unique: a resend needs evidence"
        case .none: "bill numbers not unique: a resend needs evidence"
        case .org: "bill numbers unique in the org"
        case .store: "bill numbers unique per store"
        case .till: "bill numbers unique per till"
        }
    }
}
