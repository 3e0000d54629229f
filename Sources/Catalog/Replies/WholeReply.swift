import Model

/// What a reply means whose items cannot be read: by its envelope, then by its status.
///
/// Source: Errors, Request status codes; Errors, Reply handling. A refusal of the whole is believed only where the
/// envelope or the status says that nothing was done; whatever is not listed leaves doubt.
struct WholeReply {
    let reply: Reply
    /// Nil where the body is no JSON.
    let json: JSON?
    let codes: CodeTable
    /// The names of the item's fields, to tell a 403 that names one.
    let fields: [String]

    static let reasons: [Reason] = [
        .batchTooLarge, .recordTooLarge, .busy, .throttled, .unauthorized, .forbidden, .notFound,
        .refused, .noAnswer,
        .unboundAnswer, .contradiction, .unlistedStatus, .maintenance,
    ]

    var verdict: Verdict {
        let complaints = self.complaints
        if let verdict = byCode(complaints) { return verdict }
        switch reply.status {
        case 400:
            guard let first = complaints.first else { return .bare(bareRefusal) }
            // An envelope may bear the codes of items, too.
            switch codes.row(of: first).meaning {
            case .inDoubt: return .inDoubt(refusal(first))
            case .again: return .again(after: reply.retryAfter)
            case .done, .rejected, .exists, .parked, .batch: return .split(refusal(first))
            }
        case 401: return .unauthorized(refusal(.unauthorized, complaints))
        case 403:
            if let named = complaints.first(where: namesField) { return .split(refusal(named)) }
            return .refused(refusal(.forbidden, complaints))
        case 404, 405, 415: return .refused(refusal(.notFound, complaints))
        case 413: return .split(refusal(.batchTooLarge, complaints))
        case 429: return .again(after: reply.retryAfter)
        case 503 where isPage: return doubt(.maintenance, complaints)
        case 500, 502, 503, 504, 520, 521: return doubt(.noAnswer, complaints)
        case 200..<300 where isPage: return doubt(.maintenance, complaints)
        case 200..<300: return doubt(.unboundAnswer, complaints)
        default: return doubt(.unlistedStatus, complaints)
        }
    }

    private var isPage: Bool { reply.isPage }

    /// Codes that say by themselves that nothing was done.
    private func byCode(_ complaints: [Complaint]) -> Verdict? {
        for complaint in complaints {
            switch complaint.code {
            case 4000, 1061, 1064: return .refused(refusal(.forbidden, [complaint]))
            case 4001, 517, 521: return .again(after: reply.retryAfter)
            case 1060: return .split(refusal(.batchTooLarge, [complaint]))
            case 672 where codes.row(of: 672).meaning == .batch:
                return .split(refusal(.batchTooLarge, [complaint]))
            default: continue
            }
        }
        return nil
    }

    /// A field's name that is an English word too counts only where the message says that it is missed.
    private func namesField(_ complaint: Complaint) -> Bool {
        if let field = complaint.field, fields.contains(field) { return true }
        let text = complaint.message
        let saysMissing = ["mandatory", "missing", "required"].contains {
            text.lowercased().contains($0)
        }
        let words = text.split { !($0.isLetter || $0.isNumber || $0 == "_") }
        return words.contains { word in
            (saysMissing || word.contains(where: \.isUppercase)) && fields.contains(String(word))
        }
    }

    private var complaints: [Complaint] {
        guard let json, json.isObject(json.root) else { return gatekeeper }
        let root = json.root
        var found = json.complaints(json.member("errors", of: root))
        for path: [StaticString] in [["response", "status"], ["status"]] {
            let status = json.member(path, of: root)
            if json.isObject(status), let code = json.integer(json.member("code", of: status)),
                json.boolean(json.member("success", of: status)) != true
            {
                found.append(
                    Complaint(
                        code: code, message: json.scalar(json.member("message", of: status)) ?? ""))
            }
        }
        let code = json.member("errorCode", of: root) ?? json.member("code", of: root)
        if let code = json.integer(code) {
            found.append(
                Complaint(code: code, message: json.scalar(json.member("message", of: root)) ?? ""))
        }
        return found.contains { $0.code != nil } ? found : found + gatekeeper
    }

    /// `errorCode=4000` in a text. Source: Replies, Envelopes.
    private var gatekeeper: [Complaint] {
        guard reply.status == 403 || reply.status == 503 else { return [] }
        let body = String(decoding: reply.body.prefix(4096), as: UTF8.self)
        for code in [4000, 4001] where body.contains("errorCode=\(code)") {
            return [Complaint(code: code, message: "")]
        }
        return []
    }

    /// The words that came, where they are a text for people; a page of HTML is none.
    private var bareRefusal: Refusal {
        let isText = json == nil && !isPage && reply.body.count <= 500
        let text = isText ? String(decoding: reply.body, as: UTF8.self) : ""
        let words = text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        return Refusal(
            .refused, serverCode: 400,
            message: words.isEmpty ? "HTTP status 400, without a reason." : "HTTP status 400: \(words)")
    }

    private func refusal(_ complaint: Complaint) -> Refusal {
        Refusal(
            codes.row(of: complaint).reason, field: complaint.field,
            serverCode: complaint.code, message: complaint.message)
    }

    private func refusal(_ reason: Reason, _ complaints: [Complaint]) -> Refusal {
        let first = complaints.first
        return Refusal(
            reason, serverCode: first?.code ?? reply.status,
            message: first.map(\.message) ?? "HTTP status \(reply.status).")
    }

    private func doubt(_ reason: Reason, _ complaints: [Complaint]) -> Verdict {
        .inDoubt(refusal(reason, complaints))
    }
}

extension Reply {
    /// A page for people is where an answer should.
    package var isPage: Bool {
        body.first { ![0x20, 0x09, 0x0A, 0x0D].contains($0) } == UInt8(ascii: "<")
    }

    /// How long to wait before asking again, where the server says so; at least nothing.
    ///
    /// A date is taken against the reply's own `Date`, since no clock is at hand here.
    var retryAfter: Duration? {
        guard let text = header("Retry-After") else { return nil }
        if let seconds = Int64(text) { return .seconds(min(max(0, seconds), 1 << 40)) }
        guard let until = httpDate(text), let now = header("Date").flatMap(httpDate) else { return nil }
        return max(.zero, until.since(now))
    }
}

/// `Sun, 06 Nov 1994 08:49:37 GMT`, the form that servers must send; nil for others.
private func httpDate(_ text: String) -> Timestamp? {
    let parts = text.split { $0 == " " || $0 == "," }
    let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
    guard parts.count == 6, parts[5] == "GMT", let day = Int(parts[1]), let year = Int(parts[3]),
        let month = months.firstIndex(of: String(parts[2])), (1970...9999).contains(year),
        let date = CivilDay(year: year, month: month + 1, day: day)
    else { return nil }
    return Instant(date.iso8601 + "T" + parts[4] + "Z")?.timestamp
}
