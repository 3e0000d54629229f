import Engine

extension EngineNote.Doubt {
    var text: String {
        switch self {
        case .notLookedUp(let words): "records in doubt cannot be looked up: \(words)"
        case .inconclusiveSoFar(let words): "look-ups are inconclusive so far: \(words)"
        case .inconclusive(let words): "the look-up was inconclusive: \(words)"
        case .inconclusiveInARow(let count, let words):
            "\(count) look-ups in a row were inconclusive: \(words)"
        case .notFound(let others, let counts):
            "not found"
                + (others.isEmpty ? "" : "; entries with its key: " + others.joined(separator: ", "))
                + (counts ? "" : " (too early to count)")
        case .found(let id, let how): "found on the server as \(id)" + (how.map { ", \($0)" } ?? "")
        case .inServersForm(let words): "in the form that this server shows: \(words)"
        case .maybeInForm(let words): "\(words): check whether it is this record, then decide"
        case .forms(let shown, let more):
            shown.joined(separator: "; ") + (more > 0 ? "; and \(more) more" : "")
        case .othersRecord(let ids): "another record's " + ids.joined(separator: ", ")
        case .blind: "the look-up does not find a record that is known to be there"
        case .neverResent: "doubt.resend is never"
        case .provedAbsent:
            "not on the server: two look-ups did not find it, but found a record sent later; it can be sent again"
        case .noWitness:
            "look-ups do not find it, but no later record of its type is known to be there, so this "
                + "proves nothing yet; a later run can prove it, or you decide"
        case .cannotTell: "the API cannot tell whether it arrived"
        case .unmatchedAttempts(let count):
            "\(count) attempts got no answer that can be matched to it"
        case .queueAmbiguous(let count):
            "the server's queue has \(count) that may be this record or an equal one; check it, then decide"
        case .queueUnread(let words): "the server's queue cannot be read: \(words)"
        case .queueForm(let words): "in the server's queue: \(words)"
        case .queueUnclear: "look-ups say nothing"
        case .queueNotChecked(let words):
            "the server's queue of rejected transactions was not checked: \(words)"
        case .queueNotRead(let words):
            "the server's queue of rejected transactions could not be read: \(words); "
                + "`sluice resume` tries again"
        case .repeatUnanswered: "it got no answer"
        case .repeatKnown: "the server knows its request id: the first request arrived"
        case .repeatRejectedTwice:
            "rejected twice with the same request id, which the server does not know"
        case .repeatRejected(let words): "the repeated request was rejected: \(words)"
        case .repeatLater(let status): "not now (\(status))"
        case .repeatServed(let id): "served" + (id.map { " as \($0)" } ?? "")
        case .repeatNotDone(let words): "not done: \(words)"
        case .idOfAnother: "another record has its id"
        case .sentAgain(let words): "sent again with the same request id: \(words)"
        case .sentAgainOften(let count, let words): "sent again \(count) times: \(words)"
        case .existingUncompared(let words):
            "the records on the server cannot be compared: \(words)"
        case .serverHas(let others): "the server has " + others.joined(separator: ", ")
        }
    }
}

extension EngineNote.Looking {
    var text: String {
        switch self {
        case .credentialsRefused: "the credentials were not accepted"
        case .forbidden: "these credentials may not read here (403)"
        case .throttled: "too many requests"
        case .maintenancePage: "the server answers with a maintenance page"
        case .status(let status): "the look-up was answered with \(status)"
        case .searchEndless: "the search found no end"
        case .lookEndless: "the look-up found no end"
        case .callEndless: "the call found no end"
        case .unnamed: "the look-up does not say whose"
        case .cancelled: "cancelled"
        }
    }
}

extension EngineNote.Meeting {
    var text: String {
        switch self {
        case .maybeThere(let words):
            "a record may be on the server already: \(words). If it "
                + "is another one, `verify_existing: none` sends all records anyway"
        case .untold(let words):
            "nothing was sent, since look-ups cannot tell whether the org has some of the input already: "
                + "\(words). If they never work and nothing of it was imported before, end this run with `sluice abandon` and set "
                + "`verify_existing: none` in the job"
        case .sampleThere(let found, let count): Self.sample(found, count)
        case .sampleStops(let found, let count):
            Self.sample(found, count)
                + ". If another ledger or tool imported them, `sluice ledger adopt --force` and then "
                + "`sluice resume` look each record up before it is sent. If they are others, end this run "
                + "with `sluice abandon` and set `verify_existing: none` in the job"
        case .sampleLooks(let found, let count):
            Self.sample(found, count) + ": each record is looked up before it is sent"
        case .knownUnseen: "look-ups do not show a record that is there"
        case .noRead(let endpoint):
            "the ledger is older than what was sent, and \(endpoint) cannot be looked up"
        }
    }

    private static func sample(_ found: Int, _ count: Int) -> String {
        "\(found) of \(count) records, sampled over the input, are on the server already"
    }
}
