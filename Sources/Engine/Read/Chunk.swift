import Catalog
import Ledger
import Model

/// Consecutive records, mapped and checked, with their bytes. Never changes once it is made.
final class Chunk: Sendable {
    /// As it goes to the ledger.
    let stored: NewChunk
    let records: [ChunkRecord]
    /// The items, one after the other.
    let items: [UInt8]
    /// The rows of each record, as in the file.
    let rows: [UInt8]
    /// The last record ends its file so that what is added to the file may belong to it.
    let isOpenEnded: Bool

    init(
        stored: NewChunk, records: [ChunkRecord], items: [UInt8], rows: [UInt8],
        isOpenEnded: Bool = false
    ) {
        self.stored = stored
        self.records = records
        self.items = items
        self.rows = rows
        self.isOpenEnded = isOpenEnded
    }

    var first: Int64 { stored.first }
}

/// One record of a chunk.
struct ChunkRecord: Sendable {
    var position: Position
    /// In ``Chunk/items``; empty where it could not be mapped.
    var item: Range<Int>
    /// In ``Chunk/rows``.
    var row: Range<Int>
    var content: UInt64
    var binding: UInt64
    var group: UInt64
    var orderKeys: [UInt64]
    var evidence: Evidence
    var attribution: Attribution?
}

/// A record on its way: where it is, and what it has been through in this run.
struct Ticket: Sendable {
    let chunk: Chunk
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

    var number: Int64 { chunk.first + Int64(index) }
    var record: ChunkRecord { chunk.records[index] }
    var item: ArraySlice<UInt8> { chunk.items[record.item] }
    /// What is added to its file may belong to it.
    var isOpenEnded: Bool { chunk.isOpenEnded && index == chunk.records.count - 1 }

    var member: Member {
        Member(record: number, identity: identity, content: record.content, evidence: record.evidence)
    }

    func trouble(_ refusal: Refusal, stage: String, key: String) -> Candidate.Trouble {
        Candidate.Trouble(
            refusal: refusal, stage: stage, key: key, position: record.position,
            stored: Array(chunk.rows[record.row]))
    }
}
