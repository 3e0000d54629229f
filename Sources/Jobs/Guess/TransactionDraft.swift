/// Bills: from a row each, or from several rows that share a number.
struct TransactionDraft {
    private let guess: JobGuess
    private var used: Set<String> = []
    private var findings: [GuessFinding] = []
    private var notes: [String] = []
    private var questions: [JobDraft.Question] = []

    /// - Returns: The columns that are used.
    static func fill(_ draft: inout JobDraft, _ guess: JobGuess) -> Set<String> {
        var made = TransactionDraft(guess: guess)
        made.fill(&draft)
        draft.findings += made.findings
        draft.notes += made.notes
        draft.questions += made.questions
        return made.used
    }

    private init(guess: JobGuess) { self.guess = guess }

    private mutating func use(
        _ column: ColumnGuess, _ field: String, _ confidence: Confidence,
        _ why: String = ""
    ) {
        used.insert(column.name)
        findings.append(GuessFinding("column \(column.name)", field, confidence, why))
    }

    /// A field with the column that means it; a gap where there is none, or several.
    private mutating func field(_ name: String, _ meaning: ColumnMeaning, isRequired: Bool) -> JobDraft
        .Field?
    {
        switch guess.pick(meaning, except: used) {
        case .one(let column, let confidence):
            use(column, name, confidence)
            return JobDraft.Field(name, .column(column.name, []))
        case .several(let columns):
            let names = columns.map(\.name).joined(separator: ", ")
            findings.append(GuessFinding(name, "", .unsure, "may be \(names)"))
            guard isRequired else { return nil }
            questions.append(.column(field: name, columns.map(\.name)))
            return JobDraft.Field(name, nil, gap: "which column: \(names)")
        case .none:
            guard isRequired else { return nil }
            questions.append(.column(field: name, []))
            findings.append(GuessFinding(name, "", .unsure, "no column was recognised"))
            return JobDraft.Field(
                name, nil,
                gap: "no column was recognised; write `\(name): COLUMN`, or use --set \(name)=COLUMN")
        }
    }

    private static func numeric(_ field: JobDraft.Field?) -> JobDraft.Field? {
        guard var field else { return nil }
        if case .column(let name, _)? = field.rule {
            field.rule = .column(name, [JobDraft.Option("as", "number")])
        }
        return field
    }

    // MARK: The parts of a bill

    private mutating func fill(_ draft: inout JobDraft) {
        let (identifier, phone) = identifier()
        let bill = field("billNumber", .billNumber, isRequired: true)
        let store = place(&draft)
        let date = date(phone)
        let item = guess.pick(.item, except: used).column
        let quantity = guess.pick(.quantity, except: used).column
        let isByLine = item != nil || quantity != nil
        var groups: [[Int]] = []
        if case .column(let number, _)? = bill?.rule {
            var names = [store, number].compactMap(\.self)
            groups = self.groups(by: names)
            if let split = self.split(names, groups) {
                names = split
                groups = self.groups(by: names)
            }
            let isRepeated = groups.contains { $0.count > 1 }
            if isByLine || isRepeated {
                draft.group = names
                findings.append(
                    GuessFinding(
                        "group", draft.group.joined(separator: ", "), isRepeated ? .sure : .likely,
                        isRepeated ? "several rows share a bill" : "there are columns of lines"))
                if !isByLine {
                    draft.groupGap =
                        "group: several rows have the same bill number, but no column names an item: check that they "
                        + "are one bill, and what billAmount is then"
                }
            }
        }
        draft.fields = identifier
        draft.fields.append(
            JobDraft.Field(
                "source", .constant("INSTORE"), comment: "where the customers are registered"))
        if let bill { draft.fields.append(bill) }
        draft.fields.append(date)
        amounts(&draft, groups, item: item, quantity: quantity, date: date)
        for (name, meaning) in [("note", ColumnMeaning.note), ("currencyCode", .currency)] {
            if let field = field(name, meaning, isRequired: false) { draft.fields.append(field) }
        }
    }

