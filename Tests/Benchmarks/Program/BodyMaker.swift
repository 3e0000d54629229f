import Catalog
import Engine
import Mapping
import Model
import Records

/// CSV in, request bodies out, nothing in between: what the benchmarks measure of this side.
enum BodyMaker {
    /// - Returns: Records and bytes of bodies.
    static func run(_ plan: Plan, each: ([UInt8]) -> Void = { _ in }) throws -> (
        records: Int, bytes: Int
    ) {
        var preparer = RecordPreparer(plan)
        var records = 0
        var bytes = 0
        for file in plan.sources {
            var source = try RecordSource(plan, file: file)
            while let count = try source.fill(plan.chunkSize) {
                var items: [ArraySlice<UInt8>] = []
                for record in source.peek(count) where record.problems.isEmpty {
                    if preparer.prepare(record, of: source.batch).isEmpty {
                        items.append(source.batch.bytes[record.item])
                    }
                }
                let body = plan.endpoint.body(items)
                records += items.count
                bytes += body.count
                each(body)
                source.drop(count)
            }
        }
        return (records, bytes)
    }
}
