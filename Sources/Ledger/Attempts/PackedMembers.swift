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
/// After ``MemberPacking/mark``, each is its record number, as the difference to the one before; its identity
/// (16 bytes) and content digest (8 bytes, little endian); and its evidence, as the difference to the one
/// before (``EvidenceDelta``). Bills of one file have most of their evidence in common.
package struct PackedMembers: Sendable {
    /// Their record numbers, in their order.
    package private(set) var records: [Int64] = []
    private(set) var bytes: [UInt8] = []
    private var before: ArraySlice<UInt8> = []

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
        bytes.reserveCapacity(MemberPacking.mark.count + count * 64)
    }

    /// - Parameter evidence: Its bytes, as ``Evidence/bytes`` has them.
    package mutating func append(
        _ record: Int64, _ identity: Identity, _ content: UInt64,
        _ evidence: ArraySlice<UInt8>
    ) {
        if records.isEmpty { bytes.append(contentsOf: MemberPacking.mark) }
        LEB128.append(signed: record &- (records.last ?? 0), to: &bytes)
        MemberPacking.append(identity.high, to: &bytes)
        MemberPacking.append(identity.low, to: &bytes)
        MemberPacking.append(content, to: &bytes)
        before = EvidenceDelta.append(evidence, after: before, to: &bytes)
        records.append(record)
    }

    var members: [Member] { MemberPacking.unpack(bytes) }
}

/// How ``PackedMembers`` are read, those of older ledgers, too.
enum MemberPacking {
    /// What packed members begin with. Those of schema versions below 18 begin with a record number, which is
    /// never negative: little endian, its eighth byte is zero.
    static let mark: [UInt8] = [0x53, 0x4C, 0x4D, 0x42, 0x52, 0x53, 0x00, 0x02]

    /// Bytes that are no members end the list early.
    static func unpack(_ bytes: [UInt8]) -> [Member] {
        guard bytes.starts(with: mark) else { return unpackPlain(bytes) }
        var members: [Member] = []
        eachMember(of: bytes) { record, identity, content, evidence in
            members.append(
                Member(
                    record: record, identity: identity, content: content,
                    evidence: Evidence(stored: evidence)))
            return true
        }
        return members
    }

    /// Whether the evidence of any member has these bytes in it.
    static func holds(_ text: [UInt8], in bytes: [UInt8]) -> Bool {
        guard bytes.starts(with: mark) else { return bytes.holds(text) }
        var isFound = false
        eachMember(of: bytes) { _, _, _, evidence in
            isFound = evidence.holds(text)
            return !isFound
        }
        return isFound
    }

    /// Each member in turn, until `body` says no or the bytes are no member.
    private static func eachMember(
        of bytes: [UInt8], _ body: (Int64, Identity, UInt64, [UInt8]) -> Bool
    ) {
        var at = mark.count
        var record: Int64 = 0
        var reader = EvidenceDelta.Reader()
        while at < bytes.count {
            guard let step = LEB128.signed(bytes, &at), bytes.count - at >= 24 else { return }
            record &+= step
            let identity = Identity(high: integer(bytes, at), low: integer(bytes, at + 8))
            let content = integer(bytes, at + 16)
            at += 24
            guard reader.read(bytes, &at), body(record, identity, content, reader.evidence) else {
                return
            }
        }
    }

    /// Of schema versions below 18: record number, identity and content digest (8 bytes each, little endian),
    /// the length of the evidence (4 bytes) and the evidence.
    private static func unpackPlain(_ bytes: [UInt8]) -> [Member] {
        let fixed = 8 * 4 + 4
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

extension [UInt8] {
    /// Whether these bytes stand in it, one after the other.
    fileprivate func holds(_ text: [UInt8]) -> Bool {
        guard let first = text.first else { return true }
        var at = 0
        while at + text.count <= count {
            if self[at] == first, self[at..<at + text.count].elementsEqual(text) { return true }
            at += 1
        }
        return false
    }
}
