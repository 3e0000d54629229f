import Catalog
import Model
import Reports

/// Prints the catalog, or one endpoint of it.
package enum EndpointList {
    /// - Parameters:
    ///   - name: An endpoint's; nil: all are listed.
    ///   - json: As one JSON document.
    /// - Throws: ``Failure`` where there is no such endpoint.
    package static func show(_ name: String?, json: Bool) throws {
        guard let name else {
            if json {
                return Console.print(
                    try Console.json([
                        "schema": 1,
                        "endpoints": Endpoint.all.map {
                            [
                                "name": $0.name, "summary": $0.summary, "method": $0.method.rawValue,
                                "path": $0.path, "chunk_most": $0.chunk.most,
                                "recovery": recovery($0), "source": $0.source,
                            ] as [String: Any]
                        },
                    ]))
            }
            return list(Endpoint.all)
        }
        let cards = CardsGenerate.description
        guard let endpoint = name == cards.name ? cards : Endpoint.named(name) else {
            let near = Endpoint.suggestion(for: name).map { " Did you mean \($0)?" } ?? ""
            throw Failure(.usage, "no endpoint is called '\(name)'.\(near)")
        }
        if json { return Console.print(try Console.json(document(endpoint))) }
        Console.print("\(endpoint.name): \(endpoint.summary)")
        Console.print("\(endpoint.method.rawValue) \(endpoint.path)")
        Console.print(
            "records a request: \(endpoint.chunk.normal), \(endpoint.chunk.most) at most; body: \(Wording.bytes(endpoint.chunk.bodyLimit)) at most"
        )
        if let limit = endpoint.limit {
            Console.print(
                "limit of this call: \(limit.rate.requests) requests in \(limit.rate.interval / .seconds(1)) s (\(limit.source))"
            )
        }
        if let preparation = endpoint.preparation {
            Console.print("before each request: \(preparation.summary)")
        }
        Console.print("after a lost answer: \(recovery(endpoint))")
        Console.print("after a 400 without items: \(endpoint.badRequest.words)")
        Console.print("source: \(endpoint.source)")
        if name == cards.name {
            Console.print("It imports no records: use `sluice generate cards`, or a job with `cards:`.")
        }
        if !endpoint.offeredHeaders.isEmpty {
            Console.print("\nheaders, set by `send.headers` of a job")
        }
        for header in endpoint.offeredHeaders {
            Console.print("  \(pad("\(header.name): \(header.value)", 32)) \(header.note)")
        }
        if !endpoint.parameters.isEmpty { Console.print("\nparameters") }
        for parameter in endpoint.parameters {
            let usual =
                parameter.usual.map { "else \($0)" } ?? (parameter.isRequired ? "required" : "optional")
            Console.print(
                "  \(pad(parameter.name, 32)) \(pad(usual, 10)) \(kind(parameter.kind)) \(parameter.note)"
            )
        }
        Console.print("\nfields")
        for field in endpoint.fields { show(field, indent: 2) }
        let rules = endpoint.rules.compactMap(\.words)
        if !rules.isEmpty { Console.print("\nrules") }
        for rule in rules { Console.print("  " + rule) }
        Console.print("\nreasons why a record is not accepted, with the server's codes")
        for reason in endpoint.reasons { show(reason, endpoint.serverCodes[reason] ?? []) }
        Console.print("\nreasons that records of any call may have")
        for reason in Reason.ofAnyCall where !endpoint.reasons.contains(reason) { show(reason, []) }
    }

    private static func show(_ reason: Reason, _ codes: [Int]) {
        Console.print("  \(pad(reason.code, 22)) \(pad(reason.turn.owner, 12)) \(reason.nextStep)")
        let all = codes.sorted().map(String.init).joined(separator: ", ")
        for line in Wording.wrap(all, width: 100, indent: String(repeating: " ", count: 25)) {
            Console.print(line)
        }
    }

    /// Each with its call and what matters most of it; a line below, what it is for.
    private static func list(_ endpoints: [Endpoint]) {
        let width = endpoints.map(\.name.count).max() ?? 0
        for endpoint in endpoints {
            let lead = String(repeating: " ", count: width + 2)
            let most = endpoint.chunk.most
            let size = most == 1 ? "one record a request" : "up to \(most) records a request"
            let after =
                switch endpoint.recovery {
                case .resend: "sent again"
                case .readBack: "looked up"
                case .resendSameRequestID: "sent again with the same request id"
                case .adoptJob: "the server's job is found by the file name and followed"
                case .hold: "left to a person"
                }
            Console.print(pad(endpoint.name, width + 1) + " " + endpoint.summary)
            Console.print("\(lead)\(endpoint.method.rawValue) \(endpoint.path)")
            Console.print("\(lead)\(size); after a lost answer: \(after)")
        }
        Console.print(
            "\nCards are generated by POST /v2/card/generate with `sluice generate cards` (cards.generate)."
                + "\n`sluice endpoints NAME` shows the fields, limits, reasons and source of one call.")
    }

    private static func document(_ endpoint: Endpoint) -> [String: Any] {
        [
            "schema": 1, "name": endpoint.name, "summary": endpoint.summary,
            "method": endpoint.method.rawValue,
            "path": endpoint.path, "chunk": endpoint.chunk.normal, "chunk_most": endpoint.chunk.most,
            "headers": endpoint.offeredHeaders.map {
                ["name": $0.name, "value": $0.value, "note": $0.note]
            },
            "recovery": recovery(endpoint), "bad_request": endpoint.badRequest.words,
            "parameters": endpoint.parameters.map {
                [
                    "name": $0.name, "type": kind($0.kind), "usual": $0.usual ?? "",
                    "required": $0.isRequired ? "true" : "false", "note": $0.note,
                ]
            },
            "fields": endpoint.fields.map {
                [
                    "name": $0.name, "type": kind($0.kind), "presence": presence($0.presence),
                    "note": $0.note,
                ]
            },
            "rules": endpoint.rules.compactMap(\.words),
            "reasons": endpoint.reasons.map {
                document($0, endpoint.serverCodes[$0] ?? [])
            },
            "common_reasons": Reason.ofAnyCall.filter { !endpoint.reasons.contains($0) }
                .map { document($0, []) },
        ]
    }

    private static func document(_ reason: Reason, _ codes: [Int]) -> [String: Any] {
        [
            "code": reason.code, "turn": reason.turn.rawValue, "class": reason.turn.code,
            "server_codes": codes.sorted(), "next_step": reason.nextStep,
        ]
    }

    private static func recovery(_ endpoint: Endpoint) -> String {
        switch endpoint.recovery {
        case .hold where endpoint.name == CardsGenerate.description.name:
            "looked up in the server's log; left in doubt only if several entries may match"
        case .resend where endpoint.adds:
            "sent again: the server refuses a second record with the same key, which proves that the first arrived"
        case .resend: "sent again: setting the same values twice changes nothing"
        case .readBack:
            "each record is looked up: accepted if found, sent again if proved missing"
        case .resendSameRequestID:
            "sent again with the same request id, which the server takes once; where it has it already, each "
                + "record is looked up"
        case .adoptJob:
            "the server's job is found by the file's unique name and followed to its end; if its counts do "
                + "not prove every row, each row is looked up"
        case .hold: "left in doubt for a person"
        }
    }

    private static func show(_ field: Field, indent: Int) {
        let lead = String(repeating: " ", count: indent)
        Console.print(
            "\(lead)\(pad(field.name, 34 - indent)) \(pad(presence(field.presence), 10)) \(kind(field.kind))\(place(field)) \(field.note)"
        )
        switch field.kind {
        case .object(let members), .list(.object(let members)):
            for member in members { show(member, indent: indent + 2) }
        default: break
        }
    }

    private static func place(_ field: Field) -> String {
        switch field.place {
        case .body: ""
        case .path: ", in the path"
        case .query: ", in the query"
        }
    }

    private static func presence(_ presence: Field.Presence) -> String {
        switch presence {
        case .required: "required"
        case .optional: "optional"
        case .when(let condition): "when " + condition
        }
    }

    private static func kind(_ kind: Field.Kind) -> String {
        switch kind {
        case .text(let most): most.map { "text of up to \($0) characters" } ?? "text"
        case .oneOf(let values): "one of " + values.joined(separator: ", ")
        case .integer(let range):
            range.map { range in
                range.upperBound == .max
                    ? "integer, at least \(range.lowerBound)"
                    : "integer \(range.lowerBound) to \(range.upperBound)"
            } ?? "integer"
        case .number(let least): least.map { "number, at least \($0)" } ?? "number"
        case .boolean: "true or false"
        case .instant: "date and time with offset"
        case .object: "object"
        case .open: "object with the org's own names"
        case .list(let element): "list of " + self.kind(element)
        }
    }

    private static func pad(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(1, width - text.count))
    }
}
