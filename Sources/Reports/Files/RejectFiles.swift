import Foundation
package import Ledger
package import Model

// What a run leaves for fixing, in its folder:
//
//   rejects.csv      the rejected, invalid and failed records, in the input's own header and bytes, each row
//                    after a mark that says which record it is: fixed, `sluice retry RUN --from` takes it;
//                    `rejects.jsonl` for JSON
//   rejects-b.csv    the same for inputs with another header, and so on: -c, -d …
//   unreadable.csv   CSV lines whose quotes do not close: among others they would swallow their neighbours
//   parked.csv       what is in the server's own queue: not to be sent again
//   in-doubt.csv     what may have arrived: to be settled, not to be sent again
//   reasons.csv      a line for each of them, for reading: why, and what to do
//
// A later set of the same run has a number of its own: `rejects-2.csv`, `rejects-b-2.csv`, `reasons-2.csv`.

/// The records of a run that was not accepted, as files.
package enum RejectFiles {
    /// A set of files that belong together.
    package struct Written: Sendable, Equatable {
        /// What a file holds. The raw values are the beginnings of the names.
        package enum Kind: String, Sendable, CaseIterable {
            case rejects, unreadable, parked
            case inDoubt = "in-doubt"
            case reasons
        }
        /// One file of the set.
        package struct File: Sendable, Equatable {
            /// What it holds.
            package var kind: Kind
            /// Absolute.
            package var path: String
            /// How many records stand in it; nil where the set was found, not written.
            package var records: Int?

            package init(kind: Kind, path: String, records: Int? = nil) {
                self.kind = kind
                self.path = path
                self.records = records
            }
        }
        /// 1, 2, 3 … within a run.
        package var number: Int
        /// In the order of their kinds.
        package var files: [File]

        package init(number: Int, files: [File]) {
            self.number = number
            self.files = files
        }

        /// The files of one kind, in their order.
        package func paths(_ kind: Kind) -> [String] { files.filter { $0.kind == kind }.map(\.path) }
    }

    /// Writes the records that were not accepted below `folder`, as they are in the ledger now.
    ///
    /// Every file is 0600 from its first byte, and appears whole or not at all. Nothing is ever
    /// overwritten; where the newest set in the folder says the same already, it is returned and no new
    /// one is made.
    ///
    /// - Parameters:
    ///   - folder: A directory that exists.
    ///   - isMarked: What is to be sent again bears its ``RecordMark``, by which a repaired file is tied to it.
    ///   - key: What a person knows a record by, of the run's endpoint; without it, records that a crash
    ///     left in doubt stand in the reasons without their key.
    /// - Returns: The set; nil when every record was accepted or is yet to be sent.
    /// - Throws: What the ledger throws; a Cocoa error where a file cannot be written.
    /// - Complexity: Memory does not grow with the number of records.
    package static func write(
        run: RunRow, ledger: Ledger, folder: String, isMarked: Bool = false,
        key: ((Evidence) -> String)? = nil
    ) throws -> Written? {
        let inputs = Dictionary(
            try ledger.inputs(of: run.number).map { ($0.file, $0) },
            uniquingKeysWith: { first, _ in first })
        let latest = try self.latest(in: folder)
        let set = RejectSet(folder: folder, number: (latest?.number ?? 0) + 1)
        do {
            try fill(set, run: run, ledger: ledger, inputs: inputs, isMarked: isMarked, key: key)
            guard let written = try set.finish(unlessEqualTo: latest) else { return nil }
            return written
        } catch {
            set.discard()
            throw error
        }
    }

    /// The newest set of files in a run's folder; nil where there is none.
    package static func latest(in folder: String) throws -> Written? {
        guard FileManager.default.fileExists(atPath: folder) else { return nil }
        let found = try FileManager.default.contentsOfDirectory(atPath: folder)
            .compactMap { name in RejectName(name).map { (name, $0) } }
        guard let number = found.map(\.1.number).max() else { return nil }
        let files = found.filter { $0.1.number == number }
            .sorted { ($0.1.order, $0.0) < ($1.1.order, $1.0) }
            .map { Written.File(kind: $0.1.kind, path: folder + "/" + $0.0, records: nil) }
        return Written(number: number, files: files)
    }

    private static func fill(
        _ set: RejectSet, run: RunRow, ledger: Ledger, inputs: [Int: InputRow], isMarked: Bool,
        key: ((Evidence) -> String)?
    ) throws {
        // Read beforehand: the ledger cannot be asked while it tells the troubles. Of the doubts there are a
        // window's worth, and neighbours share a chunk.
        var chunk: ChunkRow?
        var doubts = try ledger.doubts(run: run.number).map { doubt in
            if chunk?.holds(doubt.record) != true {
                chunk = try ledger.place(run: run.number, record: doubt.record)
            }
            return (
                record: doubt.record, file: chunk?.file, key: key?(doubt.evidence) ?? "",
                why: doubt.why
            )
        }[...]
        func decision(_ record: Int64) -> String {
            "Check whether the server has it, then decide: sluice reconcile \(run.id) --accept record:\(record), "
                + "or --resend record:\(record), with --reason."
        }
        /// Those a crash left in doubt have no trouble, so no place and no bytes are known of them.
        func writeDoubts(before record: Int64) throws {
            while let doubt = doubts.first, doubt.record < record {
                doubts.removeFirst()
                try set.addReason([
                    doubt.file.flatMap { inputs[$0]?.name }.map(InputName.bare) ?? "",
                    String(doubt.record), "", "", "",
                    doubt.key,
                    RecordState.inDoubt.word, "answer", Reason.noAnswer.code, "", "",
                    doubt.why ?? "the process ended before the answer",
                    doubt.why == nil ? Reason.noAnswer.nextStep : decision(doubt.record),
                ])
            }
        }
        try ledger.troubles(run: run.number) { row in
            try writeDoubts(before: row.record)
            var why: String?
            if doubts.first?.record == row.record { why = doubts.removeFirst().why }
            // What was sent again since is in the lists of the run that did.
            guard !row.isTriedAgain, !row.isClosed, let kind = kind(of: row) else { return true }
            // Told by their ranges, at the end.
            if run.inputGone != nil, row.state.state == .unsent { return true }
            let trouble = row.trouble
            let input = inputs[trouble.position.file]
            let isWhole = isWhole(trouble)
            var nextStep = trouble.refusal.nextStep(of: trouble.key)
            switch kind {
            case .reasons: break
            case .rejects where !isWhole, .unreadable where !isWhole:
                nextStep += " Its bytes are not stored: copy it from the input."
            case .parked where !isWhole, .inDoubt where !isWhole: break
            case .rejects, .unreadable:
                try set.add(
                    trouble.stored, to: kind, from: input,
                    as: isMarked ? RecordID(run: run.id, record: row.record) : nil)
            case .parked, .inDoubt: try set.add(trouble.stored, to: kind, from: input)
            }
            if why != nil { nextStep = decision(row.record) }
            let position = trouble.position
            try set.addReason([
                InputName.bare(input?.name ?? ""), String(row.record), String(position.row),
                String(position.line),
                String(position.offset), trouble.key, row.state.state.word, trouble.stage,
                trouble.refusal.reason.code, trouble.refusal.field ?? "",
                trouble.refusal.serverCode.map(String.init) ?? "",
                [trouble.refusal.message, why].compactMap { $0 }.joined(separator: "; "), nextStep,
            ])
            return true
        }
        try writeDoubts(before: .max)
        guard run.inputGone != nil else { return }
        // Read beforehand, as above.
        var gone: [InputGone.Range] = []
        try InputGone.each(run, ledger) { gone.append($0) }
        for range in gone {
            try set.addReason([
                InputName.bare(range.file),
                range.records.map { "\($0.lowerBound)-\($0.upperBound)" } ?? "",
                "\(range.row)-\(range.lastRow.map(String.init) ?? "")", String(range.line),
                "\(range.start)-\(range.stop.map(String.init) ?? "")", "", RecordState.unsent.word,
                "read", Reason.inputGone.code, "", "", "never sent: \(range.words)",
                Reason.inputGone.nextStep,
            ])
        }
    }

    /// Where a trouble's record belongs; nil where it was accepted since, or is about to be sent.
    private static func kind(of row: DeadLetter) -> Written.Kind? {
        switch row.state.state {
        case .rejected, .failed: .rejects
        case .invalid:
            // A line that is not JSON stays a line; a quote that is not closed does not.
            row.trouble.refusal.reason == .unreadable ? .unreadable : .rejects
        case .parked: .parked
        case .inDoubt: .inDoubt
        case .unsent: row.isCurrent ? .reasons : nil
        case .sent, .accepted, .skipped: nil
        }
    }

    /// Of a span or a record beyond the limits only the beginning is kept.
    static func isWhole(_ trouble: Candidate.Trouble) -> Bool {
        guard !trouble.stored.isEmpty else { return false }
        switch trouble.refusal.reason {
        case .unreadable, .tooLarge: return trouble.stored.count >= trouble.position.length
        default: return true
        }
    }
}

