import TestSupport
import Testing

@testable import Engine

@Suite struct FlatMapTests {
    @Test("It holds what a dictionary holds, after any number of changes", arguments: 0..<6)
    func dictionary(seed: UInt64) {
        var random = Seeded(seed)
        var map = FlatMap<Int64>()
        var expected: [UInt64: Int64] = [:]
        for step in 0..<20_000 {
            // Few keys, so that removals often hit; some that fall together.
            let key =
                Bool.random(using: &random)
                ? UInt64.random(in: 0..<300, using: &random)
                : UInt64.random(in: 0..<40, using: &random) << 58
            if Int.random(in: 0..<5, using: &random) < 3 {
                map.set(key, Int64(step))
                expected[key] = Int64(step)
            } else {
                let removed = map.remove(key)
                let value = expected.removeValue(forKey: key)
                #expect(removed == value)
            }
            #expect(map.count == expected.count)
        }
        for key in (0..<UInt64(300)).map({ $0 }) + (0..<UInt64(40)).map({ $0 << 58 }) {
            #expect(map[key] == expected[key])
        }
    }
}
