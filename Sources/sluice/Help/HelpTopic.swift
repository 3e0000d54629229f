import App
import Foundation
import Reports

/// A subject that `sluice help` explains beside the commands.
///
/// The words are those of the documents: they are compiled in from the files that the links in this folder lead to,
/// so that neither can be out of date.
enum HelpTopic: String, CaseIterable {
    case exitCodes = "exit-codes"
    case jobFile = "job-file"
    case outcomes
    case limits
    case security

    /// In the list of topics.
    var summary: String {
        switch self {
        case .exitCodes: "what each exit status means, and what to do then"
        case .jobFile: "every key of job files and connection files"
        case .outcomes: "what became of a record, and other words in reports"
        case .limits: "how fast sluice sends, and what else is limited"
        case .security: "where secrets and personal data are"
        }
    }

    /// The topic that `sluice help TOPIC` names.
    init?(_ arguments: some Collection<String>) {
        guard arguments.count == 2, arguments.first == "help", let name = arguments.dropFirst().first
        else { return nil }
        self.init(rawValue: name)
    }

    /// In the documents' own form.
    var markdown: String {
        switch self {
        case .exitCodes: Self.readme("Exit status")
        case .jobFile:
            MarkdownText.without("The jobs here", Self.text(PackageResources.JobFiles_md))
        case .outcomes: Self.readme("Outcomes: what they mean and what to do")
        case .limits:
            MarkdownText.section("Limits", of: Self.text(PackageResources.OperatingGuide_md)) ?? ""
        case .security: Self.text(PackageResources.Security_md)
        }
    }

    func text(width: Int) -> String { MarkdownText.plain(markdown, width: width) }

    /// The lines about topics in the help of the program itself.
    static var list: String {
        let width = allCases.map(\.rawValue.count).max() ?? 0
        return allCases.map {
            "  sluice help " + $0.rawValue.padding(toLength: width + 2, withPad: " ", startingAt: 0)
                + $0.summary
        }.joined(separator: "\n")
    }

    private static func readme(_ heading: String) -> String {
        MarkdownText.section(heading, of: text(PackageResources.README_md)) ?? ""
    }

    private static func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }
}
