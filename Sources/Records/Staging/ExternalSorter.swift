/// Sorts more than fits into memory: in stretches that are sorted and written to disk, then merged.
///
/// What is sorted has three numbers to sort by and bytes that travel with them. As long as it fits into
/// `memory`, nothing is written.
///
/// - Complexity: Memory is `memory` bytes and, while merging, some 16 MB, however much is sorted.
package final class ExternalSorter {
    package struct Item: Sendable, Equatable {
        package var a: UInt64
        package var b: UInt64
        package var c: UInt64
        package var payload: [UInt8]
    }

    fileprivate struct Entry {
        var a: UInt64
        var b: UInt64
        var c: UInt64
        var start: Int
        var count: Int

        static func isBefore(_ x: Entry, _ y: Entry) -> Bool {
            if x.a != y.a { return x.a < y.a }
            if x.b != y.b { return x.b < y.b }
            return x.c < y.c
        }
    }

    /// This many stretches are merged at once.
    private static let mergeWidth = 256

    private let path: String
    private let memory: Int
    fileprivate private(set) var entries: [Entry] = []
    fileprivate private(set) var payload: [UInt8] = []
    fileprivate private(set) var file: SpillFile?
    fileprivate private(set) var stretches: [Range<Int>] = []
    private var isFinished = false
    /// How many items were added.
    package private(set) var count = 0

    /// - Parameter path: Of the file that is made where memory does not suffice; it goes with ``discard()``.
    package init(at path: String, memory: Int = 8 << 20) {
        self.path = path
        self.memory = memory
    }

    /// Bytes on disk.
    package var spilled: Int { file?.size ?? 0 }

    package func add(
        _ a: UInt64, _ b: UInt64 = 0, _ c: UInt64 = 0, payload bytes: [UInt8] = []
    ) throws(ReadError) {
        precondition(!isFinished)
        entries.append(Entry(a: a, b: b, c: c, start: payload.count, count: bytes.count))
        payload.append(contentsOf: bytes)
        count += 1
        if entries.count * MemoryLayout<Entry>.stride + payload.count >= memory { try spill() }
    }

    /// No more is added: from here on it is read, as often as needed.
    package func finish() throws(ReadError) {
        guard !isFinished else { return }
        isFinished = true
        guard file != nil else { return entries.sort(by: Entry.isBefore) }
        try spill()
        entries = []
        payload = []
        while stretches.count > Self.mergeWidth { try mergeSome() }
        try file?.flush()
    }

    /// All items in their order, each time from the first.
    package func sorted() throws(ReadError) -> SortedItems {
        precondition(isFinished)
        return try SortedItems(self, stretches)
    }

    /// Removes what is on disk.
    package func discard() {
        file?.remove()
        file = nil
        stretches = []
        entries = []
        payload = []
    }

    private func spill() throws(ReadError) {
        guard !entries.isEmpty else { return }
        entries.sort(by: Entry.isBefore)
        try write { [entries, payload] each throws(ReadError) in
            for entry in entries {
                try each(
                    entry.a, entry.b, entry.c, payload[entry.start..<entry.start + entry.count])
            }
        }
        entries.removeAll(keepingCapacity: true)
        payload.removeAll(keepingCapacity: true)
    }

    /// The first stretches become one, after the others.
    private func mergeSome() throws(ReadError) {
        try file?.flush()
        let items = try SortedItems(self, Array(stretches[..<Self.mergeWidth]))
        stretches.removeFirst(Self.mergeWidth)
        try write { each throws(ReadError) in
            while let item = try items.next() { try each(item.a, item.b, item.c, item.payload[...]) }
        }
    }

    private func write(
        _ body: (
            (UInt64, UInt64, UInt64, ArraySlice<UInt8>) throws(ReadError) -> Void
        ) throws(ReadError) -> Void
    ) throws(ReadError) {
        let out: SpillFile
        if let file {
            out = file
        } else {
            out = try SpillFile(creating: path)
            file = out
        }
        let start = out.size
        var bytes: [UInt8] = []
        try body { (a, b, c, payload) throws(ReadError) in
            bytes.removeAll(keepingCapacity: true)
            for number in [a, b, c, UInt64(payload.count)] { Self.append(number, to: &bytes) }
            bytes.append(contentsOf: payload)
            try out.append(bytes)
        }
        stretches.append(start..<out.size)
    }

    private static func append(_ number: UInt64, to bytes: inout [UInt8]) {
        for shift in stride(from: UInt64(0), to: 64, by: 8) {
            bytes.append(UInt8(truncatingIfNeeded: number >> shift))
        }
    }
}

