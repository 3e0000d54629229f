import Foundation
import TestSupport

/// A page of the documentation, as the tests read it.
struct Document {
    /// A fenced block.
    struct Block {
        /// After the opening fence: `sh`, `yaml`, `csv`, `output`; empty where none is named.
        var language: String
        var lines: [String]
        /// What the sentence before it saves it as: "… as `nightly.yaml`".
        var file: String?

        var text: String { lines.joined(separator: "\n") + "\n" }

        /// The calls of sluice in it, without their comments; of a line of cron, what follows the time.
        var commands: [String] {
            guard ["sh", "cron"].contains(language) else { return [] }
            return lines.compactMap { line in
                let call = line.split(separator: "&& ").last.map(String.init) ?? line
                let words = call.split(separator: " ")
                guard let start = words.firstIndex(of: "sluice"),
                    start == 0 || language == "cron"
                else { return nil }
                return words[start...].prefix { $0 != "#" }.joined(separator: " ")
            }
        }
    }

    /// From the root of the checkout.
    let path: String
    let lines: [String]

    static var all: [Document] {
        let folder = "Sources/sluice/Documentation.docc"
        let names =
            (try? FileManager.default.contentsOfDirectory(atPath: Program.root + "/" + folder)) ?? []
        let articles = names.filter { $0.hasSuffix(".md") }.sorted().map { folder + "/" + $0 }
        return
            (["README.md", "jobs/README.md", ".github/CONTRIBUTING.md", "samples/reports/README.md"]
            + articles).compactMap { try? Document($0) }
    }

    init(_ path: String) throws {
        self.path = path
        lines = try String(contentsOfFile: Program.root + "/" + path, encoding: .utf8)
            .split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    }

    var blocks: [Block] {
        var blocks: [Block] = []
        var open: Block?
        var paragraph = ""
        var isOver = false
        for line in lines {
            if line.hasPrefix("```") {
                if let block = open {
                    blocks.append(block)
                    open = nil
                } else {
                    open = Block(
                        language: String(line.dropFirst(3)), lines: [], file: Self.file(paragraph))
                }
                paragraph = ""
            } else if open != nil {
                open?.lines.append(line)
            } else if line.isEmpty {
                isOver = true
            } else {
                if isOver { paragraph = "" }
                isOver = false
                paragraph += line + " "
            }
        }
        return blocks
    }

    private static func file(_ paragraph: String) -> String? {
        let parts = paragraph.components(separatedBy: " as `").dropFirst()
        return parts.compactMap { $0.split(separator: "`").first.map(String.init) }
            .first { name in ["csv", "yaml", "jsonl"].contains { name.hasSuffix("." + $0) } }
    }

    /// Everything between single backquotes, outside of blocks.
    var spans: [String] {
        var isBlock = false
        var text = ""
        for line in lines {
            if line.hasPrefix("```") {
                isBlock.toggle()
            } else if !isBlock {
                text += line + "\n"
            }
        }
        let parts = text.components(separatedBy: "`")
        return stride(from: 1, to: parts.count, by: 2).map {
            parts[$0].replacingOccurrences(of: "\n", with: " ")
        }
    }

    /// The sentences: no blocks, no code.
    var prose: [String] {
        var isBlock = false
        return lines.filter { line in
            if line.hasPrefix("```") { isBlock.toggle() }
            return !isBlock && !line.hasPrefix("```")
        }.map { line in
            line.components(separatedBy: "`").enumerated().filter { $0.offset % 2 == 0 }.map(\.element)
                .joined(separator: " ")
        }
    }

    /// The targets of its links, without those to other sites.
    var links: [String] {
        prose.flatMap { line in
            line.components(separatedBy: "](").dropFirst().compactMap {
                $0.split(separator: ")").first.map(String.init)
            }
        }.filter { !$0.contains("://") }
    }

    /// How GitHub names the place of each heading.
    var anchors: Set<String> {
        Set(
            lines.filter { $0.hasPrefix("#") }.map { line in
                String(
                    line.drop { $0 == "#" || $0 == " " }.lowercased().compactMap { character in
                        character == " "
                            ? "-"
                            : character.isLetter || character.isNumber
                                || character == "-" || character == "_" ? character : nil
                    })
            })
    }
}
