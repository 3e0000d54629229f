package import Model

/// A range of consecutive records with its place in the input, as it is first stored.
package struct NewChunk: Sendable {
    package var first: Int64
    /// It is in the ledger since an earlier execution.
    package var isStored: Bool
    package var file: Int
    /// Where its first row is, and where the rest of the file begins.
    package var row: Int
    package var line: Int
    package var start: Int
    package var stop: Int
    package var nextRow: Int
    package var nextLine: Int
    /// How many of its bytes lie in rows, in blank lines, in unreadable spans.
    package var rowBytes: Int
    package var blankBytes: Int
    package var unreadableBytes: Int
    package var rows: Int
    /// Rows among its bytes that the job leaves out.
    package var filtered = FilteredRows()
    /// What the mapping has to know to continue after it; nil where it cannot continue from here.
    package var mapper: [UInt8]?
    package var candidates: [Candidate]

    package init(
        first: Int64, isStored: Bool, file: Int, row: Int, line: Int, start: Int, stop: Int,
        nextRow: Int, nextLine: Int,
        rowBytes: Int, blankBytes: Int, unreadableBytes: Int, rows: Int, mapper: [UInt8]?,
        candidates: [Candidate]
    ) {
        self.first = first
        self.isStored = isStored
        self.file = file
        self.row = row
        self.line = line
        self.start = start
        self.stop = stop
        self.nextRow = nextRow
        self.nextLine = nextLine
        self.rowBytes = rowBytes
        self.blankBytes = blankBytes
        self.unreadableBytes = unreadableBytes
        self.rows = rows
        self.mapper = mapper
        self.candidates = candidates
    }
}

/// One record that asks to be let in.
package struct Candidate: Sendable {
    package var record: Int64
    package var identity: Identity
    package var content: UInt64
    /// What a repeat in this input means for it; nil: it is for a person to say.
    package var repeats: Repeats?
    /// Of a record that sets values: what becomes of it where the last accepted one set the same. Nil: it
    /// adds.
    package var sets: Unchanged?
    /// What is wrong with it already: then it is invalid, and its identity is nobody's.
    package var trouble: Trouble? {
        get { box?.trouble }
        set { box = newValue.map(TroubleBox.init) }
    }
    /// Few have one.
    private var box: TroubleBox?
    /// The records that it says it repairs: several where rows that were records of their own are one now.
    package var repairs: [RecordID]
    /// By which it is known again although it was refused before it was sent; nil where nothing is.
    package var label: UInt64?

    /// A record that will not be sent as it is, with what a person needs to fix it.
    package struct Trouble: Sendable, Equatable {
        package var refusal: Refusal
        package var stage: String
        package var key: String
        package var position: Position
        package var stored: [UInt8]

        package init(refusal: Refusal, stage: String, key: String, position: Position, stored: [UInt8])
        {
            self.refusal = refusal
            self.stage = stage
            self.key = key
            self.position = position
            self.stored = stored
        }
    }

    private final class TroubleBox: Sendable {
        let trouble: Trouble
        init(_ trouble: Trouble) { self.trouble = trouble }
    }

    /// There is nothing to say of it but its identity.
    var isPlain: Bool { box == nil && repairs.isEmpty && label == nil }

    package init(
        record: Int64, identity: Identity, content: UInt64, repeats: Repeats?, sets: Unchanged? = nil,
        trouble: Trouble? = nil, repairs: [RecordID] = [], label: UInt64? = nil
    ) {
        self.label = label
        self.repairs = repairs
        self.sets = sets
        self.record = record
        self.identity = identity
        self.content = content
        self.repeats = repeats
        box = trouble.map(TroubleBox.init)
    }
}

/// What becomes of the candidates of a chunk, in their order. Nearly always each may go, and then nothing is
/// stored of any.
package struct Admissions: Sendable, RandomAccessCollection {
    private let candidates: [Candidate]
    private let each: [Admission]?

    /// - Parameter each: Nil: each may go, under its own identity.
    init(_ candidates: [Candidate], _ each: [Admission]? = nil) {
        precondition(each == nil || each?.count == candidates.count)
        self.candidates = candidates
        self.each = each
    }

    /// Each may go, under its own identity.
    package var areAllFresh: Bool { each == nil }
    package var startIndex: Int { 0 }
    package var endIndex: Int { candidates.count }
    package subscript(index: Int) -> Admission { each?[index] ?? .go(candidates[index].identity) }
}

/// What becomes of a candidate.
package enum Admission: Sendable, Equatable {
    /// It may be sent, under this identity.
    case go(Identity)
    case skipped(StateByte.Detail)
    /// Refused: the same key was earlier. The other record is named.
    indirect case invalid(Objection, other: Other?)
    /// Another run's record of that key is on its way: this one stays unsent.
    indirect case waits(Objection, other: Other?)
    case parked(Objection)
    /// It was settled before (on a resume).
    case settled(StateByte)
    /// Nobody knows of it (on a resume). The identity is the one it was sent under.
    case inDoubt(Identity)
    /// It had trouble from the start.
    case refused

    /// What is against it. Its sentence is in Reports, `Admission+Text.swift`.
    package enum Objection: Sendable, Equatable {
        /// An earlier record of this input has its key: with other content, with the same.
        case conflictHere, repeatHere
        /// An earlier run imported its key with other content.
        case conflictBefore
        /// Some of its rows were imported before, and others were not.
        case partlyImported
        /// Another record says that it repairs the same one.
        case repeatedMark
        /// An earlier run's record of its key is in the server's queue, with the same content.
        case parkedBefore
        /// Another run's record of its key is not settled.
        case ownerInFlight, ownerInDoubt, ownerParked
        /// The record that it repairs is not settled.
        case repairedInFlight

        package var reason: Reason {
            switch self {
            case .conflictHere, .conflictBefore, .partlyImported: .conflictingKey
            case .repeatHere: .repeatedKey
            case .repeatedMark: .repeatedMark
            case .parkedBefore: .parkedByServer
            case .ownerInFlight, .ownerInDoubt, .ownerParked, .repairedInFlight: .reserved
            }
        }
    }

    /// The record that is against it.
    package struct Other: Sendable, Equatable {
        package var run: Int64
        package var record: Int64

        package init(run: Int64, record: Int64) {
            self.run = run
            self.record = record
        }
    }
}
