import Model
import TestSupport
import Testing

@testable import Ledger

/// What an attempt keeps of its members comes back as it was, in fewer bytes.
@Suite struct PackedMembersTests {
    private static func bill(_ number: Int) -> Member {
        Member(
            record: Int64(number), identity: Identity(high: 7, low: UInt64(number)),
            content: UInt64(number) &* 0x9E37_79B9_7F4A_7C15,
            evidence: Evidence([
                "B-00000000\(number)", "REGULAR", "", "mobile", "4470\(90_000_000 + number * 7919)",
                "INSTORE", "", "\(1_739_067_476_000 + number * 61_000)", "330", "\(number).45",
            ]))
    }

    private static func packed(_ members: [Member]) -> [UInt8] { PackedMembers(members).bytes }

    @Test("Bills of a file take less than half of what their parts are long")
    func small() {
        let members = (1000..<1100).map(Self.bill)
        let packed = PackedMembers(members)
        #expect(packed.members == members)
        #expect(packed.records == members.map(\.record))
        let plain = members.reduce(0) { $0 + 36 + $1.evidence.bytes.count }
        #expect(packed.bytes.count * 2 < plain, "\(packed.bytes.count) of \(plain)")
    }

    @Test("Whatever the evidence is, it comes back byte for byte")
    func anything() {
        var random = Seeded(18)
        let texts = [
            "", "7", "-7.50", "B-1", "B-12", "B-1x", "Ünal", "2026-02-03T10:00:00+05:30Z",
            String(repeating: "a", count: 63), String(repeating: "a", count: 64),
            String(repeating: "a", count: 127), String(repeating: "a", count: 128) + "7",
            String(repeating: "0123456789", count: 30),
        ]
        for _ in 0..<80 {
            let members = (0..<Int.random(in: 0...12, using: &random)).map { _ in
                let fields = (0..<Int.random(in: 0...40, using: &random)).map { _ in
                    texts.randomElement(using: &random) ?? ""
                }
                // Bytes that are no fields are kept as well.
                let noise = (0..<Int.random(in: 0...20, using: &random)).map { _ in
                    UInt8.random(in: 0...255, using: &random)
                }
                return Member(
                    record: Int64.random(in: 0...Int64.max, using: &random),
                    identity: Identity(
                        high: .random(in: 0...UInt64.max, using: &random),
                        low: .random(in: 0...UInt64.max, using: &random)),
                    content: .random(in: 0...UInt64.max, using: &random),
                    evidence: Bool.random(using: &random)
                        ? Evidence(fields) : Evidence(stored: noise))
            }
            #expect(PackedMembers(members).members == members)
        }
        #expect(PackedMembers([]).members == [])
        // More equal fields than one byte counts.
        let long = (0..<3).map {
            Member(
                record: $0, identity: Identity(high: 0, low: 0), content: 0,
                evidence: Evidence(Array(repeating: "x", count: 300) + ["\($0)"]))
        }
        #expect(PackedMembers(long).members == long)
    }

    @Test("A key is found in the evidence of any member, and nothing else is")
    func search() {
        let packed = Self.packed((1000..<1040).map(Self.bill))
        for number in 1000..<1040 {
            #expect(MemberPacking.holds(Array("B-00000000\(number)".utf8), in: packed))
        }
        #expect(!MemberPacking.holds(Array("B-000000001040".utf8), in: packed))
        #expect(!MemberPacking.holds(Array("B-1".utf8), in: []))
    }

    @Test("What a ledger of a version below 18 holds is read as it was written")
    func older() {
        let members = (1...3).map(Self.bill)
        var bytes: [UInt8] = []
        for member in members {
            MemberPacking.append(UInt64(bitPattern: member.record), to: &bytes)
            MemberPacking.append(member.identity.high, to: &bytes)
            MemberPacking.append(member.identity.low, to: &bytes)
            MemberPacking.append(member.content, to: &bytes)
            MemberPacking.append(UInt32(member.evidence.bytes.count), to: &bytes)
            bytes += member.evidence.bytes
        }
        #expect(MemberPacking.unpack(bytes) == members)
        #expect(MemberPacking.holds(Array("B-000000002".utf8), in: bytes))
        #expect(!MemberPacking.holds(Array("B-000000004".utf8), in: bytes))
    }

    @Test("Damaged bytes give what is before the damage, and never more members than were packed")
    func damaged() {
        let members = (0..<12).map(Self.bill)
        let packed = Self.packed(members)
        #expect(MemberPacking.unpack(packed) == members)
        for count in 0..<packed.count {
            let read = MemberPacking.unpack(Array(packed[..<count]))
            #expect(read.elementsEqual(members.prefix(read.count)), "cut at \(count)")
        }
        var random = Seeded(4)
        for _ in 0..<600 {
            var bytes = packed
            let at = Int.random(in: 0..<bytes.count, using: &random)
            bytes[at] = UInt8.random(in: 0...255, using: &random)
            #expect(MemberPacking.unpack(bytes).count <= packed.count / 25)
        }
    }
}
