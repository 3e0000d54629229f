/// Customers: a profile each, with its identifiers.
enum CustomerDraft {
    /// - Returns: The columns that are used.
    static func fill(_ draft: inout JobDraft, _ guess: JobGuess) -> Set<String> {
        var used: Set<String> = []
        var findings: [GuessFinding] = []
        func take(_ meaning: ColumnMeaning, _ field: String) -> ColumnGuess? {
            guard case .one(let column, let confidence) = guess.pick(meaning, except: used) else {
                return nil
            }
            used.insert(column.name)
            findings.append(
                GuessFinding("column \(column.name)", field, confidence, ""))
            return column
        }
        var profile: [JobDraft.Field] = []
        if let first = take(.firstName, "firstName") {
            profile.append(JobDraft.Field("firstName", .column(first.name, [])))
        }
        if let last = take(.lastName, "lastName") {
            profile.append(JobDraft.Field("lastName", .column(last.name, [])))
        }
        profile.append(
            JobDraft.Field(
                "source", .constant("INSTORE"), comment: "a wrong source damages data for good"))
        var identifiers: [JobDraft.Rule] = []
        if let mobile = take(.mobile, "identifiers mobile") {
            var value = JobDraft.Field(
                "value", .column(mobile.name, [JobDraft.Option("digits_only", "true")]))
            if mobile.phone?.isInternational != true {
                let name = JobGuess.name(mobile.name)
                let country = guess.request.country ?? mobile.phone?.country
                value.rule = .expression("phone(\(name), '\(country ?? "TODO")')", [])
                if country == nil {
                    value.gap = "the country of numbers without a code, such as DE, or --country"
                }
            }
            identifiers.append(.object([JobDraft.Field("type", .constant("mobile")), value]))
        }
        for (meaning, type) in [(ColumnMeaning.email, "email"), (.customer, "externalId")] {
            guard let column = take(meaning, "identifiers \(type)") else { continue }
            identifiers.append(
                .object([
                    JobDraft.Field("type", .constant(type)),
                    JobDraft.Field("value", .column(column.name, [])),
                ]))
        }
        profile.append(
            JobDraft.Field(
                "identifiers", identifiers.isEmpty ? .column("TODO", []) : .list(identifiers),
                gap: identifiers.isEmpty ? "no column of identifiers was recognised" : ""))
        if identifiers.count > 1 {
            draft.notes.append(
                "The first identifier is the key of a customer. A customer without one of the others is refused: "
                    + "remove what some rows do not have.")
        }
        draft.parameters = [("source", "INSTORE")]
        draft.fields = [
            JobDraft.Field(
                "loyaltyInfo", .object([JobDraft.Field("loyaltyType", .constant("loyalty"))])),
            JobDraft.Field("profiles", .list([.object(profile)])),
        ]
        draft.findings += findings
        return used
    }
}
