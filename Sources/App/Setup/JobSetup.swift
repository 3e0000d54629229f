import Catalog
import Foundation
import Jobs
import Model
import Records
import Reports

/// Writes a job for a file of records: guesses, asks on a terminal, and says what it guessed and what it could not.
package struct JobSetup: Sendable {
    /// The file of records, as a job may name it; `-`: standard input.
    package var file: String
    /// Nil: the file's name with `.yaml`, in the working directory. `-`: standard output.
    package var output: String?
    /// Nil: asked, or the sandbox.
    package var connection: String?
    /// The call; nil: guessed.
    package var endpoint: String?
    /// Of dates without an offset; nil: guessed.
    package var zone: String?
    /// Of phone numbers without a code, two letters; nil: guessed.
    package var country: String?
    /// As `format` takes it; nil: guessed.
    package var dateFormat: String?
    /// Columns by field.
    package var columns: [String: String] = [:]
    /// Takes the guesses without asking.
    package var isQuick = false
    /// An existing file is replaced.
    package var overwrites = false

    package init(file: String) { self.file = file }

    /// Whether two paths lead to one file, by whatever links.
    private static func isSame(_ first: String, _ second: String) -> Bool {
        var one = stat()
        var other = stat()
        guard unsafe stat(first, &one) == 0, unsafe stat(second, &other) == 0 else { return false }
        return one.st_dev == other.st_dev && one.st_ino == other.st_ino
    }

    /// - Returns: ``ExitStatus/problems`` where something is left to be decided.
    /// - Throws: ``Failure``, or what it translates: a file that cannot be read, or is there already.
    package func run(_ options: AppOptions) throws -> ExitStatus {
        let name = Self.name(of: file)
        let path = output ?? name + ".yaml"
        guard path == "-" || !Self.isSame(path, file) else {
            throw Failure(
                .usage, "\(path) is the file of records itself. Choose another name with --output.")
        }
        if path != "-", !overwrites, FileManager.default.fileExists(atPath: path) {
            throw Failure(
                .usage,
                "\(path) exists already. Choose another name with --output, or replace it with --force."
            )
        }
        if let endpoint, !Endpoint.all.contains(where: { $0.name == endpoint }) {
            let near = Endpoint.suggestion(for: endpoint).map { " Did you mean \($0)?" } ?? ""
            throw Failure(
                .usage, "there is no endpoint “\(endpoint)”.\(near) `sluice endpoints` lists them.")
        }
        let table = try SampleReader.read(file)
        for (field, column) in columns.sorted(by: { $0.key < $1.key })
        where !table.columns.contains(column) {
            let near =
                Suggestion.nearest(to: column, among: table.columns).map { " Did you mean “\($0)”?" }
                ?? ""
            throw Failure(.usage, "--set \(field): the file has no column “\(column)”.\(near)")
        }
        var request = JobGuess.Request(name: name, files: [file])
        request.connection = connection ?? "sandbox"
        request.endpoint = endpoint
        request.zone = zone
        request.country = country
        request.dateFormat = dateFormat
        request.columns = columns
        if !isQuick, !options.json, Questions.canAsk { ask(table, &request, options) }
        let guess = JobGuess(table, request)
        if let field = guess.unplaced() {
            throw Failure(
                .usage,
                "--set \(field): this field cannot be set here. Write the job without it, then add the field to its `record`."
            )
        }
        let draft = guess.draft()
        var gaps = draft.gaps
        let text = draft.yaml
        if gaps.isEmpty {
            do {
                _ = try JobFile.parse(yaml: text, file: path)
            } catch {
                gaps = ["\(error)"]
            }
        }
        try deliver(text, draft, gaps, to: path, rows: table.rows.count, options)
        return gaps.isEmpty ? .fine : .problems
    }

    /// As a job can be called.
    private static func name(of file: String) -> String {
        let base = file == "-" ? "job" : URL(fileURLWithPath: file).lastPathComponent
        let stem = base.prefix { $0 != "." }
        let plain = stem.map { character in
            character.isASCII && (character.isLetter || character.isNumber || "-_".contains(character))
                ? character : "-"
        }
        let name = String(plain.drop { $0 == "-" }.prefix(60))
        return name.isEmpty ? "job" : name
    }

    // MARK: Asking

    private func ask(_ table: TableGuess, _ request: inout JobGuess.Request, _ options: AppOptions) {
        let first = JobGuess(table, request)
        Console.warn("Enter takes the answer in brackets.")
        if request.endpoint == nil, first.endpoint?.confidence != .sure {
            request.endpoint = Questions.ask("Which API call", usual: first.endpoint?.name ?? "") {
                answer in
                Endpoint.all.contains { $0.name == answer }
                    ? nil : "there is no such call; `sluice endpoints` lists them"
            }
        }
        if connection == nil {
            let names = (try? AppContext.connectionNames(options)) ?? []
            request.connection =
                Questions.ask("Which connection", ["sandbox"] + names, usual: "sandbox") ?? "sandbox"
        }
        for question in JobGuess(table, request).draft().questions { answer(question, table, &request) }
    }

    private func answer(
        _ question: JobDraft.Question, _ table: TableGuess, _ request: inout JobGuess.Request
    ) {
        switch question {
        case .country:
            let answer = Questions.ask("Country of phone numbers without a code, such as DE") {
                answer in
                answer.count == 2 && answer.allSatisfy(\.isLetter) ? nil : "expected two letters"
            }
            request.country = answer?.uppercased()
        case .dateFormat(let formats):
            request.dateFormat = Questions.ask("Format of the dates", formats) { answer in
                formats.contains(answer) || Set("yMd").isSubset(of: answer)
                    ? nil : "one of these, or another with y, M and d"
            }
        case .zone(let names, let isGuessed):
            request.zone = Questions.ask(
                "Time zone of the dates", isGuessed ? [] : names, usual: isGuessed ? names[0] : ""
            ) { answer in
                TimeZone(identifier: answer) == nil ? "there is no such zone" : nil
            }
        case .column(let field, let names):
            let shown = names.isEmpty ? table.columns : names
            request.columns[field] = Questions.ask("Which column is \(field)", shown) { answer in
                table.columns.contains(answer) ? nil : "the file has no such column"
            }
        }
    }

    // MARK: What comes out

    private func deliver(
        _ text: String, _ draft: JobDraft, _ gaps: [String], to path: String, rows: Int,
        _ options: AppOptions
    ) throws {
        if path != "-" {
            if overwrites { try? FileManager.default.removeItem(atPath: path) }
            try Console.newFile(path) { try NewFile.write(text, to: path) }
        }
        if options.json {
            var document: [String: Any] = [
                "schema": 1, "file": file, "rows_read": rows, "todo": gaps,
                "findings": draft.findings.map {
                    [
                        "subject": $0.subject, "value": $0.value, "confidence": $0.confidence.rawValue,
                        "why": $0.why,
                    ]
                },
            ]
            document["endpoint"] = draft.endpoint
            document[path == "-" ? "yaml" : "job"] = path == "-" ? text : path
            return Console.print(try Console.json(document))
        }
        if !options.quiet {
            Console.warn("\(file): guessed from \(Wording.count(rows, "row"))")
            let width = draft.findings.map(\.subject.count).max() ?? 0
            for finding in draft.findings {
                let subject = finding.subject.padding(toLength: width, withPad: " ", startingAt: 0)
                let level = finding.confidence.rawValue.padding(
                    toLength: 6, withPad: " ", startingAt: 0)
                let value = finding.value.isEmpty ? "?" : finding.value
                let line =
                    "  \(level)  \(subject)  \(value)"
                    + (finding.why.isEmpty ? "" : "  (\(finding.why))")
                Console.warn(
                    CellText.cut(CellText.visible(line), to: Console.isTerminal ? Console.width : .max))
            }
        }
        if path == "-" { Console.put(Array(text.utf8)) }
        if !gaps.isEmpty {
            Console.warn("To be decided, in the lines `# TODO` of the job:")
            for gap in gaps {
                for line in Wording.wrap(CellText.visible(gap), width: Console.width, indent: "  ") {
                    Console.warn(line)
                }
            }
        }
        guard path != "-" else { return }
        Console.print(path)
        guard !options.quiet else { return }
        Console.warn(
            gaps.isEmpty
                ? "Check what it makes of your rows: `sluice preview \(Wording.shell(path))`"
                : "Decide these, then check: `sluice validate \(Wording.shell(path))`")
    }
}
