import Model

/// The troubles of a sandbox, and the seed of their chances.
package struct FaultPlan: Sendable, Equatable {
    package var seed: UInt64
    package var faults: [Fault]

    package init(seed: UInt64 = 0, faults: [Fault] = []) {
        self.seed = seed
        self.faults = faults
    }

    /// Reads each text as ``Fault`` describes.
    package init(seed: UInt64 = 0, parsing texts: [String]) throws(FaultError) {
        self.seed = seed
        faults = []
        for text in texts { faults.append(try Fault(text)) }
    }
}

/// A fault that has come, with what chance decided about it.
struct Trouble: Equatable {
    var fault: Fault
    /// For whatever else chance has a say in.
    var random: UInt64
    var delay: Duration

    /// A number in 0..<`bound`, the same for the same `salt`.
    func pick(_ bound: Int, salt: UInt64 = 0) -> Int {
        Int(mixed(random &+ salt &* 0x9E37_79B9_7F4A_7C15) % UInt64(bound))
    }
}

/// Throws the dice of a plan. What comes depends on the seed and on the order of requests alone.
struct FaultDice {
    let plan: FaultPlan
    private var seen: [Int]
    private var fired: [Int]

    init(_ plan: FaultPlan) {
        self.plan = plan
        seen = Array(repeating: 0, count: plan.faults.count)
        fired = seen
    }

    var isEmpty: Bool { plan.faults.isEmpty }
    /// How often each has come, in the order of the plan.
    var firings: [(Fault, Int)] { Array(zip(plan.faults, fired)) }

    /// The troubles that a request meets.
    ///
    /// - Parameters:
    ///   - reused: Whether its connection has carried a request before.
    ///   - age: The time since the plan began.
    ///   - bad: Those that come for bad records only, of a request that holds one; else all others.
    mutating func roll(
        _ route: Route, path: String, reused: Bool, age: Duration, bad: Bool = false
    ) -> [Trouble] {
        var result: [Trouble] = []
        for index in plan.faults.indices where !plan.faults[index].kind.isByItem {
            let fault = plan.faults[index]
            guard fault.meets(route, path: path), reused || !fault.reusedOnly,
                fault.badOnly == bad
            else { continue }
            if let trouble = roll(index, age: age) { result.append(trouble) }
        }
        return result
    }

    /// The error of that kind that an item meets.
    mutating func rollItem(_ kind: Fault.Kind, age: Duration) -> Trouble? {
        for index in plan.faults.indices where plan.faults[index].kind == kind {
            if let trouble = roll(index, age: age) { return trouble }
        }
        return nil
    }

    /// Whether the plan has a fault of that kind at all.
    func has(_ kind: Fault.Kind) -> Bool { plan.faults.contains { $0.kind == kind } }

    private mutating func roll(_ index: Int, age: Duration) -> Trouble? {
        let fault = plan.faults[index]
        guard age >= fault.from, fault.lasting.map({ age < fault.from + $0 }) ?? true else {
            return nil
        }
        if let count = fault.count, fired[index] >= count { return nil }
        seen[index] += 1
        let random = mixed(
            plan.seed &+ mixed(UInt64(index) &+ 1) &+ UInt64(seen[index]) &* 0xD134_2543_DE82_EF95)
        let comes =
            switch fault.chance {
            case .probability(let share): Double(random >> 11) * 0x1p-53 < share
            case .every(let n): seen[index] % n == 0
            case .at(let n): seen[index] == n
            }
        guard comes else { return nil }
        fired[index] += 1
        let range = fault.delay ?? fault.kind.usualDelay
        let span = (range.upperBound - range.lowerBound).milliseconds
        let extra = span > 0 ? Int64(mixed(random ^ 0x5851_F42D_4C95_7F2D) % UInt64(span + 1)) : 0
        return Trouble(
            fault: fault, random: mixed(random), delay: range.lowerBound + .milliseconds(extra))
    }
}

extension Fault {
    func meets(_ route: Route, path: String) -> Bool {
        switch target {
        case .all: true
        case .api: route != .token
        case .add: route == .bulk || route.deskKind == .work
        case .look: route == .byNumber || route == .byID || route == .older || route.deskKind == .look
        case .queue: route == .queue
        case .customer: route == .customer
        case .token: route == .token
        case .organization: route == .configs || route == .till
        case .path(let prefix): path.hasPrefix(prefix)
        }
    }
}

extension Fault.Kind {
    var usualDelay: ClosedRange<Duration> {
        switch self {
        case .latency: .milliseconds(50)...(.milliseconds(150))
        case .late: .seconds(3)...(.seconds(3))
        case .lag: .seconds(5)...(.seconds(5))
        case .trickle: .milliseconds(100)...(.milliseconds(100))
        default: .zero ... .zero
        }
    }
}

/// SplitMix64's last step: spreads any pattern over all bits.
func mixed(_ value: UInt64) -> UInt64 {
    var z = value &+ 0x9E37_79B9_7F4A_7C15
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
}
