import Ledger
package import Model

/// One run or several, in every form a person may want: for a terminal, a program, a spreadsheet, a browser,
/// a ticket.
package struct Overview: Sendable {
    /// How it is written. The raw values are those of `--format`.
    package enum Format: String, Sendable, CaseIterable { case text, json, csv, html, markdown }

    /// The newest first; at least one.
    package let reports: [RunReport]
    /// What is open over all runs of the jobs of these.
    package let failures: FailureReport
    /// When it was gathered.
    package let now: Timestamp

    /// - Parameters:
    ///   - reports: The newest first; at least one, each with its detail.
    ///   - failures: Over all runs of their jobs.
    package init(_ reports: [RunReport], failures: FailureReport, now: Timestamp = .current) {
        precondition(!reports.isEmpty, "a report needs a run")
        self.reports = reports
        self.failures = failures
        self.now = now
    }

    /// The whole report in one of its forms.
    package func text(_ format: Format, width: Int = 100) throws -> String {
        switch format {
        case .text: plain(width)
        case .json: try json()
        case .csv: csv()
        case .html: HTMLReport(self).text
        case .markdown: markdown()
        }
    }

    var isOne: Bool { reports.count == 1 }
    var showsData: Bool { reports[0].showData }

    /// `nightly`, or `3 jobs`
    var title: String {
        let jobs = Set(reports.map(\.run.job))
        return jobs.count == 1
            ? Wording.harmless(reports[0].run.job) : Wording.count(jobs.count, "job")
    }

    /// The outcomes of all records, in the order in which they are told.
    static let outcomes: [RecordState] = [
        .accepted, .skipped, .rejected, .invalid, .parked, .failed, .inDoubt, .unsent, .sent,
    ]

    /// Without those that send again what another of these left: each record counts once.
    var own: [RunReport] {
        let shown = Set(reports.map(\.run.number))
        return reports.filter { $0.first.map { !shown.contains($0.number) } ?? true }
    }

    func count(_ state: RecordState) -> Int { own.reduce(0) { $0 + $1.totals[state] } }
    var records: Int { own.reduce(0) { $0 + $1.totals.records } }

    /// Outcomes that were not imported at first; nil where nothing was sent again or closed.
    /// Of several runs it counts all of their jobs, as ``failures`` does: the same number everywhere.
    var repairs: (repaired: Int, underWay: Int, open: Int)? {
        if isOne { return reports[0].repairs.map { ($0.repaired, $0.underWay, $0.open) } }
        guard failures.repaired + failures.underWay + failures.closed > 0 else { return nil }
        return (failures.repaired, failures.underWay, failures.open)
    }

    /// Of the records of these runs alone, for a bar of them: one that is refused every night is one failure,
    /// and several records.
    var shares: (repaired: Int, underWay: Int, rest: Int)? {
        let all = own.filter { $0.first == nil }.compactMap(\.repairs)
        guard !all.isEmpty else { return nil }
        let refused = count(.rejected) + count(.invalid) + count(.failed)
        let repaired = all.reduce(0) { $0 + $1.repaired }
        let underWay = all.reduce(0) { $0 + $1.underWay }
        return (repaired, underWay, max(0, refused - repaired - underWay))
    }

    var requests: Int { reports.reduce(0) { $0 + $1.requests } }
    var active: Duration { reports.reduce(.zero) { $0 + $1.active } }

    var recordsPerSecond: Double? {
        let settled = records - count(.unsent) - count(.sent) - count(.inDoubt)
        let seconds = active.reportSeconds
        return seconds > 0 && settled > 0 ? Double(settled) / seconds : nil
    }

    var pace: RunPace? {
        let paces = reports.compactMap(\.run.pace)
        return paces.isEmpty ? nil : paces.dropFirst().reduce(paces[0], +)
    }

    /// Equal reasons of all runs but the retries together, the most frequent first.
    var groups: [RunReport.Group] {
        struct Key: Hashable {
            var state: RecordState
            var reason: String?
            var code: Int?
            var field: String?
        }
        var groups: [Key: RunReport.Group] = [:]
        for group in own.flatMap(\.groups) {
            let key = Key(
                state: group.state, reason: group.reason?.code, code: group.serverCode,
                field: group.field)
            guard var known = groups[key] else {
                groups[key] = group
                continue
            }
            known.count += group.count
            let places = group.furtherPlaces + (group.place.map { [$0] } ?? [])
            known.furtherPlaces += places.prefix(max(0, 4 - known.furtherPlaces.count))
            groups[key] = known
        }
        return groups.values.sorted {
            ($1.count, $0.reason?.code ?? "", $0.serverCode ?? 0, $0.field ?? "")
                < ($0.count, $1.reason?.code ?? "", $1.serverCode ?? 0, $1.field ?? "")
        }
    }

    /// The server's words as they may be shown.
    func words(_ group: RunReport.Group) -> String {
        let words = Wording.cut(Wording.harmless(group.message), to: 300)
        return showsData || group.isOurs ? words : Masking.mask(words)
    }

    // MARK: Text

    private func plain(_ width: Int) -> String {
        guard !isOne else {
            return reports[0].text(width: width)
        }
        let width = max(width, 40)
        var lines = ["\(Wording.count(reports.count, "run")) of \(title)", ""]
        var table = TextTable([.left, .right, .left])
        for (word, count, remark) in figures { table.add([word, count, remark]) }
        lines += table.lines(width: width, indent: "  ", flexible: 2)
        lines.append("")
        var runs = TextTable([.left, .left, .right, .right, .right, .right, .right])
        runs.add(["run", "state", "exit", "read", "accepted", "left", "records/s"])
        for report in reports {
            runs.add([
                report.run.id.text, report.run.stateWord(isHeld: report.isHeld),
                report.run.exitCode.map(String.init) ?? "-", Wording.count(report.totals.records),
                Wording.count(report.totals[.accepted]), Wording.count(report.totals.left),
                report.recordsPerSecond.map(Wording.rate) ?? "-",
            ])
        }
        lines += runs.lines(width: width, indent: "  ", flexible: 1)
        if !failures.groups.isEmpty || failures.repaired + failures.closed > 0 {
            lines.append("")
            lines += failures.lines(width)
        }
        lines.append("")
        lines += next.lines(width: width)
        return lines.joined(separator: "\n") + "\n"
    }

    /// One row a figure: its name, its value, a remark.
    var figures: [(String, String, String)] {
        var rows = [("read", Wording.count(records), "")]
        for state in Self.outcomes where state != .sent || count(state) > 0 {
            rows.append((state.word, Wording.count(count(state)), ""))
        }
        if let repairs {
            rows.append(
                (
                    "repaired", Wording.count(repairs.repaired),
                    "after they were rejected, invalid or failed; \(Wording.count(repairs.open)) open"
                        + (isOne ? "" : " over all runs")
                ))
        }
        rows.append(("time", Wording.duration(active), ""))
        rows.append(("records/s", recordsPerSecond.map(Wording.rate) ?? "-", ""))
        rows.append(("requests", Wording.count(requests), ""))
        if let share = pace?.share {
            rows.append(
                ("of the rate", Wording.percent(share), "of what the connection's rate allows"))
        }
        for (cause, waited) in pace?.waits ?? [] {
            rows.append(("waited", Wording.duration(waited), cause.words))
        }
        return rows
    }

    /// What a person does now: the newest run that asks for something says it.
    var next: NextStep {
        reports.first { $0.next.command != nil }?.next ?? reports[0].next
    }

    // MARK: CSV

    /// One line a figure, for a pivot table. Cells that a spreadsheet would take for a formula have an
    /// apostrophe before them; it is never sent again.
    private func csv() -> String {
        var text = ReadableCSV.line([
            "kind (for reading only: not to be sent again)", "run", "job", "endpoint", "org", "started",
            "exit_code", "outcome", "reason", "turn", "server_code", "field", "records", "message",
            "next_step",
        ])
        for report in reports {
            let run = report.run
            let head = [
                run.id.text, run.job, run.endpoint, run.org, run.started.iso8601,
                run.exitCode.map(String.init) ?? "",
            ]
            for state in Self.outcomes {
                let cells = [state.jsonWord, "", "", "", "", String(report.totals[state]), "", ""]
                text += ReadableCSV.line(["outcome"] + head + cells)
            }
            for group in report.groups {
                text += ReadableCSV.line(
                    ["reason"] + head + [
                        group.state.jsonWord, group.reason?.code ?? "",
                        group.reason?.turn.rawValue ?? "",
                        group.serverCode.map(String.init) ?? "", group.field ?? "",
                        String(group.count), words(group), group.reason?.nextStep ?? "",
                    ])
            }
        }
        for group in failures.groups {
            text += ReadableCSV.line([
                "open", group.first.run.text, title, "", "", group.oldest.iso8601, "", "open",
                group.reason.code, group.reason.turn.rawValue,
                group.serverCode.map(String.init) ?? "", "", String(group.count), "",
                group.reason.nextStep,
            ])
        }
        return text
    }

    // MARK: Markdown

    private func markdown() -> String {
        func cell(_ text: String) -> String {
            Wording.harmless(text).replacing("\\", with: "\\\\").replacing("|", with: "\\|")
                .replacing("<", with: "&lt;").replacing("`", with: "'")
        }
        func table(_ rows: [[String]], right: Set<Int> = []) -> [String] {
            var lines = rows.map { "| " + $0.map(cell).joined(separator: " | ") + " |" }
            let rule = rows[0].indices.map { right.contains($0) ? "---:" : "---" }
            lines.insert("|" + rule.joined(separator: "|") + "|", at: 1)
            return lines + [""]
        }
        var lines: [String] = []
        if isOne {
            let run = reports[0].run
            lines += [
                "## \(cell(run.job)): \(run.stateWord(isHeld: reports[0].isHeld))"
                    + (run.exitCode.map { ", exit \($0)" } ?? ""), "",
                "Run `\(run.id)`, \(run.endpoint) to org \(cell(run.org)), started \(run.started.iso8601)",
                "",
            ]
        } else {
            lines += ["## \(cell(title)): \(Wording.count(reports.count, "run"))", ""]
        }
        lines += table([["", "records", ""]] + figures.map { [$0.0, $0.1, $0.2] }, right: [1])
        if !isOne {
            let rows = reports.map { report in
                [
                    report.run.id.text, report.run.stateWord(isHeld: report.isHeld),
                    report.run.exitCode.map(String.init) ?? "-",
                    Wording.count(report.totals.records), Wording.count(report.totals[.accepted]),
                    Wording.count(report.totals.left),
                ]
            }
            lines += table(
                [["run", "state", "exit", "read", "accepted", "left"]] + rows, right: [3, 4, 5])
        }
        let groups = groups
        if !groups.isEmpty {
            lines += ["### Why", ""]
            lines += table(
                [
                    [
                        "records", "", "reason", "server code", "field", "message", "owner",
                        "next step",
                    ]
                ]
                    + groups.prefix(20).map { group in
                        [
                            Wording.count(group.count), group.state.word, group.reason?.code ?? "",
                            group.serverCode.map(String.init) ?? "", group.field ?? "", words(group),
                            group.reason?.turn.owner ?? "", group.reason?.nextStep ?? "",
                        ]
                    }, right: [0])
        }
        if !failures.groups.isEmpty {
            lines += ["### Open", ""]
            lines += table(
                [["records", "reason", "owner", "not accepted again", "open since"]]
                    + failures.groups.prefix(20).map { group in
                        [
                            Wording.count(group.count), group.reason.code, group.reason.turn.owner,
                            Wording.count(group.stuck), group.oldest.iso8601,
                        ]
                    }, right: [0, 3])
        }
        lines.append(next.words + (next.command == nil ? "." : ":"))
        if let command = next.command { lines += ["", "    " + Wording.harmless(command)] }
        return lines.joined(separator: "\n") + "\n"
    }
}

