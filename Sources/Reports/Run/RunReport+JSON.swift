import Ledger
import Model

extension RunReport {
    /// The run for machines, `"schema": 1`.
    ///
    /// ```
    /// schema, run, job, endpoint, connection, org, state, under_way?, started, ended?, ending?, exit_code?,
    /// conditions?, gathered
    /// records      read, accepted, skipped, rejected, invalid, parked, failed, in_doubt, unsent, in_flight:
    ///              the sum of those after `read` is `read`
    /// skipped_by   repeated, accepted_before, on_server, superseded
    /// accepted_by  plain, proved, warned, decided
    /// rows, active_seconds, records_per_second?
    /// requests     all, and the attempts that carried records: clean, unclean, not_sent, unanswered, open
    /// pace?        requests (also looks and tokens), allowed?, share?, waited_seconds {cause: seconds}
    /// input_ended, swept_until?
    /// outage?      since, cause: the server could not be reached
    /// reasons      [state, reason?, turn?, next_step?, server_code?, field?, records, message?, key?,
    ///              place? (file, row, line, byte), further_places (up to four)], the most frequent first
    /// inputs       [name, rows, filtered?, bytes (header, rows, blank, unreadable, filtered?, unread?, total?)]
    /// doubts       records, looked_for, oldest_since?, oldest_seconds?, newest_since?, for_person?
    /// retries?     the run that was sent again, the first of the line
    /// repairs?     failed, repaired, under_way, open, closed, since, of that run, else of this one
    /// files        [kind (rejects, unreadable, parked, in-doubt, reasons), path, records?]
    /// input_gone?  since, records, ranges [file, first_record?, last_record?, row, last_row?, line, byte,
    ///              end_byte?]: what was never sent, for the input was gone
    /// next         words, command?
    /// timeline?    slice_seconds, slices [start, records, requests, median_ms?, high_ms?, pause_seconds?]
    /// faults?      [ending (unclean, not_sent, unanswered), status?, trouble?, requests, records]
    /// settled_doubts?  records, found, resent, decided, refused, open, and of the first fifty: first [record,
    ///              since, state, detail?, misses, proof_seconds?]
    /// lineage?     [run, started, records {…}, …] as in the list of runs: the first run and its retries
    /// ```
    ///
    /// The last four stand in what `sluice report` writes.
    ///
    /// What is marked `?` is absent where it is not known.
    ///
    /// - Parameter conditions: All that held when the run ended, in the order that decides the exit status.
    package func json(conditions: [String]? = nil) throws -> String {
        try ReportJSON.text(document(conditions: conditions))
    }

