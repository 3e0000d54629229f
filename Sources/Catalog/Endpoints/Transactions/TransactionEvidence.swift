import Model
import Records

/// What is kept of a bill so that the server's copy can be told from others.
///
/// Stored as ``Evidence`` whose fields stand in the order of ``Place``; places may be added at the
/// end, never moved.
struct TransactionEvidence: Equatable, Sendable {
    enum Place: Int, CaseIterable {
        case billNumber, type, returnType, identifierType, identifierValue, source, accountID
        case clock, offset, amount, attributionKind, attributionCode, mixed
    }

    var billNumber = ""
    var type = ""
    var returnType = ""
    /// Empty, with its value, where the bill is anonymous.
    var identifierType = ""
    var identifierValue = ""
    var source = ""
    var accountID = ""
    /// When it was billed; nil where the record does not say.
    var instant: Instant?
    /// As it was written.
    var amount = ""
    /// As in an attribution's kind (`STORE_CODE`, `TILL`), or as the record's own `createdBy` says
    /// (`ZONE`, …). Empty where the credentials' own till is meant.
    var attributionKind = ""
    var attributionCode = ""
    /// A sale some of whose lines are returns.
    var isMixed = false

    var isReturn: Bool { TransactionEvidence.isReturn(type) }

    static func isReturn(_ type: String) -> Bool {
        type == "RETURN" || type == "NOT_INTERESTED_RETURN"
    }

    init() {}

    init(_ evidence: Evidence) {
        let fields = evidence.fields
        func field(_ place: Place) -> String {
            place.rawValue < fields.count ? fields[place.rawValue] : ""
        }
        billNumber = field(.billNumber)
        type = field(.type)
        returnType = field(.returnType)
        identifierType = field(.identifierType)
        identifierValue = field(.identifierValue)
        source = field(.source)
        accountID = field(.accountID)
        if let clock = Int64(field(.clock)) {
            instant = Instant(clock: Timestamp(milliseconds: clock), offset: Int(field(.offset)))
        }
        amount = field(.amount)
        attributionKind = field(.attributionKind)
        attributionCode = field(.attributionCode)
        isMixed = field(.mixed) == "1"
    }

    var evidence: Evidence {
        let clock: String = instant.map { String($0.clock.milliseconds) } ?? ""
        let offset: String = instant?.offset.map { String($0) } ?? ""
        return Evidence([
            billNumber, type, returnType, identifierType, identifierValue, source, accountID,
            clock, offset, amount, attributionKind, attributionCode, isMixed ? "1" : "",
        ])
    }
}

/// The first fields of an evidence, as ranges of its bytes: for what is done with every reply.
struct EvidenceFields {
    let bytes: [UInt8]
    private var at = 0

    init(_ evidence: Evidence) { bytes = evidence.bytes }

    /// The next field; an empty range once there is none.
    mutating func next() -> Range<Int> { Evidence.nextField(in: bytes, at: &at) ?? at..<at }

    /// One field alone, without taking the others apart; empty where there is none.
    static func text(_ index: Int, of evidence: Evidence) -> String {
        var fields = EvidenceFields(evidence)
        for _ in 0..<index { _ = fields.next() }
        return String(decoding: fields.bytes[fields.next()], as: UTF8.self)
    }
}
