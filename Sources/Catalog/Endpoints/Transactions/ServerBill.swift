import Model

/// A bill as the server shows it.
///
/// Source: Transactions, Read bills: by number. The reply by id is one such object.
struct ServerBill: Equatable {
    var id: String
    var billNumber: String?
    var customer: String?
    var instant: Instant?
    var amount: String?
    var storeCode: String?
    var tillCode: String?

    /// Nil where there is no id: a customer whose data was deleted, or another shape.
    init?(_ json: JSON, _ node: Int?) {
        guard let id = json.scalar(json.member("id", of: node)), let number = Int(id), number > 0 else {
            return nil
        }
        self.id = id
        let details = json.member("billDetails", of: node)
        billNumber = json.scalar(json.member("billNumber", of: details))
        customer = json.scalar(json.member("customerId", of: node)).flatMap {
            (Int($0) ?? 0) > 0 ? $0 : nil
        }
        instant = json.scalar(json.member("billingTime", of: details)).flatMap { Instant($0) }
        amount = json.scalar(json.member("amount", of: details))
        storeCode = json.scalar(json.member(["billingStore", "code"], of: details))
        let creator = json.member(["attribution", "createdBy"], of: node)
        if json.scalar(json.member("type", of: creator)) ?? "TILL" == "TILL" {
            tillCode = json.scalar(json.member("code", of: creator))
        }
    }
}

/// How a bill on the server is to one of ours, in everything that both tell.
enum Likeness: Equatable {
    case agrees
    /// In these, named without their values.
    case differs([String])
    /// It may be ours in another form.
    case alike([Alike.Difference])
    /// It has another number, which no server makes of ours.
    case isAnother(Alike.Difference)
    /// The server does not tell what has to be compared.
    case unknown(String)
}

extension ServerBill {
    func compared(to member: TransactionEvidence, _ org: OrgSettings) -> Likeness {
        var comparison = FormComparison()
        var unknown: String?
        if let billNumber {
            let field = FormField("bill number", .text, member.billNumber)
            let match = Form.text(billNumber, member.billNumber)
            if match == .different { return .isAnother(Alike.Difference(field, shown: billNumber)) }
            comparison.note(match, field, shown: billNumber)
        } else {
            unknown = "bill number"
        }
        if let amount, let match = Form.amount(amount, member.amount, org, isReturn: member.isReturn) {
            comparison.note(match, FormField("amount", .amount, member.amount), shown: amount)
        } else {
            unknown = "amount"
        }
        if let ours = member.instant {
            if let instant {
                comparison.note(
                    Form.time(instant, ours, org), FormField("time", .time, ours.text),
                    shown: instant.text)
            } else {
                unknown = "time"
            }
        }
        func comparePlace(_ what: String, _ code: String?) {
            guard let code else { return unknown = what }
            if code.lowercased() != member.attributionCode.lowercased() { comparison.differs(what) }
        }
        switch member.attributionKind {
        case "STORE_CODE": comparePlace("store", storeCode)
        case "TILL": comparePlace("till", tillCode)
        default: break  // A read tells codes only; where the credentials' own till is, it does not.
        }
        if !comparison.differing.isEmpty { return .differs(comparison.differing) }
        if let unknown { return .unknown(unknown) }
        return comparison.alike.isEmpty ? .agrees : .alike(comparison.alike)
    }

    /// As written, or as the org rounds: cut off at its decimal places, and through binary fractions
    /// perhaps one unit of the last place less. Nil where either is no number.
    ///
    /// Source: Transactions, Read bills: by number; Transactions, Read bills: of a customer. 38.98 may come as 38.97.
    static func amount(_ theirs: String, equals ours: String, _ org: OrgSettings) -> Bool? {
        guard let theirs = DecimalNumber(theirs), let ours = DecimalNumber(ours) else { return nil }
        if theirs == ours { return true }
        guard (0...6).contains(org.amountDecimals) else { return false }
        if theirs == ours.floored(to: org.amountDecimals) { return true }
        return org.amountDecimals > 0 && theirs == ours.floored(to: org.amountDecimals, less: 1)
    }

    /// As an instant, to the second; or by the clock, as an org that drops offsets stores it.
    ///
    /// Source: Values, Dates and time zones. `CONF_ORG_DISABLE_MACHINE_TIME_CONV`.
    static func instant(_ theirs: Instant, equals ours: Instant, _ org: OrgSettings) -> Bool {
        func seconds(_ time: Timestamp) -> Int64 { time.milliseconds.flooringDivided(by: 1000) }
        if theirs.offset != nil, seconds(theirs.timestamp) == seconds(ours.timestamp) { return true }
        return org.ignoresOffsets != false && seconds(theirs.clock) == seconds(ours.clock)
    }
}
