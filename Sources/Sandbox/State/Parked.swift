/// A bill in the queue of rejected transactions.
///
/// Source: API reference, "getRejectedTransactions".
struct Parked: Equatable {
    /// Source: Rejected queue, States and events.
    enum State: UInt8, CaseIterable {
        case open = 0, partialFixed, fixed, replayed, success, maxOut, permanentFailed

        var name: String {
            switch self {
            case .open: "OPEN"
            case .partialFixed: "PARTIAL_FIXED"
            case .fixed: "FIXED"
            case .replayed: "REPLAYED"
            case .success: "SUCCESS"
            case .maxOut: "MAX_OUT"
            case .permanentFailed: "PERMANENT_FAILED"
            }
        }
    }

    /// What keeps it from being booked: an error code, and the item code or payment mode it complains about.
    struct Cause: Equatable {
        var code: Int
        var value: [UInt8]

        var message: String { code == 842 ? "payment mode unknown" : "item unknown" }
    }

    var number: [UInt8]
    var customer: Int64
    /// Milliseconds since 1970.
    var added: Int64
    var causes: [Cause]
    /// The transaction as it came.
    var payload: [UInt8]
    /// Where it is to be booked.
    var place: Place
    var status = Status()

    /// What changes of it while it is there.
    struct Status: Equatable {
        var state = State.open
        /// Retriggers that did not get it through.
        var retries = 0
        /// The retrigger that has it in hand, or had it last; 0: none.
        var retrigger = 0
    }

    func pack(into out: inout [UInt8]) {
        out.add(counted: number)
        out.add(varint: UInt64(customer))
        out.add(signed: added)
        out.add(varint: UInt64(causes.count))
        for cause in causes {
            out.add(varint: UInt64(cause.code))
            out.add(counted: cause.value)
        }
        out.add(counted: payload)
        out.append(place.isTill ? 1 : 0)
        out.add(counted: place.code)
    }

    /// - Parameter isFirstForm: As version 1 of the state file has it: one cause, and no place.
    static func unpack(_ bytes: [UInt8], at: inout Int, isFirstForm: Bool, place: Place) -> Parked? {
        guard let number = bytes.counted(at: &at), let customer = bytes.varint(at: &at),
            let added = bytes.signed(at: &at),
            let count = isFirstForm ? 1 : bytes.varint(at: &at), count < 100_000
        else { return nil }
        var causes: [Cause] = []
        for _ in 0..<count {
            guard let code = bytes.varint(at: &at), let value = bytes.counted(at: &at) else {
                return nil
            }
            causes.append(Cause(code: Int(code), value: Array(bytes[value])))
        }
        guard let payload = bytes.counted(at: &at) else { return nil }
        var place = place
        if !isFirstForm {
            guard at < bytes.count else { return nil }
            place.isTill = bytes[at] == 1
            at += 1
            guard let code = bytes.counted(at: &at) else { return nil }
            place.code = Array(bytes[code])
        }
        return Parked(
            number: Array(bytes[number]), customer: Int64(customer), added: added, causes: causes,
            payload: Array(bytes[payload]), place: place)
    }
}

/// A change in the queue: which entry, and how it is from then on.
struct ParkedChange: Equatable {
    var index: Int
    var status: Parked.Status

    func pack(into out: inout [UInt8]) {
        out.add(varint: UInt64(index))
        out.append(status.state.rawValue)
        out.add(varint: UInt64(status.retries))
        out.add(varint: UInt64(status.retrigger))
    }

    static func unpack(_ bytes: [UInt8], at: inout Int) -> ParkedChange? {
        guard let index = bytes.varint(at: &at), at < bytes.count,
            let state = Parked.State(rawValue: bytes[at])
        else { return nil }
        at += 1
        guard let retries = bytes.varint(at: &at), let retrigger = bytes.varint(at: &at) else {
            return nil
        }
        return ParkedChange(
            index: Int(index),
            status: Parked.Status(state: state, retries: Int(retries), retrigger: Int(retrigger)))
    }
}
