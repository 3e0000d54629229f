import Model
import Records

/// Reads replies that have an item a record. Where what is is said by a ``Form``; without one it is
/// shape E1: `{"response":[{"entityId","result","errors","warnings"}],"totalCount","failureCount"}`.
///
/// Items are bound to records by what they echo, never by their place. What cannot be bound is left
/// in doubt, with one exception: see ``bind(_:_:)``. The counts are not used: sources disagree on
/// what they count.
///
/// Source: Replies, Envelopes; Transactions, Add bills: replies; Transactions, Add bills: binding.
struct BulkReply: Sendable {
    /// How items and records find each other, from the surest label to the weakest.
    struct Label: Sendable {
        /// What a record is known by; nil where it has nothing of the kind.
        let member: @Sendable (Evidence) -> UInt64?
        /// The same of an item; nil where it does not tell.
        let item: @Sendable (JSON, _ item: Int) -> UInt64?
        /// Whether they may belong together although this label does not say everything.
        let agree: @Sendable (JSON, _ item: Int, Evidence) -> Bool
    }

    /// Where things stand in a reply and in its items.
    struct Form: Sendable {
        /// The items: an array, or one of them without its list. Nil: the reply is something else.
        var list: @Sendable (JSON) -> Int?
        /// Items that stand elsewhere, too.
        var more: @Sendable (JSON) -> [Int] = { _ in [] }
        /// The server's id.
        var id: @Sendable (JSON, _ item: Int) -> Int?
        /// An id is any text that is not empty, instead of a positive number.
        var idIsText = false
        var errors: @Sendable (JSON, _ item: Int) -> [Complaint]
        var warnings: @Sendable (JSON, _ item: Int) -> [Complaint]
        /// Whether an item says itself that it was done; nil where only errors speak.
        var isDone: (@Sendable (JSON, _ item: Int) -> Bool)?
        /// Which record an item says it is of, counted from 1 in the request; nil where it does not.
        var place: (@Sendable (JSON, _ item: Int) -> Int?)?

        static func list(
            _ list: @escaping @Sendable (JSON) -> Int?,
            id: @escaping @Sendable (JSON, Int) -> Int? = { $0.member("entityId", of: $1) }
        ) -> Form {
            Form(
                list: list, id: id, errors: { $0.complaints($0.member("errors", of: $1)) },
                warnings: { $0.complaints($0.member("warnings", of: $1)) })
        }

        /// Source: Replies, Envelopes.
        static let e1 = Form.list { json in
            guard let list = json.member("response", of: json.root) else { return nil }
            switch json.kind(list) {
            case .array: return list
            case .object:
                // One item without its list; anything else of that name is another envelope.
                let isItem = ["entityId", "result", "errors"].contains { (name: StaticString) in
                    json.member(name, of: list) != nil
                }
                return isItem ? list : nil
            default: return nil
            }
        }

        /// The same, the id at that path of the item.
        func with(id path: StaticString...) -> Form {
            var form = self
            form.id = { json, item in json.member(path, of: item) }
            return form
        }
    }

    /// What shows that an item was done.
    enum Proof: Sendable {
        /// A positive id. An id together with errors is a contradiction.
        case id
        /// That a labelled item has no errors. An id then says which thing it is about, no more.
        case noErrors
    }

    let labels: [Label]
    let codes: CodeTable
    let fields: [String]
    var proof = Proof.id
    var form = Form.e1
    /// What an id beside errors means, in words put before the server's.
    var partly: String?

    func read(_ reply: Reply, members: [Evidence]) -> Verdict {
        let json = JSON(reply.body)
        guard let json, let items = items(json), !items.isEmpty else {
            return WholeReply(reply: reply, json: json, codes: codes, fields: fields).verdict
        }
        if let verdict = batchTooLarge(items, members.count) { return verdict }
        return .each(bind(items, json, members))
    }

    // MARK: Items

    struct Item {
        let node: Int
        /// A positive number, as it is written.
        let id: String?
        let errors: [Complaint]
        let warnings: [Warning]
        /// Something like an id is there that is no positive number, null, 0 or -1.
        let hasOddID: Bool
        let proof: Proof
        /// It does not say that it was done, although its like does.
        let isMute: Bool

        /// Errors, and nothing that looks as if it was done anyway.
        var isPlainFailure: Bool {
            !errors.isEmpty && (proof == .noErrors || id == nil && !hasOddID)
        }
    }

    private func items(_ json: JSON) -> [Item]? {
        form.list(json).map { list in (json.list(list) + form.more(json)).map { item($0, json) } }
    }

