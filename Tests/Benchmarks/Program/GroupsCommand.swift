import ArgumentParser
import Catalog
import Engine
import Foundation
import Mapping
import Model
import Records

/// What it costs to look whether the rows of bills stand together, and to bring them together.
///
/// Prints a line for each order of the rows:
/// `order rows look_seconds rows/s disk_bytes staged_bytes bodies_seconds sorted_seconds peak_mb`. `look` is all that
/// happens before the first request, `disk` what is kept in the meantime; `bodies` is reading and mapping after it, and
/// `sorted` the same with `sorted: true`, without a look-up.
struct GroupsCommand: ParsableCommand {
    enum Order: String, CaseIterable, ExpressibleByArgument {
        /// Bills in the order of their numbers.
        case ascending
        /// Bills in no order, the rows of each together.
        case together
        /// Each row of a bill in another part of the file.
        case apart
    }

    static let configuration = CommandConfiguration(
        commandName: "groups",
        abstract: "Looks at the groups of a file, stages them where it has to, and prints rows/s.")

    @Option(help: "How many rows.")
    var rows = 1_000_000
    @Option(help: "How many of them are one bill.")
    var lines = 4
    @Option(help: "Only this order: ascending, together or apart.")
    var order: Order?
    @Option(help: "Where the files are kept meanwhile.")
    var folder = NSTemporaryDirectory() + "sluice-groups"

    func run() throws {
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        for order in order.map({ [$0] }) ?? Order.allCases {
            let path = folder + "/\(order.rawValue).csv"
            try write(order, to: path)
            let work = folder + "/work"
            try FileManager.default.createDirectory(atPath: work, withIntermediateDirectories: true)
            let plan = Plan(
                job: "groups", jobText: "", jobFile: "", endpoint: .transactionsAdd,
                connection: Connection(name: "none", baseURL: "http://127.0.0.1"),
                inputs: try InputList.resolve([path], options: InputOptions(), relativeTo: ""),
                inputOptions: InputOptions(), mapping: Self.spec, send: SendSettings(chunk: 20))
            let clock = ContinuousClock()
            var arranged: Arrangement?
            let look = try clock.measure { arranged = try Arrangement.make(plan, in: work) }
            guard let arranged else { return }
            let bodies = try clock.measure { _ = try BodyMaker.run(arranged.plan) }
            var streaming = plan
            streaming.mapping?.isSorted = true
            let sorted = try clock.measure { _ = try BodyMaker.run(streaming) }
            print(
                order.rawValue, rows, seconds(look), Int(Double(rows) / (look / .seconds(1))),
                arranged.spilled, arranged.plan.staged?.bytes ?? 0, seconds(bodies), seconds(sorted),
                peak())
            try FileManager.default.removeItem(atPath: work)
            try FileManager.default.removeItem(atPath: path)
        }
    }

    private func seconds(_ duration: Duration) -> String {
        String(format: "%.2f", duration / .seconds(1))
    }

    /// The most memory that this process has used, in MiB.
    private func peak() -> String {
        let status = try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)
        let line = status?.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
        let kilobytes = line?.split(separator: " ").dropFirst().first.flatMap { Double($0) }
        return String(format: "%.1f", (kilobytes ?? 0) / 1024)
    }

    private func write(_ order: Order, to path: String) throws {
        _ = FileManager.default.createFile(atPath: path, contents: nil)
        guard let file = FileHandle(forWritingAtPath: path) else {
            throw ValidationError("\(path) cannot be written")
        }
        let bills = max(1, rows / lines)
        var text = "store,bill_no,phone,sold_at,total,sku\n"
        for row in 0..<rows {
            // Odd and larger than any number of bills: it permutes them.
            let bill: Int =
                switch order {
                case .ascending: row / lines
                case .together: (row / lines) &* 2_147_483_647 % bills
                case .apart: row % bills
                }
            let digits = String(bill)
            text += "s1,B-" + String(repeating: "0", count: max(0, 12 - digits.count)) + digits
            text +=
                ",4479\(bill % 100_000_000 + 100_000_000),2025-03-01T10:15:00+00:00,12.50,sku \(row)\n"
            if text.utf8.count > 1 << 20 {
                try file.write(contentsOf: Data(text.utf8))
                text = ""
            }
        }
        try file.write(contentsOf: Data(text.utf8))
        try file.close()
    }

    private static let spec = MappingSpec(
        group: ["store", "bill_no"],
        fields: [
            FieldRule("identifierType", .constant(json: #""mobile""#)),
            FieldRule("identifierValue", .column("phone", Conversion(.text))),
            FieldRule("type", .constant(json: #""REGULAR""#)),
            FieldRule("source", .constant(json: #""INSTORE""#)),
            FieldRule("billNumber", .column("bill_no", Conversion(.text))),
            FieldRule("billingDate", .column("sold_at", Conversion(.text))),
            FieldRule("billAmount", .column("total", Conversion(.number))),
            FieldRule(
                "lineItemsV2",
                .eachRow(
                    .object([
                        FieldRule("itemCode", .column("sku", Conversion(.text))),
                        FieldRule("qty", .constant(json: "1")),
                        FieldRule("amount", .constant(json: "1")),
                    ]))),
        ])
}
