import Model
import Records

/// Where things stand in a reply. Paths begin at its root, those of items at the item; a list on the way stands for
/// its first element. Of several paths the first that leads somewhere counts.
package enum ReplyForm: Sendable {
    /// One record a request: `{"entity":…,"warnings":[],"errors":[]}`.
    case single(Single = Single())
    /// An item a record, told by its key.
    case items(Items)
    /// Lists of what was done, and one of what was not, each told by its key.
    case lists(Lists)
    /// Items of v1.1 with a status each.
    case v1(V1)
    case code(any ReplyReader)

    /// The reply to one record.
    package struct Single: Sendable {
        /// Of the server's id.
        package var id: [[String]]
        /// An id is any text that is not empty, instead of a positive number.
        package var idIsText: Bool
        /// What shows that it was done, of calls that answer without an id.
        package var done: Done?
        /// Codes of warnings that mean that it was not done, or not all of it.
        package var refusing: Set<Int>
        /// Errors that mean "done already" need an id beside them to be believed.
        package var doneNeedsID: Bool

        package init(
            id: [[String]] = [["entity"], ["createdId"]], idIsText: Bool = false, done: Done? = nil,
            refusing: Set<Int> = [], doneNeedsID: Bool = true
        ) {
            self.id = id
            self.idIsText = idIsText
            self.done = done
            self.refusing = refusing
            self.doneNeedsID = doneNeedsID
        }
    }

    /// What shows that a record was done.
    package enum Done: Sendable {
        /// `true` there.
        case flag([String])
        /// Anything but null there.
        case present([String])
        /// That word there.
        case word([String], String)
    }

    /// A reply with an item a record.
    package struct Items: Sendable {
        /// Of the list; nil: `response`, which may be a lone item.
        package var list: [String]?
        /// From the item on.
        package var key: [String]
        /// Of the server's id, from the item on; nil: there is none.
        package var id: [String]?
        /// An id is any text that is not empty, instead of a positive number.
        package var idIsText: Bool
        /// The server takes no notice of a key's case.
        package var foldsKey: Bool
        /// An id is needed to believe that it was done; else having no errors is enough.
        package var needsID: Bool

        package init(
            list: [String]? = nil, key: [String], id: [String]? = ["entityId"], idIsText: Bool = false,
            foldsKey: Bool = false, needsID: Bool
        ) {
            self.foldsKey = foldsKey
            self.list = list
            self.key = key
            self.id = id
            self.idIsText = idIsText
            self.needsID = needsID
        }
    }

    /// A reply with lists of what was done and one of what was not.
    package struct Lists: Sendable {
        /// The names of the lists of what was done.
        package var done: [String]
        /// The name of the list of what was not.
        package var failed: String
        /// From an element of a list of what was done on.
        package var key: [[String]]
        /// From an element of the other list on.
        package var failedKey: [[String]]
        /// Of the server's id, from the item on; nil: there is none.
        package var id: [String]?
        /// The server takes no notice of a key's case.
        package var foldsKey: Bool

        package init(
            done: [String], failed: String = "errors", key: [[String]], failedKey: [[String]],
            id: [String]?, foldsKey: Bool = false
        ) {
            self.foldsKey = foldsKey
            self.done = done
            self.failed = failed
            self.key = key
            self.failedKey = failedKey
            self.id = id
        }
    }

    /// A reply of v1.1, whose items have a status each.
    package struct V1: Sendable {
        /// Below `response`.
        let list: [StaticString]
        let id: StaticString
        /// The member that echoes a record's key, where several travel together.
        let key: StaticString?
        /// The same where one travels alone: another value there is somebody else's item.
        let alone: StaticString?

        init(
            _ list: StaticString..., id: StaticString = "id", key: StaticString? = nil,
            alone: StaticString? = nil
        ) {
            self.list = list
            self.id = id
            self.key = key
            self.alone = alone
        }
    }
}

