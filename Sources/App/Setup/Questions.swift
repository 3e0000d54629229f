import Foundation
import Reports

/// Asks on a terminal: a question and the answer that Enter takes.
enum Questions {
    static var canAsk: Bool { isatty(STDIN_FILENO) == 1 && Console.isTerminal }

    /// - Parameter usual: What Enter means; empty: it is left open.
    /// - Returns: The answer; nil where nothing was said and nothing is usual.
    static func ask(
        _ question: String, _ candidates: [String] = [], usual: String = "",
        isGood: (String) -> String? = { _ in nil }
    ) -> String? {
        let choices = candidates.isEmpty ? "" : " (\(candidates.joined(separator: ", ")))"
        while true {
            Console.prompt("\(question)\(choices) [\(usual.isEmpty ? "leave open" : usual)]: ")
            guard let line = readLine() else {
                Console.warn("")
                return usual.isEmpty ? nil : usual
            }
            let answer = line.trimmingCharacters(in: .whitespaces)
            if answer.isEmpty { return usual.isEmpty ? nil : usual }
            guard let complaint = isGood(answer) else { return answer }
            Console.warn("  " + complaint)
        }
    }
}