    func document(conditions: [String]? = nil) -> Document {
        func words(_ text: String) -> String? {
            text.isEmpty ? nil : showData ? text : Masking.mask(text)
        }
        return Document(
            run: run.id.text, job: run.job, endpoint: run.endpoint, connection: run.connection,
            org: run.org,
            state: run.state.rawValue, underWay: isHeld, started: run.started.iso8601,
            ended: run.ended?.iso8601,
            ending: run.ending.map { showData ? $0 : Masking.mask($0, numbersOf: 6) },
            exitCode: run.exitCode, conditions: conditions, gathered: now.iso8601,
            records: TotalsJSON(totals),
            skippedBy: .init(
                repeated: totals[.skipped, .repeated],
                acceptedBefore: totals[.skipped, .acceptedBefore],
                onServer: totals[.skipped, .onServer], superseded: totals[.skipped, .superseded]),
            acceptedBy: .init(
                plain: totals[.accepted, .none], proved: totals[.accepted, .proved],
                warned: totals[.accepted, .warned], decided: totals[.accepted, .decided]),
            rows: rows, activeSeconds: active.reportSeconds, recordsPerSecond: recordsPerSecond,
            requests: .init(
                all: requests, clean: attempts[.clean] ?? 0, unclean: attempts[.unclean] ?? 0,
                notSent: attempts[.notSent] ?? 0, unanswered: attempts[.unanswered] ?? 0,
                refused: attempts[.refused] ?? 0, open: attempts[.open] ?? 0),
            pace: run.pace.map { pace in
                .init(
                    requests: pace.requests, allowed: pace.allowed, share: pace.share,
                    waitedSeconds: Dictionary(
                        uniqueKeysWithValues: pace.waited.map {
                            ($0.key.rawValue, $0.value.reportSeconds)
                        }))
            },
            inputEnded: run.inputEnded, sweptUntil: run.swept?.iso8601,
            outage: outage.map(OutageJSON.init),
            reasons: groups.map { group in
                .init(
                    state: group.state.jsonWord, reason: group.reason?.code,
                    turn: group.reason?.turn.rawValue,
                    nextStep: group.reason?.nextStep, serverCode: group.serverCode, field: group.field,
                    records: group.count, message: group.isOurs ? group.message : words(group.message),
                    key: showData && !group.key.isEmpty ? group.key : nil,
                    place: group.place.map(PlaceJSON.init),
                    furtherPlaces: group.furtherPlaces.map(PlaceJSON.init))
            },
            inputs: inputs.map { input in
                .init(
                    name: InputName.bare(input.name), rows: input.rows,
                    filtered: input.filteredRows > 0 ? input.filteredRows : nil,
                    bytes: .init(
                        header: input.headerBytes, rows: input.rowBytes, blank: input.blankBytes,
                        unreadable: input.unreadableBytes,
                        filtered: input.filteredBytes > 0 ? input.filteredBytes : nil,
                        unread: input.unreadBytes,
                        total: input.totalBytes))
            },
            doubts: .init(
                records: doubts.count, lookedFor: doubts.looked, oldestSince: doubts.oldest?.iso8601,
                oldestSeconds: doubts.oldest.map { now.since($0).reportSeconds },
                newestSince: doubts.newest?.iso8601,
                forPerson: doubts.forPerson > 0 ? doubts.forPerson : nil),
            retries: first?.id.text,
            repairs: repairs.map {
                .init(
                    failed: $0.failed, repaired: $0.repaired, underWay: $0.underWay, open: $0.open,
                    closed: $0.closed, since: (first ?? run).started.iso8601)
            },
            files: (rejects?.files ?? []).map {
                .init(kind: $0.kind.rawValue, path: $0.path, records: $0.records)
            },
            inputGone: gone.map { GoneJSON($0, since: run.inputGone) },
            next: NextJSON(next),
            timeline: detail.map { TimelineJSON($0.timeline) },
            faults: detail.map { $0.timeline.faults.map(FaultJSON.init) },
            settledDoubts: detail.map { SettledJSON($0.settled) },
            lineage: detail.map { $0.family.map(RunJSON.init) })
    }

    struct Document: Encodable {
        var schema = 1
        var run, job, endpoint, connection, org, state: String
        var underWay: Bool?
        var started: String
        var ended, ending: String?
        var exitCode: Int?
        var conditions: [String]?
        var gathered: String
        var records: TotalsJSON
        var skippedBy: Skipped
        var acceptedBy: Accepted
        var rows: Int
        var activeSeconds: Double
        var recordsPerSecond: Double?
        var requests: Requests
        var pace: Pace?
        var inputEnded: Bool
        var sweptUntil: String?
        var outage: OutageJSON?
        var reasons: [ReasonItem]
        var inputs: [InputItem]
        var doubts: DoubtItem
        var retries: String?
        var repairs: RepairItem?
        var files: [FileItem]
        var inputGone: GoneJSON?
        var next: NextJSON
        var timeline: TimelineJSON?
        var faults: [FaultJSON]?
        var settledDoubts: SettledJSON?
        var lineage: [RunJSON]?

