import Catalog

/// Records of which each field is a column.
enum FlatDraft {
    /// Fields that hold what a column means, by the names that calls have for it.
    private static let names: [ColumnMeaning: [String]] = [
        .item: ["sku", "itemCode"], .itemName: ["description"], .price: ["price"],
        .rate: ["price", "rate"],
        .brand: ["brandCode"], .category: ["categoryCode"], .ean: ["ean"],
        .store: ["code", "storeCode"],
        .storeName: ["name"], .name: ["name"], .address: ["address"], .email: ["email"],
        .mobile: ["mobile"], .card: ["cardNumber"], .coupon: ["couponCode", "code"],
        .points: ["points"],
        .badge: ["badgeMetaId"], .firstName: ["firstName", "firstname"],
        .lastName: ["lastName", "lastname"],
        .billNumber: ["billNumber", "transactionNumber"], .billTotal: ["billAmount"],
        .customer: ["externalId"], .note: ["note", "notes"],
    ]

    /// - Returns: The columns that are used.
    static func fill(_ draft: inout JobDraft, _ guess: JobGuess, _ endpoint: Endpoint) -> Set<String> {
        var used: Set<String> = []
        for field in endpoint.fields {
            let given = guess.request.columns[field.name].flatMap { name in
                guess.columns.first { $0.name == name }
            }
            let found = given ?? column(for: field, guess, except: used)
            if let column = found, let rule = rule(field.kind, column, guess) {
                used.insert(column.name)
                draft.fields.append(JobDraft.Field(field.name, rule.rule, gap: rule.gap))
                draft.findings.append(
                    GuessFinding(
                        "column \(column.name)", field.name, given == nil ? .likely : .sure,
                        given == nil ? "by its name" : "given"))
                continue
            }
            guard field.presence == .required else { continue }
            let gap =
                "required; no column was recognised: `sluice endpoints \(endpoint.name)` describes it"
            draft.fields.append(JobDraft.Field(field.name, nil, gap: gap))
            draft.questions.append(.column(field: field.name, []))
            draft.findings.append(GuessFinding(field.name, "", .unsure, "no column was recognised"))
        }
        for parameter in endpoint.parameters where parameter.isRequired {
            draft.inputGaps.append(
                "parameters: \(parameter.name) is required: `sluice endpoints \(endpoint.name)`")
        }
        return used
    }

    private static func column(for field: Field, _ guess: JobGuess, except used: Set<String>)
        -> ColumnGuess?
    {
        let plain = ColumnWords.plain(field.name)
        let free = guess.columns.filter { !used.contains($0.name) }
        if let column = free.first(where: { ColumnWords.plain($0.name) == plain }) { return column }
        for meaning in ColumnMeaning.allCases where names[meaning]?.contains(field.name) == true {
            if let column = guess.pick(meaning, except: used).column { return column }
        }
        return nil
    }

    private static func rule(_ kind: Field.Kind, _ column: ColumnGuess, _ guess: JobGuess) -> (
        rule: JobDraft.Rule, gap: String
    )? {
        switch kind {
        case .text, .oneOf: return (.column(column.name, []), "")
        case .integer: return (.column(column.name, [JobDraft.Option("as", "integer")]), "")
        case .number: return (.column(column.name, [JobDraft.Option("as", "number")]), "")
        case .boolean:
            let words = Set(column.words.map { $0.lowercased() })
            guard !words.isSubset(of: ["true", "false"]) else {
                return (.column(column.name, [JobDraft.Option("as", "boolean")]), "")
            }
            return nil
        case .instant:
            guard column.date != nil else { return nil }
            let date = guess.date(column, nil, nil)
            return (date.rule, date.gap)
        case .list(.text): return (.list([.column(column.name, [])]), "")
        case .object, .open, .list: return nil
        }
    }
}
