// What the benchmarks need in Swift; `Tests/Benchmarks/run` puts it together with what sluice is
// compared with. Nothing here is timed by a test.
//
//   generate   the input: rows of 120 bytes, or the CDNOW purchases over and over
//   bodies     CSV to request bodies on one core, nothing around it
//   groups     rows of bills looked at, and brought together where they are apart
//   answer     a server that only answers, so that what is measured is the client
import ArgumentParser

@main struct Benchmarks: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "What Tests/Benchmarks/run is made of.",
        subcommands: [GenerateCommand.self, BodiesCommand.self, GroupsCommand.self, AnswerCommand.self])
}
