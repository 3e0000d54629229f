import Jobs
import Mapping

/// Lines `# TODO …` of a job: what its author has to decide yet.
enum OpenGaps {
    /// `till.yaml:14: TODO billingDate: …`, one for each.
    static func lines(in text: String, _ path: String) -> [String] {
        text.split(separator: "\n", omittingEmptySubsequences: false).enumerated().compactMap {
            let line = $0.element.trimmingPrefix { $0 == " " }
            guard line.hasPrefix("# TODO") else { return nil }
            return "\(path):\($0.offset + 1): \(line.dropFirst(2))"
        }
    }

    /// The same error with what is to be decided, where that may be why.
    static func explained(_ error: any Error, in text: String, _ path: String) -> any Error {
        guard error is JobError || error is MappingError || error is Failure,
            let failure = error as? Failure ?? Failure(translating: error)
        else { return error }
        let gaps = lines(in: text, path)
        guard !gaps.isEmpty, !failure.message.contains(gaps[0]) else { return error }
        return Failure(
            failure.status,
            failure.message + "\nTo be decided in this job; write the value, then remove the line:\n"
                + gaps.map { "  " + $0 }.joined(separator: "\n"))
    }
}
