/// The parts of a workbook: what is in the zip file that it is, by name.
struct WorkbookParts {
    private let path: String
    let name: String
    /// What each part is called in the archive, by its name as it is compared: case makes no difference.
    private var members: [String: String] = [:]

    /// - Parameters:
    ///   - path: Of the file.
    ///   - name: For people.
    ///   - members: The names in the archive.
    init(_ path: String, name: String, members: [String]) throws(ReadError) {
        self.path = path
        self.name = name
        for member in members where !member.hasSuffix("/") {
            guard self.members.updateValue(member, forKey: Self.plain(member)) == nil else {
                throw ReadError(
                    .archive, name: name,
                    message:
                        "this is an Excel workbook (.xlsx) with two parts called \(member): it is damaged"
                )
            }
        }
    }

    /// Some programs write backslashes.
    private static func plain(_ part: String) -> String {
        let slashes = part.lowercased().split(separator: "\\").joined(separator: "/")
        return slashes.hasPrefix("/") ? String(slashes.dropFirst()) : slashes
    }

    func has(_ part: String) -> Bool { members[Self.plain(part)] != nil }

    /// The bytes of a part.
    ///
    /// - Parameter limit: A larger part is a defect of the file, or made to harm.
    func open(_ part: String, limit: Int = .max) throws(ReadError) -> XMLStream {
        guard let member = members[Self.plain(part)] else {
            throw ReadError(
                .archive, name: name,
                message: "\(part) is missing in the workbook. Open it in Excel and save it again")
        }
        let archive = try ArchiveStream.zip(at: path, name: name)
        try archive.start(member, occurrence: 0)
        let feed = PartFeed(archive, part: part, limit: limit)
        return try XMLStream.open(feed, name: name, part: part)
    }

    /// Where `target` leads, as the part `from` writes it.
    static func resolve(_ target: String, from part: String) -> String {
        if target.hasPrefix("/") { return String(target.dropFirst()) }
        var folders = part.split(separator: "/").dropLast()
        for step in target.split(whereSeparator: { $0 == "/" || $0 == "\\" }) {
            switch step {
            case ".": continue
            case "..": folders = folders.dropLast()
            default: folders.append(step)
            }
        }
        return folders.joined(separator: "/")
    }

    /// Where the relations of a part are written.
    static func relations(of part: String) -> String {
        let steps = part.split(separator: "/")
        return (steps.dropLast() + ["_rels", "\(steps.last ?? "").rels"]).joined(separator: "/")
    }
}

/// The bytes of one part; says in errors which one it is.
private final class PartFeed: ByteFeed {
    private let archive: ArchiveStream
    private let part: String
    private var left: Int

    init(_ archive: ArchiveStream, part: String, limit: Int) {
        self.archive = archive
        self.part = part
        left = limit
    }

    func read(into buffer: inout [UInt8], in range: Range<Int>) throws(ReadError) -> Int {
        do throws(ReadError) {
            let count = try archive.read(into: &buffer, in: range)
            left -= count
            guard left >= 0 else {
                throw ReadError(.archive, message: "it is far larger than such a part can be")
            }
            return count
        } catch {
            var error = error
            error.message = "\(part): \(error.message)"
            throw error
        }
    }
}

/// Reads a small part through, calling `visit` for each element with the names of those around it.
final class XMLVisitor: XMLHandler {
    private var path: [XMLName] = []
    private let visit: (_ element: XMLName, _ parent: XMLName?, _ attributes: XMLAttributes) -> Void
    private(set) var trouble: String?

    private init(_ visit: @escaping (XMLName, XMLName?, XMLAttributes) -> Void) { self.visit = visit }

    static func read(
        _ stream: XMLStream, _ visit: @escaping (XMLName, XMLName?, XMLAttributes) -> Void
    ) throws(ReadError) {
        let visitor = XMLVisitor(visit)
        while try stream.advance(visitor) {}
    }

    func start(_ element: XMLName, _ attributes: XMLAttributes) {
        visit(element, path.last, attributes)
        path.append(element)
    }

    func end(_ element: XMLName) { _ = path.popLast() }

    func text(_ bytes: UnsafeBufferPointer<UInt8>) {}
}
