package import Model

/// What is read from the server by several calls, each told by the reply to the one before.
package protocol ReadStep: Sendable {
    /// The call to make now, and what follows from its reply; nil where there is none to make.
    var question: (request: Request, then: @Sendable (Reply) -> Self)? { get }
}

extension SearchStep: ReadStep {
    /// See ``ReadStep/question``.
    package var question: (request: Request, then: @Sendable (Reply) -> SearchStep)? {
        if case .ask(let request, let then) = self { (request, then) } else { nil }
    }
}

extension QueueStep: ReadStep {
    /// See ``ReadStep/question``.
    package var question: (request: Request, then: @Sendable (Reply) -> QueueStep)? {
        if case .ask(let request, let then) = self { (request, then) } else { nil }
    }
}

extension PreparationStep: ReadStep {
    /// See ``ReadStep/question``.
    package var question: (request: Request, then: @Sendable (Reply) -> PreparationStep)? {
        if case .ask(let request, let then) = self { (request, then) } else { nil }
    }
}

extension CallStep: ReadStep {
    /// See ``ReadStep/question``.
    package var question: (request: Request, then: @Sendable (Reply) -> CallStep)? {
        if case .ask(let request, let then) = self { (request, then) } else { nil }
    }
}
