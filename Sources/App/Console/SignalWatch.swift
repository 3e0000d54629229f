import Dispatch
import Foundation
import Synchronization

/// Turns SIGINT, SIGTERM and SIGHUP into calls: the first asks, the second ends the process at once.
///
/// A terminal that is closed sends SIGHUP; it is as good as SIGTERM. Under `nohup` it stays ignored.
package struct SignalWatch {
    private let numbers: [Int32]
    private let sources: [any DispatchSourceSignal]

    /// The exit status of a process that a signal ends.
    package static func status(of signal: Int32) -> Int32 {
        (signal == SIGINT ? ExitStatus.interrupted : .terminated).rawValue
    }

    /// - Parameter asked: Called with the signal when it first comes.
    package init(asked: @escaping @Sendable (Int32) -> Void) {
        let count = Atomic0()
        numbers = [SIGINT, SIGTERM] + (Self.isIgnored(SIGHUP) ? [] : [SIGHUP])
        sources = numbers.map { number in
            #if canImport(Darwin)
                signal(number, SIG_IGN)
            #endif
            // Elsewhere the source brings a handler of its own, and a signal that was ignored until that
            // is would be lost: it ends the process instead, as it does before anybody watches.
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler {
                if count.next() == 1 { return asked(number) }
                Console.clearLine()
                Console.complain(
                    "stopped at once; the records in flight are in doubt: `sluice resume` settles them")
                _exit(Self.status(of: number))
            }
            source.resume()
            return source
        }
    }

    /// From here on a signal ends the process, as it does one that watches for none.
    package func end() {
        for source in sources { source.cancel() }
        for number in numbers { signal(number, SIG_DFL) }
    }

    private static func isIgnored(_ number: Int32) -> Bool {
        // The only way to read what is set is to set it.
        let before = signal(number, SIG_IGN)
        let isIgnored =
            unsafe unsafeBitCast(before, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self)
        if !isIgnored { signal(number, before) }
        return isIgnored
    }

    private final class Atomic0: Sendable {
        private let value = Atomic<Int>(0)
        func next() -> Int { value.add(1, ordering: .relaxed).newValue }
    }
}
