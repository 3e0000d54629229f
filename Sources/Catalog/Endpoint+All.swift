import Model

extension Endpoint {
    /// Every call sluice knows, by name.
    package static let all: [Endpoint] = [
        transactionsAdd, transactionsUpdate, storesAdd, storesUpdate, locationsStoresAdd,
        locationsStoresUpdate, tillsAdd, badgesImport, badgesEarn, badgesEnrol, cardsAdd, cardsUpdate,
        customersAdd, customersUpsert, customersRegister, customersUpdate, customersUpdateBy,
        customersStatus, customersChangeIdentifier, customersSubscribe, customersAddOlder,
        customersUpdateOlder, groupsAdd, groupsJoin, groupsLeave, companiesAdd, companiesUpdate,
        brandsAdd, brandsUpdate, categoriesAdd, categoriesUpdate, attributesAdd, attributesUpdate,
        skusAdd, skusUpdate, productsAddOlder,
        labelsAdd, labelsUpdate, labelsAssign, labelsReassign, labelsRemove, labelsChange,
        milestonesEnrol, milestonesUnenrol, couponsUpload, couponsUploadRedeemed, couponsIssue,
        couponsIssueMany, couponsRedeem,
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
        Suggestion.nearest(to: name, among: all.map(\.name))
    }
}
