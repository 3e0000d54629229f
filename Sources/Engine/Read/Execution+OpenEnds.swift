import Foundation
import Ledger
import Mapping
import Model
import Records

/// The records that end their files without closing them.
struct OpenEnds {
    /// Kept back: nothing is to be sent before them any more where they go.
    var waiting: [Int64] = []
    /// Those that may go, with where they are.
    var released: [Int64: Position] = [:]
    /// Those of them that were sent.
    var sent: Set<Int64> = []
    /// Where rows were brought together: the files whose last row has no line end; nil until they were looked at.
    var files: [Int]?
    /// What the inputs were when the run began; nil until one was compared.
    var fingerprints: [Int: FileFingerprint]?
}

// A file may still be written while it is imported. What is added to it later may belong to its last record: a row
// without a line end may have been cut in a number, a group may get more rows. So such a record goes with the last
// request, after its file was compared again, and the file is compared once more at the end. What else is added is
// for a later run, and that is said.
extension Execution {
    /// Whether a record that is free to go has to wait until nothing else is left.
    func isKeptBack(_ ticket: Ticket) -> Bool {
        guard ticket.isOpenEnded, openEnds.released[ticket.number] == nil else { return false }
        openEnds.waiting.append(ticket.number)
        return true
    }

    /// Lets them go where they fill the last request, or where nothing else can.
    func releaseOpenEnds() {
        guard !openEnds.waiting.isEmpty, !isStopping, delayed == 0 else { return }
        let isLast =
            isFed && builder.ready <= requestSize.current && (queues.waiting == 0 || inFlight == 0)
        guard isLast || isFull && inFlight == 0 && builder.ready == 0 else { return }
        let numbers = openEnds.waiting
        openEnds.waiting = []
        for number in numbers {
            guard let ticket = tickets[number] else { continue }
            openEnds.released[number] = ticket.position
            makeReady(ticket)
        }
    }

    /// Before a request leaves: stops where the file of such a record in it is not what it was.
    func checkOpenEnds(of sent: [Ticket]) throws {
        if plan.staged != nil { return try checkOpenFiles(wasSent: false) }
        for ticket in sent where ticket.isOpenEnded {
            let place = ticket.position
            if let change = try change(of: place.file) {
                return stop(openEnded(ticket.number, at: place, change, wasSent: false))
            }
            openEnds.sent.insert(ticket.number)
        }
    }

    /// At the end: stops where such a record was sent and its file is not what it was.
    ///
    /// - Returns: What is to be said of files that have grown; nil where none has.
    func checkGrowth() throws -> String? {
        guard !isStopping, !isSettlingOnly else { return nil }
        if plan.staged != nil { try checkOpenFiles(wasSent: true) }
        for number in openEnds.sent.sorted() where !isStopping {
            guard let place = openEnds.released[number], let change = try change(of: place.file),
                let state = try ledger.record(run: run.number, number)?.state.state,
                ![.skipped, .invalid].contains(state)
            else { continue }
            stop(openEnded(number, at: place, change, wasSent: true))
        }
        guard !isStopping else { return nil }
        var grown: [EngineNote.Grown] = []
        for input in try ledger.inputs(of: run.number) {
            // A file that is gone or was replaced after it was read has nothing more for this run.
            guard let known = FileFingerprint(text: input.fingerprint),
                let now = try? FileFingerprint.take(input.path, digests: false),
                (now.device, now.inode) == (known.device, known.inode), now.size > known.size
            else { continue }
            grown.append(EngineNote.Grown(name: input.name, after: known.size))
        }
        guard !grown.isEmpty else { return nil }
        let named = Array(grown.prefix(3))
        return words(.input(.grown(named, more: grown.count - named.count)))
    }

    /// The same where rows were brought together: any record may have the last row of a file.
    private func checkOpenFiles(wasSent: Bool) throws {
        let files = try openEnds.files ?? plan.inputs.indices.filter { try isOpen($0) }
        openEnds.files = files
        for file in files where !isStopping {
            guard let change = try change(of: file) else { continue }
            stop(openEnd(.lastRow, of: file, change, wasSent: wasSent))
        }
    }

    /// Whether the last row of a file had no line end when the run began.
    private func isOpen(_ file: Int) throws -> Bool {
        let input = plan.inputs[file]
        guard !input.isCompressed, let size = try known(file)?.size, size > 0,
            let handle = FileHandle(forReadingAtPath: input.path)
        else { return false }
        defer { try? handle.close() }
        guard (try? handle.seek(toOffset: UInt64(size - 1))) != nil,
            let last = try? handle.read(upToCount: 1)?.first
        else { return false }
        return last != UInt8(ascii: "\n") && last != UInt8(ascii: "\r")
    }

    /// What an input was when the run began.
    private func known(_ file: Int) throws -> FileFingerprint? {
        if let known = openEnds.fingerprints { return known[file] }
        var known: [Int: FileFingerprint] = [:]
        for input in try ledger.inputs(of: run.number) {
            known[input.file] = FileFingerprint(text: input.fingerprint)
        }
        openEnds.fingerprints = known
        return known[file]
    }

    /// What became of an input since the run began; nil where its content is what it was.
    private func change(of file: Int) throws -> InputChange? {
        guard let known = try known(file), plan.inputs.indices.contains(file) else { return nil }
        do {
            return InputChange(try known.change(at: plan.inputs[file].path))
        } catch {
            return .unreadable
        }
    }

    private func openEnded(
        _ record: Int64, at place: Position, _ change: InputChange, wasSent: Bool
    ) -> StopReason {
        let isGroup = !(plan.mapping?.group.isEmpty ?? true)
        return openEnd(
            isGroup
                ? .group(line: place.line, record: record)
                : .row(line: place.line, record: record),
            of: place.file, change, wasSent: wasSent)
    }

    private func openEnd(
        _ end: EngineNote.OpenEnd.End, of file: Int, _ change: InputChange, wasSent: Bool
    ) -> StopReason {
        let note = EngineNote.OpenEnd(
            file: plan.name(of: file), end: end, change: change, wasSent: wasSent, run: run.id)
        return StopReason(.stopped, words(.input(.openEnd(note))))
    }
}
