import Model
import Records
import TestSupport
import Testing

@testable import Mapping

@Suite("Templates")
struct TemplateTests {
    private func texts(_ rows: String, _ template: String, _ conversion: Conversion = Conversion())
        throws -> [String]
    {
        try mapped(
            "a,b\n" + rows, MappingSpec(fields: [FieldRule("v", .template(template, conversion))])
        ).map {
            $0.problems.first?.reason.code ?? String($0.item.dropFirst(5).dropLast())
        }
    }

    @Test("Texts made of columns and counts")
    func made() throws {
        #expect(try texts("1,x\n", "{a}/{b}{{}}") == ["\"1/x{}\""])
        #expect(
            try texts("c1,d1\nc1,d1\nc2,d1\nc1,d1\nc1,d2\n", "{a}-{b}-{#}")
                == ["\"c1-d1-1\"", "\"c1-d1-2\"", "\"c2-d1-1\"", "\"c1-d1-3\"", "\"c1-d2-1\""])
        #expect(try texts("1,x\n1,y\n", "{a}-{#}-{b}") == ["\"1-1-x\"", "\"1-2-y\""])
        #expect(try texts("1,2\n", "{a}{b}", Conversion(.integer)) == ["12"])
        #expect(try texts(" 1 ,2\n", "{a}-{b}", Conversion(trim: true)) == ["\"1-2\""])
    }

    @Test("A text with a hole is no key, unless the job says so")
    func holes() throws {
        #expect(try texts(",x\n1,\n", "{a}-{b}") == ["missing", "missing"])
        #expect(try texts(",x\n", "{a}-{b}", Conversion(empty: .text)) == ["\"-x\""])
        #expect(try texts(",x\n", "{a}-{b}", Conversion(empty: .null)) == ["null"])
        #expect(try texts("9.1E+11,x\n", "{a}-{b}") == ["spreadsheet-damage"])
    }

    @Test("Counting continues from a saved state, and from one input to the next", arguments: 0..<20)
    func resumed(seed: Int) throws {
        var random = Seeded(UInt64(seed))
        var keys = (0..<60).map { _ in Int.random(in: 10...30, using: &random) }
        if seed % 3 == 0 { keys.sort() }
        let spec = MappingSpec(fields: [FieldRule("v", .template("{a}-{#}", Conversion()))])
        let whole = try mapped("a,b\n" + keys.map { "\($0),\n" }.joined(), spec).map(\.item)
        let cut = Int.random(in: 0...60, using: &random)
        func part(_ keys: ArraySlice<Int>, _ mapper: inout Mapper) throws -> [String] {
            let text = "a,b\n" + keys.map { "\($0),\n" }.joined()
            let reader = try RowReader.open(
                bytes: Array(text.utf8), name: "t", options: InputOptions(format: .csv))
            var batch = RecordBatch()
            var items: [String] = []
            try drain(reader, &mapper, &batch, blockRows: 7) { items.append($0.item) }
            return items
        }
        var first = try Mapper(spec: spec, columns: ["a", "b"], attribution: nil)
        #expect(first.remembersRows)
        let before = try part(keys[..<cut], &first)
        var second = try Mapper(spec: spec, columns: ["a", "b"], attribution: nil)
        second.state = first.state
        #expect(second.state.count == first.state.count)
        #expect(first.state(within: 10) == nil)
        #expect(first.state(within: first.state.count) == first.state)
        #expect(try before + part(keys[cut...], &second) == whole, "seed \(seed)")
        try first.start(columns: ["x", "b", "a"].reversed())
        try first.start(columns: ["a", "b"])
        #expect(try before + part(keys[cut...], &first) == whole, "seed \(seed)")
    }

    @Test("What is no state changes nothing")
    func badState() throws {
        let spec = MappingSpec(fields: [FieldRule("v", .template("{a}-{#}", Conversion()))])
        var mapper = try Mapper(spec: spec, columns: ["a"], attribution: nil)
        let state = mapper.state
        for bad: [UInt8] in [
            [], [1], [9, 9, 9], Array(state.dropLast()), state + [0],
            [1, 1] + Array(repeating: 0xFF, count: 60),
        ] {
            mapper.state = bad
            #expect(mapper.state == state)
        }
    }

    @Test(
        "Within its bound a counter is exact; beyond, it says what it does not know", arguments: 0..<30)
    func bounded(seed: Int) throws {
        var random = Seeded(UInt64(seed))
        var keys = (0..<300).map { _ in "k\(Int.random(in: 100...199, using: &random))" }
        if seed % 3 != 0 { keys.sort() }
        if seed % 3 == 2 { keys.append("k100") }
        var bounded = RepeatCounter(limit: 40)
        var counts: [String: Int] = [:]
        var unknown = 0
        for key in keys {
            counts[key, default: 0] += 1
            let bytes = Array(key.utf8)
            if let count = bounded.count(bytes, 0..<bytes.count) {
                #expect(count == counts[key], "seed \(seed)")
            } else {
                unknown += 1
            }
            if Int.random(in: 0..<20, using: &random) == 0 {
                let state = bounded.state
                #expect(bounded.stateSize == state.count)
                var at = 0
                bounded = RepeatCounter(limit: 40)
                #expect(bounded.restore(state, &at))
                #expect(at == state.count)
            }
        }
        // In order nothing is ever unknown; the one that breaks the order is.
        if seed % 3 == 1 { #expect(unknown == 0) }
        if seed % 3 == 2 { #expect(unknown == 1) }
        if seed % 3 == 0 { #expect(unknown > 0) }
    }

    @Test("Many texts in any order are counted right")
    func many() {
        var counter = RepeatCounter()
        var random = Seeded(3)
        var counts: [Int: Int] = [:]
        for _ in 0..<20_000 {
            let key = Int.random(in: 0..<9000, using: &random)
            counts[key, default: 0] += 1
            let bytes = Array(String(key).utf8)
            if counter.count(bytes, 0..<bytes.count) != counts[key] {
                Issue.record("\(key) was counted wrong")
                return
            }
        }
    }
}