    /// The customer of a bill: by phone number, else e-mail address, else a number of the brand's own.
    private mutating func identifier() -> ([JobDraft.Field], PhoneGuess?) {
        func fields(_ type: String, _ rule: JobDraft.Rule?, _ gap: String = "") -> [JobDraft.Field] {
            [
                JobDraft.Field("identifierType", .constant(type)),
                JobDraft.Field("identifierValue", rule, gap: gap),
            ]
        }
        // “Kunde” may hold phone numbers.
        let customer = guess.pick(.customer)
        let mobile: JobGuess.Pick =
            if case .none = guess.pick(.mobile), let column = customer.column, column.phone != nil,
                column.number == nil
            { customer } else { guess.pick(.mobile) }
        switch mobile {
        case .one(let column, let confidence):
            use(column, "identifierValue", confidence)
            let phone = column.phone
            noteMissing(column)
            if phone?.isInternational == true {
                return (
                    fields("mobile", .column(column.name, [JobDraft.Option("digits_only", "true")])),
                    phone
                )
            }
            let name = JobGuess.name(column.name)
            if let country = guess.request.country ?? phone?.country {
                findings.append(
                    GuessFinding(
                        "country of phones", country, .likely,
                        guess.request.country == nil ? phone?.why ?? "" : "given"))
                return (fields("mobile", .expression("phone(\(name), '\(country)')", [])), phone)
            }
            questions.append(.country)
            findings.append(GuessFinding("country of phones", "", .unsure, "numbers without a country"))
            return (
                fields(
                    "mobile", .expression("phone(\(name), 'TODO')", []),
                    "the country of numbers without a code: two letters such as DE, in place of TODO, or --country"
                ),
                phone
            )
        case .several(let columns):
            let names = columns.map(\.name).joined(separator: ", ")
            questions.append(.column(field: "identifierValue", columns.map(\.name)))
            findings.append(GuessFinding("identifierValue", "", .unsure, "may be \(names)"))
            return (fields("mobile", .column("TODO", []), "which column: \(names)"), nil)
        case .none: break
        }
        if let column = guess.pick(.email).column {
            use(column, "identifierValue", .likely)
            noteMissing(column)
            return (fields("email", .column(column.name, [])), nil)
        }
        if let column = customer.column {
            let type = column.isEmail ? "email" : "externalId"
            use(column, "identifierValue", .likely, "taken for \(type)")
            noteMissing(column)
            return (fields(type, .column(column.name, [])), nil)
        }
        questions.append(.column(field: "identifierValue", []))
        findings.append(
            GuessFinding("identifierValue", "", .unsure, "no column of customers was recognised"))
        return (
            fields(
                "mobile", .column("TODO", []),
                "which column has the customer: write it, or use --set identifierValue=COLUMN"), nil
        )
    }

    private mutating func noteMissing(_ column: ColumnGuess) {
        guard column.empty > 0 || !column.nulls.isEmpty else { return }
        notes.append(
            "Some rows have no \(column.name): a bill without a customer is invalid, unless its type is NOT_INTERESTED."
        )
    }

    /// Where a bill is booked. Returns the column.
    private mutating func place(_ draft: inout JobDraft) -> String? {
        let kinds: [(ColumnMeaning, String)] = [
            (.store, "STORE_CODE"), (.storeName, "STORE_NAME"), (.till, "TILL"),
        ]
        for (meaning, type) in kinds {
            guard case .one(let column, let confidence) = guess.pick(meaning, except: used) else {
                continue
            }
            use(column, "attribution \(type)", confidence)
            draft.attribution = (type, column.name)
            return column.name
        }
        notes.append(
            "No column of stores was recognised: bills are booked on the connection's own store or till."
        )
        return nil
    }

    private mutating func date(_ phone: PhoneGuess?) -> JobDraft.Field {
        let pick = guess.pick(.billDate)
        guard case .one(let column, let confidence) = pick else {
            let serial = guess.columns.first { $0.isSerialDate }
            if let serial {
                findings.append(
                    GuessFinding(
                        "dates", "", .unsure, "\(serial.name) has serial numbers of a spreadsheet"))
                return JobDraft.Field(
                    "billingDate", .column("TODO", []),
                    gap:
                        "\(serial.name) has serial numbers of a spreadsheet: format the column as a date and export it again"
                )
            }
            if case .several(let columns) = pick {
                let names = columns.map(\.name).joined(separator: ", ")
                questions.append(.column(field: "billingDate", columns.map(\.name)))
                findings.append(GuessFinding("billingDate", "", .unsure, "may be \(names)"))
                return JobDraft.Field("billingDate", .column("TODO", []), gap: "which column: \(names)")
            }
            questions.append(.column(field: "billingDate", []))
            findings.append(
                GuessFinding("billingDate", "", .unsure, "no column of dates was recognised"))
            return JobDraft.Field(
                "billingDate", .column("TODO", []),
                gap: "no column of dates was recognised; write it, or use --set billingDate=COLUMN")
        }
        use(column, "billingDate", confidence)
        let time = column.date?.hasTime == true ? nil : guess.pick(.time, except: used).column
        if let time { use(time, "billingDate", .likely, "the time of day") }
        let (rule, gap, finding, questions) = guess.date(column, time, phone)
        self.questions += questions
        findings.append(finding)
        return JobDraft.Field("billingDate", rule, gap: gap)
    }

