import Foundation
import Records

/// Copies of small files in UTF-8, with the byte order mark that says so whatever a job says of its input.
struct Reencoding {
    struct Copy {
        var path: String
        /// Of the original, for messages.
        var name: String
    }

    private(set) var files: [Copy] = []
    private let folder: String

    /// - Throws: ``Failure`` where a file cannot be read, or is not in that encoding.
    init(of paths: [String], in encoding: InputOptions.Encoding, below directory: String) throws {
        folder = directory + "/mended-" + UUID().uuidString
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        do {
            for (index, path) in paths.enumerated() {
                let name = String(path.split(separator: "/").last ?? "file")
                let copy = Copy(path: folder + "/\(index)-" + name, name: path)
                try Self.write(path, to: copy.path, encoding)
                files.append(copy)
            }
        } catch {
            remove()
            throw error
        }
    }

    func remove() { try? FileManager.default.removeItem(atPath: folder) }

    private static func write(
        _ path: String, to copy: String, _ encoding: InputOptions.Encoding
    ) throws {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw Failure(.usage, "\(path): the file cannot be read. Check the name.")
        }
        guard var text = String(data: data, encoding: Self.encoding(encoding)) else {
            throw Failure(
                .usage, "\(path) is not in \(encoding.rawValue): name its encoding with --encoding.")
        }
        if text.unicodeScalars.first == "\u{FEFF}" { text.unicodeScalars.removeFirst() }
        let made = FileManager.default.createFile(
            atPath: copy, contents: Data([0xEF, 0xBB, 0xBF]) + Data(text.utf8),
            attributes: [.posixPermissions: 0o600])
        guard made else { throw Failure(.usage, "\(copy) cannot be written: check the disk.") }
    }

    private static func encoding(_ encoding: InputOptions.Encoding) -> String.Encoding {
        switch encoding {
        case .utf8: .utf8
        case .utf16: .utf16
        case .windows1252: .windowsCP1252
        case .latin1: .isoLatin1
        }
    }
}
