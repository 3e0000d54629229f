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
    var words: String
    /// What to do about it.
    var next = ""
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
        _ subject: String, _ verdict: Finding.Verdict, _ words: String, next: String = "",
        _ status: ExitStatus = .fine
    ) {
        findings.append(
            Finding(subject: subject, verdict: verdict, words: words, next: next, status: status))
    }

    private mutating func fail(_ subject: String, _ error: any Error) {
        let failure =
            error as? Failure ?? Failure(translating: error) ?? Failure(.defect, "\(error)")
        note(subject, .wrong, failure.message, failure.status)
    }

    // MARK: The ledger

    private mutating func ledger() -> AppContext? {
        do {
            let context = try AppContext(options)
            let size = try context.ledger.size()
            let file = try? FileManager.default.attributesOfFileSystem(forPath: options.directory)
            let free = file?[.systemFreeSize] as? Int
            let place =
                "\(options.directory), \(Wording.bytes(size.bytes))"
                + (free.map { ", \(Wording.bytes($0)) free on its disk" } ?? "")
            if let free, free < 1 << 30 {
                note(
                    "ledger", .note, place,
                    next: "A million records need about 300 MB: free some space, or run `sluice prune`."
                )
            } else {
                note("ledger", .fine, place)
            }
            try note(context.ledger.standing(besides: context.host.path))
            if let words = context.host.note { note("ledger", .note, words) }
            for learnt in try context.ledger.learntForms() {
                guard let rewrite = Rewrite(code: learnt.form.rewrite) else { continue }
                note(
                    "ledger", .fine,
                    "org \(learnt.org), \(learnt.endpoint): the server shows \(learnt.form.field) \(rewrite.words) "
                        + "(\(learnt.form.agreeing) records agree)")
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
            note(
                "ledger", .wrong,
                "it is older than what was sent: " + standing.findings.joined(separator: "; "),
                next: "Restore the newest copy, or use this one after `sluice ledger adopt`.",
                .unbalanced)
        } else if standing.adoption?.looksFirst(begun: Environment.real.now()) == true {
            note(
                "ledger", .note,
                "it was adopted: each record is looked up before it is sent for the first time",
                next:
                    "When the lost runs have been run again, use `sluice ledger adopt --trust-from DAY`."
            )
        }
    }

    // MARK: The file of connections

    private mutating func names(_ name: String?) -> [String] {
        do {
            guard let file = try AppContext.connectionsFile(options) else {
                note(
                    "connections", .note, "no connections file",
                    next:
                        "Write connections.yaml, or name a file with --connections; `sandbox` is built in."
                )
                return name.map { [$0] } ?? []
            }
            let known = try Connections.names(yaml: file.text, file: file.path)
            note("connections", .fine, "\(file.path): \(known.joined(separator: ", "))")
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
                error.isAccess ? .authentication : .passing,
                error.code == .certificate
                    ? "\(error.message). \(RunStartError.certificateAdvice)" : error.message)
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
            if trouble.code == .certificate {
                throw Failure(
                    .authentication, "\(trouble.message). \(RunStartError.certificateAdvice)")
            }
            let next =
                switch trouble.code {
                case .resolve: "Check the host name in `base_url`, and DNS."
                case .connect: "Check `base_url`, the firewall and the proxy."
                case .tls: "Check `base_url`, or set the certificate authority with `certificate:`."
                default: "Try again later."
                }
            throw Failure(
                .passing, "\(api.address) does not answer: \(trouble.message). \(next)")
        }
    }

    private mutating func note(
        _ name: String, _ connection: Connection, _ reply: Reply, _ took: Duration, _ offset: Duration?
    ) async {
        switch reply.status {
        case 200..<300: break
        case 401:
            return note(
                name, .wrong, "the server refused the credentials (401)",
                next: "Check the files of the key and the secret, or create new ones.", .authentication)
        case 403:
            let org = connection.org ?? OrgConfiguration.orgID(in: reply)
            return note(
                name, org == nil ? .wrong : .note,
                "the credentials may not read the org's settings (403)",
                next: org == nil
                    ? "Allow them to read the organization, or set `org:`."
                    : "It is not known whether bill numbers are unique, so a resend of bills needs evidence.",
                org == nil ? .authentication : .fine)
        case 429, 500...:
            return note(
                name, .wrong, "currently answers \(reply.status)", next: "Try again later.", .passing)
        default:
            return note(
                name, .wrong,
                "\(connection.baseURL) answers \(reply.status) to \(OrgConfiguration.request.target)",
                next: "Check that `base_url` is the API of your cluster.", .usage)
        }
        guard let settings = OrgConfiguration.read(reply) else {
            return note(
                name, .wrong, "the reply cannot be read: this is probably not the API",
                next: "Check `base_url`, and whether a proxy or a sign-in page answers instead.", .usage
            )
        }
        let id = settings.id ?? connection.org
        if let pinned = connection.org, let id = settings.id, pinned != id {
            return note(
                name, .wrong, "the server says org \(id), and the connection \(pinned)",
                next: "Correct `org:` or `base_url:`.", .usage)
        }
        guard let id else {
            return note(
                name, .wrong, "the server does not say which org this is",
                next: "Set `org:` in the connection.", .usage)
        }
        let rate =
            connection.rate.map { rate in
                "\(rate.requests) requests in \(Wording.duration(rate.interval)) at most"
            } ?? "no rate limit"
        note(name, .fine, "org \(id), answers in \(Wording.duration(took)); \(rate)")
        note(settings, of: name)
        note(offset, of: name)
    }

    /// What changes how runs go.
    private mutating func note(_ settings: OrgSettings, of name: String) {
        let isTwice =
            settings.billNumbers == .unknown || settings.billNumbers == .none
            || settings.uniqueInDays == nil
        note(
            name, isTwice ? .note : .fine,
            settings.billNumberText
                + (settings.uniqueInDays.map { ", within \($0) days" }
                    ?? (settings.billNumbers == .unknown || settings.billNumbers == .none
                        ? "" : "; the number of days is not known, so a repeat may be accepted")),
            next: isTwice
                ? "Nothing: a lost answer is settled by look-ups, and nothing is sent twice without proof."
                : "")
        note(
            name, .fine,
            "amounts are cut to \(Wording.count(settings.amountDecimals, "decimal place")) when they are read back"
        )
        if settings.ignoresOffsets == true {
            note(
                name, .note, "dates lose their offset: the server keeps the clock time",
                next:
                    "Nothing: look-ups and `sluice verify` allow for it. Give dates in the server's time zone."
            )
        }
    }

    private mutating func note(_ offset: Duration?, of name: String) {
        guard let offset else { return }
        let size = offset < .zero ? .zero - offset : offset
        guard size >= .seconds(30) else { return }
        note(
            name, .note,
            "the server's clock is \(Wording.duration(size)) \(offset > .zero ? "ahead of" : "behind") this machine's",
            next: "Set this machine's clock: booking times are compared after a lost answer.")
    }
}
