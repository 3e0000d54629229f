import Model

/// What the codes of all card calls mean. Source: Cards, Card codes.
enum CardCodes {
    static let table = CodeTable(
        [
            // 3012: the status is as wanted already.
            .init(.done, .refused, 3012),
            .init(.exists, .duplicate, 3009, 3045),
            .init(.rejected, .targetUnknown, 3000, 3004, 3010),
            .init(.rejected, .customerUnknown, 3042, 8015),
            .init(.rejected, .refusedSetup, 701, 702, 703, 704, 705, 3008),
            .init(
                .rejected, .refusedValue, 3005, 3011, 3014, 3015, 3016, 3017, 3018, 3022, 3023, 3024,
                3025, 3026, 3028, 3029, 3032, 3046, 3047, 3048, 3049, 3050, 1022),
            .init(
                .rejected, .refused, 3013, 3027, 3031, 3034, 3035, 3036, 3037, 3038, 3040, 3041, 3044),
            .init(.inDoubt, .noAnswer, 500, 3030, 3051),
            .init(.again, .busy, 521, 461, 4001),
            .init(.again, .throttled, 517),
            .init(.batch, .batchTooLarge, 1060),
        ], byWords: row)

    /// 3039 has two texts: the label is as wanted already, or the org has all the active cards it may
    /// have. Words that tell neither are for a person.
    private static func row(_ complaint: Complaint) -> CodeTable.Row? {
        guard complaint.code == 3039 else { return nil }
        let words = complaint.message.lowercased()
        func says(_ parts: String...) -> Bool { parts.contains { words.contains($0) } }
        if says("max", "limit", "exceed", "active card") {
            return CodeTable.Row(.rejected, .refusedSetup, 3039)
        }
        if says("unchanged", "no change", "already", "same", "not changed") {
            return CodeTable.Row(.done, .refused, 3039)
        }
        return CodeTable.Row(.rejected, .refused, 3039)
    }

    /// Fields that adding and updating have in common.
    static let sharedFields: [Field] = [
        Field("statusInfo", .object([Field("reason", .text(most: nil))])),
        Field("extendedFields", .open, .optional, "The org's names."),
        Field("customFields", .open, .optional, "The org's names; an unknown one is ignored (1022)."),
        Field(
            "mappedEntity",
            .object([Field("type", .text(most: nil)), Field("value", .text(most: nil))]), .optional,
            "Such as a TILL and its code."),
    ]
}
