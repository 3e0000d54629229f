import Foundation
import TestSupport
import Testing

/// Inputs as they come: through pipes, compressed, damaged, empty, not what they should be.
@Suite(.ownThreads) struct InputTests {
    /// A program in whose folder the files of a case stand.
    private static func open(_ name: String) throws -> Program {
        let program = try Program()
        let cases = Program.root + "/Tests/SluiceTests/Fixtures/cases/" + name
        for file in try FileManager.default.contentsOfDirectory(atPath: cases) {
            try FileManager.default.copyItem(
                atPath: cases + "/" + file, toPath: program.folder + "/" + file)
        }
        return program
    }

    private static func spooled(_ program: Program) -> [String] {
        (try? FileManager.default.contentsOfDirectory(atPath: program.folder + "/state/spool")) ?? []
    }

    // MARK: Pipes

    @Test("A pipe, a FIFO and standard input lose nothing, in every command that reads one")
    func pipes() throws {
        let program = try Self.open("01-pipe-loses-512-bytes")
        defer { program.remove() }
        for script in [
            "cat in.jsonl | $SLUICE run job.yaml", "cat in.jsonl | $SLUICE validate job.yaml",
            "cat in.jsonl | $SLUICE plan job.yaml",
        ] {
            let output = try program.shell(script, killedAfter: 60)
            #expect(output.status == 0, "\(script): \(output)")
            let words = script.contains("run") ? "accepted 20" : "20"
            #expect(output.prints(words), "\(script): \(output.out)")
        }
        #expect(Self.spooled(program).isEmpty, "the run is closed")
        let whole = try program.run("convert", "in.jsonl").out
        for script in [
            "cat in.jsonl | $SLUICE convert /dev/stdin", "cat in.jsonl | $SLUICE convert -",
            "cat in.jsonl | $SLUICE convert /dev/fd/0", "gzip -c in.jsonl | $SLUICE convert -",
            "mkfifo bills; cat in.jsonl >bills & $SLUICE convert bills",
            // A file by the name of a descriptor is another one for whoever comes later.
            "$SLUICE convert /dev/stdin <in.jsonl",
        ] {
            let output = try program.shell(script, killedAfter: 60)
            #expect(output.status == 0 && output.out == whole, "\(script): \(output)")
        }
        #expect(whole.split(separator: "\n").count == 20)
        // All columns of JSON, also of those that the first row has not.
        let table = try program.shell(
            "printf '{\"a\":1}\\n{\"b\":2}\\n' | $SLUICE convert - --to csv")
        #expect(table.out == "a,b\n1,\n,2\n")
    }

    @Test("What came through a pipe is kept for as long as its run may continue")
    func resumePiped() throws {
        let stand = try Stand(items: 60, bad: [20, 21, 22])
        defer { stand.remove() }
        let program = stand.program
        func write(_ stop: String) throws {
            try stand.writeJob(send: "chunk: 1, in_flight: 1", more: stop)
            let job = try String(contentsOfFile: program.folder + "/job.yaml", encoding: .utf8)
            try program.write(
                job.replacingOccurrences(of: "items.jsonl", with: "\"-\""), to: "job.yaml")
        }
        try write("stop: { errors: 1 }")
        let first = try program.shell("cat items.jsonl | $SLUICE run job.yaml", killedAfter: 90)
        #expect(first.status == 3, "\(first)")
        let names = Self.spooled(program)
        #expect(names.count == 1)
        let path = program.folder + "/state/spool/" + (names.first ?? "")
        let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
        #expect(mode == 0o600)
        // What a killed process left behind is nobody's.
        try program.write("left", to: "state/spool/left")
        #expect(try program.run("prune", "--older-than", "1d").status == 0)
        #expect(Self.spooled(program) == names)
        try write("")
        let last = try stand.command("resume")
        #expect(last.status == 1, "\(last)")
        try stand.expectOnce(except: [20, 21, 22], last)
        #expect(Self.spooled(program).isEmpty)
    }

