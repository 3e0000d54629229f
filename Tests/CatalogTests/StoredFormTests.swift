import Foundation
import Model
import Testing

@testable import Catalog

/// Ledgers hold identities, digests, bindings, order keys and evidence: they never change.
///
/// `Fixtures/stored-forms.txt` has them for the specimens of all endpoints. A new endpoint adds lines
/// (`SLUICE_GOLDEN=1` writes the file again); a line that is there already must not change.
@Suite("Stored forms")
struct StoredFormTests {
    private static let file = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "Fixtures/stored-forms.txt")

    @Test("What ledgers hold of a record is what it always was")
    func unchanged() throws {
        let lines = try Endpoint.all.flatMap(Self.lines)
        if ProcessInfo.processInfo.environment["SLUICE_GOLDEN"] != nil {
            try (lines.joined(separator: "\n") + "\n").write(
                to: Self.file, atomically: true, encoding: .utf8)
        }
        let golden = try String(contentsOf: Self.file, encoding: .utf8).split(separator: "\n").map(
            String.init)
        #expect(Set(golden).subtracting(lines) == [], "ledgers hold these and no record has them now")
        #expect(Set(lines).subtracting(golden) == [], "new: write the file with SLUICE_GOLDEN=1")
        #expect(golden == lines)
    }

    private static func lines(_ endpoint: Endpoint) throws -> [String] {
        let specimen = try #require(Specimen.of(endpoint), "\(endpoint.name) has no specimen")
        return try specimen.items.enumerated().flatMap { index, item in
            let store = Attribution(kind: .storeCode, code: "leeds_01")
            return try [nil, store].map { attribution in
                line(
                    "\(endpoint.name) \(index)\(attribution == nil ? "" : " of a store")",
                    try prepare(item, attribution: attribution, endpoint: endpoint))
            }
        }
    }

    private static func line(_ name: String, _ prepared: PreparedItem) -> String {
        let words =
            [
                prepared.identity.high, prepared.identity.low, prepared.content, prepared.binding,
                prepared.group,
            ] + prepared.orderKeys
        let evidence = prepared.evidence.bytes.map { byte in
            (byte < 16 ? "0" : "") + String(byte, radix: 16)
        }
        return ([name] + words.map { String($0, radix: 16) } + [evidence.joined()])
            .joined(separator: " ")
    }
}
