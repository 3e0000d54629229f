import Records

/// What tells the records of a call apart, as data. Ledgers hold digests of these texts: of a call that exists they
/// never change.
package struct Keys: Sendable {
    /// Recognizes repeats within the scope.
    package var identity: [KeyPart]
    /// What a reply echoes; nil: the identity.
    package var binding: [KeyPart]?
    /// What all records of a request share; empty where that is nothing.
    package var group: [KeyPart]
    /// Records that share one are never in flight together and go in the order of the input.
    package var order: [OrderKey]
    /// What a look-up compares, the key that a person knows first.
    package var evidence: [KeyPart]
    let derive: (@Sendable (inout ItemContext) -> Void)?

    package init(
        identity: [KeyPart], binding: [KeyPart]? = nil, group: [KeyPart] = [], order: [OrderKey],
        evidence: [KeyPart]
    ) {
        self.identity = identity
        self.binding = binding
        self.group = group
        self.order = order
        self.evidence = evidence
        derive = nil
    }

    private init(derive: @escaping @Sendable (inout ItemContext) -> Void) {
        identity = []
        group = []
        order = []
        evidence = []
        self.derive = derive
    }

    /// Keys that ``EndpointSpec/Code/prepare`` derives.
    static let derived = Keys(identity: [], order: [], evidence: [])

    /// Keys that a function finds, with the problems it meets on the way.
    static func code(_ derive: @escaping @Sendable (inout ItemContext) -> Void) -> Keys {
        Keys(derive: derive)
    }

    func fill(_ context: inout ItemContext) {
        if let derive { return derive(&context) }
        context.identity = context.texts(identity)
        context.binding = binding.map { context.texts($0) }
        context.group = context.texts(group)
        for key in order {
            let texts = context.texts(key.parts)
            if key.isOptional, texts.last?.isEmpty ?? true { continue }
            context.orderKeys.append(texts)
        }
        context.evidence = context.texts(evidence)
    }
}

/// Records with the same texts keep their order.
package struct OrderKey: Sendable {
    /// The kind of thing first, so that a store and a till of one code are two.
    package var parts: [KeyPart]
    /// None where the last text is empty.
    package var isOptional = false

    /// A customer, written in whatever way.
    package static func customer(_ customer: CustomerForm) -> OrderKey {
        OrderKey(parts: [.customer(customer)])
    }

    /// A thing of another kind, such as `group`.
    package static func thing(_ word: String, _ parts: KeyPart...) -> OrderKey {
        OrderKey(parts: [.word(word)] + parts)
    }

    /// The same, none where the item does not name it.
    package static func thingIfAny(_ word: String, _ parts: KeyPart...) -> OrderKey {
        OrderKey(parts: [.word(word)] + parts, isOptional: true)
    }

    package init(parts: [KeyPart], isOptional: Bool = false) {
        self.parts = parts
        self.isOptional = isOptional
    }
}

/// A text of a key, or several. A path names a field, or members of it after dots: `customer.mobile`. Of a list on
/// the way the first element counts, and `0` is that element itself. What is not there is an empty text.
package indirect enum KeyPart: Sendable {
    /// The same for all records.
    case word(String)
    /// As it is written. Of a field of the item itself up to 1,024 bytes, beyond which there is no text.
    case text(String)
    /// As it is written, however long.
    case whole(String)
    /// A whole number as the server will write it: `007` is `7`.
    case integer(String)
    /// `customer`, the type of the identifier and its value without what may be written differently.
    case customer(CustomerForm)
    /// The type of a customer's identifier, as the v2 calls name it.
    case customerType(CustomerForm)
    /// The last of the texts of ``customer(_:)``.
    case customerCode(CustomerForm)
    /// A customer's identifier as it is written.
    case customerValue(CustomerForm)
    case lowercased(KeyPart)
    /// One text of several, with a separator.
    case joined(String, [KeyPart])
}

/// How an item names a customer.
package enum CustomerForm: Sendable {
    /// Type and value are in fields of their own.
    case named(type: String, value: String)
    /// By one of these members of an object, of the item itself where none is named. ``ItemRule/exactlyOne(of:in:)``
    /// checks that it is one.
    case one(of: [String], in: String? = nil)
    /// By the server's number.
    case id(String)
}

extension ItemContext {
    func texts(_ parts: [KeyPart]) -> [String] {
        var texts: [String] = []
        texts.reserveCapacity(parts.count)
        for part in parts { add(part, to: &texts) }
        return texts
    }

    private func add(_ part: KeyPart, to texts: inout [String]) {
        switch part {
        case .word(let word): texts.append(word)
        case .text(let path): texts.append(text(at: path) ?? "")
        case .whole(let path): texts.append(json.scalar(node(at: path)) ?? "")
        case .integer(let path): texts.append(integer(at: path))
        case .customer(let form):
            let customer = customer(form)
            texts += customerKey(customer.type, customer.value)
        case .customerCode(let form):
            let customer = customer(form)
            texts.append(customerKey(customer.type, customer.value)[2])
        case .customerType(let form): texts.append(customer(form).type)
        case .customerValue(let form): texts.append(customer(form).value)
        case .lowercased(let part): texts += self.texts([part]).map { $0.lowercased() }
        case .joined(let separator, let parts):
            texts.append(self.texts(parts).joined(separator: separator))
        }
    }

    private func customer(_ form: CustomerForm) -> (type: String, value: String) {
        switch form {
        case .named(let type, let value): return (text(at: type) ?? "", text(at: value) ?? "")
        case .id(let path): return ("id", integer(at: path))
        case .one(let names, let object):
            for name in names {
                if let value = text(name, in: object), !value.isEmpty {
                    return (V1Customers.newer(name), value)
                }
            }
            return ("", "")
        }
    }

    private func integer(at path: String) -> String {
        text(at: path).flatMap { Int($0) }.map { String($0) } ?? ""
    }

    private func text(at path: String) -> String? {
        path.contains(".") ? json.scalar(node(at: path)) : text(path)
    }

    /// Follows a path, of each list on its way through its first element.
    private func node(at path: String) -> Int? {
        var node: Int? = json.root
        for name in path.split(separator: ".") {
            let list = node.flatMap { json.tape.is($0, .array) ? json.list($0) : nil }
            if name == "0" {
                node = list?.first
            } else {
                node = json.member(named: String(name), of: list?.first ?? node)
            }
        }
        return node
    }
}
