import Model

/// What a reply to a look-up means when it is not what was requested: never a miss, always a reason.
enum LookReply {
    static func unclear(_ reply: Reply, _ complaints: [Complaint] = []) -> Refusal {
        let first = complaints.first
        let reason: Reason
        switch reply.status {
        case 401: reason = .unauthorized
        case 403: reason = .forbidden
        case 404, 405, 415: reason = .notFound
        case 429: reason = .throttled
        case 200..<300: reason = .unboundAnswer
        case 500...599: reason = .serverTrouble
        default: reason = .unlistedStatus
        }
        return Refusal(
            reason, serverCode: first?.code ?? reply.status,
            message: first?.message ?? words(reply))
    }

    private static func words(_ reply: Reply) -> String {
        guard (200..<300).contains(reply.status) else {
            return "The look-up was answered with status \(reply.status)."
        }
        let what =
            if reply.body.isEmpty {
                "is empty"
            } else if reply.isPage {
                "is a web page, not JSON"
            } else if JSON(reply.body) == nil {
                "is not JSON, or is cut off"
            } else {
                "is JSON that does not say what was asked"
            }
        return "The reply to the look-up \(what) (HTTP status \(reply.status))."
    }
}

/// A query, in the order given; names are plain words already.
func query(_ parts: KeyValuePairs<String, String>) -> String {
    parts.map { $0.key + "=" + percentEncoded($0.value) }.joined(separator: "&")
}

/// A text as one segment of a path: `.` and `..` would lead elsewhere if they were there as they are.
func pathSegment(_ text: String) -> String {
    let encoded = percentEncoded(text)
    return [".", ".."].contains(encoded) ? encoded.replacing(".", with: "%2E") : encoded
}

/// All but letters, digits and `-._~` as `%XX`: good for a query value.
func percentEncoded(_ text: String) -> String {
    let hex = Array("0123456789ABCDEF".utf8)
    var result: [UInt8] = []
    for byte in text.utf8 {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F, 0x7E: result.append(byte)
        default: result += [UInt8(ascii: "%"), hex[Int(byte >> 4)], hex[Int(byte & 15)]]
        }
    }
    return String(decoding: result, as: UTF8.self)
}
