import Foundation
import TestSupport
import Testing

/// Input and job change between a stop and the resume.
@Suite(.ownThreads) struct ChangeTests {
    /// A run that was stopped after some of its items.
    private func stopped(items: Int = 300, faults: String = "latency:30ms:on=add") throws -> Stand {
        let stand = try Stand(items: items, sandbox: ["--fault", faults])
        let process = try stand.startAndWait(done: 20)
        process.send(SIGINT)
        process.wait()
        #expect(process.status == 130)
        try stand.server.set([])
        return stand
    }

    private func input(_ stand: Stand) -> URL {
        URL(fileURLWithPath: stand.program.folder + "/items.jsonl")
    }

    @Test(
        "An input that is not what it was is not continued with; given back, it is",
        arguments: [
            "changed in its last item", "changed in its first item", "cut", "another", "empty", "gone",
        ])
    func notWhatItWas(what: String) throws {
        let stand = try stopped()
        defer { stand.remove() }
        let file = input(stand)
        let old = try Data(contentsOf: file)
        switch what {
        case "changed in its last item":
            var new = old
            new[new.count - 5] = UInt8(ascii: "9")
            try new.write(to: file)
        case "changed in its first item":
            var new = old
            new[45] = UInt8(ascii: "z")
            try new.write(to: file)
        case "cut": try old.prefix(old.count - 200).write(to: file)
        case "another": try Data(stand.specimen.input("X", items: 0..<300).utf8).write(to: file)
        case "empty": try Data().write(to: file)
        default: try FileManager.default.removeItem(at: file)
        }
        let before = try stand.done()
        let output = try stand.command("resume")
        #expect(output.status == 3, "\(output)")
        #expect(output.err.contains("items.jsonl"), "\(output.err)")
        #expect(output.err.contains("abandon"), "it says what to do: \(output.err)")
        #expect(try stand.done() == before, "nothing was sent")
        #expect(try stand.command("reconcile").status != 2, "settling what is in doubt needs no input")
        try old.write(to: file)
        let last = try stand.command("resume")
        #expect(last.status == 0, "\(last)")
        try stand.expectOnce(last)
    }

    @Test(
        "A request that sets is not sent again by itself, when a used connection dies",
        arguments: ["customers.status", "stores.update"])
    func usedConnection(endpoint: String) throws {
        // A copy would be answered at once, and the first be applied after what is newer.
        let specimen = try #require(Specimen.all.first { $0.endpoint == endpoint })
        let stand = try Stand(specimen, items: 12, send: "chunk: 1, in_flight: 1")
        defer { stand.remove() }
        try specimen.prepare(stand.server, stand.name, stand.items)
        try stand.server.set(["late:count=1:200ms:rst:reused:on=add"])
        let output = try stand.goOn()
        #expect(output.status == 0, "\(output)")
        let report = try stand.command("report")
        #expect(report.prints("1 unanswered"), "\(report)")
    }

    @Test("The same content in another file of that name is the same input")
    func replacedByACopy() throws {
        let stand = try stopped()
        defer { stand.remove() }
        let old = try Data(contentsOf: input(stand))
        try FileManager.default.removeItem(at: input(stand))
        try old.write(to: input(stand))
        let last = try stand.command("resume")
        #expect(last.status == 0, "\(last)")
        try stand.expectOnce(last)
    }

    @Test("An input that has grown is continued with, and that is said")
    func appended() throws {
        let stand = try stopped()
        defer { stand.remove() }
        let handle = try FileHandle(forWritingTo: input(stand))
        try handle.seekToEnd()
        try handle.write(contentsOf: Data(stand.specimen.input("more", items: 0..<20).utf8))
        try handle.close()
        let last = try stand.command("resume")
        #expect(last.err.contains("has grown"), "\(last.err)")
        let done = try stand.done()
        // Not all of the file is in it.
        #expect(last.status == 1, "\(last)")
        #expect(last.err.contains("what was added is not in this run"), "\(last.err)")
        #expect(last.out.contains("An input has grown"), "\(last.out)")
        #expect(done.allSatisfy { $0 == 1 })
        #expect(try stand.specimen.done(stand.server, "more", 20).allSatisfy { $0 == 0 })
        #expect(try stand.command("run", "job.yaml").status == 0)
        #expect(try stand.specimen.done(stand.server, "more", 20).allSatisfy { $0 == 1 })
        #expect(try stand.done().allSatisfy { $0 == 1 })
    }