    private func item(_ node: Int, _ json: JSON) -> Item {
        var id: String?
        var isOdd = false
        if let entity = form.id(json, node), !json.isNull(entity) {
            let text = json.scalar(entity) ?? "?"
            if form.idIsText {
                if text == "?" { isOdd = true } else if !text.isEmpty { id = text }
            } else if let number = Int(text) {
                if number > 0 { id = text }
            } else {
                isOdd = !text.isEmpty
            }
        }
        let errors = form.errors(json, node)
        let real = errors.filter { codes.row(of: $0).meaning != .done }
        let warnings = form.warnings(json, node)
        return Item(
            node: node, id: id, errors: real,
            warnings: (warnings
                + (errors.count == real.count ? [] : errors.filter { !real.contains($0) }))
                .map { Warning(code: $0.code ?? 0, message: $0.message) },
            hasOddID: isOdd, proof: proof, isMute: form.isDone.map { !$0(json, node) } ?? false)
    }

    /// Every item says that the batch was too large, and none was stored.
    ///
    /// 672 means an invalid size code as well: a message that speaks of sizes only is taken for that,
    /// and a single record is always judged by itself, so that halving ends.
    private func batchTooLarge(_ items: [Item], _ members: Int) -> Verdict? {
        guard members > 1, let first = items.first?.errors.first else { return nil }
        for item in items {
            guard item.isPlainFailure else { return nil }
            for error in item.errors {
                guard codes.row(of: error).meaning == .batch else { return nil }
                let text = error.message.lowercased()
                if error.code == 672, text.contains("size"), !text.contains("batch"),
                    !text.contains("limit")
                {
                    return nil
                }
            }
        }
        return .split(Refusal(.batchTooLarge, serverCode: first.code, message: first.message))
    }

    // MARK: Binding

    /// One disposition a member.
    ///
    /// The one elimination: as many items as members, every item that bears a label bound, all others
    /// plain failures: then those are the rest's, and where they all agree, or there is but one,
    /// the rest knows what is said of it. A record that travels alone is bound to the only item, unless
    /// that bears another's label.
    private func bind(_ items: [Item], _ json: JSON, _ members: [Evidence]) -> [Disposition] {
        var result = [Disposition?](repeating: nil, count: members.count)
        var owner = [Int?](repeating: nil, count: items.count)
        var isLabelled = [Bool](repeating: false, count: items.count)
        for (level, label) in labels.enumerated() {
            if level > 0, !result.contains(where: { $0 == nil }) { break }
            let ofMember = Index(members.map { label.member($0) })
            // What none of the records has, tells none of them from another: an allocation by mobile number is
            // answered with the customer's own number.
            guard ofMember.keys.contains(where: { $0 != nil }) else { continue }
            let ofItem = Index(
                items.map { json.isObject($0.node) ? label.item(json, $0.node) : nil })
            for (index, item) in items.enumerated() {
                guard let key = ofItem.keys[index] else { continue }
                isLabelled[index] = true
                guard owner[index] == nil, ofItem.isUnique(key), let member = ofMember.only(key),
                    result[member] == nil, label.agree(json, item.node, members[member])
                else { continue }
                result[member] = disposition(item, isLabelled: true)
                owner[index] = member
            }
        }
        if result.contains(where: { $0 == nil }) {
            align(items, json, &owner, isLabelled: isLabelled, &result)
        }
        if result.contains(where: { $0 == nil }) {
            eliminate(items, isBound: owner.map { $0 != nil }, isLabelled: isLabelled, &result)
        }
        let unbound = Disposition.unbound(
            Refusal(
                .unboundAnswer,
                message:
                    "The reply has \(items.count) items for \(members.count) records, but none for this one."
            ))
        return result.map { $0 ?? unbound }
    }

    /// By place, where items prove that the reply is in the order of the request: as many items as
    /// records, every labelled one bound to the record of its own place, and at least one of these saying
    /// its place itself. Then a failure without label is that of the record at its place.
    private func align(
        _ items: [Item], _ json: JSON, _ owner: inout [Int?], isLabelled: [Bool],
        _ result: inout [Disposition?]
    ) {
        guard let place = form.place, items.count == result.count else { return }
        var isTold = false
        for (index, item) in items.enumerated() {
            let told = place(json, item.node)
            if told == nil, !isLabelled[index] { continue }
            guard owner[index] == index, told ?? index + 1 == index + 1 else { return }
            isTold = isTold || told != nil
        }
        guard isTold else { return }
        for (index, item) in items.enumerated()
        where owner[index] == nil && result[index] == nil && item.isPlainFailure {
            result[index] = disposition(item, isLabelled: false)
            owner[index] = index
        }
    }

