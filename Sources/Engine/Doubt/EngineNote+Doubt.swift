extension EngineNote {
    /// Why a record in doubt stays so, and what settled it.
    package enum Doubt: Sendable, Equatable {
        /// These credentials may not look up.
        case notLookedUp(String)
        case inconclusiveSoFar(String)
        case inconclusive(String)
        case inconclusiveInARow(Int, String)
        /// A look-up without a hit: what else has its key, and whether it counts.
        case notFound(others: [String], counts: Bool)
        case found(id: String, how: String?)
        /// What a server is known to make of it.
        case inServersForm(String)
        /// What is shown may be the record in another form.
        case maybeInForm(String)
        /// The forms that a look-up shows, and how many more there are.
        case forms([String], more: Int)
        case othersRecord(ids: [String])
        case blind
        case neverResent
        case provedAbsent
        case noWitness
        case cannotTell
        case unmatchedAttempts(Int)
        // The server's queue of rejected transactions.
        case queueAmbiguous(Int)
        case queueUnread(String)
        case queueForm(String)
        case queueUnclear
        case queueNotChecked(String)
        case queueNotRead(String)
        // The same request again, under its id.
        case repeatUnanswered
        case repeatKnown
        case repeatRejectedTwice
        case repeatRejected(String)
        case repeatLater(status: Int)
        case repeatServed(id: String?)
        case repeatNotDone(String)
        case idOfAnother
        /// What came of a request that was sent again.
        case sentAgain(String)
        case sentAgainOften(Int, String)
        // What the server says it has already.
        case existingUncompared(String)
        case serverHas([String])
    }

    /// The jobs that a server makes of files, by the stems of their names.
    package enum FileJob: Sendable, Equatable {
        /// What a job that has ended counts.
        package struct Counts: Sendable, Equatable {
            package let errors: Int
            package let rows: Int
            package let job: String
        }
        /// Why a job proves nothing about single rows.
        package enum Left: Sendable, Equatable {
            case whenStopped
            case notRequested(String)
            case unread(String)
            case notInTime
            case ended(Counts)
        }
        case left(stem: String, Left)
        case notFollowed(String)
        case stillIn(stem: String, state: String)
        /// No job has the file's name, and it is not sent again: `doubt.resend` is never, or a repeat may be taken.
        case missing(stem: String, isNeverResent: Bool)
        case provedMissing(stem: String)
        case errorsUnlisted(Counts)
        case rowsNotFound(Int, Counts)
        case rowRefused(Counts)
        case maybeOthers
    }

    /// Why a read says nothing.
    package enum Looking: Sendable, Equatable {
        case credentialsRefused
        case forbidden
        case throttled
        case maintenancePage
        case status(Int)
        case searchEndless
        case lookEndless
        case callEndless
        case unnamed
        case cancelled
    }

    /// What is looked up before anything is sent.
    package enum Meeting: Sendable, Equatable {
        case maybeThere(String)
        case untold(String)
        case sampleThere(found: Int, of: Int)
        case sampleStops(found: Int, of: Int)
        case sampleLooks(found: Int, of: Int)
        case knownUnseen
        case noRead(endpoint: String)
    }
}
