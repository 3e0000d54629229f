/// What faults make of a bulk reply's items and their order.
struct Shape {
    enum Label { case right, none, wrong }

    private var short: Trouble?
    private var extra: Trouble?
    private var shuffled: Trouble?
    private var unlabelled: Trouble?
    private var wrongKey: Trouble?
    private var failed: Trouble?
    private(set) var leavesOutResult = false

    init(_ troubles: [Trouble]) {
        for trouble in troubles {
            switch trouble.fault.kind {
            case .short: short = trouble
            case .extra: extra = trouble
            case .shuffled: shuffled = trouble
            case .unlabelled: unlabelled = trouble
            case .wrongKey: wrongKey = trouble
            case .failedID: failed = trouble
            case .noResult: leavesOutResult = true
            default: break
            }
        }
    }

    var mixesItems: Bool { short != nil || extra != nil || shuffled != nil }

    /// How the item at that position is labelled. `size` of the fault says how many lose their
    /// label, from a place by chance on; one where nothing is said.
    func label(at position: Int, of count: Int) -> Label {
        if let unlabelled, unlabelled.hits(position, of: count) { return .none }
        if let wrongKey, wrongKey.hits(position, of: count) { return .wrong }
        return .right
    }

    func failedID(at position: Int) -> Fault.FailedID {
        guard let failed else { return .null }
        let all = Fault.FailedID.allCases
        return failed.fault.failedID ?? all[failed.pick(all.count, salt: UInt64(position))]
    }

    /// The reply's beginning with its items left out, added and shuffled, without a last comma.
    func mixed(_ out: [UInt8], _ written: [Range<Int>], stranger: (Int) -> String) -> [UInt8] {
        var order = Array(written.indices)
        if let short {
            let first = short.pick(order.count)
            let lost = min(order.count, short.fault.size ?? 1)
            let gone = Set((0..<lost).map { (first + $0) % order.count })
            order.removeAll { gone.contains($0) }
        }
        if let shuffled, order.count > 1 {
            for index in stride(from: order.count - 1, to: 0, by: -1) {
                order.swapAt(index, shuffled.pick(index + 1, salt: UInt64(index)))
            }
            if order == order.sorted() { order.append(order.removeFirst()) }
        }
        var result = Array(out[..<(written.first?.lowerBound ?? out.count)])
        for index in order {
            result.append(contentsOf: out[written[index]])
            result.append(UInt8(ascii: ","))
        }
        for index in 0..<(extra.map { $0.fault.size ?? 1 } ?? 0) {
            result.add(text: stranger(index))
            result.append(UInt8(ascii: ","))
        }
        if result.last == UInt8(ascii: ",") { result.removeLast() }
        return result
    }
}

extension Trouble {
    /// Whether it meets the item at that position.
    fileprivate func hits(_ position: Int, of count: Int) -> Bool {
        let first = pick(max(1, count))
        return (position - first + count) % max(1, count) < (fault.size ?? 1)
    }
}
