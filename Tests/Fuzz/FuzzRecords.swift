// The readers against any bytes, by libFuzzer: they never crash and never hang, and where the input is cut
// makes no difference. The first two bytes choose the reader and the cuts, the rest is the input.
// FUZZ_FORMAT (csv, jsonl, jsonArray) keeps to one reader.
//
//   SLUICE_FUZZ=1 swift build -c release --sanitize=fuzzer --product FuzzRecords --scratch-path .build-fuzz
//   FUZZ_FORMAT=csv .build-fuzz/release/FuzzRecords -max_len=64 -runs=10000000

import Foundation
import Model
import Records

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    guard count > 2, let data = unsafe data else { return 0 }
    let all = unsafe Array(UnsafeBufferPointer(start: data, count: count))
    check(Array(all[2...]), reader: all[0], cuts: all[1])
    return 0
}

/// A whole reading boiled down to a number. `Hasher` is not instrumented: it costs next to nothing.
private struct Trace: Equatable {
    var hash = 0
    var rows = 0
    var account = ByteAccount()
    var error: ReadError?
}

private let onlyFormat = ProcessInfo.processInfo.environment["FUZZ_FORMAT"]
    .flatMap(InputOptions.Format.init(rawValue:))

private func options(_ reader: UInt8) -> InputOptions {
    var options = InputOptions(
        format: onlyFormat ?? [.csv, .jsonl, .jsonArray, nil][Int(reader & 3)],
        fieldLimit: [7, 40, 300, 1 << 20][Int(reader >> 2 & 3)], depthLimit: 8)
    switch reader >> 4 & 3 {
    case 1: options.delimiter = UInt8(ascii: ",")
    case 2: options.header = .names(["a", "b"])
    case 3: options.header = .none
    default: break
    }
    switch reader >> 6 {
    case 1: options.encoding = .utf8
    case 2: options.encoding = .utf16
    case 3: options.encoding = .windows1252
    default: break
    }
    return options
}

private func check(_ bytes: [UInt8], reader: UInt8, cuts: UInt8) {
    let options = options(reader)
    let whole = trace(bytes, options, rows: 512, readSizes: [], from: nil)
    let sizes = [Int(cuts & 15) + 1, Int(cuts >> 4) + 1]
    let cut = trace(bytes, options, rows: Int(cuts & 7) + 1, readSizes: sizes, from: nil)
    precondition(whole.trace == cut.trace, "cut differently, it reads differently")
    guard whole.trace.error == nil else { return }
    let account = whole.trace.account
    precondition(
        account.isBalanced && account.start == 0 && account.end == bytes.count, "bytes are missing")
    // Continuing after some row gives the rest.
    guard let middle = whole.middle else { return }
    let rest = trace(bytes, options, rows: 3, readSizes: sizes, from: middle)
    precondition(rest.trace.error == nil && rest.trace.account.isBalanced)
    precondition(rest.trace.rows + middle.row - 1 == whole.trace.rows, "a resume loses rows")
    precondition(rest.last == whole.last, "a resume reads other rows")
}

private nonisolated(unsafe) var block = RowBlock()

private func trace(
    _ bytes: [UInt8], _ options: InputOptions, rows: Int, readSizes: [Int], from resume: Resume?
) -> (trace: Trace, middle: Resume?, last: Position?) {
    var result = Trace()
    var hasher = Hasher()
    var middle: Resume?
    var last: Position?
    do {
        let reader = try RowReader.open(
            bytes: bytes, name: "fuzz", options: options, from: resume, readSizes: readSizes)
        hasher.combine(reader.columns)
        while try unsafe reader.read(into: &block, rows: rows) {
            unsafe add(block, to: &hasher)
            result.rows += unsafe block.rows.count
            if unsafe block.rows.count > 1, middle == nil {
                middle = unsafe Resume(after: block.rows[(block.rows.count - 1) / 2])
            }
            last = unsafe block.rows.last?.position
        }
        result.account = reader.account
    } catch {
        result.error = error
    }
    result.hash = hasher.finalize()
    return (result, middle, last)
}

private func add(_ block: RowBlock, to hasher: inout Hasher) {
    unsafe block.text.withUnsafeBytes { text in
        unsafe block.stored.withUnsafeBytes { stored in
            for row in block.rows {
                hasher.combine(row.position)
                hasher.combine(row.lineEnds)
                hasher.combine(row.fields.count)
                for field in row.fields {
                    let range = block.fields[field]
                    hasher.combine(range.count)
                    unsafe hasher.combine(
                        bytes: UnsafeRawBufferPointer(
                            rebasing: text[Int(range.lowerBound)..<Int(range.upperBound)]))
                }
                hasher.combine(row.value.count)
                unsafe hasher.combine(bytes: UnsafeRawBufferPointer(rebasing: text[row.value]))
                unsafe hasher.combine(bytes: UnsafeRawBufferPointer(rebasing: stored[row.stored]))
                hasher.combine(row.problem)
                hasher.combine(row.problemPosition)
            }
        }
    }
}