    @Test("A copy that finds no room says so, and leaves nothing behind")
    func fullDisk() throws {
        let program = try Self.open("01-pipe-loses-512-bytes")
        defer { program.remove() }
        // Nothing may be as long as that: 8 blocks of 512 bytes.
        let output = try program.shell(
            "trap '' XFSZ; ulimit -f 8; cat in.jsonl in.jsonl | $SLUICE convert -", killedAfter: 60)
        #expect(output.status == 5, "\(output)")
        #expect(output.err.contains("standard input: it cannot be stored in"), "\(output.err)")
        #expect(output.err.contains("TMPDIR"))
    }

    @Test("Jobs and connections come through pipes as well")
    func pipedJob() throws {
        let program = try Self.open("17-job-from-a-pipe")
        defer { program.remove() }
        for command in ["validate", "plan", "run"] {
            let output = try program.shell("cat job.yaml | $SLUICE \(command) /dev/stdin")
            #expect(output.status == 0, "\(command): \(output)")
        }
        let server = try program.sandbox()
        defer { server.stop() }
        try program.connect(to: server.url, file: "there")
        let output = try program.shell(
            """
            sed 's/^job: .*/job: other/; s/: sandbox/: there/' job.yaml \\
            | { $SLUICE run /dev/stdin --connections /dev/fd/3 3<there; }
            """)
        #expect(output.status == 0, "\(output)")
        #expect(try server.ask("/_sandbox/counts")["bookings"] as? Int == 1)
        let bad = try program.shell("printf 'job: \\377' | $SLUICE run /dev/stdin")
        #expect(bad.status == 2 && bad.err.contains("not UTF-8"), "\(bad.err)")
    }

    // MARK: Compressed

    @Test(
        "A damaged or cut file, or one with something after it, is refused by every command",
        arguments: [
            ("04-gzip-crc-not-checked", "damaged gzip input at byte 132: incorrect data check"),
            ("04b-gzip-rest-ignored", "the compressed data ends at byte 90"),
            ("23-cut-gzip-message", "truncated gzip input: it ends at byte 85"),
        ])
    func damaged(name: String, words: String) throws {
        let program = try Self.open(name)
        defer { program.remove() }
        for arguments in [
            ["validate", "job.yaml"], ["plan", "job.yaml"], ["convert", "in.csv.gz"],
            ["run", "job.yaml"],
        ] {
            let output = try program.run(arguments)
            #expect(output.status == 2, "\(arguments): \(output)")
            #expect(output.err.contains("in.csv.gz: " + words), "\(arguments): \(output.err)")
        }
        let runs = try? FileManager.default.contentsOfDirectory(atPath: program.folder + "/state/runs")
        #expect(runs ?? [] == [], "nothing was begun")
    }

    @Test("A run whose input proves damaged says what it took from it, and sends nothing more")
    func damagedLater() throws {
        let stand = try Stand(items: 12_000, send: "chunk: 50, in_flight: 4")
        defer { stand.remove() }
        let program = stand.program
        let job = try String(contentsOfFile: program.folder + "/job.yaml", encoding: .utf8)
        try program.write(
            job.replacingOccurrences(of: "items.jsonl", with: "items.jsonl.gz"), to: "job.yaml")
        #expect(try program.shell("gzip -k items.jsonl").status == 0)
        let url = URL(fileURLWithPath: program.folder + "/items.jsonl.gz")
        var bytes = try Data(contentsOf: url)
        bytes[bytes.count - 6] ^= 0x10
        try bytes.write(to: url)
        let output = try stand.command("run", "job.yaml")
        #expect(output.status == 3, "\(output)")
        #expect(output.err.contains("items.jsonl.gz: damaged gzip input at byte"), "\(output.err)")
        #expect(output.err.contains("Records 0 to "), "\(output.err)")
        #expect(output.err.contains("sluice abandon"))
        let totals = try stand.totals()
        let accepted = try #require(totals["accepted"])
        #expect(accepted < 12_000 && accepted > 0)
        #expect(try stand.done().reduce(0, +) == accepted)
        // Neither does continuing.
        #expect(try stand.command("resume").status == 3)
        #expect(try stand.done().allSatisfy { $0 <= 1 })
        #expect(try program.run("validate", "job.yaml").status == 2)
    }

