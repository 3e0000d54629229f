import Model
import Records

extension Endpoint {
    /// A call that differs from others in its facts alone: what it takes, the shapes of its body and its
    /// reply, its codes and its recovery. Everything else follows from these.
    ///
    /// - Parameters:
    ///   - what: A record of it with its article, for messages: `A store`.
    ///   - rules: Checks what the list of fields cannot say, and names the keys.
    init(
        _ name: String, _ summary: String, _ method: Request.Method, _ path: String, what: String,
        adds: Bool, chunk: Chunk = .one, parameters: [Parameter] = [], fields: [Field],
        body: @escaping @Sendable ([ArraySlice<UInt8>]) -> [UInt8] = Body.single,
        replies: some ReplyReader, recovery: Recovery, refusesRepeat: Bool = false,
        repeats: Repeats? = .never, source: String,
        rules: @escaping @Sendable (inout ItemContext) -> Void
    ) {
        let schema = Schema(fields)
        let placed = fields.filter { $0.place != .body }
        let prepare: @Sendable (Item, inout PreparedItem) -> Void = { item, prepared in
            ItemContext.prepare(item, schema, name, what, into: &prepared) { context in
                context.checkPlaces(placed)
                rules(&context)
            }
        }
        let trimmed: @Sendable ([ArraySlice<UInt8>]) -> [UInt8] = { items in
            body(items.map { $0.without(placed) })
        }
        let reasons = Reason.once(
            Reason.ofFields(fields), replies.codes.reasons, [.conflict, .existsUnverified],
            WholeReply.reasons)
        self.init(
            name: name, summary: summary, method: method, path: path, host: .api, adds: adds,
            chunk: chunk, parameters: parameters, fields: fields, prepare: prepare,
            body: placed.isEmpty ? body : trimmed,
            read: { reply, members in replies.read(reply, members: members) }, recovery: recovery,
            refusesRepeat: { _, _ in refusesRepeat }, repeats: { _ in repeats },
            key: { member in EvidenceFields.text(0, of: member) }, kind: { _ in name },
            reasons: reasons, codes: replies.codes, source: source)
    }

    /// The same, with something asked again before each attempt.
    func preparing(_ preparation: Preparation) -> Endpoint {
        var endpoint = self
        endpoint.preparation = preparation
        return endpoint
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

extension Endpoint.Chunk {
    /// One record a request, many in flight.
    static let one = Endpoint.Chunk(normal: 1, most: 1, bodyLimit: 1 << 20)

    static func upTo(_ most: Int, normal: Int? = nil) -> Endpoint.Chunk {
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
