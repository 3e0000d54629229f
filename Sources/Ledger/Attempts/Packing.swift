package import Model

/// A member of an attempt as the ledger keeps it.
package struct Member: Sendable, Equatable {
    package var record: Int64
    package var identity: Identity
    package var content: UInt64
    package var evidence: Evidence

    package init(record: Int64, identity: Identity, content: UInt64, evidence: Evidence) {
        self.record = record
        self.identity = identity
        self.content = content
        self.evidence = evidence
    }
}

/// The members of an attempt, packed into one blob: an attempt is one row, however many records travel in it.
///
/// Each is its record number, identity and content digest (8 bytes each, little endian), then the
/// length of its evidence (4 bytes) and the evidence.
package struct PackedMembers: Sendable {
    /// Their record numbers, in their order.
    package private(set) var records: [Int64] = []
    private(set) var bytes: [UInt8] = []

    package init() {}

    package init(_ members: [Member]) {
        reserve(members.count)
        for member in members {
            append(member.record, member.identity, member.content, member.evidence.bytes[...])
        }
    }

    /// Makes room for as many members.
    package mutating func reserve(_ count: Int) {
        records.reserveCapacity(count)
        bytes.reserveCapacity(count * 128)
    }

    /// - Parameter evidence: Its bytes.
    package mutating func append(
        _ record: Int64, _ identity: Identity, _ content: UInt64,
        _ evidence: ArraySlice<UInt8>
    ) {
        records.append(record)
        Packing.append(UInt64(bitPattern: record), to: &bytes)
        Packing.append(identity.high, to: &bytes)
        Packing.append(identity.low, to: &bytes)
        Packing.append(content, to: &bytes)
        Packing.append(UInt32(evidence.count), to: &bytes)
        bytes.append(contentsOf: evidence)
    }

    var members: [Member] { Packing.unpack(bytes) }
}

/// How ``PackedMembers`` are written and read.
enum Packing {
    private static let fixed = 8 * 4 + 4

    /// Bytes that are no members end the list early.
    static func unpack(_ bytes: [UInt8]) -> [Member] {
        var members: [Member] = []
        var at = 0
        while at + fixed <= bytes.count {
            let record = Int64(bitPattern: integer(bytes, at))
            let identity = Identity(high: integer(bytes, at + 8), low: integer(bytes, at + 16))
            let content = integer(bytes, at + 24)
            var length = 0
            for index in 0..<4 { length |= Int(bytes[at + 32 + index]) << (8 * index) }
            at += fixed
            guard length <= bytes.count - at else { break }
            let evidence = Evidence(stored: Array(bytes[at..<at + length]))
            at += length
            members.append(
                Member(record: record, identity: identity, content: content, evidence: evidence))
        }
        return members
    }

    static func append<Number: FixedWidthInteger & BitwiseCopyable>(
        _ value: Number, to bytes: inout [UInt8]
    ) {
        unsafe withUnsafeBytes(of: value.littleEndian) { unsafe bytes.append(contentsOf: $0) }
    }

    /// The eight bytes from `at` on, which have to be there.
    static func integer(_ bytes: [UInt8], _ at: Int) -> UInt64 {
        precondition(at >= 0 && at + 8 <= bytes.count)
        return unsafe bytes.withUnsafeBytes {
            UInt64(littleEndian: unsafe $0.loadUnaligned(fromByteOffset: at, as: UInt64.self))
        }
    }
}

/// One record's byte in a chunk: its state, and which kind of it.
package struct StateByte: Hashable, Sendable {
    /// Why a record is skipped, or how it came to be accepted.
    package enum Detail: UInt8, Sendable, CaseIterable {
        case none = 0, repeated = 1, acceptedBefore = 2, onServer = 3, superseded = 4
        /// Settled by a read-back.
        case proved = 5
        /// Accepted with warnings.
        case warned = 6
        /// A person said so.
        case decided = 7
    }
    package var state: RecordState
    package var detail: Detail

    package init(_ state: RecordState, _ detail: Detail = .none) {
        self.state = state
        self.detail = detail
    }

    init?(raw: UInt8) {
        guard let state = RecordState(rawValue: raw & 0x0F), let detail = Detail(rawValue: raw >> 4)
        else {
            return nil
        }
        self.init(state, detail)
    }

    var raw: UInt8 { state.rawValue | detail.rawValue << 4 }

    /// Nothing more will happen to it in this run by itself.
    package var isSettled: Bool { state != .unsent && state != .sent && state != .inDoubt }
}
