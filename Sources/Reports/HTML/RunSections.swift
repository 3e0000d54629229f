import Ledger
import Model

/// What a report for a browser tells about one run: times, charts, faults, doubts, repairs.
struct RunSections {
    private let overview: Overview
    private let report: RunReport
    /// Keeps the marks of this run's charts apart from those of the others.
    private let index: Int

    init(_ overview: Overview, _ report: RunReport, _ index: Int) {
        self.overview = overview
        self.report = report
        self.index = index
    }

    var html: String {
        guard let detail = report.detail else { return "" }
        var html = time
        if !detail.timeline.slices.isEmpty {
            html += HTML.section("Over time", charts(detail.timeline))
        }
        html += requests(detail.timeline)
        html += doubts(detail.settled)
        if overview.own.contains(where: { $0.run.number == report.run.number }) {
            html += lineage(detail.family)
        }
        return html
    }

    /// What the time went to.
    private var time: String {
        guard let pace = report.run.pace, report.active > .zero, !pace.waits.isEmpty else { return "" }
        let waited = pace.waited.values.reduce(Duration.zero, +)
        var parts: [(words: String, style: String, time: Duration)] = pace.waits.map {
            ($0.cause.words, $0.cause.style, $0.time)
        }
        parts.append(("for sluice's own work", "own", max(.zero, report.active - waited)))
        var html =
            ShareBar(
                id: "w\(index)", title: "How the time was spent",
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
                "<p>\(Wording.count(pace.requests, "request")) of all kinds; no rate limit.</p>"
        }
        return HTML.section("How the time was spent", html)
    }

    /// Fewer slices make no picture.
    private static let leastSlices = 5