    // MARK: Amounts

    /// The rows of each bill; of rows without a number, none.
    private func groups(by names: [String]) -> [[Int]] {
        let columns = names.map(guess.values)
        var order: [[String]] = []
        var rows: [[String]: [Int]] = [:]
        for row in guess.table.rows.indices {
            let key = columns.map { $0[row] }
            guard key.last?.isEmpty == false else { continue }
            if rows[key] == nil { order.append(key) }
            rows[key, default: []].append(row)
        }
        return order.compactMap { rows[$0] }
    }

    /// With the date, where refunds of a later day have the number of the sale. Nil: that parts nothing.
    private func split(_ names: [String], _ groups: [[Int]]) -> [String]? {
        guard let date = guess.pick(.billDate).column, date.date?.hasTime == false,
            let amount = guess.pick(.billTotal).column ?? guess.pick(.amount).column
        else { return nil }
        let values = guess.values(amount.name)
        func isMixed(_ rows: [Int]) -> Bool {
            let signs = Set(rows.filter { !values[$0].isEmpty }.map { Self.isNegative(values[$0]) })
            return signs.count > 1
        }
        guard groups.contains(where: isMixed) else { return nil }
        let parts = self.groups(by: names + [date.name])
        return parts.contains(where: isMixed) ? nil : names + [date.name]
    }

    private static func isNegative(_ number: String) -> Bool {
        number.contains("-") || number.contains("(") || number.contains("\u{2212}")
    }

    /// Whether a column has one value in all rows of each bill; nil where no bill has several rows.
    private func isConstant(_ name: String, _ groups: [[Int]]) -> Bool? {
        let values = guess.values(name)
        let several = groups.filter { $0.count > 1 }
        guard !several.isEmpty else { return nil }
        return several.allSatisfy { rows in
            Set(rows.map { values[$0] }.filter { !$0.isEmpty }).count <= 1
        }
    }

    private struct Amounts {
        /// Of the whole bill, in each of its rows.
        var total: ColumnGuess?
        /// Of one line.
        var line: ColumnGuess?
        var gap = ""
    }

    private mutating func find(_ groups: [[Int]], isGrouped: Bool) -> Amounts {
        let total = guess.pick(.billTotal, except: used)
        let amount = guess.pick(.amount, except: used)
        var found = Amounts(total: total.column, line: amount.column)
        if case .several(let columns) = total {
            found.gap = "which column: " + columns.map(\.name).joined(separator: ", ")
        }
        if total.column == nil, let net = amount.column, net.name.lowercased().contains("net"),
            let gross = guess.pick(.grossAmount, except: used).column
        {
            // With the tax or without: what the org books, the file does not say.
            found.gap = "which column: \(net.name), \(gross.name)"
        }
        if found.total == nil, found.gap.isEmpty, case .several(let columns) = amount {
            found.gap = "which column: " + columns.map(\.name).joined(separator: ", ")
        }
        guard isGrouped else {
            // A row is a bill: the total before the amount.
            found.total = found.total ?? found.line
            found.line = nil
            return found
        }
        if let column = found.total, isConstant(column.name, groups) == false {
            // Named like a total, but it differs from line to line.
            if found.line == nil { found.line = column }
            found.total = nil
        }
        if found.total == nil, let column = found.line {
            switch isConstant(column.name, groups) {
            case true?:
                // The same in all lines: perhaps equal lines, more probably the whole bill's.
                found.gap =
                    "\(column.name) is the same in all rows of each bill: write `{ from: \(column.name), as: number }` if it "
                    + "is the whole bill's, or `{ expr: \"dec_sum(\(JobGuess.name(column.name)))\" }` if it is a line's"
            case nil:
                found.gap =
                    "no bill has several rows yet: write `{ from: \(column.name), as: number }` if \(column.name) is the whole "
                    + "bill's, or `{ expr: \"dec_sum(\(JobGuess.name(column.name)))\" }` if it is a line's"
            case false?: break
            }
        }
        return found
    }

