import Model
import Records

/// What a call takes beside its records, the same for all of a job: a part of its path, or of its query.
package struct Parameter: Sendable, Equatable {
    /// Where a parameter travels.
    package enum Place: Sendable, Equatable {
        /// Is in the path as `{name}`.
        case path
        case query(String)
        case header(String)
        /// A member of the body, which is an object with a list.
        case member(String)
        /// Not sent: how to go about it.
        case setting
    }

    /// As a job names it.
    package let name: String
    /// Where it travels.
    package let place: Place
    /// What its value may be.
    package let kind: Field.Kind
    /// What it is where the job does not say; nil where there is none.
    package let usual: String?
    /// A job without it is refused.
    package let isRequired: Bool
    /// For a person; may be empty.
    package let note: String

    package init(
        _ name: String, _ place: Place, _ kind: Field.Kind, usual: String? = nil,
        isRequired: Bool = false, _ note: String = ""
    ) {
        self.name = name
        self.place = place
        self.kind = kind
        self.usual = usual
        self.isRequired = isRequired
        self.note = note
    }

    /// Records that are equal but for it are different ones: the same customer in two milestones.
    var tellsApart: Bool {
        switch place {
        case .path, .member: true
        case .query, .header, .setting: false
        }
    }

    /// What is wrong with a value; nil where it fits.
    package func fault(_ value: String) -> String? {
        if value.isEmpty { return "expected a value." }
        if case .header = place, !value.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) {
            return "expected ASCII letters, digits and punctuation, without spaces."
        }
        switch kind {
        case .oneOf(let words):
            return words.contains(value) ? nil : "expected one of \(words.joined(separator: ", "))."
        case .integer(let range):
            guard let number = Int(value), range?.contains(number) ?? true else {
                return "expected a whole number."
            }
            return nil
        case .boolean: return ["true", "false"].contains(value) ? nil : "expected true or false."
        case .text(let most):
            return value.unicodeScalars.count <= most ?? .max ? nil : "it is too long."
        case .number, .instant, .object, .open, .list: return nil
        }
    }
}

/// Why an endpoint cannot be bound to what a job gives it.
package struct ParameterError: Error, Equatable {
    /// The parameter it is about.
    package let name: String
    /// What is wrong, as a sentence.
    package let message: String
    /// The name that was probably meant.
    package var suggestion: String?
}

extension Endpoint {
    /// The same call with its parameters filled in; their usual values where none is given.
    ///
    /// - Throws: ``ParameterError``: an unknown name, a value that does not fit, a missing one.
    package func bound(to values: [String: String]) throws(ParameterError) -> Endpoint {
        for name in values.keys.sorted() where !parameters.contains(where: { $0.name == name }) {
            throw ParameterError(
                name: name, message: "\(self.name) has no parameter of that name.",
                suggestion: Suggestion.nearest(to: name, among: parameters.map(\.name)))
        }
        var endpoint = self
        var pairs: [String] = []
        var apart: [String] = []
        for parameter in parameters {
            guard let value = values[parameter.name] ?? parameter.usual else {
                if parameter.isRequired {
                    throw ParameterError(name: parameter.name, message: "it is missing.")
                }
                continue
            }
            if let fault = parameter.fault(value) {
                throw ParameterError(name: parameter.name, message: fault)
            }
            switch parameter.place {
            case .path:
                endpoint.path = endpoint.path.replacing(
                    "{\(parameter.name)}", with: pathSegment(value))
            case .query(let name): pairs.append(name + "=" + percentEncoded(value))
            case .header(let name): endpoint.headers.append(Header(name, value))
            case .member(let name): endpoint.give(name, value)
            case .setting: endpoint.settings[parameter.name] = value
            }
            if parameter.tellsApart { apart += [parameter.name, value] }
        }
        endpoint.adapt?(&endpoint)
        endpoint.tell(apart)
        if !pairs.isEmpty { endpoint.path += "?" + pairs.joined(separator: "&") }
        return endpoint
    }

    /// Puts a member before the list of the body.
    private mutating func give(_ name: String, _ value: String) {
        let list = body
        var member: [UInt8] = []
        JSONWriter.appendString(name, to: &member)
        member.append(UInt8(ascii: ":"))
        JSONWriter.appendString(value, to: &member)
        member.append(UInt8(ascii: ","))
        body = { [member] items in
            var body = list(items)
            body.insert(contentsOf: member, at: min(1, body.count))
            return body
        }
    }

    /// Makes these texts a part of every record's identity.
    private mutating func tell(_ texts: [String]) {
        guard !texts.isEmpty else { return }
        let prepare = prepare
        self.prepare = { item, prepared in
            prepare(item, &prepared)
            guard prepared.problems.isEmpty else { return }
            var identity = FieldWriter(reusing: [])
            identity.add(word: prepared.identity.high)
            identity.add(word: prepared.identity.low)
            for text in texts { identity.add(text) }
            prepared.identity = identity.identity
        }
    }
}
