import Foundation
import TestSupport

/// One stream of jobs: an input after the other, each run, killed and resumed until it is done.
///
/// Driven by ``tick()``; all lanes share one thread, so that chance alone decides who meets whom.
final class Lane {
    /// What the lanes have in common.
    final class Shared {
        let folder: String
        let sluice: String
        let wait: String
        let resend: String
        let person: Person
        let fileSize: Int
        let killGoal: Int
        let recordGoal: Int
        var supplies: [any Supply]
        /// A person decides what looks do not settle, whatever is sent.
        private let decides: Bool
        /// Of each supply.
        var files: [[Input]]
        /// Inputs that were written.
        private(set) var inputs = 0
        var tally = Tally()
        /// No more inputs, no more kills.
        var isEnding = false
        /// Records of inputs that were started; of inputs that are done.
        var begun = 0
        var done = 0

        init(
            folder: String, sluice: String, wait: String, resend: String, person: Person, fileSize: Int,
            killGoal: Int, recordGoal: Int, supplies: [any Supply],
            decides: Bool = false
        ) {
            self.decides = decides
            self.folder = folder
            self.sluice = sluice
            self.wait = wait
            self.resend = resend
            self.person = person
            self.fileSize = fileSize
            self.killGoal = killGoal
            self.recordGoal = recordGoal
            self.supplies = supplies
            files = supplies.map { _ in [] }
        }

        func start(_ arguments: [String], log: String) throws -> Child {
            try Child(
                sluice, arguments + ["--quiet"], in: folder, environment: Stand.environment(folder),
                log: log)
        }

        func decides(of supply: Int) -> Bool { decides || supplies[supply].holds }

        /// One after the other has its turn.
        func nextSupply() -> Int { inputs % supplies.count }

        func note(_ input: Input, of supply: Int) {
            inputs += 1
            begun += input.records.count
            var kept = input
            kept.text = ""
            files[supply].append(kept)
        }

        var isKilling: Bool { !isEnding && tally.kills < killGoal }

        /// Seconds a process lives on average: shorter where kills are after the records.
        var life: Double {
            guard recordGoal > 0, killGoal > 0 else { return 0.8 }
            let ahead = Double(done) / Double(recordGoal) - Double(tally.kills) / Double(killGoal)
            return min(8, max(0.25, 0.9 * exp(-25 * ahead)))
        }

        /// When and how the process dies, if it has not ended by then.
        func death(_ random: inout Seeded) -> [(at: Double, signal: Int32)] {
            // A tenth of them die while they start.
            let at =
                random.chance(0.1)
                ? Double.random(in: 0...0.1, using: &random)
                : Double.random(in: 0.03...2 * life, using: &random)
            switch Double.random(in: 0..<1, using: &random) {
            case ..<0.78: return [(at, SIGKILL)]
            case ..<0.88: return [(at, SIGTERM)]
            case ..<0.94: return [(at, SIGINT)]
            case ..<0.97: return [(at, SIGINT), (at + 0.02, SIGINT)]
            default:
                return [(at, SIGTERM), (at + Double.random(in: 0...0.05, using: &random), SIGKILL)]
            }
        }

        /// Counts an end that a signal brought.
        ///
        /// - Returns: Whether one did.
        @discardableResult
        func note(_ status: Int32, after sent: Set<Int32>) -> Bool {
            if status == -SIGKILL, sent.contains(SIGKILL) {
                tally.kills += 1
                return true
            }
            // One that comes before the program listens for it ends it in the ordinary way.
            let number = status < 0 ? -status : status - 128
            guard sent.contains(number), number == SIGTERM || number == SIGINT else { return false }
            if number == SIGTERM { tally.terms += 1 } else { tally.interrupts += 1 }
            return true
        }

        /// Something that must not happen, whatever the accounts say.
        func complain(_ words: String) {
            tally.complaints.append(words)
            if tally.complaints.count <= 20 {
                FileHandle.standardError.write(Data("torture: \(words)\n".utf8))
            }
        }
    }

