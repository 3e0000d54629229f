// The torture test: the built program against the sandbox with all troubles at once, killed at random
// moments, resumed, killed again. At the end three accounts have to agree, record by record: the input,
// the ledger, and what the sandbox booked. It listens and talks on loopback only, and ends only
// processes that it started.

import ArgumentParser
import Foundation
import Model

@main struct Torture: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "torture",
        abstract:
            "Kills sluice at random moments amid all troubles, and sees that nothing is lost or doubled.",
        discussion: """
            Example: Tests/Torture/run --kills 1000 --records 1000000 --minutes 25 --uniqueness none

            Status 0: all accounts agree. 1: something is lost, done twice, left in doubt, or told differently.
            """)

    @Option(help: "The seed of chance; else one by chance.")
    var seed: UInt64?
    @Option(help: "Kills to do.")
    var kills: Int?
    @Option(help: "Records to bring in, at least.")
    var records: Int?
    @Option(help: "The longest it may take; what is left then is settled without kills.")
    var minutes = 30.0
    @Option(
        help: ArgumentHelp(
            "The troubles: \(Mix.names.joined(separator: ", ")); or faults, separated by blanks."))
    var mix = "all"
    @Option(help: "Where bill numbers are unique: none, org, unknown; or both, one after the other.")
    var uniqueness = "both"
    @Option(
        help: ArgumentHelp(
            "What is sent: bills, all, or endpoints of \(Kind.all.map(\.name).joined(separator: ", ")), cards.generate, separated by commas; bills among them are transactions.add."
        ))
    var endpoints = "bills"
    @Flag(help: "Lets the server work later than doubt.wait says, with doubt.resend: never.")
    var lateAboveWait = false
    @Option(help: "doubt.wait, in milliseconds.")
    var wait = 600
    @Option(help: "Jobs at once.")
    var lanes = 2
    @Option(help: "Records an input, about.")
    var fileSize: Int?
    @Option(help: "The program to torture; else the one beside this.")
    var sluice: String?
    @Flag(help: "Leave the folder with inputs, ledger and logs.")
    var keep = false

    func run() throws {
        guard let plan = Mix.faults(mix) else {
            throw ValidationError(
                "--mix is one of \(Mix.names.joined(separator: ", ")), or a list of faults")
        }
        guard let endpoints = Endpoints(endpoints) else {
            throw ValidationError("--endpoints: \(self.endpoints) names one that is not tortured.")
        }
        guard !lateAboveWait || endpoints.text == "bills" else {
            // What sets values is overwritten by what comes later than was said.
            throw ValidationError("--late-above-wait goes with bills alone.")
        }
        let seed = seed ?? UInt64.random(in: 1...999_999_999)
        let all = uniqueness == "both" ? ["none", "org"] : [uniqueness]
        Interruption.watch()
        var isFine = true
        for uniqueness in all {
            let session = Session(
                seed: seed, kills: kills ?? (records == nil ? 50 : 0), records: records ?? 0,
                seconds: minutes * 60 / Double(all.count),
                plan: lateAboveWait
                    ? plan.filter { !$0.hasPrefix("late:") && !$0.hasPrefix("lag:") }
                        + ["late:2%:\(2 * wait)ms-\(4 * wait)ms"] : plan,
                mix: mix, uniqueness: uniqueness, endpoints: endpoints, mayDoubt: lateAboveWait,
                wait: wait, lanes: lanes,
                fileSize: fileSize, sluice: try program(), keeps: keep)
            isFine = try session.run() && isFine
        }
        if !isFine { throw ExitCode(1) }
    }

    private func program() throws -> String {
        if let sluice {
            return sluice.hasPrefix("/")
                ? sluice : FileManager.default.currentDirectoryPath + "/" + sluice
        }
        let own = URL(fileURLWithPath: CommandLine.arguments[0]).resolvingSymlinksInPath()
        let beside = own.deletingLastPathComponent().appendingPathComponent("sluice").path
        guard FileManager.default.isExecutableFile(atPath: beside) else {
            throw ValidationError("\(beside): there is no such program. Name it with --sluice.")
        }
        return beside
    }
}
