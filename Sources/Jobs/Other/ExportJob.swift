/// A job that brings items of a listing out into a file, for cron.
package struct ExportJob: Sendable {
    /// What tells it from other jobs.
    package static let key = "export"

    /// The job's, as in `job:`.
    package var name: String
    /// As `sluice export` lists them.
    package var listing: String
    /// A name from the connections file, or `sandbox`.
    package var connection: String
    /// Where to: `{date}` in it is the day, `2026-02-03`.
    package var file: String
    /// The filters of `where:`, in their order.
    package var filters: [(name: String, value: String)] = []
    /// `FILE`, `FILE:COLUMN` or `run:RUN`.
    package var keys: String?
    /// The kind of key.
    package var by: String?
    /// The start of the period, as written.
    package var from: String?
    /// The end of the period, exclusive, as written.
    package var to: String?
    /// A day, or `last`.
    package var since: String?
    /// Of a CSV; nil: all.
    package var columns: [String]?
    /// How lists are written to CSV: `json`, `first` or `explode`.
    package var lists: String?
    /// The zone in which dates are written to CSV.
    package var zone: String?
    /// Personal data is masked.
    package var masks = false
    /// Unchanged items are left out.
    package var changedOnly = false
    /// The details of each item are requested.
    package var details = true

    static func parse(_ root: YAMLNode) throws(JobError) -> ExportJob {
        let keys = try root.members([
            "job", Self.key, "connection", "file", "where", "keys", "by", "from", "to", "since",
            "columns", "lists", "zone", "mask", "changed_only", "details",
        ])
        var job = ExportJob(
            name: try Job.name(try keys.required("job")),
            listing: try keys.required(Self.key).string(),
            connection: try keys.required("connection").string(),
            file: try keys.required("file").string())
        if let filters = keys["where"] {
            for member in try filters.members() {
                job.filters.append((try member.key.string(), try member.value.string()))
            }
        }
        job.keys = try keys["keys"]?.string()
        job.by = try keys["by"]?.string()
        job.from = try keys["from"]?.string()
        job.to = try keys["to"]?.string()
        job.since = try keys["since"]?.string()
        job.columns = try keys["columns"]?.strings()
        job.lists = try keys["lists"]?.string()
        job.zone = try keys["zone"]?.string()
        if let mask = keys["mask"] { job.masks = try mask.boolean() }
        if let changed = keys["changed_only"] { job.changedOnly = try changed.boolean() }
        if let details = keys["details"] { job.details = try details.boolean() }
        return job
    }
}