    private func eliminate(
        _ items: [Item], isBound: [Bool], isLabelled: [Bool], _ result: inout [Disposition?]
    ) {
        guard items.count == result.count else { return }
        let rest = items.indices.filter { !isBound[$0] }
        guard rest.allSatisfy({ !isLabelled[$0] }) else { return }
        let open = result.indices.filter { result[$0] == nil }
        if result.count == 1 {
            // It is this record's: an id tells so as well as a label does.
            result[0] = disposition(items[0], isLabelled: items[0].id != nil || form.isDone != nil)
            return
        }
        guard rest.allSatisfy({ items[$0].isPlainFailure }) else { return }
        guard let said = common(rest.map { disposition(items[$0], isLabelled: false) }) else { return }
        for member in open { result[member] = said }
    }

    /// What several items say together, where nobody knows whose is which; nil where they differ in
    /// more than their reasons, or leave doubt.
    private func common(_ said: [Disposition]) -> Disposition? {
        guard let first = said.first else { return nil }
        if said.allSatisfy({ $0 == first }) { return first }
        func joined(_ refusals: [Refusal]) -> Refusal? {
            guard refusals.count == said.count, let one = refusals.first else { return nil }
            let codes = Set(refusals.map(\.serverCode))
            let reasons = Set(refusals.map(\.reason))
            let words = refusals.map { ($0.serverCode.map { "\($0) " } ?? "") + $0.message }
            return Refusal(
                reasons.count == 1 ? one.reason : .refused,
                serverCode: codes.count == 1 ? one.serverCode : nil,
                message: "One of these:  " + words.prefix(10).joined(separator: "; "))
        }
        let rejected = said.compactMap { if case .rejected(let refusal) = $0 { refusal } else { nil } }
        if let refusal = joined(rejected) { return .rejected(refusal) }
        let exists = said.compactMap { if case .exists(let refusal) = $0 { refusal } else { nil } }
        if let refusal = joined(exists) { return .exists(refusal) }
        let again = said.compactMap { if case .again(_, let refusal) = $0 { refusal } else { nil } }
        if let refusal = joined(again) { return .again(after: nil, refusal) }
        return nil
    }

    // MARK: Judging

    /// What one item says, whoever's it is.
    ///
    /// Source: Transactions, Add bills: binding. Failed if its errors are not empty, stored if they are and
    /// it has an id greater than 0, anything else unknown.
    func disposition(_ item: Item, isLabelled: Bool) -> Disposition {
        guard let worst = codes.worst(of: item.errors) else {
            switch proof {
            case .id:
                if let id = item.id { return .accepted(ServerID(id), item.warnings) }
            case .noErrors:
                if isLabelled, !item.isMute {
                    return .accepted(item.id.map { ServerID($0) }, item.warnings)
                }
            }
            return .inDoubt(
                Refusal(.noAnswer, message: "The item has neither a success nor an error."))
        }
        let row = codes.row(of: worst)
        let words = (item.id == nil ? nil : partly).map { $0 + worst.message } ?? worst.message
        let refusal = Refusal(row.reason, field: worst.field, serverCode: worst.code, message: words)
        if proof == .id, item.id != nil || item.hasOddID {
            return .inDoubt(
                Refusal(.contradiction, serverCode: worst.code, message: worst.message))
        }
        switch row.meaning {
        case .done, .inDoubt: return .inDoubt(refusal)
        case .rejected: return .rejected(refusal)
        case .batch:
            return .rejected(Refusal(.refusedValue, serverCode: worst.code, message: worst.message))
        case .exists: return .exists(refusal)
        case .parked: return .parked(refusal)
        case .again: return .again(after: nil, refusal)
        }
    }

    /// Which place has a key, and whether only one has.
    private struct Index {
        let keys: [UInt64?]
        private var places: [UInt64: Int] = [:]

        init(_ keys: [UInt64?]) {
            self.keys = keys
            places.reserveCapacity(keys.count)
            for (index, key) in keys.enumerated() {
                guard let key else { continue }
                if places.updateValue(index, forKey: key) != nil { places[key] = -1 }
            }
        }

        func only(_ key: UInt64) -> Int? {
            guard let place = places[key], place >= 0 else { return nil }
            return place
        }

        func isUnique(_ key: UInt64) -> Bool { only(key) != nil }
    }
}
