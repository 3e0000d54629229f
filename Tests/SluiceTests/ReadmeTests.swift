import Foundation
import TestSupport
import Testing

/// What the documents show works: commands, jobs, outputs, links.
@Suite(.ownThreads) struct ReadmeTests {
    /// A folder as a new user has it, in the checkout for the jobs that come with it.
    private static func folder() throws -> Program {
        let program = try Program()
        for name in ["samples", "jobs"] {
            try FileManager.default.createSymbolicLink(
                atPath: program.folder + "/" + name, withDestinationPath: Program.root + "/" + name)
        }
        return program
    }

    private static func plain(_ text: String) -> String {
        text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    }

    /// The newest run that has records left to fix.
    private static func open(_ program: Program) throws -> [String: Any] {
        let out = try program.run("runs", "--json").out
        let document = try JSONSerialization.jsonObject(with: Data(out.utf8)) as? [String: Any]
        let runs = document?["runs"] as? [[String: Any]] ?? []
        return try #require(runs.first { ($0["left"] as? Int ?? 0) > 0 } ?? runs.first)
    }

    /// As the README says: take the file of rejects, fix both rows, save it under another name.
    private static func fix(_ program: Program) throws {
        let run = try #require(try open(program)["run"] as? String)
        let rejects = try String(
            contentsOfFile: program.folder + "/state/runs/\(run)/rejects.csv", encoding: .utf8)
        try program.write(
            rejects.replacingOccurrences(of: "\"12,50\"", with: "12.50")
                .replacingOccurrences(of: "31/02/2026", with: "28/02/2026"), to: "fixed.csv")
    }

    @Test("Everything the README shows is run in its order, with the output and status that it shows")
    func readme() throws {
        let readme = try Document("README.md")
        let program = try Self.folder()
        defer { program.remove() }
        var printed = ""
        var count = 0
        for block in readme.blocks {
            if let file = block.file, ["csv", "yaml"].contains(block.language) {
                try program.write(block.text, to: file)
                continue
            }
            if block.language == "output" {
                for line in block.lines {
                    #expect(Self.plain(printed).contains(Self.plain(line)), "\(line)\nin\n\(printed)")
                }
                continue
            }
            if block.language == "sh" { printed = "" }
            for command in block.commands {
                let line = block.lines.first { $0.contains(command) } ?? ""
                let status =
                    line.components(separatedBy: "# exit ").dropFirst().first
                    .flatMap { Int32($0.prefix { $0.isNumber }) } ?? 0
                // No record of the history is in doubt, so none can be decided.
                if command.hasPrefix("sluice reconcile RUN") { continue }
                if command.contains("fixed.csv") { try Self.fix(program) }
                var words = command.split(separator: " ").dropFirst().joined(separator: " ")
                if words.contains("RUN") {
                    let run = try #require(try Self.open(program)["run"] as? String)
                    words = words.replacingOccurrences(of: "RUN", with: run)
                }
                let output = try program.shell("\"$SLUICE\" " + words)
                // A night may have bad rows.
                let isExpected =
                    output.status == status || block.language == "cron" && output.status == 1
                #expect(isExpected, "\(command)\n\(output)")
                printed += output.out + output.err
                count += 1
            }
        }
        #expect(count > 20)
    }

    // MARK: Commands

    /// What each command takes, by its words.
    private static let help: [String: String] = {
        guard let program = try? Program() else { return [:] }
        defer { program.remove() }
        func commands(_ text: String) -> [String] {
            guard let list = text.components(separatedBy: "SUBCOMMANDS:").dropFirst().first else {
                return []
            }
            return list.split(separator: "\n").filter {
                $0.hasPrefix("  ") && !$0.hasPrefix("   ") && !$0.contains("See 'sluice")
            }.compactMap { $0.split(separator: " ").first.map(String.init) }
        }
        var help: [String: String] = [:]
        var paths: [[String]] = [[]]
        while let path = paths.popLast() {
            let arguments: [String] = path + ["--help"]
            guard let output = try? program.run(arguments) else { continue }
            help[path.joined(separator: " ")] = output.out
            paths += commands(output.out).map { path + [$0] }
        }
        return help
    }()

    /// - Returns: What is wrong with a call of sluice; nil where nothing is.
    private static func problem(_ command: String) -> String? {
        let words = command.split(separator: " ").dropFirst().map {
            $0.trimmingCharacters(in: CharacterSet(charactersIn: "[](),;.\"…"))
        }
        guard let first = words.first, !first.isEmpty else { return nil }
        if first == "help" {
            let isThere =
                words.count == 1 || words[1] == "TOPIC" || Self.help[words[1]] != nil
                || Self.help[""]?.contains("sluice help \(words[1]) ") == true
            return isThere ? nil : "no command or topic \(words[1])"
        }
        var path = ""
        var rest = words[...]
        while let word = rest.first, Self.help[path.isEmpty ? word : path + " " + word] != nil {
            path += path.isEmpty ? word : " " + word
            rest = rest.dropFirst()
        }
        guard !path.isEmpty || first.hasPrefix("-") else { return "no command \(first)" }
        guard let text = Self.help[path] else { return "no help of \(path)" }
        for word in rest where word.hasPrefix("-") && word.count > 1 {
            let name = word.split(separator: "=").first.map(String.init) ?? word
            let isThere =
                name == "-vv" || name.hasPrefix("--generate-")
                || ["\(name) ", "\(name),", "\(name)\n", "\(name)]"].contains { text.contains($0) }
            if !isThere { return "\(path) has no \(name)" }
        }
        return nil
    }

