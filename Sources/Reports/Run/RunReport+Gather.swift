package import Ledger
package import Model

extension RunReport {
    /// Reads all that a report of `run` says.
    ///
    /// - Parameters:
    ///   - rejects: What ``RejectFiles`` wrote or found.
    ///   - isHeld: A process is at the run's job; nil where nobody has looked.
    ///   - isWhole: With ``Detail``.
    ///   - now: For the ages of doubts.
    /// - Complexity: Reads the run's chunks and troubles once. Memory does not grow with the records, but
    ///   with those in doubt, of which there are a window's worth.
    package init(
        run: RunRow, ledger: Ledger, rejects: RejectFiles.Written? = nil, isHeld: Bool? = nil,
        showData: Bool = false, hasQueue: Bool = true, isWhole: Bool = false,
        now: Timestamp = .current
    ) throws {
        let isHeld = run.state == .running ? isHeld : false
        let rows = try ledger.inputs(of: run.number)
        var inputs = rows.map {
            Input(name: $0.name, headerBytes: $0.headerBytes ?? 0, totalBytes: $0.totalBytes)
        }
        var stops = rows.map { $0.headerBytes ?? 0 }
        var histogram: [Int: (StateByte, Int)] = [:]
        let prunedRun = try ledger.prunedRun(run: run.number)
        for sum in prunedRun?.inputs ?? [] {
            guard let index = rows.firstIndex(where: { $0.file == sum.file }) else { continue }
            inputs[index].rows = sum.rows
            inputs[index].rowBytes = sum.rowBytes
            inputs[index].blankBytes = sum.blankBytes
            inputs[index].unreadableBytes = sum.unreadableBytes
            inputs[index].filteredRows = sum.filteredRows ?? 0
            inputs[index].filteredBytes = sum.filteredBytes ?? 0
            inputs[index].rows += inputs[index].filteredRows
            stops[index] = max(stops[index], sum.stop)
        }
        if prunedRun == nil {
            try ledger.chunks(run: run.number) { chunk in
                var byte = StateByte(.unsent)
                var count = 0
                for state in chunk.states {
                    if state == byte {
                        count += 1
                        continue
                    }
                    Self.count(byte, count, in: &histogram)
                    (byte, count) = (state, 1)
                }
                Self.count(byte, count, in: &histogram)
                guard let index = rows.firstIndex(where: { $0.file == chunk.file }) else { return true }
                inputs[index].rows += chunk.rows
                inputs[index].rowBytes += chunk.rowBytes
                inputs[index].blankBytes += chunk.blankBytes
                inputs[index].unreadableBytes += chunk.unreadableBytes
                stops[index] = max(stops[index], chunk.stop)
                return true
            }
        }
        var filtered = prunedRun?.inputs.reduce(0) { $0 + ($1.filteredRows ?? 0) } ?? 0
        for (file, found) in prunedRun == nil ? try ledger.filtered(run: run.number) : [:] {
            filtered += found.rows
            guard let index = rows.firstIndex(where: { $0.file == file }) else { continue }
            inputs[index].filteredRows = found.rows
            inputs[index].filteredBytes = found.bytes
            inputs[index].rows += found.rows
        }
        if prunedRun == nil, let grouping = try ledger.grouping(of: run.number) {
            // Read to their ends before the run began.
            for (index, file) in zip(inputs.indices, grouping.files) {
                inputs[index].rows = file.rows
                inputs[index].rowBytes = file.rowBytes
                inputs[index].blankBytes = file.blankBytes
                inputs[index].unreadableBytes = file.unreadableBytes
                stops[index] = file.totalBytes
            }
        }
        for index in inputs.indices {
            guard let total = inputs[index].totalBytes else { continue }
            if inputs[index].rows == inputs[index].filteredRows, inputs[index].unreadableBytes == 0 {
                // Read to its end without a record: the header and blank lines are all there is.
                inputs[index].blankBytes = total - stops[index] - inputs[index].filteredBytes
                stops[index] = total
            }
            inputs[index].unreadBytes = total - stops[index]
        }
        var totals = prunedRun?.totals ?? Totals()
        for (byte, count) in histogram.values { totals.add(byte, count) }
        let doubtful = try ledger.doubts(run: run.number)
        let first = run.parent == nil ? nil : try ledger.family(of: run.number).first
        let repairs = try ledger.repairs(of: first?.number ?? run.number)
        let gone = prunedRun == nil ? try InputGone(run: run, ledger: ledger) : nil
        let groups = try Self.groups(
            run: run, ledger: ledger, totals: totals, names: rows, gone: gone,
            isWhole: isHeld == false && prunedRun == nil)
        self.init(
            run: run, totals: totals, rows: inputs.reduce(0) { $0 + $1.rows }, inputs: inputs,
            attempts: try ledger.attemptCounts(run: run.number),
            groups: groups,
            doubts: Doubts(
                count: doubtful.count, oldest: doubtful.map(\.since).min(),
                newest: doubtful.map(\.since).max(),
                looked: doubtful.count { $0.looked != nil },
                forPerson: doubtful.count { $0.why != nil }),
            rejects: rejects, first: first,
            repairs: repairs.runs.isEmpty && repairs.closed == 0 ? nil : repairs,
            isHeld: isHeld, showData: showData, hasQueue: hasQueue, now: now,
            next: try .after(
                run, totals, isHeld: isHeld, rejects: rejects,
                // Of a pruned run only its kept files tell.
                open: prunedRun == nil
                    ? ledger.open(of: run) : prunedRun?.keepsFolder == true ? nil : 0,
                wasRetried: !repairs.runs.isEmpty && first == nil,
                mayPass: prunedRun != nil
                    ? false : groups.isEmpty ? nil : groups.contains { $0.reason?.mayPassNow ?? true },
                forPerson: doubtful.count { $0.why != nil },
                isImportedLater: gone == nil ? false : run.isImportedLater(ledger)),
            detail: isWhole ? try Detail(run: run, ledger: ledger) : nil, gone: gone,
            outage: run.isOpen ? try ledger.outage(run: run.number) : nil)
        self.filtered = filtered
    }

