import Foundation
import Model
import TestSupport

/// One torture: a sandbox, a ledger, some lanes, and the comparison at the end.
struct Session {
    var seed: UInt64
    var kills: Int
    var records: Int
    var seconds: Double
    var plan: [String]
    var mix: String
    var uniqueness: String
    var endpoints: Endpoints
    /// The server may work later than the job believes.
    var mayDoubt: Bool
    /// `doubt.wait` in milliseconds.
    var wait: Int
    var lanes: Int
    var fileSize: Int?
    var sluice: String
    var keeps: Bool

    /// - Returns: Whether all accounts agree.
    func run() throws -> Bool {
        let folder = NSTemporaryDirectory() + "sluice-torture-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        say(
            "torture: --seed \(seed) --kills \(kills) --records \(records) --mix '\(mix)' --uniqueness \(uniqueness) --endpoints '\(endpoints.text)' --wait \(wait)\(mayDoubt ? " --late-above-wait" : "")"
        )
        var isFine = false
        do {
            isFine = try torture(folder)
        } catch {
            say("torture: \(error); kept: \(folder)")
            throw error
        }
        if keeps || !isFine {
            say("kept: \(folder)")
        } else {
            try FileManager.default.removeItem(atPath: folder)
        }
        return isFine
    }

    private func torture(_ folder: String) throws -> Bool {
        let began = Lane.now()
        let stand = try Stand(
            sluice, folder: folder, uniqueness: uniqueness, seed: seed, plan: plan,
            arguments: Mix.sandbox(mix))
        defer { stand.stop() }
        try writeConnections(folder, stand)
        let supplies = endpoints.supplies(
            seed: seed, isUnique: uniqueness != "none" && uniqueness != "unknown")
        let shared = Lane.Shared(
            folder: folder, sluice: sluice, wait: "\(wait)ms", resend: mayDoubt ? "never" : "evidence",
            person: Person(folder: folder, stand: stand), fileSize: fileSize ?? size, killGoal: kills,
            recordGoal: records, supplies: supplies, decides: mix == "forms")
        let lanes = (0..<lanes).map { Lane($0, shared, seed: seed) }
        let cards = endpoints.hasCardOrders ? CardLane(shared, seed: seed) : nil
        defer {
            for lane in lanes { lane.abort() }
            cards?.abort()
        }
        // Without troubles: what is there before is not what is tried.
        for supply in supplies { try supply.prepare(stand) }
        try stand.setFaults(with: nil)
        try kill(shared, lanes, cards, stand, until: began + seconds)
        let killed = Lane.now()
        try stand.calm()
        try settle(shared, lanes, folder)
        try settle(shared, cards)
        let settled = Lane.now()
        let comparison = try Comparison.make(
            shared.supplies, shared.files, folder: folder, stand: stand, mayDoubt: mayDoubt)
        let made = try cards.map { try CardAccount.make($0.orders, folder: folder, stand: stand) }
        try report(
            shared, comparison, made, stand, folder,
            (killed - began, settled - killed, Lane.now() - settled))
        return comparison.disagreements == 0 && made?.findings.isEmpty ?? true
            && shared.tally.complaints.isEmpty
    }

    /// Small enough that many inputs end, large enough that each is killed some times.
    private var size: Int {
        guard records > 0, kills > 0 else { return 4000 }
        return min(20_000, max(500, min(records / lanes, 6 * records / kills)))
    }

    private func writeConnections(_ folder: String, _ stand: Stand) throws {
        try "key".write(toFile: folder + "/key", atomically: true, encoding: .utf8)
        try "secret".write(toFile: folder + "/secret", atomically: true, encoding: .utf8)
        for name in ["key", "secret"] {
            try FileManager.default.setAttributes(
                [.posixPermissions: 0o600], ofItemAtPath: folder + "/" + name)
        }
        try """
        connections:
          there:
            base_url: \(stand.url)
            auth: { oauth: { key_file: key, secret_file: secret } }
            rate: none
            timeout: 1s
            connect_timeout: 500ms
        """.write(toFile: folder + "/connections.yaml", atomically: true, encoding: .utf8)
    }

    // MARK: Killing

    private func kill(
        _ shared: Lane.Shared, _ lanes: [Lane], _ cards: CardLane?, _ stand: Stand, until end: Double
    ) throws {
        var weather = Seeded(seed ^ 0x7374_6F72)
        var nextStorm = Lane.now() + 6
        var stormEnds: Double?
        var nextWord = Lane.now() + 30
        while !lanes.allSatisfy(\.isDone) || cards?.isDone == false {
            try Interruption.check()
            for lane in lanes { try lane.tick() }
            try cards?.tick()
            usleep(1500)
            let now = Lane.now()
            if !shared.isEnding {
                let isEnough = shared.tally.kills >= kills && shared.done >= records
                if isEnough || now >= end { shared.isEnding = true }
            }
            if mix == "all", let over = stormEnds, now >= over {
                stormEnds = nil
                nextStorm = now + Double.random(in: 8...20, using: &weather)
            }
            if mix == "all", stormEnds == nil, now >= nextStorm {
                try stand.setFaults(with: Mix.storms.randomElement(using: &weather))
                stormEnds = now + 3
            }
            if now >= nextWord {
                nextWord = now + 30
                say(
                    "  \(Int(now - end + seconds)) s: \(shared.tally.kills) kills, \(shared.done) of \(shared.begun) records done, \(shared.inputs) inputs, \(shared.tally.aside) set aside"
                )
            }
        }
    }

    // MARK: Settling

    /// Resumes what is unfinished, without troubles, until nothing changes any more.
    ///
    /// What the last record of its kind left in doubt has no witness: then one more input brings some, as the
    /// next night would.
    private func settle(_ shared: Lane.Shared, _ lanes: [Lane], _ folder: String) throws {
        var last = ""
        var nights = 0
        for round in 0..<40 {
            let open = try LedgerAccount.runs(folder).filter { $0.state != "finished" }
            let known = Set(try LedgerAccount.runs(folder).map(\.job))
            let inputs = Dictionary(
                uniqueKeysWithValues: shared.files.enumerated().flatMap { supply, files in
                    files.map { ($0.job, (supply: supply, file: $0)) }
                })
            let never = shared.files.joined().filter { !known.contains($0.job) }
            if open.isEmpty && never.isEmpty { return }
            var sight = "\(never.count)"
            for file in never { _ = try finish(["run", "\(file.job).yaml"], shared) }
            for run in open {
                let verb = round % 4 == 3 ? "reconcile" : "resume"
                let status = try finish([verb, run.name], shared)
                sight += " \(run.name) \(status)"
                guard status == 4, let (supply, file) = inputs[run.job], shared.decides(of: supply),
                    let row = try LedgerAccount.run(of: run.job, in: folder)
                else { continue }
                let decisions = try shared.person.decisions(
                    row, file, shared.supplies[supply], complain: shared.complain)
                if let decisions { _ = try finish(decisions, shared) }
            }
            let counts = try LedgerAccount.number(
                "SELECT total(open) FROM chunk", in: folder)
            sight += " \(counts)"
            if sight == last && round % 4 == 2 {
                guard nights < 2, let lane = lanes.first else { return }
                nights += 1
                for supply in Set(open.compactMap { inputs[$0.job]?.supply }).sorted() {
                    try lane.writeInput(shared.supplies[supply].rule == .sets ? 20 : 200, of: supply)
                }
            }
            if round % 4 != 3 { last = sight }
        }
    }

    /// Orders that are not finished are said again, and what is held is decided.
    private func settle(_ shared: Lane.Shared, _ cards: CardLane?) throws {
        for order in cards?.orders ?? [] {
            for _ in 0..<5 {
                if try CardAccount.isFinished(order, shared.folder) { break }
                let held = try CardAccount.decision(order, shared)
                _ = try finish(CardLane.command(order, shared, held: held), shared)
            }
        }
    }

    private func finish(_ arguments: [String], _ shared: Lane.Shared) throws -> Int32 {
        let child = try shared.start(arguments, log: "settle")
        shared.tally.starts += 1
        let end = Lane.now() + 300
        while child.isRunning, Lane.now() < end {
            if Interruption.isAsked {
                child.send(SIGKILL)
                child.wait()
                try Interruption.check()
            }
            usleep(5000)
        }
        if child.isRunning {
            shared.complain("\(arguments.joined(separator: " ")): hung, with no trouble about")
            child.send(SIGKILL)
        }
        child.wait()
        let status = child.status
        if ![0, 1, 4, 7].contains(status) {
            shared.complain(
                "\(arguments.joined(separator: " ")): ended with \(status), with no trouble about: \(child.out.suffix(600)) \(child.err.suffix(600))"
            )
        }
        return status
    }

    // MARK: The end

    /// What came of one endpoint.
    private func tell(_ account: Comparison.BalanceCheck) {
        func count(_ state: RecordState) -> Int { account.states[state] ?? 0 }
        let doubts = count(.inDoubt) + count(.unsent) + count(.sent)
        let name = account.name + String(repeating: " ", count: max(1, 28 - account.name.count))
        say(
            "  \(name)\(account.records) records, \(count(.accepted)) accepted, \(count(.skipped)) skipped, \(doubts) open; \(account.deeds) done; lost \(account.lost), twice \(account.doneTwice), disagreements \(account.disagreements)"
        )
        for (reason, count) in account.listed.sorted(by: { $0.value > $1.value }) {
            say(
                "      listed: \(count) good: \(reason.code)\(reason.serverCode.map { " \($0)" } ?? "")"
            )
        }
    }

    private func report(
        _ shared: Lane.Shared, _ comparison: Comparison, _ cards: CardAccount?, _ stand: Stand,
        _ folder: String,
        _ times: (Double, Double, Double)
    ) throws {
        let tally = shared.tally
        let counts = try stand.counts()
        let attempts = try LedgerAccount.number("SELECT count(*) FROM attempt", in: folder)
        func line(_ name: String, _ value: String) {
            say("  " + name + String(repeating: " ", count: max(1, 16 - name.count)) + value)
        }
        line("seed", "\(seed)")
        line("uniqueness", uniqueness)
        line(
            "time",
            "\(Int(times.0)) s amid kills, \(Int(times.1)) s to settle, \(Int(times.2)) s to compare")
        line(
            "kills",
            "\(tally.kills), and \(tally.terms) SIGTERM, \(tally.interrupts) SIGINT; \(tally.starts) processes"
        )
        line("second runs", "\(tally.seconds) refused")
        line(
            "ends",
            tally.statuses.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }
                .joined(separator: ", "))
        line("requests", "\(counts["requests"] ?? 0), of them \(attempts) with records")
        line("inputs", "\(shared.inputs), of them \(tally.aside) set aside for a while")
        let faults = try stand.faultsByKind().sorted { $0.key < $1.key }.filter { $0.value > 0 }
        line("faults", faults.map { "\($0.key) \($0.value)" }.joined(separator: ", "))
        line("records", "\(comparison.records)")
        for state in RecordState.allCases {
            line("  " + state.word, "\(comparison.count(state))")
        }
        line("  told", "\(comparison.told) of them in doubt, on the list with what settles them")
        for account in comparison.accounts { tell(account) }
        if let cards {
            say(
                "  cards.generate              \(cards.orders) orders, \(cards.received) numbers received, \(cards.stranded) stranded; \(cards.made) made; lost \(cards.lost), twice \(cards.doneTwice), disagreements \(cards.findings.count)"
            )
        }
        line("LOST", "\(comparison.lost + (cards?.lost ?? 0))")
        line("DONE TWICE", "\(comparison.doneTwice + (cards?.doneTwice ?? 0))")
        line("disagreements", "\(comparison.disagreements + (cards?.findings.count ?? 0))")
        for account in comparison.accounts {
            for (kind, finding) in account.findings.sorted(by: { $0.key < $1.key }) {
                say("! \(account.name): \(kind): \(finding.count)")
                for example in finding.examples { say("    \(example)") }
            }
        }
        for finding in cards?.findings.prefix(10) ?? [] { say("! cards.generate: \(finding)") }
        for complaint in tally.complaints.prefix(10) { say("! \(complaint)") }
    }
}

/// A line of the report, at once, so that whoever reads along sees it.
func say(_ line: String) { FileHandle.standardOutput.write(Data((line + "\n").utf8)) }