    @Test(
        "What was appended to the input of a run that is continued first is in the next one, which ends with 0"
    )
    func appendedThenResumedFirst() throws {
        let stand = try stopped()
        defer { stand.remove() }
        let handle = try FileHandle(forWritingTo: input(stand))
        try handle.seekToEnd()
        try handle.write(contentsOf: Data(stand.specimen.input("more", items: 0..<20).utf8))
        try handle.close()
        let last = try stand.command("run", "job.yaml", "--resume")
        #expect(last.status == 0, "\(last)")
        #expect(try stand.specimen.done(stand.server, "more", 20).allSatisfy { $0 == 1 })
        #expect(try stand.done().allSatisfy { $0 == 1 })
    }

    @Test("Doubts are settled although the input is gone")
    func reconcileWithoutInput() throws {
        let stand = try Stand()
        defer { stand.remove() }
        try stand.interruptInDoubt()
        let text = try Data(contentsOf: input(stand))
        try FileManager.default.removeItem(at: input(stand))
        #expect(try stand.command("resume").status == 3)
        let second = try stand.command("reconcile")
        #expect([0, 7].contains(second.status), "\(second)")
        #expect(try stand.totals()["in_doubt"] == 0, "\(second)")
        try text.write(to: input(stand))
        let last = try stand.command("resume")
        #expect(last.status == 0, "\(last)")
        try stand.expectOnce(last)
    }

    @Test("A job that changed is continued with as it was, but for rate, in_flight and stop")
    func changedJob() throws {
        let stand = try stopped()
        defer { stand.remove() }
        // Another mapping would make other bills of the same rows: items without their number.
        try stand.writeJob(
            send: "chunk: 7, in_flight: 2, rate: 100000/min",
            more: """
                record:
                  fields:
                    identifierType: identifierType
                    identifierValue: identifierValue
                    source: source
                    type: type
                    billNumber: { value: OTHER }
                    billingDate: { from: billingDate, as: datetime }
                    billAmount: { from: billAmount, as: number }
                stop: { errors: 5 }
                """)
        let last = try stand.command("resume")
        #expect(last.status == 0, "\(last)")
        #expect(last.err.contains("the job file has changed"), "\(last.err)")
        try stand.expectOnce(last)
    }

    @Test("What a job says again of when to stop holds from the resume on")
    func changedStop() throws {
        let stand = try Stand(
            items: 300, bad: Set(100..<300), sandbox: ["--fault", "latency:30ms:on=add"])
        defer { stand.remove() }
        let process = try stand.startAndWait(done: 20)
        process.send(SIGINT)
        process.wait()
        try stand.server.set([])
        try stand.writeJob(send: "chunk: 5, in_flight: 4", more: "stop: { errors: 5 }")
        let second = try stand.command("resume")
        #expect(second.status == 3, "\(second)")
        try stand.writeJob(send: "chunk: 5, in_flight: 4")
        let last = try stand.command("resume")
        #expect(last.status == 1, "\(last)")
        try stand.expectOnce(except: Set(100..<300), last)
    }

    @Test("A job file that is gone does not keep a run from continuing")
    func goneJob() throws {
        let stand = try stopped()
        defer { stand.remove() }
        try FileManager.default.removeItem(atPath: stand.program.folder + "/job.yaml")
        let last = try stand.command("resume")
        #expect(last.status == 0, "\(last)")
        #expect(last.err.contains("The current job file cannot be used"), "\(last.err)")
        try stand.expectOnce(last)
    }
}
