import ArgumentParser
import Foundation

struct AnswerCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "answer", abstract: "A server that accepts every bill and keeps nothing.",
        discussion: """
            It prints its address and ends when it is told to (SIGTERM). GET /_sandbox/counts tells how
            many requests and bills it answered.
            """)

    @Option(help: "The port; 0 for any free one.")
    var port: UInt16 = 0

    func run() throws {
        var server = try AnsweringServer.listen(port: port)
        // Written at once: somebody waits for the address.
        FileHandle.standardOutput.write(Data("http://127.0.0.1:\(server.port)\n".utf8))
        try server.serve()
    }
}
