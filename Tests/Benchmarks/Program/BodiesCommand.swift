import ArgumentParser
import Catalog
import Engine
import Foundation
import Mapping
import Model
import Records

/// CSV to request bodies: read, map, check, put together; what a run does before its first request.
/// Prints
/// `records cpu_seconds records/s bytes`.
struct BodiesCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bodies",
        abstract: "Makes the request bodies of a CSV file on one core and prints records/s.")

    @Argument(help: "What `generate` wrote.")
    var file: String
    @Option(help: "What the file holds: rows or cdnow.")
    var what = GenerateCommand.What.rows
    @Option(help: "Records a request.")
    var chunk = 20
    @Option(help: "How often; the fastest time counts.")
    var times = 3
    @Flag(help: "Leave out the endpoint's checks and the keys.")
    var mapOnly = false
    @Flag(help: "Write the bodies to standard output, one a line, and print nothing else.")
    var write = false

    func run() throws {
        let plan = Plan(
            job: "bodies", jobText: "", jobFile: "", endpoint: .transactionsAdd,
            connection: Connection(name: "none", baseURL: "http://127.0.0.1"),
            inputs: try InputList.resolve(
                [file], options: InputOptions(), relativeTo: currentDirectory),
            inputOptions: InputOptions(), mapping: what == .rows ? Self.rows : Self.cdnow,
            send: SendSettings(chunk: chunk),
            // The purchases are of 1997.
            dates: DayRange(from: CivilDay(daysSinceEpoch: 0), to: CivilDay(daysSinceEpoch: 47_846)))
        if write {
            var lines: [UInt8] = []
            _ = try BodyMaker.run(plan) { body in
                lines.append(contentsOf: body)
                lines.append(10)
                if lines.count > 1 << 20 {
                    FileHandle.standardOutput.write(Data(lines))
                    lines.removeAll(keepingCapacity: true)
                }
            }
            FileHandle.standardOutput.write(Data(lines))
            return
        }
        var best = Double.infinity
        var made = (records: 0, bytes: 0)
        for _ in 0..<max(1, times) {
            let start = cpuSeconds()
            made = mapOnly ? try map(plan) : try BodyMaker.run(plan)
            best = min(best, cpuSeconds() - start)
        }
        print("\(made.records) \(best) \(Int(Double(made.records) / best)) \(made.bytes)")
    }

    /// What the others do: rows to items to bodies, without the endpoint's checks, the keys and what
    /// the ledger keeps of a record.
    private func map(_ plan: Plan) throws -> (records: Int, bytes: Int) {
        var made = (records: 0, bytes: 0)
        for (index, file) in plan.inputs.enumerated() {
            let reader = try RowReader.open(file, index: index, options: plan.inputOptions)
            var mapper = try Mapper(spec: plan.mapping, columns: reader.columns, attribution: nil)
            var block = RowBlock()
            var batch = RecordBatch()
            var isOver = false
            while !isOver {
                isOver = try !reader.read(into: &block, rows: chunk * 16)
                if isOver { mapper.finish(into: &batch) } else { mapper.map(block, into: &batch) }
                for start in stride(from: 0, to: batch.records.count, by: chunk) {
                    let records = batch.records[start..<min(start + chunk, batch.records.count)]
                    let body = plan.endpoint.body(records.map { batch.bytes[$0.item] })
                    made = (made.records + records.count, made.bytes + body.count)
                }
                batch.removeAll()
            }
        }
        return made
    }

    /// What this process has used of a processor; others on the machine do not lengthen it.
    private func cpuSeconds() -> Double {
        var time = timespec()
        unsafe clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    private var currentDirectory: String { FileManager.default.currentDirectoryPath }

    /// As the job of `Tests/Benchmarks/run` says it.
    private static let rows = MappingSpec(fields: [
        FieldRule("identifierType", .constant(json: #""mobile""#)),
        FieldRule("identifierValue", .column("phone", Conversion(.text))),
        FieldRule("type", .constant(json: #""REGULAR""#)),
        FieldRule("source", .column("source", Conversion(.text))),
        FieldRule("billNumber", .column("bill_no", Conversion(.text))),
        FieldRule(
            "billingDate",
            .column(
                "sold_at",
                Conversion(.datetime, formats: ["yyyy-MM-dd HH:mm:ss"], zone: "Asia/Kolkata"))),
        FieldRule("billAmount", .column("total", Conversion(.number))),
        FieldRule("note", .column("note", Conversion(.text))),
    ])

    private static let cdnow = MappingSpec(fields: [
        FieldRule("identifierType", .constant(json: #""externalId""#)),
        FieldRule("identifierValue", .column("customer", Conversion(.text))),
        FieldRule("type", .constant(json: #""REGULAR""#)),
        FieldRule("source", .constant(json: #""INSTORE""#)),
        FieldRule("billNumber", .template("{customer}-{date}-{#}", Conversion(.text))),
        FieldRule(
            "billingDate",
            .column("date", Conversion(.datetime, formats: ["yyyyMMdd"], zone: "America/New_York"))),
        FieldRule("billAmount", .column("dollars", Conversion(.number))),
        FieldRule(
            "lineItemsV2",
            .list([
                .object([
                    FieldRule("itemCode", .constant(json: #""CD""#)),
                    FieldRule("qty", .column("cds", Conversion(.number))),
                    FieldRule("amount", .column("dollars", Conversion(.number))),
                ])
            ])),
    ])
}
