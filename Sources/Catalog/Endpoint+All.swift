import Model

extension Endpoint {
    /// Every call sluice knows, by name.
    package static let all: [Endpoint] = [
        transactionsAdd, transactionsUpdate, storesAdd, badgesImport, cardsAdd, cardsUpdate,
        customersAdd, customersUpsert, skusAdd, skusUpdate,
        labelsAssign, milestonesEnrol, milestonesUnenrol, couponsIssue,
    ]

    /// The endpoint of that name, as a job gives it.
    package static func named(_ name: String) -> Endpoint? { all.first { $0.name == name } }

    /// The name that was probably meant, for a message.
    package static func suggestion(for name: String) -> String? {
        Suggestion.nearest(to: name, among: all.map(\.name))
    }
}
