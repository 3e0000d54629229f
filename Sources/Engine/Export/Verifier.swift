package import Catalog
package import Ledger
package import Model
import Records

/// Reads accepted records of a run back through the listings of ``Listing/all``, and compares them field by
/// field with what was sent.
package struct Verifier: Sendable {
    let plan: Plan
    let run: RunRow
    let org: OrgSettings
    let ledger: Ledger
    let asker: Asker
    let verification: Verification
    let listing: Listing

    /// One record that is not on the server as it was sent.
    package struct Finding: Sendable, Equatable {
        package var record: Int64
        package var line: Int
        /// None: it is missing.
        package var fields: [String]
    }

    package struct Result: Sendable {
        package var accepted = 0
        package var checked = 0
        package var matched = 0
        package var differ = 0
        package var missing = 0
        /// The server did not say.
        package var unclear = 0
        package var fields: [String: Int] = [:]
        package var allowances: Set<Verification.Allowance> = []
        /// The first of them.
        package var findings: [Finding] = []
        package var cause: StopCause?
    }

    /// - Throws: ``LaunchError``: nothing shows the records of this endpoint.
    package init(
        plan: Plan, run: RunRow, org: OrgSettings, ledger: Ledger, sender: any Sender,
        surroundings: Surroundings = .real
    ) throws {
        guard let verification = Verification.of(run.endpoint),
            let listing = Listing.named(verification.listing)
        else {
            throw LaunchError(
                code: .input, message: "no listing shows what \(run.endpoint) brought in",
                next: "Verified can be: \(Verification.endpoints.joined(separator: ", ")).")
        }
        self.plan = plan
        self.run = run
        self.org = org
        self.ledger = ledger
        self.verification = verification
        self.listing = listing
        asker = Asker(
            sender: sender, surroundings: surroundings, settings: .auto(most: 32),
            rate: plan.connection.rate)
    }

    private struct Record: Sendable {
        var number: Int64
        var line: Int
        var item: [UInt8]
        var evidence: Evidence
        var serverID: ServerID?
    }

    /// - Parameter sample: How many, chosen by chance; nil: all.
    package func verify(sample: Int?) async throws -> Result {
        var result = Result()
        try ledger.eachAccepted(run: run.number) { _ in
            result.accepted += 1
            return true
        }
        let chosen = sample.flatMap {
            $0 < result.accepted ? Self.choose($0, of: result.accepted) : nil
        }
        let all = verification.readsAll ? try await everything() : nil
        if let cause = all?.cause {
            result.cause = cause
            return result
        }
        var accepted = 0
        var from: Int64 = 0
        reading: while true {
            var rows: [ChunkRow] = []
            try ledger.chunks(run: run.number, from: from) { row in
                rows.append(row)
                return rows.count < 16
            }
            guard let last = rows.last else { break }
            for row in rows {
                let records = try records(of: row, &accepted, chosen)
                try await check(records, all?.items, &result)
                if result.cause != nil { break reading }
            }
            from = last.first + Int64(last.count)
        }
        return result
    }

    private static func choose(_ count: Int, of all: Int) -> Set<Int> {
        var chosen: Set<Int> = []
        while chosen.count < count { chosen.insert(Int.random(in: 0..<all)) }
        return chosen
    }

    /// The accepted records of a chunk that are to be checked, as they were sent.
    private func records(of row: ChunkRow, _ accepted: inout Int, _ chosen: Set<Int>?) throws
        -> [Record]
    {
        var wanted: [(index: Int, id: ServerID?)] = []
        for index in 0..<row.count {
            guard
                let record = try ledger.record(run: run.number, row.first + Int64(index)),
                record.state.state == .accepted
            else { continue }
            if chosen?.contains(accepted) ?? true { wanted.append((index, record.serverID)) }
            accepted += 1
        }
        guard !wanted.isEmpty else { return [] }
        var records: [Record] = []
        var reading = Reading(
            plan: plan, ledger: ledger, run: run.number,
            customers: CustomerNumbers(ledger: ledger, run: run)
        ) { item in
            guard case .chunk(let chunk) = item else { return true }
            for (index, id) in wanted where chunk.records.indices.contains(index) {
                let record = chunk.records[index]
                records.append(
                    Record(
                        number: chunk.first + Int64(index), line: record.position.line,
                        item: Array(chunk.items[record.item]), evidence: record.evidence, serverID: id))
            }
            return true
        }
        _ = try reading.again([row])
        return records
    }

    // MARK: Looking

    private enum Look: Sendable {
        case shown([[UInt8]])
        case unclear
        case stopped(StopCause)
    }

    private func check(_ records: [Record], _ all: [String: [UInt8]]?, _ result: inout Result)
        async throws
    {
        let looks = try await withThrowingTaskGroup(of: (Int, Look).self) { group in
            for (index, record) in records.enumerated() {
                group.addTask { (index, await self.look(record, all)) }
            }
            var looks = [Look](repeating: .unclear, count: records.count)
            for try await (index, look) in group { looks[index] = look }
            return looks
        }
        for (record, look) in zip(records, looks) {
            switch look {
            case .stopped(let cause): result.cause = cause
            case .unclear:
                result.checked += 1
                result.unclear += 1
            case .shown(let items):
                result.checked += 1
                let finding = verification.compare(
                    record.item, shown: items, org, allowing: &result.allowances)
                note(finding, record, &result)
            }
        }
    }

    private func note(_ finding: Verification.Finding, _ record: Record, _ result: inout Result) {
        var fields: [String] = []
        switch finding {
        case .found(let differences) where differences.isEmpty:
            result.matched += 1
            return
        case .found(let differences):
            result.differ += 1
            fields = differences.map(\.field)
            for field in Set(fields) { result.fields[field, default: 0] += 1 }
        case .missing: result.missing += 1
        }
        if result.findings.count < 100 {
            result.findings.append(
                Finding(record: record.number, line: record.line, fields: fields))
        }
    }

    private func look(_ record: Record, _ all: [String: [UInt8]]?) async -> Look {
        if let all {
            guard let name = Verification.name(of: record.item) else { return .unclear }
            return .shown(all[name].map { [$0] } ?? [])
        }
        guard let ask = verification.ask(record.item, record.evidence, record.serverID) else {
            return .unclear
        }
        let key = listing.keys.first { $0.name == ask.by } ?? listing.keys.first
        var asking = Asking(key: key, keys: [ask.key])
        for parameter in listing.parameters {
            // Of a bill, the kind of key is its type.
            if parameter.name == "type" {
                asking.parameters.append((parameter.sentName, ask.by))
            } else if let usual = parameter.usual {
                asking.parameters.append((parameter.sentName, usual))
            }
        }
        let request = listing.request(asking, at: listing.paging.first, size: nil)
        for attempt in 1...5 {
            switch await asker.ask(request) {
            case .failure(.trouble(let refusal)): return .stopped(StopCause(.passing, refusal.message))
            case .failure(.refused(let refusal)):
                return .stopped(StopCause(.authentication, refusal.message))
            case .failure(.slot(let error)):
                return .stopped(
                    StopCause(
                        error.code == .authentication ? .authentication : .passing, error.message))
            case .success(let reply):
                switch listing.read(reply, key: nil, salt: nil) {
                case .page(let items, _): return .shown(items.map(\.text))
                case .nothing: return .shown([])
                case .refused: return .unclear
                case .again: await asker.pause(attempt)
                }
            }
        }
        return .unclear
    }

    /// All items of a listing, by their codes.
    private func everything() async throws -> (items: [String: [UInt8]], cause: StopCause?) {
        var items: [String: [UInt8]] = [:]
        var seen: Set<String> = []
        var position = listing.paging.first
        while true {
            let request = listing.request(Asking(), at: position, size: nil)
            guard case .success(let reply) = await asker.ask(request) else {
                return ([:], StopCause(.passing, "\(listing.name) cannot be read"))
            }
            guard case .page(let page, let facts) = listing.read(reply, key: nil, salt: nil) else {
                return ([:], StopCause(.passing, "\(listing.name) cannot be read"))
            }
            let before = seen.count
            for item in page where seen.insert(item.id).inserted {
                if let name = Verification.name(of: item.text) { items[name] = item.text }
            }
            let next = listing.paging.next(
                after: position, facts, asked: nil, seen: seen.count, fresh: seen.count - before,
                lastID: page.last?.id)
            guard case .more(let further) = next else { return (items, nil) }
            position = further
        }
    }
}
