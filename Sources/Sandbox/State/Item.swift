import Records

/// The members of one item of a bulk request, as nodes of the tape; -1 where it has none.
///
/// Source: API reference, "Add/Return Transaction in Bulk", transaction fields.
struct Item {
    var identifierType = -1
    var identifierValue = -1
    var source = -1
    var type = -1
    var returnType = -1
    var billNumber = -1
    var id = -1
    var billAmount = -1
    var billingDate = -1
    var purchaseTime = -1
    var grossAmount = -1
    var discount = -1
    var lines = -1
    var paymentModes = -1
    var extendedFields = -1
    var attribution = -1
    var notInterestedReason = -1

    init(_ tape: JSONTape, _ node: Int, _ bytes: [UInt8]) {
        for member in tape.members(of: node) {
            let name = tape.range(of: member.name)
            // Told apart by length first: this runs a dozen times a record.
            switch name.count {
            case 2 where bytes.spells("id", name): id = member.value
            case 4 where bytes.spells("type", name): type = member.value
            case 6 where bytes.spells("source", name): source = member.value
            case 8 where bytes.spells("discount", name): discount = member.value
            case 10 where bytes.spells("billNumber", name): billNumber = member.value
            case 10 where bytes.spells("billAmount", name): billAmount = member.value
            case 10 where bytes.spells("returnType", name): returnType = member.value
            case 11 where bytes.spells("billingDate", name): billingDate = member.value
            case 11 where bytes.spells("grossAmount", name): grossAmount = member.value
            case 11 where bytes.spells("lineItemsV2", name): lines = member.value
            case 11 where bytes.spells("attribution", name): attribution = member.value
            case 12 where bytes.spells("purchaseTime", name): purchaseTime = member.value
            case 12 where bytes.spells("paymentModes", name): paymentModes = member.value
            case 14 where bytes.spells("identifierType", name): identifierType = member.value
            case 14 where bytes.spells("extendedFields", name): extendedFields = member.value
            case 15 where bytes.spells("identifierValue", name): identifierValue = member.value
            case 19 where bytes.spells("notInterestedReason", name): notInterestedReason = member.value
            default: break
            }
        }
    }
}

/// Closed lists of the API. Source: as above.
enum Listed {
    static let identifierTypes: [StaticString] = [
        "mobile", "email", "externalId", "wechat", "martjackId", "fbId", "id",
    ]
    static let sources: [StaticString] = [
        "INSTORE", "WECHAT", "MARTJACK", "WEB_ENGAGE", "ECOMMERCE", "JD", "TAOBAO", "TMALL", "FACEBOOK",
        "WEBSITE", "OTHERS",
    ]

    static func index(in list: [StaticString], of node: Int, _ tape: JSONTape, _ bytes: [UInt8]) -> Int?
    {
        guard tape.kind(of: node) == .string else { return nil }
        let range = tape.range(of: node)
        return list.firstIndex { bytes.spells($0, range) }
    }
}

extension [UInt8] {
    /// Whether `self[range]` is exactly `text`.
    func spells(_ text: StaticString, _ range: Range<Int>) -> Bool {
        guard text.utf8CodeUnitCount == range.count else { return false }
        return starts(text, range)
    }

    /// Whether `self[range]` begins with `text`.
    func starts(_ text: StaticString, _ range: Range<Int>) -> Bool {
        guard text.utf8CodeUnitCount <= range.count else { return false }
        let start = unsafe text.utf8Start
        for index in 0..<text.utf8CodeUnitCount {
            let byte = unsafe start[index]
            if byte != self[range.lowerBound + index] { return false }
        }
        return true
    }
}
