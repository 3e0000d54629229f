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

/// Members packed into one blob: an attempt is one row, however many records travel in it.
///
/// Each is its record number, identity and content digest (8 bytes each, little endian), then the
/// length of its evidence (4 bytes) and the evidence.
enum Packing {
    private static let fixed = 8 * 4 + 4

    static func pack(_ members: [Member]) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(members.reduce(0) { $0 + fixed + $1.evidence.bytes.count })
        for member in members {
            append(UInt64(bitPattern: member.record), to: &bytes)
            append(member.identity.high, to: &bytes)
            append(member.identity.low, to: &bytes)
            append(member.content, to: &bytes)
            let length = UInt32(member.evidence.bytes.count)
            for shift in stride(from: 0, to: 32, by: 8) {
                bytes.append(UInt8(truncatingIfNeeded: length >> shift))
            }
            bytes.append(contentsOf: member.evidence.bytes)
        }
        return bytes
    }

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

    static func append(_ value: UInt64, to bytes: inout [UInt8]) {
        for shift in stride(from: 0, to: 64, by: 8) {
            bytes.append(UInt8(truncatingIfNeeded: value >> shift))
        }
    }

    static func integer(_ bytes: [UInt8], _ at: Int) -> UInt64 {
        var value: UInt64 = 0
        for index in 0..<8 { value |= UInt64(bytes[at + index]) << (8 * UInt64(index)) }
        return value
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

        /// The word a person reads.
        package var word: String {
            switch self {
            case .none: ""
            case .repeated: "repeated in the input"
            case .acceptedBefore: "accepted by an earlier run"
            case .onServer: "on the server already"
            case .superseded: "superseded"
            case .proved: "found by read-back"
            case .warned: "with warnings"
            case .decided: "decided by a person"
            }
        }
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
