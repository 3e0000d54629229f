import Model
import Testing

@testable import Engine

@Suite struct BatchBuilderTests {
    private static func candidate(
        _ record: Int64, binding: UInt64? = nil, group: UInt64 = 0, bytes: Int = 10,
        alone: Bool = false
    ) -> BatchBuilder.Candidate {
        BatchBuilder.Candidate(
            record: record, binding: binding ?? UInt64(record), group: group, bytes: bytes,
            alone: alone)
    }

    @Test("A request is full, or nothing can fill it")
    func size() {
        var builder = BatchBuilder()
        for record in 0..<5 as Range<Int64> {
            builder.add(Self.candidate(record), attribution: nil)
        }
        let request1 = builder.next(size: 3, bodyLimit: 1000, partial: false)
        #expect(request1 == [0, 1, 2])
        let request2 = builder.next(size: 3, bodyLimit: 1000, partial: false)
        #expect(request2 == nil)
        let request3 = builder.next(size: 3, bodyLimit: 1000, partial: true)
        #expect(request3 == [3, 4])
        #expect(builder.ready == 0)
    }

    @Test("One attribution and one group a request, no equal bindings, no more bytes than it may have")
    func limits() {
        let store = Attribution(kind: .till, code: "t1")
        var builder = BatchBuilder()
        builder.add(Self.candidate(0), attribution: nil)
        builder.add(Self.candidate(1), attribution: store)
        builder.add(Self.candidate(2, group: 4), attribution: nil)
        builder.add(Self.candidate(3), attribution: nil)
        var requests: [[Int64]] = []
        while let request = builder.next(size: 10, bodyLimit: 1000, partial: true) {
            requests.append(request)
        }
        #expect(requests == [[0, 3], [1], [2]])
        for record in 0..<3 as Range<Int64> {
            builder.add(Self.candidate(record, binding: record == 2 ? 0 : nil), attribution: nil)
        }
        let request6 = builder.next(size: 10, bodyLimit: 1000, partial: true)
        #expect(request6 == [0, 1])
        let request7 = builder.next(size: 10, bodyLimit: 1000, partial: true)
        #expect(request7 == [2])
        for record in 0..<3 as Range<Int64> {
            builder.add(Self.candidate(record, bytes: 40), attribution: nil)
        }
        let request8 = builder.next(size: 10, bodyLimit: 90, partial: true)
        #expect(request8 == [0, 1])
        let request9 = builder.next(size: 10, bodyLimit: 90, partial: true)
        #expect(request9 == [2])
    }

    @Test("A request that was put back goes before others, and in parts where single records go")
    func whole() {
        var builder = BatchBuilder()
        builder.add(Self.candidate(9), attribution: nil)
        builder.addWhole([1, 2, 3])
        #expect(builder.ready == 4)
        let request10 = builder.next(size: 1, bodyLimit: 1000, partial: true)
        #expect(request10 == [1])
        let request11 = builder.next(size: 10, bodyLimit: 1000, partial: true)
        #expect(request11 == [2, 3])
        let request12 = builder.next(size: 10, bodyLimit: 1000, partial: true)
        #expect(request12 == [9])
    }
}
