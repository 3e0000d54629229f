import Ledger
import Model

extension RunReport {
    /// How many reasons and inputs a text names.
    private static let listLimit = 10

    /// The run as a person reads it: the table, the reasons, the files, and last what to do next.
    ///
    /// - Parameter width: Of the terminal, in characters; below 40 counts as 40.
    package func text(width: Int = 100) -> String {
        let width = max(width, 40)
        var lines = heading(width)
        lines.append("")
        lines += table(width)
        let parts = [reasonLines(width), inputLines(width), fileLines(width)]
        for part in parts where !part.isEmpty {
            lines.append("")
            lines += part
        }
        lines.append("")
        lines += next.lines(width: width)
        return lines.joined(separator: "\n") + "\n"
    }

    /// What `--quiet` leaves of it: how it ended, why records were not imported, and what to do next.
    ///
    /// - Parameter width: As of ``text(width:)``.
    package func warning(width: Int = 100) -> String {
        let width = max(width, 40)
        let states: [RecordState] = [
            .accepted, .skipped, .rejected, .invalid, .parked, .failed, .inDoubt, .unsent,
        ]
        let counts = states.filter { totals[$0] > 0 }.map { "\(Wording.count(totals[$0])) \($0.word)" }
        var lines = Wording.wrap(
            "\(run.id) of \(Wording.harmless(run.job)): \(state); \(Wording.count(totals.records, "record"))"
                + (counts.isEmpty ? "" : ": " + counts.joined(separator: ", ")), width: width)
        for group in groups.prefix(Self.listLimit) {
            let place =
                group.place.map {
                    ", first at "
                        + InputName.sentence(
                            Wording.harmless($0.file), line: $0.line, as: String($0.line))
                } ?? ""
            lines += Wording.wrap(head(of: group) + place, width: width, indent: "  ")
        }
        if let rest = restLine { lines.append(rest) }
        lines += next.lines(width: width)
        return lines.joined(separator: "\n")
    }

    private var state: String {
        let state =
            run.state == .running && isHeld == false
            ? "interrupted: its process ended unexpectedly" : run.stateWord(isHeld: isHeld)
        return state + (run.exitCode.map { ", exit \($0)" } ?? "")
    }

    private func heading(_ width: Int) -> [String] {
        var lines = Wording.wrap("\(run.id) of \(Wording.harmless(run.job)): \(state)", width: width)
        let org = Wording.harmless(run.org)
        lines += Wording.wrap(
            "\(run.endpoint) to org \(org) over \(Wording.harmless(run.connection)), started \(run.started.iso8601)",
            width: width)
        if let first { lines += Wording.wrap("A retry of \(first.id): " + repairWords, width: width) }
        if let ending = run.ending, !ending.isEmpty, ending != "ended" {
            lines += Wording.wrap(
                "Ended: " + Masking.mask(Wording.harmless(ending), numbersOf: 6), width: width)
        }
        if let outage, run.ending?.contains(outage.cause) != true {
            lines += Wording.wrap(outage.words(now), width: width)
        }
        return lines
    }

    private func table(_ width: Int) -> [String] {
        var table = TextTable([.left, .right, .left])
        func add(_ word: String, _ count: Int, _ remark: String = "") {
            table.add([word, Wording.count(count), remark])
        }
        let files = inputs.count == 1 ? "" : " in \(Wording.count(inputs.count, "file"))"
        add(
            "read", totals.records,
            (rows == totals.records && files.isEmpty
                ? "" : "from \(Wording.count(rows, "row"))\(files)")
                + (run.inputEnded
                    ? "" : (rows == totals.records && files.isEmpty ? "" : ", ") + "not yet to the end")
        )
        if filtered > 0 {
            add(
                "filtered out", filtered,
                "\(filtered == 1 ? "row" : "rows") that the job's `where` leaves out")
        }
        add("accepted", totals[.accepted], remarks(.accepted))
        add("skipped", totals[.skipped], remarks(.skipped))
        add("rejected", totals[.rejected])
        add("invalid", totals[.invalid])
        add("parked", totals[.parked], totals[.parked] > 0 ? "in the server's queue" : "")
        add("failed", totals[.failed])
        add("in doubt", totals[.inDoubt], doubtRemark)
        add("unsent", totals[.unsent], gone == nil ? "" : "closed: their input was replaced")
        if totals[.sent] > 0 {
            add(
                "in flight", totals[.sent],
                isHeld == false ? "when it was interrupted; in doubt from the next start on" : "")
        }
        if let repairs, first == nil { add("repaired", repairs.repaired, repairWords) }
        if hasQueue, run.swept == nil, totals[.accepted] > 0, isHeld == false {
            // Acceptance is provisional until the server's queue was swept.
            table.add(["queue", "", "not checked yet: accepted records may still turn out parked"])
        }
        table.add(["time", Wording.duration(active), ""])
        table.add(["records/s", recordsPerSecond.map(Wording.rate) ?? "-", ""])
        table.add(["requests", Wording.count(requests), attemptRemark])
        if let share = run.pace?.share {
            table.add(["of the rate", Wording.percent(share), "of what the connection's rate allows"])
        }
        for (cause, waited) in run.pace?.waits ?? [] {
            table.add(["waited", Wording.duration(waited), cause.words])
        }
        return table.lines(width: width, indent: "  ", flexible: 2)
    }

