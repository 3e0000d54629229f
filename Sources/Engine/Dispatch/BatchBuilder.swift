import DequeModule
import Model

/// The records that are free to go, and the next request made of them.
///
/// A request carries one attribution and one group, never two records that a reply could not tell apart, and no
/// more bytes than the endpoint takes. Requests put back whole (to be sent again, or halves of one
/// that was refused) go before others.
struct BatchBuilder {
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

    /// The records of one line.
    private struct Ready {
        let line: Line
        var candidates = Deque<Candidate>()
    }

    private var whole = Deque<[Int64]>()
    /// In the order in which they came to have something to send.
    private var lines = Deque<Ready>()
    /// How many lines were taken from the front so far, and how many had been before each that is there.
    private var passed = 0
    private var places: [Line: Int] = [:]
    private(set) var count = 0
    private var wholeRecords = 0

    /// Records ready to go, those in whole requests included.
    var ready: Int { count + wholeRecords }

    mutating func add(_ candidate: Candidate, attribution: Attribution?) {
        if candidate.alone { return addWhole([candidate.record]) }
        let line = Line(attribution: attribution, group: candidate.group)
        lines[place(of: line)].candidates.append(candidate)
        count += 1
    }

    /// Where a line is; a new one where there is none.
    private mutating func place(of line: Line) -> Int {
        // Mostly the last is meant.
        if let last = lines.last, last.line == line { return lines.count - 1 }
        if let place = places[line] { return place - passed }
        append(Ready(line: line))
        return lines.count - 1
    }

    private mutating func append(_ line: Ready) {
        lines.append(line)
        places[line.line] = passed + lines.count - 1
    }

    private mutating func popLine() -> Ready? {
        guard let line = lines.popFirst() else { return nil }
        passed += 1
        places[line.line] = nil
        return line
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
        for _ in 0..<lines.count {
            // Taken out, so that what is taken from it is not taken from a copy.
            guard var line = popLine() else { continue }
            guard line.candidates.count >= size || partial else {
                append(line)
                continue
            }
            let records = take(from: &line, size: size, bodyLimit: bodyLimit)
            count -= records.count
            if !line.candidates.isEmpty { append(line) }
            if !records.isEmpty { return records }
        }
        return nil
    }

    private mutating func addWholeFirst(_ records: [Int64]) {
        whole.prepend(records)
        wholeRecords += records.count
    }

    private func take(from line: inout Ready, size: Int, bodyLimit: Int) -> [Int64] {
        var taken: [Int64] = []
        taken.reserveCapacity(size)
        var bindings = FlatMap<Bool>()
        var bytes = 2
        while taken.count < size, let candidate = line.candidates.popFirst() {
            let fits = taken.isEmpty || bytes + candidate.bytes + 1 <= bodyLimit
            guard fits, bindings[candidate.binding] == nil else {
                // It begins the next request.
                line.candidates.prepend(candidate)
                break
            }
            bindings.set(candidate.binding, true)
            bytes += candidate.bytes + 1
            taken.append(candidate.record)
        }
        return taken
    }
}
