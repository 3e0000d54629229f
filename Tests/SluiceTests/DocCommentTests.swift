import Foundation
import TestSupport
import Testing

/// What one target offers to others says what it is.
@Suite struct DocCommentTests {
    /// Targets whose declarations all have a comment. One that is put into order joins the list.
    private static let targets = ["App", "Jobs", "Model", "Reports"]

    private static let keywords: Set<String> = [
        "actor", "class", "enum", "func", "let", "protocol", "struct", "typealias", "var",
    ]

    @Test("Each package declaration that another target uses has a doc comment", arguments: targets)
    func comments(target: String) throws {
        let sources = Program.root + "/Sources"
        let all = try FileManager.default.contentsOfDirectory(atPath: sources)
        var used: Set<Substring> = []
        for other in all where other != target {
            for file in try Self.files(below: sources + "/" + other) {
                used.formUnion(file.text.split { !$0.isLetter && !$0.isNumber && $0 != "_" })
            }
        }
        var count = 0
        for file in try Self.files(below: sources + "/" + target) {
            let lines = file.text.split(separator: "\n", omittingEmptySubsequences: false)
            for (index, line) in lines.enumerated() {
                guard let name = Self.declaration(line), used.contains(name) else { continue }
                count += 1
                // The words of a reason are in Reports, by its code.
                if line.contains(" = Reason(") { continue }
                let before = lines[..<index].last { !Self.isAttribute($0) }
                #expect(
                    before?.drop { $0 == " " }.hasPrefix("///") == true,
                    "\(file.path):\(index + 1): \(line.drop { $0 == " " })")
            }
        }
        #expect(count > 50, "\(target)")
    }

    /// The name that a line declares for other targets; nil where it declares none.
    private static func declaration(_ line: Substring) -> Substring? {
        // An operator says itself what it does.
        if line.contains("func ==") || line.contains("func <") { return nil }
        let words = line.split { " (:<{=".contains($0) }
        guard let start = words.firstIndex(where: { $0 == "package" }),
            words[..<start].allSatisfy({ $0.hasPrefix("@") }),
            let keyword = words.firstIndex(where: { keywords.contains(String($0)) }), keyword > start,
            keyword + 1 < words.count, words[start + 1] != "import"
        else { return nil }
        return words[keyword + 1].filter { $0 != "`" }[...]
    }

    private static func isAttribute(_ line: Substring) -> Bool {
        let text = line.drop { $0 == " " }
        return text.hasPrefix("@") && !text.contains(" package ")
    }

    private static func files(below folder: String) throws -> [(path: String, text: String)] {
        (FileManager.default.enumerator(atPath: folder)?.compactMap { $0 as? String } ?? [])
            .filter { $0.hasSuffix(".swift") }.sorted()
            .map { name in
                let path = folder + "/" + name
                return (
                    String(path.dropFirst(Program.root.count + 1)),
                    (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
                )
            }
    }
}
