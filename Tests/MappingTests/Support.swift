import Mapping
import Model
import Records

/// Maps a text as the reader reads it, in blocks of this many rows.
func mapped(
    _ text: String, _ spec: MappingSpec?, format: InputOptions.Format = .csv, blockRows: Int = 512,
    attribution: SendSettings.AttributionSource? = nil
) throws -> [Mapped] {
    try mapped(Array(text.utf8), spec, format: format, blockRows: blockRows, attribution: attribution)
}

func mapped(
    _ bytes: [UInt8], _ spec: MappingSpec?, format: InputOptions.Format = .csv, blockRows: Int = 512,
    attribution: SendSettings.AttributionSource? = nil
) throws -> [Mapped] {
    let reader = try RowReader.open(bytes: bytes, name: "test", options: InputOptions(format: format))
    var mapper = try Mapper(spec: spec, columns: reader.columns, attribution: attribution)
    var batch = RecordBatch()
    var result: [Mapped] = []
    try drain(reader, &mapper, &batch, blockRows: blockRows) { result.append($0) }
    mapper.finish(into: &batch)
    for record in batch.records { result.append(Mapped(record, batch)) }
    return result
}

/// Maps all that `reader` has left, without finishing.
func drain(
    _ reader: RowReader, _ mapper: inout Mapper, _ batch: inout RecordBatch, blockRows: Int,
    _ take: (Mapped) -> Void
) throws {
    var block = RowBlock()
    while try reader.read(into: &block, rows: blockRows) {
        mapper.map(block, into: &batch)
        for record in batch.records { take(Mapped(record, batch)) }
        batch.removeAll()
    }
}

/// A record with its bytes taken out of the batch.
struct Mapped: Equatable, CustomStringConvertible {
    var item: String
    var stored: String
    var position: Position
    var rows: Int
    var attribution: String?
    var problems: [Refusal]

    init(_ record: MappedRecord, _ batch: RecordBatch) {
        item = String(decoding: batch.bytes[record.item], as: UTF8.self)
        stored = String(decoding: batch.stored[record.stored], as: UTF8.self)
        position = record.position
        rows = record.rows
        attribution = record.attribution
        problems = record.problems
    }

    var reasons: [Reason] { problems.map(\.reason) }
    var description: String { item + (problems.isEmpty ? "" : " ✗ \(problems)") }
}

/// A spec of one field called `v`, from the column `c`.
func one(_ conversion: Conversion) -> MappingSpec {
    MappingSpec(fields: [FieldRule("v", .column("c", conversion))])
}
