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
    private let words: EngineWords

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
        /// Set by a newer record of the same key since, and not checked.
        package var overwritten = 0
        /// Fields that were sent, and that nothing shows.
        package var unread: Set<String> = []
        package var fields: [String: Int] = [:]
        package var allowances: Set<Verification.Allowance> = []
        /// The first of them.
        package var findings: [Finding] = []
        package var cause: StopReason?
    }

    /// - Throws: ``RunStartError``: nothing shows the records of this endpoint.
    package init(
        plan: Plan, run: RunRow, org: OrgSettings, ledger: Ledger, sender: any Sender,
        environment: Environment
    ) throws {
        guard let verification = Verification.of(run.endpoint),
            let listing = Listing.named(verification.listing)
        else {
            throw RunStartError(
                .notVerifiable(endpoint: run.endpoint, endpoints: Verification.endpoints))
        }
        words = environment.words
        self.plan = plan
        self.run = run
        self.org = org
        self.ledger = ledger
        self.verification = verification
        self.listing = listing
        asker = Asker(
            sender: sender, environment: environment, settings: .auto(most: 32),
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
    /// - Throws: ``LedgerError``, ``ReadError``: the input is gone, or is not what it was.
    package func verify(sample: Int?) async throws -> Result {
        var result = Result()
        try ledger.eachAccepted(run: run.number) { _ in
            result.accepted += 1
            return true
        }
        let chosen = try sample.flatMap {
            $0 < result.accepted ? try choose($0, of: result.accepted) : nil
        }
        let all = verification.readsAll ? try await everything() : nil
        if let cause = all?.cause {
            result.cause = cause
            return result
        }
        let readStage = ReadStage.again(
            plan: plan, ledger: ledger, run: run.number,
            customers: CustomerNumbers(ledger: ledger, run: run)
        ) { row in chosen?.contains(where: row.holds) ?? true }
        defer { readStage.stop() }
        var claimed: Set<String> = []
        while result.cause == nil {
            let items = try await readStage.next()
            if items.isEmpty { break }
            for case .chunk(let chunk) in items where result.cause == nil {
                let records = try await records(of: chunk, chosen, &result)
                try await check(records, all?.items, &claimed, &result)
            }
        }
        return result
    }

    /// Some of the accepted records.
    private func choose(_ count: Int, of all: Int) throws -> Set<Int64> {
        var places: Set<Int> = []
        while places.count < count { places.insert(Int.random(in: 0..<all)) }
        var chosen: Set<Int64> = []
        var place = 0
        try ledger.eachAccepted(run: run.number) { row in
            if places.contains(place) { chosen.insert(row.record) }
            place += 1
            return chosen.count < count
        }
        return chosen
    }

    /// The accepted records of a chunk that are to be checked, as they were sent.
    private func records(of batch: PreparedBatch, _ chosen: Set<Int64>?, _ result: inout Result)
        async throws
        -> [Record]
    {
        let identities = batch.stored.candidates.map(\.identity)
        // What sets values may have been overwritten on purpose.
        let owners =
            plan.endpoint.adds
            ? [] : try await ledger.owners(of: identities, scope: run.scope)
        var records: [Record] = []
        for (index, record) in batch.records.enumerated() {
            let number = batch.first + Int64(index)
            guard chosen?.contains(number) ?? true,
                let known = try ledger.record(run: run.number, number), known.state.state == .accepted
            else { continue }
            if !owners.isEmpty, let owner = owners[index],
                owner != RecordPlace(run: run.number, record: number)
            {
                result.overwritten += 1
                continue
            }
            records.append(
                Record(
                    number: number, line: record.position.line,
                    item: Array(batch.item(index)), evidence: batch.evidence(index),
                    serverID: known.serverID))
        }
        return records
    }

    // MARK: Looking

    private enum Look: Sendable {
        case shown([PageItem])
        case unclear
        case stopped(StopReason)
    }

    /// - Parameter claimed: Ids of items that are other records', where a key shows several.
    private func check(
        _ records: [Record], _ all: [String: PageItem]?, _ claimed: inout Set<String>,
        _ result: inout Result
    ) async throws {
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
                result.unread.formUnion(verification.unread(record.item))
                let free = items.filter { !claimed.contains($0.id) }
                let finding = verification.compare(
                    record.item, shown: free.map(\.text), org, allowing: &result.allowances)
                if verification.showsSeveral, case .found([], let place) = finding {
                    claimed.insert(free[place].id)
                }
                note(finding, record, &result)
            }
        }
    }

    private func note(_ finding: Verification.Finding, _ record: Record, _ result: inout Result) {
        var fields: [String] = []
        switch finding {
        case .found([], _):
            result.matched += 1
            return
        case .found(let differences, _):
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

    private func look(_ record: Record, _ all: [String: PageItem]?) async -> Look {
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
        let answer = await asker.page(request) { [listing] in listing.read($0, key: nil, salt: nil) }
        if let failure = answer.failure {
            return .stopped(
                StopReason(failure.isAccess ? .authentication : .passing, failure.message))
        }
        switch answer {
        case .done(.page(let items, _)): return .shown(items)
        case .done(.nothing): return .shown([])
        default: return .unclear
        }
    }

    /// All items of a listing, by their codes.
    private func everything() async throws -> (items: [String: PageItem], cause: StopReason?) {
        var items: [String: PageItem] = [:]
        var seen: Set<String> = []
        var position = listing.paging.first
        while true {
            let request = listing.request(Asking(), at: position, size: nil)
            guard case .done(let reply) = await asker.ask(request),
                case .page(let page, let facts) = listing.read(reply, key: nil, salt: nil)
            else {
                return ([:], StopReason(.passing, words(.export(.unread(listing.name)))))
            }
            let before = seen.count
            for item in page where seen.insert(item.id).inserted {
                if let name = Verification.name(of: item.text) { items[name] = item }
            }
            let next = listing.paging.next(
                after: position, facts, asked: nil, seen: seen.count, fresh: seen.count - before,
                lastID: page.last?.id)
            guard case .more(let further) = next else { return (items, nil) }
            position = further
        }
    }
}