    private mutating func amounts(
        _ draft: inout JobDraft, _ groups: [[Int]], item: ColumnGuess?, quantity: ColumnGuess?,
        date: JobDraft.Field
    ) {
        let isGrouped = !draft.group.isEmpty
        var found = find(groups, isGrouped: isGrouped)
        let column = found.total ?? found.line
        if let total = found.total { use(total, "billAmount", .sure) }
        if let line = found.line { use(line, isGrouped ? "lineItemsV2.amount" : "billAmount", .sure) }
        if let field = Self.numeric(field("grossAmount", .grossAmount, isRequired: false)) {
            draft.fields.append(field)
        }
        let number = column?.number
        if let column, let number, number.negatives > number.positives {
            found.gap =
                "most values of \(column.name) are negative: which are sales? Write `type` and `billAmount`"
        }
        guard let column, found.gap.isEmpty else {
            let gap =
                found.gap.isEmpty
                ? "no column of amounts was recognised; write it, or use --set billAmount=COLUMN"
                : found.gap
            if column == nil { questions.append(.column(field: "billAmount", [])) }
            findings.append(GuessFinding("billAmount", "", .unsure, gap))
            draft.fields.append(JobDraft.Field("type", .constant("REGULAR")))
            draft.fields.append(JobDraft.Field("billAmount", nil, gap: gap))
            return
        }
        let words = typeWords()
        let isMixed = (column.number?.negatives ?? 0) > 0
        let name = JobGuess.name(column.name)
        let sum = found.total == nil && isGrouped ? "dec_sum(\(name))" : name
        let plain: JobDraft.Rule =
            sum == name ? .column(column.name, [JobDraft.Option("as", "number")]) : .expression(sum, [])
        let rate = guess.pick(.rate, except: used).column
        if let rate { use(rate, "lineItemsV2.rate", .likely) }
        let description = guess.pick(.itemName, except: used).column
        if let description { use(description, "lineItemsV2.description", .likely) }
        for (column, field) in [(item, "itemCode"), (quantity, "qty")] {
            if let column { use(column, "lineItemsV2.\(field)", .sure) }
        }
        let lineDiscount = isGrouped ? guess.pick(.discount, except: used).column : nil
        let isLineDiscount = lineDiscount.map { isConstant($0.name, groups) == false } ?? false
        if let lineDiscount, isLineDiscount {
            use(lineDiscount, "lineItemsV2.discount", .likely)
        } else if let field = Self.numeric(field("discount", .discount, isRequired: false)) {
            draft.fields.append(field)
        }
        /// - Parameter sign: Turns the numbers of a refund; nil: they stay as they are.
        func lines(_ sign: String?) -> JobDraft.Field? {
            guard item != nil || quantity != nil else { return nil }
            var fields: [JobDraft.Field] = []
            if let item { fields.append(JobDraft.Field("itemCode", .column(item.name, []))) }
            if let description {
                fields.append(JobDraft.Field("description", .column(description.name, [])))
            }
            let numbers: [(String, ColumnGuess?)] = [
                ("qty", quantity), ("rate", rate), ("discount", isLineDiscount ? lineDiscount : nil),
                ("amount", found.line),
            ]
            for case (let field, let column?) in numbers {
                let turns = sign != nil && (column.number?.negatives ?? 0) > 0
                fields.append(
                    JobDraft.Field(
                        field,
                        turns
                            ? .expression("\(sign ?? "")(\(JobGuess.name(column.name)))", [])
                            : .column(column.name, [JobDraft.Option("as", "number")])))
            }
            return JobDraft.Field("lineItemsV2", .eachRow(fields))
        }
        guard isMixed || words != nil else {
            draft.fields.append(JobDraft.Field("type", .constant("REGULAR")))
            draft.fields.append(JobDraft.Field("billAmount", plain))
            if let lines = lines(nil) { draft.fields.append(lines) }
            return
        }
        noteMixed(column, groups, isSum: sum != name)
        let condition: String
        var sign = "dec_neg"
        if let words {
            use(words.column, "type", .likely, "words for sales and returns")
            let list = words.returns.map { "'" + $0.replacing("'", with: "''") + "'" }.joined(
                separator: ", ")
            condition = "\(JobGuess.name(words.column.name)) IN (\(list))"
            sign = "dec_abs"
        } else {
            condition = sum == name ? "num(\(name)) < 0" : "dec_cmp(\(sum), 0) < 0"
            findings.append(
                GuessFinding(
                    "refunds", "negative \(column.name)", .likely,
                    "sent as RETURN, with a positive amount"))
        }
        var original = date
        original.name = "purchaseTime"
        original.gap = ""
        original.comment = "of the sale; the file has only the date of the refund"
        let numbers = self.numbers(&draft, column)
        let refund: [JobDraft.Field?] = [
            numbers.refund, JobDraft.Field("type", .constant("RETURN")),
            JobDraft.Field("returnType", .constant("AMOUNT")),
            original, JobDraft.Field("billAmount", .expression("\(sign)(\(sum))", [])), lines(sign),
        ]
        let sale: [JobDraft.Field?] = [
            numbers.sale, JobDraft.Field("type", .constant("REGULAR")),
            JobDraft.Field("billAmount", plain),
            lines(nil),
        ]
        draft.branches = [
            JobDraft.Branch(
                condition: condition, fields: refund.compactMap(\.self),
                comment: "A refund: the API expects type RETURN and positive amounts."),
            JobDraft.Branch(condition: nil, fields: sale.compactMap(\.self), comment: "A sale."),
        ]
    }

