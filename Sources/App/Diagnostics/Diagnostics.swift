import Catalog
import Engine
import Foundation
import Jobs
import Ledger
import Model
import Records
import Reports
import Transport

/// What `sluice doctor` found of one thing.
struct Finding {
    enum Verdict: String {
        case fine = "ok"
        /// Works, and is worth knowing.
        case note
        case wrong
    }

    /// `ledger`, `connections`, or the name of a connection.
    var subject: String
    var verdict: Verdict
    var diagnosis: Diagnosis
    /// How the program ends for it.
    var status = ExitStatus.fine
}

/// Looks at everything a run needs before there is one. Sends nothing but reads, one a connection.
package struct Diagnostics {
    /// What every command takes.
    package let options: AppOptions
    private(set) var findings: [Finding] = []

    package init(_ options: AppOptions) {
        self.options = options
    }

    /// - Parameter name: Only that connection; nil: all that are in the file.
    package mutating func run(connection name: String?) async {
        let context = ledger()
        let names = names(name)
        guard let context else { return }
        for name in names { await check(name, context) }
        await context.ledger.close()
    }

    private mutating func note(
        _ subject: String, _ verdict: Finding.Verdict, _ diagnosis: Diagnosis,
        _ status: ExitStatus = .fine
    ) {
        findings.append(
            Finding(subject: subject, verdict: verdict, diagnosis: diagnosis, status: status))
    }

    private mutating func fail(_ subject: String, _ error: any Error) {
        let failure =
            error as? Failure ?? Failure(translating: error) ?? Failure(.defect, "\(error)")
        note(subject, .wrong, .failed(failure.message), failure.status)
    }

    // MARK: The ledger

    private mutating func ledger() -> AppContext? {
        do {
            let context = try AppContext(options)
            let size = try context.ledger.size()
            let file = try? FileManager.default.attributesOfFileSystem(forPath: options.directory)
            let free = file?[.systemFreeSize] as? Int
            note(
                "ledger", Diagnosis.isShort(free) ? .note : .fine,
                .size(folder: options.directory, bytes: size.bytes, free: free))
            try note(context.ledger.standing(besides: context.host.path))
            if let words = context.host.note { note("ledger", .note, .hostFolder(words)) }
            for learnt in try context.ledger.learntForms() {
                guard let rewrite = Rewrite(code: learnt.form.rewrite) else { continue }
                note(
                    "ledger", .fine,
                    .serverForm(
                        org: learnt.org, endpoint: learnt.endpoint, field: learnt.form.field,
                        rewrite: rewrite.words, records: learnt.form.agreeing))
            }
            return context
        } catch {
            fail("ledger", error)
            return nil
        }
    }

    /// Whether it is the newest of itself.
    private mutating func note(_ standing: LedgerStanding) {
        if standing.isBehind {
            note("ledger", .wrong, .behind(standing), .unbalanced)
        } else if standing.adoption?.looksFirst(begun: Environment.real.now()) == true {
            note("ledger", .note, .adopted)
        }
    }

    // MARK: The file of connections

    private mutating func names(_ name: String?) -> [String] {
        do {
            guard let file = try AppContext.connectionsFile(options) else {
                note("connections", .note, .noConnectionsFile)
                return name.map { [$0] } ?? []
            }
            let known = try Connections.names(yaml: file.text, file: file.path)
            note("connections", .fine, .connections(file: file.path, names: known))
            return name.map { [$0] } ?? known
        } catch {
            fail("connections", error)
            return []
        }
    }

    // MARK: One connection

    private mutating func check(_ name: String, _ context: AppContext) async {
        do {
            let api = try await context.connect(to: name, sending: false)
            let (reply, took, offset) = try await api.use { try await Self.ask(api) }
            await note(name, api.connection, reply, took, offset)
        } catch {
            fail(name, error)
        }
    }

    /// One read, once: the settings of the org.
    ///
    /// - Returns: The reply, how long it took, and how far the server's clock is ahead.
    /// - Throws: ``Failure``: no answer, or no credentials.
    private static func ask(_ api: APISession) async throws -> (Reply, Duration, Duration?) {
        let slot: Slot
        do {
            slot = try await api.sender.slot()
        } catch let error as SlotError {
            throw Failure(
                error.isAccess ? .authentication : .passing, Diagnosis.noSlot(error))
        }
        let begun = ContinuousClock.now
        let exchange = await api.sender.send(OrgConfiguration.request, in: slot)
        let took = ContinuousClock.now - begun
        switch exchange {
        case .reply(let reply):
            let offset = reply.header("Date").flatMap(HTTPDate.parse).map { time in
                // A whole second, of the middle of the call.
                time.since(Environment.real.now()) + took / 2 + .milliseconds(500)
            }
            return (reply, took, offset)
        case .notSent(let trouble), .unanswered(let trouble):
            throw Failure(
                trouble.code == .certificate ? .authentication : .passing,
                Diagnosis.noAnswer(api.address, trouble))
        }
    }

    private mutating func note(
        _ name: String, _ connection: Connection, _ reply: Reply, _ took: Duration, _ offset: Duration?
    ) async {
        switch reply.status {
        case 200..<300: break
        case 401: return note(name, .wrong, .credentialsRefused, .authentication)
        case 403:
            let hasOrg = (connection.org ?? OrgConfiguration.orgID(in: reply)) != nil
            return note(
                name, hasOrg ? .note : .wrong, .settingsForbidden(hasOrg: hasOrg),
                hasOrg ? .fine : .authentication)
        case 429, 500...:
            return note(name, .wrong, .unavailable(status: reply.status), .passing)
        default:
            let diagnosis = Diagnosis.noAPI(
                baseURL: connection.baseURL, status: reply.status,
                target: OrgConfiguration.request.target)
            return note(name, .wrong, diagnosis, .usage)
        }
        guard let settings = OrgConfiguration.read(reply) else {
            return note(name, .wrong, .unreadable, .usage)
        }
        let id = settings.id ?? connection.org
        if let pinned = connection.org, let id = settings.id, pinned != id {
            return note(name, .wrong, .otherOrg(id, pinned: pinned), .usage)
        }
        guard let id else { return note(name, .wrong, .noOrg, .usage) }
        note(name, .fine, .reachable(org: id, took: took, rate: connection.rate))
        note(settings, of: name)
        note(offset, of: name)
    }

    /// What changes how runs go.
    private mutating func note(_ settings: OrgSettings, of name: String) {
        note(name, Diagnosis.mayRepeat(settings) ? .note : .fine, .billNumbers(settings))
        note(name, .fine, .amounts(decimals: settings.amountDecimals))
        if settings.ignoresOffsets == true { note(name, .note, .offsetsIgnored) }
    }

    private mutating func note(_ offset: Duration?, of name: String) {
        guard let offset else { return }
        let size = offset < .zero ? .zero - offset : offset
        guard size >= .seconds(30) else { return }
        note(name, .note, .clock(offset))
    }
}
