import Ledger
import Model

/// A report for a browser: one file that asks for nothing from elsewhere and runs no script.
struct HTMLReport {
    private let overview: Overview

    /// Runs shown with their own charts.
    private static let detailLimit = 12
    private static let reasonLimit = 40

    init(_ overview: Overview) { self.overview = overview }

    var text: String {
        let title =
            overview.isOne ? overview.title : "\(overview.title): \(overview.reports.count) runs"
        var html = """
            <!DOCTYPE html>
            <html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
            <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
            <title>\(HTML.text(title)) · sluice</title><style>
            \(HTMLStyle.sheet)
            </style></head><body><main>

            """
        html += header
        html += cards
        html += HTML.section("What became of the records", outcome)
        html += nextStep
        html += reasons
        html += open
        if !overview.isOne { html += runs }
        html += details
        html += """
            <footer>Gathered \(overview.now.iso8601) by sluice. \
            \(overview.showsData ? "It shows keys and the server's words as they are: they may be personal data." : "Keys are left out, numbers and addresses in the server's words are masked.")</footer>
            </main></body></html>

            """
        return html
    }

    // MARK: The whole

    private var header: String {
        let first = overview.reports[0]
        guard overview.isOne else {
            let last = overview.reports[overview.reports.count - 1]
            return """
                <header><h1>\(HTML.text(overview.title)): \(Wording.count(overview.reports.count, "run"))</h1>
                <p>from \(last.run.started.iso8601) to \((first.run.ended ?? first.run.started).iso8601)</p></header>

                """
        }
        let run = first.run
        let code = run.exitCode
        let style = code == 0 ? "fine" : code == 1 || code == nil ? "odd" : "bad"
        let state = run.stateWord(isHeld: first.isHeld) + (code.map { ", exit \($0)" } ?? "")
        var html = """
            <header><h1>\(HTML.text(run.job)) <span class="state \(style)">\(HTML.text(state))</span></h1>
            <p>\(HTML.text(run.endpoint)) to org \(HTML.text(run.org)) over \(HTML.text(run.connection))</p>
            <p>run <code>\(HTML.text(run.id.text))</code>, begun \(run.started.iso8601)\
            \(run.ended.map { ", ended \($0.iso8601)" } ?? "")</p>

            """
        if let ending = run.ending, !ending.isEmpty, ending != "ended" {
            html += "<p>\(HTML.text(Masking.mask(ending, numbersOf: 6)))</p>"
        }
        return html + "</header>\n"
    }

    private var cards: String {
        func card(_ name: String, _ value: String, _ remark: String = "") -> String {
            "<div><dt>\(HTML.text(name))</dt><dd>\(HTML.text(value))"
                + (remark.isEmpty ? "" : "<small>\(HTML.text(remark))</small>") + "</dd></div>"
        }
        let records = overview.records
        let repaired = overview.repairs?.repaired ?? 0
        let landed = overview.count(.accepted) + overview.count(.skipped) + repaired
        let share = records > 0 ? Wording.percent(Double(landed) / Double(records)) : "-"
        var html = "<dl class=\"cards\">"
        html += card("records read", Wording.count(records))
        html += card(
            "there now", records == landed ? "all" : share,
            "\(Wording.count(landed)) accepted, skipped or repaired")
        if let repairs = overview.repairs {
            html += card(
                "repaired", Wording.count(repairs.repaired), "\(Wording.count(repairs.open)) open")
        }
        html += card("time", Wording.duration(overview.active), waits)
        html += card("records/s", overview.recordsPerSecond.map(Wording.rate) ?? "-")
        html += card(
            "requests", Wording.count(max(overview.requests, overview.pace?.requests ?? 0)),
            "\(Wording.count(overview.requests)) with records"
                + (overview.pace?.share.map { ", \(Wording.percent($0)) of the allowed rate" } ?? ""))
        return html + "</dl>\n"
    }

    private var waits: String {
        (overview.pace?.waits ?? []).prefix(2).map {
            "\(Wording.duration($0.time)) \($0.cause.words)"
        }.joined(separator: ", ")
    }

