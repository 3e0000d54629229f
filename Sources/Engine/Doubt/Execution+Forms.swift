import Catalog
import Ledger
import Model

// What a server makes of what it is sent is learnt from records whose answers came: their entries are known by
// id, so a look-up of one shows in which form its fields are shown. Three that agree, and none that does not, make
// a form learnt, by org and endpoint.
//
// Where they come from: every control that a look-up has to find anyway; and, only once a look-up shows a record in
// doubt in another form, up to ``sampleLimit`` accepted records of the scope that would show it too.
extension Execution {
    /// Look-ups made in one execution for learning alone.
    static let sampleLimit = 8

    /// Notes what the entry of an accepted record says.
    func observe(_ found: ReadClient.Found, of control: Control) async throws {
        guard let readBack = plan.endpoint.recovery.readBack, let record = control.record,
            case .done(let entries) = found
        else { return }
        let differences: [Alike.Difference]
        if entries.ids.contains(control.id) {
            differences = []
        } else if let entry = entries.alike.first(where: { $0.id == control.id && !$0.isAnother }) {
            differences = entry.differences
        } else {
            return
        }
        let observed = Rewrite.observations(readBack.fields(control.evidence), differences, org)
        try await ledger.note(
            observed.map { ($0.field, $0.rewrite.code, $0.agrees) }, scope: run.scope, run: record.run,
            record: record.record)
    }

    /// Looks accepted records up that would be shown in the same form, if the server always does that.
    ///
    /// - Returns: Whether more is known than before.
    func learnForms(of entries: [Alike]) async throws -> Bool {
        guard let readBack = plan.endpoint.recovery.readBack else { return false }
        let differences = entries.filter { !$0.isAnother }.flatMap(\.differences)
        let known = try ledger.forms(scope: run.scope)
        let asked = differences.flatMap { difference in
            Rewrite.observations([difference.field], [difference], org).filter(\.agrees)
        }.filter { one in
            !known.contains {
                $0.field == one.field && $0.rewrite == one.rewrite.code
                    && ($0.isLearnt || $0.isContradicted)
            }
        }
        guard !asked.isEmpty, formSamples < Self.sampleLimit else { return false }
        var hasLearnt = false
        for attempt in try ledger.answeredAttempts(scope: run.scope, limit: 200) {
            for (member, result) in zip(attempt.members, attempt.results)
            where result == .answeredAccepted {
                let place = RecordPlace(run: attempt.run, record: member.record)
                guard formSamples < Self.sampleLimit, !isStopping else { return hasLearnt }
                // Shown as it was sent, it would contradict: so it tells.
                let tells = Rewrite.observations(readBack.fields(member.evidence), [], org)
                guard
                    tells.contains(where: { tell in
                        !tell.agrees
                            && asked.contains { $0.field == tell.field && $0.rewrite == tell.rewrite }
                    }), sampled.insert(place).inserted,
                    let id = try ledger.record(run: attempt.run, member.record)?.serverID
                else { continue }
                formSamples += 1
                let control = Control(
                    evidence: member.evidence, id: id, sent: attempt.started, record: place)
                try await observe(
                    await readClient.search(member.evidence, org, by: readBack), of: control)
                hasLearnt = true
            }
        }
        return hasLearnt
    }
}

extension Sighter {
    /// The one entry that shows the record as the server is known to show such, where no other record of the
    /// scope has that form.
    func learnt(_ entries: [Alike], _ evidence: Evidence) throws -> (id: ServerID, how: String)? {
        guard entries.count == 1, let entry = entries.first, !entry.isAnother, let id = entry.id else {
            return nil
        }
        let rows = try ledger.forms(scope: scope).filter(\.isLearnt)
        guard !rows.isEmpty else { return nil }
        for difference in entry.differences {
            let rewrites = rows.filter { $0.field == difference.field.name }
                .compactMap { Rewrite(code: $0.rewrite) }
            guard Rewrite.explain(difference, by: Set(rewrites)) else { return nil }
        }
        let readBack = readBack
        guard try ledger.isAlone(evidence, scope: scope, form: { readBack.form(of: $0) }) else {
            return nil
        }
        return (id, readClient.words(.doubt(.inServersForm(entry.words))))
    }
}
