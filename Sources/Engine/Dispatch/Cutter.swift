import DequeModule
import Model

/// The records that are free to go, and the next request made of them.
///
/// A request carries one attribution and one group, never two records that a reply could not tell apart, and no
/// more bytes than the endpoint takes. Requests put back whole (to be sent again, or halves of one
/// that was refused) go before others.
struct Cutter {
    /// Who may travel, as far as cutting cares.
    struct Candidate: Equatable {
        var record: Int64
        var binding: UInt64
        /// What all records of a request share.
        var group: UInt64 = 0
        var bytes: Int
        /// It goes in a request of its own.
        var alone: Bool
    }

    /// What a request has one of.
    private struct Line: Hashable {
        var attribution: Attribution?
        var group: UInt64
    }

    private var whole = Deque<[Int64]>()
    private var lines: [Line: Deque<Candidate>] = [:]
    /// The lines in the order in which they came to have something to send.
    private var order = Deque<Line>()
    private(set) var count = 0
    private var wholeRecords = 0

    /// Records ready to go, those in whole requests included.
    var ready: Int { count + wholeRecords }

    mutating func add(_ candidate: Candidate, attribution: Attribution?) {
        if candidate.alone { return addWhole([candidate.record]) }
        let line = Line(attribution: attribution, group: candidate.group)
        if lines[line] == nil {
            lines[line] = []
            order.append(line)
        }
        lines[line]?.append(candidate)
        count += 1
    }

    /// A request put back as it is.
    mutating func addWhole(_ records: [Int64]) {
        whole.append(records)
        wholeRecords += records.count
    }

    /// The next request: a whole one, else up to `size` records of one line.
    ///
    /// - Parameter partial: Whether a request may have fewer than `size` records.
    mutating func next(size: Int, bodyLimit: Int, partial: Bool) -> [Int64]? {
        if let records = whole.popFirst() {
            wholeRecords -= records.count
            // While single records probe, so do these.
            guard records.count > size else { return records }
            addWholeFirst(Array(records[size...]))
            return Array(records[..<size])
        }
        for _ in 0..<order.count {
            // Taken out, so that what is taken from it is not taken from a copy.
            guard let key = order.popFirst(), var line = lines.removeValue(forKey: key) else {
                continue
            }
            let isFull = line.count >= size
            guard isFull || partial else {
                lines[key] = line
                order.append(key)
                continue
            }
            let records = take(from: &line, size: size, bodyLimit: bodyLimit)
            count -= records.count
            if !line.isEmpty {
                lines[key] = line
                order.append(key)
            }
            if !records.isEmpty { return records }
        }
        return nil
    }

    private mutating func addWholeFirst(_ records: [Int64]) {
        whole.prepend(records)
        wholeRecords += records.count
    }

    private func take(from line: inout Deque<Candidate>, size: Int, bodyLimit: Int) -> [Int64] {
        var taken: [Int64] = []
        var bindings = Set<UInt64>()
        var bytes = 2
        while taken.count < size, let candidate = line.popFirst() {
            let fits = taken.isEmpty || bytes + candidate.bytes + 1 <= bodyLimit
            guard fits, bindings.insert(candidate.binding).inserted else {
                // It begins the next request.
                line.prepend(candidate)
                break
            }
            bytes += candidate.bytes + 1
            taken.append(candidate.record)
        }
        return taken
    }
}
