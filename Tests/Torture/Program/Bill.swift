/// A bill that may be in the server's books, as the input means it.
struct Bill {
    var number: String
    var isReturn: Bool
    /// An external id.
    var customer: String
    var cents: Int
    /// Seconds since 1970.
    var instant: Int
    var store: UInt8
    /// How many bookings of it are right: equal partial returns are all real where the job says so.
    var copies: UInt8 = 1
    /// Partial returns of it so far.
    var returned: UInt8 = 0
    /// Of a return: its sale.
    var original: Int32 = -1
    /// Which lane's input it was first written to.
    var lane: UInt8 = 0

    /// What both the input and the books tell about a bill: equal texts are the same bill.
    var key: String {
        "\(number) \(isReturn ? "RETURN" : "REGULAR") \(customer) \(cents) \(utc(instant)) \(Bill.store(store))"
    }

    var amount: String {
        let rest = cents % 100
        return "\(cents / 100).\(rest < 10 ? "0" : "")\(rest)"
    }

    static func store(_ index: UInt8) -> String { "s\(index)" }
}

/// `2026-02-03T10:15:00`, in UTC.
func utc(_ seconds: Int) -> String { clock(seconds) }

/// A clock's text, of seconds that are shifted to its zone already.
func clock(_ seconds: Int) -> String {
    var days = seconds / 86_400 + 719_468
    let rest = seconds % 86_400
    // Days to a civil date, by eras of 400 years that begin in March.
    let era = days / 146_097
    days -= era * 146_097
    let yearOfEra = (days - days / 1460 + days / 36_524 - days / 146_096) / 365
    let dayOfYear = days - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let month = (5 * dayOfYear + 2) / 153
    let day = dayOfYear - (153 * month + 2) / 5 + 1
    let civilMonth = month < 10 ? month + 3 : month - 9
    let year = yearOfEra + era * 400 + (civilMonth <= 2 ? 1 : 0)
    func two(_ value: Int) -> String { value < 10 ? "0\(value)" : String(value) }
    return
        "\(year)-\(two(civilMonth))-\(two(day))T\(two(rest / 3600)):\(two(rest / 60 % 60)):\(two(rest % 60))"
}
