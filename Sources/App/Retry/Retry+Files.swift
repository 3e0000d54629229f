import Engine
import Foundation
import Jobs
import Ledger
import Model
import Records
import Reports

extension Retry {
    /// Ties what is in the files that were given to what it repairs.
    ///
    /// - Returns: The files as they are to be read, so that what is said of a record names its place in them; nil
    ///   where there is nothing, or where they cannot be read in one go: then the records are in `files`.
    func gather(
        _ parent: RunRow, _ job: Job, _ text: String, _ context: AppContext, in folder: String,
        into files: RetryFiles
    ) async throws -> Arrangement? {
        let inputs = try Preflight.filled(
            try given(Self.fixed(job.input), in: folder), options: Self.fixed(job.input),
            passOver: Console.passOver)
        var fixed = GroupPreparation.unsorted(job)
        fixed.input = Self.fixed(job.input)
        let plan = try AppContext.plan(
            fixed, text: text, file: parent.jobFile,
            connection: try context.named(parent.connection) ?? Salt.placeholder(parent.connection),
            files: inputs)
        var reading = try RepairedFile(plan, of: parent, ledger: context.ledger, isNewAllowed: asNew)
        var given: Arrangement?
        do {
            var whole = try Arrangement.make(plan, in: folder, always: true)
            if !context.options.quiet { whole.printNotes() }
            var unmarked: [Arrangement.Unmarked] = []
            try await reading.read(whole) {
                guard let id = $0.ids.first, !$0.isMarked else { return }
                unmarked.append(Arrangement.Unmarked(place: $0.place, id: id))
            }
            try whole.mark(unmarked, in: folder)
            given = whole
        } catch  where Self.isOfFormat(error) {
            // Files of several kinds: each kind is written to a file of its own.
            reading = try RepairedFile(
                plan, of: parent, ledger: context.ledger, isNewAllowed: asNew)
            try await GroupPreparation.withPrepared(plan) { arranged in
                try await reading.read(arranged) {
                    try files.add($0.stored, as: $0.ids, from: $0.input)
                }
            }
        }
        guard reading.refusedCount == 0 else {
            for one in reading.refused {
                Console.warn("\(InputName.place(one.name, line: one.line)): \(Self.words(one.cause))")
            }
            if reading.encodingCount > 0 {
                let name = (encoding ?? job.input.encoding?.rawValue ?? "utf-8").uppercased()
                throw Failure(
                    .usage,
                    "\(Wording.count(reading.encodingCount, "record")) of \(from.joined(separator: ", ")) are not in "
                        + "\(name): the file was saved in another encoding, and nothing was sent. Name it, as in "
                        + "`--encoding windows-1252` (what Excel calls ANSI), or save the file as UTF-8."
                )
            }
            throw Failure(
                .usage,
                "\(Wording.count(reading.refusedCount, "record")) cannot be tied to the ones they repair: nothing was "
                    + "sent. Fix or remove them; --as-new sends those without a mark as new records.")
        }
        let new = reading.new > 0 ? ", \(Wording.count(reading.new)) new" : ""
        let isEmpty = reading.tied + reading.new == 0
        let repaired =
            reading.repaired > reading.tied
            ? "the \(Wording.count(reading.repaired)) that \(reading.tied == 1 ? "it repairs" : "they repair")"
            : "what they repair"
        say(
            isEmpty
                ? "\(from.joined(separator: ", ")) has no records: nothing to do"
                : "\(Wording.count(reading.tied, "record")) tied to \(repaired)\(new)")
        return isEmpty ? nil : given
    }

    private static func isOfFormat(_ error: any Error) -> Bool {
        (error as? ReadError)?.code == .format || (error as? InputError)?.code == .format
    }

    private static func words(_ cause: RepairedFile.Refused.Cause) -> String {
        switch cause {
        case .unreadable(let problem): "\(problem.message) \(problem.reason.nextStep)"
        case .foreignMark(let mark): RetryText.foreignMark(mark)
        case .severalOpen(let ids): RetryText.severalOpen(ids)
        case .nothingOpen: RetryText.nothingOpen
        }
    }

    /// The files of `--from`; where their encoding is said, copies in UTF-8.
    private func given(_ options: InputOptions, in folder: String) throws -> [InputFile] {
        guard let encoding = encoding.flatMap(InputOptions.Encoding.init(rawValue:)) else {
            return try InputList.resolve(
                from, options: options, relativeTo: FileManager.default.currentDirectoryPath)
        }
        return try Reencoding(of: from, in: encoding, below: folder).files.flatMap { copy in
            try InputList.inputs(at: copy.path, name: copy.name, options: options)
        }
    }

    /// A fixed file may have been saved by another program: what can be seen is not taken from the job.
    private static func fixed(_ input: InputOptions) -> InputOptions {
        var input = input
        input.compression = nil
        if input.format == .jsonArray || input.format == .json { input.format = nil }
        input.takeAll()
        return input
    }
}
