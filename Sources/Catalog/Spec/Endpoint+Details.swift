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
            let parts: [Substring] = bill.attributionKind.lowercased().split(separator: "_")
            let kind: String = parts.first.map { String($0) } ?? "store"
            details.append("\(kind) \(bill.attributionCode)")
        }
        if let instant = bill.instant { details.append("billed \(instant.timestamp.iso8601)") }
        if !bill.type.isEmpty {
            details.append(bill.returnType.isEmpty ? bill.type : "\(bill.type) (\(bill.returnType))")
        }
        return details
    }
}

extension Endpoint {
    /// What is wrong with an item of this size; nil where it fits into a request.
    package func tooLarge(_ bytes: Int) -> Refusal? {
        guard bytes > chunk.bodyLimit else { return nil }
        return Refusal(
            .tooLarge, message: "the item has \(bytes) bytes; the limit is \(chunk.bodyLimit)")
    }
}