    private func charts(_ timeline: Timeline) -> String {
        let slices = timeline.slices
        guard slices.count >= Self.leastSlices else {
            let ended = slices.reduce(0) { $0 + $1.records }
            return """
                <p>\(Wording.count(ended, "record")) in \(Wording.duration(timeline.width * slices.count)) or less: too short for charts.</p>

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
                id: "r\(index)" + name, title: title, remark: remark, words: words, kind: kind,
                series: series,
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
            "a", "Records answered per second",
            "mean \(Wording.rate(mean)), at most \(Wording.rate(best))",
            "On average \(Wording.rate(mean)) per second, at most \(Wording.rate(best)), in \(Wording.count(slices.count, "slice")) of \(Wording.duration(timeline.width)).",
            .columns, [.init(name: "records/s", style: "flow", values: records)], label: Wording.rate)
        let highest = slices.compactMap(\.high).max() ?? 0
        html += chart(
            "b", "Response time", "at most \(milliseconds(highest))",
            "The lower line is the median, the upper one the 95th percentile (p95); at most \(milliseconds(highest)).",
            .lines,
            [
                .init(name: "p95", style: "high", values: slices.map(\.high)),
                .init(name: "median", style: "median", values: slices.map(\.median)),
            ], label: milliseconds)
        let allowed = report.run.pace?.allowed.flatMap { allowed -> Double? in
            let active = report.active.reportSeconds
            return active > 0 ? allowed / active : nil
        }
        let busiest = slices.map { Double($0.requests) / seconds }.max() ?? 0
        html += chart(
            "c", "Requests sent per second",
            "at most \(Wording.rate(busiest))"
                + (allowed.map { ", \(Wording.rate($0)) allowed" } ?? ", no limit"),
            allowed.map {
                "At most \(Wording.rate(busiest)). The connection's rate allows \(Wording.rate($0)) per second."
            }
                ?? "At most \(Wording.rate(busiest)). This connection has no rate limit.",
            .columns,
            [
                .init(
                    name: "requests with records", style: "flow",
                    values: slices.map { Double($0.requests) / seconds })
            ], limit: allowed.map { ("allowed: \(Wording.rate($0))/s", $0) }, label: Wording.rate)
        if !pauses.isEmpty {
            html +=
                "<p class=\"places\">Dashed lines: the run was stopped there and resumed later.</p>"
        }
        html += "<details><summary>Table of the figures</summary>"
        html += HTML.table(
            "Slices of \(Wording.duration(timeline.width)), the first from \(slices[0].start.iso8601)",
            head: ["after", "records", "requests", "median", "p95"],
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

    private func requests(_ timeline: Timeline) -> String {
        let names: [(AttemptEnd.State, String)] = [
            (.clean, "answered"), (.unclean, "answered, some records to repeat or in doubt"),
            (.refused, "refused as a whole"), (.notSent, "not sent"),
            (.unanswered, "answer lost"), (.open, "open"),
        ]
        let rows = names.compactMap { state, words in
            report.attempts[state].map { [HTML.text(words), Wording.count($0)] }
        }
        guard !rows.isEmpty else { return "" }
        var html = HTML.table(
            "Requests with records", head: ["result", "requests"], rows: rows,
            numbers: [1])
        if !timeline.faults.isEmpty {
            html += HTML.table(
                "Errors during the run", head: ["fault", "HTTP", "requests", "records"],
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

    private func doubts(_ settled: SettledDoubts) -> String {
        guard settled.records > 0 else { return "" }
        let rows: [(String, Int)] = [
            ("found on the server, not sent again", settled.found),
            ("not there; sent again and accepted", settled.resent),
            ("not there; sent again and not accepted", settled.refused),
            ("decided by a person", settled.decided),
            ("still in doubt, or to be sent again", settled.open),
        ]
        var html = "<p>The answers of \(Wording.count(settled.records, "record")) were lost.</p>"
        html += HTML.table(
            "How they were settled", head: ["", "records"],
            rows: rows.filter { $0.1 > 0 }.map { [HTML.text($0.0), Wording.count($0.1)] }, numbers: [1])
        if report.doubts.count > 0, let oldest = report.doubts.oldest {
            html +=
                "<p>The oldest has been in doubt for \(Wording.duration(report.now.since(oldest))).</p>"
        }
        html += each(settled)
        return HTML.section("Records in doubt", html)
    }

    /// The first of them, each with its history.
    private func each(_ settled: SettledDoubts) -> String {
        guard !settled.examples.isEmpty else { return "" }
        let isAll = settled.examples.count == settled.records
        let table = HTML.table(
            "`sluice explain KEY` shows the history of one record",
            head: ["record", "lost at", "state now", "look-ups without a hit", "proof", "after"],
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
        let title = isAll ? "All of them" : "The first \(Wording.count(settled.examples.count))"
        return "<details><summary>\(title)</summary>\(table)</details>\n"
    }

    /// The words of the proof without the server's id, which may be a person's.
    private static func proof(_ words: String) -> String {
        words.hasPrefix("found") ? "found on the server" : Masking.mask(words, numbersOf: 6)
    }

    private func lineage(_ family: [RunList.Entry]) -> String {
        guard family.count > 1, let repairs = report.repairs else { return "" }
        var html =
            "<p>\(Wording.count(repairs.failed)) were not accepted at first: \(Wording.count(repairs.repaired)) repaired since, "
            + (repairs.underWay > 0 ? "\(Wording.count(repairs.underWay)) under way, " : "")
            + "\(Wording.count(repairs.open)) open.</p>"
        html += HTML.table(
            "The first run and its retries",
            head: ["run", "started", "state", "read", "accepted or skipped", "left", ""],
            rows: family.map { entry in
                [
                    "<code>\(HTML.text(entry.run.id.text))</code>", entry.run.started.iso8601,
                    HTML.text(entry.run.stateWord(isHeld: entry.isHeld)),
                    Wording.count(entry.totals.records),
                    Wording.count(entry.totals.records - entry.totals.left),
                    Wording.count(entry.totals.left),
                    ShareBar.outcomes(entry.totals, id: "f\(index)-\(entry.run.number)"),
                ]
            }, numbers: [3, 4, 5])
        return HTML.section("Repairs", html)
    }
}

extension WaitCause {
    /// After a duration.
    var words: String {
        switch self {
        case .throttled: "while throttled by the server"
        case .rateLimit: "for the rate limit"
        case .answers: "for answers"
        case .looks: "for look-ups"
        case .backOff: "between retries"
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
