package import Catalog
import Foundation
package import Ledger
package import Model
import Records

/// Why a run cannot begin, or continue. The files or the settings have to change first.
package struct RunStartError: Error, Equatable {
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
    /// What is wrong; connections, inputs and listings by their names. What people read of it is in Reports,
    /// `RunStartError+Text.swift`.
    package enum Problem: Equatable, Sendable {
        /// The call that every API has is not there.
        case pathMissing(status: Int, target: String, connection: String)
        case noSlot(SlotError)
        /// What the server or the way to it said.
        case orgUnread(String, isAccess: Bool, connection: String)
        case orgUntold(connection: String)
        case orgDiffers(String, pinned: String, connection: String)
        case orgOfRun(String, now: String?, connection: String)
        /// The file of rows that were brought together.
        case stagedRows(path: String, isGone: Bool, run: RunID)
        case inputUnread(name: String, why: String, run: RunID)
        case inputChanged(name: String, InputChange, run: RunID)
        case cardFile(path: String, errno: Int32)
        /// An export's file is shorter than what was written to it.
        case exportFile(path: String, size: Int, written: Int)
        case exportLine(path: String, line: Int, String)
        case exportUnfinished(id: RunID, listing: String, path: String)
        /// No listing shows what this endpoint imports; those that can be verified.
        case notVerifiable(endpoint: String, endpoints: [String])
    }
    package let problem: Problem

    init(_ problem: Problem) { self.problem = problem }

    package var code: Code {
        switch problem {
        case .orgUntold, .orgDiffers, .orgOfRun: .scope
        case .stagedRows, .inputUnread, .inputChanged: .changed
        case .cardFile, .exportFile, .exportLine, .exportUnfinished, .notVerifiable: .input
        case .noSlot(let error): error.isAccess ? .authentication : .unreachable
        case .orgUnread(_, let isAccess, _): isAccess ? .authentication : .unreachable
        case .pathMissing: .path
        }
    }
}

/// From a plan to a run that may be executed.
package enum RunStarter {
    /// Asks the org who it is and how it treats repeats.
    ///
    /// - Parameter tell: Told at once why the server cannot be reached, while it is tried again.
    /// - Throws: ``RunStartError``: no org can be learnt, or it is another than the connection's `org`.
    package static func learnOrg(
        _ connection: Connection, sender: any Sender, environment: Environment,
        tell: (@Sendable (String) -> Void)? = nil
    ) async throws -> OrgSettings {
        let words = environment.words
        let watch = OutageWatch(sender, now: environment.now, words: words) { news in
            if case .unreachable(let cause) = news { tell?(words(.run(.unreachable(cause: cause)))) }
        }
        let readClient = ReadClient(sender: watch, environment: environment)
        var settings = OrgSettings()
        switch await readClient.ask(OrgConfiguration.request) {
        case .done(let reply) where [404, 405, 415].contains(reply.status) && connection.org == nil:
            throw RunStartError(
                .pathMissing(
                    status: reply.status, target: OrgConfiguration.request.target,
                    connection: connection.name))
        case .done(let reply):
            settings = OrgConfiguration.read(reply) ?? OrgSettings()
            settings.asOf = environment.now()
            settings.id = settings.id ?? OrgConfiguration.orgID(in: reply) ?? connection.org
        case .noSlot(let error):
            throw RunStartError(.noSlot(error))
        case .unclear(let refusal), .refused(let refusal):
            guard let org = connection.org else {
                throw RunStartError(
                    .orgUnread(
                        refusal.message, isAccess: refusal.reason == .forbidden,
                        connection: connection.name))
            }
            settings.id = org
        }
        guard let id = settings.id else {
            throw RunStartError(.orgUntold(connection: connection.name))
        }
        if let pinned = connection.org, pinned != id {
            throw RunStartError(.orgDiffers(id, pinned: pinned, connection: connection.name))
        }
        return settings
    }

    /// A name for a run that begins now.
    package static func name(
        at now: Timestamp = Timestamp(milliseconds: SteadyClock.now())
    ) -> RunID {
        var random = SystemRandomNumberGenerator()
        return RunID(start: now, using: &random)
    }

    /// Makes a run of a plan.
    ///
    /// - Parameters:
    ///   - id: Its name, where something is kept under it already.
    ///   - parent: The run whose records it sends again.
    ///   - grouping: What was found of its groups.
    package static func begin(
        _ plan: Plan, org: OrgSettings, ledger: Ledger, id: RunID? = nil, parent: RunRow? = nil,
        grouping: Grouping? = nil, environment: Environment
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
                id: id ?? name(at: now), job: plan.job, jobText: plan.jobText,
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
                .stagedRows(path: staged.path, isGone: change == nil, run: run.id))
        }
    }

    /// Sees that a stopped run may continue: the same org, the same input.
    ///
    /// - Returns: The files that were appended to.
    /// - Throws: ``RunStartError``.
    package static func checkResume(_ run: RunRow, org: OrgSettings, ledger: Ledger) throws -> [Grown] {
        guard run.org == org.id else {
            throw RunStartError(.orgOfRun(run.org, now: org.id, connection: run.connection))
        }
        if let staged = try ledger.grouping(of: run.number)?.staged {
            try check(staged, of: run)
            return []
        }
        var grown: [Grown] = []
        for input in try ledger.inputs(of: run.number) {
            guard let known = FileFingerprint(text: input.fingerprint) else { continue }
            let change: FileFingerprint.Change
            do {
                change = try known.change(at: input.path)
            } catch {
                throw RunStartError(
                    .inputUnread(name: input.name, why: "\(error)", run: run.id))
            }
            switch InputChange(change) {
            case nil: break
            case .grown(let from):
                grown.append(
                    Grown(
                        name: input.name, after: from,
                        isForNewRun: input.totalBytes != nil || run.inputEnded))
            case let change?:
                throw RunStartError(.inputChanged(name: input.name, change, run: run.id))
            }
        }
        return grown
    }

    /// An input of a run that continues, to which something was added after a byte.
    package struct Grown: Sendable, Equatable {
        package let name: String
        package let after: Int
        /// The run has read the file to its end.
        package let isForNewRun: Bool
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
