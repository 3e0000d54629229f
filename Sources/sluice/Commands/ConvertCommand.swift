import App
import ArgumentParser
import Foundation
import Model
import Records

struct ConvertCommand: AsyncParsableCommand {
    enum Target: String, ExpressibleByArgument, CaseIterable { case jsonl, csv }

    static let configuration = CommandConfiguration(
        commandName: "convert",
        abstract: "Show any readable input as JSON Lines or CSV.",
        discussion:
            "Bad records are listed on stderr with their positions; all others are printed, and the status is 1."
    )

    @Argument(help: "The file, or - for standard input.", completion: .dataFiles)
    var file: String

    @Option(help: "The format to print: jsonl or csv.")
    var to: Target = .jsonl

    @Flag(help: "The file has no header: print rows as arrays of strings.")
    var noHeader = false

    @Option(
        help: "The delimiter: one character, or comma, semicolon, tab, pipe. Detected by default.",
        completion: .delimiters)
    var delimiter: String?

    @Option(
        help: "utf-8, utf-16, windows-1252 or latin-1. By default utf-8 or utf-16, as detected.",
        completion: .encodings)
    var encoding: String?

    @Option(
        help: "Of an Excel workbook: the name or the number of the sheet. By default the only one.")
    var sheet: String?

    func run() async throws {
        var input = InputOptions()
        if noHeader { input.header = .none }
        try input.take(delimiter: delimiter, encoding: encoding, sheet: sheet)
        let files = try InputList.resolve(
            [file], options: input, relativeTo: FileManager.default.currentDirectoryPath)
        var bad = 0
        var out: [UInt8] = []
        for file in files {
            _ = try Converter.convert(
                file, options: input, to: to == .csv ? .csv : .jsonl,
                note: { Console.warn("\(InputName.bare(file.name)): \($0)") },
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
