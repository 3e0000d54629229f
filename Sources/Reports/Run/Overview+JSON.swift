import Ledger
import Model

extension Overview {
    /// One run: its own document, see ``RunReport/json(conditions:)``. Several, `"schema": 1`:
    ///
    /// ```
    /// schema, gathered
    /// records    as of one run, over all but the retries among them: each record once
    /// repaired?  how many of those not accepted at first were accepted since
    /// active_seconds, records_per_second?, requests
    /// open       records, refused_again, repaired, under_way, closed, by_turn {turn: records},
    ///            reasons [reason, turn, next_step, server_code?, records, refused_again, oldest_since, by_age {…}]:
    ///            over all runs of the jobs
    /// runs       the documents of the runs, the newest first
    /// next       words, command?
    /// ```
    func json() throws -> String {
        if isOne { return try reports[0].json() }
        var totals = Totals()
        for report in own {
            for (byte, count) in report.totals.counts { totals.add(byte, count) }
        }
        return try ReportJSON.text(
            Document(
                gathered: now.iso8601, records: TotalsJSON(totals), repaired: repairs?.repaired,
                activeSeconds: active.reportSeconds,
                recordsPerSecond: recordsPerSecond, requests: requests, open: OpenJSON(failures),
                runs: reports.map { $0.document() }, next: NextJSON(next)))
    }

    private struct Document: Encodable {
        var schema = 1
        var gathered: String
        var records: TotalsJSON
        var repaired: Int?
        var activeSeconds: Double
        var recordsPerSecond: Double?
        var requests: Int
        var open: OpenJSON
        var runs: [RunReport.Document]
        var next: NextJSON
    }
}

private struct OpenJSON: Encodable {
    struct Item: Encodable {
        var reason, turn, nextStep: String
        var serverCode: Int?
        var records, refusedAgain: Int
        var oldestSince: String
        var byAge: [String: Int]
    }
    var records, refusedAgain, repaired, underWay, closed: Int
    var byTurn: [String: Int]
    var reasons: [Item]

    init(_ failures: FailureReport) {
        records = failures.open
        refusedAgain = failures.stuck
        repaired = failures.repaired
        underWay = failures.underWay
        closed = failures.closed
        byTurn = Dictionary(
            uniqueKeysWithValues: failures.byTurn.map { ($0.turn.rawValue, $0.count) })
        reasons = failures.groups.map { group in
            Item(
                reason: group.reason.code, turn: group.reason.turn.rawValue,
                nextStep: group.reason.nextStep, serverCode: group.serverCode, records: group.count,
                refusedAgain: group.stuck, oldestSince: group.oldest.iso8601,
                byAge: Dictionary(
                    uniqueKeysWithValues: zip(FailureReport.ages.map(\.words), group.byAge)))
        }
    }
}
