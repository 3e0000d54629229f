import Model
import Records

extension Endpoint {
    /// An endpoint of a spec, which is sound.
    package init(_ spec: EndpointSpec) {
        let code = spec.code
        let name = spec.name
        let placed = spec.fields.filter { $0.place != .body }
        let reader = spec.reply.reader(spec.codes, spec.fields.map(\.name))
        let recovery: Recovery =
            switch spec.recovery {
            case .resend: .resend
            case .hold: .hold
            case .look(let look): .readBack(look.readBack(source: spec.source))
            case .code(let recovery): recovery
            }
        let body = spec.body.make
        let trimmed: @Sendable ([ArraySlice<UInt8>]) -> [UInt8] = { items in
            body(items.map { $0.without(placed) })
        }
        let reasons = Reason.once(
            Reason.ofFields(spec.fields), spec.codes.reasons, [.conflict, .existsUnverified],
            WholeReply.reasons)
        self.init(
            name: name, summary: spec.summary, method: spec.method, path: spec.path,
            host: spec.host, adds: spec.adds, chunk: spec.chunk, parameters: spec.parameters,
            fields: spec.fields, rules: spec.rules, prepare: code.prepare ?? spec.prepare(placed),
            body: placed.isEmpty ? body : trimmed,
            read: { reply, members in reader.read(reply, members: members) }, recovery: recovery,
            refusesRepeat: code.refusesRepeat ?? { [refuses = spec.refusesRepeat] _, _ in refuses },
            repeats: code.repeats ?? { [repeats = spec.repeats] _ in repeats },
            key: code.key ?? { member in EvidenceFields.text(0, of: member) },
            kind: code.kind ?? { _ in name }, reasons: code.reasons ?? reasons, codes: spec.codes,
            source: spec.source)
        headers = spec.headers
        offeredHeaders = spec.offeredHeaders
        preparation = spec.preparation
        adapt = code.adapt
        if let happened = code.happened { self.happened = happened }
        if let limit = spec.limit { self.limit = limit }
        if let badRequest = spec.badRequest { self.badRequest = badRequest }
    }

    /// Path and query of a request that carries these items: those of its first, where it is made of one's
    /// fields.
    package func target(of items: [ArraySlice<UInt8>]) -> String {
        let placed = fields.filter { $0.place != .body }
        guard !placed.isEmpty, let item = items.first, let json = JSON(Array(item)) else { return path }
        var target = path
        for field in placed {
            guard let node = json.tape.member(field.name, of: json.root, in: json.bytes),
                let text = json.scalar(node)
            else { continue }
            switch field.place {
            case .body: break
            case .path: target = target.replacing("{\(field.name)}", with: pathSegment(text))
            case .query(let name):
                target += (target.contains("?") ? "&" : "?") + name + "=" + percentEncoded(text)
            }
        }
        return target
    }
}

extension EndpointSpec {
    /// Made ready to work with.
    package var endpoint: Endpoint { Endpoint(self) }

    fileprivate func prepare(_ placed: [Field]) -> @Sendable (Item, inout PreparedItem) -> Void {
        let schema = Schema(fields)
        return { [name, what, rules, keys] item, prepared in
            ItemContext.prepare(item, schema, name, what, into: &prepared) { context in
                context.checkPlaces(placed)
                for rule in rules { context.check(rule) }
                keys.fill(&context)
            }
        }
    }
}

extension Endpoint.Chunk {
    /// One record a request, many in flight.
    package static let one = Endpoint.Chunk(normal: 1, most: 1, bodyLimit: 1 << 20)

    /// - Parameter normal: Where the job does not say; else all of them.
    package static func upTo(_ most: Int, normal: Int? = nil) -> Endpoint.Chunk {
        Endpoint.Chunk(normal: normal ?? most, most: most, bodyLimit: 1 << 20)
    }
}

extension ItemContext {
    /// What is in a path can lead elsewhere.
    fileprivate mutating func checkPlaces(_ placed: [Field]) {
        for field in placed where field.place == .path {
            if let text = text(field.name), [".", ".."].contains(text) {
                problem(
                    .rule, field.name,
                    "It is part of the path of the call, where it would address something else.")
            }
        }
    }
}

extension ArraySlice<UInt8> {
    /// The text of a JSON object without these members.
    fileprivate func without(_ fields: [Field]) -> ArraySlice<UInt8> {
        guard let json = JSON(Array(self)) else { return self }
        var result = [UInt8(ascii: "{")]
        for member in json.tape.members(of: json.root) {
            let name = json.tape.text(of: member.name, in: json.bytes)
            if fields.contains(where: { $0.name == name }) { continue }
            if result.count > 1 { result.append(UInt8(ascii: ",")) }
            result += json.bytes[json.tape.fullRange(of: member.name)]
            result.append(UInt8(ascii: ":"))
            result += json.bytes[json.tape.fullRange(of: member.value)]
        }
        result.append(UInt8(ascii: "}"))
        return result[...]
    }
}

extension Reason {
    /// What checks against these fields can find.
    static func ofFields(_ fields: [Field]) -> [Reason] {
        func kinds(_ kind: Field.Kind) -> [Reason] {
            switch kind {
            case .text(let most): most == nil ? [] : [.tooLong]
            case .oneOf: [.notListed]
            case .integer, .number: [.outOfRange]
            case .boolean, .open: []
            case .instant: [.format, .noOffset]
            case .object(let fields): ofFields(fields)
            case .list(let element): [.outOfRange] + kinds(element)
            }
        }
        return once([.missing, .type, .unknownField, .rule], fields.flatMap { kinds($0.kind) })
    }
}
