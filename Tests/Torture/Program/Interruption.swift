import Dispatch
import Foundation
import Synchronization
import TestSupport

/// Ctrl-C and SIGTERM: what was started here is ended first.
enum Interruption {
    private static let asked = Atomic(false)

    static var isAsked: Bool { asked.load(ordering: .relaxed) }

    static func check() throws { if isAsked { throw TestFailure("interrupted") } }

    static func watch() {
        for number in [SIGINT, SIGTERM] {
            // The default would end this before its children.
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler {
                asked.store(true, ordering: .relaxed)
                // For as long as the program lives.
                withExtendedLifetime(source) {}
            }
            source.resume()
        }
    }
}
