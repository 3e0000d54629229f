import Model

extension Endpoint {
    /// Every call sluice knows, by name.
    package static let all: [Endpoint] = [
        transactionsAdd, transactionsUpdate, transactionsDelivery, storesAdd, storesUpdate,
        locationsStoresAdd,
        locationsStoresUpdate, tillsAdd, tillsUpdate, badgesImport, badgesEarn, badgesEnrol,
        badgesRevoke, badgesUnenrol, cardsAdd, cardsUpdate, cardsExternalID,
        customersAdd, customersUpsert, customersRegister, customersUpdate, customersUpdateBy,
        customersStatus, customersChangeIdentifier, customersSubscribe, customersAddOlder,
        customersUpdateOlder, customersAssociate, customersAddNote,
        customersUpdateNote, customersPreferences, groupsAdd, groupsUpdate, groupsJoin, groupsLeave,
        companiesAdd, companiesUpdate,
        brandsAdd, brandsUpdate, categoriesAdd, categoriesUpdate, attributesAdd, attributesUpdate,
        skusAdd, skusUpdate, productsAddOlder,
        labelsAdd, labelsUpdate, labelsAssign, labelsReassign, labelsRemove, labelsChange,
        milestonesEnrol, milestonesUnenrol, couponsUpload, couponsUploadRedeemed, couponsIssue,
        couponsIssueMany, couponsRedeem, couponsRevoke, couponsExpiry, couponsReactivate,
        rewardsIssue, promotionsIssue, promotionsEarn, promotionsGrant, promotionsRevoke,
        promotionsEnrol,
        partnersLink, partnersUpdate, partnersDelink, currencyAllocate, pointsExpiry,
        pointsTransfer, pointsDeduct, pointsRedeem, pointsReverse, groupsTransfer, deletionsRequest,
        pointsRedeemOlder, customersSubscribeOlder, customersRequestIdentifier, requestsAdd, tasksAdd,
        tasksUpdate, transactionsRetro,
    ]

    /// The endpoint of that name, as a job gives it.
    package static func named(_ name: String) -> Endpoint? { all.first { $0.name == name } }

    /// The name that was probably meant, for a message.
    package static func suggestion(for name: String) -> String? {
        let names = all.map(\.name)
        if let near = Suggestion.nearest(to: name, among: names) { return near }
        // Another word for what is done: a call of the same resource.
        let parts = name.split(separator: ".", maxSplits: 1)
        guard parts.count == 2 else { return nil }
        let resources: Set<String> = Set(names.map { name in String(name.prefix { $0 != "." }) })
        guard let resource = Suggestion.nearest(to: String(parts[0]), among: resources.sorted()) else {
            return nil
        }
        let calls: [String] = names.filter { $0.hasPrefix("\(resource).") }
        if let near = Suggestion.nearest(to: "\(resource).\(parts[1])", among: calls) { return near }
        return calls.contains("\(resource).add") ? "\(resource).add" : calls.first
    }
}