    @Test("A name that an archive has twice is read twice")
    func twice() throws {
        let program = try Self.open("05-archive-same-name-twice")
        defer { program.remove() }
        let job = try String(contentsOfFile: program.folder + "/job.yaml", encoding: .utf8)
        try program.write(job.replacingOccurrences(of: "in.zip", with: "in.tar"), to: "job.yaml")
        #expect(try program.run("validate", "job.yaml").out.contains("2 records of 2 rows"))
        let output = try program.run("run", "job.yaml")
        #expect(output.status == 0 && output.prints("accepted 2"), "\(output)")
    }

    @Test("A resume tells the members of one name apart", arguments: ["tar", "tar.gz"])
    func twiceResumed(kind: String) throws {
        let stand = try Stand(items: 40, bad: [2, 3, 4], send: "chunk: 1, in_flight: 1")
        defer { stand.remove() }
        let program = stand.program
        let made = try program.shell(
            """
            cp items.jsonl all; head -n 15 all >items.jsonl; tar cf in.tar items.jsonl
            tail -n +16 all >items.jsonl; tar rf in.tar items.jsonl; gzip -k in.tar
            """)
        try #require(made.status == 0, "\(made.err)")
        func write(_ stop: String) throws {
            try stand.writeJob(send: "chunk: 1, in_flight: 1", more: stop)
            let job = try String(contentsOfFile: program.folder + "/job.yaml", encoding: .utf8)
            try program.write(
                job.replacingOccurrences(of: "items.jsonl", with: "in.\(kind)"), to: "job.yaml")
        }
        try write("stop: { errors: 1 }")
        #expect(try stand.command("run", "job.yaml").status == 3)
        try write("")
        let last = try stand.command("resume")
        #expect(last.status == 1, "\(last)")
        try stand.expectOnce(except: [2, 3, 4], last)
    }

    // MARK: Changed while they are read

