import Model

enum BillSearch {
    static func start(_ member: TransactionEvidence, _ org: OrgSettings) -> SearchStep {
        .unclear(Refusal(.notFound))
    }
}