/// What was sorted, item by item.
package final class SortedItems {
    /// One stretch, read ahead.
    private struct Cursor {
        var range: Range<Int>
        var buffer: [UInt8] = []
        var at = 0
        var head: ExternalSorter.Item?
    }

    private let sorter: ExternalSorter
    private let bufferSize: Int
    private var cursors: [Cursor] = []
    /// Of the cursors that have an item, the one with the least first.
    private var heap: [Int] = []
    /// Without stretches: how many entries were handed out.
    private var handed = 0
    private let isInMemory: Bool
    private var peeked: ExternalSorter.Item?

    fileprivate init(_ sorter: ExternalSorter, _ stretches: [Range<Int>]) throws(ReadError) {
        self.sorter = sorter
        isInMemory = stretches.isEmpty
        bufferSize = max(4096, min(1 << 17, (8 << 20) / max(1, stretches.count)))
        cursors = stretches.map { Cursor(range: $0) }
        for index in cursors.indices {
            try advance(index)
            if cursors[index].head != nil { heap.append(index) }
        }
        for index in heap.indices.reversed() { sink(index) }
    }

    /// The next item, which stays the next one.
    package func peek() throws(ReadError) -> ExternalSorter.Item? {
        if peeked == nil { peeked = try take() }
        return peeked
    }

    package func next() throws(ReadError) -> ExternalSorter.Item? {
        if let item = peeked {
            peeked = nil
            return item
        }
        return try take()
    }

    private func take() throws(ReadError) -> ExternalSorter.Item? {
        if isInMemory {
            guard handed < sorter.entries.count else { return nil }
            let entry = sorter.entries[handed]
            handed += 1
            return ExternalSorter.Item(
                a: entry.a, b: entry.b, c: entry.c,
                payload: Array(sorter.payload[entry.start..<entry.start + entry.count]))
        }
        guard let first = heap.first else { return nil }
        let item = cursors[first].head
        try advance(first)
        if cursors[first].head == nil {
            heap[0] = heap[heap.count - 1]
            heap.removeLast()
        }
        sink(0)
        return item
    }

    private func advance(_ index: Int) throws(ReadError) {
        guard let header = try bytes(32, index) else {
            cursors[index].head = nil
            return
        }
        func number(_ at: Int) -> UInt64 {
            (0..<8).reduce(0) { $0 | UInt64(header[header.startIndex + at + $1]) << UInt64($1 * 8) }
        }
        let count = Int(number(24))
        let payload = count == 0 ? [] : try bytes(count, index).map { Array($0) } ?? []
        cursors[index].head = ExternalSorter.Item(
            a: number(0), b: number(8), c: number(16), payload: payload)
    }

    /// The next bytes of a stretch; nil at its end.
    private func bytes(_ count: Int, _ index: Int) throws(ReadError) -> ArraySlice<UInt8>? {
        if cursors[index].buffer.count - cursors[index].at < count {
            let unread = cursors[index].buffer.count - cursors[index].at
            let start = cursors[index].range.lowerBound - unread
            let size = min(max(bufferSize, count), cursors[index].range.upperBound - start)
            guard size >= count, let file = sorter.file else { return nil }
            try file.read(size, at: start, into: &cursors[index].buffer)
            cursors[index].at = 0
            cursors[index].range = start + size..<cursors[index].range.upperBound
            guard cursors[index].buffer.count == size else {
                throw ReadError(.resume, name: file.path, message: "another process changed it")
            }
        }
        let at = cursors[index].at
        cursors[index].at = at + count
        return cursors[index].buffer[at..<at + count]
    }

    private func isBefore(_ x: Int, _ y: Int) -> Bool {
        guard let x = cursors[x].head, let y = cursors[y].head else { return false }
        if x.a != y.a { return x.a < y.a }
        if x.b != y.b { return x.b < y.b }
        return x.c < y.c
    }

    private func sink(_ from: Int) {
        var at = from
        while true {
            var least = at
            for child in [2 * at + 1, 2 * at + 2]
            where child < heap.count && isBefore(heap[child], heap[least]) { least = child }
            if least == at { return }
            heap.swapAt(at, least)
            at = least
        }
    }
}
