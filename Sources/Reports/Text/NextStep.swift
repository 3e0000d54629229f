package import Ledger
import Model

/// What a person does now.
package struct NextStep: Sendable, Equatable {
    /// What is before the command; a sentence by itself where there is none.
    package var words: String
    /// What to type.
    package var command: String?

    package init(_ words: String, command: String? = nil) {
        self.words = words
        self.command = command
    }

    /// The lines that end a text; the command is the last.
    func lines(width: Int) -> [String] {
        var lines = Wording.wrap(words + (command == nil ? "." : ":"), width: width)
        if let command { lines.append("  " + command) }
        return lines
    }

    /// - Parameters:
    ///   - isHeld: A process is at it right now; nil where nobody has looked.
    ///   - rejects: The run's newest set of files, where there is one.
    ///   - open: How many of what was not imported are neither repaired nor closed; nil where nobody has looked.
    ///   - wasRetried: Some of it was sent again.
    ///   - mayPass: Whether some of what was not accepted may pass as it is; nil where nobody has looked.
    ///   - forPerson: Records in doubt that no further look-up settles.
    ///   - isImportedLater: What was never sent of a replaced input was read again by a later run.
    package static func after(
        _ run: RunRow, _ totals: Totals, isHeld: Bool?, rejects: RejectFiles.Written? = nil,
        open: Int? = nil, wasRetried: Bool = false, mayPass: Bool? = nil, forPerson: Int = 0,
        isImportedLater: Bool = false
    ) -> NextStep {
        if run.state == .pending {
            return NextStep(
                "It has not started. Try again, or let the next run of the job replace it",
                command: "sluice resume \(run.id)")
        }
        if run.state == .running, isHeld == nil {
            return NextStep(
                "It is running or was interrupted; check with",
                command: "sluice status")
        }
        if isHeld == true {
            return NextStep("It is running; see its progress with", command: "sluice status")
        }
        if run.exitCode == 9 {
            return NextStep(
                "The counts do not balance: change neither the input nor the ledger, and report the output of",
                command: "sluice report \(run.id) --json")
        }
        if forPerson > 0, run.exitCode == 4 { return decide(run, forPerson, rejects) }
        if run.isOpen { return resume(run, totals) }
        return fix(run, totals, rejects, open, wasRetried, mayPass, isImportedLater)
    }

    /// No further look-up settles them: what the server shows may be the record in another form, or proves nothing.
    private static func decide(_ run: RunRow, _ count: Int, _ rejects: RejectFiles.Written?) -> NextStep
    {
        let list = rejects?.paths(.reasons).first.map { " (why: \($0))" } ?? ""
        return NextStep(
            "No look-up can settle \(Wording.count(count, "record")) in doubt\(list). Check whether the server has each one, "
                + "then decide with",
            command: "sluice reconcile \(run.id) --accept KEY… --resend KEY… --reason TEXT")
    }

    private static func resume(_ run: RunRow, _ totals: Totals) -> NextStep {
        var left: [String] = []
        let doubtful = totals[.inDoubt] + totals[.sent]
        if doubtful > 0 { left.append("\(Wording.count(doubtful)) in doubt") }
        if totals[.unsent] > 0 { left.append("\(Wording.count(totals[.unsent])) unsent") }
        if !run.inputEnded, run.inputGone == nil { left.append("input not read to its end") }
        if run.exitCode == 7, run.inputEnded, doubtful == 0, totals[.unsent] > 0 {
            return NextStep(
                "Left: \(left.joined(separator: ", ")). Continue everything unfinished, oldest first, with",
                command: "sluice resume")
        }
        let what = left.isEmpty ? "Not finished" : "Left: " + left.joined(separator: ", ")
        let how =
            switch run.exitCode {
            case 3: "Fix the cause, then continue with"
            case 5: "The error was temporary; continue later with"
            case 8 where run.ending?.contains("certificate") == true:
                "Check `base_url` and `certificate:` of the connection, then continue with"
            case 8: "Check the credentials of the connection, then continue with"
            default: doubtful > 0 ? "Settle the records in doubt and continue with" : "Continue with"
            }
        return NextStep("\(what). \(how)", command: "sluice resume \(run.id)")
    }

    private static func fix(
        _ run: RunRow, _ totals: Totals, _ rejects: RejectFiles.Written?, _ stillOpen: Int?,
        _ wasRetried: Bool, _ mayPass: Bool?, _ isImportedLater: Bool
    ) -> NextStep {
        if totals[.inDoubt] + totals[.sent] > 0 {
            return NextStep(
                "\(Wording.count(totals[.inDoubt] + totals[.sent])) in doubt; settle them with",
                command: "sluice reconcile \(run.id)")
        }
        let open = stillOpen ?? totals[.rejected] + totals[.invalid] + totals[.failed]
        if open > 0 {
            let files = (rejects?.paths(.rejects) ?? []) + (rejects?.paths(.unreadable) ?? [])
            if files.isEmpty, wasRetried {
                return NextStep(
                    "\(Wording.count(open, "record")) still open after the retries. Send those that may be accepted now "
                        + "again with",
                    command: "sluice retry \(run.id)")
            }
            guard !files.isEmpty else {
                return NextStep(
                    "\(Wording.count(open, "record")) not accepted; see the reasons with",
                    command: "sluice report \(run.id)")
            }
            // Nothing is wrong with them.
            if mayPass != false, totals[.rejected] + totals[.invalid] == 0 {
                return NextStep(
                    "\(Wording.count(open, "record")) failed with temporary errors; send them again with",
                    command: "sluice retry \(run.id)")
            }
            return NextStep(
                mayPass == false
                    ? "These fail again unless fixed. Fix them, then run"
                    : "Some may be accepted now without a change: `sluice retry \(run.id)`. Fix the rest, then run",
                command: "sluice retry \(run.id) --from "
                    + files.map(Wording.shell).joined(separator: " "))
        }
        if totals[.parked] > 0 {
            return NextStep(
                "\(Wording.count(totals[.parked])) parked at the server: fix the missing master data, then have the server "
                    + "check them again with", command: "sluice rejected retrigger --run \(run.id)")
        }
        if run.leftInput(totals), !isImportedLater {
            let unsent = totals[.unsent] > 0 ? Wording.count(totals[.unsent], "record") : "Records"
            return NextStep(
                "\(unsent) \(totals[.unsent] == 1 ? "was" : "were") never sent"
                    + (run.inputEnded ? "" : ", and the input was not read to its end")
                    + ", because the input was replaced. To import what is missing, run the job with the old file again; "
                    + "imported records are skipped. If it is not needed, close the run with",
                command: "sluice abandon \(run.id)")
        }
        if run.hasGrownInput {
            return NextStep(
                "An input has grown: what was added is not in this run. Run the job again to import it; imported "
                    + "records are skipped")
        }
        return NextStep(
            run.state == .abandoned ? "Abandoned: nothing more is sent" : "Nothing to do")
    }
}
