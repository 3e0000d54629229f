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
        html += HTML.section("Outcomes", outcome)
        html += nextStep
        html += reasons
        html += open
        if !overview.isOne { html += runs }
        html += details
        html += """
            <footer>Made \(overview.now.iso8601) by sluice. \
            \(overview.showsData ? "It shows keys and server messages unmasked: they may be personal data." : "Keys are left out; numbers and addresses in server messages are masked.")</footer>
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
            <p>run <code>\(HTML.text(run.id.text))</code>, started \(run.started.iso8601)\
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
        let repaired = overview.shares?.repaired ?? 0
        let accounted = overview.count(.accepted) + overview.count(.skipped) + repaired
        let share = records > 0 ? Wording.percent(Double(accounted) / Double(records)) : "-"
        var html = "<dl class=\"cards\">"
        html += card("records read", Wording.count(records))
        html += card(
            "accepted now", records == accounted ? "all" : share,
            "\(Wording.count(accounted)) accepted, skipped or repaired")
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

    /// What the bar shows: how it is now, where something was sent again.
    private var outcomes: [(word: String, style: String, count: Int)] {
        func one(_ state: RecordState) -> (word: String, style: String, count: Int) {
            (state.word, state.jsonWord, overview.count(state))
        }
        var parts = [one(.accepted), one(.skipped)]
        if let shares = overview.shares {
            parts.append(("repaired", "repaired", shares.repaired))
            parts.append(("not repaired", "rejected", shares.rest))
            if shares.underWay > 0 {
                parts.append(("sent again now", "in_flight", shares.underWay))
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
        return HTML.section("Next step", html)
    }

    private var reasons: String {
        let groups = overview.groups
        guard !groups.isEmpty else { return "" }
        var html = ""
        for group in groups.prefix(Self.reasonLimit) {
            html +=
                "<div class=\"reason\"><h3>\(Wording.count(group.count)) \(group.state.word): \(HTML.text(group.reason?.code ?? "no reason recorded"))"
            if let turn = group.reason?.turn {
                html += " <span class=\"turn\">\(HTML.text(turn.owner))</span>"
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
                let words = places.map {
                    InputName.sentence(HTML.text($0.file), line: $0.line, as: Wording.count($0.line))
                }
                html +=
                    "<p class=\"places\">\(group.count > places.count ? "for example " : "at ")\(words.joined(separator: " · "))</p>"
            }
            if overview.showsData, !group.key.isEmpty {
                html += "<p class=\"places\">first key: <code>\(HTML.text(group.key))</code></p>"
            }
            html += "</div>\n"
        }
        let rest = groups.dropFirst(Self.reasonLimit)
        if !rest.isEmpty {
            html +=
                "<p>and \(Wording.count(rest.count, "more reason")) with \(Wording.count(rest.reduce(0) { $0 + $1.count }, "record"))</p>"
        }
        return HTML.section("Why records were not accepted", html)
    }

    private var open: String {
        let failures = overview.failures
        guard !failures.groups.isEmpty || failures.repaired > 0 else { return "" }
        var html =
            "<p>\(Wording.count(failures.open, "record")) open, \(Wording.count(failures.stuck)) of them not accepted again after a retry; "
            + "\(Wording.count(failures.repaired)) repaired"
            + (failures.underWay > 0 ? ", \(Wording.count(failures.underWay)) under way" : "") + ".</p>"
        if !failures.groups.isEmpty {
            html += HTML.table(
                "Over all runs of \(overview.title), by reason and age",
                head: ["open", "reason", "owner", "again"] + FailureReport.ages.map(\.words)
                    + ["open since"],
                rows: failures.groups.prefix(Self.reasonLimit).map { group in
                    let code = group.serverCode.map { " (\($0))" } ?? ""
                    return [
                        Wording.count(group.count), HTML.text(group.reason.code + code),
                        HTML.text(group.reason.turn.owner), Wording.count(group.stuck),
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
                "Newest first",
                head: [
                    "run", "started", "state", "read", "accepted or skipped", "left", "records/s", "",
                ],
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
                        ShareBar.outcomes(report.totals, id: "u\(report.run.number)"),
                    ]
                }, numbers: [3, 4, 5, 6]))
    }

    // MARK: One run

    private var details: String {
        let reports = overview.reports.prefix(Self.detailLimit).filter { $0.detail != nil }
        if overview.isOne { return reports.first.map { RunSections(overview, $0, 0).html } ?? "" }
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
                \(RunSections(overview, report, index).html)</details>

                """
        }
        let rest = overview.reports.count - reports.count
        if rest > 0 {
            html +=
                "<p class=\"places\">\(Wording.count(rest, "further run")): `sluice report RUN` shows each one.</p>\n"
        }
        return html
    }
}
