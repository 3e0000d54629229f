import Foundation
import Jobs
import Ledger
import Model
import Records

/// Names that a shell offers while a command is typed. Whatever is wrong, it is none: the command itself says so.
package enum Candidates {
    private static let most = 50

    /// The newest runs first.
    package static func runs(_ options: AppOptions) -> [String] {
        read(options) { try $0.runs(limit: most).map(\.id.text) }
    }

    /// What `sluice resume` takes: runs, exports, and runs that have not started.
    package static func unfinished(_ options: AppOptions) -> [String] {
        read(options) { ledger in
            try ledger.openRuns().map(\.id.text) + ledger.openExports().map(\.id.text)
                + ledger.pending().map(\.id.text)
        }
    }

    /// The jobs of the newest runs, by name.
    package static func jobs(_ options: AppOptions) -> [String] {
        read(options) { Set(try $0.runs(limit: 1000).map(\.job)).sorted() }
    }

    /// The names of the connections file, after the built-in `sandbox`.
    package static func connections(_ options: AppOptions) -> [String] {
        ["sandbox"] + ((try? AppContext.connectionNames(options)) ?? []).filter { $0 != "sandbox" }
    }

    /// A ledger that is not there is not made.
    private static func read(_ options: AppOptions, _ body: (Ledger) throws -> [String]) -> [String] {
        guard FileManager.default.fileExists(atPath: Ledger.path(in: options.directory)),
            let ledger = try? Ledger.open(at: options.directory)
        else { return [] }
        return (try? body(ledger)) ?? []
    }
}
