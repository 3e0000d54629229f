import App
import ArgumentParser
import Foundation
import Reports

struct DoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Look at the ledger, the connections, the clock and the org's settings that matter.",
        discussion: """
            Sends one read for each connection, and changes nothing. Tells no secrets.

            Exit status 0: all is well, or worth a note at most; 2: the settings are wrong; 5: a server does not answer;
            8: credentials are refused.
            """)

    @Argument(help: "Only this connection; else all that are in the file.")
    var connection: String?

    @OptionGroup var options: StateOptions
    @OptionGroup var connections: ConnectionOptions

    func run() async throws {
        var checkup = Diagnostics(options.app(connections))
        await checkup.run(connection: connection)
        let findings = checkup.findings
        if options.json {
            Console.print(
                try Console.json([
                    "schema": 1, "version": Version.current,
                    "findings": findings.map {
                        [
                            "subject": $0.subject, "verdict": $0.verdict.rawValue, "words": $0.words,
                            "next": $0.next, "exit": Int($0.status.rawValue),
                        ] as [String: Any]
                    },
                ]))
        } else {
            let shown = options.quiet ? findings.filter { $0.verdict != .fine } : findings
            if !shown.isEmpty { Console.print(Self.text(shown)) }
        }
        // Settings first: nothing else can be believed before they are right.
        let order: [ExitStatus] = [.defect, .unbalanced, .usage, .authentication, .passing]
        if let worst = order.first(where: { status in findings.contains { $0.status == status } }) {
            throw ExitCode(worst.rawValue)
        }
    }

    private static func text(_ findings: [Finding]) -> String {
        let width = findings.map(\.subject.count).max() ?? 0
        return findings.flatMap { finding in
            let head =
                finding.subject.padding(toLength: width + 2, withPad: " ", startingAt: 0)
                + finding.verdict.rawValue.padding(toLength: 7, withPad: " ", startingAt: 0)
            let indent = String(repeating: " ", count: head.count)
            let words = Wording.wrap(finding.words, width: 100, indent: indent)
            let next =
                finding.next.isEmpty ? [] : Wording.wrap(finding.next, width: 100, indent: indent)
            return [head + (words.first.map { String($0.dropFirst(indent.count)) } ?? "")]
                + words.dropFirst() + next
        }.joined(separator: "\n")
    }
}