    private var outcome: String {
        var svg =
            ShareBar(
                id: "o", title: "Outcome of the records",
                parts: outcomes.map {
                    ("\(Wording.count($0.count)) \($0.word)", $0.style, Double($0.count))
                }
            ).svg + "<ul class=\"legend big\">"
        for one in outcomes {
            svg +=
                "<li\(one.count == 0 ? " class=\"none\"" : "")><b><i class=\"\(one.style)\"></i>\(Wording.count(one.count))</b>\(one.word)</li>"
        }
        return svg + "</ul>\n"
    }

    /// What the bar shows: how it stands now, where something was sent again.
    private var outcomes: [(word: String, style: String, count: Int)] {
        func one(_ state: RecordState) -> (word: String, style: String, count: Int) {
            (state.word, state.jsonWord, overview.count(state))
        }
        var parts = [one(.accepted), one(.skipped)]
        if let repairs = overview.repairs {
            parts.append(("repaired", "repaired", repairs.repaired))
            parts.append(("open", "rejected", repairs.open))
            if repairs.underWay > 0 {
                parts.append(("under way again", "in_flight", repairs.underWay))
            }
        } else {
            parts += [one(.rejected), one(.invalid), one(.failed)]
        }
        parts += [one(.parked), one(.inDoubt), one(.unsent)]
        if overview.count(.sent) > 0 { parts.append(one(.sent)) }
        return parts
    }

    private var nextStep: String {
        let next = overview.next
        var html = "<p>\(HTML.prose(next.words))\(next.command == nil ? "." : ":")</p>"
        if let command = next.command { html += "<pre>\(HTML.text(command))</pre>" }
        return HTML.section("What to do next", html)
    }

    private var reasons: String {
        let groups = overview.groups
        guard !groups.isEmpty else { return "" }
        var html = ""
        for group in groups.prefix(Self.reasonLimit) {
            html +=
                "<div class=\"reason\"><h3>\(Wording.count(group.count)) \(group.state.word): \(HTML.text(group.reason?.code ?? "no reason recorded"))"
            if let turn = group.reason?.turn {
                html += " <span class=\"turn\">\(HTML.text(turn.rawValue))</span>"
            }
            html += "</h3>"
            var facts: [String] = []
            if let code = group.serverCode { facts.append("server code \(code)") }
            if let field = group.field {
                facts.append("field <code>\(HTML.text(field))</code>")
            }
            if !facts.isEmpty { html += "<p>\(facts.joined(separator: ", "))</p>" }
            if !group.message.isEmpty {
                html += "<p class=\"quote\">“\(HTML.text(overview.words(group)))”</p>"
            }
            if let step = group.reason?.nextStep { html += "<p>\(HTML.prose(step))</p>" }
            let places = (group.place.map { [$0] } ?? []) + group.furtherPlaces
            if !places.isEmpty {
                let words = places.map { "\(HTML.text($0.file)), line \(Wording.count($0.line))" }
                html +=
                    "<p class=\"places\">\(group.count > places.count ? "for instance " : "at ")\(words.joined(separator: " · "))</p>"
            }
            if overview.showsData, !group.key.isEmpty {
                html += "<p class=\"places\">the first: <code>\(HTML.text(group.key))</code></p>"
            }
            html += "</div>\n"
        }
        let rest = groups.dropFirst(Self.reasonLimit)
        if !rest.isEmpty {
            html +=
                "<p>and \(Wording.count(rest.count, "more reason")) with \(Wording.count(rest.reduce(0) { $0 + $1.count }, "record"))</p>"
        }
        return HTML.section("Why records did not land", html)
    }

    private var open: String {
        let failures = overview.failures
        guard !failures.groups.isEmpty || failures.repaired > 0 else { return "" }
        var html =
            "<p>\(Wording.count(failures.open, "record")) open, \(Wording.count(failures.stuck)) of them refused again after a retry; "
            + "\(Wording.count(failures.repaired)) repaired"
            + (failures.underWay > 0 ? ", \(Wording.count(failures.underWay)) under way" : "") + ".</p>"
        if !failures.groups.isEmpty {
            html += HTML.table(
                "Over all runs of \(overview.title), by reason and by age",
                head: ["open", "reason", "whose turn", "again"] + FailureReport.ages.map(\.words)
                    + ["open since"],
                rows: failures.groups.prefix(Self.reasonLimit).map { group in
                    let code = group.serverCode.map { " (\($0))" } ?? ""
                    return [
                        Wording.count(group.count), HTML.text(group.reason.code + code),
                        HTML.text(group.reason.turn.rawValue), Wording.count(group.stuck),
                    ] + group.byAge.map { $0 == 0 ? "" : Wording.count($0) }
                        + [String(group.oldest.iso8601.prefix(10))]
                }, numbers: [0, 3, 4, 5, 6, 7])
        }
        return HTML.section("Open failures", html)
    }

    /// One run's outcomes, small.
    private func bar(_ totals: Totals, _ id: String) -> String {
        ShareBar(
            id: id, title: "Outcomes",
            parts: Overview.outcomes.map {
                ("\(Wording.count(totals[$0])) \($0.word)", $0.jsonWord, Double(totals[$0]))
            }, isThin: true
        ).svg
    }

    private var runs: String {
        HTML.section(
            "The runs",
            HTML.table(
                "The newest first",
                head: ["run", "begun", "state", "read", "landed", "left", "records/s", ""],
                rows: overview.reports.map { report in
                    [
                        "<code>\(HTML.text(report.run.id.text))</code>", report.run.started.iso8601,
                        HTML.text(
                            report.run.stateWord(isHeld: report.isHeld)
                                + (report.run.exitCode.map { ", exit \($0)" } ?? "")),
                        Wording.count(report.totals.records),
                        Wording.count(report.totals.records - report.totals.left),
                        Wording.count(report.totals.left),
                        report.recordsPerSecond.map(Wording.rate) ?? "-",
                        bar(report.totals, "u\(report.run.number)"),
                    ]
                }, numbers: [3, 4, 5, 6]))
    }

    // MARK: One run

    private var details: String {
        let reports = overview.reports.prefix(Self.detailLimit).filter { $0.detail != nil }
        if overview.isOne { return reports.first.map { sections(of: $0, 0) } ?? "" }
        // The one that says most is open; the others are at hand.
        let largest = reports.map(\.totals.records).max()
        var hasOpened = false
        var html = ""
        for (index, report) in reports.enumerated() {
            let isOpen = !hasOpened && report.totals.records == largest
            hasOpened = hasOpened || isOpen
            html += """
                <details class="run"\(isOpen ? " open" : "")><summary><h2>Run <code>\(HTML.text(report.run.id.text))</code></h2> \
                <span>\(report.run.started.iso8601), \(Wording.count(report.totals.records, "record")) in \(Wording.duration(report.active))</span></summary>
                \(sections(of: report, index))</details>

                """
        }
        let rest = overview.reports.count - reports.count
        if rest > 0 {
            html +=
                "<p class=\"places\">\(Wording.count(rest, "further run")): `sluice report RUN` tells of each.</p>\n"
        }
        return html
    }

    private func sections(of report: RunReport, _ index: Int) -> String {
        guard let detail = report.detail else { return "" }
        var html = time(of: report, index)
        if !detail.timeline.slices.isEmpty {
            html += HTML.section("Over the run", charts(detail.timeline, report, "r\(index)"))
        }
        html += requests(detail.timeline, report)
        html += doubts(detail.settled, report)
        if overview.own.contains(where: { $0.run.number == report.run.number }) {
            html += lineage(detail.family, report, index)
        }
        return html
    }

    /// What the time went to.
    private func time(of report: RunReport, _ index: Int) -> String {
        guard let pace = report.run.pace, report.active > .zero, !pace.waits.isEmpty else { return "" }
        let waited = pace.waited.values.reduce(Duration.zero, +)
        var parts: [(words: String, style: String, time: Duration)] = pace.waits.map {
            ($0.cause.words, $0.cause.style, $0.time)
        }
        parts.append(("on work of its own", "own", max(.zero, report.active - waited)))
        var html =
            ShareBar(
                id: "w\(index)", title: "What the time went to",
                parts: parts.map {
                    ("\(Wording.duration($0.time)) \($0.words)", $0.style, $0.time / .seconds(1))
                }, isThin: true
            ).svg + "<ul class=\"legend big\">"
        for part in parts {
            html += """
                <li><b><i class="\(part.style)"></i>\(Wording.duration(part.time)) <small>\
                \(Wording.percent(part.time / report.active))</small></b>\(HTML.text(part.words))</li>
                """
        }
        html += "</ul>\n"
        if let share = pace.share, let allowed = pace.allowed {
            html += """
                <p>\(Wording.count(pace.requests, "request")) of all kinds, of \(Wording.count(Int(allowed))) that the connection's rate \
                allows in that time: \(Wording.percent(share)).</p>
                """
        } else {
            html +=
                "<p>\(Wording.count(pace.requests, "request")) of all kinds; nothing limits the rate.</p>"
        }
        return HTML.section("Where the time went", html)
    }

    /// Fewer slices make no picture.
    private static let leastSlices = 5

    private func charts(_ timeline: Timeline, _ report: RunReport, _ id: String) -> String {
        let slices = timeline.slices
        guard slices.count >= Self.leastSlices else {
            let ended = slices.reduce(0) { $0 + $1.records }
            return """
                <p>All of \(Wording.count(ended, "record")) in \(Wording.duration(timeline.width * slices.count)) or less: too short for a picture.</p>

                """
        }
        let seconds = timeline.width / .seconds(1)
        let pauses = slices.indices.filter { slices[$0].pause != nil }
        func chart(
            _ name: String, _ title: String, _ remark: String, _ words: String, _ kind: Chart.Kind,
            _ series: [Chart.Series],
            limit: (String, Double)? = nil, label: @escaping (Double) -> String
        ) -> String {
            Chart(
                id: id + name, title: title, remark: remark, words: words, kind: kind, series: series,
                limit: limit.map { ($0.0, $0.1) }, length: timeline.width * slices.count,
                pauses: pauses, label: label
            ).html
        }
        func milliseconds(_ value: Double) -> String {
            Wording.duration(.milliseconds(Int64(value.rounded())))
        }
        let records = slices.map { Optional(Double($0.records) / seconds) }
        let best = records.compactMap { $0 }.max() ?? 0
        let all = slices.reduce(0) { $0 + $1.records }
        let mean = Double(all) / (seconds * Double(slices.count))
        var html = chart(
            "a", "Records answered a second",
            "\(Wording.rate(mean)) in the mean, at most \(Wording.rate(best))",
            "\(Wording.rate(mean)) a second in the mean, at most \(Wording.rate(best)), in \(Wording.count(slices.count, "slice")) of \(Wording.duration(timeline.width)).",
            .columns, [.init(name: "records/s", style: "flow", values: records)], label: Wording.rate)
        let highest = slices.compactMap(\.high).max() ?? 0
        html += chart(
            "b", "How long an answer took", "at most \(milliseconds(highest))",
            "Half of the requests took no longer than the lower line, nineteen of twenty no longer than the upper one; at most \(milliseconds(highest)).",
            .lines,
            [
                .init(name: "nineteen of twenty no longer", style: "high", values: slices.map(\.high)),
                .init(name: "half no longer", style: "median", values: slices.map(\.median)),
            ], label: milliseconds)
        let allowed = report.run.pace?.allowed.flatMap { allowed -> Double? in
            let active = report.active.reportSeconds
            return active > 0 ? allowed / active : nil
        }
        let busiest = slices.map { Double($0.requests) / seconds }.max() ?? 0
        html += chart(
            "c", "Requests that left a second",
            "at most \(Wording.rate(busiest))"
                + (allowed.map { ", \(Wording.rate($0)) allowed" } ?? ", nothing limits them"),
            allowed.map {
                "At most \(Wording.rate(busiest)). The connection's rate allows \(Wording.rate($0)) a second."
            }
                ?? "At most \(Wording.rate(busiest)). Nothing limits the rate of this connection.",
            .columns,
            [
                .init(
                    name: "requests with records", style: "flow",
                    values: slices.map { Double($0.requests) / seconds })
            ], limit: allowed.map { ("allowed: \(Wording.rate($0))/s", $0) }, label: Wording.rate)
        if !pauses.isEmpty {
            html +=
                "<p class=\"places\">Broken lines: the run was stopped there, and went on later.</p>"
        }
        html += "<details><summary>The figures as a table</summary>"
        html += HTML.table(
            "Slices of \(Wording.duration(timeline.width)), the first from \(slices[0].start.iso8601)",
            head: ["after", "records", "requests", "half took", "nineteen of twenty took"],
            rows: slices.enumerated().map { index, slice in
                [
                    Wording.duration(timeline.width * index), Wording.count(slice.records),
                    Wording.count(slice.requests),
                    slice.median.map { Wording.duration(.milliseconds(Int64($0.rounded(.up)))) } ?? "",
                    slice.high.map { Wording.duration(.milliseconds(Int64($0.rounded(.up)))) } ?? "",
                ]
            }, numbers: [0, 1, 2, 3, 4])
        return html + "</details>\n"
    }

    private func requests(_ timeline: Timeline, _ report: RunReport) -> String {
        let names: [(AttemptEnd.State, String)] = [
            (.clean, "answered"), (.unclean, "answered, with something to repeat or in doubt"),
            (.notSent, "never left"), (.unanswered, "answer lost"), (.open, "open"),
        ]
        let rows = names.compactMap { state, words in
            report.attempts[state].map { [HTML.text(words), Wording.count($0)] }
        }
        guard !rows.isEmpty else { return "" }
        var html = HTML.table(
            "Requests that carried records", head: ["how it ended", "requests"], rows: rows,
            numbers: [1])
        if !timeline.faults.isEmpty {
            html += HTML.table(
                "What went wrong on the way", head: ["fault", "HTTP", "requests", "records"],
                rows: timeline.faults.map { one in
                    let name = names.first { $0.0 == one.fault.state }?.1 ?? ""
                    let trouble = Masking.mask(one.fault.trouble, numbersOf: 6)
                    return [
                        HTML.text(trouble.isEmpty ? name : "\(name): \(Wording.cut(trouble, to: 120))"),
                        one.fault.status.map(String.init) ?? "", Wording.count(one.requests),
                        Wording.count(one.records),
                    ]
                }, numbers: [1, 2, 3])
        }
        return HTML.section("Attempts and faults", html)
    }

    private func doubts(_ settled: SettledDoubts, _ report: RunReport) -> String {
        guard settled.records > 0 else { return "" }
        let rows: [(String, Int)] = [
            ("found on the server, not sent again", settled.found),
            ("not there; sent again and accepted", settled.resent),
            ("not there; sent again and not accepted", settled.refused),
            ("decided by a person", settled.decided),
            ("still in doubt, or about to go again", settled.open),
        ]
        var html = "<p>The answers of \(Wording.count(settled.records, "record")) were lost.</p>"
        html += HTML.table(
            "How each was settled", head: ["", "records"],
            rows: rows.filter { $0.1 > 0 }.map { [HTML.text($0.0), Wording.count($0.1)] }, numbers: [1])
        if report.doubts.count > 0, let oldest = report.doubts.oldest {
            html +=
                "<p>The oldest has been in doubt for \(Wording.duration(report.now.since(oldest))).</p>"
        }
        html += each(settled)
        return HTML.section("Records in doubt", html)
    }

    /// The first of them, each with its story.
    private func each(_ settled: SettledDoubts) -> String {
        guard !settled.examples.isEmpty else { return "" }
        let isAll = settled.examples.count == settled.records
        let table = HTML.table(
            "`sluice explain KEY` tells the whole story of one",
            head: ["record", "lost at", "what it is now", "looks that missed", "proof", "after"],
            rows: settled.examples.map { one in
                [
                    Wording.count(Int(one.record)), one.since.iso8601,
                    HTML.text(
                        one.state.state.word
                            + (one.state.detail == .none ? "" : ", \(one.state.detail.word)")),
                    Wording.count(one.looks), HTML.text(one.proof.map { Self.proof($0.words) } ?? "-"),
                    one.proof.map { Wording.duration($0.at.since(one.since)) } ?? "-",
                ]
            }, numbers: [0, 3, 5])
        let title = isAll ? "Each of them" : "The first \(Wording.count(settled.examples.count))"
        return "<details><summary>\(title)</summary>\(table)</details>\n"
    }

    /// The words of the proof without the server's id, which may be a person's.
    private static func proof(_ words: String) -> String {
        words.hasPrefix("found") ? "found on the server" : Masking.mask(words, numbersOf: 6)
    }

    private func lineage(_ family: [RunList.Entry], _ report: RunReport, _ index: Int)
        -> String
    {
        guard family.count > 1, let repairs = report.repairs else { return "" }
        var html =
            "<p>\(Wording.count(repairs.failed)) did not land at first: \(Wording.count(repairs.repaired)) repaired since, "
            + (repairs.underWay > 0 ? "\(Wording.count(repairs.underWay)) under way, " : "")
            + "\(Wording.count(repairs.open)) open.</p>"
        html += HTML.table(
            "The first run, and what sent again what it left",
            head: ["run", "begun", "state", "read", "landed", "left", ""],
            rows: family.map { entry in
                [
                    "<code>\(HTML.text(entry.run.id.text))</code>", entry.run.started.iso8601,
                    HTML.text(entry.run.stateWord(isHeld: entry.isHeld)),
                    Wording.count(entry.totals.records),
                    Wording.count(entry.totals.records - entry.totals.left),
                    Wording.count(entry.totals.left),
                    bar(entry.totals, "f\(index)-\(entry.run.number)"),
                ]
            }, numbers: [3, 4, 5])
        return HTML.section("Repairs", html)
    }
}

extension WaitCause {
    /// Behind a duration.
    var words: String {
        switch self {
        case .throttled: "while the server throttled"
        case .rateLimit: "for the rate limit"
        case .answers: "for answers"
        case .looks: "for looks"
        case .backOff: "in back-off"
        case .doubt: "for records in doubt"
        }
    }

    /// Of the style sheet.
    fileprivate var style: String {
        switch self {
        case .throttled: "failed"
        case .rateLimit: "flow"
        case .answers: "accepted"
        case .looks: "parked"
        case .backOff: "invalid"
        case .doubt: "in_doubt"
        }
    }
}
