import Foundation

/// Answers that come from in front of the API: nothing in them is of the endpoint's own form.
enum Gateway {
    /// What a fault that refuses a request before the work answers; nil if it is none of those.
    static func refusal(_ trouble: Trouble, now: Int64) -> Answer? {
        switch trouble.fault.kind {
        case .throttle:
            var answer = Answer(status: 429, text: #"{"message":"API rate limit exceeded"}"#)
            if let value = retryAfter(trouble, now: now) {
                answer.headers.append(("Retry-After", value))
            }
            return answer
        case .errorBefore: return error(trouble)
        // Source: API reference, "Authorisation".
        case .unavailable:
            return Answer(
                status: 503, text: #"{"errorCode":4001,"message":"authorisation state unknown"}"#)
        case .forbidden:
            return Answer(status: 403, text: #"{"errorCode":4000,"message":"access denied"}"#)
        case .forbiddenField: return .error(403, code: 403, "mandatory field missing: source")
        case .unauthorized: return .error(401, code: 401, "authentication failed")
        case .notFound: return html(404, "Not Found")
        case .maintenance: return html(200, "We will be back soon")
        case .busy: return .error(521, code: 521, "several actions at work on the same customer")
        case .badRequest:
            return trouble.fault.body == .empty
                ? Answer(status: 400) : .error(400, code: 400, "bad input")
        // Source: API handbook, import badges and upload coupons: an empty object.
        case .bare400:
            let isEmpty = trouble.fault.body.map { $0 == .empty } ?? (trouble.pick(2, salt: 4) == 0)
            return isEmpty ? Answer(status: 400) : Answer(status: 400, text: "{}")
        case .batchTooLarge:
            let code = trouble.fault.code ?? 1060
            return .error(
                trouble.fault.status ?? 400, code: code,
                code == 672 ? "batch limit exceeded" : "batch too large")
        default: return nil
        }
    }

    static func error(_ trouble: Trouble) -> Answer {
        let statuses = [500, 502, 503, 504, 520, 521]
        let status = trouble.fault.status ?? statuses[trouble.pick(statuses.count, salt: 1)]
        let bodies = Fault.GatewayBody.allCases
        switch trouble.fault.body ?? bodies[trouble.pick(bodies.count, salt: 2)] {
        case .empty: return Answer(status: status)
        case .html: return html(status, "Trouble at the gateway")
        case .half: return Answer(status: status, text: #"{"response":[{"entityId":7000000"#)
        case .json: return Answer(status: status, text: #"{"message":"upstream trouble"}"#)
        }
    }

    private static func html(_ status: Int, _ title: String) -> Answer {
        var answer = Answer(
            status: status,
            text:
                "<!DOCTYPE html><html><head><title>\(title)</title></head><body><h1>\(title)</h1></body></html>"
        )
        answer.isHTML = true
        return answer
    }

    private static func retryAfter(_ trouble: Trouble, now: Int64) -> String? {
        switch trouble.fault.retryAfter {
        case .none?: return nil
        case .seconds(let seconds)?: return String(seconds)
        case .absurd?: return ["99999999", "-1", "soon", "1e9"][trouble.pick(4, salt: 3)]
        case .date?:
            let formatter = DateFormatter()
            formatter.locale = Locale(identifier: "en_US_POSIX")
            formatter.timeZone = TimeZone(identifier: "GMT")
            formatter.dateFormat = "EEE, dd MMM yyyy HH:mm:ss 'GMT'"
            return formatter.string(from: Date(timeIntervalSince1970: Double(now) / 1000 + 2))
        case nil: return nil
        }
    }
}
