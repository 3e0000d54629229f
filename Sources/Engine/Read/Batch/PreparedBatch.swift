import Catalog
import Ledger
import Model

/// Consecutive records, mapped and checked, with their bytes: arrays that all records share, and a record is an
/// index. Never changes once it is made.
final class PreparedBatch: Sendable {
    /// As it goes to the ledger.
    let stored: NewChunk
    let records: [PreparedRecord]
    /// The items, one after the other.
    let items: [UInt8]
    /// The rows of each record, as in the file.
    let rows: [UInt8]
    /// The last record ends its file so that what is added to the file may belong to it.
    let isOpenEnded: Bool
    private let evidence: [UInt8]
    private let orderKeys: [UInt64]
    /// One after the other, as they change from record to record: mostly one for all.
    private let attributions: [Attribution?]

    init(
        stored: NewChunk, records: [PreparedRecord], items: [UInt8], rows: [UInt8],
        evidence: [UInt8], orderKeys: [UInt64], attributions: [Attribution?], isOpenEnded: Bool = false
    ) {
        self.isOpenEnded = isOpenEnded
        self.stored = stored
        self.records = records
        self.items = items
        self.rows = rows
        self.evidence = evidence
        self.orderKeys = orderKeys
        self.attributions = attributions
    }

    var first: Int64 { stored.first }

    func item(_ index: Int) -> ArraySlice<UInt8> { items[records[index].item] }
    func evidenceBytes(_ index: Int) -> ArraySlice<UInt8> { evidence[records[index].evidence] }
    func evidence(_ index: Int) -> Evidence { Evidence(stored: Array(evidenceBytes(index))) }
    func orderKeys(_ index: Int) -> ArraySlice<UInt64> { orderKeys[records[index].orderKeys] }
    func attribution(_ index: Int) -> Attribution? { attributions[records[index].attribution] }
}

/// One record of a batch: numbers, and where in the batch's arrays the rest is.
struct PreparedRecord: Sendable {
    var position: Position
    /// In ``PreparedBatch/items``; empty where it could not be mapped.
    var item: Range<Int>
    /// In ``PreparedBatch/rows``.
    var row: Range<Int>
    var evidence: Range<Int>
    var orderKeys: Range<Int>
    var attribution: Int
    var content: UInt64
    var binding: UInt64
    var group: UInt64
}

/// A record on its way: where it is, and what it has been through in this run.
struct Ticket: Sendable {
    let batch: PreparedBatch
    let index: Int
    /// As the ledger let it in.
    let identity: Identity
    /// The ledger's mark of then.
    let mark: Int
    /// Attempts that may have reached the server and are not proved to have had no effect.
    var tries = 0
    /// How often a reply did not say which item was its own.
    var unbound = 0
    /// How often no answer came to a request that held it.
    var lost = 0
    /// An earlier attempt of it was in doubt: "exists" then most likely means that one.
    var wasInDoubt = false
    /// A look-up in this execution has not found it on the server.
    var isLooked = false

    var number: Int64 { batch.first + Int64(index) }
    var item: ArraySlice<UInt8> { batch.item(index) }
    var evidence: Evidence { batch.evidence(index) }
    var orderKeys: ArraySlice<UInt64> { batch.orderKeys(index) }
    var attribution: Attribution? { batch.attribution(index) }
    var content: UInt64 { batch.records[index].content }
    /// What is added to its file may belong to it.
    var isOpenEnded: Bool { batch.isOpenEnded && index == batch.records.count - 1 }
    var position: Position { batch.records[index].position }

    func trouble(_ refusal: Refusal, stage: String, key: String) -> Candidate.Trouble {
        let record = batch.records[index]
        return Candidate.Trouble(
            refusal: refusal, stage: stage, key: key, position: record.position,
            stored: Array(batch.rows[record.row]))
    }
}
