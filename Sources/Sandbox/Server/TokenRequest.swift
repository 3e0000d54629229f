import Records

/// The body of a token call. Source: API reference, "OAuth".
struct TokenRequest {
    var key: String
    var secret: String

    init?(_ body: [UInt8]) {
        var tape = JSONTape()
        guard (try? tape.parse(body, in: body.indices)) != nil, tape.count > 0,
            let key = tape.member("key", of: 0, in: body),
            let secret = tape.member("secret", of: 0, in: body)
        else { return nil }
        self.key = tape.text(of: key, in: body)
        self.secret = tape.text(of: secret, in: body)
    }
}