extension FailureReport {
    /// Open failures by reason and age; who must act.
    func lines(_ width: Int) -> [String] {
        var head = "Open: \(Wording.count(open, "record"))"
        head +=
            ", \(Wording.count(stuck)) of them not accepted again; \(Wording.count(repaired)) repaired"
        if underWay > 0 { head += ", \(Wording.count(underWay)) under way" }
        if closed > 0 { head += ", \(Wording.count(closed)) closed" }
        var lines = Wording.wrap(head, width: width)
        guard !groups.isEmpty else { return lines }
        var table = TextTable(
            [.right, .left, .left, .right] + Self.ages.map { _ in .right } + [.left])
        table.add(["open", "reason", "owner", "again"] + Self.ages.map(\.words) + ["since"])
        for group in groups.prefix(20) {
            let code = group.serverCode.map { " (\($0))" } ?? ""
            table.add(
                [
                    Wording.count(group.count), group.reason.code + code, group.reason.turn.owner,
                    Wording.count(group.stuck),
                ] + group.byAge.map { $0 == 0 ? "" : Wording.count($0) }
                    + [String(group.oldest.iso8601.prefix(10))])
        }
        lines += table.lines(width: width, indent: "  ", flexible: 1)
        if groups.count > 20 {
            lines.append("  and \(Wording.count(groups.count - 20, "more reason"))")
        }
        lines += Wording.wrap(
            "Owner: "
                + byOwner.map { "\(Wording.count($0.count)) \($0.owner)" }.joined(separator: ", "),
            width: width)
        return lines
    }
}
