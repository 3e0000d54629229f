import Engine
import Ledger
import Model
import Reports
import Testing

/// The sentences of codes that the layers below tell. What is kept in ledgers stays word for word.
@Suite struct SentenceTests {
    @Test("What the ledger keeps as text is what earlier versions kept")
    func kept() {
        #expect(LedgerText.processEnded == "the process ended before the answer")
        #expect(LedgerText.replaced == "its input was replaced before it started")
        #expect(LedgerText.closed(because: "sold twice") == "a person closed it: sold twice")
        let kept: [(EngineNote, String)] = [
            (.run(.processEnded), "the process ended before the answer"),
            (
                .objection(.conflictHere), "an earlier record has this key with other content"
            ),
            (
                .settling(.decided(isAccepted: false, reason: "seen")),
                "a person decided: to be sent again. seen"
            ),
            (
                .settling(.gaveUp(attempts: 5, "the server answers 500")),
                "after 5 attempts: the server answers 500"
            ),
            (.settling(.queueBooked("77")), "the server's queue has booked it as 77"),
            (.doubt(.notFound(others: [], counts: false)), "not found (too early to count)"),
            (
                .doubt(.notFound(others: ["a", "b"], counts: true)),
                "not found; entries with its key: a, b"
            ),
            (.doubt(.found(id: "9", how: nil)), "found on the server as 9"),
            (
                .doubt(.sentAgain(EngineNote.doubt(.repeatServed(id: "9")).text)),
                "sent again with the same request id: served as 9"
            ),
            (.doubt(.forms(["a", "b", "c"], more: 2)), "a; b; c; and 2 more"),
            (
                .cards(.made(date: "2026-02-03", till: "t1", entry: "5")),
                "made at 2026-02-03 by till t1, log entry 5"
            ),
            (.join(.noHead(files: "a.csv", key: "bill")), "no row of a.csv has this bill"),
        ]
        for (note, text) in kept { #expect(note.text == text) }
    }

    @Test("Why a run ends, with the next step where there is one")
    func endings() {
        let differences: [BalanceDifference] = [
            .inNoRow(name: "a.csv", from: 10, to: 20), .doubts(records: 2, stored: 1),
        ]
        #expect(
            EngineNote.run(.unbalanced(differences)).text
                == "the counts do not balance: a.csv: bytes 10 to 20 are in no row; 2 records are in doubt, but 1 doubts are stored"
        )
        #expect(
            EngineNote.sending(.waitingFor(runs: ["r1", "r2"], more: 1)).text
                == "run r1, run r2 and 1 more has the records they wait for: `sluice resume` continues all unfinished runs, oldest first"
        )
        #expect(
            EngineNote.run(.unsent(3, waiting: "another run has them")).text
                == "3 records are unsent: another run has them")
    }

    @Test(
        "Errors of the ledger say what, where and what to do, and have the code that decides the exit")
    func errors() {
        let cases: [(LedgerError.Problem, LedgerError.Code, String)] = [
            (
                .log(path: "/s/ledger.sqlite-wal", frame: 7, byte: 4152), .damaged,
                "the ledger's log /s/ledger.sqlite-wal is damaged in frame 7, byte 4152: commits after it cannot be read"
            ),
            (
                .lost(path: "/s/ledger.sqlite", isEmpty: true, runs: 3), .damaged,
                "the ledger /s/ledger.sqlite is empty, but 3 of its runs have folders beside it"
            ),
            (
                .newer(found: 18, known: 17), .newer,
                "the ledger has version 18, but this sluice supports 17"
            ),
            (
                .hostMark(.writing, "/h/ledgers/1", errno: 28), .full,
                "/h/ledgers/1: cannot be written: No space left on device"
            ),
            (
                .runMark("/s/runs/1/run.json", errno: 5), .notWritable,
                "/s/runs/1/run.json cannot be written: Input/output error"
            ),
            (
                .hostMark(.reading, "/h/ledgers/1", errno: 5), .disk,
                "/h/ledgers/1: cannot be read: Input/output error"
            ),
            (
                .cannotFollow(record: 4, state: .accepted, event: .intended), .inconsistent,
                "record 4 is accepted: intended cannot follow"
            ),
        ]
        for (problem, code, message) in cases {
            let error = LedgerError(problem)
            #expect(error.code == code && error.message == message)
            #expect(error.next.hasSuffix(".") && error.text == "\(message). \(error.next)")
            #expect(ErrorText.of(error) == error.text)
        }
    }
}