    /// The bill number of a refund, which is that of the sale: from a column of its own, where there is one.
    private mutating func numbers(_ draft: inout JobDraft, _ amount: ColumnGuess) -> (
        refund: JobDraft.Field?, sale: JobDraft.Field?
    ) {
        guard let place = draft.fields.firstIndex(where: { $0.name == "billNumber" }),
            case .column(let name, _)? = draft.fields[place].rule
        else { return (nil, nil) }
        if case .one(let column, let confidence) = guess.pick(.originalBill, except: used) {
            use(column, "billNumber of refunds", confidence)
            let sale = draft.fields.remove(at: place)
            return (
                JobDraft.Field("billNumber", .column(column.name, []), comment: "that of the sale"),
                sale
            )
        }
        let values = guess.values(amount.name)
        let numbers = guess.values(name)
        let rows = guess.table.rows.indices
        let sales = Set(rows.filter { !Self.isNegative(values[$0]) }.map { numbers[$0] })
        let refunds = Set(rows.filter { Self.isNegative(values[$0]) }.map { numbers[$0] })
        if !refunds.isEmpty, refunds.isDisjoint(with: sales) {
            notes.append(
                "Refunds seem to have numbers of their own in \(name). The API expects the number of the sale with a "
                    + "return, and refuses others (original-unknown).")
            findings.append(
                GuessFinding(
                    "numbers of refunds", "", .unsure,
                    "no refund has the number of a sale that was read: see the notes in the job"))
            draft.fields[place].gap =
                "which column of a refund has the number of the sale? Those of \(name) are refused"
        }
        return (nil, nil)
    }

    /// Bills with lines of both signs are one or the other by their sum, and their other lines are refused.
    private mutating func noteMixed(_ column: ColumnGuess, _ groups: [[Int]], isSum: Bool) {
        guard isSum else { return }
        let values = guess.values(column.name)
        let mixed = groups.count { rows in
            let isNegative = rows.map { Self.isNegative(values[$0]) }
            return isNegative.contains(true) && isNegative.contains(false)
        }
        guard mixed > 0 else { return }
        notes.append(
            "Some bills have positive and negative lines: they are invalid, since a line has no negative amount. "
                + "Are these discounts, or exchanges?")
        findings.append(
            GuessFinding(
                "bills of both signs", "\(mixed)", .unsure,
                "their lines are refused: see the notes in the job"))
    }

    private struct TypeWords {
        var column: ColumnGuess
        var returns: [String]
    }

    private static let sales: Set<String> = [
        "sale", "sales", "s", "regular", "invoice", "purchase", "sell", "verkauf", "vk", "kauf",
        "rechnung", "bon",
        "vente", "v", "facture", "venta", "factura", "vendita", "venda", "verkoop",
    ]
    private static let returns: Set<String> = [
        "return", "returns", "refund", "r", "ret", "creditnote", "salesreturn", "salereturn", "retoure",
        "retour",
        "ruckgabe", "gutschrift", "erstattung", "avoir", "remboursement", "devolucion", "abono",
        "notadecredito",
        "reso", "devolucao", "retourbon",
    ]

    /// A column whose words all mean a sale or a return.
    private func typeWords() -> TypeWords? {
        guard let column = guess.pick(.type, except: used).column, (2...6).contains(column.distinct)
        else { return nil }
        let plain = column.words.map { ($0, ColumnWords.plain($0)) }
        let returns = plain.filter { Self.returns.contains($0.1) }.map(\.0)
        guard !returns.isEmpty,
            plain.allSatisfy({ Self.sales.contains($0.1) || Self.returns.contains($0.1) })
        else {
            return nil
        }
        return TypeWords(column: column, returns: returns)
    }
}
