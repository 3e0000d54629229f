package import Catalog
import Engine
package import Ledger
package import Model

/// What `sluice doctor` found of one thing.
package enum Diagnosis: Sendable {
    /// It could not be looked at, for this reason.
    case failed(String)
    // Of the ledger.
    case size(folder: String, bytes: Int, free: Int?)
    case hostFolder(String)
    /// How a server shows a field, and the number of records it is known from.
    case serverForm(org: String, endpoint: String, field: String, rewrite: String, records: Int)
    case behind(LedgerStanding)
    case adopted
    // Of the file of connections.
    case noConnectionsFile
    case connections(file: String, names: [String])
    // Of one connection.
    case credentialsRefused
    case settingsForbidden(hasOrg: Bool)
    case unavailable(status: Int)
    case noAPI(baseURL: String, status: Int, target: String)
    case unreadable
    case otherOrg(String, pinned: String)
    case noOrg
    case reachable(org: String, took: Duration, rate: Rate?)
    case billNumbers(OrgSettings)
    case amounts(decimals: Int)
    case offsetsIgnored
    /// How far the server's clock is ahead; negative: behind.
    case clock(Duration)

    /// Whether bill numbers may be accepted twice, as far as the org's settings tell.
    package static func mayRepeat(_ settings: OrgSettings) -> Bool {
        [.unknown, .none].contains(settings.billNumbers) || settings.uniqueInDays == nil
    }

    /// What it is.
    package var words: String {
        switch self {
        case .failed(let words), .hostFolder(let words): words
        case .size(let folder, let bytes, let free):
            "\(folder), \(Wording.bytes(bytes))"
                + (free.map { ", \(Wording.bytes($0)) free on its disk" } ?? "")
        case .serverForm(let org, let endpoint, let field, let rewrite, let records):
            "org \(org), \(endpoint): the server shows \(field) \(rewrite) (\(records) records agree)"
        case .behind(let standing):
            "it is older than what was sent: " + standing.findings.joined(separator: "; ")
        case .adopted:
            "it was adopted: each record is looked up before it is sent for the first time"
        case .noConnectionsFile: "no connections file"
        case .connections(let file, let names): "\(file): \(names.joined(separator: ", "))"
        case .credentialsRefused: "the server refused the credentials (401)"
        case .settingsForbidden: "the credentials may not read the org's settings (403)"
        case .unavailable(let status): "currently answers \(status)"
        case .noAPI(let baseURL, let status, let target): "\(baseURL) answers \(status) to \(target)"
        case .unreadable: "the reply cannot be read: this is probably not the API"
        case .otherOrg(let id, let pinned): "the server says org \(id), and the connection \(pinned)"
        case .noOrg: "the server does not say which org this is"
        case .reachable(let org, let took, let rate):
            "org \(org), answers in \(Wording.duration(took)); "
                + (rate.map {
                    "\($0.requests) requests in \(Wording.duration($0.interval)) at most"
                } ?? "no rate limit")
        case .billNumbers(let settings):
            settings.billNumberText
                + (settings.uniqueInDays.map { ", within \($0) days" }
                    ?? ([.unknown, .none].contains(settings.billNumbers)
                        ? "" : "; the number of days is not known, so a repeat may be accepted"))
        case .amounts(let decimals):
            "amounts are cut to \(Wording.count(decimals, "decimal place")) when they are read back"
        case .offsetsIgnored: "dates lose their offset: the server keeps the clock time"
        case .clock(let offset):
            "the server's clock is \(Wording.duration(offset < .zero ? .zero - offset : offset)) "
                + "\(offset > .zero ? "ahead of" : "behind") this machine's"
        }
    }

    /// What to do about it; empty where nothing has to be.
    package var next: String {
        switch self {
        case .size(_, _, let free):
            Self.isShort(free)
                ? "A million records need about 300 MB: free some space, or run `sluice prune`." : ""
        case .behind: "Restore the newest copy, or use this one after `sluice ledger adopt`."
        case .adopted:
            "When the lost runs have been run again, use `sluice ledger adopt --trust-from DAY`."
        case .noConnectionsFile:
            "Write connections.yaml, or name a file with --connections; `sandbox` is built in."
        case .credentialsRefused:
            "Check the files of the key and the secret, or create new ones."
        case .settingsForbidden(let hasOrg):
            hasOrg
                ? "It is not known whether bill numbers are unique, so a resend of bills needs evidence."
                : "Allow them to read the organization, or set `org:`."
        case .unavailable: "Try again later."
        case .noAPI: "Check that `base_url` is the API of your cluster."
        case .unreadable:
            "Check `base_url`, and whether a proxy or a sign-in page answers instead."
        case .otherOrg: "Correct `org:` or `base_url:`."
        case .noOrg: "Set `org:` in the connection."
        case .billNumbers(let settings):
            Self.mayRepeat(settings)
                ? "Nothing: a lost answer is settled by look-ups, and nothing is sent twice without proof."
                : ""
        case .offsetsIgnored:
            "Nothing: look-ups and `sluice verify` allow for it. Give dates in the server's time zone."
        case .clock:
            "Set this machine's clock: booking times are compared after a lost answer."
        case .failed, .hostFolder, .serverForm, .connections, .reachable, .amounts: ""
        }
    }

    /// Whether the free bytes are few.
    package static func isShort(_ free: Int?) -> Bool { free.map { $0 < 1 << 30 } ?? false }

    /// Why no request can leave.
    package static func noSlot(_ error: SlotError) -> String {
        error.code == .certificate
            ? "\(error.message). \(RunStartError.certificateAdvice)" : error.message
    }

    /// Why nothing answers at this address, and what to do.
    package static func noAnswer(_ address: String, _ trouble: Trouble) -> String {
        let next =
            switch trouble.code {
            case .certificate: RunStartError.certificateAdvice
            case .resolve: "Check the host name in `base_url`, and DNS."
            case .connect: "Check `base_url`, the firewall and the proxy."
            case .tls: "Check `base_url`, or set the certificate authority with `certificate:`."
            default: "Try again later."
            }
        return trouble.code == .certificate
            ? "\(trouble.message). \(next)"
            : "\(address) does not answer: \(trouble.message). \(next)"
    }
}
