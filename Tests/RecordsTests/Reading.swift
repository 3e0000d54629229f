import Model
import Records

/// What a row reads as, for comparing.
struct ReadRow: Equatable, CustomStringConvertible {
    var position: Position
    /// Of CSV.
    var fields: [[UInt8]]
    /// Of JSON.
    var value: [UInt8]
    var stored: [UInt8]
    var lineEnds: Int
    var problem: Refusal?
    var problemPosition: Position?

    var texts: [String] { fields.map { String(decoding: $0, as: UTF8.self) } }

    var description: String {
        "\(position.row)@\(position.line):\(position.offset)+\(position.length) \(texts)"
            + " \(String(decoding: value, as: UTF8.self)) \(problem.map { "\($0.reason.code): \($0.message)" } ?? "")"
    }
}

/// A whole input, read.
struct ReadAll: Equatable {
    var rows: [ReadRow] = []
    var columns: [String]?
    var notes: [String] = []
    var account = ByteAccount()
    var endsInsideLine = false
    var error: ReadError?

    var texts: [[String]] { rows.map(\.texts) }
    var problems: [String] { rows.map { $0.problem?.reason.code ?? "" } }
}

extension RowBlock {
    func copy(of row: Row) -> ReadRow {
        ReadRow(
            position: row.position,
            fields: row.fields.map {
                Array(text[Int(fields[$0].lowerBound)..<Int(fields[$0].upperBound)])
            },
            value: Array(text[row.value]), stored: Array(stored[row.stored]), lineEnds: row.lineEnds,
            problem: row.problem, problemPosition: row.problemPosition)
    }
}

/// Reads `bytes` to the end, in blocks of `rows`, arriving in stretches of `readSizes`.
func readAll(
    _ bytes: [UInt8], _ options: InputOptions = InputOptions(), name: String = "test",
    rows: Int = 512, readSizes: [Int] = [], from resume: Resume? = nil
) -> ReadAll {
    do {
        return readAll(
            try RowReader.open(
                bytes: bytes, name: name, options: options, from: resume, readSizes: readSizes),
            rows: rows)
    } catch {
        return ReadAll(error: error)
    }
}

func readAll(_ reader: RowReader, rows: Int = 512) -> ReadAll {
    var result = ReadAll()
    result.columns = reader.columns
    result.notes = reader.notes
    var block = RowBlock()
    do {
        while try reader.read(into: &block, rows: rows) {
            result.rows += block.rows.map { block.copy(of: $0) }
            result.endsInsideLine = block.endsInsideLine
        }
    } catch {
        result.error = error
    }
    result.account = reader.account
    return result
}

func readAll(
    _ text: String, _ options: InputOptions = InputOptions(), name: String = "test", rows: Int = 512,
    readSizes: [Int] = []
) -> ReadAll {
    readAll(Array(text.utf8), options, name: name, rows: rows, readSizes: readSizes)
}
