import Foundation
import TestSupport

/// The sandbox and its troubles, as a process of its own that survives all kills.
final class Stand {
    private let sandbox: SandboxProcess
    private let plan: [String]
    private let seed: UInt64
    private var settings: UInt64 = 0
    /// Firings by kind of all plans before the one that holds.
    private var firings: [String: Int] = [:]

    init(
        _ sluice: String, folder: String, uniqueness: String, seed: UInt64, plan: [String],
        arguments: [String] = []
    ) throws {
        sandbox = try SandboxProcess(
            sluice, ["--seed", String(seed), "--unique", uniqueness] + arguments, in: folder,
            environment: Self.environment(folder), log: "sandbox")
        self.plan = plan
        self.seed = seed
    }

    /// Where every sluice of a torture in this folder finds its state and its settings.
    static func environment(_ folder: String) -> [String: String] {
        [
            "SLUICE_STATE": folder + "/state", "XDG_STATE_HOME": folder + "/host",
            "SLUICE_CONNECTIONS": folder + "/connections.yaml", "NO_COLOR": "1",
        ]
    }

    var url: String { sandbox.url }

    func stop() { sandbox.stop() }

    /// The plan, and one storm on top of it.
    func setFaults(with storm: String?) throws { try post(plan + (storm.map { [$0] } ?? [])) }

    func calm() throws { try post([]) }

    private func post(_ faults: [String]) throws {
        // The counts of a plan end with it.
        if settings > 0 { for (kind, count) in try fired() { firings[kind, default: 0] += count } }
        settings += 1
        try sandbox.set(faults, seed: seed &+ settings)
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

    func counts() throws -> [String: Any] { try sandbox.ask("/_sandbox/counts") }

    func fetch(_ path: String, body: String? = nil) throws -> Data {
        try sandbox.fetch(path, body: body)
    }
}
