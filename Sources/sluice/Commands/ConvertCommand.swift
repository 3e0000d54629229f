import App
import ArgumentParser
import Foundation
import Records

struct ConvertCommand: AsyncParsableCommand {
    enum Target: String, ExpressibleByArgument, CaseIterable { case jsonl, csv }

    static let configuration = CommandConfiguration(
        commandName: "convert",
        abstract: "Any readable input as JSON Lines or CSV: what would my file look like.",
        discussion:
            "Bad records go to stderr with their places; all others are printed, and the status is 1.")

    @Argument(help: "The file; - for standard input.")
    var file: String

    @Option(help: "jsonl or csv.")
    var to: Target = .jsonl

    @Flag(help: "The file has no header: rows become arrays of texts.")
    var noHeader = false

    @Option(
        help: "The delimiter: one character, or comma, semicolon, tab, pipe. Detected when left out.")
    var delimiter: String?

    @Option(
        help: "utf-8, utf-16, windows-1252 or latin-1. Detected when left out, except the last two.")
    var encoding: String?

    func run() async throws {
        var input = InputOptions()
        if noHeader { input.header = .none }
        try input.take(delimiter: delimiter, encoding: encoding)
        let files = try InputList.resolve(
            [file], options: input, relativeTo: FileManager.default.currentDirectoryPath)
        var bad = 0
        var out: [UInt8] = []
        for file in files {
            _ = try Converter.convert(
                file, options: input, to: to == .csv ? .csv : .jsonl,
                note: { Console.warn("\(file.name): \($0)") },
                bad: { row in
                    bad += 1
                    Console.warn(row.description)
                },
                output: { bytes in
                    out += bytes
                    if out.count > 1 << 16 {
                        if !Console.put(out) { Sluice.leave(.fine) }
                        out.removeAll(keepingCapacity: true)
                    }
                })
        }
        if !Console.put(out) { Sluice.leave(.fine) }
        if bad > 0 { throw ExitCode(ExitStatus.problems.rawValue) }
    }
}
