package import Catalog
import Foundation
package import Ledger
package import Model
import Records

/// Why a run cannot begin, or continue. The files or the settings have to change first.
package struct RunStartError: Error, Equatable, CustomStringConvertible {
    package enum Code: Equatable, Sendable {
        /// The org is not told, or is another than the one pinned.
        case scope
        /// The input is not what it was when the run began.
        case changed
        /// Something is not what it has to be.
        case input
        /// Credentials refused, or the server not reached.
        case authentication, unreachable
        /// The call is not there: the base URL is wrong.
        case path
    }
    package let code: Code
    package let message: String
    package let next: String

    package var description: String { "\(message). \(next)" }

    /// What to do about a certificate that is not accepted.
    package static let certificateAdvice =
        "Check `base_url`, or name the certificate authority with `certificate:` in the connection."
}

/// From a plan to a run that may be executed.
package enum RunStarter {
    /// Asks the org who it is and how it treats repeats.
    ///
    /// - Parameter tell: Told at once why the server cannot be reached, while it is tried again.
    /// - Throws: ``LaunchError``: no org can be learnt, or it is another than the connection's `org`.
    package static func learnOrg(
        _ connection: Connection, sender: any Sender, environment: Environment = .real,
        tell: (@Sendable (String) -> Void)? = nil
    ) async throws -> OrgSettings {
        let watch = OutageWatch(sender, now: environment.now) { news in
            if case .unreachable(let cause) = news { tell?(OutageWatch.words(cause)) }
        }
        let readClient = ReadClient(sender: watch, environment: environment)
        var settings = OrgSettings()
        switch await readClient.ask(OrgConfiguration.request) {
        case .done(let reply) where [404, 405, 415].contains(reply.status) && connection.org == nil:
            throw RunStartError(
                code: .path,
                message: "the server answers \(reply.status) to \(OrgConfiguration.request.target)",
                next: "Check `base_url` of the connection \(connection.name).")
        case .done(let reply):
            settings = OrgConfiguration.read(reply) ?? OrgSettings()
            settings.asOf = environment.now()
            settings.id = settings.id ?? OrgConfiguration.orgID(in: reply) ?? connection.org
        case .noSlot(let error):
            let next =
                switch error.code {
                case .authentication: "Check the connection's credentials."
                case .certificate: RunStartError.certificateAdvice
                case .paused, .unreachable: "Try again later."
                }
            throw RunStartError(
                code: error.isAccess ? .authentication : .unreachable, message: error.message,
                next: next)
        case .unclear(let refusal), .refused(let refusal):
            guard let org = connection.org else {
                let isAccess = refusal.reason == .forbidden
                throw RunStartError(
                    code: isAccess ? .authentication : .unreachable,
                    message: "the org's configuration cannot be read: \(refusal.message)",
                    next: (isAccess ? "Have the API client granted access" : "Try again later")
                        + ", or set `org:` in the connection \(connection.name).")
            }
            settings.id = org
        }
        guard let id = settings.id else {
            throw RunStartError(
                code: .scope, message: "the server does not say which org this is",
                next: "Set `org:` in the connection \(connection.name).")
        }
        if let pinned = connection.org, pinned != id {
            throw RunStartError(
                code: .scope,
                message:
                    "the server says org \(id), but the connection \(connection.name) says \(pinned)",
                next: "Correct `org:` or `base_url:` of the connection.")
        }
        return settings
    }

    /// A name for a run that begins now.
    package static func name(environment: Environment = .real) -> RunID {
        var random = SystemRandomNumberGenerator()
        return RunID(start: environment.now(), using: &random)
    }

    /// Makes a run of a plan.
    ///
    /// - Parameters:
    ///   - id: Its name, where something is kept under it already.
    ///   - parent: The run whose records it sends again.
    ///   - grouping: What was found of its groups.
    package static func begin(
        _ plan: Plan, org: OrgSettings, ledger: Ledger, id: RunID? = nil, parent: RunRow? = nil,
        grouping: Grouping? = nil, environment: Environment = .real
    ) async throws -> RunRow {
        let now = environment.now()
        let inputs = try plan.inputs.map { file in
            let print = try FileFingerprint.take(file.path, digests: true)
            if grouping != nil, let end = file.end, end != print.size {
                throw Arrangement.changed(file.name)
            }
            return NewInput(
                path: file.path, member: file.member, name: file.name, fingerprint: print.text)
        }
        return try await ledger.begin(
            NewRun(
                id: id ?? name(environment: environment), job: plan.job, jobText: plan.jobText,
                jobFile: plan.jobFile,
                connection: plan.connection.name, org: org.id ?? "", endpoint: plan.endpoint.name,
                inputs: inputs,
                started: now, parent: parent?.number, rules: plan.rules,
                grouping: grouping))
    }

    /// Sees that the rows that were brought together are still what they were; the inputs are not read again.
    private static func check(_ staged: Grouping.Staged, of run: RunRow) throws {
        guard let known = FileFingerprint(text: staged.fingerprint) else { return }
        let change: FileFingerprint.Change?
        do {
            change = try known.change(at: staged.path)
        } catch {
            change = nil
        }
        guard change == .unchanged else {
            throw RunStartError(
                code: .changed,
                message: "\(staged.path), the temporary file of the run's grouped rows, is "
                    + (change == nil ? "gone" : "missing or changed"),
                next: "Restore it, or `sluice abandon \(run.id)` and run the job again.")
        }
    }

    /// Sees that a stopped run may continue: the same org, the same input.
    ///
    /// - Returns: What is worth saying: a file that was appended to.
    /// - Throws: ``LaunchError``.
    package static func checkResume(_ run: RunRow, org: OrgSettings, ledger: Ledger) throws -> [String]
    {
        guard run.org == org.id else {
            throw RunStartError(
                code: .scope,
                message:
                    "the run was started in org \(run.org), but the server says \(org.id ?? "none")",
                next: "Correct the connection \(run.connection).")
        }
        if let staged = try ledger.grouping(of: run.number)?.staged {
            try check(staged, of: run)
            return []
        }
        var notes: [String] = []
        for input in try ledger.inputs(of: run.number) {
            guard let known = FileFingerprint(text: input.fingerprint) else { continue }
            let change: FileFingerprint.Change
            do {
                change = try known.change(at: input.path)
            } catch {
                throw RunStartError(
                    code: .changed, message: "\(InputName.bare(input.name)) cannot be read: \(error)",
                    next:
                        "Restore it, or let `sluice run --resume` settle the records in doubt, close the rest and "
                        + "start with the new file; or `sluice abandon \(run.id)`."
                )
            }
            switch change {
            case .unchanged: break
            case .appended(let from) where input.totalBytes != nil || run.inputEnded:
                notes.append(
                    "\(InputName.bare(input.name)) has grown; what follows byte \(from) is for a new run"
                )
            case .appended(let from):
                notes.append("\(InputName.bare(input.name)) has grown after byte \(from)")
            case .unknown:
                throw RunStartError(
                    code: .changed,
                    message: "\(InputName.bare(input.name)) may have changed, at an unknown position",
                    next: anew(run)
                )
            case .edited(_, let offset):
                throw RunStartError(
                    code: .changed,
                    message: "\(InputName.bare(input.name)) was changed at or after byte \(offset)",
                    next: anew(run)
                )
            case .truncated(let to):
                throw RunStartError(
                    code: .changed, message: "\(InputName.bare(input.name)) was cut to \(to) bytes",
                    next: anew(run)
                )
            }
        }
        return notes
    }

    private static func anew(_ run: RunRow) -> String {
        "Restore its old content, or let `sluice run --resume` settle the records in doubt, close the rest and "
            + "start with the new file; or `sluice abandon \(run.id)`."
    }
}

extension FileFingerprint {
    /// As the ledger keeps it: numbers in hex, digests last. Earlier versions wrote no `c:`, and pass over it.
    var text: String {
        func hex(_ number: UInt64) -> String { String(number, radix: 16) }
        let numbers = [device, inode, UInt64(bitPattern: Int64(size)), UInt64(bitPattern: modified)]
        let change = changed.map { ["c:" + hex(UInt64(bitPattern: $0))] } ?? []
        return (numbers.map(hex) + change + digests.map(hex)).joined(separator: " ")
    }

    init?(text: String) {
        let words = text.split(separator: " ")
        let numbers = words.compactMap { UInt64($0, radix: 16) }
        let change = words.first { $0.hasPrefix("c:") }.flatMap { UInt64($0.dropFirst(2), radix: 16) }
        guard numbers.count >= 4 else { return nil }
        self.init(
            device: numbers[0], inode: numbers[1], size: Int(truncatingIfNeeded: numbers[2]),
            modified: Int64(bitPattern: numbers[3]), changed: change.map(Int64.init(bitPattern:)),
            digests: Array(numbers[4...]))
    }
}
