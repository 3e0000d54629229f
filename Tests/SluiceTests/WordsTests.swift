import Foundation
import TestSupport
import Testing

/// Everything that people read is in plain words: help, messages, reports, comments, names and documents.
///
/// `Fixtures/words/list.txt` has the words to avoid and what to write instead; `exemptions.txt` the places that
/// may use one, each with its reason; `sentences.txt` what looks like a sentence in a layer that holds none.
@Suite("Plain words", .ownThreads) struct WordsTests {
    private static let folder = Program.root + "/Tests/SluiceTests/Fixtures/words/"

    @Test("The list of words is in order, and each exemption has a reason")
    func list() throws {
        let list = try WordList()
        #expect(list.count > 80)
        for exemption in try Exemption.all() {
            #expect(exemption.reason.count > 10, "\(exemption)")
            #expect(list.contains(exemption.phrase), "not in the list: \(exemption)")
        }
    }

    @Test("The check finds what it has to find")
    func finds() throws {
        let list = try WordList()
        let text = ##"""
            /// How many landed.
            package func mendedFiles() {}
            let a = "2 of \(x("so many")) whose turn"  // it goes on
            let b = #"a "look" \#(count(1)) back"#
            """##
        let places = SwiftText(text, path: "a.swift").places
        #expect(
            places.flatMap { list.found(in: $0.text) } == [
                "landed", "mended", "so many", "whose turn", "goes on", "a look",
            ])
        #expect(list.found(in: "A look-up is landscaped.").isEmpty)
        #expect(list.found(in: "`sluice` GOES\n  on") == ["goes on"])
    }

    @Test("Strings, comments and names in the sources")
    func sources() throws {
        try check(SourceFiles.all(below: ["Sources"]).flatMap { try SwiftText($0).places })
    }

    @Test("Model, Ledger and Engine hold no sentences: those are in Reports, by code")
    func layers() throws {
        let folders = ["Sources/Model", "Sources/Ledger", "Sources/Engine"]
        let literals = try SourceFiles.all(below: folders).flatMap { path in
            try SwiftText(path).places.filter { $0.isLiteral }
        }
        #expect(literals.count > 1000)
        let exemptions = try Self.lines(of: "sentences.txt").map { line in
            let parts = line.components(separatedBy: " | ")
            try #require(parts.count == 3 && parts[2].count > 10, "\(line)")
            return (path: parts[0], text: parts[1])
        }
        var used = Set<Int>()
        for place in literals where Self.isSentence(place.text) {
            let exempt = exemptions.indices.filter {
                place.path.hasPrefix(exemptions[$0].path) && place.text.contains(exemptions[$0].text)
            }
            used.formUnion(exempt)
            if exempt.isEmpty {
                Issue.record(
                    "\(place.path):\(place.line): a sentence: declare a code with values, and give its sentence in Reports: \(place.text.prefix(200))"
                )
            }
        }
        for index in exemptions.indices where !used.contains(index) {
            Issue.record("this exemption is not needed any more: \(exemptions[index])")
        }
    }

    @Test(
        "What a sentence is: three lower-case words, and no SQL",
        arguments: [
            ("the ledger _ is damaged: _", true), ("_ has _ bytes, but _ were written to it", true),
            ("doubt.resend is never set", true), ("not sent", false), ("rejected: checking", false),
            ("SELECT name FROM run WHERE state = ?", false),
            ("batch-too-large", false), ("/proc/self/mountinfo", false),
            ("state = 'answered' AND instr(reply, ?) > 0", false), ("_/locks/_.lock", false),
            ("org = ? AND series = ? AND state IN ('pending', 'held')", false),
        ])
    func sentence(text: String, isOne: Bool) {
        #expect(Self.isSentence(text) == isOne)
    }

    /// Three words in lower case, of two letters or more; a word of SQL in capitals makes it none.
    private static func isSentence(_ text: String) -> Bool {
        let words = text.split { !$0.isLetter && !"._'-/".contains($0) }
        guard !words.contains(where: { sql.contains(String($0)) }) else { return false }
        return words.count { word in
            word.count > 1 && word.allSatisfy { $0.isASCII && $0.isLowercase }
        } >= 3
    }

    private static let sql: Set<String> = [
        "SELECT", "INSERT", "UPDATE", "DELETE", "CREATE", "ALTER", "DROP", "PRAGMA", "WHERE", "AND",
        "ORDER",
    ]

    @Test("Names of tests")
    func tests() throws {
        let places = try SourceFiles.all(below: ["Tests"]).flatMap { path in
            try SwiftText(path).places.filter { $0.isTestName }
        }
        #expect(places.count > 500)
        try check(places)
    }

    @Test("Documents")
    func documents() throws {
        let catalog = "Sources/Catalog/Documentation.docc"
        let names = try FileManager.default.contentsOfDirectory(atPath: Program.root + "/" + catalog)
        let facts = try names.filter { $0.hasSuffix(".md") }.sorted().map {
            try Document(catalog + "/" + $0)
        }
        try check(
            (Document.all + facts).flatMap { document in
                document.lines.enumerated().map {
                    Place(path: document.path, line: $0.offset + 1, text: $0.element)
                }
            })
    }

    @Test("The help of every command")
    func help() throws {
        let program = try Program()
        defer { program.remove() }
        var places: [Place] = []
        var commands: [[String]] = [[]]
        while let command = commands.popLast() {
            let output = try program.run(["help"] + command)
            try #require(output.status == 0, "\(command): \(output)")
            let name = "help " + command.joined(separator: " ")
            places.append(Place(path: name, line: 1, text: output.out))
            commands += Self.subcommands(in: output.out).map { command + [$0] }
        }
        #expect(places.count > 20)
        try check(places)
    }

    @Test("The endpoints, as the program shows them")
    func endpoints() throws {
        let program = try Program()
        defer { program.remove() }
        let list = try program.run("endpoints", "--json")
        let names = try #require(
            JSONSerialization.jsonObject(with: Data(list.out.utf8)) as? [String: Any])
        let endpoints = try #require(names["endpoints"] as? [[String: Any]])
        #expect(endpoints.count > 70)
        let places = try endpoints.compactMap { $0["name"] as? String }.map { name in
            let output = try program.run("endpoints", name)
            try #require(output.status == 0, "\(name): \(output)")
            return Place(path: "endpoints " + name, line: 1, text: output.out)
        }
        try check(places)
    }

    /// The first word of each line below `SUBCOMMANDS:`.
    private static func subcommands(in help: String) -> [String] {
        let lines = help.split(separator: "\n", omittingEmptySubsequences: false)
        guard let start = lines.firstIndex(of: "SUBCOMMANDS:") else { return [] }
        return lines[(start + 1)...].prefix { !$0.isEmpty }.filter { $0.prefix(3) != "   " }.compactMap
        {
            $0.split(separator: " ").first.map(String.init)
        }
    }

    /// Fails once for each place that has a word of the list and no exemption, and for each exemption of these
    /// places that nothing needs.
    private func check(_ places: [Place]) throws {
        let list = try WordList()
        let exemptions = try Exemption.all()
        var used: Set<Exemption> = []
        for place in places {
            for phrase in list.found(in: place.text) {
                let exempt = exemptions.first { $0.phrase == phrase && place.path.contains($0.path) }
                if let exempt {
                    used.insert(exempt)
                } else {
                    Issue.record(
                        "\(place.path):\(place.line): “\(phrase)”: write \(list.instead(of: phrase)): \(place.text.prefix(200))"
                    )
                }
            }
        }
        for exemption in exemptions where !used.contains(exemption) {
            let isHere = places.contains { $0.path.contains(exemption.path) && !$0.isTestName }
            #expect(!isHere, "this exemption is not needed any more: \(exemption)")
        }
    }

    /// A piece of text that people read.
    struct Place {
        var path: String
        var line: Int
        var text: String
        var isTestName = false
        var isLiteral = false
    }

    /// A place that may use a word of the list.
    struct Exemption: Hashable {
        var path: String
        var phrase: String
        var reason: String

        static func all() throws -> [Self] {
            try lines(of: "exemptions.txt").map { line in
                let parts = line.components(separatedBy: " | ")
                try #require(parts.count == 3, "\(line)")
                return Self(path: parts[0], phrase: parts[1], reason: parts[2])
            }
        }
    }

    fileprivate static func lines(of name: String) throws -> [String] {
        try String(contentsOfFile: folder + name, encoding: .utf8).split(separator: "\n")
            .filter { !$0.hasPrefix("#") }.map(String.init)
    }
}

/// The words to avoid.
private struct WordList {
    /// Phrases by their first word.
    private var phrases: [String: [[String]]] = [:]
    private var replacements: [String: String] = [:]

    init() throws {
        for line in try WordsTests.lines(of: "list.txt") {
            let parts = line.components(separatedBy: " -> ")
            try #require(parts.count == 2, "\(line)")
            try #require(replacements[parts[0]] == nil, "twice: \(line)")
            replacements[parts[0]] = parts[1]
            let words = parts[0].split(separator: " ").map(String.init)
            phrases[words[0], default: []].append(words)
        }
    }

    var count: Int { replacements.count }
    func contains(_ phrase: String) -> Bool { replacements[phrase] != nil }
    func instead(of phrase: String) -> String { replacements[phrase] ?? "" }

    /// The longest phrase at each word; a phrase may go over a line break.
    func found(in text: String) -> [String] {
        let words = Self.words(text)
        var found: [String] = []
        for index in words.indices {
            let here = (phrases[words[index]] ?? []).filter {
                words[index...].prefix($0.count).elementsEqual($0)
            }
            if let longest = here.max(by: { $0.count < $1.count }) {
                found.append(longest.joined(separator: " "))
            }
        }
        return found
    }

    /// Runs of letters, digits, apostrophes and hyphens, in lower case.
    private static func words(_ text: String) -> [String] {
        text.utf8.split { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "'"), UInt8(ascii: "-"), 0x80...:
                false
            default: true
            }
        }.map { String(decoding: $0, as: UTF8.self).lowercased() }
    }
}

private enum SourceFiles {
    /// Swift files below these folders, from the root of the checkout.
    static func all(below folders: [String]) -> [String] {
        folders.flatMap { folder in
            (FileManager.default.enumerator(atPath: Program.root + "/" + folder)?.compactMap {
                $0 as? String
            }
                ?? []).filter { $0.hasSuffix(".swift") }.sorted().map { folder + "/" + $0 }
        }
    }
}

/// The string literals, comments and names of declarations in a Swift file, in their order.
///
/// A scanner, not a parser: it knows comments, literals with their escapes, interpolations and `#` marks, and takes
/// `package` or `public` before a keyword for a declaration. Consecutive lines of a comment are one text.
private struct SwiftText {
    private(set) var places: [WordsTests.Place] = []
    private let bytes: [UInt8]
    private let path: String
    private var at = 0
    private var line = 1
    /// The last words outside of comments and literals.
    private var words: [String] = []
    private var lastComment = 0

    init(_ path: String) throws {
        self.init(try String(contentsOfFile: Program.root + "/" + path, encoding: .utf8), path: path)
    }

    init(_ text: String, path: String) {
        bytes = Array(text.utf8)
        self.path = path
        while at < bytes.count { step() }
    }

    private static let keywords: Set<String> = [
        "struct", "class", "enum", "actor", "protocol", "typealias", "func", "var", "let", "case",
    ]

    private mutating func step() {
        if starts(with: "//") {
            comment()
        } else if bytes[at] == UInt8(ascii: "\"") || isRawLiteral {
            literal()
        } else if isLetter(bytes[at]) {
            let start = at
            while at < bytes.count, isLetter(bytes[at]) { at += 1 }
            word(String(decoding: bytes[start..<at], as: UTF8.self))
        } else {
            advance()
        }
    }

    private mutating func word(_ word: String) {
        if let last = words.last, Self.keywords.contains(last),
            words.contains("package") || words.contains("public")
        {
            add(Self.spaced(word), line)
            words = []
        } else {
            words = Array((words + [word]).suffix(5))
        }
    }

    private mutating func comment() {
        let start = at
        let first = line
        while at < bytes.count, bytes[at] != UInt8(ascii: "\n") { at += 1 }
        let text = String(decoding: bytes[start..<at], as: UTF8.self)
        if lastComment == first - 1, let last = places.indices.last, !places[last].text.isEmpty,
            places[last].text.hasPrefix("//")
        {
            places[last].text += "\n" + text
        } else {
            add(text, first)
        }
        lastComment = first
    }

    /// Literals within an interpolation come before the one they are in.
    private mutating func literal() {
        let isTest = ["Test", "Suite"].contains(words.last ?? "")
        let first = line
        words = []
        var marks = 0
        while bytes[at] == UInt8(ascii: "#") {
            marks += 1
            at += 1
        }
        let hashes = String(repeating: "#", count: marks)
        let quote = (starts(with: "\"\"\"") ? "\"\"\"" : "\"")
        let end = quote + hashes
        let escape = "\\" + hashes
        at += quote.utf8.count
        var text: [UInt8] = []
        while at < bytes.count, !starts(with: end) {
            guard starts(with: escape) else {
                text.append(bytes[at])
                advance()
                continue
            }
            at += escape.utf8.count
            guard at < bytes.count else { break }
            if bytes[at] == UInt8(ascii: "(") {
                interpolation()
                text.append(UInt8(ascii: "_"))
            } else {
                text.append(UInt8(ascii: " "))
                advance()
            }
        }
        at += end.utf8.count
        add(String(decoding: text, as: UTF8.self), first, isTest, isLiteral: true)
        words = []
    }

    private mutating func interpolation() {
        var depth = 0
        repeat {
            switch bytes[at] {
            case UInt8(ascii: "("): depth += 1
            case UInt8(ascii: ")"): depth -= 1
            case UInt8(ascii: "\""):
                literal()
                continue
            default: break
            }
            advance()
        } while depth > 0 && at < bytes.count
    }

    private mutating func add(
        _ text: String, _ line: Int, _ isTestName: Bool = false, isLiteral: Bool = false
    ) {
        places.append(
            .init(path: path, line: line, text: text, isTestName: isTestName, isLiteral: isLiteral))
    }

    private mutating func advance() {
        if bytes[at] == UInt8(ascii: "\n") { line += 1 }
        at += 1
    }

    private var isRawLiteral: Bool {
        guard bytes[at] == UInt8(ascii: "#") else { return false }
        return bytes[at...].first { $0 != UInt8(ascii: "#") } == UInt8(ascii: "\"")
    }

    private func starts(with text: String) -> Bool {
        text.utf8.first == bytes[at] && bytes[at...].starts(with: text.utf8)
    }

    private func isLetter(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), 0x80...:
            true
        default: false
        }
    }

    /// `mendedFiles` as `mended files`.
    private static func spaced(_ name: String) -> String {
        var result = ""
        for letter in name {
            if letter.isUppercase, result.last?.isLowercase == true { result.append(" ") }
            result.append(letter)
        }
        return result
    }
}
