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
        for (index, report) in overview.reports.prefix(Self.detailLimit).enumerated() {
            html += sections(of: report, index)
        }
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
            "requests", Wording.count(overview.requests),
            overview.pace?.share.map { Wording.percent($0) + " of the allowed rate" } ?? "")
        return html + "</dl>\n"
    }

    private var waits: String {
        (overview.pace?.waits ?? []).prefix(2).map {
            "\(Wording.duration($0.time)) for \($0.cause.rawValue)"
        }.joined(separator: ", ")
    }

    private var outcome: String {
        let all = max(overview.records, 1)
        let parts = outcomes.filter { $0.count > 0 }
        let words = parts.map { "\(Wording.count($0.count)) \($0.word)" }.joined(separator: ", ")
        var svg =
            "<svg class=\"bar\" viewBox=\"0 0 720 34\" preserveAspectRatio=\"none\" style=\"height:2.1rem\" role=\"img\" aria-labelledby=\"o-t o-d\"><title id=\"o-t\">Outcome of the records</title><desc id=\"o-d\">\(HTML.text(words))</desc>"
        // What is few has to be seen all the same.
        let least = 4.0
        let room = 720 - least * Double(parts.count)
        var x = 0.0
        for part in parts {
            let width = least + room * Double(part.count) / Double(all)
            svg +=
                "<rect class=\"\(part.style)\" x=\"\(Self.tenths(x))\" y=\"0\" width=\"\(Self.tenths(width))\" height=\"34\"/>"
            x += width
        }
        if parts.isEmpty {
            svg += "<rect class=\"unsent\" x=\"0\" y=\"0\" width=\"720\" height=\"34\"/>"
        }
        svg += "</svg>\n<ul class=\"legend\">"
        for one in outcomes {
            svg +=
                "<li\(one.count == 0 ? " class=\"none\"" : "")><i class=\"\(one.style)\"></i>\(Wording.count(one.count)) \(one.word)</li>"
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

    private static func tenths(_ value: Double) -> String {
        let tenths = Int((value * 10).rounded())
        return "\(tenths / 10).\(tenths % 10)"
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

    private var runs: String {
        HTML.section(
            "The runs",
            HTML.table(
                "The newest first",
                head: ["run", "begun", "state", "read", "accepted", "left", "records/s"],
                rows: overview.reports.map { report in
                    [
                        "<code>\(HTML.text(report.run.id.text))</code>", report.run.started.iso8601,
                        HTML.text(
                            report.run.stateWord(isHeld: report.isHeld)
                                + (report.run.exitCode.map { ", exit \($0)" } ?? "")),
                        Wording.count(report.totals.records), Wording.count(report.totals[.accepted]),
                        Wording.count(report.totals.left),
                        report.recordsPerSecond.map(Wording.rate) ?? "-",
                    ]
                }, numbers: [3, 4, 5, 6]))
    }

    // MARK: One run

    private func sections(of report: RunReport, _ index: Int) -> String {
        guard let detail = report.detail else { return "" }
        let whose = overview.isOne ? "" : " of \(report.run.id.text)"
        var html = ""
        if !detail.timeline.slices.isEmpty {
            html += HTML.section(
                "Over time" + whose, charts(detail.timeline, report, "r\(index)"))
        }
        html += requests(detail.timeline, report, whose)
        html += doubts(detail.settled, report, whose)
        if overview.own.contains(where: { $0.run.number == report.run.number }) {
            html += lineage(detail.family, report, whose)
        }
        return html
    }

    private func charts(_ timeline: Timeline, _ report: RunReport, _ id: String) -> String {
        let slices = timeline.slices
        let seconds = timeline.width / .seconds(1)
        let ends = (
            first: slices[0].start.iso8601,
            last: (slices[slices.count - 1].start + timeline.width).iso8601
        )
        let pauses = slices.indices.filter { slices[$0].pause != nil }
        func chart(
            _ name: String, _ title: String, _ words: String, _ kind: Chart.Kind,
            _ series: [Chart.Series],
            limit: (String, Double)? = nil, label: @escaping (Double) -> String
        ) -> String {
            let chart = Chart(
                id: id + name, title: title, words: words, kind: kind, series: series,
                limit: limit.map { ($0.0, $0.1) }, ends: ends, pauses: pauses, label: label)
            var html = "<h3>\(HTML.text(title))</h3>\n" + chart.svg
            guard series.count > 1 || limit != nil else { return html }
            html += "<ul class=\"legend\">"
            for one in series {
                html += "<li><i class=\"\(one.style)\"></i>\(HTML.text(one.name))</li>"
            }
            if let limit { html += "<li><i class=\"limit\"></i>\(HTML.text(limit.0))</li>" }
            return html + "</ul>\n"
        }
        let records = slices.map { Optional(Double($0.records) / seconds) }
        let best = records.compactMap { $0 }.max() ?? 0
        var html = chart(
            "a", "Records answered a second",
            "At most \(Wording.rate(best)) a second in \(Wording.count(slices.count, "slice")) of \(Wording.duration(timeline.width)).",
            .columns, [.init(name: "records/s", style: "flow", values: records)], label: Wording.rate)
        let highest = slices.compactMap(\.high).max() ?? 0
        html += chart(
            "b", "How long an answer took",
            "Half of the requests took no longer than the lower line, nineteen of twenty no longer than the upper one; at most \(Wording.duration(.milliseconds(Int64(highest)))).",
            .lines,
            [
                .init(name: "half of the requests", style: "median", values: slices.map(\.median)),
                .init(name: "nineteen of twenty", style: "high", values: slices.map(\.high)),
            ], label: { Wording.duration(.milliseconds(Int64($0.rounded()))) })
        let allowed = report.run.pace?.allowed.flatMap { allowed -> Double? in
            let active = report.active.reportSeconds
            return active > 0 ? allowed / active : nil
        }
        html += chart(
            "c", "Requests that left a second",
            allowed.map { "The connection's rate allows \(Wording.rate($0)) a second." }
                ?? "Nothing limits the rate of this connection.",
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
            "Slices of \(Wording.duration(timeline.width))",
            head: ["from", "records", "requests", "half took", "nineteen of twenty took"],
            rows: slices.map { slice in
                [
                    slice.start.iso8601, Wording.count(slice.records), Wording.count(slice.requests),
                    slice.median.map { Wording.duration(.milliseconds(Int64($0.rounded(.up)))) } ?? "",
                    slice.high.map { Wording.duration(.milliseconds(Int64($0.rounded(.up)))) } ?? "",
                ]
            }, numbers: [1, 2, 3, 4])
        return html + "</details>\n"
    }

    private func requests(_ timeline: Timeline, _ report: RunReport, _ whose: String) -> String {
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
        let waits = report.run.pace?.waits ?? []
        if !waits.isEmpty {
            html += HTML.table(
                "Time spent waiting", head: ["for", "time"],
                rows: waits.map { [HTML.text($0.cause.rawValue), Wording.duration($0.time)] },
                numbers: [1])
        }
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
        return HTML.section("Attempts and faults" + whose, html)
    }

    private func doubts(_ settled: SettledDoubts, _ report: RunReport, _ whose: String) -> String {
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
        return HTML.section("Records in doubt" + whose, html)
    }

    private func lineage(_ family: [RunList.Entry], _ report: RunReport, _ whose: String) -> String {
        guard family.count > 1, let repairs = report.repairs else { return "" }
        var html =
            "<p>\(Wording.count(repairs.failed)) did not land at first: \(Wording.count(repairs.repaired)) repaired since, "
            + (repairs.underWay > 0 ? "\(Wording.count(repairs.underWay)) under way, " : "")
            + "\(Wording.count(repairs.open)) open.</p>"
        html += HTML.table(
            "The first run, and what sent again what it left",
            head: ["run", "begun", "state", "read", "accepted", "left"],
            rows: family.map { entry in
                [
                    "<code>\(HTML.text(entry.run.id.text))</code>", entry.run.started.iso8601,
                    HTML.text(entry.run.stateWord(isHeld: entry.isHeld)),
                    Wording.count(entry.totals.records),
                    Wording.count(entry.totals[.accepted]), Wording.count(entry.totals.left),
                ]
            }, numbers: [3, 4, 5])
        return HTML.section("Repairs" + whose, html)
    }
}
