import Foundation
import Testing

/// Files whose values are holed, damaged or not what they look like: what is sent, and what is refused.
@Suite(.ownThreads) struct ValueTests {
    /// A folder of a case, copied from the fixtures, with its job.
    static func copy(_ name: String, to program: Program) throws {
        let folder = Program.root + "/Tests/SluiceTests/Fixtures/cases/" + name
        for file in try FileManager.default.contentsOfDirectory(atPath: folder) {
            try FileManager.default.copyItem(
                atPath: folder + "/" + file, toPath: program.folder + "/" + file)
        }
    }

    /// What `validate` says: how many records are invalid, by reason.
    static func reasons(_ program: Program, _ job: String = "job.yaml") throws -> [String: Int] {
        let output = try program.run("validate", job, "--json", "--quiet")
        let document = try #require(
            try JSONSerialization.jsonObject(with: Data(output.out.utf8)) as? [String: Any],
            "\(output)")
        let list = try #require(document["reasons"] as? [[String: Any]])
        var reasons: [String: Int] = [:]
        for one in list {
            guard let name = one["reason"] as? String, let count = one["count"] as? Int else {
                continue
            }
            reasons[name, default: 0] += count
        }
        return reasons
    }

    @Test("A bill without a store is not booked on the connection's")
    func attribution() throws {
        let program = try Program()
        defer { program.remove() }
        let bills = (0..<3).map { number in
            let store = number == 1 ? "" : #""shop":"S\#(number)","#
            return #"{"store":\#(number == 2 ? "null" : "\"leeds\""),"# + store
                + CommandTests.bill(number).dropFirst()
        }
        try program.write(bills.joined(separator: "\n") + "\n", to: "bills.jsonl")
        let fields = """
            record:
              fields:
                identifierType: identifierType
                identifierValue: identifierValue
                source: source
                type: type
                billNumber: billNumber
                billingDate: billingDate
                billAmount: billAmount

            """
        for (column, invalid) in [("store", 1), ("shop", 1)] {
            for usual in [false, true] {
                let code = usual ? ", default: head-office" : ""
                try program.write(
                    CommandTests.job(
                        "bills.jsonl",
                        more: fields
                            + "send: { attribution: { type: STORE_CODE, from: \(column)\(code) } }"),
                    to: "job.yaml")
                let found = try Self.reasons(program)
                #expect(found == (usual ? [:] : ["missing": invalid]))
            }
        }
        let run = try program.run("run", "job.yaml")
        #expect(run.status == 0 && run.prints("accepted 3"), "\(run)")
    }
}
