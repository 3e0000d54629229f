/// One HTTP request, ready to leave. It carries no credentials: those are the sender's.
package struct Request: Sendable, Equatable {
    /// Of HTTP. The raw values are sent.
    package enum Method: String, Sendable {
        case get = "GET", post = "POST", put = "PUT", delete = "DELETE"
    }
    /// Which of a connection's base URLs it goes to.
    package enum Host: Sendable { case api, coupon }

    /// Of HTTP.
    package var method: Method
    /// Which of the connection's servers takes it.
    package var host: Host
    /// Path and query, percent-encoded, beginning with `/`.
    package var target: String
    /// Beyond those the sender adds itself (authorization, content length, user agent).
    package var headers: [Header]
    /// The bytes as they are sent or as they came; empty: none.
    package var body: [UInt8]
    /// A repeat of it by anything below the engine could do the work twice, or undo what is newer: it is sent once.
    package var adds: Bool
    /// Bytes of the longest reply that is read; the sender's own limit where nothing is said.
    package var replyLimit: Int?
    /// Of its call, where that has one of its own.
    package var limit: CallLimit?

    package init(
        _ method: Method, _ target: String, host: Host = .api, headers: [Header] = [],
        body: [UInt8] = [], adds: Bool = false, replyLimit: Int? = nil
    ) {
        self.replyLimit = replyLimit
        self.method = method
        self.host = host
        self.target = target
        self.headers = headers
        self.body = body
        self.adds = adds
    }
}

/// A header of a request or a reply. Names are compared without regard to case.
package struct Header: Sendable, Equatable {
    /// As written; compared without regard to case.
    package var name: String
    /// Without the white space around it.
    package var value: String

    package init(_ name: String, _ value: String) {
        self.name = name
        self.value = value
    }
}

/// What came back, unparsed.
package struct Reply: Sendable, Equatable {
    /// Of HTTP, 100...599.
    package var status: Int
    /// In the order in which they came or go.
    package var headers: [Header]
    /// The bytes as they are sent or as they came; empty: none.
    package var body: [UInt8]

    package init(status: Int, headers: [Header] = [], body: [UInt8] = []) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    /// The first header of that name, whatever its case.
    package func header(_ name: String) -> String? {
        headers.first { $0.name.lowercased() == name.lowercased() }?.value
    }

    /// The server's id of the call, under either of its spellings.
    ///
    /// Source: Access, Response headers.
    package var requestID: String? { header("X-CAP-REQUEST-ID") ?? header("X-Cap-Requestid") }
}
