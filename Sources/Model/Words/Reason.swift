/// Why a record was not accepted: a stable code, and the class that says who must act.
///
/// Codes never change their meaning; new ones may be added. `Reason.all` lists them. What people read of a reason, its
/// owner and its next step, is in Reports, by code: `Text/ReasonText.swift`.
package struct Reason: Hashable, Sendable {
    /// The class of a reason. The raw values are part of the JSON; people read its owner.
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

    /// Stable: in the ledger, in JSON and in reject files.
    package let code: String
    /// Who must act.
    package let turn: Turn

    private init(_ code: String, _ turn: Turn) {
        self.code = code
        self.turn = turn
    }

    package static func == (a: Reason, b: Reason) -> Bool { a.code == b.code }
    /// By the code alone.
    package func hash(into hasher: inout Hasher) { hasher.combine(code) }

    /// The same record may be accepted now: the error is temporary, or its cause is outside the record and
    /// may have been fixed.
    package var mayPassNow: Bool { turn == .tryLater || Self.causedOutside.contains(self) }

    private static let causedOutside: Set<Reason> = [
        customerUnknown, customerBlocked, originalUnknown, targetUnknown, refusedSetup,
    ]

    /// The reason of that code; one not known to this version keeps its code and needs a person.
    package static func named(_ code: String) -> Reason {
        byCode[code] ?? Reason(code, .needsPerson)
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
    package static let unreadable = Reason("unreadable", .fixData)
    package static let fieldCount = Reason("field-count", .fixData)
    package static let encoding = Reason("encoding", .fixData)
    package static let missing = Reason("missing", .fixData)
    package static let type = Reason("type", .fixData)
    package static let format = Reason("format", .fixData)
    package static let spreadsheet = Reason("spreadsheet-damage", .fixData)
    package static let invisible = Reason("invisible-character", .fixData)
    package static let notListed = Reason("not-listed", .fixData)
    package static let tooLong = Reason("too-long", .fixData)
    package static let outOfRange = Reason("out-of-range", .fixData)
    package static let unknownField = Reason("unknown-field", .fixData)
    package static let noOffset = Reason("no-offset", .fixData)
    package static let rule = Reason("rule", .fixData)
    package static let tooLarge = Reason("too-large", .fixData)
    package static let orphanRow = Reason("orphan-row", .fixData)
    package static let repeatedKey = Reason("repeated-key", .fixData)
    package static let conflictingKey = Reason("conflicting-key", .fixData)
    package static let unmatched = Reason("unmatched", .fixData)
    package static let repeatedMark = Reason("repeated-mark", .fixData)
    package static let groupReopened = Reason("group-reopened", .fixData)
}

// What is against sending.
extension Reason {
    package static let repeated = Reason("repeated", .alreadyDone)
    package static let acceptedBefore = Reason("accepted-before", .alreadyDone)
    package static let onServer = Reason("on-server", .alreadyDone)
    package static let reserved = Reason("reserved", .needsPerson)
    package static let maybeOnServer = Reason("maybe-on-server", .needsPerson)
    package static let cannotLookUp = Reason("cannot-look-up", .needsPerson)
    package static let waiting = Reason("waiting", .tryLater)
    package static let inputGone = Reason("input-gone", .needsPerson)
    package static let stopped = Reason("stopped", .tryLater)
}

// What the server says.
extension Reason {
    package static let duplicate = Reason("duplicate", .alreadyDone)
    package static let existsUnverified = Reason("exists-unverified", .needsPerson)
    package static let conflict = Reason("conflict", .needsPerson)
    package static let repeatedRequest = Reason("repeated-request", .needsPerson)
    package static let customerUnknown = Reason("customer-unknown", .fixData)
    package static let customerBlocked = Reason("customer-blocked", .needsPerson)
    package static let originalUnknown = Reason("original-unknown", .fixData)
    package static let targetUnknown = Reason("target-unknown", .fixData)
    package static let notReturnable = Reason("not-returnable", .fixData)
    package static let refusedValue = Reason("refused-value", .fixData)
    package static let refusedSetup = Reason("refused-setup", .needsPerson)
    package static let refused = Reason("refused", .fixData)
    package static let parkedByServer = Reason("parked", .parked)
    package static let batchTooLarge = Reason("batch-too-large", .tryLater)
    package static let recordTooLarge = Reason("record-too-large", .fixData)
    package static let busy = Reason("busy", .tryLater)
    package static let throttled = Reason("throttled", .tryLater)
    package static let gaveUp = Reason("gave-up", .tryLater)
    package static let noAnswer = Reason("no-answer", .tryLater)
    package static let unboundAnswer = Reason("unbound-answer", .tryLater)
    package static let contradiction = Reason("contradiction", .tryLater)
    package static let unauthorized = Reason("unauthorized", .needsPerson)
    package static let forbidden = Reason("forbidden", .needsPerson)
    package static let notFound = Reason("endpoint-not-found", .needsPerson)
    package static let serverTrouble = Reason("server-trouble", .tryLater)
    package static let maintenance = Reason("maintenance-page", .tryLater)
    package static let unlistedStatus = Reason("unlisted-status", .tryLater)

    /// Every reason of this version.
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
