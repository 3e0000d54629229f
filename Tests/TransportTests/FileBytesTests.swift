import Foundation
import Testing

@testable import Transport

@Suite struct FileBytesTests {
    @Test("A secret that comes through a pipe is there as often as it is requested")
    func pipe() throws {
        let path = NSTemporaryDirectory() + "sluice-secret-" + UUID().uuidString
        defer { try? FileManager.default.removeItem(atPath: path) }
        #expect(unsafe mkfifo(path, 0o600) == 0)
        let writer = Thread {
            let file = FileHandle(forWritingAtPath: path)
            try? file?.write(contentsOf: Data("secret".utf8))
            try? file?.close()
        }
        writer.start()
        for _ in 0..<3 {
            let found = try #require(FileBytes.readWithMode(path, limit: 100))
            #expect(found.bytes == Array("secret".utf8) && found.mode == 0o600)
        }
    }
}