    private static func count(
        _ byte: StateByte, _ count: Int, in histogram: inout [Int: (StateByte, Int)]
    ) {
        guard count > 0 else { return }
        let slot = Int(byte.state.rawValue) << 8 | Int(byte.detail.rawValue)
        histogram[slot, default: (byte, 0)].1 += count
    }

    private struct GroupKey: Hashable {
        var state: RecordState
        var reason: String
        var serverCode: Int?
        var field: String?
    }

    /// This many different reasons are kept apart; the field of any further one is left out.
    private static let groupLimit = 1000

    private static func groups(
        run: RunRow, ledger: Ledger, totals: Totals, names: [InputRow],
        gone: InputGone?, isWhole: Bool
    ) throws -> [Group] {
        var groups: [GroupKey: Group] = [:]
        var explained: [RecordState: Int] = [:]
        try ledger.troubles(run: run.number) { row in
            let state = row.state.state
            guard row.isCurrent, state != .unsent || gone == nil else { return true }
            explained[state, default: 0] += 1
            let refusal = row.trouble.refusal
            let field = refusal.field.map(withoutIndices)
            var key = GroupKey(
                state: state, reason: refusal.reason.code, serverCode: refusal.serverCode, field: field)
            if groups[key] == nil, groups.count >= groupLimit {
                key.field = nil
                key.serverCode = nil
            }
            let position = row.trouble.position
            let place = Place(
                file: names.first { $0.file == position.file }?.name ?? "", row: position.row,
                line: position.line, offset: position.offset)
            if let group = groups[key], group.furtherPlaces.count < 4 {
                groups[key]?.furtherPlaces.append(place)
            }
            groups[
                key,
                default: Group(
                    state: state, reason: refusal.reason, serverCode: key.serverCode, field: key.field,
                    count: 0,
                    message: refusal.message, key: row.trouble.key,
                    place: place)
            ].count += 1
            return true
        }
        var result = Array(groups.values)
        if let gone, let first = gone.ranges.first {
            result.append(
                Group(
                    state: .unsent, reason: .inputGone, count: totals[.unsent],
                    message: "never sent: " + gone.words, key: "",
                    place: Place(
                        file: first.file, row: first.row, line: first.line, offset: first.start)))
        }
        // What a crash left in doubt has no trouble, and nothing may stay unsaid. While a process is at the
        // run, the counts are of another moment and may differ; of a pruned one, the reasons are gone.
        for state in [RecordState.rejected, .invalid, .parked, .failed, .inDoubt] where isWhole {
            let missing = totals[state] - explained[state, default: 0]
            guard missing > 0 else { continue }
            result.append(
                Group(
                    state: state,
                    reason: state == .inDoubt ? .noAnswer : state == .parked ? .parkedByServer : nil,
                    count: missing,
                    message: state == .inDoubt ? "the process ended before the answer" : "", key: ""))
        }
        return result.sorted {
            ($1.count, $0.state.rawValue, $0.reason?.code ?? "", $0.serverCode ?? 0, $0.field ?? "")
                < (
                    $0.count, $1.state.rawValue, $1.reason?.code ?? "", $1.serverCode ?? 0,
                    $1.field ?? ""
                )
        }
    }

    /// `lineItemsV2[2].qty` and `lineItemsV2[3].qty` are one reason.
    package static func withoutIndices(_ field: String) -> String {
        var result = ""
        var isIndex = false
        for character in field {
            if character == "]" { isIndex = false }
            if !(isIndex && character.isNumber) { result.append(character) }
            if character == "[" { isIndex = true }
        }
        return result
    }
}
