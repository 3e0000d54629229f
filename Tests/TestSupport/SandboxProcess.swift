package import Foundation

/// A sandbox as a process of its own, which survives all kills of what it serves.
package struct SandboxProcess: Sendable {
    package let process: Child
    package let url: String

    /// Starts one with its controls, and waits until it says where it listens.
    ///
    /// - Parameter sluice: The program.
    package init(
        _ sluice: String, _ arguments: [String], in folder: String,
        environment: [String: String] = [:], log: String
    ) throws {
        process = try Child(
            sluice, ["sandbox", "--controls"] + arguments, in: folder, environment: environment,
            log: log)
        for _ in 0..<3000 {
            let isRunning = process.isRunning
            let text = process.out
            if text.hasSuffix("\n"), let found = text.split(separator: "\n").first {
                url = String(found)
                return
            }
            if !isRunning { break }
            usleep(10_000)
        }
        process.send(SIGKILL)
        process.wait()
        throw TestFailure("the sandbox did not start: \(process.err)")
    }

    package func stop() {
        process.send(SIGTERM)
        if !process.wait(seconds: 5) { process.send(SIGKILL) }
        process.wait()
    }

    /// What the sandbox's own books say, as JSON.
    package func ask(_ path: String) throws -> [String: Any] {
        let data = try fetch(path)
        guard let object = try JSONSerialization.jsonObject(with: data) as? [String: Any] else {
            throw TestFailure("\(path): no object: \(String(decoding: data, as: UTF8.self))")
        }
        return object
    }

    package func post(_ path: String, _ body: String) throws -> String {
        String(decoding: try fetch(path, body: body), as: UTF8.self)
    }

    /// From now on these faults and no others.
    package func set(_ faults: [String], seed: UInt64 = 1) throws {
        let answer = try post("/_sandbox/faults?seed=\(seed)", faults.joined(separator: "\n"))
        guard answer.hasPrefix("{}") else {
            throw TestFailure("the sandbox does not know \(faults): \(answer)")
        }
    }

    /// - Parameter body: What to send, by POST; else it is a GET.
    package func fetch(_ path: String, body: String? = nil) throws -> Data {
        let data = body == nil ? [] : ["--data-binary", "@-"]
        return try Self.curl(["-sS", "-m", "60", "--noproxy", "*", url + path] + data, input: body)
    }

    /// The same call with one body after the other.
    package func post(_ path: String, bodies: [String]) throws {
        let transfers = bodies.map { body in
            let data = body.replacingOccurrences(of: "\\", with: "\\\\")
                .replacingOccurrences(of: "\"", with: "\\\"")
            return "url = \"\(url)\(path)\"\nnoproxy = \"*\"\noutput = \"/dev/null\"\nsilent\n"
                + "data-binary = \"\(data)\"\n"
        }
        _ = try Self.curl(["--config", "-"], input: transfers.joined(separator: "next\n"))
    }

    private static func curl(_ arguments: [String], input: String?) throws -> Data {
        let folder = NSTemporaryDirectory() + "sluice-curl-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try (input ?? "").write(toFile: folder + "/in", atomically: false, encoding: .utf8)
        let curl = try Child(
            "/usr/bin/curl", arguments, in: folder, log: "curl", input: folder + "/in")
        curl.wait()
        guard curl.status == 0, let data = FileManager.default.contents(atPath: folder + "/curl.out")
        else { throw TestFailure("the sandbox does not answer: \(curl.err)") }
        return data
    }
}
