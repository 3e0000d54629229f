import Foundation
import TestSupport
import Testing

/// Help topics, the manual page, completions: what the program says about itself.
@Suite(.ownThreads) struct HelpTests {
    private static func words(_ text: String) -> String {
        text.filter { !"`*|".contains($0) }.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    }

    @Test(
        "A topic has the words of the document, all of its rows",
        arguments: [
            ("exit-codes", "README.md", "| 130, 143 |"), ("exit-codes", "README.md", "| 9 |"),
            ("outcomes", "README.md", "| in doubt |"), ("outcomes", "README.md", "| org |"),
            ("job-file", "jobs/README.md", "| `verify_existing` |"),
            ("job-file", "jobs/README.md", "| `timeout`, `connect_timeout` |"),
            (
                "limits", "Sources/sluice/Documentation.docc/OperatingGuide.md",
                "| records per request |"
            ),
            ("security", "Sources/sluice/Documentation.docc/Security.md", "- A crash leaves no core"),
        ])
    func topics(topic: String, path: String, start: String) throws {
        let program = try Program()
        defer { program.remove() }
        let output = try program.run("help", topic)
        #expect(output.status == 0 && output.err.isEmpty, "\(output)")
        let line = try #require(Document(path).lines.first { $0.hasPrefix(start) })
        let cells = line.split(separator: "|").map { Self.words(String($0)) }.filter { !$0.isEmpty }
        for cell in cells {
            let shown = cell.hasPrefix("- ") ? String(cell.dropFirst(2)) : cell
            #expect(Self.words(output.out).contains(shown), "\(topic): \(shown)")
        }
        #expect(output.out.split(separator: "\n").allSatisfy { $0.count <= 80 || $0.hasPrefix("  ") })
    }

    @Test("The list of topics is in the help, and a mistyped one is named")
    func list() throws {
        let program = try Program()
        defer { program.remove() }
        let help = try program.run("--help").out
        for topic in ["exit-codes", "job-file", "outcomes", "limits", "security"] {
            #expect(help.contains("sluice help \(topic) "), "\(topic)")
        }
        let wrong = try program.run("help", "exit-code")
        #expect(wrong.status == 2 && wrong.err.contains("sluice help exit-codes"), "\(wrong)")
        #expect(try program.run("help", "nonsense").status == 2)
        #expect(try program.run("help", "run").out.contains("USAGE: sluice run"))
        #expect(try program.run("help").status == 0)
    }

