/// Where the API is, who we are there, and how fast we may go.
package struct Connection: Sendable, Equatable {
    /// How the API knows us.
    package enum Authentication: Sendable, Equatable {
        /// Key and secret are read from files when first needed.
        case oauth(keyFile: String, secretFile: String)
        case basic(username: String, passwordFile: String)
        case none
    }

    /// As in the file of connections.
    package var name: String
    /// Scheme, host and port, perhaps a path; without a slash at its end.
    package var baseURL: String
    /// Where the coupon service lives; the base URL when nil.
    package var couponURL: String?
    /// How requests are signed; secrets stay in their files.
    package var authentication: Authentication
    /// The store or till of requests that name none; nil: the credentials' own.
    package var attribution: Attribution?
    /// Nil where nothing limits.
    package var rate: Rate?
    /// Whether the limits that the API publishes for single calls hold: not where the connection says
    /// `rate: none`, also when a job sets a rate of its own.
    package var honorsCallLimits = true
    /// The share of the rate left to others, 0..<1.
    package var headroom: Double
    /// The org, where the server does not tell it.
    package var org: String?
    /// For the TCP and TLS handshakes together.
    package var connectTimeout: Duration
    /// From the first byte out to the last byte in. Longer than the gateway's own limit, so that
    /// the server's verdict comes first. Source: Limits, Timeouts.
    package var timeout: Duration
    /// A file of certificates to trust besides the system's.
    package var certificateFile: String?
    /// A file with the salt of hashed fields.
    package var saltFile: String?
    /// Sent with every request that does not have one of that name itself.
    package var headers: [Header] = []
    /// Secrets may be in files that others can read.
    package var allowsReadableSecrets = false

    package init(
        name: String, baseURL: String, couponURL: String? = nil,
        authentication: Authentication = .none, attribution: Attribution? = nil,
        rate: Rate? = .init(requests: 90, per: .seconds(60)), headroom: Double = 0,
        org: String? = nil, connectTimeout: Duration = .seconds(10),
        timeout: Duration = .seconds(75), certificateFile: String? = nil, saltFile: String? = nil
    ) {
        self.name = name
        self.baseURL = baseURL
        self.couponURL = couponURL
        self.authentication = authentication
        self.attribution = attribution
        self.rate = rate
        self.headroom = headroom
        self.org = org
        self.connectTimeout = connectTimeout
        self.timeout = timeout
        self.certificateFile = certificateFile
        self.saltFile = saltFile
    }
}

extension Connection {
    /// The files with its key, secret or password.
    package var secretFiles: [String] {
        switch authentication {
        case .none: []
        case .basic(_, let passwordFile): [passwordFile]
        case .oauth(let keyFile, let secretFile): [keyFile, secretFile]
        }
    }
}

/// This many requests in any stretch of that length.
package struct Rate: Sendable, Hashable {
    /// At least 1.
    package var requests: Int
    /// Above zero.
    package var interval: Duration

    package init(requests: Int, per interval: Duration) {
        self.requests = requests
        self.interval = interval
    }

    /// The slower of two; the other where one is nil.
    package static func slower(_ a: Rate?, _ b: Rate?) -> Rate? {
        guard let a, let b else { return a ?? b }
        return a.requestsPerSecond <= b.requestsPerSecond ? a : b
    }

    private var requestsPerSecond: Double {
        Double(requests) / max(1e-3, interval / .seconds(1))
    }
}

/// What the API allows of one call, beside what the connection allows of all of them.
package struct CallLimit: Sendable, Hashable {
    /// Method and path, as they are published.
    package var call: String
    /// At most this many of the call.
    package var rate: Rate
    /// The page of the API reference that publishes it.
    package var source: String

    package init(_ call: String, _ rate: Rate, source: String) {
        self.call = call
        self.rate = rate
        self.source = source
    }
}

/// The store or till a request is booked on.
///
/// Source: Access, Request headers. With OAuth only.
package struct Attribution: Sendable, Hashable {
    /// What the code names. The raw values are the API's.
    package enum Kind: String, Sendable, CaseIterable {
        case till = "TILL", storeCode = "STORE_CODE", storeName = "STORE_NAME"
        case storeExternalID = "STORE_EXTERNAL_ID"
        case storeExternalID1 = "STORE_EXTERNAL_ID_1", storeExternalID2 = "STORE_EXTERNAL_ID_2"
    }
    /// What ``code`` names.
    package var kind: Kind
    /// The code or name of the store or till, as the org has it.
    package var code: String

    package init(kind: Kind, code: String) {
        self.kind = kind
        self.code = code
    }

    /// The two request headers that say it.
    package var headers: [Header] {
        [
            Header("X-CAP-API-ATTRIBUTION-ENTITY-TYPE", kind.rawValue),
            Header("X-CAP-API-ATTRIBUTION-ENTITY-CODE", code),
        ]
    }
}
