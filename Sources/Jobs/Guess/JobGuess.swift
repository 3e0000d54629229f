package import Catalog
import Foundation

/// Proposes a job for a table: which call, which column for which field, what is unusual.
package struct JobGuess {
    /// What is known beside the file.
    package struct Request: Sendable {
        /// Of the job.
        package var name: String
        /// As the job names them.
        package var files: [String]
        /// As in `connection:`.
        package var connection = "sandbox"
        /// Nil: proposed.
        package var endpoint: String?
        /// Of dates without an offset; nil: guessed.
        package var zone: String?
        /// Of phone numbers without their country's code, two letters; nil: guessed.
        package var country: String?
        /// Of dates; nil: guessed.
        package var dateFormat: String?
        /// Columns by field: `billNumber`, `lineItemsV2.qty`, `attribution`.
        package var columns: [String: String] = [:]

        package init(name: String, files: [String]) {
            self.name = name
            self.files = files
        }
    }

    let table: TableGuess
    let request: Request
    /// In the order of the file.
    package private(set) var columns: [ColumnGuess]
    /// Of the columns' names: `de`.
    package let language: String?

    package init(_ table: TableGuess, _ request: Request) {
        self.table = table
        self.request = request
        let language = Self.language(table.columns)
        self.language = language
        columns = table.columns.enumerated().map { index, name in
            ColumnGuess(name, table.rows.map { index < $0.count ? $0[index] : "" }, language: language)
        }
        for (field, column) in request.columns { assign(field, column) }
    }

    /// A field that was given its column: nothing else is taken for it.
    private mutating func assign(_ field: String, _ name: String) {
        guard let index = columns.firstIndex(where: { $0.name == name }),
            let meaning = Self.meaning(of: field, columns[index])
        else { return }
        for other in columns.indices { columns[other].meanings.removeAll { $0.meaning == meaning } }
        columns[index].meanings = [(meaning, .sure)]
    }

    /// What a column means that is given to a field.
    static func meaning(of field: String, _ column: ColumnGuess) -> ColumnMeaning? {
        switch field {
        case "billNumber": .billNumber
        case "billingDate": .billDate
        case "billAmount": .billTotal
        case "grossAmount": .grossAmount
        case "discount": .discount
        case "note": .note
        case "currencyCode": .currency
        case "type": .type
        case "identifierValue": column.phone != nil ? .mobile : column.isEmail ? .email : .customer
        case "attribution", "store": .store
        case "till": .till
        case "lineItemsV2.itemCode": .item
        case "lineItemsV2.qty": .quantity
        case "lineItemsV2.rate": .rate
        case "lineItemsV2.amount": .amount
        case "lineItemsV2.description": .itemName
        case "firstName": .firstName
        case "lastName": .lastName
        case "mobile": .mobile
        case "email": .email
        case "externalId": .customer
        default: nil
        }
    }

    private static func language(_ names: [String]) -> String? {
        var counts: [String: Int] = [:]
        for name in names {
            let languages = ColumnWords.meanings(of: name).languages
            // A word of several languages tells little.
            guard languages.count == 1, let language = languages.first else { continue }
            counts[language, default: 0] += 1
        }
        let ranked = counts.sorted { ($0.value, $1.key) > ($1.value, $0.key) }
        guard let first = ranked.first else { return nil }
        if ranked.count > 1, ranked[1].value == first.value { return nil }
        return first.key
    }

    // MARK: Columns

    enum Pick {
        case one(ColumnGuess, Confidence)
        case several([ColumnGuess])
        case none

        var column: ColumnGuess? { if case .one(let column, _) = self { column } else { nil } }
    }

    /// The column that means this, by name and content.
    func pick(_ meaning: ColumnMeaning, except: Set<String> = []) -> Pick {
        let found = columns.compactMap { column -> (ColumnGuess, Confidence)? in
            guard !except.contains(column.name), column.fits(meaning),
                let known = column.meanings.first(where: { $0.meaning == meaning })
            else { return nil }
            return (column, known.confidence)
        }
        guard let best = found.map(\.1).max() else { return .none }
        let top = found.filter { $0.1 == best }
        return top.count == 1 ? .one(top[0].0, best) : .several(top.map(\.0))
    }

    /// Values of a column, by row.
    func values(_ name: String) -> [String] {
        guard let index = table.columns.firstIndex(of: name) else { return [] }
        return table.rows.map { index < $0.count ? TableGuess.trimmed($0[index]) : "" }
    }

    /// The field of `--set` that nothing is known of, so that its column would be left out; nil where there is none.
    package func unplaced(_ endpoints: [Endpoint] = Endpoint.all) -> String? {
        let call = endpoints.first { $0.name == endpoint?.name }
        let isFlat = !["transactions.add", "customers.add", "customers.register"].contains(
            call?.name ?? "")
        return request.columns.keys.sorted().first { field in
            guard isFlat else {
                return columns.first { $0.name == request.columns[field] }.map {
                    Self.meaning(of: field, $0) == nil
                } ?? true
            }
            return call.map { !$0.fields.contains { $0.name == field } } ?? false
        }
    }

    // MARK: The call

    /// The call that the columns are for; nil where none stands out.
    package var endpoint: (name: String, confidence: Confidence)? {
        if let name = request.endpoint { return (name, .sure) }
        func has(_ meanings: ColumnMeaning...) -> Bool {
            meanings.contains { meaning in columns.contains { $0.has(meaning) && $0.fits(meaning) } }
        }
        if has(.billNumber), has(.billTotal, .amount, .grossAmount) {
            return ("transactions.add", has(.billDate) ? .sure : .likely)
        }
        guard !has(.billNumber) else { return nil }
        if has(.mobile, .email, .customer), has(.firstName, .lastName) {
            return ("customers.add", .likely)
        }
        if has(.item), has(.price, .rate, .itemName, .brand, .category, .ean),
            !has(.quantity, .customer, .mobile)
        {
            return ("skus.add", .likely)
        }
        if has(.store), has(.storeName, .name, .city, .address), !has(.mobile, .customer, .item) {
            return ("stores.add", .likely)
        }
        return nil
    }

    /// - Parameter endpoints: The calls of the catalog.
    package func draft(_ endpoints: [Endpoint] = Endpoint.all) -> JobDraft {
        var draft = JobDraft(name: request.name, files: request.files, connection: request.connection)
        draft.encoding = table.encoding
        draft.delimiter = table.delimiter
        draft.hasHeader = table.hasHeader
        draft.skip = table.skip
        draft.footer = table.footer
        draft.inputGaps = table.gaps.map { "input: " + $0 }
        draft.findings = table.findings
        if let total = table.totals {
            let text = total.word.replacingOccurrences(of: "'", with: "''")
            draft.filter =
                "trim(\(Self.name(total.column))) " + (text.hasSuffix(" %") ? "NOT LIKE" : "<>")
                + " '\(text)'"
        }
        guard let (name, confidence) = endpoint,
            let call = endpoints.first(where: { $0.name == name })
        else {
            draft.findings.append(
                GuessFinding("endpoint", "", .unsure, "no call stands out: name it with --endpoint"))
            return draft
        }
        draft.endpoint = name
        draft.findings.append(
            GuessFinding(
                "endpoint", name, confidence, request.endpoint == nil ? "by the columns" : "given"))
        var used: Set<String> = []
        switch name {
        case "transactions.add": used = TransactionDraft.fill(&draft, self)
        case "customers.add", "customers.register": used = CustomerDraft.fill(&draft, self)
        default: used = FlatDraft.fill(&draft, self, call)
        }
        finish(&draft, used)
        return draft
    }

    /// What concerns all columns that are used: how numbers are written, words for nothing, damage.
    private func finish(_ draft: inout JobDraft, _ used: Set<String>) {
        let mapped = columns.filter { used.contains($0.name) }
        let numbers = mapped.filter(\.isNumeric).compactMap { column in
            column.number.map { (column.name, $0) }
        }
        let decimals = Set(numbers.compactMap(\.1.decimal))
        let separators = Set(numbers.compactMap(\.1.thousands))
        let doubtful = numbers.filter(\.1.isAmbiguous)
        if decimals.count > 1 || separators.count > 1 {
            draft.numberGap =
                "decimal: the columns \(numbers.map(\.0).joined(separator: ", ")) write numbers differently; "
                + "set `decimal` and `thousands` for each field"
            draft.decimal = "TODO"
        } else if let decimal = decimals.first {
            draft.decimal = decimal == "." ? nil : decimal
            let other = decimal == "." ? "," : "."
            draft.thousands = separators.first ?? (doubtful.isEmpty ? nil : other)
            draft.findings.append(
                GuessFinding(
                    "decimal sign", decimal, doubtful.isEmpty ? .sure : .likely, "by the numbers"))
        } else if !doubtful.isEmpty {
            draft.numberGap =
                "decimal: \(doubtful.map(\.0).joined(separator: ", ")): a number such as 1,234 may be 1234 or 1.234. "
                + "Write `decimal: \",\"`, or `thousands: \",\"`"
            draft.decimal = "TODO"
            draft.findings.append(
                GuessFinding("decimal sign", "", .unsure, "numbers such as 1,234 fit both , and ."))
        } else {
            draft.thousands = separators.first
        }
        draft.isAccounting = numbers.contains { $0.1.isAccounting }
        draft.currencies = numbers.flatMap(\.1.currencies).reduce(into: []) {
            if !$0.contains($1) { $0.append($1) }
        }
        draft.nulls = mapped.filter { !$0.nulls.isEmpty }.map { ($0.name, $0.nulls) }
        for column in mapped where !column.damaged.isEmpty {
            let words = column.damaged.keys.sorted().joined(separator: ", ")
            draft.notes.append(
                "The column \(column.name) has cells with \(words): their records are invalid until the file is fixed."
            )
            draft.findings.append(
                GuessFinding(
                    "column \(column.name)", words, .sure,
                    "a formula that failed: such records are invalid"))
        }
        let rest = columns.filter { !used.contains($0.name) }.map(\.name)
        if !rest.isEmpty { draft.notes.append("Not used: \(rest.joined(separator: ", ")).") }
    }

    // MARK: Words of expressions

    /// The name of a column in an expression.
    static func name(_ column: String) -> String {
        let isPlain =
            column.utf8.allSatisfy { 0x30...0x39 ~= $0 || 0x41...0x5A ~= $0 & 0xDF || $0 == 0x5F }
            && column.first?.isLetter == true && !keywords.contains(column.lowercased())
        return isPlain ? column : "\"" + column.replacingOccurrences(of: "\"", with: "\"\"") + "\""
    }

    private static let keywords: Set<String> = [
        "all", "and", "as", "between", "by", "case", "check", "default", "distinct", "else", "end",
        "exists",
        "from", "group", "having", "in", "index", "is", "join", "limit", "not", "null", "on", "or",
        "order",
        "select", "set", "table", "then", "to", "transaction", "union", "unique", "using", "values",
        "when", "where",
    ]

    // MARK: Dates

    /// The zone of the dates in a file, and where that is from; several where only a person can tell.
    func zones(_ phone: PhoneGuess?) -> (names: [String], why: String) {
        if let zone = request.zone { return ([zone], "given") }
        let country = request.country ?? phone?.country
        if let country, !Country.zones(country).isEmpty {
            return (Country.zones(country), "the phone numbers are from \(country)")
        }
        let names = Country.zones(language: language)
        // They keep the same time.
        if language == "de" {
            return ([names[0]], "German names of columns; Vienna and Zurich keep the same time")
        }
        return (names, "")
    }

    /// How a date is taken from a column, and from one with the time of day.
    func date(_ column: ColumnGuess, _ time: ColumnGuess?, _ phone: PhoneGuess?) -> (
        rule: JobDraft.Rule, gap: String, finding: GuessFinding, questions: [JobDraft.Question]
    ) {
        guard let date = column.date else {
            return (.column(column.name, []), "", GuessFinding("dates", "", .unsure, "no dates"), [])
        }
        var options = [JobDraft.Option("as", "datetime")]
        var gaps: [String] = []
        var questions: [JobDraft.Question] = []
        var format = request.dateFormat ?? date.formats[0]
        var why = "all values fit"
        if request.dateFormat != nil {
            why = "given"
        } else if date.isAmbiguous {
            gaps.append(
                "format: the values fit \(date.formats.joined(separator: " and ")); write the right one"
            )
            questions.append(.dateFormat(date.formats))
            format = "TODO"
            why = "the day and the month cannot be told apart"
        }
        let withTime = time?.time != nil && !date.hasTime
        if withTime, let pattern = time?.time, format != "TODO" { format += " " + pattern }
        options.append(JobDraft.Option("format", format))
        if let locale = date.locale { options.append(JobDraft.Option("locale", locale)) }
        let isInstant = date.hasOffset
        var zone = ""
        if !isInstant {
            let (names, reason) = zones(phone)
            if request.zone == nil { questions.append(.zone(names, isGuessed: names.count == 1)) }
            if names.count == 1 {
                zone = names[0]
                why += "; zone: \(reason)"
            } else {
                zone = "TODO"
                gaps.append(
                    "zone: the file has no offsets; write the time zone, such as \(names.prefix(4).joined(separator: ", "))"
                )
            }
            options.append(JobDraft.Option("zone", zone))
        }
        let rule: JobDraft.Rule =
            withTime
            ? .template("{\(column.name)} {\(time?.name ?? "")}", options)
            : .column(column.name, options)
        let value = !gaps.isEmpty ? "" : isInstant ? format : "\(format), \(zone)"
        return (
            rule, gaps.joined(separator: "; "),
            GuessFinding("dates", value, gaps.isEmpty ? .likely : .unsure, why), questions
        )
    }
}

extension ColumnGuess {
    /// Its numbers are calculated with: codes and phone numbers are none.
    var isNumeric: Bool {
        number != nil
            && [.billTotal, .amount, .grossAmount, .discount, .quantity, .rate, .price, .points]
                .contains(
                    where: has)
    }
}
