import Model
import TestSupport
import Testing

/// The life of a record under events in any order.
@Suite struct RecordStateTests {
    @Test("Out of doubt lead only proofs, and a person who decides")
    func doubtSticks() {
        let ways: Set<RecordState.Event> = [
            .provedPresent, .provedAbsent, .provedParked, .provedConflict, .decidedPresent,
            .decidedAbsent, .provedRejected,
        ]
        for event in RecordState.Event.allCases {
            #expect((RecordState.inDoubt.after(event) != nil) == ways.contains(event), "\(event)")
        }
    }

    @Test("Only a record that certainly did nothing can be intended")
    func onlyUnsentIsIntended() {
        for state in RecordState.allCases {
            #expect((state.after(.intended) != nil) == (state == .unsent), "\(state)")
        }
    }

    @Test("What holds an identity is what may be on the server")
    func identities() {
        let holding = RecordState.allCases.filter(\.holdsIdentity)
        #expect(
            holding
                == [.sent, .inDoubt, .accepted, .skipped, .parked].sorted { $0.rawValue < $1.rawValue })
    }

    /// What ledgers hold today: a line may be added, none may change.
    private static let golden: [RecordState.Event: UInt8] = [
        .foundInvalid: 0, .foundDone: 1, .foundParked: 2, .intended: 3, .undone: 4, .lostAnswer: 5,
        .answeredAccepted: 6, .answeredRejected: 7, .answeredParked: 8, .gaveUp: 9,
        .provedPresent: 10, .provedAbsent: 11, .provedParked: 12, .provedConflict: 13,
        .provedEqual: 14, .decidedPresent: 15, .decidedAbsent: 16, .provedRejected: 17,
    ]

    @Test("Event codes are for good")
    func codes() {
        for (event, code) in Self.golden { #expect(event.code == code, "\(event)") }
        for event in RecordState.Event.allCases {
            #expect(RecordState.Event(code: event.code) == event)
        }
        #expect(Set(RecordState.Event.allCases.map(\.code)).count == RecordState.Event.allCases.count)
        #expect(RecordState.Event(code: 200) == nil)
    }

    /// A server beside the state machine: whatever the order of events, a record that was applied is
    /// never intended again unless a proof of absence was wrong, and proofs here are true.
    @Test("Random events never book twice and never lose", arguments: 0..<64)
    func randomLives(seed: UInt64) {
        var random = Seeded(seed)
        for _ in 0..<500 {
            var state = RecordState.unsent
            var applied = 0
            for _ in 0..<30 {
                let event = RecordState.Event.allCases.randomElement(using: &random) ?? .intended
                // Proofs and answers are true to what the server did.
                switch event {
                case .provedPresent where applied == 0, .provedAbsent where applied > 0,
                    .answeredAccepted where applied == 0, .undone where applied > 0,
                    .answeredRejected where applied > 0, .answeredParked where applied > 0,
                    .provedParked where applied > 0, .provedConflict where applied > 0,
                    .provedRejected where applied > 0,
                    .provedEqual where applied == 0, .decidedPresent where applied == 0,
                    .decidedAbsent where applied > 0:
                    continue
                default: break
                }
                guard let next = state.after(event) else { continue }
                state = next
                // The server may apply what is on its way, and does so at most once a request.
                if event == .intended, Bool.random(using: &random) { applied += 1 }
            }
            #expect(applied <= 1, "seed \(seed): booked \(applied) times, now \(state)")
            if state == .accepted { #expect(applied == 1, "seed \(seed): accepted, and not there") }
            if [.rejected, .failed, .unsent, .invalid].contains(state) {
                #expect(applied == 0, "seed \(seed): \(state), and there")
            }
        }
    }
}
