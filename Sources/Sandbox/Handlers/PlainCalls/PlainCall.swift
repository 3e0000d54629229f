import NIOHTTP1
import Records

/// A call that differs from others in its facts alone: what a record of it is known by, what it is refused
/// for, and how the reply looks. What it did is on the shelf of ``Holdings/Shelf/calls``, under its name and
/// that key.
struct PlainCall: Sendable {
    /// What became of one record.
    typealias Outcome = Result<Int64, Complaint>

    /// What a second one of the same key is.
    enum Repeat: Sendable {
        /// It sets what is there.
        case sets
        /// One more is made.
        case adds
        case refused(Int)
        /// The first one's answer comes again, and nothing is done; with another content that code.
        case answered(Int)
    }

    /// How a reply is put together.
    enum Form: Sendable {
        /// `{"entity":id,"warnings":[]}`, or the id under another name.
        case single(String)
        /// The whole reply of one record, and its status.
        case lone(@Sendable (Document, Call, Outcome) -> (status: Int, text: String))
        /// The same, where faults decide whether it says whose it is.
        case labelled(
            @Sendable (Document, Call, Outcome, Shape.Label) -> (status: Int, text: String))
        /// A text before the items, each of them, and a text after them. Without a label, an item does not
        /// say whose it is.
        case items(
            head: String,
            item: @Sendable (Document, _ item: Int, Outcome, Shape.Label) -> String,
            tail: @Sendable (_ count: Int, _ failures: Int) -> String)
        /// What was done in one list, what was not in another, each with its texts around it.
        case lists(
            done: String, failed: String, tail: String,
            item: @Sendable (Document, _ item: Int, Outcome, Shape.Label) -> String, success: Int)
    }

    let name: String
    let method: HTTPMethod
    let path: String
    var most = 1
    /// Said of too many.
    var tooMany = 1060
    let form: Form
    var repeats = Repeat.sets
    /// The records of a body.
    var list: @Sendable (Document) -> [Int]? = { $0.kind($0.root) == .object ? [$0.root] : nil }
    /// What a record is known by; empty: nothing.
    let key: @Sendable (Document, _ item: Int, Call) -> String
    var refusal: @Sendable (Document, _ item: Int, Call, Service) -> Complaint? = { _, _, _, _ in nil }
    /// What is kept of it; the record itself, where nothing else is said.
    var content: (@Sendable (Document, _ item: Int) -> [UInt8])?

    var handler: RouteHandler {
        RouteHandler(method: method, path: path, kind: .work) { service, call, troubles in
            answer(service, call, troubles)
        }
    }

    private func perform(_ body: Document, _ item: Int, _ call: Call, _ service: Service) -> Outcome {
        if service.hasItemFaults, service.rollItem(.busyItem) != nil {
            return .failure(Complaint(521, "another request is at work on the same customer"))
        }
        let key = key(body, item, call)
        if key.isEmpty { return .failure(Complaint(400, "what it is about is missing")) }
        if let refusal = refusal(body, item, call, service) { return .failure(refusal) }
        let place = name + "/" + key
        let content =
            content?(body, item) ?? (body.bytes.isEmpty ? Array("{}".utf8) : Array(body.raw(item)))
        switch repeats {
        case .sets: return .success(service.set(.calls, place, content))
        case .adds: return .success(service.add(.calls, place, content))
        case .refused(let code):
            guard service.store.find(.calls, place.utf8).isEmpty else {
                return .failure(Complaint(code, "it is there already"))
            }
            return .success(service.add(.calls, place, content))
        case .answered(let code):
            guard let known = service.store.find(.calls, place.utf8).first else {
                return .success(service.add(.calls, place, content))
            }
            return known.content == content
                ? .success(known.id) : .failure(Complaint(code, "it was another the first time"))
        }
    }

    private func answer(_ service: Service, _ call: Call, _ troubles: [Trouble]) -> Answer {
        // Some have no body.
        let text = call.body.isEmpty && method == .DELETE ? Array("{}".utf8) : call.body
        guard let body = Document(text), let items = list(body), !items.isEmpty else {
            return .error(400, code: 400, "the body is invalid")
        }
        if items.count > most { return .error(400, code: tooMany, "more than \(most)") }
        let shape = Shape(troubles)
        switch form {
        case .single(let name):
            return SingleRecordHandler(name: name) { (body) throws(Complaint) in
                SingleRecordHandler.Done(id: try perform(body, body.root, call, service).get())
            }.answer(service, body)
        case .lone(let write):
            service.tally.items += 1
            let (status, text) = write(body, call, perform(body, items[0], call, service))
            return Answer(status: status, text: text)
        case .labelled(let write):
            service.tally.items += 1
            let outcome = perform(body, items[0], call, service)
            let (status, text) = write(body, call, outcome, shape.label(at: 0, of: 1))
            return Answer(status: status, text: text)
        case .items(let head, let write, let tail):
            let (out, failures) = written(body, items, call, service, shape) { position, outcome in
                write(body, items[position], outcome, shape.label(at: position, of: items.count))
            }
            return Answer(
                text: head + String(decoding: out, as: UTF8.self) + tail(items.count, failures))
        case .lists(let head, let middle, let tail, let write, let success):
            var failed: [String] = []
            let (out, failures) = written(body, items, call, service, shape) { position, outcome in
                let text = write(
                    body, items[position], outcome, shape.label(at: position, of: items.count))
                if case .success = outcome { return text }
                failed.append(text)
                return nil
            }
            var answer = Answer(
                text: head + String(decoding: out, as: UTF8.self) + middle
                    + failed.joined(separator: ",") + tail)
            answer.status = failures == 0 ? success : failures == items.count ? 400 : 207
            return answer
        }
    }

    private func written(
        _ body: Document, _ items: [Int], _ call: Call, _ service: Service, _ shape: Shape,
        _ write: (Int, Outcome) -> String?
    ) -> (out: [UInt8], failures: Int) {
        var out: [UInt8] = []
        var ranges: [Range<Int>] = []
        var failures = 0
        for (position, item) in items.enumerated() {
            let outcome = perform(body, item, call, service)
            if case .failure = outcome { failures += 1 }
            guard let text = write(position, outcome) else { continue }
            let start = out.count
            out.add(text: text)
            ranges.append(start..<out.count)
            out.add(",")
        }
        service.tally.items += items.count
        if shape.mixesItems, !ranges.isEmpty {
            return (shape.mixed(out, ranges, stranger: { _ in "{}" }), failures)
        }
        if !out.isEmpty { out.removeLast() }
        return (out, failures)
    }
}

extension Result<Int64, Complaint> {
    var id: Int64? { try? get() }

    var complaint: Complaint? {
        if case .failure(let complaint) = self { complaint } else { nil }
    }

    /// `"errors":[…],"warnings":[]`
    var errors: String {
        var out: [UInt8] = []
        out.add(#""errors":["#)
        if let complaint { out.addError(complaint.code, complaint.message) }
        out.add(#"],"warnings":[]"#)
        return String(decoding: out, as: UTF8.self)
    }

    /// `{"status":true,"code":200,"message":"ok"}`
    var status: String {
        let code = complaint?.code ?? 200
        return
            #"{"status":\#(complaint == nil),"code":\#(code),"message":"\#(complaint?.message ?? "ok")"}"#
    }
}

extension Shape.Label {
    /// `"name":"text",` as the label has it.
    func member(_ name: String, _ text: String?) -> String {
        switch self {
        case .none: ""
        case .wrong: "\"\(name)\":\"NOT-YOURS-1\","
        case .right: text.map { "\"\(name)\":\"\($0)\"," } ?? ""
        }
    }
}
