import App
import ArgumentParser
import Catalog
import Foundation
import Model

/// What the shell offers after Tab. The scripts are ArgumentParser's; what they cannot know they ask the program for.
extension CompletionKind {
    static let jobFiles = CompletionKind.file(extensions: ["yaml", "yml"])
    static let dataFiles = CompletionKind.file()
    static let encodings = CompletionKind.list(["utf-8", "utf-16", "windows-1252", "latin-1"])
    static let delimiters = CompletionKind.list(["comma", "semicolon", "tab", "pipe"])
    static let listings = CompletionKind.list(Listing.all.map(\.name))
    static let endpoints = CompletionKind.list(Endpoint.all.map(\.name))
    static let reasons = CompletionKind.list(
        Reason.Turn.allCases.filter { $0 != .parked }.map(\.code) + Reason.all.map(\.code))

    /// The newest runs of the ledger.
    static let runs = asked { Candidates.runs($0) }
    /// Runs and exports that are unfinished.
    static let unfinished = asked { Candidates.unfinished($0) }
    /// The jobs of the ledger's runs.
    static let jobNames = asked { Candidates.jobs($0) }
    /// Those of the connections file, and the built-in one.
    static let connections = asked { Candidates.connections($0) }

    private static func asked(_ body: @escaping @Sendable (AppOptions) -> [String]) -> CompletionKind {
        .custom { words, _, prefix in
            let options = AppOptions(
                directory: StateOptions.directory(value(of: "--state", in: words)),
                connections: value(of: "--connections", in: words), quiet: true)
            return body(options).filter { $0.hasPrefix(prefix) }
        }
    }

    /// What the command line that is being typed gives an option.
    private static func value(of option: String, in words: [String]) -> String? {
        if let index = words.firstIndex(of: option) { return words.dropFirst(index + 1).first }
        return words.first { $0.hasPrefix(option + "=") }.map {
            String($0.dropFirst(option.count + 1))
        }
    }
}
