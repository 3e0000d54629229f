import Catalog
import Foundation
import Mapping
import Model
import Records

/// Records spread over a whole input, drawn before anything of it is sent: the first ones alone say little
/// of a file whose head is new and whose rest was imported before.
enum MeetingSample {
    struct Drawn: Sendable {
        var identity: Identity
        var evidence: Evidence
    }

    /// Larger plain files are sought in: one pass over them would cost as much as the run's own reading.
    static let wholePass = 1 << 20
    /// Rows read at each place that is sought.
    static let rowsAtPlace = 32

    /// Draws up to `count` records that can be sent, by what they are, in no particular order. What cannot be
    /// read is left to the run.
    static func draw(_ count: Int, of plan: Plan) async -> [Drawn] {
        await withCheckedContinuation { continuation in
            let thread = Thread {
                var drawing = Drawing(plan: plan, count: count)
                continuation.resume(returning: drawing.draw())
            }
            thread.name = "sample"
            thread.stackSize = 8 << 20
            thread.start()
        }
    }
}

private struct Drawing {
    let plan: Plan
    let count: Int
    private var drawn: [MeetingSample.Drawn] = []
    private var preparer: RecordPreparer
    private var seen = 0
    private var random: UInt64 = 0x9E37_79B9_7F4A_7C15

    init(plan: Plan, count: Int) {
        self.plan = plan
        self.count = count
        preparer = RecordPreparer(plan)
    }

    mutating func draw() -> [MeetingSample.Drawn] {
        guard plan.staged == nil else {
            // Rows that were brought together stand in one file.
            for file in plan.sources { try? pass(over: file) }
            return Array(drawn.shuffled(by: &random).prefix(count))
        }
        let sizes = plan.inputs.map { file in
            file.isCompressed
                ? nil : try? FileManager.default.attributesOfItem(atPath: file.path)[.size] as? Int
        }
        let total = sizes.reduce(0) { $0 + ($1 ?? 0) }
        for (file, size) in sizes.enumerated() {
            do {
                // As many of each file as its share of the bytes is.
                if let size, total > MeetingSample.wholePass,
                    try seek(file, size: size, places: max(1, count * size / max(1, total)))
                {
                    continue
                }
                try pass(over: file)
            } catch {
                continue
            }
        }
        return Array(drawn.shuffled(by: &random).prefix(count))
    }

    /// Every record of a file has the same chance.
    private mutating func pass(over file: Int) throws {
        var source = try RecordSource(plan, file: file)
        while let ready = try source.fill(512) {
            for record in source.peek(ready) where isSound(record) {
                seen += 1
                let place = drawn.count < count ? drawn.count : Int(next() % UInt64(seen))
                guard place < count, let one = prepare(record, of: source) else { continue }
                if place < drawn.count { drawn[place] = one } else { drawn.append(one) }
            }
            source.drop(ready)
        }
    }

    /// One record after each of some places of a plain file.
    ///
    /// - Returns: False where no place in it can be started at.
    private mutating func seek(_ file: Int, size: Int, places: Int) throws -> Bool {
        let options = try RowReader.open(
            plan.inputs[file], index: file, options: plan.inputOptions
        ).options
        guard options.format != .jsonArray, options.encoding ?? .utf8 != .utf16 else { return false }
        guard let handle = FileHandle(forReadingAtPath: plan.inputs[file].path) else { return false }
        defer { try? handle.close() }
        for place in 0..<places {
            var resume: Resume?
            if place > 0 {
                let offset = size / places * place
                try handle.seek(toOffset: UInt64(offset))
                guard let length = try lineLength(handle) else { continue }
                resume = Resume(offset: offset + length, row: 2, line: 2)
            }
            guard
                var source = try? RecordSource(
                    plan, file: file, from: RecordSource.Start(resume: resume, state: [], record: 0),
                    rowsAtOnce: MeetingSample.rowsAtPlace),
                let ready = try? source.fill(8)
            else { continue }
            // The first may be the rest of one that began before.
            let records = source.peek(ready).dropFirst(resume == nil ? 0 : 1)
            if let record = records.first(where: isSound), let one = prepare(record, of: source) {
                drawn.append(one)
            }
        }
        return true
    }

    /// The bytes up to the next line end, itself included; nil where it is far.
    private func lineLength(_ handle: FileHandle) throws -> Int? {
        var passed = 0
        while passed < 1 << 20, let block = try handle.read(upToCount: 1 << 14), !block.isEmpty {
            if let end = block.firstIndex(of: 0x0A) { return passed + end - block.startIndex + 1 }
            passed += block.count
        }
        return nil
    }

    private func isSound(_ record: MappedRecord) -> Bool {
        record.problems.isEmpty && !record.item.isEmpty
    }

    /// Nil for a record that is not sent.
    private mutating func prepare(_ record: MappedRecord, of source: RecordSource)
        -> MeetingSample.Drawn?
    {
        guard preparer.prepare(record, of: source.batch).isEmpty else { return nil }
        return MeetingSample.Drawn(
            identity: preparer.prepared.identity, evidence: preparer.prepared.evidence)
    }

    /// The same for the same input, so that a run can be repeated.
    private mutating func next() -> UInt64 { step(&random) }
}

private func step(_ state: inout UInt64) -> UInt64 {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return state >> 33
}

extension Array {
    fileprivate func shuffled(by state: inout UInt64) -> [Element] {
        var all = self
        for index in all.indices.dropFirst() {
            all.swapAt(index, Int(step(&state) % UInt64(index + 1)))
        }
        return all
    }
}
