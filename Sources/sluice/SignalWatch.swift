import Dispatch
import Foundation
import Synchronization

/// Turns SIGINT and SIGTERM into calls: the first asks, the second ends the process at once.
struct SignalWatch {
    private let sources: [any DispatchSourceSignal]

    /// - Parameter asked: Called with the signal when it first comes.
    init(asked: @escaping @Sendable (Int32) -> Void) {
        let count = Atomic0()
        sources = [SIGINT, SIGTERM].map { number in
            #if canImport(Darwin)
                signal(number, SIG_IGN)
            #endif
            // Elsewhere the source brings a handler of its own, and a signal that was ignored until that
            // stands would be lost: it ends the process instead, as it does before anybody watches.
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler {
                if count.next() == 1 { return asked(number) }
                Console.clearLine()
                Console.complain(
                    "left at once; what was in flight is in doubt: `sluice resume` settles it")
                _exit(128 + number)
            }
            source.resume()
            return source
        }
    }

    /// From here on a signal ends the process, as it does one that watches for none.
    func end() {
        for source in sources { source.cancel() }
        for number in [SIGINT, SIGTERM] { signal(number, SIG_DFL) }
    }

    private final class Atomic0: Sendable {
        private let value = Atomic<Int>(0)
        func next() -> Int { value.add(1, ordering: .relaxed).newValue }
    }
}
