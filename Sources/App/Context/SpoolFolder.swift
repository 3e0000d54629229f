import Ledger
import Records

/// Copies of what a run reads and cannot be read twice: standard input, pipes, FIFOs. Each is there for as long as a
/// run that reads it may continue.
struct SpoolFolder {
    private let directory: String
    private let ledger: Ledger

    init(_ context: AppContext) { self.init(context.options.directory, context.ledger) }

    init(_ state: String, _ ledger: Ledger) {
        directory = state + "/spool"
        self.ledger = ledger
    }

    var spool: Spool { .kept(in: directory) }

    /// Removes what no run needs any more, also what a killed process has left.
    func sweep() {
        guard let used = try? ledger.inputsInUse() else { return }
        let names = Set(used.compactMap { $0.split(separator: "/").last.map(String.init) })
        Spool.sweep(directory) { names.contains($0) }
    }
}
