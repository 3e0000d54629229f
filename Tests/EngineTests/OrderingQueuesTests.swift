import TestSupport
import Testing

@testable import Engine

@Suite struct OrderingQueuesTests {
    @Test("Records that share a key go one after the other, others at once")
    func order() {
        var queues = OrderingQueues()
        let answer1 = queues.enter(1, keys: [7, 8])
        #expect(answer1)
        let answer2 = queues.enter(2, keys: [8])
        #expect(!answer2)
        let answer3 = queues.enter(3, keys: [7, 9])
        #expect(!answer3)
        let answer4 = queues.enter(4, keys: [5])
        #expect(answer4)
        let answer5 = queues.enter(5, keys: [9, 8])
        #expect(!answer5)
        #expect(queues.waiting == 3)
        let answer6 = queues.leave(1, keys: [7, 8])
        #expect(answer6 == [3, 2])
        let answer7 = queues.leave(3, keys: [7, 9])
        #expect(answer7 == [])
        let answer8 = queues.leave(2, keys: [8])
        #expect(answer8 == [5])
        #expect(queues.waiting == 0)
    }

    @Test("One that is settled while others are before it leaves no gap")
    func middle() {
        var queues = OrderingQueues()
        for record in 1...4 as ClosedRange<Int64> { _ = queues.enter(record, keys: [7]) }
        let answer9 = queues.leave(3, keys: [7])
        #expect(answer9 == [])
        let answer10 = queues.leave(4, keys: [7])
        #expect(answer10 == [])
        let answer11 = queues.enter(5, keys: [7])
        #expect(!answer11)
        let answer12 = queues.leave(1, keys: [7])
        #expect(answer12 == [2])
        let answer13 = queues.leave(2, keys: [7])
        #expect(answer13 == [5])
        let answer14 = queues.leave(5, keys: [7])
        #expect(answer14 == [])
        let answer15 = queues.enter(6, keys: [7])
        #expect(answer15)
    }

    @Test("No two records of a key are ever free at once, and all get their turn", arguments: 0..<6)
    func all(seed: UInt64) {
        var random = Seeded(seed)
        var queues = OrderingQueues()
        let records = (0..<2000).map { record in
            let count = Int.random(in: 1...3, using: &random)
            return (
                number: Int64(record),
                keys: Array(Set((0..<count).map { _ in UInt64.random(in: 0..<60, using: &random) }))
            )
        }
        var free: [Int64] = []
        var entered = 0
        var done: [Int64] = []
        var last: [UInt64: Int64] = [:]
        while done.count < records.count {
            let enters = entered < records.count && (free.isEmpty || Bool.random(using: &random))
            if enters {
                let record = records[entered]
                if queues.enter(record.number, keys: record.keys) { free.append(record.number) }
                entered += 1
                continue
            }
            let number = free.remove(at: Int.random(in: 0..<free.count, using: &random))
            let keys = records[Int(number)].keys
            for key in keys {
                #expect(last[key] ?? -1 < number, "\(number) went before its turn")
                last[key] = number
            }
            done.append(number)
            free += queues.leave(number, keys: keys)
        }
        #expect(queues.waiting == 0)
    }
}
