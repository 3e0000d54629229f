/// The parts of a form that was sent as `multipart/form-data`, by their names.
struct Multipart {
    struct Part {
        var fileName: String?
        var text: String
    }

    private var parts: [String: Part] = [:]

    subscript(_ name: String) -> Part? { parts[name] }

    /// Nil where the body is no such form.
    init?(_ call: Call) {
        guard let type = call.header("Content-Type"), type.hasPrefix("multipart/form-data"),
            let boundary = type.split(separator: "boundary=").last, type.contains("boundary=")
        else { return nil }
        let text = String(decoding: call.body, as: UTF8.self)
        let pieces = text.split(separator: "--\(boundary)", omittingEmptySubsequences: false)
        guard pieces.count > 2, pieces.last?.hasPrefix("--") == true else { return nil }
        for piece in pieces.dropFirst().dropLast() {
            guard let gap = piece.firstRange(of: "\r\n\r\n"), piece.hasSuffix("\r\n") else {
                return nil
            }
            let head = piece[..<gap.lowerBound]
            guard let name = Self.quoted("name", in: head) else { return nil }
            parts[name] = Part(
                fileName: Self.quoted("filename", in: head),
                text: String(piece[gap.upperBound...].dropLast()))
        }
    }

    private static func quoted(_ name: String, in head: Substring) -> String? {
        guard let start = head.firstRange(of: " \(name)=\"") else { return nil }
        return String(head[start.upperBound...].prefix { $0 != "\"" })
    }
}