extension DeadLetter {
    /// It says why the record is where it is. What once was against a record that was accepted since, is on its
    /// way, or waits for its turn again is history.
    var isCurrent: Bool {
        switch state.state {
        case .rejected, .invalid, .failed, .parked, .inDoubt: true
        case .unsent: [.reserved, .waiting].contains(trouble.refusal.reason)
        case .sent, .accepted, .skipped: false
        }
    }
}

/// A file's name, taken apart: kind, letter of the header, number of the set.
struct RejectName: Equatable {
    var kind: RejectFiles.Written.Kind
    /// 0 for the first header, written without a letter.
    var header: Int
    var number: Int
    var suffix: String

    init(kind: RejectFiles.Written.Kind, header: Int, number: Int, suffix: String) {
        self.kind = kind
        self.header = header
        self.number = number
        self.suffix = suffix
    }

    /// Nil for a name of another form.
    init?(_ name: String) {
        guard let dot = name.lastIndex(of: ".") else { return nil }
        suffix = String(name[name.index(after: dot)...])
        var stem = name[..<dot]
        guard suffix == "csv" || suffix == "jsonl",
            let kind = RejectFiles.Written.Kind.allCases.first(where: {
                stem == $0.rawValue || stem.hasPrefix($0.rawValue + "-")
            })
        else { return nil }
        self.kind = kind
        number = 1
        header = 0
        stem.removeFirst(kind.rawValue.count)
        var parts = stem.split(separator: "-", omittingEmptySubsequences: false).dropFirst()
        if let part = parts.last, let number = Int(part), number > 1 {
            self.number = number
            parts.removeLast()
        }
        if let part = parts.first, let header = Self.header(part) {
            self.header = header
            parts.removeFirst()
        }
        // Only what `text` would write: `rejects-02.csv` is somebody else's.
        guard parts.isEmpty, text == name else { return nil }
    }

    var text: String {
        var text = kind.rawValue
        if header > 0 { text += "-" + Self.letters(header) }
        if number > 1 { text += "-\(number)" }
        return text + "." + suffix
    }

    /// For sorting: by kind, then by header.
    var order: Int { (RejectFiles.Written.Kind.allCases.firstIndex(of: kind) ?? 0) << 20 | header }

    /// 1 is `b`, 25 is `z`, 26 is `aa`.
    private static func letters(_ header: Int) -> String {
        var letters = ""
        var rest = header
        repeat {
            letters = String(UnicodeScalar(UInt8(ascii: "a") + UInt8(rest % 26))) + letters
            rest = rest / 26 - 1
        } while rest >= 0
        return letters
    }

    private static func header(_ letters: Substring) -> Int? {
        guard !letters.isEmpty, letters.utf8.count <= 3 else { return nil }
        var value = 0
        for byte in letters.utf8 {
            guard (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) else { return nil }
            value = value * 26 + Int(byte - UInt8(ascii: "a")) + 1
        }
        return value - 1
    }
}
