import Model
import TestSupport
import Testing

@testable import Ledger

@Suite struct KeyShapeTests {
    @Test("Up to 100 million keys, few segments stand and each key is written a few times")
    func growth() {
        let shape = KeyShape(memoryBudget: 32 << 20)
        // Newest first, with the filter's bytes.
        var segments: [(entries: Int, filter: Int)] = []
        var total = 0
        var written = 0
        var most = (segments: 0, filters: 0)
        func add(_ entries: Int, replacing count: Int) {
            let width = shape.filterWidth(entries: entries, total: total)
            segments.replaceSubrange(0..<count, with: [(entries, KeyShape.pages(entries) * width)])
            written += entries
        }
        while total < 100_000_000 {
            total += shape.tableEntries
            add(shape.tableEntries, replacing: 0)
            most.segments = max(most.segments, segments.count)
            let count = shape.merge(segments.map(\.entries))
            if count > 0 { add(segments[..<count].reduce(0) { $0 + $1.entries }, replacing: count) }
            most.filters = max(most.filters, segments.reduce(0) { $0 + $1.filter })
        }
        #expect(most.segments <= 12)
        #expect(written < 8 * total)
        #expect(most.filters <= 32 << 20)
    }

    @Test(
        "Merges the newest that are alike, and what is not much larger",
        arguments: [
            ([], 0), ([10], 0), ([10, 10], 0), ([10, 10, 10], 3), ([10, 10, 10, 91], 3),
            ([10, 10, 10, 90], 4), ([10, 31, 10], 0), ([10, 30, 120, 481], 3),
        ])
    func merges(sizes: [Int], count: Int) {
        var shape = KeyShape(memoryBudget: 1 << 20)
        shape.mergeWidth = 3
        #expect(shape.merge(sizes) == count)
    }

    @Test(
        "Every number lies in the span of its page and of no other",
        arguments: [1, 2, 3, 108, 1_000_003])
    func spans(buckets: Int) {
        var random = Seeded(5)
        for _ in 0..<500 {
            let high = random.next()
            let bucket = KeySegment.bucket(high, of: buckets)
            #expect(KeySegment.span(bucket..<bucket + 1, of: buckets).contains(high))
        }
        for bucket in Set([0, buckets / 2, buckets - 1]) {
            let span = KeySegment.span(bucket..<bucket + 1, of: buckets)
            #expect(KeySegment.bucket(span.lowerBound, of: buckets) == bucket)
            #expect(KeySegment.bucket(span.upperBound, of: buckets) == bucket)
            if span.upperBound < .max {
                #expect(KeySegment.bucket(span.upperBound + 1, of: buckets) == bucket + 1)
            }
        }
        #expect(KeySegment.span(0..<buckets, of: buckets) == 0...(.max))
    }

    @Test("Of equal identities a merge keeps the newest")
    func merge() {
        func list(_ numbers: [UInt64], content: UInt64) -> [PackedKey] {
            numbers.map {
                PackedKey(
                    KeyEntry(
                        identity: .init(high: $0 / 4, low: $0 % 4), content: content, run: 1, record: 0)
                )
            }
        }
        let merged = KeySet.merge([
            list([3, 5, 9], content: 2), list([], content: 9), list([0, 3, 4, 9, 11], content: 1),
            list([3, 4, 12], content: 0),
        ])
        #expect(merged.map { $0.high * 4 + $0.low } == [0, 3, 4, 5, 9, 11, 12])
        #expect(merged.map(\.content) == [1, 2, 1, 2, 2, 1, 0])
        #expect(KeySet.merge([]).isEmpty)
    }
}
