import Model

enum RejectedQueue {
    static func walk(from: CivilDay, to: CivilDay) -> QueueStep { .unclear(Refusal(.notFound)) }
    static func matches(_ entry: QueueEntry, _ member: TransactionEvidence) -> Bool { false }
}
