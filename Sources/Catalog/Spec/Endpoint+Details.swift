package import Model

extension Endpoint {
    /// What tells a record from others that have its key: for a bill, its store or till, its date and its type.
    package func details(_ evidence: Evidence) -> [String] {
        guard name == Endpoint.transactionsAdd.name else {
            return []
        }
        let bill = TransactionEvidence(evidence)
        var details: [String] = []
        if !bill.attributionCode.isEmpty {
            let kind = bill.attributionKind.lowercased().split(separator: "_").first ?? ""
            details.append("\(kind.isEmpty ? "store" : String(kind)) \(bill.attributionCode)")
        }
        if let instant = bill.instant { details.append("billed \(instant.timestamp.iso8601)") }
        if !bill.type.isEmpty {
            details.append(bill.returnType.isEmpty ? bill.type : "\(bill.type) (\(bill.returnType))")
        }
        return details
    }
}
