import Catalog
import Model
import Records
import Testing

@testable import Jobs

/// A call that a job describes.
@Suite("Described endpoints")
struct JobEndpointTests {
    static let whole = """
        job: j
        connection: c
        input: { files: a.csv }
        endpoint:
          name: staff.add
          method: POST
          path: /v2/units/{unit}/staff
          adds: true
          fields:
            unit:  { type: integer, from: 1, required: true, place: path }
            code:  { type: text, most: 50, required: true }
            name:  text
            role:  { type: one-of, values: [CLERK, LEAD] }
            since: instant
            tags:  { type: list, of: text }
            home:  { type: object, fields: { city: text } }
          key: [code]
          key_case: ignored
          reply: { shape: single, id: entity.id }
          codes: { exists: [1220], rejected: [1235], again: 900 }
          recovery:
            look: /v2/staff?code={code}
            list: data
            key: code
            id: id
            missing: [404, 3202]
            compare: { name: fullName }

        """

    private func endpoint(_ changes: [(String, String)] = []) throws -> Endpoint {
        let text = changes.reduce(Self.whole) { $0.replacing($1.0, with: $1.1) }
        return try Job.parse(yaml: text, file: "j.yaml").endpoint
    }

    private func prepare(_ endpoint: Endpoint, _ item: String) throws -> PreparedItem {
        let bytes = Array(item.utf8)
        var tape = JSONTape()
        try tape.parse(bytes, in: 0..<bytes.count)
        var prepared = PreparedItem()
        endpoint.prepare(
            Item(bytes: bytes, range: 0..<bytes.count, tape: tape, attribution: nil), &prepared)
        return prepared
    }

    private let item = #"{"unit":7,"code":"S-1","name":"Ada","role":"LEAD"}"#

    private func read(_ endpoint: Endpoint, _ status: Int, _ body: String) throws -> Verdict {
        let member = try prepare(endpoint, item).evidence
        return endpoint.read(Reply(status: status, body: Array(body.utf8)), [member])
    }

