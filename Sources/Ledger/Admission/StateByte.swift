package import Model

/// One record's byte in a chunk: its state, and which kind of it.
package struct StateByte: Hashable, Sendable {
    /// Why a record is skipped, or how it came to be accepted.
    package enum Detail: UInt8, Sendable, CaseIterable {
        case none = 0, repeated = 1, acceptedBefore = 2, onServer = 3, superseded = 4
        /// Settled by a read-back.
        case proved = 5
        /// Accepted with warnings.
        case warned = 6
        /// A person said so.
        case decided = 7
    }
    package var state: RecordState
    package var detail: Detail

    package init(_ state: RecordState, _ detail: Detail = .none) {
        self.state = state
        self.detail = detail
    }

    init?(raw: UInt8) {
        guard let state = RecordState(rawValue: raw & 0x0F), let detail = Detail(rawValue: raw >> 4)
        else {
            return nil
        }
        self.init(state, detail)
    }

    var raw: UInt8 { state.rawValue | detail.rawValue << 4 }

    /// Nothing more will happen to it in this run by itself.
    package var isSettled: Bool { state != .unsent && state != .sent && state != .inDoubt }
}
