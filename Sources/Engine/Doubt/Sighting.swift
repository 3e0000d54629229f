import Catalog
import Ledger
import Model

/// What a look-up says of one record: found, absent or unclear.
///
/// The one type that every part decides by: settling doubts, comparing what exists, first looks at an org, the
/// server's queue.
enum Sighting: Sendable {
    /// An entry that agrees in everything compared, and is no other record's.
    case found(ServerID, how: String?)
    /// A well-formed reply about what was asked, with nothing of it under it. In words, what else is there.
    case absent(others: [String])
    /// Never evidence of absence.
    case unclear(Unclear)
    /// These credentials may not look.
    case refused(Refusal)
    /// No slot available: the run has to stop.
    case noSlot(SlotError)

    struct Unclear: Sendable {
        /// Entries that may be the record in another form; none: the reply says nothing either way.
        var entries: [Alike] = []
        var refusal: Refusal

        init(_ refusal: Refusal) { self.refusal = refusal }

        init(_ entries: [Alike], _ words: EngineWords) {
            self.entries = entries
            let shown = entries.prefix(3).map(\.words)
            let note = EngineNote.Doubt.forms(shown, more: entries.count - shown.count)
            refusal = Refusal(.unboundAnswer, message: words(.doubt(note)))
        }

        /// A form of the record may be there: asking again changes nothing.
        var isForm: Bool { entries.contains { !$0.isAnother } }
    }
}

/// Looks records of one run up, and judges what is shown by what the ledger knows of other records.
struct Sighter: Sendable {
    let readClient: ReadClient
    let ledger: Ledger
    let org: OrgSettings
    let readBack: ReadBack
    let scope: Int64
    let run: Int64

    /// - Parameter isThorough: Asks for the forms under which a server may have filed the record as well, at
    ///   most eight: before a miss is taken for proof.
    func sight(_ evidence: Evidence, record: Int64, isThorough: Bool = false) async throws -> Sighting {
        let found = await readClient.search(evidence, org, by: readBack)
        let sighting = try judge(found, evidence, record)
        guard isThorough, case .absent(let others) = sighting else { return sighting }
        for step in readBack.variants(evidence, org) {
            switch try judge(await readClient.search(step), evidence, record) {
            case .absent: continue
            case .unclear(let unclear) where unclear.entries.allSatisfy(\.isAnother):
                // Whoever has that form for its own number is nobody's twin.
                if unclear.entries.isEmpty { return .unclear(unclear) }
            case let sighting: return sighting
            }
        }
        return .absent(others: others)
    }

    private func judge(_ found: ReadClient.Found, _ evidence: Evidence, _ record: Int64) throws
        -> Sighting
    {
        switch found {
        case .unclear(let refusal): return .unclear(Sighting.Unclear(refusal))
        case .refused(let refusal): return .refused(refusal)
        case .noSlot(let error): return .noSlot(error)
        case .done(let entries):
            let (ids, others, alike) = (entries.ids, entries.others, entries.alike)
            let shown = Set((ids + alike.compactMap(\.id)).map(\.text))
            let claimed = try ledger.claimed(shown, scope: scope, run: run, record: record)
            if let id = ids.first(where: { !claimed.contains($0.text) }) {
                return .found(id, how: nil)
            }
            let entries = alike.filter { $0.id.map { !claimed.contains($0.text) } ?? true }
            if let known = try learnt(entries, evidence) { return .found(known.id, how: known.how) }
            if !entries.isEmpty {
                return .unclear(Sighting.Unclear(entries, readClient.environment.words))
            }
            let owned =
                ids.isEmpty ? [] : [readClient.words(.doubt(.othersRecord(ids: ids.map(\.text))))]
            return .absent(others: others + owned)
        }
    }
}

extension Execution {
    /// Nil where nothing can be looked up.
    var sighter: Sighter? {
        plan.endpoint.recovery.readBack.map {
            Sighter(
                readClient: readClient, ledger: ledger, org: org, readBack: $0, scope: run.scope,
                run: run.number)
        }
    }
}
