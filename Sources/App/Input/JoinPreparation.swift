import Engine
import Foundation
import Jobs
import Ledger
import Mapping
import Model
import Records
import Reports

/// Joins the two kinds of files of a job into the file that its run reads.
enum JoinPreparation {
    /// Stages below the state directory and moves what came out into the run's folder. Whoever calls holds the
    /// job's lock: what an earlier one left half done is removed.
    static func prepare(
        _ job: Job, _ join: JoinSpec, of run: RunID, _ context: AppContext
    ) throws -> InputFile {
        let folder = context.options.directory + "/joins/" + job.name
        try? FileManager.default.removeItem(atPath: folder)
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let summary = try write(job, join, in: folder)
        if !context.options.quiet { Console.warn(words(summary)) }
        let path = try context.ledger.folder(of: run) + "/" + name
        try FileManager.default.moveItem(atPath: folder + "/" + name, toPath: path)
        return try input(at: path, job)
    }

    /// The same for reading alone; the folder is the caller's, and goes with it.
    static func prepare(_ job: Job, _ join: JoinSpec, in folder: String) throws -> InputFile {
        _ = try write(job, join, in: folder)
        return try input(at: folder + "/" + name, job)
    }

    private static let name = "joined.csv"

    private static func write(_ job: Job, _ join: JoinSpec, in folder: String) throws -> Join.Summary {
        func files(_ patterns: [String]) throws -> [InputFile] {
            let files = try InputList.resolve(
                patterns, options: job.input, relativeTo: FileManager.default.currentDirectoryPath)
            let filled = try Preflight.filled(files, options: job.input, passOver: Console.passOver)
            guard !filled.isEmpty else {
                throw Failure(
                    .usage, "\(patterns.joined(separator: ", ")): the file is empty: nothing to join.")
            }
            return filled
        }
        let lines = try files(join.lines)
        // A glob of the heads may take in the lines.
        let heads = try files(job.patterns).filter { head in
            !lines.contains { $0.path == head.path && $0.member == head.member }
        }
        guard !heads.isEmpty else {
            throw Failure(
                .usage, "each file of `files` is also one of `join.lines`: name different files.")
        }
        return try Join(join, heads: heads, lines: lines, options: job.input)
            .write(to: folder + "/" + name, staging: folder, .reports)
    }

    private static func input(at path: String, _ job: Job) throws -> InputFile {
        let files = try InputList.inputs(at: path, name: name, options: job.rows)
        guard let file = files.first else { throw Failure(.defect, "\(path) is not a file") }
        return file
    }

    private static func words(_ summary: Join.Summary) -> String {
        var words =
            "joined: \(Wording.count(summary.heads, "row")), \(Wording.count(summary.lines, "line"))"
        if summary.headsAlone > 0 { words += ", \(Wording.count(summary.headsAlone)) without a line" }
        if summary.linesAlone > 0 {
            words += ", \(Wording.count(summary.linesAlone, "line")) without such a row"
        }
        return words
    }
}