    /// `of 812 not accepted at first; 22 open since 2026-02-03T14:15:00Z`
    private var repairWords: String {
        guard let repairs else { return "" }
        var words = first == nil ? "of" : "\(Wording.count(repairs.repaired)) repaired of"
        words += " \(Wording.count(repairs.failed)) not accepted at first"
        if repairs.underWay > 0 { words += ", \(Wording.count(repairs.underWay)) under way" }
        if repairs.closed > 0 { words += ", \(Wording.count(repairs.closed)) closed" }
        if repairs.open > 0 {
            words += "; \(Wording.count(repairs.open)) open since \((first ?? run).started.iso8601)"
        }
        return words
    }

    private func remarks(_ state: RecordState) -> String {
        StateByte.Detail.allCases.compactMap { detail in
            let count = totals[state, detail]
            return detail == .none || count == 0 ? nil : "\(Wording.count(count)) \(detail.word)"
        }.joined(separator: ", ")
    }

    private var doubtRemark: String {
        guard doubts.count > 0, let oldest = doubts.oldest else { return "" }
        let open =
            doubts.forPerson > 0
            ? "; \(Wording.count(doubts.forPerson)) of them cannot be settled by look-ups" : ""
        return "the oldest for \(Wording.duration(now.since(oldest)))" + open
    }

    private var attemptRemark: String {
        let words: [(AttemptEnd.State, String)] = [
            (.unclean, "with records to repeat"), (.refused, "refused as a whole"),
            (.notSent, "not sent"), (.unanswered, "unanswered"),
            (.open, "open"),
        ]
        return words.compactMap { state, word in
            attempts[state].map { "\(Wording.count($0)) \(word)" }
        }.joined(separator: ", ")
    }

    private func reasonLines(_ width: Int) -> [String] {
        guard !groups.isEmpty else { return [] }
        var lines = ["Why:"]
        for group in groups.prefix(Self.listLimit) {
            lines += Wording.wrap(head(of: group), width: width, indent: "  ")
            if !group.message.isEmpty {
                let words = Wording.harmless(group.message)
                lines += Wording.wrap(
                    "“\(Wording.cut(showData || group.isOurs ? words : Masking.mask(words), to: 300))”",
                    width: width,
                    indent: "    ")
            }
            if let place = group.place {
                let key = showData && !group.key.isEmpty ? ", key \(Wording.harmless(group.key))" : ""
                lines += Wording.wrap(
                    "\(group.count == 1 ? "at" : "first at") "
                        + InputName.sentence(
                            Wording.harmless(place.file), line: place.line, as: String(place.line))
                        + " (row \(place.row))\(key)", width: width, indent: "    ")
            }
            if let reason = group.reason {
                lines += Wording.wrap(
                    "\(reason.turn.owner): \(reason.nextStep)", width: width, indent: "    ")
            }
        }
        if let rest = restLine { lines.append(rest) }
        return lines
    }

    /// `12 rejected: customer-unknown, server code 8015, field identifierValue`
    private func head(of group: Group) -> String {
        var head =
            "\(Wording.count(group.count)) \(group.state.word): \(group.reason?.code ?? "no reason recorded")"
        if let code = group.serverCode { head += ", server code \(code)" }
        if let field = group.field { head += ", field \(Wording.harmless(field))" }
        return head
    }

    private var restLine: String? {
        let rest = groups.dropFirst(Self.listLimit)
        guard !rest.isEmpty else { return nil }
        return "  and \(Wording.count(rest.count, "more reason", "more reasons")) "
            + "with \(Wording.count(rest.reduce(0) { $0 + $1.count }, "record"))"
    }

    /// Only where bytes were lost to no row, or not read: a whole input needs no words.
    private func inputLines(_ width: Int) -> [String] {
        let odd = inputs.filter {
            $0.unreadableBytes > 0 || ($0.unreadBytes ?? 0) > 0 || $0.unreadBytes == nil
        }
        guard !odd.isEmpty else { return [] }
        var table = TextTable([.left, .right, .right, .right, .right, .right, .right, .right])
        table.add([
            "file (bytes)", "header", "rows", "filtered", "blank", "unreadable", "unread", "all",
        ])
        for input in odd.prefix(Self.listLimit) {
            table.add(
                [Wording.harmless(InputName.bare(input.name))]
                    + [
                        input.headerBytes, input.rowBytes, input.filteredBytes, input.blankBytes,
                        input.unreadableBytes,
                        input.unreadBytes,
                        input.totalBytes,
                    ].map { $0.map(Wording.count) ?? "?" })
        }
        var lines = table.lines(width: width, indent: "  ", flexible: 0)
        if odd.count > Self.listLimit {
            lines.append("  and \(Wording.count(odd.count - Self.listLimit, "more file"))")
        }
        return lines
    }

    private func fileLines(_ width: Int) -> [String] {
        (rejects?.files ?? []).flatMap { file in
            let count =
                file.records.map {
                    " (\(Wording.count($0, file.kind == .reasons ? "line" : "record")))"
                } ?? ""
            // A path stays whole, so that it can be copied.
            return ["\(file.kind.title)\(count):", "  " + Wording.harmless(file.path)]
        }
    }
}

extension RejectFiles.Written.Kind {
    fileprivate var title: String {
        switch self {
        case .rejects: "To fix and send again"
        case .unreadable: "To repair before it can be read"
        case .parked: "In the server's queue: do not send again"
        case .inDoubt: "In doubt: do not send again until settled"
        case .reasons: "Reasons, to read"
        }
    }
}
