import Model

/// Why a fault could not be understood.
package struct FaultError: Error, Equatable, CustomStringConvertible {
    /// What was written, what is wrong with it, and what to write.
    package let description: String
}

extension Fault {
    /// Reads the form that ``Fault`` describes.
    package init(_ text: String) throws(FaultError) {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        guard let kind = Kind(rawValue: parts[0]) else {
            throw FaultError(
                description: "\(parts[0]): no such fault; " + Fault.suggestion(for: parts[0]))
        }
        self.init(kind)
        for part in parts.dropFirst() {
            guard try apply(part) else {
                throw FaultError(
                    description: "\(text): `\(part)` is not understood; write a chance (5%), "
                        + "a duration (3s), every=, at=, count=, from=, for=, on=, status=, body=, "
                        + "retry=, id=, size=, code=, form=, reused, bad, rst or before")
            }
        }
    }

    private mutating func apply(_ part: String) throws(FaultError) -> Bool {
        guard let equals = part.firstIndex(of: "=") else { return applyBare(part) }
        let name = part[..<equals]
        let value = String(part[part.index(after: equals)...])
        switch name {
        case "every":
            guard let n = Int(value), n > 0 else { return false }
            chance = .every(n)
        case "at":
            guard let n = Int(value), n > 0 else { return false }
            chance = .at(n)
        case "count":
            guard let n = Int(value), n >= 0 else { return false }
            count = n
        case "from":
            guard let time = Duration(written: value) else { return false }
            from = time
        case "for":
            guard let time = Duration(written: value) else { return false }
            lasting = time
        case "on":
            if value.hasPrefix("/") {
                target = .path(value)
            } else if let named = Target.named.first(where: { $0.0 == value }) {
                target = named.1
            } else {
                let names = Target.named.map(\.0).joined(separator: ", ")
                throw FaultError(description: "on=\(value): write one of \(names), or a path")
            }
        case "status":
            guard let n = Int(value), (100...599).contains(n) else { return false }
            status = n
        case "body":
            guard let named = GatewayBody(rawValue: value) else { return false }
            body = named
        case "retry":
            switch value {
            case "none": retryAfter = RetryAfter.none
            case "date": retryAfter = .date
            case "absurd": retryAfter = .absurd
            default:
                guard let n = Int(value), n >= 0 else { return false }
                retryAfter = .seconds(n)
            }
        case "id":
            guard let named = FailedID(rawValue: value) else { return false }
            failedID = named
        case "size":
            guard let n = Int(value), n > 0 else { return false }
            size = n
        case "form":
            guard let named = Rewriting.Form(rawValue: value) else { return false }
            form = named
        case "code":
            guard let n = Int(value), n > 0 else { return false }
            code = n
        default: return false
        }
        return true
    }

    private mutating func applyBare(_ part: String) -> Bool {
        switch part {
        case "reused": reusedOnly = true
        case "bad": badOnly = true
        case "rst": resets = true
        case "before": beforeWork = true
        case "always": chance = .probability(1)
        default:
            if part.hasSuffix("%"), let share = Double(part.dropLast()), (0...100).contains(share) {
                chance = .probability(share / 100)
            } else if let share = Double(part), (0...1).contains(share) {
                chance = .probability(share)
            } else if let range = Duration.range(written: part) {
                delay = range
            } else {
                return false
            }
        }
        return true
    }

    private static func suggestion(for text: String) -> String {
        let near = Kind.allCases.map(\.rawValue).filter {
            $0.hasPrefix(text.prefix(3)) || text.hasPrefix($0.prefix(3))
        }
        let names = near.isEmpty ? Kind.allCases.map(\.rawValue) : near
        return "there are " + names.joined(separator: ", ")
    }
}

extension Fault {
    /// How faults are written and which there are, for a command's help. Lines of up to 90 columns.
    package static var manual: String {
        let width = Kind.allCases.map(\.rawValue.count).max() ?? 0
        let kinds = Kind.allCases.map {
            "  " + $0.rawValue + String(repeating: " ", count: width + 2 - $0.rawValue.count)
                + $0.summary
        }
        let forms =
            "What `form=` and `--rewrite` make of values before look-ups show them:\n"
            + Rewriting.Form.allCases.map {
                "  " + $0.rawValue + String(repeating: " ", count: 9 - $0.rawValue.count) + $0.summary
                    + "\n"
            }.joined() + "\n"
        return """
            A fault is written KIND[:PART]..., its parts in any order: a chance (0.05 or 5%; always if \
            none is given), every=N, at=N, count=N; a time (3s, 200ms, 1s-5s); from=TIME and for=TIME \
            since the start; on=GROUP (\(Target.named.map(\.0).joined(separator: ", "))) or on=/PATH; \
            reused, bad, rst, before; status=N; body=empty|html|half|json; \
            retry=SECONDS|date|absurd|none; id=null|0|-1|absent; size=N; code=N; \
            form=\(Rewriting.Form.allCases.map(\.rawValue).joined(separator: "|")).
            Examples: cut-after:5%:rst  late:2%:1s-5s  error-after:status=504:for=1h  throttle:every=50:retry=3

            """ + forms + kinds.joined(separator: "\n")
    }
}

extension Duration {
    /// `3s`, `200ms`, `1.5min`, `2h`; nil for anything else.
    init?(written text: String) {
        let units: [(String, Double)] = [("ms", 1), ("min", 60_000), ("s", 1000), ("h", 3_600_000)]
        guard let (unit, scale) = units.first(where: { text.hasSuffix($0.0) }),
            let value = Double(text.dropLast(unit.count)), value >= 0, value * scale < 1e15
        else { return nil }
        self = .milliseconds(Int64(value * scale))
    }

    /// A duration, or two with a dash between.
    static func range(written text: String) -> ClosedRange<Duration>? {
        let ends = text.split(separator: "-", omittingEmptySubsequences: false).map {
            Duration(written: String($0))
        }
        switch ends.count {
        case 1: return ends[0].map { $0...$0 }
        case 2:
            guard let from = ends[0], let to = ends[1], from <= to else { return nil }
            return from...to
        default: return nil
        }
    }
}
