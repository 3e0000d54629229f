import Foundation
import Records
import Testing

/// More than fits into memory comes out in order, and its bytes with it.
@Suite struct ExternalSorterTests {
    @Test(
        "What is sorted comes out sorted, whether in memory, in a few stretches or in hundreds",
        arguments: [(100, 1 << 20), (5000, 4000), (20_000, 800), (0, 100)])
    func sorts(count: Int, memory: Int) throws {
        let folder = NSTemporaryDirectory() + "sorter-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let sorter = ExternalSorter(at: folder + "/items", memory: memory)
        var random = SystemRandomNumberGenerator()
        var expected: [(UInt64, UInt64, [UInt8])] = []
        for number in 0..<UInt64(count) {
            let a = UInt64.random(in: 0..<50, using: &random)
            let payload = [UInt8](repeating: UInt8(truncatingIfNeeded: number), count: Int(number % 40))
            expected.append((a, number, payload))
            try sorter.add(a, number, payload: payload)
        }
        try sorter.finish()
        expected.sort { ($0.0, $0.1) < ($1.0, $1.1) }
        #expect(sorter.count == count && (sorter.spilled > 0) == (memory < 10_000 && count > 0))
        for _ in 0..<2 {
            let items = try sorter.sorted()
            #expect(try items.peek()?.b == expected.first?.1)
            for item in expected {
                let found = try #require(try items.next())
                #expect(found.a == item.0 && found.b == item.1 && found.payload == item.2)
            }
            #expect(try items.next() == nil)
        }
        sorter.discard()
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder).isEmpty)
    }
}
