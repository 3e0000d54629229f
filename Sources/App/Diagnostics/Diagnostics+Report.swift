import Foundation
import Reports

extension Diagnostics {
    /// Looks at everything, and prints what was found.
    ///
    /// - Parameter connection: Only this one; nil: all that are in the file.
    /// - Returns: The exit status that weighs most: settings first, for nothing else can be believed before.
    package static func report(connection: String?, _ options: AppOptions) async throws -> ExitStatus {
        var diagnostics = Diagnostics(options)
        await diagnostics.run(connection: connection)
        let findings = diagnostics.findings
        if options.json {
            Console.print(
                try Console.json([
                    "schema": 1, "version": Version.current,
                    "findings": findings.map {
                        [
                            "subject": $0.subject, "verdict": $0.verdict.rawValue,
                            "words": $0.diagnosis.words, "next": $0.diagnosis.next,
                            "exit": Int($0.status.rawValue),
                        ] as [String: Any]
                    },
                ]))
        } else {
            let shown = options.quiet ? findings.filter { $0.verdict != .fine } : findings
            if !shown.isEmpty { Console.print(Self.text(shown)) }
        }
        let order: [ExitStatus] = [.defect, .unbalanced, .usage, .authentication, .passing]
        return order.first { status in findings.contains { $0.status == status } } ?? .fine
    }

    private static func text(_ findings: [Finding]) -> String {
        let width = findings.map(\.subject.count).max() ?? 0
        return findings.flatMap { finding in
            let head =
                finding.subject.padding(toLength: width + 2, withPad: " ", startingAt: 0)
                + finding.verdict.rawValue.padding(toLength: 7, withPad: " ", startingAt: 0)
            let indent = String(repeating: " ", count: head.count)
            let words = Wording.wrap(finding.diagnosis.words, width: 100, indent: indent)
            let next =
                finding.diagnosis.next.isEmpty
                ? [] : Wording.wrap(finding.diagnosis.next, width: 100, indent: indent)
            return [head + (words.first.map { String($0.dropFirst(indent.count)) } ?? "")]
                + words.dropFirst() + next
        }.joined(separator: "\n")
    }
}