    /// What was done, and how processes ended.
    struct Tally {
        var kills = 0
        var terms = 0
        var interrupts = 0
        var starts = 0
        var seconds = 0
        var aside = 0
        var statuses: [Int32: Int] = [:]
        var complaints: [String] = []
    }

    private enum State {
        case idle
        case running
        case resting(until: Double)
        case done
    }

    private let number: Int
    private let shared: Shared
    private var random: Seeded
    private var state = State.idle
    private var file: Input?
    private var supply = 0
    private var runName: String?
    private var child: Child?
    private var started = 0.0
    /// What this process will be sent, in order.
    private var signals: [(at: Double, signal: Int32)] = []
    /// What it was sent already.
    private var sent: Set<Int32> = []
    private var second: Child?
    private var secondAt: Double?
    private var hadSecond = false
    /// Ends in a row that brought nothing.
    private var idleEnds = 0
    private var troubles = 0
    /// The next command is a person's, or this one is.
    private var mustDecide = false
    private var isDeciding = false

    /// Nothing of sluice takes longer, whatever goes wrong.
    static let patience = 240.0

    init(_ number: Int, _ shared: Shared, seed: UInt64) {
        self.number = number
        self.shared = shared
        random = Seeded(seed &+ UInt64(number + 1) &* 7919)
    }

    var isDone: Bool { if case .done = state { true } else { false } }

    static func now() -> Double { ProcessInfo.processInfo.systemUptime }

    func tick() throws {
        switch state {
        case .done: break
        case .resting(let until): if Self.now() >= until { try launch() }
        case .idle:
            if shared.isEnding || shared.supplies.isEmpty {
                state = .done
            } else {
                try begin()
            }
        case .running:
            try watchSecond()
            guard let child else { return }
            if !child.isRunning { return try ended(child) }
            let age = Self.now() - started
            if let next = signals.first, age >= next.at {
                signals.removeFirst()
                sent.insert(next.signal)
                child.send(next.signal)
            } else if age > Self.patience {
                shared.complain("\(file?.job ?? ""): hung for \(Int(age)) s and was killed")
                child.send(SIGKILL)
                signals = []
                sent.insert(SIGKILL)
                started = Self.now()
            }
        }
    }

    func abort() {
        child?.send(SIGKILL)
        second?.send(SIGKILL)
        child?.wait()
        second?.wait()
    }

    // MARK: Inputs

    private func begin() throws {
        let supply = shared.nextSupply()
        let size = max(1, Int(Double(shared.fileSize) * shared.supplies[supply].share))
        try writeInput(Int.random(in: max(1, size / 2)...size * 3 / 2, using: &random), of: supply)
        try launch()
    }

    /// Writes the next input of a supply and its job.
    func writeInput(_ count: Int, of supply: Int) throws {
        let file = shared.supplies[supply].input(lane: number, count: count)
        try file.text.write(
            toFile: "\(shared.folder)/\(file.name)", atomically: true, encoding: .utf8)
        self.file = file
        self.file?.text = ""
        self.supply = supply
        shared.note(file, of: supply)
        runName = nil
        idleEnds = 0
        troubles = 0
        mustDecide = false
        try writeJob()
    }

    /// In flight and rate may change between resumes; everything else is frozen with the run.
    private func writeJob() throws {
        guard let file else { return }
        let inFlight = [1, 2, 4, 8, 8, 16].randomElement(using: &random) ?? 8
        let rate = random.chance(0.1) ? ", rate: 12000/min" : ""
        let job = """
            job: \(file.job)
            endpoint: \(file.endpoint)
            connection: there
            input: { files: \(file.name) }
            send: { chunk: \(file.chunk), in_flight: \(inFlight)\(rate)\(file.send) }
            doubt: { wait: \(shared.wait), resend: \(shared.resend) }
            \(file.rest)
            """
        try job.write(
            toFile: "\(shared.folder)/\(file.job).yaml", atomically: true, encoding: .utf8)
    }

