/// Why a record was not accepted: a stable code, who must act, and the next step in one sentence.
///
/// Codes never change their meaning; new ones may be added. `Reason.all` lists them.
package struct Reason: Hashable, Sendable {
    /// The class of a reason. The raw values are part of the JSON; people read ``owner``.
    package enum Turn: String, Sendable, CaseIterable {
        case fixData = "fix the data"
        case tryLater = "try later"
        case alreadyDone = "already done"
        case needsPerson = "needs a person"
        case parked = "parked at the server"

        /// Who must act, as reports say it.
        package var owner: String {
            switch self {
            case .fixData, .needsPerson: "you"
            case .tryLater: "retry later"
            case .alreadyDone: "nobody"
            case .parked: "the server"
            }
        }

        /// Its name in a command.
        package var code: String {
            switch self {
            case .fixData: "fix-data"
            case .tryLater: "try-later"
            case .alreadyDone: "already-done"
            case .needsPerson: "needs-person"
            case .parked: "parked"
            }
        }
    }

    package let code: String
    package let turn: Turn
    package let nextStep: String

    private init(_ code: String, _ turn: Turn, _ nextStep: String) {
        self.code = code
        self.turn = turn
        self.nextStep = nextStep
    }

    package static func == (a: Reason, b: Reason) -> Bool { a.code == b.code }
    package func hash(into hasher: inout Hasher) { hasher.combine(code) }

    /// The same record may be accepted now: the error is temporary, or its cause is outside the record and
    /// may have been fixed.
    package var mayPassNow: Bool { turn == .tryLater || Self.causedOutside.contains(self) }

    private static let causedOutside: Set<Reason> = [
        customerUnknown, customerBlocked, originalUnknown, targetUnknown, refusedSetup,
    ]

    /// The reason of that code; one not known to this version keeps its code and needs a person.
    package static func named(_ code: String) -> Reason {
        byCode[code] ?? Reason(code, .needsPerson, "Look at the server's message.")
    }

    /// Only sluice gives this reason, and its message contains nothing from the server.
    package var isOurs: Bool { Self.ours.contains(self) }

    private static let ours: Set<Reason> = [
        repeated, acceptedBefore, onServer, reserved, waiting, inputGone, stopped,
    ]

    private static let byCode = Dictionary(uniqueKeysWithValues: all.map { ($0.code, $0) })
}

// What the reader and the mapping find.
extension Reason {
    package static let unreadable = Reason(
        "unreadable", .fixData, "Fix the row at the position shown and send it again.")
    package static let fieldCount = Reason(
        "field-count", .fixData, "Give the row the same number of fields as the header.")
    package static let encoding = Reason(
        "encoding", .fixData, "Save the file as UTF-8, or name its encoding in the job.")
    package static let missing = Reason("missing", .fixData, "Fill in the field.")
    package static let type = Reason(
        "type", .fixData, "Give the field a value of the expected type.")
    package static let format = Reason(
        "format", .fixData, "Write the value in the expected format, or change the format in the job.")
    package static let spreadsheet = Reason(
        "spreadsheet-damage", .fixData,
        "Copy the value from its source again: a spreadsheet has rounded it.")
    package static let invisible = Reason(
        "invisible-character", .fixData,
        "Remove the character, or set `trim: true` for the field, which removes invisible ones.")
    package static let notListed = Reason(
        "not-listed", .fixData, "Use one of the values listed, or map this one in the job.")
    package static let tooLong = Reason("too-long", .fixData, "Shorten the value.")
    package static let outOfRange = Reason(
        "out-of-range", .fixData, "Correct the value to be within the expected range.")
    package static let unknownField = Reason(
        "unknown-field", .fixData, "Remove the field or correct its name.")
    package static let noOffset = Reason(
        "no-offset", .fixData, "Add an offset to the date, or a `zone` to its field in the job.")
    package static let rule = Reason(
        "rule", .fixData, "Make the fields agree with the rule shown.")
    package static let tooLarge = Reason(
        "too-large", .fixData, "Make the record smaller, or raise the limit shown.")
    package static let orphanRow = Reason(
        "orphan-row", .fixData,
        "Fill in the columns shown, or remove the row if it is not part of a record, such as a total.")
    package static let repeatedKey = Reason(
        "repeated-key", .fixData,
        "Give each record its own key, or set `repeats: never` or `repeats: count` in the job.")
    package static let conflictingKey = Reason(
        "conflicting-key", .fixData,
        "An earlier record has the same key with other content: correct one of the two.")
    package static let unmatched = Reason(
        "unmatched", .fixData,
        "Add the file with the rest of the record, and run the job again.")
    package static let repeatedMark = Reason(
        "repeated-mark", .fixData,
        "Keep the `_sluice` cell in the record it belongs to, and empty it in the other.")
    package static let groupReopened = Reason(
        "group-reopened", .fixData,
        "Remove `sorted: true` from the job, or sort the file so that the rows of each record are next to each other."
    )
}

// What is against sending.
extension Reason {
    package static let repeated = Reason(
        "repeated", .alreadyDone, "Nothing: it repeats an earlier record of this input.")
    package static let acceptedBefore = Reason(
        "accepted-before", .alreadyDone, "Nothing: an earlier run imported it.")
    package static let onServer = Reason(
        "on-server", .alreadyDone, "Nothing: the server has it, with equal content.")
    package static let reserved = Reason(
        "reserved", .needsPerson,
        "Another run has this key reserved: finish that run with `sluice resume` or `sluice reconcile`."
    )
    package static let maybeOnServer = Reason(
        "maybe-on-server", .needsPerson,
        "Compare it with the server's entry shown; if that is another record, `sluice retry RUN --key KEY` sends this one."
    )
    package static let cannotLookUp = Reason(
        "cannot-look-up", .needsPerson,
        "Check in the org whether it arrived; if not, `sluice retry RUN --key KEY` sends it, and `--reason "
            + "cannot-look-up` all of them.")
    package static let waiting = Reason(
        "waiting", .tryLater, "It waits for a record it depends on: `sluice resume`.")
    package static let inputGone = Reason(
        "input-gone", .needsPerson,
        "Run the job with the old file again: the input was replaced before the record was sent.")
    package static let stopped = Reason(
        "stopped", .tryLater, "The run stopped before sending it: `sluice resume`.")
}

