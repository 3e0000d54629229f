import Foundation
import Records

/// Standard input, kept in a file of its own so that a run can be resumed.
enum Spool {
    static func standardInput(in directory: String, _ input: InputOptions) throws -> [InputFile] {
        let folder = directory + "/spool"
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        let path = folder + "/" + UUID().uuidString
        let descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw Failure(.usage, "cannot keep standard input in \(folder)") }
        defer { close(descriptor) }
        let out = FileHandle(fileDescriptor: descriptor)
        while let data = try FileHandle.standardInput.read(upToCount: 1 << 20), !data.isEmpty {
            try out.write(contentsOf: data)
        }
        return try InputList.inputs(at: path, name: "standard input", options: input)
    }
}
