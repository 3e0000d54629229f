import Foundation

/// The sandbox, as a process of its own that survives all kills.
final class Stand {
    private let child: Child
    private let folder: String
    let url: String
    private let plan: [String]
    private let seed: UInt64
    private var settings = 0
    /// Firings by kind of all plans before the one that holds.
    private var firings: [String: Int] = [:]

    init(
        _ sluice: String, folder: String, uniqueness: String, seed: UInt64, plan: [String],
        arguments: [String] = []
    ) throws {
        child = try Child(
            sluice,
            ["sandbox", "--controls", "--seed", String(seed), "--unique", uniqueness] + arguments,
            in: folder,
            log: "sandbox")
        self.folder = folder
        self.plan = plan
        self.seed = seed
        var found: String?
        for _ in 0..<3000 where found == nil && child.isRunning {
            let text = child.out
            if text.hasSuffix("\n") { found = text.split(separator: "\n").first.map(String.init) }
            usleep(10_000)
        }
        guard let found else { throw Trouble("the sandbox did not start: \(child.err)") }
        url = found
    }

    func stop() {
        child.send(SIGTERM)
        for _ in 0..<500 where child.isRunning { usleep(10_000) }
        child.send(SIGKILL)
        child.wait()
    }

    /// The plan, and one storm on top of it.
    func setFaults(with storm: String?) throws { try post(plan + (storm.map { [$0] } ?? [])) }

    func calm() throws { try post([]) }

    private func post(_ faults: [String]) throws {
        // The counts of a plan end with it.
        if settings > 0 { for (kind, count) in try fired() { firings[kind, default: 0] += count } }
        settings += 1
        let answer = try fetch(
            "/_sandbox/faults?seed=\(seed &+ UInt64(settings))", body: faults.joined(separator: "\n"))
        guard answer.starts(with: Data("{}".utf8)) else {
            throw Trouble("faults refused: \(String(decoding: answer, as: UTF8.self))")
        }
    }

    private func fired() throws -> [(String, Int)] {
        (try counts()["faults"] as? [[String: Any]] ?? []).compactMap { entry in
            guard let kind = entry["kind"] as? String, let count = entry["fired"] as? Int else {
                return nil
            }
            return (kind, count)
        }
    }

    /// How often each kind has come, over all plans.
    func faultsByKind() throws -> [String: Int] {
        try fired().reduce(into: firings) { $0[$1.0, default: 0] += $1.1 }
    }

    func counts() throws -> [String: Any] {
        guard
            let object = try JSONSerialization.jsonObject(with: fetch("/_sandbox/counts"))
                as? [String: Any]
        else { throw Trouble("the sandbox's counts are no object") }
        return object
    }

    func fetch(_ path: String, body: String? = nil) throws -> Data {
        let input = folder + "/fetch.in"
        try (body ?? "").write(toFile: input, atomically: false, encoding: .utf8)
        var arguments = ["-sS", "-m", "60", "--noproxy", "*", url + path, "-o", folder + "/fetch.body"]
        if body != nil { arguments += ["--data-binary", "@-"] }
        let curl = try Child("/usr/bin/curl", arguments, in: folder, log: "fetch", input: input)
        curl.wait()
        guard curl.status == 0, let data = FileManager.default.contents(atPath: folder + "/fetch.body")
        else { throw Trouble("\(path): the sandbox does not answer") }
        return data
    }
}

/// What keeps the torture itself from continuing.
struct Trouble: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}
