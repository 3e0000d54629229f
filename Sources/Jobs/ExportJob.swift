/// A job that brings items of a listing out into a file, for cron.
package struct ExportJob: Sendable {
    /// What tells it from other jobs.
    package static let key = "export"

    package var name: String
    /// As `sluice export` lists them.
    package var listing: String
    package var connection: String
    /// Where to: `{date}` in it is the day, `2026-02-03`.
    package var file: String
    package var filters: [(name: String, value: String)] = []
    /// `FILE`, `FILE:COLUMN` or `run:RUN`.
    package var keys: String?
    package var by: String?
    package var from: String?
    package var to: String?
    package var since: String?
    package var columns: [String]?
    package var lists: String?
    package var zone: String?
    package var masks = false
    package var changedOnly = false
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
