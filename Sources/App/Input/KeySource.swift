import Catalog
import Engine
import Foundation
import Ledger
import Model
import Records

/// Where the keys of an export come from: a column of a file, a list of them.
struct KeySource {
    /// `FILE`, `FILE:COLUMN` or `run:RUN`.
    let text: String
    /// How that file is written, as far as it was said.
    var delimiter: String?
    var encoding: String?
    var sheet: String?

    /// What is asked by them, and by which kind.
    private let listing: Listing
    private let kind: String

    /// Of an export; nil where it needs no keys.
    init?(_ order: ExportOrder) throws {
        guard let keys = order.keys else { return nil }
        text = keys
        delimiter = order.keyDelimiter
        encoding = order.keyEncoding
        sheet = order.keySheet
        listing = try ListingList.find(order.listing)
        kind = order.by ?? ""
    }

    /// For a file's name, and to tell one series from another.
    static func digest(_ text: String) -> String { String(ContentDigest.of(text), radix: 36) }

    /// Puts the keys into the ledger, each once, in the order of the file.
    func read(into ledger: Ledger, export: Int64) async throws {
        try await each(ledger) { try await ledger.addKeys($0, to: export) }
    }

    /// How many there are, and some of them by chance.
    func sample(_ ledger: Ledger, of most: Int) async throws -> (count: Int, keys: [String]) {
        var count = 0
        var chosen: [String] = []
        try await each(ledger) { keys in
            for key in keys {
                count += 1
                if chosen.count < most {
                    chosen.append(key)
                } else if Int.random(in: 0..<count) < most {
                    chosen[Int.random(in: 0..<most)] = key
                }
            }
        }
        return (count, chosen)
    }

    /// Hands the keys out in the order of the file, some thousands at a time.
    private func each(_ ledger: Ledger, _ body: ([String]) async throws -> Void) async throws {
        if text.hasPrefix("run:") {
            return try await body(try keys(ofRun: String(text.dropFirst(4)), ledger))
        }
        let (path, column) = Self.parts(of: text)
        var options = InputOptions()
        if column == nil { options.header = InputOptions.Header.none }
        try options.take(delimiter: delimiter, encoding: encoding, sheet: sheet)
        let files = try InputList.resolve(
            [path], options: options, relativeTo: FileManager.default.currentDirectoryPath)
        var batch: [String] = []
        var count = 0
        for file in files {
            let reader = try RowReader.open(file, index: 0, options: options)
            var pick = try KeyColumn(reader, column, file: file.name)
            var block = RowBlock()
            while try reader.read(into: &block, rows: 512) {
                for row in block.rows {
                    if let problem = row.problem {
                        throw Failure(
                            .usage,
                            "\(InputName.place(file.name, line: row.position.line)): \(problem.message): its key would be left out"
                        )
                    }
                    if let key = pick.key(row, block), !key.isEmpty { batch.append(key) }
                }
                if batch.count >= 5000 {
                    try await body(batch)
                    count += batch.count
                    batch = []
                }
            }
        }
        guard count + batch.count > 0 else {
            throw Failure(.usage, "\(text): the file has no keys.")
        }
        try await body(batch)
    }

    /// What tells a run's accepted records: the server's ids where the listing is asked by such, else what a
    /// person knows them by.
    private func keys(ofRun name: String, _ ledger: Ledger) throws -> [String] {
        guard let run = try ledger.run(named: name) else {
            throw Failure(.usage, "there is no run '\(name)'. `sluice runs` lists them.")
        }
        if let subject = listing.subject(of: kind), let given = Endpoint.subject(named: run.endpoint),
            subject != given
        {
            let words = given == .others ? "what \(run.endpoint) sends" : given.rawValue
            let wanted = subject == .others ? kind : subject.rawValue
            throw Failure(
                .usage,
                "run \(run.id) has keys of \(words), but \(listing.name) takes \(wanted): nothing would be "
                    + "found. Name a file with such keys, --keys FILE:COLUMN.")
        }
        var keys: [String] = []
        let key = Endpoint.named(run.endpoint)?.key
        let asksByID = listing.asksByID(kind)
        try ledger.eachAccepted(run: run.number) { row in
            let known = key?(row.evidence)
            let text = asksByID ? row.serverID?.text ?? known : known ?? row.serverID?.text
            if let text { keys.append(text) }
            return true
        }
        guard !keys.isEmpty else { throw Failure(.usage, "run \(run.id) has no accepted record.") }
        return keys
    }

    /// A name may hold colons itself: the column is what is after the last, where the file is there.
    static func parts(of text: String) -> (path: String, column: String?) {
        if FileManager.default.fileExists(atPath: text) { return (text, nil) }
        guard let colon = text.lastIndex(of: ":") else { return (text, nil) }
        return (String(text[..<colon]), String(text[text.index(after: colon)...]))
    }
}

/// Finds the key in each row.
struct KeyColumn {
    private var index = 0
    private var path: [String]?
    private var tape = JSONTape()

    init(_ reader: RowReader, _ column: String?, file: String) throws {
        guard let columns = reader.columns else {
            // JSON: a member, or the value itself.
            path = column?.split(separator: ".").map(String.init) ?? []
            return
        }
        guard let column else {
            guard columns.count <= 1 else {
                throw Failure(
                    .usage, "\(file) has several columns: name the one with the keys, as in \(file):id."
                )
            }
            return
        }
        guard let found = columns.firstIndex(of: column) else {
            let near = Suggestion.nearest(to: column, among: columns)
            throw Failure(
                .usage,
                "\(file) has no column \(column)." + (near.map { " Did you mean \($0)?" } ?? ""))
        }
        index = found
    }

    mutating func key(_ row: Row, _ block: RowBlock) -> String? {
        guard let path else {
            return row.fields.count > index
                ? block.field(index, of: row).trimmingCharacters(in: .whitespaces) : nil
        }
        guard (try? tape.parse(block.text, in: row.value)) != nil else { return nil }
        var node = 0
        for name in path {
            guard let next = tape.member(name, of: node, in: block.text) else { return nil }
            node = next
        }
        switch tape.kind(of: node) {
        case .string, .number: return tape.text(of: node, in: block.text)
        default: return nil
        }
    }
}
