import Catalog
import Model

/// The `dates:` of a job: between which days something was sold, earned or issued.
enum JobDates {
    static func parse(_ node: YAMLNode) throws(JobError) -> DayRange {
        let keys = try node.members(["from", "to"])
        let from = try day(keys["from"]) ?? CivilDay(daysSinceEpoch: 10_957)
        let to = try day(keys["to"]) ?? CivilDay(daysSinceEpoch: 47_846)
        guard from.daysSinceEpoch <= to.daysSinceEpoch else {
            throw node.error("`to` is the last day: it cannot be before `from`, the first.")
        }
        return DayRange(from: from, to: to)
    }

    private static func day(_ node: YAMLNode?) throws(JobError) -> CivilDay? {
        guard let node else { return nil }
        guard let day = CivilDay(iso8601: try node.string()) else {
            throw node.error("expected a day such as 1995-01-01.")
        }
        return day
    }
}
