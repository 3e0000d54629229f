import App
import ArgumentParser
import Foundation
import Ledger
import Synchronization

/// The command line: a command parses its arguments, calls one function of App, prints and exits.
@main
struct Sluice: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sluice",
        abstract:
            "Import records in bulk into the Capillary loyalty API: each one exactly once, or "
            + "listed with the reason and the next step.",
        discussion: firstSteps + "\n\nTopics:\n" + HelpTopic.list,
        version: Version.current,
        subcommands: [
            RunCommand.self, InitCommand.self, PreviewCommand.self, ValidateCommand.self,
            PlanCommand.self,
            ResumeCommand.self,
            ReconcileCommand.self, RetryCommand.self, UndoCommand.self,
            AbandonCommand.self, StatusCommand.self, RunsCommand.self, ReportCommand.self,
            ExplainCommand.self, RejectedCommand.self,
            ExportCommand.self, VerifyCommand.self, GenerateCommand.self, ConvertCommand.self,
            EndpointsCommand.self, DoctorCommand.self, LedgerCommand.self, PruneCommand.self,
            SandboxCommand.self,
        ])

    static let firstSteps = """
        First run:    sluice run jobs/cdnow.yaml     (against the built-in sandbox)
        Then:         sluice status · sluice report · sluice explain KEY
        After a stop: sluice resume
        """

    /// A usage error is 2, what a command throws as an `ExitCode` is as it is, anything else is 70.
    static func main() async {
        Console.guardStreams()
        // A reader that went away (`sluice convert … | head`) ends the writing, not the process.
        signal(SIGPIPE, SIG_IGN)
        // A core file would hold records, credentials and tokens.
        var none = rlimit()
        _ = unsafe setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &none)
        // A heap for every thread keeps tens of megabytes that nobody uses.
        _ = mallopt(-8, 2)
        let arguments = CommandLine.arguments.dropFirst()
        if let topic = HelpTopic(arguments) {
            Console.print(topic.text(width: Console.helpWidth))
            leave(.fine)
        }
        if let words = CommandNames.helpComplaint(arguments, Self.self) {
            Console.complain(words)
            leave(.usage)
        }
        do {
            if arguments.elementsEqual(["--generate-manual-page"]) {
                Console.print(try ManualPage.roff())
                leave(.fine)
            }
            var command = try parseAsRoot()
            let name = type(of: command).configuration.commandName ?? ""
            isOutcomeOfData.store(tellsOfData.contains(name), ordering: .relaxed)
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
        } catch {
            leave(with: error)
        }
        leave(.fine)
    }

    /// Commands whose exit status says what became of data: sent, settled, written to a file.
    private static let tellsOfData: Set<String> = [
        "run", "resume", "reconcile", "retry", "undo", "abandon", "export", "cards", "prune",
    ]
    private static let isOutcomeOfData = Atomic(false)

    /// Ends the process. Of a command whose output is its purpose, a result that could not be written is
    /// trouble; what one says of the data that it sent stays as it is, printed or not.
    static func leave(_ status: ExitStatus) -> Never {
        let isWell = status == .fine || status == .problems
        let isLost = Console.isOutputLost && !isOutcomeOfData.load(ordering: .relaxed)
        Foundation.exit((isLost && isWell ? .passing : status).rawValue)
    }

    private static func leave(with error: any Error) -> Never {
        if let code = error as? ExitCode {
            guard let status = ExitStatus(rawValue: code.rawValue) else {
                Foundation.exit(code.rawValue)
            }
            leave(status)
        }
        if let error = error as? LedgerError { Damage.note(error) }
        if let failure = error as? Failure ?? Failure(translating: error) {
            Console.complain(failure.message)
            leave(failure.status)
        }
        switch exitCode(for: error) {
        case .success: exit(withError: error)
        case .validationFailure:
            if let words = CommandNames.complaint(CommandLine.arguments.dropFirst(), Self.self) {
                Console.complain(words)
                leave(.usage)
            }
            Console.warn(fullMessage(for: error))
            leave(.usage)
        default:
            Console.complain("\(error)")
            leave(.defect)
        }
    }
}

/// glibc's; its header is in no module. Option -8 is `M_ARENA_MAX`.
@_silgen_name("mallopt") private func mallopt(_ option: Int32, _ value: Int32) -> Int32
