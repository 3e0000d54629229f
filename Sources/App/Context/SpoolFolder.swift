package import Ledger
package import Records

/// Copies of what a run reads and cannot be read twice: standard input, pipes, FIFOs. Each is there for as long as a
/// run that reads it may go on.
package struct SpoolFolder {
    private let directory: String
    private let ledger: Ledger

    package init(_ context: AppContext) { self.init(context.options.directory, context.ledger) }

    package init(_ state: String, _ ledger: Ledger) {
        directory = state + "/spool"
        self.ledger = ledger
    }

    package var spool: Spool { .kept(in: directory) }

    /// Removes what no run needs any more, also what a killed process has left.
    package func sweep() {
        guard let used = try? ledger.inputsInUse() else { return }
        let names = Set(used.compactMap { $0.split(separator: "/").last.map(String.init) })
        Spool.sweep(directory) { names.contains($0) }
    }
}