    private func launch() throws {
        guard let file else { return }
        if random.chance(0.2) { try writeJob() }
        let decisions = try decisions()
        isDeciding = decisions != nil
        if isDeciding { idleEnds = 0 }
        let arguments = decisions ?? runName.map { ["resume", $0] } ?? ["run", "\(file.job).yaml"]
        child = try shared.start(arguments, log: "lane\(number)")
        started = Self.now()
        shared.tally.starts += 1
        sent = []
        hadSecond = false
        secondAt =
            runName != nil && random.chance(0.03) ? Double.random(in: 0.2...0.6, using: &random) : nil
        signals = shared.isKilling ? shared.death(&random) : []
        state = .running
    }

    /// What a person says who has looked at the server, where that is expected.
    private func decisions() throws -> [String]? {
        guard mustDecide, let file, let run = try LedgerAccount.run(of: file.job, in: shared.folder)
        else { return nil }
        mustDecide = false
        return try shared.person.decisions(
            run, file, shared.supplies[supply], complain: shared.complain)
    }

    // MARK: A second run of the same job

    private func watchSecond() throws {
        if let at = secondAt, Self.now() - started >= at, let child, child.isRunning, let runName {
            secondAt = nil
            hadSecond = true
            second = try shared.start(["resume", runName], log: "second\(number)")
        }
        guard let second, !second.isRunning else { return }
        let status = second.status
        self.second = nil
        if status == 6 {
            shared.tally.seconds += 1
        } else if let child, child.isRunning, sent.isEmpty {
            // Unless the first has gone: then the second continued.
            shared.complain(
                "\(file?.job ?? ""): a second run of the job ended with \(status): \(second.err)")
        }
    }

    // MARK: Ends

    private func ended(_ child: Child) throws {
        // The second may have got the job: it is not left behind.
        if let second {
            if second.isRunning { return }
            try watchSecond()
        }
        let status = child.status
        let wasDeciding = isDeciding
        shared.tally.statuses[status, default: 0] += 1
        self.child = nil
        let isGone = shared.note(status, after: sent)
        guard let file else { return }
        if runName == nil || !isGone {
            let row = try LedgerAccount.run(of: file.job, in: shared.folder)
            runName = row?.name ?? runName
            if row?.state == "finished" {
                shared.done += file.records.count
                self.file = nil
                state = .idle
                return
            }
            if status == 0 || status == 1, !hadSecond, !wasDeciding {
                shared.complain(
                    "\(file.job): ended with \(status), and is \(row?.state ?? "not there")")
            }
        }
        if isGone { return try goOn(after: 0) }
        if wasDeciding {
            if status != 0 {
                shared.complain("\(file.job): decisions ended with \(status): \(child.err)")
                troubles += 10
            }
            return try goOn(after: 0)
        }
        switch status {
        case 4, 7:
            idleEnds += 1
            // Others hold what it waits for, or nothing settles it now: it is resumed at the end.
            if idleEnds >= 3 { return setAside() }
            // A person lets pass what may still come.
            mustDecide = status == 4 && shared.decides(of: supply)
            try goOn(after: mustDecide ? Person.patience : 0.1)
        case 3, 5, 8:
            troubles += 1
            if troubles >= 60 {
                shared.complain(
                    "\(file.job): stopped \(troubles) times by passing trouble: \(child.err)")
                return setAside()
            }
            try goOn(after: 0.2)
        case 6 where hadSecond: try goOn(after: 0)
        default:
            shared.complain(
                "\(file.job): ended with \(status): \(child.out.suffix(600)) \(child.err.suffix(600))")
            troubles += 10
            if troubles >= 60 { return setAside() }
            try goOn(after: 0.2)
        }
    }

    private func setAside() {
        shared.tally.aside += 1
        shared.done += file?.records.count ?? 0
        file = nil
        state = .idle
    }

    private func goOn(after seconds: Double) throws {
        // At the end what is left is resumed without kills.
        if shared.isEnding {
            file = nil
            state = .idle
        } else {
            state = .resting(until: Self.now() + seconds)
        }
    }
}
