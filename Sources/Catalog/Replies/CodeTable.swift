package import Model
import Records

/// What an endpoint's item codes mean, where the item has errors and no id.
package struct CodeTable: Sendable {
    /// What a code of an item says of the work.
    package enum Meaning: Sendable, Equatable {
        /// Not an error: the act was done.
        case done
        case rejected, exists, parked, again
        /// It may have been done anyway.
        case inDoubt
        /// The batch was too large: nothing of it was done.
        case batch
    }

    /// Codes of one meaning, and the reason that reports give.
    package struct Row: Sendable {
        let codes: [Int]
        let meaning: Meaning
        let reason: Reason

        package init(_ meaning: Meaning, _ reason: Reason, _ codes: Int...) {
            self.init(meaning, reason, codes)
        }

        package init(_ meaning: Meaning, _ reason: Reason, _ codes: [Int]) {
            self.codes = codes
            self.meaning = meaning
            self.reason = reason
        }
    }

    let rows: [Row]
    /// What a complaint means whose number alone does not tell; nil where the number does.
    let byWords: @Sendable (Complaint) -> Row?
    private let byCode: [Int: Int]

    package init(_ rows: [Row]) { self.init(rows, byWords: { _ in nil }) }

    init(_ rows: [Row], byWords: @escaping @Sendable (Complaint) -> Row?) {
        self.rows = rows
        self.byWords = byWords
        var byCode: [Int: Int] = [:]
        for (index, row) in rows.enumerated() {
            for code in row.codes {
                let earlier = byCode.updateValue(index, forKey: code)
                precondition(earlier == nil, "code \(code) is listed twice")
            }
        }
        self.byCode = byCode
    }

    /// Of a call whose replies have no codes.
    static let none = CodeTable([])

    /// Rows that a job gives, with the codes of the gateway that are not among them.
    package static func described(_ rows: [Row]) -> CodeTable {
        let given = Set(rows.flatMap(\.codes))
        func rest(_ codes: Int...) -> [Int] { codes.filter { !given.contains($0) } }
        let gateway: [Row] = [
            Row(.again, .busy, rest(521, 461, 4001)), Row(.again, .throttled, rest(517)),
            Row(.batch, .batchTooLarge, rest(1060)),
        ]
        return CodeTable(rows + gateway)
    }

    /// The same with more rows.
    func adding(_ more: Row...) -> CodeTable { CodeTable(rows + more, byWords: byWords) }

    var reasons: [Reason] { rows.map(\.reason) + [.refused] }

    var codesByReason: [Reason: [Int]] {
        rows.reduce(into: [:]) { $0[$1.reason, default: []] += $1.codes }
    }

    /// Whether the number is in the table.
    func lists(_ code: Int) -> Bool { byCode[code] != nil }

    /// What a complaint means, by its words where they decide, else by its number.
    func row(of complaint: Complaint) -> (meaning: Meaning, reason: Reason) {
        if let row = byWords(complaint) { return (row.meaning, row.reason) }
        return row(of: complaint.code)
    }

    /// An unlisted code is a refusal, except those by which a server says that it broke down.
    ///
    /// Source: Transactions, Add bills: binding. An item has failed if its errors are not empty.
    func row(of code: Int?) -> (meaning: Meaning, reason: Reason) {
        guard let code else { return (.rejected, .refused) }
        if let index = byCode[code] { return (rows[index].meaning, rows[index].reason) }
        switch code {
        case 407, 500, 502, 503, 504, 520: return (.inDoubt, .serverTrouble)
        default: return (.rejected, .refused)
        }
    }
}

extension CodeTable {
    /// Of several errors of one item the one that forbids most: it decides.
    func worst(of complaints: [Complaint]) -> Complaint? {
        func weight(_ complaint: Complaint) -> Int {
            switch row(of: complaint).meaning {
            case .inDoubt: 6
            case .parked: 5
            case .exists: 4
            case .rejected: 3
            case .batch: 2
            case .again: 1
            case .done: 0
            }
        }
        return complaints.max { weight($0) < weight($1) }
    }
}

extension Reason {
    /// All of these, each once, in their order.
    static func once(_ lists: [Reason]...) -> [Reason] {
        var seen: Set<Reason> = []
        return lists.joined().filter { seen.insert($0).inserted }
    }
}

/// One entry of an `errors` or `warnings` list.
struct Complaint: Equatable {
    var code: Int?
    var message: String
    /// The field it names, where it does.
    var field: String?
}

extension JSON {
    /// The entries of an `errors` or `warnings` list. Empty objects and nulls are no entries.
    ///
    /// Source: Replies, Envelopes. An old sample holds `[{}]`.
    func complaints(_ node: Int?) -> [Complaint] {
        list(node).compactMap { entry in
            if isEmpty(entry) { return nil }
            guard kind(entry) == .object else {
                return Complaint(code: nil, message: scalar(entry) ?? "", field: nil)
            }
            let code = member("code", of: entry) ?? member("errorCode", of: entry)
            let words =
                scalar(member("message", of: entry)) ?? scalar(member("errorMessage", of: entry)) ?? ""
            // Some codes are words: `INVALID_CHARACTERS`.
            let name = integer(code) == nil ? scalar(code) : nil
            return Complaint(
                code: integer(code),
                message: name.map { words.isEmpty ? $0 : "\($0): \(words)" } ?? words,
                field: scalar(member("field", of: entry)))
        }
    }
}