        struct Pace: Encodable {
            var requests: Int
            var allowed, share: Double?
            var waitedSeconds: [String: Double]
        }
        struct Skipped: Encodable { var repeated, acceptedBefore, onServer, superseded: Int }
        struct Accepted: Encodable { var plain, proved, warned, decided: Int }
        struct Requests: Encodable { var all, clean, unclean, notSent, unanswered, refused, open: Int }
        struct ReasonItem: Encodable {
            var state: String
            var reason, turn, nextStep: String?
            var serverCode: Int?
            var field: String?
            var records: Int
            var message, key: String?
            var place: PlaceJSON?
            var furtherPlaces: [PlaceJSON]
        }
        struct InputItem: Encodable {
            var name: String
            var rows: Int
            var filtered: Int?
            var bytes: Bytes
            struct Bytes: Encodable {
                var header, rows, blank, unreadable: Int
                var filtered, unread, total: Int?
            }
        }
        struct DoubtItem: Encodable {
            var records, lookedFor: Int
            var oldestSince: String?
            var oldestSeconds: Double?
            var newestSince: String?
            var forPerson: Int?
        }
        struct RepairItem: Encodable {
            var failed, repaired, underWay, open, closed: Int
            var since: String
        }
        struct FileItem: Encodable {
            var kind, path: String
            var records: Int?
        }
    }
}

/// A count of records by state, as every report writes it.
struct TotalsJSON: Encodable {
    var read, accepted, skipped, rejected, invalid, parked, failed, inDoubt, unsent, inFlight: Int

    init(_ totals: Totals) {
        read = totals.records
        accepted = totals[.accepted]
        skipped = totals[.skipped]
        rejected = totals[.rejected]
        invalid = totals[.invalid]
        parked = totals[.parked]
        failed = totals[.failed]
        inDoubt = totals[.inDoubt]
        unsent = totals[.unsent]
        inFlight = totals[.sent]
    }
}

extension RecordState {
    var jsonWord: String { self == .inDoubt ? "in_doubt" : self == .sent ? "in_flight" : word }
}

struct PlaceJSON: Encodable {
    var file: String
    var row, line, byte: Int

    init(_ place: RunReport.Place) {
        file = InputName.bare(place.file)
        row = place.row
        line = place.line
        byte = place.offset
    }
}

struct TimelineJSON: Encodable {
    struct Slice: Encodable {
        var start: String
        var records, requests: Int
        var medianMs, highMs, pauseSeconds: Double?
    }
    var sliceSeconds: Double
    var slices: [Slice]

    init(_ timeline: Timeline) {
        sliceSeconds = timeline.width.reportSeconds
        slices = timeline.slices.map {
            Slice(
                start: $0.start.precise, records: $0.records, requests: $0.requests,
                medianMs: $0.median.map { ($0 * 10).rounded() / 10 },
                highMs: $0.high.map { ($0 * 10).rounded() / 10 },
                pauseSeconds: $0.pause?.reportSeconds)
        }
    }
}

struct FaultJSON: Encodable {
    var ending: String
    var status: Int?
    var trouble: String?
    var requests, records: Int

    init(_ one: (fault: Timeline.Fault, requests: Int, records: Int)) {
        ending =
            switch one.fault.state {
            case .notSent: "not_sent"
            case .unanswered: "unanswered"
            case .refused: "refused"
            case .open, .clean, .unclean: "unclean"
            }
        status = one.fault.status
        trouble =
            one.fault.trouble.isEmpty ? nil : Masking.mask(one.fault.trouble, numbersOf: 6)
        requests = one.requests
        records = one.records
    }
}

struct SettledJSON: Encodable {
    struct Item: Encodable {
        var record: Int64
        var since, state: String
        var detail: String?
        var misses: Int
        var proofSeconds: Double?
    }
    var records, found, resent, decided, refused, open: Int
    var first: [Item]

    init(_ settled: SettledDoubts) {
        records = settled.records
        found = settled.found
        resent = settled.resent
        decided = settled.decided
        refused = settled.refused
        open = settled.open
        first = settled.examples.map { one in
            Item(
                record: one.record, since: one.since.iso8601, state: one.state.state.jsonWord,
                detail: one.state.detail == .none ? nil : one.state.detail.word, misses: one.looks,
                proofSeconds: one.proof.map { $0.at.since(one.since).reportSeconds })
        }
    }
}

struct NextJSON: Encodable {
    var words: String
    var command: String?

    init(_ next: NextStep) {
        words = next.words
        command = next.command
    }
}
