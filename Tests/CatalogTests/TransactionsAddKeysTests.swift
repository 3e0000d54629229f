import Model
import Testing

@testable import Catalog

@Suite struct TransactionsAddKeysTests {
    @Test func plainSaleIsFit() throws {
        let sale = try prepare(bill())
        #expect(sale.problems == [])
        let evidence = TransactionEvidence(sale.evidence)
        #expect(evidence.billNumber == "R-20260203-0001")
        #expect(evidence.type == "REGULAR")
        #expect(evidence.amount == "42.5")
        #expect(evidence.instant?.offset == 0)
        #expect(sale.orderKeys.count == 2)
        #expect(TransactionEvidence(evidence.evidence) == evidence)
    }
}