    @Test("The manual page has every command and option, and is good for man")
    func manual() throws {
        let program = try Program()
        defer { program.remove() }
        let page = try program.run("--generate-manual-page")
        #expect(page.status == 0 && page.err.isEmpty)
        #expect(page.out.utf8.allSatisfy { $0 < 0x80 })
        for words in [
            ".SH \"NAME\"",
            ".SS \"sluice run JOBS ...\"".replacingOccurrences(of: "JOBS", with: "\\fIJOBS\\fR"),
            ".SS \"sluice rejected mark\\-failed", "\\fB\\-\\-dry\\-run\\fR", ".SH \"EXIT STATUS\"",
            ".SH \"COMMON OPTIONS\"", "\\fB\\-\\-json\\fR", "The number of runs. (default: 50)",
        ] {
            #expect(page.out.contains(words), "\(words)")
        }
        let lines = page.out.split(separator: "\n", omittingEmptySubsequences: false)
        for line in lines where line.hasPrefix(".") {
            #expect(
                [".TH ", ".SH ", ".SS ", ".PP", ".nf", ".fi", ".TP", ".IP "].contains {
                    line.hasPrefix($0)
                }, "\(line)")
        }
        #expect(lines.count { $0 == ".nf" } == lines.count { $0 == ".fi" })
        guard FileManager.default.isExecutableFile(atPath: "/usr/bin/groff") else { return }
        try program.write(page.out, to: "sluice.1")
        let checked = try program.run(
            ["-man", "-ww", "-Tutf8", "-z", "sluice.1"], of: "/usr/bin/groff")
        #expect(checked.status == 0 && checked.err.isEmpty, "\(checked)")
    }

    @Test("What the shell asks for after Tab")
    func completions() throws {
        let program = try Program()
        defer { program.remove() }
        try program.connect("eu-prod", to: "http://127.0.0.1:1")
        func offered(_ line: [String], _ argument: [String], prefix: String = "") throws -> [String] {
            let output = try program.run(
                ["---completion"] + argument + ["\(line.count + 1)", "\(prefix.count)"] + ["sluice"]
                    + line
                    + [prefix])
            #expect(output.status == 0, "\(output)")
            return output.out.split(separator: "\n").map(String.init)
        }
        // A ledger is not made for the asking.
        #expect(try offered(["report"], ["report", "--", "positional@0"]).isEmpty)
        #expect(!FileManager.default.fileExists(atPath: program.folder + "/state"))
        try program.write(CommandTests.bill(1) + "\n", to: "bills.jsonl")
        try program.writeJob("nightly", connection: "sandbox", files: "bills.jsonl")
        #expect(try program.run("run", "job.yaml").status == 0)
        let runs = try offered(["report"], ["report", "--", "positional@0"])
        #expect(runs.count == 1 && runs[0].hasPrefix("20"), "\(runs)")
        #expect(
            try offered(
                ["report", "--state", program.folder + "/other"], ["report", "--", "positional@0"]
            ).isEmpty)
        #expect(try offered(["runs", "--job"], ["runs", "--", "--job"]) == ["nightly"])
        #expect(try offered(["resume"], ["resume", "--", "positional@0"]).isEmpty)
        #expect(
            try offered(["doctor"], ["doctor", "--", "positional@0"]) == ["sandbox", "eu-prod"])
        let bash = try program.run("--generate-completion-script", "bash")
        #expect(bash.status == 0)
        for words in ["transactions.add", "customer-unknown", "yaml", "report"] {
            #expect(bash.out.contains(words), "\(words)")
        }
    }

    @Test("The scripts complete in the shells that are there", arguments: ["bash", "zsh", "fish"])
    func shells(shell: String) throws {
        let paths = ["/bin/", "/usr/bin/"].map { $0 + shell }
        guard let path = paths.first(where: FileManager.default.isExecutableFile(atPath:)) else {
            return
        }
        let program = try Program()
        defer { program.remove() }
        let script = try program.run("--generate-completion-script", shell)
        try program.write(script.out, to: "script")
        #expect(try program.run(["-n", "script"], of: path).status == 0)
        guard shell == "bash" else { return }
        try program.write(
            """
            PATH="$(dirname "\(Program.executable)"):$PATH"
            source ./script
            COMP_WORDS=(sluice endpoints transactions.u) COMP_CWORD=2
            COMP_LINE="${COMP_WORDS[*]}" COMP_POINT=${#COMP_LINE}
            _sluice sluice transactions.u endpoints
            echo "${COMPREPLY[@]}"
            """, to: "try")
        let tried = try program.run(["try"], of: path)
        #expect(tried.out == "transactions.update\n", "\(tried)")
    }

    @Test("The program, its manual page and the completions are installed in one go")
    func install() throws {
        let program = try Program()
        defer { program.remove() }
        let output = try program.shell(
            "SLUICE_BINARY=\"$SLUICE\" '\(Program.root)/jobs/install' \"$PWD/prefix\"")
        #expect(output.status == 0, "\(output)")
        let files = output.out.split(separator: "\n").map(String.init)
        #expect(files.count == 5)
        for file in files { #expect(FileManager.default.fileExists(atPath: file), "\(file)") }
        #expect(files[0].hasSuffix("/bin/sluice") && files[1].hasSuffix("/man1/sluice.1"))
    }
}
