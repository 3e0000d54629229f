import Records

/// What became of an input since a run began. Places are bytes.
package enum InputChange: Sendable, Equatable {
    case unreadable
    case grown(after: Int)
    case cut(to: Int)
    case edited(at: Int)
    /// Something, at an unknown position.
    case unknown

    /// Nil where its content is what it was.
    init?(_ change: FileFingerprint.Change) {
        switch change {
        case .unchanged: return nil
        case .appended(let from): self = .grown(after: from)
        case .truncated(let to): self = .cut(to: to)
        case .edited(_, let offset): self = .edited(at: offset)
        case .unknown: self = .unknown
        }
    }
}
