package import Model
import Records

/// A call that takes a file and works on it later, as a job of the server's: how the file travels, how its job
/// is found again, and how a single row is looked up where the job's counts prove nothing. Pure: it makes
/// requests and reads replies; the engine sends them.
///
/// A file has a name that no other has, made of the run and the attempt, so that the ledger knows it before
/// the first byte leaves. Whatever gets lost, the job is adopted by that name.
package struct FileJobs: Sendable {
    /// What is sent beside the file, of what the job says.
    let parts: @Sendable (_ settings: [String: String]) -> [(name: String, value: String)]
    /// The last but one component of the path that tells about all jobs of a series.
    let statusName: String
    /// The names of the list of jobs and of a job's state.
    let list: StaticString
    let state: StaticString
    /// Searches for one row; nil where no call can tell about it.
    package let search:
        @Sendable (_ member: Evidence, _ endpoint: Endpoint, _ sent: Timestamp) -> SearchStep?
    /// Article and section, for a person.
    package let source: String

    /// Of the file that an attempt sends.
    ///
    /// It ends in a letter, so that none of them begins with another.
    package static func stem(run: String, attempt: Int64) -> String { "sluice-\(run)-\(attempt)f" }

    // MARK: Requests

    /// The request that sends a file.
    package func upload(_ items: [ArraySlice<UInt8>], to endpoint: Endpoint, stem: String) -> Request {
        let boundary = "----" + stem
        var body: [UInt8] = []
        for part in parts(endpoint.settings) {
            body += Array(
                "--\(boundary)\r\nContent-Disposition: form-data; name=\"\(part.name)\"\r\n\r\n\(part.value)\r\n"
                    .utf8)
        }
        body += Array(
            """
            --\(boundary)\r
            Content-Disposition: form-data; name="file"; filename="\(stem).csv"\r
            Content-Type: text/csv\r
            \r

            """.utf8)
        body += endpoint.body(items)
        body += Array("\r\n--\(boundary)--\r\n".utf8)
        return Request(
            endpoint.method, endpoint.target(of: items), host: endpoint.host,
            headers: [Header("Content-Type", "multipart/form-data; boundary=\(boundary)")], body: body,
            adds: true)
    }

    /// The request that asks how all jobs of the series are.
    package func status(of endpoint: Endpoint) -> Request {
        let parts = endpoint.path.split(separator: "/", omittingEmptySubsequences: false)
        let path = (parts.dropLast(2) + [Substring(statusName)] + parts.suffix(1)).joined(
            separator: "/")
        return Request(.get, path, host: endpoint.host)
    }

    // MARK: Replies

    /// What the answer to a file means: a job, never more.
    func read(_ reply: Reply) -> Verdict {
        if reply.status == 200, let jobs = jobs(reply.body), !jobs.isEmpty { return .taken }
        if reply.status == 404 {
            // Source: Access, Hosts. Samples of this call use two hosts.
            return .refused(
                Refusal(
                    .notFound, serverCode: 404,
                    message:
                        "This host does not accept coupon files (404). They may need another host: set `coupon_url` in the "
                        + "connection, such as https://eu.intouch.capillarytech.com."))
        }
        return WholeReply(
            reply: reply, json: JSON(reply.body), codes: CodeTable([]), fields: []
        ).verdict
    }

    /// What a look-up of the jobs says.
    package enum Look: Sendable {
        case jobs([FileJob])
        /// A reply that says nothing either way.
        case unclear(Refusal)
    }

    /// The jobs that a reply tells about.
    package func readStatus(_ reply: Reply) -> Look {
        guard (200..<300).contains(reply.status), let jobs = jobs(reply.body) else {
            return .unclear(LookReply.unclear(reply))
        }
        return .jobs(jobs)
    }

    private func jobs(_ body: [UInt8]) -> [FileJob]? {
        guard let json = JSON(body), json.isObject(json.root),
            json.boolean(json.member("success", of: json.root)) == true
        else { return nil }
        let result = json.member("result", of: json.root)
        guard json.isObject(result), let list = json.member(list, of: result),
            json.kind(list) == .array
        else { return nil }
        return json.list(list).compactMap { item in
            guard json.isObject(item), let id = json.scalar(json.member("jobId", of: item)) else {
                return nil
            }
            return FileJob(
                id: id, state: json.scalar(json.member(state, of: item)) ?? "",
                names: ["uploadedFileName", "uploadedFileUrl"].compactMap {
                    json.scalar(json.member(named: $0, of: item))
                }, rows: json.integer(json.member("actualRowCount", of: item)) ?? 0,
                errors: json.integer(json.member("errorCount", of: item)) ?? 0)
        }
    }

    static let reasons: [Reason] = WholeReply.reasons
}

/// A job of the server's, as a status call shows it.
package struct FileJob: Sendable, Equatable {
    /// The server's id of the job.
    package var id: String
    /// As the server writes it.
    package var state: String
    /// The name that the file came under, and the one it is kept under.
    var names: [String]
    /// Rows that were read. Unconfirmed: whether the header is one.
    package var rows: Int
    /// Rows that were refused.
    package var errors: Int

    /// Whether it is the job of the file of that stem.
    ///
    /// Source: Coupons, Upload redeemed coupons; Coupons, Upload files: outcome of a row. The name may have been
    /// given a suffix.
    package func isOf(_ stem: String) -> Bool { names.contains { $0.hasPrefix(stem) } }

    /// Source: Coupons, Upload coupons: status; Coupons, Upload redeemed coupons: status. Unknown names mean that it
    /// is still at work.
    package var isEnded: Bool { ["FINISHED", "COMPLETED"].contains(state.uppercased()) }

    /// Whether its counts prove that every row sent is done.
    ///
    /// - Parameter header: Lines that the server counts beside the rows; nil where that is not known.
    package func proves(_ sent: Int, header: Int?) -> Bool {
        guard let header, isEnded, errors == 0 else { return false }
        return rows == sent + header
    }

    /// Whether the header counts, as a job of one row shows that passed without error; nil: it does not show.
    package var header: Int? { isEnded && errors == 0 && (1...2).contains(rows) ? rows - 1 : nil }
}

extension Endpoint {
    /// A file job's description, where it is one.
    package var fileJobs: FileJobs? { if case .adoptJob(let jobs) = recovery { jobs } else { nil } }

    /// Whether a repeat of a row is known to be refused: the job's author says so.
    package var isRepeatKnownRefused: Bool {
        settings["refuses_repeat"] == "true" && settings["codes"] != "generated"
    }

    /// How long a job is followed.
    package var followLimit: Duration {
        .seconds(60 * (settings["follow_minutes"].flatMap { Int($0) } ?? 60))
    }
}