extension ReplyForm {
    /// What reads such replies.
    ///
    /// - Parameter fields: The names of the item's fields, to tell a 403 that names one.
    func reader(_ codes: CodeTable, _ fields: [String]) -> any ReplyReader {
        switch self {
        case .single(let form):
            return SingleReply(
                codes: codes, fields: fields, id: { $0.first(form.id, of: $0.root) },
                idIsText: form.idIsText, saysDone: { json in form.done?.isTrue(of: json) ?? false },
                refusing: form.refusing, doneNeedsID: form.doneNeedsID)
        case .items(let form): return items(form, codes, fields)
        case .lists(let form):
            return TwoListReply(
                codes: codes, fields: fields, done: form.done, failed: form.failed,
                doneLabel: { $0.label(form.key, of: $1, folds: form.foldsKey) },
                failedLabel: { $0.label(form.failedKey, of: $1, folds: form.foldsKey) },
                member: { Label.ofKey($0, folds: form.foldsKey) },
                id: { json, element in
                    form.id.flatMap { json.scalar(json.node($0, of: element)) }
                })
        case .v1(let form):
            let labels: [BulkReply.Label] = form.key.map { [.key($0)] } ?? []
            return V1Reply(
                codes: codes, fields: fields, list: form.list, id: form.id, labels: labels,
                agrees: form.alone.map { Self.echoesKey($0) })
        case .code(let reader): return reader
        }
    }

    /// Read by a function of the call's own.
    static func function(
        _ codes: CodeTable, _ read: @escaping @Sendable (Reply, [Evidence]) -> Verdict
    ) -> ReplyForm { .code(FunctionReader(codes: codes, function: read)) }

    private struct FunctionReader: ReplyReader {
        let codes: CodeTable
        let function: @Sendable (Reply, [Evidence]) -> Verdict
        func read(_ reply: Reply, members: [Evidence]) -> Verdict { function(reply, members) }
    }

    /// Whether an item does not have another record's key there.
    private static func echoesKey(_ name: StaticString) -> @Sendable (JSON, Int, Evidence) -> Bool {
        { json, item, member in
            guard let said = json.scalar(json.member(name, of: item)), !said.isEmpty else {
                return true
            }
            return said == EvidenceFields.text(0, of: member)
        }
    }

    private func items(_ form: Items, _ codes: CodeTable, _ fields: [String]) -> BulkReply {
        var place = BulkReply.Form.e1
        if let list = form.list { place = .list({ json in json.node(list, of: json.root) }) }
        place.id = { json, item in form.id.flatMap { json.node($0, of: item) } }
        place.idIsText = form.idIsText
        let label = BulkReply.Label(
            member: { Label.ofKey($0, folds: form.foldsKey) },
            item: { $0.label([form.key], of: $1, folds: form.foldsKey) }, agree: { _, _, _ in true })
        return BulkReply(
            labels: [label], codes: codes, fields: fields, proof: form.needsID ? .id : .noErrors,
            form: place)
    }
}

extension ReplyForm.Done {
    fileprivate func isTrue(of json: JSON) -> Bool {
        switch self {
        case .flag(let path): json.boolean(json.node(path, of: json.root)) == true
        case .present(let path): json.node(path, of: json.root).map { !json.isNull($0) } ?? false
        case .word(let path, let word): json.scalar(json.node(path, of: json.root)) == word
        }
    }
}

extension JSON {
    /// The node at the first path that leads to one.
    fileprivate func first(_ paths: [[String]], of object: Int) -> Int? {
        for path in paths {
            if let node = path.reduce(object as Int?, { element($1, of: $0) }) { return node }
        }
        return nil
    }

    private func element(_ name: String, of node: Int?) -> Int? {
        guard let node else { return nil }
        let object = tape.is(node, .array) ? list(node).first : node
        return member(named: name, of: object)
    }

    /// The label of the first path that leads to a text which is not empty.
    fileprivate func label(_ paths: [[String]], of element: Int, folds: Bool) -> UInt64? {
        for path in paths {
            if let text = scalar(node(path, of: element)), !text.isEmpty {
                return Label.digest(folds ? text.lowercased() : text)
            }
        }
        return nil
    }
}

extension Label {
    /// Of a record's key, the first text of its evidence.
    fileprivate static func ofKey(_ member: Evidence, folds: Bool) -> UInt64 {
        let key = EvidenceFields.text(0, of: member)
        return digest(folds ? key.lowercased() : key)
    }
}
