/// A way not to land: a stable code, whose turn it is, and the next step in one sentence.
///
/// Codes never change their meaning; new ones may be added. `Reason.all` lists them.
package struct Reason: Hashable, Sendable {
    /// Whose turn it is.
    package enum Turn: String, Sendable, CaseIterable {
        case fixData = "fix the data"
        case tryLater = "try later"
        case alreadyDone = "already done"
        case needsPerson = "needs a person"
        case parked = "parked at the server"

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

    /// The same record may pass now: the trouble passes by itself, or its cause lies outside the record and
    /// may have been mended.
    package var mayPassNow: Bool { turn == .tryLater || Self.causedOutside.contains(self) }

    private static let causedOutside: Set<Reason> = [
        customerUnknown, customerBlocked, originalUnknown, targetUnknown, refusedSetup,
    ]

    /// The reason of that code; one not known to this version keeps its code and needs a person.
    package static func named(_ code: String) -> Reason {
        byCode[code] ?? Reason(code, .needsPerson, "Look at the server's message.")
    }

    /// Only sluice gives it, in words of its own: they hold nothing of the server's.
    package var isOurs: Bool { Self.ours.contains(self) }

    private static let ours: Set<Reason> = [
        repeated, acceptedBefore, onServer, reserved, waiting, inputGone, stopped,
    ]

    private static let byCode = Dictionary(uniqueKeysWithValues: all.map { ($0.code, $0) })
}

// What the reader and the mapping find.
extension Reason {
    package static let unreadable = Reason(
        "unreadable", .fixData, "Mend the row at the place named and send it again.")
    package static let fieldCount = Reason(
        "field-count", .fixData, "Give the row as many fields as the header has.")
    package static let encoding = Reason(
        "encoding", .fixData, "Save the file as UTF-8, or name its encoding in the job.")
    package static let missing = Reason("missing", .fixData, "Fill in the field.")
    package static let type = Reason(
        "type", .fixData, "Give the field a value of the type named.")
    package static let format = Reason(
        "format", .fixData, "Write the value in the format named, or change the job's format.")
    package static let spreadsheet = Reason(
        "spreadsheet-damage", .fixData,
        "Take the value from its source again: a spreadsheet has rounded it.")
    package static let invisible = Reason(
        "invisible-character", .fixData,
        "Take the character out, or say `trim: true` of the field: that drops those that take no room.")
    package static let notListed = Reason(
        "not-listed", .fixData, "Use one of the values listed, or map this one in the job.")
    package static let tooLong = Reason("too-long", .fixData, "Shorten the value.")
    package static let outOfRange = Reason(
        "out-of-range", .fixData, "Correct the value to lie within the range named.")
    package static let unknownField = Reason(
        "unknown-field", .fixData, "Remove the field or correct its name.")
    package static let noOffset = Reason(
        "no-offset", .fixData, "Add an offset to the date, or a `zone` to its field in the job.")
    package static let rule = Reason(
        "rule", .fixData, "Make the fields agree with the rule named.")
    package static let tooLarge = Reason(
        "too-large", .fixData, "Make the record smaller, or raise the limit named.")
    package static let orphanRow = Reason(
        "orphan-row", .fixData,
        "Fill in the columns named, or leave the row out if it belongs to no record, as a total does.")
    package static let repeatedKey = Reason(
        "repeated-key", .fixData,
        "Give each its own key, or say `repeats: never` or `repeats: count` in the job.")
    package static let conflictingKey = Reason(
        "conflicting-key", .fixData,
        "The same key came with other content before: correct one of the two.")
    package static let unmatched = Reason(
        "unmatched", .fixData,
        "Bring in the file that has its other half, and run the job again.")
    package static let repeatedMark = Reason(
        "repeated-mark", .fixData,
        "Leave the `_sluice` cell to the record that it came with, and empty it in the other.")
    package static let groupReopened = Reason(
        "group-reopened", .fixData,
        "Take `sorted: true` out of the job, or sort the file, so that all rows of one record go together."
    )
}

// What stands against sending.
extension Reason {
    package static let repeated = Reason(
        "repeated", .alreadyDone, "Nothing: the same record stands earlier in this input.")
    package static let acceptedBefore = Reason(
        "accepted-before", .alreadyDone, "Nothing: an earlier run brought it in.")
    package static let onServer = Reason(
        "on-server", .alreadyDone, "Nothing: the server has it, with equal content.")
    package static let reserved = Reason(
        "reserved", .needsPerson,
        "Another run holds this key: finish it with `sluice resume` or `sluice reconcile`.")
    package static let maybeOnServer = Reason(
        "maybe-on-server", .needsPerson,
        "Compare it with the server's entry named; if that is another record, `sluice retry RUN --key KEY` sends this one."
    )
    package static let cannotLookUp = Reason(
        "cannot-look-up", .needsPerson,
        "Find out in the org whether it arrived; if not, `sluice retry RUN --key KEY` sends it, and `--reason "
            + "cannot-look-up` all of them.")
    package static let waiting = Reason(
        "waiting", .tryLater, "It waits for a record it depends on: `sluice resume`.")
    package static let inputGone = Reason(
        "input-gone", .needsPerson,
        "Run the job with the old file again: its input was replaced before it was sent.")
    package static let stopped = Reason(
        "stopped", .tryLater, "The run stopped first: `sluice resume`.")
}

// What the server says.
extension Reason {
    package static let duplicate = Reason(
        "duplicate", .alreadyDone, "Compare with the server's copy: `sluice explain KEY`.")
    package static let existsUnverified = Reason(
        "exists-unverified", .needsPerson,
        "The server has one of that key; set `verify_existing: all` to have each compared.")
    package static let conflict = Reason(
        "conflict", .needsPerson, "The server has one of that key with other content: decide.")
    package static let repeatedRequest = Reason(
        "repeated-request", .needsPerson,
        "An earlier request had this request id: find out in the org what it did, then decide with "
            + "`sluice reconcile`, or give the record an id of its own and `sluice retry`.")
    package static let customerUnknown = Reason(
        "customer-unknown", .fixData, "Import the customer, then `sluice retry`.")
    package static let customerBlocked = Reason(
        "customer-blocked", .needsPerson, "Have the customer unblocked, then `sluice retry`.")
    package static let originalUnknown = Reason(
        "original-unknown", .fixData, "Import the original bill, then `sluice retry`.")
    package static let targetUnknown = Reason(
        "target-unknown", .fixData,
        "The server has nothing under this id or number: bring that in and `sluice retry`, or correct it."
    )
    package static let notReturnable = Reason(
        "not-returnable", .fixData, "Correct the return to what was bought and is not yet returned.")
    package static let refusedValue = Reason(
        "refused-value", .fixData, "Correct the field that the server's message names.")
    package static let refusedSetup = Reason(
        "refused-setup", .needsPerson,
        "Set up in the org what the server's message names, then `sluice retry`.")
    package static let refused = Reason(
        "refused", .fixData, "Read the server's message and correct the record.")
    package static let parkedByServer = Reason(
        "parked", .parked,
        "Mend the master data its error names; the server's queue then replays it.")
    package static let batchTooLarge = Reason(
        "batch-too-large", .tryLater, "Nothing: the batch is halved by itself.")
    package static let recordTooLarge = Reason(
        "record-too-large", .fixData,
        "Make the record smaller, with fewer lines or shorter texts: the server refuses it even alone.")
    package static let busy = Reason("busy", .tryLater, "Nothing: it is sent again by itself.")
    package static let throttled = Reason(
        "throttled", .tryLater, "Nothing: the pace is lowered by itself.")
    package static let gaveUp = Reason("gave-up", .tryLater, "Send it again: `sluice retry`.")
    package static let noAnswer = Reason(
        "no-answer", .tryLater, "Settle it: `sluice reconcile`.")
    package static let unboundAnswer = Reason(
        "unbound-answer", .tryLater, "Settle it: `sluice reconcile`.")
    package static let contradiction = Reason(
        "contradiction", .tryLater,
        "The answer names an id and an error together: settle it with `sluice reconcile`.")
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
        "A page for people came instead of an answer: `sluice resume` when the server is back.")
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
