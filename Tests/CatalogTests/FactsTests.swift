import Foundation
import Testing

@testable import Catalog

/// The articles of `Sources/Catalog/Documentation.docc`, and every pointer into them.
///
/// A pointer is `Article, Section`; several stand after each other with semicolons. In a comment they follow
/// `Source: `, in what an endpoint says of its source `Facts: `, and a look-up or listing begins with them.
@Suite("Facts of the API") struct FactsTests {
    private static let root = URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()
    private static let folder = root.appending(path: "Sources/Catalog/Documentation.docc")

    private struct Article {
        var file: String
        var title: String
        var sections: [String]
        var text: String

        init(_ url: URL) throws {
            text = try String(contentsOf: url, encoding: .utf8)
            file = url.deletingPathExtension().lastPathComponent
            let lines = text.split(separator: "\n")
            title = lines.first { $0.hasPrefix("# ") }.map { String($0.dropFirst(2)) } ?? ""
            sections = lines.filter { $0.hasPrefix("## ") }.map { String($0.dropFirst(3)) }
        }
    }

    private static func articles() throws -> [Article] {
        try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
            .filter { $0.pathExtension == "md" }.map(Article.init)
    }

    /// Every pointer that leads somewhere, the longest first.
    private static func targets() throws -> [String] {
        try articles().flatMap { article in article.sections.map { article.title + ", " + $0 } }
            .sorted { $0.count > $1.count }
    }

    /// What of a list of pointers leads nowhere; nil where all of them lead to a section.
    private static func dangling(_ text: some StringProtocol, _ targets: [String]) -> String? {
        var rest = Substring(text)
        while true {
            let found = targets.first { target in
                guard rest.hasPrefix(target) else { return false }
                let next = rest.dropFirst(target.count).first
                return next == nil || next == "." || next == ";"
            }
            guard let found else { return String(rest.prefix(80)) }
            rest = rest.dropFirst(found.count)
            guard rest.first == ";" else { return nil }
            rest = rest.dropFirst().drop { $0 == " " }
        }
    }

    /// Swift files with their paths below the root.
    private static func sources(_ folders: [String]) throws -> [(path: String, text: String)] {
        try folders.flatMap { folder -> [(path: String, text: String)] in
            let base = root.appending(path: folder)
            let names = FileManager.default.enumerator(atPath: base.path)
            return try (names?.compactMap { $0 as? String } ?? []).filter { $0.hasSuffix(".swift") }
                .map { name in
                    let url = base.appending(path: name)
                    return (folder + "/" + name, try String(contentsOf: url, encoding: .utf8))
                }
        }
    }

    /// The texts of comments: lines that follow each other are one, up to an empty one.
    private static func comments(_ text: String) -> [String] {
        var result: [String] = []
        var isOpen = false
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            let bare = line.drop { $0 == " " }
            guard bare.hasPrefix("//") else {
                isOpen = false
                if let start = line.range(of: "  // ") {
                    result.append(String(line[start.upperBound...]))
                }
                continue
            }
            let words = bare.drop { $0 == "/" }.drop { $0 == " " }
            if words.isEmpty {
                isOpen = false
            } else if isOpen {
                result[result.count - 1] += " \(words)"
            } else {
                result.append(String(words))
                isOpen = true
            }
        }
        return result
    }

    @Test("Each article has a title, sections of different names, and a place on the first page")
    func articles() throws {
        let articles = try Self.articles()
        let first = try #require(articles.first { $0.file == "Catalog" })
        #expect(articles.count > 20)
        for article in articles {
            #expect(!article.title.isEmpty && !article.sections.isEmpty, "\(article.file)")
            #expect(
                Set(article.sections).count == article.sections.count,
                "\(article.file) has two sections of one name")
            if article.file != "Catalog" {
                #expect(first.text.contains("<doc:\(article.file)>"), "\(article.file) is not listed")
            }
        }
    }

    @Test("Links and pointers from article to article lead somewhere")
    func links() throws {
        let articles = try Self.articles()
        let targets = try Self.targets()
        for article in articles {
            for link in article.text.matches(of: #/<doc:([^>]+)>/#) {
                #expect(articles.contains { $0.file == link.1 }, "\(article.file): \(link.0)")
            }
            for pointer in article.text.matches(of: #/\*([^*\n]+)\*/#)
            where articles.contains(where: { pointer.1.hasPrefix($0.title + ", ") }) {
                #expect(Self.dangling(pointer.1, targets) == nil, "\(article.file): \(pointer.0)")
            }
        }
    }

    @Test("Every comment that names its source points to a section")
    func comments() throws {
        let targets = try Self.targets()
        let titles = try Self.articles().map { $0.title + ", " }
        var count = 0
        for (path, text) in try Self.sources(["Sources", "Tests"]) {
            for comment in Self.comments(text) {
                for start in comment.ranges(of: "Source: ") {
                    let pointers = comment[start.upperBound...]
                    // Other targets cite documents of other kinds as well: an RFC, a page of the API.
                    guard
                        path.hasPrefix("Sources/Catalog/")
                            || titles.contains(where: { pointers.hasPrefix($0) })
                    else { continue }
                    count += 1
                    let wrong = Self.dangling(pointers, targets)
                    #expect(wrong == nil, "\(path): '\(wrong ?? "")' is no section of an article")
                }
            }
        }
        #expect(count > 100)
    }

    @Test(
        "Every endpoint names pages of the API, and the sections with the facts",
        arguments: Endpoint.all)
    func endpoint(_ endpoint: Endpoint) throws {
        let targets = try Self.targets()
        let facts = try #require(endpoint.source.range(of: ". Facts: "), "\(endpoint.source)")
        #expect(facts.lowerBound > endpoint.source.startIndex)
        let wrong = Self.dangling(endpoint.source[facts.upperBound...], targets)
        #expect(wrong == nil, "'\(wrong ?? "")' is no section of an article")
        if let look = endpoint.recovery.readBack?.source ?? endpoint.fileJobs?.source {
            #expect(Self.dangling(look, targets) == nil, "\(look)")
        }
    }

    @Test("Every listing names the sections with its facts", arguments: Listing.all.map(\.name))
    func listing(_ name: String) throws {
        let listing = try #require(Listing.named(name))
        #expect(try Self.dangling(listing.source, Self.targets()) == nil, "\(listing.source)")
    }

    @Test("Nothing cites a document that is not in the repository")
    func elsewhere() throws {
        let words = ["core", "wider", "fact"].map { $0 + " sheet" }
        for (path, text) in try Self.sources(["Sources", "Tests"]) {
            let lower = text.lowercased()
            for word in words { #expect(!lower.contains(word), "\(path): '\(word)'") }
        }
    }

    @Test("A pointer that leads nowhere is told")
    func dangling() throws {
        let targets = try Self.targets()
        for (text, isFine) in [
            ("Transactions, Add bills: codes.", true),
            ("Transactions, Add bills: codes; Cards, Card codes", true),
            ("Transactions, Add bills. More words, of another kind.", true),
            ("Transactions, Add bill", false),
            ("Transactions, Add bills: codes; Cards, Nothing", false), ("Page 7", false),
        ] { #expect((Self.dangling(text, targets) == nil) == isFine, "\(text)") }
    }
}