    @Test("An item is checked, keyed and sent as any other endpoint's")
    func items() throws {
        let endpoint = try endpoint()
        #expect(endpoint.name == "staff.add" && endpoint.adds && endpoint.chunk.most == 1)
        let prepared = try prepare(endpoint, item)
        #expect(prepared.problems == [])
        #expect(endpoint.key(prepared.evidence) == "S-1")
        let bytes = Array(item.utf8)[...]
        #expect(endpoint.target(of: [bytes]) == "/v2/units/7/staff")
        #expect(
            String(decoding: endpoint.body([bytes]), as: UTF8.self)
                == #"{"code":"S-1","name":"Ada","role":"LEAD"}"#)
        // Case is no matter to this server.
        let other = try prepare(endpoint, item.replacing("S-1", with: "s-1"))
        #expect(other.identity == prepared.identity)
        for (wrong, reason) in [
            (item.replacing("LEAD", with: "BOSS"), Reason.notListed),
            (item.replacing(#""code":"S-1","#, with: ""), .missing),
            (item.replacing("7", with: "0"), .outOfRange),
            (item.replacing(#""name""#, with: #""nme""#), .unknownField),
            (item.replacing("S-1", with: String(repeating: "x", count: 51)), .tooLong),
        ] {
            #expect(try prepare(endpoint, wrong).problems.first?.reason == reason, "\(wrong)")
        }
    }

    @Test("Its replies are read, and what is not understood is in doubt")
    func replies() throws {
        let endpoint = try endpoint()
        #expect(
            try read(endpoint, 200, #"{"entity":{"id":"e-5"}}"#)
                == .each([.accepted(ServerID("e-5"), [])]))
        guard
            case .each(let exists) = try read(
                endpoint, 400, #"{"errors":[{"code":1220,"message":"taken"}]}"#),
            case .exists? = exists.first,
            case .each(let rejected) = try read(
                endpoint, 200, #"{"errors":[{"code":1235,"message":"no"}]}"#),
            case .rejected? = rejected.first,
            case .inDoubt = try read(endpoint, 200, "{}"),
            case .inDoubt = try read(endpoint, 500, ""), case .again = try read(endpoint, 429, "")
        else {
            Issue.record("a reply is read otherwise")
            return
        }
    }

    @Test("Its look finds by key, compares, and takes no error for a miss")
    func looks() throws {
        let endpoint = try endpoint()
        guard case .readBack(let readBack) = endpoint.recovery,
            case .ask(let request, let then) = readBack.search(
                try prepare(endpoint, item).evidence, OrgSettings())
        else {
            Issue.record("there is no look")
            return
        }
        #expect(request.target == "/v2/staff?code=S-1")
        func found(_ status: Int, _ body: String) -> [ServerID]? {
            guard case .done(let ids, _) = then(Reply(status: status, body: Array(body.utf8))) else {
                return nil
            }
            return ids
        }
        #expect(found(200, #"{"data":[{"code":"s-1","id":5,"fullName":"Ada"}]}"#) == [ServerID("5")])
        #expect(found(200, #"{"data":[{"code":"s-1","id":5,"fullName":"Bob"}]}"#) == [])
        #expect(found(200, #"{"data":[]}"#) == [])
        #expect(found(404, "") == [])
        #expect(found(400, #"{"errors":[{"code":3202,"message":"none"}]}"#) == [])
        for (status, body) in [(500, ""), (200, "<html>"), (200, "{}"), (400, "{}"), (401, "")] {
            #expect(found(status, body) == nil, "\(status) \(body)")
        }
    }

    @Test("Several per request, told by items or by two lists")
    func lists() throws {
        let more = ("  adds: true", "  adds: false\n  records: 20\n  body: { list: root.staff }")
        let still = ("unit:  { type: integer, from: 1, required: true, place: path }", "unit: integer")
        let path = ("/v2/units/{unit}/staff", "/v2/staff")
        for (reply, done, bad) in [
            (
                "{ shape: items, list: response, key: result.code }",
                #"{"response":[{"result":{"code":"s-1"},"errors":[]},{"result":{"code":"s-2"},"errors":[{"code":1235,"message":"no"}]}]}"#,
                "items"
            ),
            (
                "{ shape: lists, done: [created], key: code, failed_key: entityCode }",
                #"{"created":[{"code":"S-1"}],"errors":[{"entityCode":"S-2","code":1235,"message":"no"}]}"#,
                "lists"
            ),
        ] {
            let endpoint = try endpoint([
                more, still, path, ("{ shape: single, id: entity.id }", reply),
            ])
            let members = try [item, item.replacing("S-1", with: "S-2")].map {
                try prepare(endpoint, $0).evidence
            }
            let body = endpoint.body([Array(item.utf8)[...]])
            #expect(String(decoding: body, as: UTF8.self) == #"{"root":{"staff":[\#(item)]}}"#)
            guard
                case .each(let each) = endpoint.read(
                    Reply(status: 200, body: Array(done.utf8)), members),
                case .accepted = each[0], case .rejected = each[1]
            else {
                Issue.record("\(bad) are read otherwise")
                continue
            }
        }
    }

    @Test(
        "What is wrong is said where it is",
        arguments: [
            ("name: staff.add", "name: cards.add", 5, "catalog"),
            ("method: POST", "method: GET", 6, "POST, PUT, DELETE"),
            ("path: /v2/units/{unit}/staff", "path: v2/staff", 7, "without host"),
            ("path: /v2/units/{unit}/staff", "path: /v2/{unti}/staff", 7, "{unti}"),
            ("path: /v2/units/{unit}/staff", "path: /v2/staff", 10, "{unit}"),
            ("adds: true", "adds: perhaps", 8, "true or false"),
            ("most: 50", "most: none", 11, "whole number"),
            ("role:  { type: one-of, values: [CLERK, LEAD] }", "role: one-of", 13, "values"),
            ("name:  text", "name:  txt", 12, "text"),
            ("tags:  { type: list, of: text }", "tags: list", 15, "of:"),
            ("key: [code]", "key: [cod]", 17, "code"),
            ("key: [code]", "key: [name]", 17, "required"),
            ("shape: single, id: entity.id", "shape: single", 19, "done"),
            ("shape: single, id: entity.id", "shape: items, list: response", 19, "key"),
            ("rejected: [1235]", "rejected: [1220]", 20, "twice"),
            ("look: /v2/staff?code={code}", "look: /v2/staff", 22, "{code}"),
            ("look: /v2/staff?code={code}", "look: /v2/staff?code={code}&r={role}", 22, "{role}"),
            ("compare: { name: fullName }", "compare: { nme: x }", 27, "name"),
            ("missing: [404, 3202]", "missing: [none]", 26, "whole number"),
            ("key_case: ignored", "key_cas: ignored", 18, "key_case"),
        ])
    func errors(old: String, new: String, line: Int, words: String) throws {
        let text = Self.whole.replacing(old, with: new)
        let error = #expect(throws: JobError.self) { try Job.parse(yaml: text, file: "j.yaml") }
        let said = try #require(error)
        #expect(said.line == line, "\(said)")
        #expect(said.description.contains(words), "\(said)")
    }

    @Test("A call that adds is not sent again blindly")
    func blindly() throws {
        let start = try #require(Self.whole.firstRange(of: "  recovery:"))
        let text = Self.whole[..<start.lowerBound] + "  recovery: resend\n"
        #expect(throws: JobError.self) { try Job.parse(yaml: String(text), file: "j.yaml") }
        let known = text + "  refuses_repeat: true\n"
        guard case .resend = try Job.parse(yaml: String(known), file: "j.yaml").endpoint.recovery else {
            Issue.record("not sent again")
            return
        }
    }

    @Test("What a 400 for a whole request means is the job's to say")
    func badRequest() throws {
        func meaning(_ line: String) throws -> BadRequest {
            try endpoint([("  key: [code]\n", "  key: [code]\n" + line)]).badRequest
        }
        #expect(try meaning("  bad_request: unknown\n") == .unknown)
        #expect(try meaning("  bad_request: nothing\n") == .doesNothing(source: "The job."))
        #expect(try meaning("") != .unknown)
        #expect(throws: JobError.self) { try meaning("  bad_request: maybe\n") }
    }

    @Test("Headers of the call, but none that sluice sets itself")
    func headers() throws {
        let told = try endpoint([("  key: [code]\n", "  key: [code]\n  headers: { X-Unit: a }\n")])
        #expect(told.headers == [Header("X-Unit", "a")])
        #expect(throws: JobError.self) {
            try endpoint([("  key: [code]\n", "  key: [code]\n  headers: { accept: a }\n")])
        }
    }

    private func ruled(_ lines: String) throws -> Endpoint {
        try endpoint([
            ("    name:  text\n", "    name:  text\n    mail:  text\n"),
            ("  key: [code]\n", "  key: [code]\n" + lines),
        ])
    }

    @Test("Rules that span fields, a customer, and a limit of the call")
    func rules() throws {
        let endpoint = try ruled(
            """
              rules:
                - exactly_one: [name, mail]
                - count: { field: tags, from: 1, to: 2 }
              customer: { type: role, value: name }
              limit: 50/min

            """)
        #expect(endpoint.limit?.rate == Rate(requests: 50, per: .seconds(60)))
        #expect(try prepare(endpoint, item).problems == [])
        let two = try prepare(
            endpoint, item.replacing(#""name":"Ada""#, with: #""mail":"a","name":"Ada""#))
        #expect(two.problems.map(\.reason) == [.rule])
        let many = try prepare(endpoint, item.replacing(#""unit":7"#, with: #""unit":7,"tags":[]"#))
        #expect(many.problems.map(\.field) == ["tags"])
        // Two records of one customer keep their order, whatever their codes.
        let one = try prepare(endpoint, item).orderKeys
        let other = try prepare(endpoint, item.replacing("S-1", with: "S-2")).orderKeys
        #expect(one.count == 2 && !Set(one).isDisjoint(with: other))
    }

    @Test(
        "What is wrong with a rule is said",
        arguments: [
            ("  rules: exactly_one\n", "list of rules"),
            ("  rules: [{ exacly_one: [name, mail] }]\n", "exactly_one"),
            ("  rules: [{ exactly_one: [name] }]\n", "two fields"),
            ("  rules: [{ exactly_one: [name, mial] }]\n", "mial"),
            ("  rules: [{ exactly_one: { of: [city, town], in: home } }]\n", "town"),
            ("  rules: [{ single: name }]\n", "not a list"),
            ("  rules: [{ sum: { of: tags, is: total } }]\n", "total"),
            ("  customer: { id: who }\n", "who"), ("  customer: { type: role }\n", "value"),
            ("  limit: none\n", "50/min"), ("  limit: often\n", "rate"),
        ])
    func wrongRules(lines: String, words: String) throws {
        let error = #expect(throws: JobError.self) { try ruled(lines) }
        let said = try #require(error)
        #expect(said.description.contains(words), "\(said)")
    }
}