    @Test("An input that is edited while it is read stops the run, though its time is set back")
    func editedMeanwhile() throws {
        let stand = try Stand(
            items: 9_000, sandbox: ["--fault", "latency:30ms:on=add"], send: "chunk: 5, in_flight: 2")
        defer { stand.remove() }
        let path = stand.program.folder + "/items.jsonl"
        let times = try FileManager.default.attributesOfItem(atPath: path)
        let process = try stand.startAndWait(done: 10)
        let file = try #require(FileHandle(forUpdatingAtPath: path))
        let end = try file.seekToEnd()
        try file.seek(toOffset: end - 5)
        try file.write(contentsOf: Data("9".utf8))
        try file.close()
        try FileManager.default.setAttributes(
            [.modificationDate: try #require(times[.modificationDate])], ofItemAtPath: path)
        try stand.server.set([])
        process.wait()
        #expect(process.status == 3)
        let report = try stand.program.run("report")
        #expect(report.out.contains("changed at or after byte 0"), "\(report.out)")
        let before = try stand.done()
        let output = try stand.command("resume")
        #expect(output.status == 3, "\(output)")
        #expect(try stand.done() == before, "nothing was sent")
    }

    // MARK: Empty, and not what they should be

    @Test("An empty file among others is named and passed over, or refused where the job says so")
    func emptyFiles() throws {
        let program = try Self.open("14-empty-file-in-glob")
        defer { program.remove() }
        try program.write("\n\n", to: "d.csv")
        let job = try String(contentsOfFile: program.folder + "/job.yaml", encoding: .utf8)
        func write(_ rule: String) throws {
            let files = try #require(job.firstRange(of: "input: { files: "))
            var text = job
            text.replaceSubrange(files, with: "input: { empty_files: \(rule), files: ")
            try program.write(text, to: "job.yaml")
        }
        try write("fail")
        for command in ["validate", "plan", "run"] {
            let output = try program.run(command, "job.yaml")
            #expect(output.status == 2 && output.err.contains("b.csv: it is empty"), "\(output)")
        }
        try write("skip")
        let silent = try program.run("validate", "job.yaml")
        #expect(silent.status == 0 && silent.err.isEmpty, "\(silent)")
        try program.write(job, to: "job.yaml")
        let output = try program.run("run", "job.yaml")
        #expect(output.status == 0 && output.prints("accepted 2"), "\(output)")
        #expect(output.err.contains("b.csv is empty") && output.err.contains("d.csv is empty"))
        // A file that is no input is named, whatever is beside it.
        try program.write("a,b\n1,2\n", to: "e.csv")
        let odd = try program.run("validate", "job.yaml")
        #expect(odd.status == 2 && odd.err.contains("e.csv: none of the job's columns"), "\(odd.err)")
        // Nothing at all is nothing to do.
        try program.write(job.replacingOccurrences(of: "*.csv", with: "b.csv"), to: "job.yaml")
        let none = try program.run("run", "job.yaml")
        #expect(none.status == 0 && none.prints("read 0"), "\(none)")
    }

    @Test("What holds no rows is named, with the way on; what can be read, is")
    func odd() throws {
        for (name, file, words) in [
            ("12b-title-line", "in.csv", "its first line is not the header"),
            ("12b-title-line", "hash.csv", "skip: 1"), ("15-xlsx", "in.xlsx", "Excel workbook"),
            ("19-pretty-json", "wrapped.json", "path: data"),
        ] {
            let program = try Self.open(name)
            defer { program.remove() }
            let output = try program.run("convert", file)
            #expect(output.status == 2 && output.out.isEmpty, "\(file): \(output)")
            #expect(output.err.contains(file + ":") && output.err.contains(words), "\(output.err)")
        }
        let separated = try Self.open("12-sep-line")
        defer { separated.remove() }
        #expect(try separated.run("validate", "job.yaml").status == 0)
        #expect(try separated.run("run", "job.yaml").prints("accepted 1"))
        let wide = try Self.open("13-utf16-no-bom")
        defer { wide.remove() }
        #expect(
            try wide.run("convert", "in.csv").out
                == "{\"telefon\":\"447700900101\",\"fiş\":\"F1\",\"şube\":\"İzmir\"}\n")
    }

    @Test("The rejects of a file with `sep=` and blank lines above its header are an input again")
    func rejectsOfOddHeader() throws {
        let program = try Self.open("12-sep-line")
        defer { program.remove() }
        try program.write(
            "sep=;\r\n\r\nphone;bill;sold;total;note\r\n447700900101;S1;2026-01-05T10:00:00;x;a\r\n",
            to: "in.csv")
        #expect(try program.run("run", "job.yaml").status == 1)
        let runs = program.folder + "/state/runs"
        let run = try #require(try FileManager.default.contentsOfDirectory(atPath: runs).first)
        let rejects = runs + "/" + run + "/rejects.csv"
        let text = try String(contentsOfFile: rejects, encoding: .utf8)
        #expect(text.hasPrefix("_sluice;phone;bill;sold;total;note\r\n"), "\(text)")
        try program.write(text.replacingOccurrences(of: ";x;", with: ";7;"), to: "fixed.csv")
        let output = try program.shell("cat fixed.csv | $SLUICE retry --from -")
        #expect(output.status == 0 && output.prints("accepted 1"), "\(output)")
    }

    @Test("Keys of an export come in any encoding, with any delimiter, and through a pipe")
    func keys() throws {
        let program = try Program()
        let server = try program.sandbox("--seed-data", "5")
        defer {
            server.stop()
            program.remove()
        }
        try program.connect("one", to: server.url, "auth: none, rate: none")
        let text = "nummer;größe\n1;919000000001\n"
        try Data(text.unicodeScalars.map { UInt8($0.value) }).write(
            to: URL(fileURLWithPath: program.folder + "/keys.csv"))
        let ask = ["--connection", "one", "--by", "mobile"]
        let output = try program.run(
            [
                "export", "customers", "-o", "a.jsonl", "--keys", "keys.csv:größe", "--encoding",
                "latin-1",
            ]
                + ["--delimiter", "semicolon"] + ask)
        #expect(output.status == 0, "\(output)")
        let piped = try program.shell(
            "printf '919000000001\\n' | $SLUICE export customers -o b.jsonl --keys - "
                + ask.joined(separator: " "))
        #expect(piped.status == 0, "\(piped)")
        let a = try String(contentsOfFile: program.folder + "/a.jsonl", encoding: .utf8)
        #expect(try a == String(contentsOfFile: program.folder + "/b.jsonl", encoding: .utf8))
        #expect(a.split(separator: "\n").count == 1)
        let bad = try program.run([
            "export", "stores", "-o", "c.jsonl", "--encoding", "ebcdic", "--connection", "one",
        ])
        #expect(bad.status == 2)
    }
}
