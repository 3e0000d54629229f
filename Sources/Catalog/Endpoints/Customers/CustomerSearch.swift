package import Model

/// The look-up that gives the server's number of a customer: `GET /v2/customers/lookup`.
///
/// Source: Customers, Look up a customer. One customer a call; a list with commas names several
/// identifiers of one customer, so a value with a comma in it is never requested.
package enum CustomerSearch {
    /// What `by` may be.
    package static let identifiers = Customers.identifierTypes
    /// What `source` may be; the last finds profiles of any. Source: Customers, Read a customer.
    package static let sources = Customers.sources + ["ALL"]
    /// The source where a job names none.
    package static let usualSource = "INSTORE"

    /// What a reply says: the customer's number, as a text of digits, or why there is none.
    package enum Answer: Sendable, Equatable {
        case number(String)
        /// No such customer, or no fit name for one: what is wrong with the record.
        case refused(Refusal)
        /// It says nothing of this customer: whoever asks has to ask again.
        case unclear(Refusal)
    }

    /// - Parameters:
    ///   - identifier: One of ``identifiers``.
    ///   - source: One of ``sources``.
    ///   - account: Where the source has several accounts.
    package static func request(
        by identifier: String, _ value: String, source: String, account: String?
    ) -> Request {
        var target =
            "/v2/customers/lookup?"
            + query([
                "source": source, "identifierName": identifier, "identifierValue": value,
            ])
        if let account { target += "&" + query(["accountId": account]) }
        return Request(.get, target)
    }

    /// Unconfirmed: whether a miss is 8015 alone; the table has two more codes that say so.
    package static func read(_ reply: Reply, by identifier: String) -> Answer {
        guard ![401, 403, 429].contains(reply.status), reply.status < 500,
            let json = JSON(reply.body), json.isObject(json.root)
        else { return .unclear(LookReply.unclear(reply)) }
        let complaints = json.complaints(json.member("errors", of: json.root))
        guard let first = complaints.first else {
            guard (200..<300).contains(reply.status) else {
                return .unclear(LookReply.unclear(reply))
            }
            if let id = json.scalar(json.member("entity", of: json.root)), (Int(id) ?? 0) > 0 {
                return .number(id)
            }
            let words = "The look-up of the customer returned no id and no error."
            return .refused(Refusal(.gaveUp, message: words))
        }
        guard complaints.allSatisfy({ [8015, 8009, 8065].contains($0.code) }) else {
            return .refused(
                Refusal(.refusedValue, serverCode: first.code, message: first.message))
        }
        return .refused(unknown(by: identifier, code: first.code))
    }

    /// What is wrong with a record whose customer the server does not know.
    package static func unknown(by identifier: String, code: Int? = nil) -> Refusal {
        Refusal(
            .customerUnknown, serverCode: code,
            message: "The server knows no customer with this \(identifier).")
    }

    /// What is wrong with a value that would name several customers.
    package static var several: Refusal {
        Refusal(
            .refusedValue,
            message: "A comma would name several identifiers; expected one customer.")
    }
}
