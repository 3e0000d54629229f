import Ledger
import Model

extension RecordHistory {
    /// The history for a person.
    package func text(width: Int = 100) -> String {
        let key = Wording.harmless(key)
        guard !chapters.isEmpty else {
            return
                "The ledger has no record with the key \(key).\n"
        }
        var lines: [String] = []
        if chapters.count > 1 {
            lines.append("\(chapters.count) records have the key \(key):")
            for chapter in chapters {
                let details = [
                    "record \(Wording.count(Int(chapter.record))) of run \(chapter.run.id)"
                ]
                lines += Wording.wrap(
                    (details + chapter.details.map(Wording.harmless)
                        + [chapter.state.state.word]).joined(separator: ", "), width: max(width, 40),
                    indent: "  ")
            }
        }
        for chapter in chapters {
            if !lines.isEmpty { lines.append("") }
            lines += self.lines(of: chapter, key, max(width, 40))
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private func lines(of chapter: Chapter, _ key: String, _ width: Int) -> [String] {
        func words(_ text: String) -> String {
            let text = Wording.harmless(text)
            return showData ? text : Masking.mask(text)
        }
        let run = chapter.run
        var lines = Wording.wrap(
            "\(key): record \(Wording.count(Int(chapter.record))) of run \(run.id), job \(Wording.harmless(run.job)), "
                + "\(run.endpoint) to org \(Wording.harmless(run.org))", width: width)
        if !chapter.details.isEmpty {
            lines += Wording.wrap(
                chapter.details.map(Wording.harmless).joined(separator: ", "), width: width,
                indent: "  ")
        }
        if let place = chapter.place {
            var text = place.isExact ? "in " : "in or after "
            if InputName.isWorksheet(place.file) {
                text += InputName.place(Wording.harmless(place.file), line: place.line)
                text += ", row \(Wording.count(place.row)), "
            } else {
                text += "\(Wording.harmless(place.file)), row \(Wording.count(place.row)), line "
                text += "\(Wording.count(place.line)), "
            }
            text += "byte \(Wording.count(place.offset))"
            if let length = place.length { text += ", \(Wording.count(length, "byte")) long" }
            lines += Wording.wrap(text, width: width, indent: "  ")
        }
        for step in chapter.steps {
            let first = "\(step.at.precise)  "
            let wrapped = Wording.wrap(step.words(words), width: max(width - 2 - first.count, 30))
            for (index, line) in wrapped.enumerated() {
                lines.append(
                    "  " + (index == 0 ? first : String(repeating: " ", count: first.count)) + line)
            }
        }
        var state = "now: \(chapter.state.state == .sent ? "in flight" : chapter.state.state.word)"
        if chapter.state.detail != .none { state += ", \(chapter.state.detail.word)" }
        if let id = chapter.serverID { state += ", server id \(Wording.harmless(id.text))" }
        if let refusal = chapter.refusal, chapter.state.state != .accepted {
            state += ": \(refusal.reason.code)"
            if let code = refusal.serverCode { state += ", server code \(code)" }
            if let field = refusal.field { state += ", field \(Wording.harmless(field))" }
            if !refusal.message.isEmpty { state += ", “\(words(refusal.message))”" }
        }
        if let doubt = chapter.doubt {
            state += ", since \(doubt.since.iso8601), sent \(Wording.count(doubt.tries, "time"))"
            state += ", not found by \(Wording.count(doubt.misses, "look-up"))"
            if let why = doubt.why { state += "; \(words(why))" }
        }
        lines += Wording.wrap(state, width: width, indent: "  ")
        if let repair = chapter.repairedBy {
            lines += Wording.wrap(
                "sent again: record \(repair.record) of run \(repair.run)", width: width, indent: "  ")
        }
        if let next = chapter.next {
            lines += Wording.wrap("next: \(next)", width: width, indent: "  ")
        }
        return lines
    }

    /// `{schema, key, records: [run, job, endpoint, org, record, details?, state, detail?, server_id?, place? (file, row,
    /// line, byte, length?, exact), reason?, server_code?, field?, message?, in_doubt? (since, sent, misses, why?),
    /// steps: [at, kind (attempt or the event's), message?, code?, attempt?, records?, ended?, end?,
    /// http_status?, request_id?, result?, resend?], next?, repaired_by?]}`
    package func json() throws -> String {
        func words(_ text: String) -> String? {
            text.isEmpty ? nil : showData ? text : Masking.mask(text)
        }
        let records = chapters.map { chapter in
            Document.Item(
                run: chapter.run.id.text, job: chapter.run.job, endpoint: chapter.run.endpoint,
                org: chapter.run.org,
                record: chapter.record, details: chapter.details.isEmpty ? nil : chapter.details,
                state: chapter.state.state.jsonWord,
                detail: chapter.state.detail == .none ? nil : chapter.state.detail.word,
                serverId: chapter.serverID?.text,
                place: chapter.place.map {
                    .init(
                        file: InputName.bare($0.file), row: $0.row, line: $0.line, byte: $0.offset,
                        length: $0.length,
                        exact: $0.isExact)
                },
                reason: chapter.refusal?.reason.code, serverCode: chapter.refusal?.serverCode,
                field: chapter.refusal?.field, message: chapter.refusal.flatMap { words($0.message) },
                inDoubt: chapter.doubt.map {
                    .init(
                        since: $0.since.precise, sent: $0.tries, misses: $0.misses,
                        why: $0.why.flatMap { words($0) })
                },
                steps: chapter.steps.map { $0.json(words) }, next: chapter.next,
                repairedBy: chapter.repairedBy?.description)
        }
        return try ReportJSON.text(Document(key: key, records: records))
    }

    private struct Document: Encodable {
        var schema = 1
        var key: String
        var records: [Item]

        struct Item: Encodable {
            var run, job, endpoint, org: String
            var record: Int64
            var details: [String]?
            var state: String
            var detail, serverId: String?
            var place: PlaceItem?
            var reason: String?
            var serverCode: Int?
            var field, message: String?
            var inDoubt: DoubtItem?
            var steps: [StepJSON]
            var next: String?
            var repairedBy: String?
        }
        struct PlaceItem: Encodable {
            var file: String
            var row, line, byte: Int
            var length: Int?
            var exact: Bool
        }
        struct DoubtItem: Encodable {
            var since: String
            var sent, misses: Int
            var why: String?
        }
    }
}

private struct StepJSON: Encodable {
    var at, kind: String
    var message: String?
    var code: Int?
    var attempt: Int64?
    var records: Int?
    var ended, end: String?
    var httpStatus: Int?
    var requestId, result: String?
    var resend: Bool?
}

extension RecordHistory.Step {
    fileprivate func json(_ words: (String) -> String?) -> StepJSON {
        var json = StepJSON(at: at.precise, kind: "", message: words(message))
        switch kind {
        case .event(let kind, let code):
            json.kind = kind
            json.code = code
        case .attempt(let attempt):
            json.kind = "attempt"
            json.attempt = attempt.id
            json.records = attempt.records
            json.ended = attempt.ended?.precise
            json.end = attempt.state.jsonWord
            json.httpStatus = attempt.status
            json.requestId = attempt.requestID
            json.result = attempt.result?.rawValue
            json.resend = attempt.isResend
        }
        return json
    }

    fileprivate func words(_ words: (String) -> String) -> String {
        switch kind {
        case .event(let kind, let code):
            return Wording.harmless(kind) + (code.map { " \($0)" } ?? "")
                + (message.isEmpty ? "" : ": " + words(message))
        case .attempt(let attempt):
            var text = attempt.isResend ? "sent again, on that evidence: " : ""
            text += "attempt \(attempt.id) with \(Wording.count(attempt.records, "record"))"
            if let id = attempt.requestID { text += ", request id \(Wording.harmless(id))" }
            if let status = attempt.status { text += ", HTTP \(status)" }
            if let ended = attempt.ended { text += ", after \(Wording.duration(ended.since(at)))" }
            text += ": " + attempt.state.words
            if !message.isEmpty { text += " (\(words(message)))" }
            if let result = attempt.result { text += "; this record: \(result.words)" }
            return text
        }
    }
}

extension AttemptEnd.State {
    fileprivate var words: String {
        switch self {
        case .open: "in flight, or its process ended"
        case .clean: "answered"
        case .unclean: "answered, not for all records"
        case .notSent: "never reached the server"
        case .unanswered: "the answer was lost"
        case .refused: "refused as a whole"
        }
    }

    fileprivate var jsonWord: String {
        switch self {
        case .open: "open"
        case .clean: "clean"
        case .unclean: "unclean"
        case .notSent: "not_sent"
        case .unanswered: "unanswered"
        case .refused: "refused"
        }
    }
}

extension RecordState.Event {
    fileprivate var words: String {
        switch self {
        case .foundInvalid: "invalid"
        case .foundDone: "not needed"
        case .foundParked: "parked before"
        case .intended: "meant to be sent"
        case .undone: "nothing was done, can be sent again"
        case .lostAnswer: "in doubt"
        case .answeredAccepted: "accepted"
        case .answeredRejected: "rejected"
        case .answeredParked: "parked"
        case .gaveUp: "gave up"
        case .provedPresent: "found on the server"
        case .provedAbsent: "proved not to be there"
        case .provedParked: "found in the server's queue"
        case .provedConflict: "the server has another record with its key"
        case .provedRejected: "proved to be rejected by the server"
        case .provedEqual: "the server has it already, with equal content"
        case .decidedPresent: "a person decided: accepted"
        case .decidedAbsent: "a person decided: send again"
        }
    }
}