    @Test("Every command that a document names is there, with the options it is shown with")
    func commands() throws {
        try #require(Self.help.count > 20)
        #expect(Self.problem("sluice run --nonsense job.yaml") != nil)
        #expect(Self.problem("sluice nonsense") != nil)
        for document in Document.all {
            let calls =
                document.blocks.flatMap(\.commands)
                + document.spans.filter { $0.hasPrefix("sluice ") && !$0.hasPrefix("sluice @") }
            for call in calls {
                let wrong = Self.problem(call)
                #expect(wrong == nil, "\(document.path): `\(call)`: \(wrong ?? "")")
            }
        }
    }

    @Test("Every program of the checkout that a document runs is there")
    func programs() throws {
        for document in Document.all {
            for block in document.blocks where block.language == "sh" {
                for line in block.lines {
                    let name = line.split(separator: " ").first.map(String.init) ?? ""
                    guard name.hasPrefix("jobs/") || name.hasPrefix("Tests/") else { continue }
                    #expect(
                        FileManager.default.isExecutableFile(atPath: Program.root + "/" + name),
                        "\(document.path): \(line)")
                }
            }
        }
    }

    // MARK: Jobs

    @Test("Every job, plan and file of connections that a document shows is a good one")
    func jobs() throws {
        for document in Document.all {
            let program = try Self.folder()
            defer { program.remove() }
            for block in document.blocks {
                if let file = block.file { try program.write(block.text, to: file) }
                guard block.language == "yaml" else { continue }
                let top = block.lines.first { !$0.hasPrefix("#") && !$0.isEmpty } ?? ""
                let output: Program.Output
                if top.hasPrefix("connections:") {
                    try program.write(block.text, to: "shown.yaml")
                    // The job names the one that is shown first: it is read for it.
                    let name = try #require(block.lines.dropFirst().first { !$0.isEmpty })
                        .split(whereSeparator: { ": ".contains($0) })[0]
                    let job = try String(
                        contentsOfFile: Program.root + "/jobs/cdnow.yaml", encoding: .utf8)
                    try program.write(
                        job.replacingOccurrences(
                            of: "connection: sandbox", with: "connection: \(name)"), to: "over.yaml")
                    output = try program.run("validate", "over.yaml", "--connections", "shown.yaml")
                } else {
                    #expect(top.hasPrefix("job:") || top.hasPrefix("plan:"), "\(document.path): \(top)")
                    try program.write(block.text, to: "shown.yaml")
                    output = try program.run("validate", "shown.yaml")
                }
                // Bad rows in its input, and jobs that are for `sluice run` alone, are well written anyway.
                let isGood =
                    output.status < 2
                    || output.status == 2 && output.err.contains("sluice run")
                #expect(isGood, "\(document.path): \(top)\n\(output)")
            }
        }
    }

    // MARK: Text

    @Test("Links lead to files and headings that are there")
    func links() throws {
        for document in Document.all {
            let folder = URL(fileURLWithPath: Program.root + "/" + document.path)
                .deletingLastPathComponent()
            for link in document.links {
                let parts = link.split(separator: "#", omittingEmptySubsequences: false).map(
                    String.init)
                let path =
                    parts[0].isEmpty
                    ? Program.root + "/" + document.path
                    : folder.appendingPathComponent(parts[0]).standardizedFileURL.path
                #expect(
                    FileManager.default.fileExists(atPath: path), "\(document.path): \(link)")
                guard parts.count == 2, path.hasSuffix(".md") else { continue }
                let target = try Document(String(path.dropFirst(Program.root.count + 1)))
                #expect(target.anchors.contains(parts[1]), "\(document.path): \(link)")
            }
        }
    }

    // MARK: Places

    @Test("What the architecture says is somewhere is there")
    func places() throws {
        let article = try Document("Sources/sluice/Documentation.docc/Architecture.md")
        let rows = article.lines.filter { $0.hasPrefix("| ") }.map { line in
            line.split(separator: "|").map {
                $0.trimmingCharacters(in: CharacterSet(charactersIn: " `"))
            }
        }
        let questions = rows.filter { $0.count == 3 && $0[2].hasPrefix("Sources/") }
        #expect(questions.count == 20)
        for row in questions {
            let path = Program.root + "/" + row[2]
            let below = FileManager.default.enumerator(atPath: path)?.compactMap { $0 as? String } ?? []
            let files = below.isEmpty ? [path] : below.map { path + "/" + $0 }
            let isThere = files.contains {
                (try? String(contentsOfFile: $0, encoding: .utf8))?.contains(row[1]) == true
            }
            #expect(isThere, "\(row)")
        }
        let targets = rows.filter { $0.count == 2 && $0[1].contains(", ") && !$0[0].contains(" ") }
        #expect(targets.count > 5)
        for row in targets {
            for folder in row[1].components(separatedBy: ", ") where !folder.contains(" ") {
                let path = Program.root + "/Sources/\(row[0])/\(folder)"
                #expect(FileManager.default.fileExists(atPath: path), "\(path)")
            }
        }
    }
}