// What the server says.
extension Reason {
    package static let duplicate = Reason(
        "duplicate", .alreadyDone, "Compare it with the server's copy: `sluice explain KEY`.")
    package static let existsUnverified = Reason(
        "exists-unverified", .needsPerson,
        "The server has a record with that key; set `verify_existing: all` to compare each one.")
    package static let conflict = Reason(
        "conflict", .needsPerson,
        "The server has a record with that key and other content: decide which one is right.")
    package static let repeatedRequest = Reason(
        "repeated-request", .needsPerson,
        "An earlier request had this request id: check in the org what it did, then decide with "
            + "`sluice reconcile`, or give the record an id of its own and `sluice retry`.")
    package static let customerUnknown = Reason(
        "customer-unknown", .fixData, "Import the customer, then `sluice retry`.")
    package static let customerBlocked = Reason(
        "customer-blocked", .needsPerson, "Have the customer unblocked, then `sluice retry`.")
    package static let originalUnknown = Reason(
        "original-unknown", .fixData, "Import the original bill, then `sluice retry`.")
    package static let targetUnknown = Reason(
        "target-unknown", .fixData,
        "The server does not know this id or number: import it and `sluice retry`, or correct it."
    )
    package static let notReturnable = Reason(
        "not-returnable", .fixData,
        "Correct the return: only what was bought and not yet returned can be returned.")
    package static let refusedValue = Reason(
        "refused-value", .fixData, "Correct the field named in the server's message.")
    package static let refusedSetup = Reason(
        "refused-setup", .needsPerson,
        "Set up in the org what the server's message asks for, then `sluice retry`.")
    package static let refused = Reason(
        "refused", .fixData, "Read the server's message and correct the record.")
    package static let parkedByServer = Reason(
        "parked", .parked,
        "Fix the master data named in its error, then `sluice rejected retrigger`.")
    package static let batchTooLarge = Reason(
        "batch-too-large", .tryLater, "Nothing: sluice sends the batch in halves.")
    package static let recordTooLarge = Reason(
        "record-too-large", .fixData,
        "Make the record smaller, with fewer lines or shorter texts: the server refuses it even on its own."
    )
    package static let busy = Reason("busy", .tryLater, "Nothing: sluice sends it again.")
    package static let throttled = Reason(
        "throttled", .tryLater, "Nothing: sluice sends more slowly.")
    package static let gaveUp = Reason("gave-up", .tryLater, "Send it again: `sluice retry`.")
    package static let noAnswer = Reason(
        "no-answer", .tryLater, "Settle it: `sluice reconcile`.")
    package static let unboundAnswer = Reason(
        "unbound-answer", .tryLater, "Settle it: `sluice reconcile`.")
    package static let contradiction = Reason(
        "contradiction", .tryLater,
        "The answer has both an id and an error: settle it with `sluice reconcile`.")
    package static let unauthorized = Reason(
        "unauthorized", .needsPerson, "Check the connection's credentials, then `sluice resume`.")
    package static let forbidden = Reason(
        "forbidden", .needsPerson, "Have the API client granted access, then `sluice resume`.")
    package static let notFound = Reason(
        "endpoint-not-found", .needsPerson, "Check the connection's base URL.")
    package static let serverTrouble = Reason(
        "server-trouble", .tryLater, "Wait, then `sluice resume`.")
    package static let maintenance = Reason(
        "maintenance-page", .tryLater,
        "The server showed a maintenance page: `sluice resume` when it is back.")
    package static let unlistedStatus = Reason(
        "unlisted-status", .tryLater, "Settle it: `sluice reconcile`.")

    package static let all: [Reason] = [
        unreadable, fieldCount, encoding, missing, type, format, spreadsheet, invisible, notListed,
        tooLong,
        outOfRange, unknownField, noOffset, rule, tooLarge, orphanRow, repeatedKey, conflictingKey,
        unmatched, repeatedMark, groupReopened, repeated, acceptedBefore, onServer, reserved,
        maybeOnServer, cannotLookUp, waiting, stopped, inputGone,
        duplicate,
        existsUnverified, conflict, repeatedRequest, customerUnknown, customerBlocked, originalUnknown,
        targetUnknown, notReturnable, refusedValue, refusedSetup, refused, parkedByServer,
        batchTooLarge, recordTooLarge, busy,
        throttled, gaveUp, noAnswer, unboundAnswer, contradiction, unauthorized, forbidden,
        notFound, serverTrouble, maintenance, unlistedStatus,
    ]
    /// Those that do not depend on the call: of rows, of keys, of a run that ends before its work.
    package static let ofAnyCall: [Reason] = [
        unreadable, encoding, fieldCount, missing, type, format, spreadsheet, invisible, notListed,
        tooLong,
        outOfRange, noOffset, rule, tooLarge, orphanRow, unmatched, groupReopened, repeatedKey,
        conflictingKey, repeatedMark, repeated, acceptedBefore, onServer, reserved,
        maybeOnServer, cannotLookUp, waiting, stopped, inputGone, gaveUp,
        serverTrouble,
    ]
}
